use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use tripsage_domain::ids::{LinkId, TripId, UserId};

use crate::{
    Condition, Db, Range, StoreError, Update, Write,
    keys::{self, Table},
    trips::{EntityChange, TripChange},
};

/// A read-only link to a trip. Only the digest of its secret is kept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LinkRow {
    /// Its id.
    pub id: LinkId,
    /// What its maker calls it.
    pub label: Option<String>,
    /// What it shows besides the trip itself.
    pub sections: LinkSections,
    /// Hash of the passphrase, in the PHC string format.
    pub passphrase: Option<String>,
    /// Who made it; it works as long as they may share the trip.
    pub created_by: UserId,
    /// When.
    pub created_at: Timestamp,
    /// Until when it works.
    pub ends_at: Option<Timestamp>,
    /// When it was last opened, to the minute.
    #[serde(default)]
    pub last_used_at: Option<Timestamp>,
    /// Digest of its secret.
    pub digest: String,
    /// For time to live.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub expires_at: Option<i64>,
}

/// What a read-only link shows besides the trip itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct LinkSections {
    /// The items.
    pub itinerary: bool,
    /// What items cost.
    pub costs: bool,
    /// Notes of items.
    pub notes: bool,
    /// Who takes part.
    pub members: bool,
}

/// What the history keeps of a link: what it opened, and nothing that opens it.
#[derive(Serialize)]
struct Recorded {
    sections: LinkSections,
    has_passphrase: bool,
    ends_at: Option<Timestamp>,
}

impl LinkRow {
    fn recorded(&self) -> Recorded {
        Recorded {
            sections: self.sections,
            has_passphrase: self.passphrase.is_some(),
            ends_at: self.ends_at,
        }
    }

    /// Whether it still works at `now`, as far as it itself says.
    pub fn is_live(&self, now: Timestamp) -> bool {
        self.ends_at.is_none_or(|end| now < end)
    }
}

/// Links of one trip at most.
pub const MAX_LINKS: usize = 20;

/// The time of the last use is kept no more precisely than this, so that a link that everybody opens costs no writes.
const USE_PRECISION: SignedDuration = SignedDuration::from_secs(60);

impl Db {
    /// AP-64: the links to a trip.
    ///
    /// # Errors
    /// When DynamoDB does not answer.
    pub async fn list_links(&self, trip: TripId) -> Result<Vec<LinkRow>, StoreError> {
        // Time to live removes late what has run out.
        let limit = MAX_LINKS * 10;
        let range = Range::new(Table::Travel, keys::trip_partition(trip), keys::TRIP_LINK_PREFIX, limit);
        let loaded = self.query_all(range).await?;
        Ok(loaded.into_iter().map(|loaded| loaded.item).collect())
    }

    /// AP-65: one link to a trip.
    ///
    /// # Errors
    /// When DynamoDB does not answer.
    pub async fn find_link(&self, trip: TripId, link: LinkId) -> Result<Option<LinkRow>, StoreError> {
        let loaded = self.get(&keys::trip_link(trip, link)).await?;
        Ok(loaded.map(|loaded| loaded.item))
    }

    /// AP-66: notes that a link was opened, at most once a minute. A link that is gone stays gone.
    ///
    /// # Errors
    /// When DynamoDB does not answer.
    pub async fn touch_link(&self, trip: TripId, link: &LinkRow, now: Timestamp) -> Result<(), StoreError> {
        if link
            .last_used_at
            .is_some_and(|at| now.duration_since(at) < USE_PRECISION)
        {
            return Ok(());
        }
        let unchanged = match link.last_used_at {
            None => Condition::expression(
                "#digest = :digest AND (attribute_not_exists(#last_used_at) OR #last_used_at = :none)",
                vec![
                    ("digest", serde_dynamo::to_attribute_value(&link.digest)?),
                    ("none", aws_sdk_dynamodb::types::AttributeValue::Null(true)),
                ],
            ),
            Some(at) => Condition::expression(
                "#digest = :digest AND #last_used_at = :at",
                vec![
                    ("digest", serde_dynamo::to_attribute_value(&link.digest)?),
                    ("at", serde_dynamo::to_attribute_value(at)?),
                ],
            ),
        };
        let update = Update::default()
            .set("last_used_at", serde_dynamo::to_attribute_value(now)?)
            .add("version", 1);
        match self
            .commit(Write::update("link", keys::trip_link(trip, link.id), update, unchanged))
            .await
        {
            // Somebody else has noted it, or it was revoked meanwhile.
            Ok(()) | Err(StoreError::Conflict(_)) => Ok(()),
            Err(error) => Err(error),
        }
    }
}

impl TripChange<'_> {
    /// AP-67: makes a link. Conflict: `link`.
    ///
    /// # Errors
    /// When the row cannot be expressed in DynamoDB's types.
    pub fn add_link(&mut self, link: &LinkRow) -> Result<(), StoreError> {
        let key = keys::trip_link(self.after.id, link.id);
        self.writes.push(Write::insert("link", key, link)?);
        let change = EntityChange::new(format!("link/{}", link.id), None, Some(&link.recorded()))?;
        self.changes.push(change);
        Ok(())
    }

    /// AP-68: takes a link away. Conflict: `link`.
    ///
    /// # Errors
    /// As [`Self::add_link`].
    pub fn remove_link(&mut self, link: &LinkRow) -> Result<(), StoreError> {
        let key = keys::trip_link(self.after.id, link.id);
        self.writes.push(Write::remove("link", key, Condition::Present));
        let change = EntityChange::new(format!("link/{}", link.id), Some(&link.recorded()), None)?;
        self.changes.push(change);
        Ok(())
    }
}
