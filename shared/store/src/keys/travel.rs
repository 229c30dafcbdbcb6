//! Keys of trips, templates, searches and bookings.

use jiff::Timestamp;
use tripsage_domain::ids::{
    BookingId, InvitationId, ItemId, LinkId, SavedSearchId, SearchId, TemplateId, TripId, UserId,
};

use super::{Digest, Instant, Key, Number, Table, user_partition};

/// A trip with its members.
pub fn trip(id: TripId) -> Key {
    Key::new(Table::Travel, trip_partition(id), "TRIP".to_owned())
}

pub(crate) fn trip_partition(id: TripId) -> String {
    format!("TRIP#{id}")
}

/// An item of a trip; sorts right after the trip itself, so that both can be read at once.
pub fn trip_item(trip: TripId, item: ItemId) -> Key {
    Key::new(Table::Travel, trip_partition(trip), format!("{TRIP_ITEM_PREFIX}{item}"))
}

/// Beginning of the sort keys of a trip's items.
pub(crate) const TRIP_ITEM_PREFIX: &str = "TRIP#ITEM#";

/// Beginning of the sort keys of a trip and of its items, and of nothing else.
pub(crate) const TRIP_AND_ITEMS_PREFIX: &str = "TRIP";

/// A version of a trip.
pub fn trip_version(trip: TripId, number: u64) -> Key {
    Key::new(
        Table::Travel,
        trip_partition(trip),
        format!("{TRIP_VERSION_PREFIX}{}", Number(number)),
    )
}

/// Beginning of the sort keys of a trip's versions.
pub(crate) const TRIP_VERSION_PREFIX: &str = "VERSION#";

/// What a member's list shows of a trip; sorts by the time at which the trip was made.
pub fn trip_listing(user: UserId, created_at: Timestamp, trip: TripId) -> Key {
    Key::new(
        Table::Travel,
        user_partition(user),
        format!("{LISTING_PREFIX}{}#{trip}", Instant(created_at)),
    )
}

/// Beginning of the sort keys of a user's listings.
pub(crate) const LISTING_PREFIX: &str = "TRIP#";

/// A trip in whose history a user stands who is no member any more.
pub fn former_trip(user: UserId, trip: TripId) -> Key {
    Key::new(Table::Travel, user_partition(user), format!("{FORMER_PREFIX}{trip}"))
}

/// Beginning of the sort keys of the trips that a user took part in.
pub(crate) const FORMER_PREFIX: &str = "FORMER#";

/// An invitation to a trip.
pub(crate) fn trip_invitation(trip: TripId, invitation: InvitationId) -> Key {
    Key::new(
        Table::Travel,
        trip_partition(trip),
        format!("{TRIP_INVITATION_PREFIX}{invitation}"),
    )
}

/// Beginning of the sort keys of a trip's invitations.
pub(crate) const TRIP_INVITATION_PREFIX: &str = "INVITATION#";

/// A read-only link to a trip.
pub(crate) fn trip_link(trip: TripId, link: LinkId) -> Key {
    Key::new(Table::Travel, trip_partition(trip), format!("{TRIP_LINK_PREFIX}{link}"))
}

/// Beginning of the sort keys of a trip's links.
pub(crate) const TRIP_LINK_PREFIX: &str = "LINK#";

/// A member's calendar feed of a trip.
pub(crate) fn trip_feed(trip: TripId, user: UserId) -> Key {
    Key::new(Table::Travel, trip_partition(trip), format!("FEED#{user}"))
}

/// A trip template.
pub(crate) fn template(id: TemplateId) -> Key {
    Key::new(Table::Travel, format!("TEMPLATE#{id}"), "TEMPLATE".to_owned())
}

/// What its owner's list shows of a template; sorts by the time at which it was made.
pub(crate) fn template_listing(owner: UserId, created_at: Timestamp, id: TemplateId) -> Key {
    Key::new(
        Table::Travel,
        user_partition(owner),
        format!("{TEMPLATE_LISTING_PREFIX}{}#{id}", Instant(created_at)),
    )
}

/// Beginning of the sort keys of a user's listed templates.
pub(crate) const TEMPLATE_LISTING_PREFIX: &str = "TEMPLATE#";

/// How many templates a user has.
pub(crate) fn template_count(owner: UserId) -> Key {
    Key::new(Table::Travel, user_partition(owner), "TEMPLATES".to_owned())
}

/// Partitions over which the list of public templates is spread.
pub(crate) const PUBLIC_TEMPLATE_SHARDS: u8 = 4;

pub(crate) fn public_templates(shard: u8) -> String {
    format!("TEMPLATES#{}", Number(shard.into()))
}

/// What the public list shows of a template; sorts by the time at which it was made.
pub(crate) fn public_template(created_at: Timestamp, id: TemplateId) -> Key {
    let shard = id.uuid().as_bytes()[0] % PUBLIC_TEMPLATE_SHARDS;
    Key::new(
        Table::Travel,
        public_templates(shard),
        format!("{}#{id}", Instant(created_at)),
    )
}

/// A search that a user made not long ago.
pub(crate) fn recent_search(user: UserId, search: SearchId) -> Key {
    Key::new(
        Table::Travel,
        user_partition(user),
        format!("{RECENT_SEARCH_PREFIX}{search}"),
    )
}

/// Beginning of the sort keys of a user's recent searches.
pub(crate) const RECENT_SEARCH_PREFIX: &str = "SEARCH#";

/// A search that a user saved.
pub(crate) fn saved_search(user: UserId, search: SavedSearchId) -> Key {
    Key::new(
        Table::Travel,
        user_partition(user),
        format!("{SAVED_SEARCH_PREFIX}{search}"),
    )
}

/// Beginning of the sort keys of a user's saved searches.
pub(crate) const SAVED_SEARCH_PREFIX: &str = "SAVED_SEARCH#";

/// How many searches a user has saved.
pub(crate) fn saved_search_count(user: UserId) -> Key {
    Key::new(Table::Travel, user_partition(user), "SAVED_SEARCHES".to_owned())
}

/// A booking.
pub(crate) fn booking(owner: UserId, id: BookingId) -> Key {
    Key::new(Table::Travel, user_partition(owner), format!("{BOOKING_PREFIX}{id}"))
}

/// Beginning of the sort keys of a user's bookings, and of nothing else.
pub(crate) const BOOKING_PREFIX: &str = "BOOKING#";

/// That there is a booking; sorts by the time at which it was made.
pub(crate) fn booking_listing(owner: UserId, created_at: Timestamp, id: BookingId) -> Key {
    Key::new(
        Table::Travel,
        user_partition(owner),
        format!("{BOOKING_LISTING_PREFIX}{}#{id}", Instant(created_at)),
    )
}

/// Beginning of the sort keys of a user's listed bookings.
pub(crate) const BOOKING_LISTING_PREFIX: &str = "BOOKED#";

/// An entry of a booking's log.
pub(crate) fn booking_event(owner: UserId, id: BookingId, number: u64) -> Key {
    Key::new(
        Table::Travel,
        user_partition(owner),
        format!("{}{}", booking_events(id), Number(number)),
    )
}

/// Beginning of the sort keys of a booking's log.
pub(crate) fn booking_events(id: BookingId) -> String {
    format!("BOOKINGEVENT#{id}#")
}

/// Which booking an order of a provider belongs to.
pub(crate) fn booking_order(owner: UserId, order: &str) -> Key {
    let digest = Digest::of(&[b"order", order.as_bytes()]);
    Key::new(Table::Travel, user_partition(owner), format!("ORDER#{digest}"))
}
