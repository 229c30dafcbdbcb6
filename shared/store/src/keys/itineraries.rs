//! Keys of itineraries and of what belongs to them.

use std::fmt::{self, Display};

use jiff::Timestamp;
use tripsage_domain::{
    ids::{BusinessId, HiddenGemId, ItineraryId, SafetyAlertId, UserId},
    itinerary::{PartId, PartKind},
};

use super::{Instant, Key, KeyPart, Table, user_partition};

impl KeyPart for ItineraryId {}
impl KeyPart for BusinessId {}
impl KeyPart for HiddenGemId {}
impl KeyPart for SafetyAlertId {}

/// The number of a day, with three digits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct DayNumber(pub(crate) u16);

impl KeyPart for DayNumber {}

impl Display for DayNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:03}", self.0)
    }
}

/// Beginning of the sort keys of an itinerary, its parts and its standing, and of nothing else.
pub(crate) const ITINERARY_AND_PARTS_PREFIX: &str = "ITINERARY";

/// Sort key of how an itinerary stands among others.
pub(crate) const ITINERARY_STANDING: &str = "ITINERARY#STANDING";

/// `ITINERARY#<id>`.
pub(crate) fn itinerary_partition(id: ItineraryId) -> String {
    format!("ITINERARY#{id}")
}

/// What an itinerary says, whose it is, and how far it is.
pub fn itinerary(id: ItineraryId) -> Key {
    Key::new(Table::Community, itinerary_partition(id), "ITINERARY".to_owned())
}

/// How an itinerary stands among others.
pub fn itinerary_standing(id: ItineraryId) -> Key {
    Key::new(Table::Community, itinerary_partition(id), ITINERARY_STANDING.to_owned())
}

/// Beginning of the sort keys of the parts of one kind.
pub(crate) const fn itinerary_parts(kind: PartKind) -> &'static str {
    match kind {
        PartKind::Day => "ITINERARY#DAY#",
        PartKind::Business => "ITINERARY#BUSINESS#",
        PartKind::HiddenGem => "ITINERARY#GEM#",
        PartKind::SafetyAlert => "ITINERARY#ALERT#",
    }
}

/// A part of an itinerary: a day, a business, a hidden gem, or a safety alert.
pub(crate) fn itinerary_part(itinerary: ItineraryId, part: PartId) -> Key {
    let prefix = itinerary_parts(part.kind());
    let sk = match part {
        PartId::Day(number) => format!("{prefix}{}", DayNumber(number)),
        PartId::Business(id) => format!("{prefix}{id}"),
        PartId::HiddenGem(id) => format!("{prefix}{id}"),
        PartId::SafetyAlert(id) => format!("{prefix}{id}"),
    };
    Key::new(Table::Community, itinerary_partition(itinerary), sk)
}

/// The route of an itinerary; large, and not read with the rest.
pub(crate) fn itinerary_route(id: ItineraryId) -> Key {
    Key::new(Table::Community, itinerary_partition(id), "ROUTE".to_owned())
}

/// That something was made from an itinerary, and everybody can see it.
pub(crate) fn remixed(source: ItineraryId, remix: ItineraryId) -> Key {
    Key::new(
        Table::Community,
        itinerary_partition(source),
        format!("{REMIXED_PREFIX}{remix}"),
    )
}

/// Beginning of the sort keys of what was made from an itinerary.
pub(crate) const REMIXED_PREFIX: &str = "REMIXED#";

/// That a user has an itinerary; sorts by the time at which it was made.
pub(crate) fn own_itinerary(owner: UserId, created_at: Timestamp, id: ItineraryId) -> Key {
    Key::new(
        Table::Community,
        user_partition(owner),
        format!("{OWN_ITINERARY_PREFIX}{}#{id}", Instant(created_at)),
    )
}

/// Beginning of the sort keys of a user's own itineraries.
pub(crate) const OWN_ITINERARY_PREFIX: &str = "ITINERARY#";
