//! Who has seen a thing: one row for each traveller or anonymous session, by a digest. A view that is there counts once,
//! for ever; it holds no id of a user, so that it outlives them and its number stays true.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use tripsage_domain::{
    ids::UserId,
    votes::{Subject, SubjectKind},
};
use uuid::Uuid;

use crate::{
    Db, StoreError, Transaction, Write,
    idempotency::Claim,
    keys::{Digest, reactions as keys},
};

/// Who is looking.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Viewer {
    /// Somebody who is signed in.
    Traveller(UserId),
    /// Somebody who is not, as their client calls itself.
    Session(String),
}

impl Viewer {
    /// The digest by which the view of this thing is known; the same viewer has another for every thing.
    fn digest(&self, subject: Subject) -> Digest {
        let id = subject.uuid();
        match self {
            Self::Traveller(user) => Digest::of(&[b"view", b"traveller", id.as_bytes(), user.uuid().as_bytes()]),
            Self::Session(session) => Digest::of(&[b"view", b"session", id.as_bytes(), session.as_bytes()]),
        }
    }
}

/// That somebody has seen a thing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ViewRow {
    /// What kind of thing.
    #[serde(default = "itinerary")]
    pub kind: SubjectKind,
    /// Which. Rows of the time when nothing but itineraries was counted call it so.
    #[serde(alias = "itinerary")]
    pub id: Uuid,
    /// When.
    pub at: Timestamp,
    /// Tells two views apart that come at the same time.
    pub nonce: Uuid,
}

const fn itinerary() -> SubjectKind {
    SubjectKind::Itinerary
}

impl ViewRow {
    /// What was seen.
    pub const fn subject(&self) -> Subject {
        Subject::new(self.kind, self.id)
    }
}

/// The write of a view.
pub(crate) fn first_view(subject: Subject, viewer: &Viewer, at: Timestamp, nonce: Uuid) -> Result<Write, StoreError> {
    let row = ViewRow {
        kind: subject.kind(),
        id: subject.uuid(),
        at,
        nonce,
    };
    Write::insert("view", keys::view(subject, &viewer.digest(subject)), &row)
}

impl Db {
    /// AP-173: notes a view; whether it is the first of this viewer.
    ///
    /// # Errors
    /// When DynamoDB does not answer; [`StoreError::Conflict`] of the claim.
    pub async fn note_view(
        &self,
        subject: Subject,
        viewer: &Viewer,
        now: Timestamp,
        nonce: Uuid,
        claim: Option<&Claim>,
    ) -> Result<bool, StoreError> {
        let key = keys::view(subject, &viewer.digest(subject));
        let write = first_view(subject, viewer, now, nonce)?;
        match self.commit(Transaction::from(write).fenced(claim)).await {
            Ok(()) => Ok(true),
            Err(error) if error.is_conflict("view") => {
                let seen = self.get::<ViewRow>(&key).await?;
                Ok(seen.is_some_and(|seen| seen.item.nonce == nonce))
            }
            Err(error) => Err(error),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn views_of_itineraries_are_read_as_they_were_written_first() {
        let id = Uuid::from_u128(7);
        for (row, subject) in [
            (json!({ "itinerary": id }), SubjectKind::Itinerary),
            (json!({ "kind": "itinerary", "id": id }), SubjectKind::Itinerary),
            (json!({ "kind": "resource", "id": id }), SubjectKind::Resource),
        ] {
            let mut row = row;
            row["at"] = json!("2027-01-01T00:00:00Z");
            row["nonce"] = json!(Uuid::nil());
            let read: ViewRow = serde_json::from_value(row).unwrap();
            assert_eq!(read.subject(), Subject::new(subject, id));
        }
    }
}
