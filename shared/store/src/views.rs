//! Who has seen an itinerary: one row for each traveller or anonymous session, by a digest. A view that is there counts
//! once, for ever; it holds no id of a user, so that it outlives them and its number stays true.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use tripsage_domain::ids::{ItineraryId, UserId};
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
    /// The digest by which the view of this itinerary is known; the same viewer has another for every itinerary.
    fn digest(&self, itinerary: ItineraryId) -> Digest {
        let id = itinerary.uuid();
        match self {
            Self::Traveller(user) => Digest::of(&[b"view", b"traveller", id.as_bytes(), user.uuid().as_bytes()]),
            Self::Session(session) => Digest::of(&[b"view", b"session", id.as_bytes(), session.as_bytes()]),
        }
    }
}

/// That somebody has seen an itinerary.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ViewRow {
    /// Which.
    pub itinerary: ItineraryId,
    /// When.
    pub at: Timestamp,
    /// Tells two views apart that come at the same time.
    pub nonce: Uuid,
}

/// The write of a view.
pub(crate) fn first_view(
    itinerary: ItineraryId,
    viewer: &Viewer,
    at: Timestamp,
    nonce: Uuid,
) -> Result<Write, StoreError> {
    let row = ViewRow { itinerary, at, nonce };
    Write::insert("view", keys::view(itinerary, &viewer.digest(itinerary)), &row)
}

impl Db {
    /// AP-173: notes a view; whether it is the first of this viewer.
    ///
    /// # Errors
    /// When DynamoDB does not answer; [`StoreError::Conflict`] of the claim.
    pub async fn note_view(
        &self,
        itinerary: ItineraryId,
        viewer: &Viewer,
        now: Timestamp,
        nonce: Uuid,
        claim: Option<&Claim>,
    ) -> Result<bool, StoreError> {
        let key = keys::view(itinerary, &viewer.digest(itinerary));
        let write = first_view(itinerary, viewer, now, nonce)?;
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
