use serde::Serialize;
use tripsage_domain::trip::Coordinates;
use tripsage_providers::model::{Place, PlaceDetails};
use tripsage_reference::Position;
use utoipa::ToSchema;

use crate::{places::PointBody, weather::Attribution};

/// Something to do. Google asks that its content is kept briefly only: keep the id.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct ActivityBody {
    /// Google's id of the place.
    #[schema(example = "ChIJIW0uPRUPAWAR6eI6dRzKGns")]
    id: String,
    /// Its name.
    name: String,
    /// What it mainly is, in Google's words: `museum`.
    r#type: Option<String>,
    /// Everything it is.
    types: Vec<String>,
    /// Its address.
    location: Option<String>,
    /// Where it is.
    coordinates: Option<PointBody>,
    /// 1 to 5.
    rating: Option<f64>,
    /// By how many people.
    review_count: Option<u32>,
    /// `free`, `inexpensive`, `moderate`, `expensive` or `very_expensive`.
    price_level: Option<&'static str>,
    /// `false`: closed for a while or for good.
    is_open: Option<bool>,
    /// Kilometres from the place that was asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    distance_km: Option<f64>,
    /// Who knows it.
    provider: &'static str,
    /// Its page on Google's map: must be linked where it is shown.
    map_url: Option<String>,
    /// Must be shown with it.
    attribution: Attribution,
    /// Its own page.
    #[serde(skip_serializing_if = "Option::is_none")]
    website: Option<String>,
    /// Telephone number.
    #[serde(skip_serializing_if = "Option::is_none")]
    phone: Option<String>,
    /// Opening hours, a line for each day.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    opening_hours: Vec<String>,
    /// Whether its entrance is step-free.
    #[serde(skip_serializing_if = "Option::is_none")]
    wheelchair_accessible: Option<bool>,
}

impl ActivityBody {
    pub(super) fn new(place: &Place, distance_km: Option<f64>) -> Self {
        Self {
            id: place.id.clone(),
            name: place.name.clone(),
            r#type: place.primary_type.clone(),
            types: place.types.clone(),
            location: place.address.clone(),
            coordinates: place.coordinates.map(PointBody::from),
            rating: place.rating,
            review_count: place.rating_count,
            price_level: place.price_level.map(|level| level.name()),
            is_open: place.operational,
            distance_km: distance_km.map(|km| (km * 100.0).round() / 100.0),
            provider: "google_places",
            map_url: place.map_url.clone(),
            attribution: Attribution {
                text: "Google Maps",
                url: "https://www.google.com/maps",
                licence: None,
            },
            website: None,
            phone: None,
            opening_hours: Vec::new(),
            wheelchair_accessible: None,
        }
    }

    pub(super) fn detailed(details: &PlaceDetails) -> Self {
        Self {
            website: details.website.clone(),
            phone: details.phone.clone(),
            opening_hours: details.hours.clone(),
            wheelchair_accessible: details.wheelchair_accessible,
            ..Self::new(&details.place, None)
        }
    }
}

/// Kilometres between two points.
pub(super) fn kilometres(from: Option<Coordinates>, to: Option<Coordinates>) -> Option<f64> {
    let position = |at: Coordinates| Position {
        latitude: at.latitude,
        longitude: at.longitude,
    };
    Some(position(from?).kilometres_to(position(to?)))
}

/// 0 to 1: the rating, drawn towards 3.5 of 5 while only a few people gave it.
pub(crate) fn rating_score(place: &Place) -> f64 {
    let Some(rating) = place.rating else { return 0.5 };
    let people = f64::from(place.rating_count.unwrap_or(1));
    let drawn = (rating * people + 3.5 * 20.0) / (people + 20.0);
    ((drawn - 1.0) / 4.0 * 1000.0).round() / 1000.0
}
