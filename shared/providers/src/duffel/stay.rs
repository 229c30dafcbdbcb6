//! Stays as Duffel writes them, and how they become ours.

use jiff::{Timestamp, civil::Date};
use serde::Deserialize;
use tripsage_domain::trip::Coordinates;

use super::wire::{Metadata, Scalar, money, money_option};
use crate::{
    Provider,
    model::{
        Accommodation, CancellationStep, Photo, StayBooking, StayBookingStatus, StayListing, StayQuote, StayRate,
        bounded_option, web_address,
    },
};

/// Photographs and amenities that are kept of one accommodation.
const MANY: usize = 30;

#[derive(Deserialize)]
pub(super) struct WireResult {
    id: String,
    check_in_date: Option<Date>,
    check_out_date: Option<Date>,
    pub(super) accommodation: WireAccommodation,
    cheapest_rate_total_amount: Option<String>,
    cheapest_rate_currency: Option<String>,
    cheapest_rate_due_at_accommodation_amount: Option<String>,
    cheapest_rate_due_at_accommodation_currency: Option<String>,
    expires_at: Option<Timestamp>,
}

#[derive(Deserialize)]
pub(super) struct WireAccommodation {
    id: String,
    name: Option<String>,
    description: Option<String>,
    amenities: Option<Vec<WireAmenity>>,
    check_in_information: Option<WireCheckIn>,
    location: Option<WireLocation>,
    photos: Option<Vec<WirePhoto>>,
    rating: Option<Scalar>,
    review_score: Option<Scalar>,
    review_count: Option<u32>,
    rooms: Option<Vec<WireRoom>>,
}

#[derive(Deserialize)]
struct WireAmenity {
    #[serde(rename = "type")]
    kind: Option<String>,
}

#[derive(Deserialize)]
struct WireCheckIn {
    check_in_after_time: Option<String>,
    check_out_before_time: Option<String>,
}

#[derive(Deserialize)]
struct WireLocation {
    address: Option<WireAddress>,
    geographic_coordinates: Option<WirePoint>,
}

#[derive(Deserialize)]
struct WireAddress {
    line_one: Option<String>,
    city_name: Option<String>,
    country_code: Option<String>,
}

#[derive(Deserialize)]
struct WirePoint {
    latitude: f64,
    longitude: f64,
}

#[derive(Deserialize)]
struct WirePhoto {
    url: Option<String>,
}

#[derive(Deserialize)]
struct WireRoom {
    name: Option<String>,
    rates: Option<Vec<WireRate>>,
}

#[derive(Deserialize)]
struct WireRate {
    id: String,
    board_type: Option<String>,
    total_amount: String,
    total_currency: String,
    due_at_accommodation_amount: Option<String>,
    due_at_accommodation_currency: Option<String>,
    cancellation_timeline: Option<Vec<WireStep>>,
    available_payment_methods: Option<Vec<Scalar>>,
    quantity_available: Option<u32>,
    expires_at: Option<Timestamp>,
}

#[derive(Deserialize)]
struct WireStep {
    before: Timestamp,
    refund_amount: String,
    currency: String,
}

#[derive(Deserialize)]
pub(super) struct WireQuote {
    id: String,
    total_amount: String,
    total_currency: String,
    due_at_accommodation_amount: Option<String>,
    due_at_accommodation_currency: Option<String>,
    accommodation: WireAccommodation,
    check_in_date: Date,
    check_out_date: Date,
    rooms: Option<u32>,
}

#[derive(Deserialize)]
pub(super) struct WireBooking {
    id: String,
    reference: Option<String>,
    status: Option<String>,
    accommodation: Option<WireAccommodation>,
    check_in_date: Option<Date>,
    check_out_date: Option<Date>,
    confirmed_at: Option<Timestamp>,
    cancelled_at: Option<Timestamp>,
    key_collection: Option<WireKeys>,
    #[serde(default)]
    metadata: Metadata,
}

#[derive(Deserialize)]
struct WireKeys {
    instructions: Option<String>,
}

impl WireResult {
    pub(super) fn read(self) -> Option<StayListing> {
        let currency = self.cheapest_rate_currency.as_deref();
        let due_currency = self.cheapest_rate_due_at_accommodation_currency.as_deref().or(currency);
        Some(StayListing {
            provider: Provider::Duffel,
            total: money_option(self.cheapest_rate_total_amount.as_deref(), currency),
            due_at_accommodation: money_option(self.cheapest_rate_due_at_accommodation_amount.as_deref(), due_currency),
            id: self.id,
            accommodation: self.accommodation.read().0?,
            check_in: self.check_in_date,
            check_out: self.check_out_date,
            price_label: None,
            expires_at: self.expires_at,
            url: None,
        })
    }
}

impl WireAccommodation {
    /// What it is, when it has a name, and its rates.
    pub(super) fn read(self) -> (Option<Accommodation>, Vec<StayRate>) {
        let rates = self
            .rooms
            .unwrap_or_default()
            .into_iter()
            .flat_map(WireRoom::read)
            .collect();
        let (address, point) = self.location.map_or((None, None), |location| {
            (location.address, location.geographic_coordinates)
        });
        let hours = self.check_in_information;
        let score = |scalar: Option<Scalar>, max: f64| {
            let number = scalar.as_ref().and_then(Scalar::number);
            number.filter(|number| (0.0..=max).contains(number))
        };
        let accommodation = bounded_option(self.name.as_deref(), 200).map(|name| Accommodation {
            id: self.id,
            name,
            description: bounded_option(self.description.as_deref(), 4_000),
            address: address
                .as_ref()
                .and_then(|a| bounded_option(a.line_one.as_deref(), 200)),
            city: address
                .as_ref()
                .and_then(|a| bounded_option(a.city_name.as_deref(), 100)),
            country: address
                .as_ref()
                .and_then(|a| bounded_option(a.country_code.as_deref(), 2)),
            coordinates: point.and_then(|point| Coordinates::new(point.latitude, point.longitude).ok()),
            stars: score(self.rating, 5.0),
            review_score: score(self.review_score, 10.0),
            review_count: self.review_count,
            amenities: self
                .amenities
                .unwrap_or_default()
                .iter()
                .filter_map(|amenity| bounded_option(amenity.kind.as_deref(), 50))
                .take(MANY)
                .collect(),
            photos: self
                .photos
                .unwrap_or_default()
                .iter()
                .filter_map(|photo| web_address(photo.url.as_deref()))
                .map(|url| Photo { url })
                .take(MANY)
                .collect(),
            check_in_after: hours
                .as_ref()
                .and_then(|h| bounded_option(h.check_in_after_time.as_deref(), 10)),
            check_out_before: hours
                .as_ref()
                .and_then(|h| bounded_option(h.check_out_before_time.as_deref(), 10)),
        });
        (accommodation, rates)
    }
}

impl WireRoom {
    fn read(self) -> Vec<StayRate> {
        let room = bounded_option(self.name.as_deref(), 200).unwrap_or_else(|| "room".to_owned());
        let rates = self.rates.unwrap_or_default().into_iter();
        rates.filter_map(|rate| rate.read(&room)).collect()
    }
}

impl WireRate {
    fn read(self, room: &str) -> Option<StayRate> {
        let due_currency = self
            .due_at_accommodation_currency
            .as_deref()
            .or(Some(&self.total_currency));
        // Nothing is said to come back that cannot be read as such.
        let cancellation = self
            .cancellation_timeline
            .unwrap_or_default()
            .into_iter()
            .filter_map(WireStep::read);
        let methods = self.available_payment_methods.unwrap_or_default();
        Some(StayRate {
            total: money(&self.total_amount, &self.total_currency)?,
            due_at_accommodation: money_option(self.due_at_accommodation_amount.as_deref(), due_currency),
            id: self.id,
            room: room.to_owned(),
            board: bounded_option(self.board_type.as_deref(), 50),
            cancellation: cancellation.collect(),
            payable_from_balance: methods.iter().any(|method| method.text() == "balance"),
            quantity_available: self.quantity_available,
            expires_at: self.expires_at,
        })
    }
}

impl WireStep {
    fn read(self) -> Option<CancellationStep> {
        Some(CancellationStep {
            before: self.before,
            refund: money(&self.refund_amount, &self.currency)?,
        })
    }
}

impl WireQuote {
    pub(super) fn read(self) -> Option<StayQuote> {
        let total = money(&self.total_amount, &self.total_currency)?;
        let due_currency = self
            .due_at_accommodation_currency
            .as_deref()
            .or(Some(&self.total_currency));
        let due = money_option(self.due_at_accommodation_amount.as_deref(), due_currency);
        let (accommodation, rates) = self.accommodation.read();
        let accommodation = accommodation?;
        Some(StayQuote {
            id: self.id,
            total,
            due_at_accommodation: due,
            name: accommodation.name,
            coordinates: accommodation.coordinates,
            check_in: self.check_in_date,
            check_out: self.check_out_date,
            rooms: self.rooms.unwrap_or(1),
            // A quote repeats the one rate that it is for.
            cancellation: rates
                .into_iter()
                .next()
                .map(|rate| rate.cancellation)
                .unwrap_or_default(),
        })
    }
}

impl WireBooking {
    pub(super) fn read(self) -> StayBooking {
        StayBooking {
            status: match self.status.as_deref() {
                Some("confirmed") => StayBookingStatus::Confirmed,
                Some("cancelled") => StayBookingStatus::Cancelled,
                _ => StayBookingStatus::Other,
            },
            booking: self.metadata.booking(),
            id: self.id,
            reference: bounded_option(self.reference.as_deref(), 50),
            name: self
                .accommodation
                .and_then(|place| place.read().0)
                .map(|place| place.name),
            check_in: self.check_in_date,
            check_out: self.check_out_date,
            confirmed_at: self.confirmed_at,
            cancelled_at: self.cancelled_at,
            key_collection: self
                .key_collection
                .and_then(|keys| bounded_option(keys.instructions.as_deref(), 1_000)),
        }
    }
}
