//! Suspensions that end by themselves: what falls due, so that the guide stands in the catalogue again.

use jiff::Timestamp;
use tripsage_domain::{
    guide::{Guide, State},
    ids::GuideId,
};

use crate::{
    Db, StoreError, Transaction, Write,
    due::DueRow,
    keys::{self, DueList},
    personal_data::Erased,
};

/// Attempts at a guide whom somebody else is changing.
const ATTEMPTS: usize = 8;

fn until(guide: &Guide) -> Option<Timestamp> {
    guide.suspension.as_ref().and_then(|suspension| suspension.until)
}

/// The writes by which the list says when the suspension of a guide ends, where it has said something else.
pub(super) fn due(before: &Guide, after: &Guide) -> Result<Vec<Write>, StoreError> {
    let (was, is) = (until(before), until(after));
    if was == is {
        return Ok(Vec::new());
    }
    let key = |at| keys::due(DueList::Suspension, at, after.id.uuid());
    let mut writes = Vec::new();
    // Two instants of one millisecond have one entry.
    if let Some(was) = was.filter(|was| is.is_none_or(|is| key(is) != key(*was))) {
        writes.push(DueRow::settled(DueList::Suspension, was, after.id.uuid()));
    }
    if let Some(at) = is {
        writes.push(DueRow::new(at, after.id.uuid()).scheduled(DueList::Suspension)?);
    }
    Ok(writes)
}

/// The write that takes a guide who goes off the list.
pub(super) fn settled(guide: &Guide) -> Option<Write> {
    until(guide).map(|at| DueRow::settled(DueList::Suspension, at, guide.id.uuid()))
}

impl Db {
    /// AP-260: lists a guide again whose suspension has ended. An entry of a suspension that was lifted or changed is
    /// void.
    ///
    /// # Errors
    /// When DynamoDB does not answer, or others keep changing the guide; the next attempt goes on.
    pub async fn reinstate_guide(&self, due: &DueRow, now: Timestamp) -> Result<Erased, StoreError> {
        for _ in 0..ATTEMPTS {
            let Some(found) = self.find_guide(GuideId::from_uuid(due.id)).await? else {
                self.settle(DueList::Suspension, due).await?;
                return Ok(Erased::NotDue);
            };
            let ends = until(&found.guide) == Some(due.at) && found.guide.state(now) != State::Suspended;
            let is_due = ends && found.standing.item.listing.is_none();
            // Whoever suspends the guide anew changes the row, and has the entry that they want.
            let mut transaction = Transaction::default().guide_unchanged(&found.guide);
            if is_due {
                transaction = transaction.standing(&found, &found.guide, found.standing.item.clone(), now)?;
            }
            transaction.push(DueRow::settled(DueList::Suspension, due.at, due.id));
            match self.commit(transaction).await {
                Ok(()) if is_due => return Ok(Erased::Done),
                Ok(()) => return Ok(Erased::NotDue),
                Err(StoreError::Conflict(_)) => {}
                Err(error) => return Err(error),
            }
        }
        Err(StoreError::Throttled("a guide keeps changing".to_owned()))
    }
}
