//! Keys of guides, of their bookings, of reading matter, and of safety settings.

use jiff::Timestamp;
use tripsage_domain::ids::{GuideBookingId, GuideId, ResourceId, ReviewId, UserId};

use super::{Instant, Key, Table, user_partition};

/// A guide for women.
pub fn guide(id: GuideId) -> Key {
    Key::new(Table::Community, guide_partition(id), GUIDE_PREFIX.to_owned())
}

pub(crate) fn guide_partition(id: GuideId) -> String {
    format!("GUIDE#{id}")
}

/// Beginning of the sort keys of a guide and of how they stand, and of nothing else.
pub(crate) const GUIDE_PREFIX: &str = "GUIDE";

/// How a guide stands: ratings, tours, and the entry in the catalogue.
pub(crate) fn guide_standing(id: GuideId) -> Key {
    Key::new(Table::Community, guide_partition(id), "GUIDE#STANDING".to_owned())
}

/// The days on which a guide is engaged.
pub(crate) fn guide_calendar(id: GuideId) -> Key {
    Key::new(Table::Community, guide_partition(id), "CALENDAR".to_owned())
}

/// Which guide a user is: there is at most one.
pub(crate) fn guide_claim(user: UserId) -> Key {
    Key::new(Table::Community, user_partition(user), "GUIDE".to_owned())
}

/// A review of a guide; sorts by the time at which it was written.
pub(crate) fn guide_review(guide: GuideId, at: Timestamp, id: ReviewId) -> Key {
    Key::new(
        Table::Community,
        guide_partition(guide),
        format!("{REVIEW_PREFIX}{}#{id}", Instant(at)),
    )
}

/// Beginning of the sort keys of a guide's reviews.
pub(crate) const REVIEW_PREFIX: &str = "REVIEW#";

/// Where a review is found by its id, and who has reported it.
pub(crate) fn review_reports(id: ReviewId) -> Key {
    Key::new(Table::Community, format!("REVIEW#{id}"), "REPORTS".to_owned())
}

/// How a review stands: how many found it helpful.
pub fn review_standing(id: ReviewId) -> Key {
    Key::new(Table::Community, format!("REVIEW#{id}"), "REVIEW#STANDING".to_owned())
}

/// That a review is before moderators; sorts by the time at which it came there.
pub(crate) fn reported_review(since: Timestamp, id: ReviewId) -> Key {
    Key::new(
        Table::Community,
        REPORTED_REVIEWS.to_owned(),
        format!("{REPORTED_PREFIX}{}#{id}", Instant(since)),
    )
}

/// Partition of the reviews that are before moderators.
pub(crate) const REPORTED_REVIEWS: &str = "REVIEWS";

/// That a user has reported a review, and why: by this, an erasure finds what they have reported.
pub(crate) fn reported(user: UserId, id: ReviewId) -> Key {
    Key::new(Table::Community, user_partition(user), format!("{REPORTED_PREFIX}{id}"))
}

/// Beginning of the sort keys of what was reported.
pub(crate) const REPORTED_PREFIX: &str = "REPORTED#";

/// A booking of a guide.
pub(crate) fn guide_booking(id: GuideBookingId) -> Key {
    Key::new(Table::Community, format!("ENGAGEMENT#{id}"), ENGAGEMENT.to_owned())
}

/// Sort key of a booking of a guide.
pub(crate) const ENGAGEMENT: &str = "ENGAGEMENT";

/// That a guide is booked; sorts by the time at which it was done.
pub(crate) fn guide_booking_listing(guide: GuideId, created_at: Timestamp, id: GuideBookingId) -> Key {
    Key::new(
        Table::Community,
        guide_partition(guide),
        format!("{GUIDE_BOOKING_PREFIX}{}#{id}", Instant(created_at)),
    )
}

/// Beginning of the sort keys of a guide's listed bookings.
pub(crate) const GUIDE_BOOKING_PREFIX: &str = "BOOKING#";

/// That a user has booked a guide; sorts by the time at which they did.
pub(crate) fn engagement(traveler: UserId, created_at: Timestamp, id: GuideBookingId) -> Key {
    Key::new(
        Table::Community,
        user_partition(traveler),
        format!("{ENGAGEMENT_PREFIX}{}#{id}", Instant(created_at)),
    )
}

/// Beginning of the sort keys of a user's bookings of guides.
pub(crate) const ENGAGEMENT_PREFIX: &str = "ENGAGEMENT#";

/// Something to read about the safety of women.
pub fn resource(id: ResourceId) -> Key {
    Key::new(Table::Community, format!("RESOURCE#{id}"), "RESOURCE".to_owned())
}

/// How a resource stands: how many found it helpful, and how many have seen it.
pub fn resource_standing(id: ResourceId) -> Key {
    Key::new(
        Table::Community,
        format!("RESOURCE#{id}"),
        "RESOURCE#STANDING".to_owned(),
    )
}

/// What the list shows of a resource.
pub(crate) fn resource_entry(id: ResourceId) -> Key {
    Key::new(
        Table::Community,
        RESOURCES.to_owned(),
        format!("{RESOURCE_ENTRY_PREFIX}{id}"),
    )
}

/// Beginning of the sort keys of the list of resources.
pub(crate) const RESOURCE_ENTRY_PREFIX: &str = "ENTRY#";

/// How many resources there are.
pub(crate) fn resource_count() -> Key {
    Key::new(Table::Community, RESOURCES.to_owned(), "COUNT".to_owned())
}

/// Partition of the list of resources.
pub(crate) const RESOURCES: &str = "RESOURCES";

/// What somebody keeps for an emergency.
pub(crate) fn safety_settings(user: UserId) -> Key {
    Key::new(Table::Community, user_partition(user), "SAFETY".to_owned())
}
