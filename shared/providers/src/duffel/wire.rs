//! What goes over the wire, apart from the objects themselves: envelopes, errors, amounts.

use std::collections::BTreeMap;

use serde::{Deserialize, Deserializer};
use serde_json::{Map, Value};
use tripsage_domain::{
    ids::BookingId,
    money::{Currency, Money},
};

/// Name of our booking in an order's metadata.
const BOOKING: &str = "booking_id";

/// What we attached to an object. `null` in places.
#[derive(Debug, Default)]
pub(super) struct Metadata(BTreeMap<String, Value>);

impl<'de> Deserialize<'de> for Metadata {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(Self(Option::deserialize(deserializer)?.unwrap_or_default()))
    }
}

impl Metadata {
    pub(super) fn with_booking(booking: BookingId) -> Map<String, Value> {
        Map::from_iter([(BOOKING.to_owned(), Value::String(booking.to_string()))])
    }

    /// Our booking, when it names one.
    pub(super) fn booking(&self) -> Option<BookingId> {
        self.0.get(BOOKING)?.as_str()?.parse().ok()
    }
}

/// An amount as Duffel writes it, in two fields.
pub(super) fn money(amount: &str, currency: &str) -> Option<Money> {
    Money::parse_decimal(amount, Currency::parse(currency).ok()?).ok()
}
