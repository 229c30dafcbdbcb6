//! Places as Google writes them, and how they become ours.

use serde::Deserialize;
use serde_json::value::RawValue;
use tripsage_domain::{place::PriceLevel, trip::Coordinates};

use crate::{
    Fault, Refusal,
    model::{OpeningPeriod, Place, PlaceDetails, bounded, bounded_option, web_address},
    policy::Reply,
};

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct WireSearch<'a> {
    /// Absent when there are none.
    #[serde(borrow, default)]
    pub(super) places: Vec<&'a RawValue>,
    pub(super) next_page_token: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct WirePlace {
    id: String,
    display_name: Option<WireText>,
    formatted_address: Option<String>,
    location: Option<WirePoint>,
    primary_type: Option<String>,
    #[serde(default)]
    types: Vec<String>,
    rating: Option<f64>,
    user_rating_count: Option<u32>,
    price_level: Option<String>,
    business_status: Option<String>,
    google_maps_uri: Option<String>,
}

#[derive(Deserialize)]
struct WireText {
    text: Option<String>,
}

#[derive(Deserialize)]
struct WirePoint {
    latitude: f64,
    longitude: f64,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct WireDetails {
    #[serde(flatten)]
    place: WirePlace,
    website_uri: Option<String>,
    international_phone_number: Option<String>,
    regular_opening_hours: Option<WireHours>,
    utc_offset_minutes: Option<i16>,
    accessibility_options: Option<WireAccessibility>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct WireHours {
    #[serde(default)]
    periods: Vec<WirePeriod>,
    #[serde(default)]
    weekday_descriptions: Vec<String>,
}

#[derive(Deserialize)]
struct WirePeriod {
    open: WireMoment,
    close: Option<WireMoment>,
}

#[derive(Deserialize)]
struct WireMoment {
    day: u8,
    /// Left out when zero.
    #[serde(default)]
    hour: u8,
    #[serde(default)]
    minute: u8,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct WireAccessibility {
    wheelchair_accessible_entrance: Option<bool>,
}

impl WirePlace {
    pub(super) fn read(self) -> Option<Place> {
        Some(Place {
            name: bounded_option(self.display_name?.text.as_deref(), 200)?,
            id: self.id,
            address: bounded_option(self.formatted_address.as_deref(), 300),
            coordinates: self
                .location
                .and_then(|at| Coordinates::new(at.latitude, at.longitude).ok()),
            primary_type: bounded_option(self.primary_type.as_deref(), 50),
            types: self.types.iter().take(20).map(|kind| bounded(kind, 50)).collect(),
            rating: self.rating.filter(|rating| (0.0..=5.0).contains(rating)),
            rating_count: self.user_rating_count,
            price_level: self.price_level.as_deref().and_then(price_level),
            operational: self.business_status.map(|status| status == "OPERATIONAL"),
            map_url: web_address(self.google_maps_uri.as_deref()),
        })
    }
}

impl WireDetails {
    pub(super) fn read(self) -> Option<PlaceDetails> {
        let moment = |moment: &WireMoment| {
            let minute = u16::from(moment.hour) * 60 + u16::from(moment.minute);
            (moment.day < 7 && minute <= 24 * 60).then_some((moment.day, minute))
        };
        let hours = self.regular_opening_hours;
        let periods = hours.iter().flat_map(|hours| &hours.periods).filter_map(|period| {
            Some(OpeningPeriod {
                open: moment(&period.open)?,
                close: period.close.as_ref().and_then(moment),
            })
        });
        Some(PlaceDetails {
            periods: periods.take(50).collect(),
            hours: hours
                .iter()
                .flat_map(|hours| &hours.weekday_descriptions)
                .take(7)
                .map(|line| bounded(line, 200))
                .collect(),
            place: self.place.read()?,
            website: web_address(self.website_uri.as_deref()),
            phone: bounded_option(self.international_phone_number.as_deref(), 40),
            utc_offset_minutes: self.utc_offset_minutes,
            wheelchair_accessible: self
                .accessibility_options
                .and_then(|o| o.wheelchair_accessible_entrance),
        })
    }
}

fn price_level(text: &str) -> Option<PriceLevel> {
    match text {
        "PRICE_LEVEL_FREE" => Some(PriceLevel::Free),
        "PRICE_LEVEL_INEXPENSIVE" => Some(PriceLevel::Inexpensive),
        "PRICE_LEVEL_MODERATE" => Some(PriceLevel::Moderate),
        "PRICE_LEVEL_EXPENSIVE" => Some(PriceLevel::Expensive),
        "PRICE_LEVEL_VERY_EXPENSIVE" => Some(PriceLevel::VeryExpensive),
        _ => None,
    }
}

#[derive(Deserialize)]
struct Envelope {
    error: WireError,
}

#[derive(Default, Deserialize)]
struct WireError {
    status: Option<String>,
    #[serde(default)]
    details: Vec<WireDetail>,
}

#[derive(Deserialize)]
struct WireDetail {
    reason: Option<String>,
}

/// What an answer without success means.
pub(super) fn fault(reply: &Reply) -> Fault {
    let error = serde_json::from_slice::<Envelope>(&reply.body)
        .map(|envelope| envelope.error)
        .unwrap_or_default();
    let status = error.status.as_deref().unwrap_or_default();
    // A key that does not exist is an invalid argument to Google.
    let bad_key = error.details.iter().any(|detail| {
        let reason = detail.reason.as_deref().unwrap_or_default();
        reason.starts_with("API_KEY_") || reason == "SERVICE_DISABLED" || reason == "BILLING_DISABLED"
    });
    match reply.status.as_u16() {
        200..=299 => Fault::Malformed("a success of another kind"),
        401 | 403 => Fault::KeyRefused,
        _ if bad_key => Fault::KeyRefused,
        code => reply.outage().unwrap_or_else(|| Fault::Refused {
            refusal: if code == 404 {
                Refusal::NotFound
            } else {
                Refusal::Invalid
            },
            message_for_us: bounded(&format!("{code} {status}"), 100),
        }),
    }
}
