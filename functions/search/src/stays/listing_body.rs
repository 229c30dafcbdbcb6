use serde::Serialize;
use tripsage_domain::search::{Score, StayFacts, StayMerits};
use tripsage_providers::{
    Provider,
    model::{Accommodation, StayListing, StayRate},
};
use utoipa::ToSchema;

use crate::{
    fields::{Price, ScorePart, score_parts},
    places::PointBody,
};

/// Somewhere to stay. Prices are for all nights and rooms.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct ListingBody {
    /// Its id, with which it can be read: the source and the source's id.
    #[schema(example = "duffel_srr_0000AEdGRhtp5AUUdJqW9Y")]
    id: String,
    /// Its name.
    name: String,
    /// In some sentences.
    description: Option<String>,
    /// `hotel` or `home`.
    property_type: &'static str,
    /// Where it is.
    location: LocationBody,
    /// Price in all.
    total_price: Option<String>,
    /// Price of a night, on average.
    price_per_night: Option<String>,
    /// ISO 4217 code of the prices.
    currency: Option<&'static str>,
    /// The part that is paid there.
    #[serde(skip_serializing_if = "Option::is_none")]
    due_at_accommodation: Option<Price>,
    /// The price in the source's own words, where it is only words.
    #[serde(skip_serializing_if = "Option::is_none")]
    price_label: Option<String>,
    /// What guests think of it, 0 to 10.
    rating: Option<f64>,
    /// How many guests.
    review_count: Option<u32>,
    /// Stars of the house.
    #[serde(skip_serializing_if = "Option::is_none")]
    stars: Option<f64>,
    /// What it has, in the source's words.
    amenities: Vec<String>,
    /// Addresses of photographs.
    images: Vec<ImageBody>,
    /// From when on one may come.
    check_in_time: Option<String>,
    /// By when one must leave.
    check_out_time: Option<String>,
    /// Nights.
    nights: Option<u8>,
    /// Who offers it.
    source: &'static str,
    /// The source's id.
    source_listing_id: String,
    /// Where it is booked; absent when it is booked here.
    #[serde(skip_serializing_if = "Option::is_none")]
    listing_url: Option<String>,
    /// Whether it can be booked here: it was found with the caller's own key.
    bookable: bool,
    /// The same place as others offer it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    also_offered: Vec<AlsoBody>,
    /// How good it is among all that were found, 0 to 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    score: Option<f64>,
    /// The part of the price.
    #[serde(skip_serializing_if = "Option::is_none")]
    price_score: Option<f64>,
    /// The part of the distance.
    #[serde(skip_serializing_if = "Option::is_none")]
    location_score: Option<f64>,
    /// What the score is made of.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    score_parts: Vec<ScorePart>,
    /// Rooms at their prices; only for a listing that is read alone.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) rates: Vec<RateBody>,
}

/// Where it is.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct LocationBody {
    /// Street and number.
    address: Option<String>,
    /// City.
    city: Option<String>,
    /// ISO 3166-1 code of the country.
    country: Option<String>,
    /// On the map.
    coordinates: Option<PointBody>,
    /// Kilometres from the place that was asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    distance_to_center: Option<f64>,
}

/// A photograph.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct ImageBody {
    /// Its address.
    url: String,
}

/// The same place as another one offers it.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct AlsoBody {
    /// Its id.
    id: String,
    /// Who offers it.
    source: &'static str,
    /// Price in all.
    price: Option<Price>,
}

/// A room at a price.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct RateBody {
    /// The id that a booking names.
    id: String,
    /// Which room.
    room: String,
    /// `room_only`, `breakfast` and others.
    board: Option<String>,
    /// Price in all.
    price: Price,
    /// The part that is paid there.
    due_at_accommodation: Option<Price>,
    /// What comes back when it is cancelled, by time; empty: nothing.
    cancellation: Vec<CancellationBody>,
    /// Whether it can be paid from the balance of the account with the source, as bookings here are.
    payable_from_balance: bool,
    /// How many are left.
    quantity_available: Option<u32>,
}

/// What comes back when it is cancelled before an instant.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct CancellationBody {
    /// Before when.
    #[schema(format = DateTime)]
    before: String,
    /// How much.
    refund: Price,
}

/// What a source lets: Duffel rooms in hotels, Airbnb homes.
fn kind(provider: Provider) -> &'static str {
    if provider == Provider::Airbnb { "home" } else { "hotel" }
}

/// What choosing between stays depends on.
pub(crate) fn stay_facts(listing: &StayListing) -> StayFacts {
    let accommodation = &listing.accommodation;
    StayFacts {
        name: accommodation.name.clone(),
        at: accommodation.coordinates,
        price: listing.total,
        rating: accommodation.review_score,
        ratings: accommodation.review_count,
        amenities: accommodation
            .amenities
            .iter()
            .map(|amenity| amenity.to_lowercase())
            .collect(),
        kind: kind(listing.provider),
    }
}

fn id_of(listing: &StayListing) -> String {
    format!("{}_{}", listing.provider, listing.id)
}

impl ListingBody {
    pub(super) fn new(listing: &StayListing, nights: Option<u8>, own_key: bool) -> Self {
        let accommodation = &listing.accommodation;
        let per_night = listing.total.zip(nights).and_then(|(total, nights)| {
            let minor = total.minor / i64::from(nights.max(1));
            tripsage_domain::money::Money::new(minor, total.currency).ok()
        });
        Self {
            id: id_of(listing),
            total_price: listing.total.map(|total| total.decimal()),
            price_per_night: per_night.map(|price| price.decimal()),
            currency: listing.total.map(|total| total.currency.code()),
            due_at_accommodation: listing.due_at_accommodation.map(Price::from),
            price_label: listing.price_label.clone(),
            nights,
            source_listing_id: listing.id.clone(),
            listing_url: listing.url.clone(),
            bookable: listing.provider == Provider::Duffel && own_key,
            ..Self::of(accommodation, listing.provider)
        }
    }

    fn of(accommodation: &Accommodation, provider: Provider) -> Self {
        Self {
            id: format!("{provider}_{}", accommodation.id),
            name: accommodation.name.clone(),
            description: accommodation.description.clone(),
            property_type: kind(provider),
            location: LocationBody {
                address: accommodation.address.clone(),
                city: accommodation.city.clone(),
                country: accommodation.country.clone(),
                coordinates: accommodation.coordinates.map(PointBody::from),
                distance_to_center: None,
            },
            total_price: None,
            price_per_night: None,
            currency: None,
            due_at_accommodation: None,
            price_label: None,
            rating: accommodation.review_score,
            review_count: accommodation.review_count,
            stars: accommodation.stars,
            amenities: accommodation.amenities.clone(),
            images: accommodation
                .photos
                .iter()
                .map(|photo| ImageBody { url: photo.url.clone() })
                .collect(),
            check_in_time: accommodation.check_in_after.clone(),
            check_out_time: accommodation.check_out_before.clone(),
            nights: None,
            source: provider.name(),
            source_listing_id: accommodation.id.clone(),
            listing_url: None,
            bookable: false,
            also_offered: Vec::new(),
            score: None,
            price_score: None,
            location_score: None,
            score_parts: Vec::new(),
            rates: Vec::new(),
        }
    }

    /// A search result of Duffel with its rooms.
    pub(super) fn with_rates(id: &str, accommodation: &Accommodation, rates: &[StayRate], own_key: bool) -> Self {
        let cheapest = rates.iter().min_by_key(|rate| rate.total.minor).map(|rate| rate.total);
        Self {
            id: format!("{}_{id}", Provider::Duffel),
            source_listing_id: id.to_owned(),
            total_price: cheapest.map(|total| total.decimal()),
            currency: cheapest.map(|total| total.currency.code()),
            bookable: own_key && !rates.is_empty(),
            rates: rates.iter().map(RateBody::new).collect(),
            ..Self::of(accommodation, Provider::Duffel)
        }
    }

    pub(super) fn judged(mut self, merits: &StayMerits, also: Vec<&StayListing>) -> Self {
        let score: &Score = &merits.score;
        self.score = Some(score.total);
        self.price_score = score.part("price");
        self.location_score = score.part("location");
        self.score_parts = score_parts(score);
        self.location.distance_to_center = merits.distance_km.map(|km| (km * 100.0).round() / 100.0);
        self.also_offered = also
            .into_iter()
            .map(|listing| AlsoBody {
                id: id_of(listing),
                source: listing.provider.name(),
                price: listing.total.map(Price::from),
            })
            .collect();
        self
    }
}

impl RateBody {
    fn new(rate: &StayRate) -> Self {
        Self {
            id: rate.id.clone(),
            room: rate.room.clone(),
            board: rate.board.clone(),
            price: rate.total.into(),
            due_at_accommodation: rate.due_at_accommodation.map(Price::from),
            cancellation: rate
                .cancellation
                .iter()
                .map(|step| CancellationBody {
                    before: step.before.to_string(),
                    refund: step.refund.into(),
                })
                .collect(),
            payable_from_balance: rate.payable_from_balance,
            quantity_available: rate.quantity_available,
        }
    }
}
