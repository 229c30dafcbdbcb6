//! What goes over the wire around the objects themselves: envelopes, errors, amounts, times.

use std::collections::BTreeMap;

use jiff::{SpanRelativeTo, Unit};
use serde::{Deserialize, Deserializer};
use serde_json::{Map, Value, value::RawValue};
use tripsage_domain::{
    ids::BookingId,
    money::{Currency, Money},
};

use crate::{
    Fault, Refusal,
    model::bounded,
    policy::{Reply, Safety},
};

/// Name of our booking in the metadata of an order or a stay.
const BOOKING: &str = "booking_id";

/// One object.
#[derive(Deserialize)]
pub(super) struct Envelope<T> {
    pub(super) data: T,
}

/// A page of a list.
#[derive(Deserialize)]
pub(super) struct Page<T> {
    pub(super) data: Vec<T>,
    meta: Option<Meta>,
}

#[derive(Deserialize)]
struct Meta {
    after: Option<String>,
}

impl<T> Page<T> {
    /// Where the next page begins, as a part of a query; `None`: this is the last.
    pub(super) fn after(&self) -> Option<String> {
        let after = self.meta.as_ref()?.after.as_deref()?;
        let encoded = after.bytes().map(|byte| match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_' => char::from(byte).to_string(),
            byte => format!("%{byte:02X}"),
        });
        Some(encoded.collect())
    }
}

/// A list whose elements are read one by one, so that one which cannot be read costs only itself.
#[derive(Deserialize)]
pub(super) struct List<'a> {
    #[serde(borrow)]
    pub(super) data: Vec<&'a RawValue>,
}

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

/// An amount as Duffel writes it, in two fields. One that does not fit exactly is none.
pub(super) fn money(amount: &str, currency: &str) -> Option<Money> {
    Money::parse_decimal(amount, Currency::parse(currency).ok()?).ok()
}

/// The same, of fields that may be absent. Present and unreadable is absent too: never another amount.
pub(super) fn money_option(amount: Option<&str>, currency: Option<&str>) -> Option<Money> {
    money(amount?, currency?)
}

/// Minutes of a duration in ISO 8601.
pub(super) fn minutes(duration: Option<&str>) -> Option<u32> {
    let span: jiff::Span = duration?.parse().ok()?;
    let minutes = span.total((Unit::Minute, SpanRelativeTo::days_are_24_hours())).ok()?;
    // Within what a journey lasts, so that the conversion is exact.
    (0.0..=1_000_000.0).contains(&minutes).then_some(minutes as u32)
}

/// A number that is written as a string in places.
#[derive(Debug, Clone, Deserialize)]
#[serde(untagged)]
pub(super) enum Scalar {
    Text(String),
    Number(serde_json::Number),
}

impl Scalar {
    pub(super) fn text(&self) -> String {
        match self {
            Self::Text(text) => text.clone(),
            Self::Number(number) => number.to_string(),
        }
    }

    pub(super) fn number(&self) -> Option<f64> {
        self.text().parse().ok().filter(|number: &f64| number.is_finite())
    }
}

#[derive(Deserialize)]
struct Errors {
    errors: Vec<ErrorEntry>,
}

#[derive(Deserialize)]
struct ErrorEntry {
    #[serde(rename = "type")]
    kind: Option<String>,
    title: Option<String>,
    /// Documented as text; some errors of live servers have a number.
    code: Option<Scalar>,
}

/// What an answer without success means.
pub(super) fn fault(reply: &Reply, safety: Safety) -> Fault {
    // Errors of gateways in between are HTML: no entry is as good as an unknown one.
    let entry = serde_json::from_slice::<Errors>(&reply.body)
        .ok()
        .and_then(|errors| errors.errors.into_iter().next());
    let code = entry.as_ref().and_then(|entry| entry.code.as_ref()).map(Scalar::text);
    let refusal = refusal(code.as_deref().unwrap_or_default());
    match reply.status.as_u16() {
        200..=299 => Fault::Malformed("a success of another kind"),
        401 => Fault::KeyRefused,
        status if safety == Safety::Lasting && !proves_nothing_was_done(status, entry.is_some()) => Fault::Unknown {
            hint: entry.is_some().then_some(refusal),
            accepted: false,
        },
        status => reply.outage().unwrap_or_else(|| Fault::Refused {
            refusal: match (status, refusal) {
                (404, _) => Refusal::NotFound,
                // A key that is good for less: what it was used for is refused, not the key.
                (403, _) => Refusal::FeatureUnavailable,
                (400, Refusal::Other) => Refusal::Invalid,
                (_, refusal) => refusal,
            },
            message_for_us: describe(status, entry.as_ref(), code.as_deref()),
        }),
    }
}

/// Whether an answer without success proves that nothing was ordered, paid or cancelled: Duffel's own word does, or to
/// be turned away at the door; not what something in between says, nor a time-out or a conflict with itself.
fn proves_nothing_was_done(status: u16, by_duffel: bool) -> bool {
    status == 429 || by_duffel && (400..500).contains(&status) && !matches!(status, 408 | 409 | 425)
}

/// For logs: names only. The message may repeat what a passenger is called.
fn describe(status: u16, entry: Option<&ErrorEntry>, code: Option<&str>) -> String {
    let (kind, title) = entry.map_or((None, None), |entry| (entry.kind.as_deref(), entry.title.as_deref()));
    let words = [kind, code, title]
        .into_iter()
        .flatten()
        .collect::<Vec<_>>()
        .join(" / ");
    bounded(&format!("{status} {words}"), 200)
}

fn refusal(code: &str) -> Refusal {
    match code {
        "not_found" => Refusal::NotFound,
        "offer_no_longer_available" | "rate_unavailable" | "search_result_unavailable" => Refusal::OfferGone,
        "offer_expired" | "quote_expired" | "search_result_expired" | "rate_expired" => Refusal::OfferExpired,
        "offer_request_already_booked" => Refusal::AlreadyBooked,
        "payment_amount_does_not_match_order_amount" | "price_changed" => Refusal::PriceChanged,
        "insufficient_balance" => Refusal::InsufficientBalance,
        "duplicate_booking" => Refusal::DuplicateBooking,
        "duplicate_passenger_name" => Refusal::DuplicatePassengerName,
        "already_cancelled" => Refusal::AlreadyCancelled,
        "order_not_changeable" => Refusal::NotChangeable,
        "ancillary_service_not_available" => Refusal::ServiceGone,
        "invalid_loyalty_card" => Refusal::InvalidLoyaltyCard,
        "pay_later_order_no_payment_for_ancillaries" => Refusal::HoldTakesNoServices,
        "stale_airline_initiated_change_accept" => Refusal::StaleChange,
        "airline_internal" | "airline_unknown" => Refusal::AirlineError,
        "unavailable_feature" | "unsupported_action" | "insufficient_permissions" => Refusal::FeatureUnavailable,
        "validation_required"
        | "validation_format"
        | "validation_inclusion"
        | "unsafe_unique"
        | "emails_not_unique"
        | "missing_data_param"
        | "invalid_data_param"
        | "malformed_data_param"
        | "bad_request" => Refusal::Invalid,
        _ => Refusal::Other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_duffels_own_word_proves_that_nothing_was_done() {
        for (status, by_duffel, proof) in [
            (422, true, true),
            (404, true, true),
            (429, false, true),
            (422, false, false),
            (404, false, false),
            (408, true, false),
            (409, true, false),
            (425, true, false),
            (302, false, false),
            (502, true, false),
        ] {
            assert_eq!(
                proves_nothing_was_done(status, by_duffel),
                proof,
                "{status} {by_duffel}"
            );
        }
    }

    #[test]
    fn durations_become_minutes() {
        for (text, expected) in [
            ("PT8H30M", Some(510)),
            ("P1DT2H", Some(1_560)),
            ("PT0S", Some(0)),
            ("PT-1H", None),
            ("-PT1H", None),
            ("8:30", None),
            ("", None),
            ("P999999D", None),
        ] {
            assert_eq!(minutes(Some(text)), expected, "{text}");
        }
    }

    #[test]
    fn amounts_are_exact_or_nothing() {
        assert_eq!(money("1299.99", "GBP").map(|m| m.minor), Some(129_999));
        assert_eq!(money("5000", "JPY").map(|m| m.minor), Some(5_000));
        for (amount, currency) in [
            ("1.999", "EUR"),
            ("-1.00", "EUR"),
            ("1e2", "EUR"),
            ("1.00", "EURO"),
            ("", "EUR"),
        ] {
            assert_eq!(money(amount, currency), None, "{amount} {currency}");
        }
    }
}
