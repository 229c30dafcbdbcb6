//! Itineraries: one partition each, with what it says, its parts, how it stands among others, and its route; and one row
//! in the partition of its owner, by which they find it.
//!
//! Every change of what it says or of its parts replaces its own row under the condition that nothing has changed since
//! it was read. What the catalogue says of it changes in the same transaction; the row with the standing orders that,
//! because votes and views change it too.

mod counts;
mod facets;
mod featuring;
mod part_rows;
mod reading;
mod rows;
mod standing;

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use tripsage_domain::{
    audit::Record,
    ids::ItineraryId,
    itinerary::{Itinerary, Part, PartId, RESTORE_WINDOW, Route},
    proof::Substance,
};

pub use counts::{Counts, Sum};
pub use facets::{FEATURED, HAS_GPS, WOMEN_SAFE, facets_of};
pub use featuring::{Featuring, MAX_FEATURED};
pub use reading::{Card, StoredPart, Whole};
pub use rows::ItineraryRow;
pub use standing::{Background, STANDING_CHANGED, StandingRow};

pub(crate) use facets::listing_of;

use self::{
    facets::is_relisted,
    part_rows::{PartRow, RouteRow},
};
use crate::{
    Condition, Db, StoreError, Transaction, Write,
    catalogue::relist,
    due::DueRow,
    idempotency::Claim,
    keys::{DueList, itineraries as keys},
};

/// Label of the write of an itinerary's own row.
pub const ITINERARY_CHANGED: &str = "itinerary";

/// Label of the write of a part.
pub const PART_CHANGED: &str = "part";

/// Attempts at a change while votes and views change the standing.
const ATTEMPTS: usize = 8;

/// That a user has an itinerary.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct OwnRow {
    pub(crate) id: ItineraryId,
    pub(crate) created_at: Timestamp,
}

/// That something that everybody can see was made from an itinerary.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct RemixedRow {
    /// What was made from it.
    pub(crate) remix: ItineraryId,
    /// Since when it is to be seen.
    pub(crate) at: Timestamp,
}

/// A change of a part.
#[derive(Debug, Clone, PartialEq)]
pub struct PartChange {
    /// Which part.
    pub id: PartId,
    /// The version that it has; `None` when it is made.
    pub before: Option<u64>,
    /// What it becomes; `None` when it goes.
    pub after: Option<Part>,
}

/// A change of the route.
#[derive(Debug, Clone, PartialEq)]
pub enum RouteChange {
    /// There is none any more.
    Removed,
    /// There is this one.
    Set(Route),
}

/// A change of an itinerary, ready to be committed.
#[derive(Debug)]
pub struct ItineraryChange<'a> {
    /// The itinerary as it was read; `None` when it is made.
    pub before: Option<&'a Itinerary>,
    /// The itinerary as it should be, with the next version.
    pub after: Itinerary,
    /// Its parts.
    pub parts: Vec<PartChange>,
    /// Its route.
    pub route: Option<RouteChange>,
    /// Entries of the audit trail.
    pub audit: Vec<Record>,
    /// Claim of an idempotent request.
    pub claim: Option<&'a Claim>,
}

impl<'a> ItineraryChange<'a> {
    /// A change of `before` into `after` and nothing else.
    pub fn new(before: Option<&'a Itinerary>, after: Itinerary) -> Self {
        Self {
            before,
            after,
            parts: Vec::new(),
            route: None,
            audit: Vec::new(),
            claim: None,
        }
    }
}

impl Db {
    /// AP-154: commits a change of an itinerary, its parts and its route, and makes the catalogue say the same, in one
    /// transaction.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] with [`ITINERARY_CHANGED`] when something else has changed it since it was read, with
    /// [`PART_CHANGED`] when there is such a part already, or not any more.
    pub async fn commit_itinerary(&self, change: &ItineraryChange<'_>) -> Result<(), StoreError> {
        let mut last = StoreError::Conflict(STANDING_CHANGED);
        for _ in 0..ATTEMPTS {
            let listed = self.listing_writes(change).await?;
            let transaction = change.transaction()?.with_all(listed);
            match self.commit(transaction.fenced(change.claim)).await {
                Err(error) if error.is_conflict(STANDING_CHANGED) => last = error,
                result => return result,
            }
        }
        Err(last)
    }

    /// The writes of the standing and of the catalogue; none when the change is none to them.
    async fn listing_writes(&self, change: &ItineraryChange<'_>) -> Result<Vec<Write>, StoreError> {
        let after = &change.after;
        let key = keys::itinerary_standing(after.id);
        let Some(before) = change.before else {
            let mut standing = StandingRow::new(after);
            standing.background = self.find_background(after.owner, after.updated_at).await?;
            standing.listing = listing_of(after, &standing);
            let mut writes = relist(None, standing.listing.as_ref())?;
            writes.push(Write::insert(STANDING_CHANGED, key, &standing)?);
            return Ok(writes);
        };
        let substance = Substance::of(after);
        if !is_relisted(before, after) && Substance::of(before) == substance {
            return Ok(Vec::new());
        }
        let Some(loaded) = self.get::<StandingRow>(&key).await? else {
            return Err(StoreError::Corrupt("an itinerary without a standing".to_owned()));
        };
        let mut standing = StandingRow {
            substance,
            ..loaded.item.clone()
        };
        if after.is_public() && !before.is_public() {
            standing.background = self.find_background(after.owner, after.updated_at).await?;
        }
        standing.listing = listing_of(after, &standing);
        standing.placed(after.updated_at).replacing(&loaded)
    }
}

/// The writes of an itinerary that others have reacted to, as if it had just been made.
pub(crate) fn insertion(
    itinerary: &Itinerary,
    counts: Counts,
    background: Background,
) -> Result<Transaction, StoreError> {
    let mut standing = StandingRow::new(itinerary);
    (standing.counts, standing.background) = (counts, background);
    standing.listing = listing_of(itinerary, &standing);
    let listed = relist(None, standing.listing.as_ref())?;
    let key = keys::itinerary_standing(itinerary.id);
    let transaction = ItineraryChange::new(None, itinerary.clone()).transaction()?;
    Ok(transaction
        .with_all(listed)
        .with(Write::insert(STANDING_CHANGED, key, &standing)?))
}

impl ItineraryChange<'_> {
    fn transaction(&self) -> Result<Transaction, StoreError> {
        let after = &self.after;
        let (key, row) = (keys::itinerary(after.id), ItineraryRow(after.clone()));
        let mut transaction = match self.before {
            Some(before) => Transaction::from(Write::replace(ITINERARY_CHANGED, key, &row, before.version)?),
            None => {
                let own = OwnRow {
                    id: after.id,
                    created_at: after.created_at,
                };
                let own_key = keys::own_itinerary(after.owner, after.created_at, after.id);
                Transaction::from(Write::put(
                    ITINERARY_CHANGED,
                    key,
                    &row,
                    after.version,
                    Condition::Absent,
                )?)
                .with(Write::insert("own", own_key, &own)?)
            }
        };
        for part in &self.parts {
            transaction.push(part.write(after)?);
        }
        let route = keys::itinerary_route(after.id);
        match &self.route {
            None => {}
            Some(RouteChange::Removed) => transaction.push(Write::remove("route", route, Condition::anyway())),
            Some(RouteChange::Set(points)) => {
                let row = RouteRow::new(after.id, points);
                transaction.push(Write::put("route", route, &row, after.version, Condition::anyway())?);
            }
        }
        for write in due_purge(self.before, after)?
            .into_iter()
            .chain(remixed(self.before, after)?)
        {
            transaction.push(write);
        }
        for record in &self.audit {
            transaction = transaction.audited(record)?;
        }
        Ok(transaction)
    }
}

impl PartChange {
    /// The version of a part is that of the itinerary with which it last changed, so that none comes twice.
    fn write(&self, after: &Itinerary) -> Result<Write, StoreError> {
        let key = keys::itinerary_part(after.id, self.id);
        let condition = self.before.map_or(Condition::Absent, Condition::Version);
        match &self.after {
            Some(part) => Write::put(
                PART_CHANGED,
                key,
                &PartRow::from(part.clone()),
                after.version,
                condition,
            ),
            None => Ok(Write::remove(PART_CHANGED, key, condition)),
        }
    }
}

/// Lets the sources of a remix know of it as long as everybody can see it. Nothing but the remix itself writes these rows, and
/// its version orders them.
fn remixed(before: Option<&Itinerary>, after: &Itinerary) -> Result<Vec<Write>, StoreError> {
    let (was, is) = (before.is_some_and(Itinerary::is_public), after.is_public());
    let sources = after.remix.iter().flat_map(|remix| &remix.sources);
    let row = RemixedRow {
        remix: after.id,
        at: after.updated_at,
    };
    let write = |source: &ItineraryId| {
        let key = keys::remixed(*source, after.id);
        if is {
            Write::put("remixed", key, &row, after.version, Condition::anyway())
        } else {
            Ok(Write::remove("remixed", key, Condition::anyway()))
        }
    };
    sources.filter(|_| was != is).map(write).collect()
}

/// When an itinerary that was deleted then is purged: as soon as it can no longer be brought back.
pub(crate) fn purge_at(deleted_at: Timestamp) -> Timestamp {
    deleted_at + RESTORE_WINDOW + SignedDuration::from_secs(1)
}

/// Puts an itinerary that is being deleted on the list of what to purge, and takes it off when it is brought back.
fn due_purge(before: Option<&Itinerary>, after: &Itinerary) -> Result<Vec<Write>, StoreError> {
    let (known, deleted) = (before.and_then(|itinerary| itinerary.deleted), after.deleted);
    let mut writes = Vec::new();
    if known == deleted {
        return Ok(writes);
    }
    let id = after.id.uuid();
    if let Some(known) = known {
        writes.push(DueRow::settled(DueList::Itinerary, purge_at(known.at), id));
    }
    if let Some(deleted) = deleted {
        writes.push(DueRow::new(purge_at(deleted.at), id).scheduled(DueList::Itinerary)?);
    }
    Ok(writes)
}
