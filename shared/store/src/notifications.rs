//! What users are told: that something happened to what is theirs. Written by the projector, in the transaction that
//! counts what happened, so that a record that comes twice tells nobody twice.
//!
//! A notification names things, never who did something to them: when somebody is erased, nothing of them is left in
//! what others were told.

use aws_sdk_dynamodb::types::AttributeValue;
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use tripsage_domain::{
    ids::{GroupId, GuideBookingId, GuideId, IntelId, ItineraryId, NotificationId, RatingId, UserId},
    notification::NotificationKind,
};
use uuid::Uuid;

use crate::{
    Condition, StoreError, Write, epoch_seconds,
    keys::{self, projections::notification},
};

/// How long a notification is kept.
const KEPT: SignedDuration = SignedDuration::from_hours(90 * 24);

/// Label of the write that fails when whoever is to be told is about to leave.
pub(crate) const RECIPIENT: &str = "recipient";

/// What a notification is about.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct About {
    /// An itinerary of the user, or one that a rating or intel is about.
    pub itinerary: Option<ItineraryId>,
    /// The rating.
    pub rating: Option<RatingId>,
    /// The travel intel.
    pub intel: Option<IntelId>,
    /// The group.
    pub group: Option<GroupId>,
    /// The guide.
    pub guide: Option<GuideId>,
    /// The engagement of the guide.
    pub booking: Option<GuideBookingId>,
    /// How many votes there are.
    pub count: Option<i64>,
    /// What a membership or a booking has become.
    pub status: Option<String>,
}

/// Something that a user is told.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NotificationRow {
    /// Its id; it follows from the record that gave rise to it.
    pub id: NotificationId,
    /// What has happened.
    pub kind: NotificationKind,
    /// To what.
    pub about: About,
    /// When it was noticed.
    pub created_at: Timestamp,
    /// When the user read it.
    pub read_at: Option<Timestamp>,
    expires_at: i64,
}

impl NotificationRow {
    /// AP-237: the write that tells a user; [`Self::recipient`] belongs to it.
    pub(crate) fn telling(
        user: UserId,
        id: Uuid,
        kind: NotificationKind,
        about: About,
        now: Timestamp,
    ) -> Result<Write, StoreError> {
        let row = Self {
            id: NotificationId::from_uuid(id),
            kind,
            about,
            created_at: now,
            read_at: None,
            expires_at: epoch_seconds(now + KEPT),
        };
        Write::insert("notification", notification(user, now, row.id), &row)
    }

    /// The check that a user has not deleted their account: erasure walks their rows once, and must find all of them.
    pub(crate) fn recipient(user: UserId) -> Write {
        let stays = Condition::expression(
            "attribute_exists(pk) AND (attribute_not_exists(#deletion_due) OR attribute_type(#deletion_due, :none))",
            vec![("none", AttributeValue::S("NULL".to_owned()))],
        );
        Write::check(RECIPIENT, keys::user(user), stays)
    }
}
