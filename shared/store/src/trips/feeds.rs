use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use tripsage_domain::{
    audit::Record,
    ids::{TripId, UserId},
};

use crate::{Condition, Db, Loaded, StoreError, Transaction, Write, keys};

/// A member's own calendar feed of a trip. Only the digest of its secret is kept; making a new one ends the old one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FeedRow {
    /// Whose it is.
    pub user: UserId,
    /// When this secret was made.
    pub created_at: Timestamp,
    /// Digest of the secret.
    pub digest: String,
}

impl Db {
    /// AP-69: a member's feed of a trip.
    ///
    /// # Errors
    /// When DynamoDB does not answer.
    pub async fn find_feed(&self, trip: TripId, user: UserId) -> Result<Option<Loaded<FeedRow>>, StoreError> {
        self.get(&keys::trip_feed(trip, user)).await
    }
}

impl Transaction {
    /// AP-70: a new feed in the place of the one that was read, or a first one. Conflict: `feed`.
    ///
    /// # Errors
    /// When the row cannot be expressed in DynamoDB's types.
    pub fn rotating_feed(
        trip: TripId,
        old: Option<&Loaded<FeedRow>>,
        new: &FeedRow,
        record: &Record,
    ) -> Result<Self, StoreError> {
        let key = keys::trip_feed(trip, new.user);
        let write = match old {
            Some(old) => Write::replace("feed", key, new, old.version)?,
            None => Write::insert("feed", key, new)?,
        };
        Self::from(write).audited(record)
    }

    /// AP-71: ends a feed. Conflict: `feed`.
    ///
    /// # Errors
    /// As [`Self::rotating_feed`].
    pub fn ending_feed(trip: TripId, feed: &Loaded<FeedRow>, record: &Record) -> Result<Self, StoreError> {
        let key = keys::trip_feed(trip, feed.item.user);
        Self::from(Write::remove("feed", key, Condition::Version(feed.version))).audited(record)
    }
}
