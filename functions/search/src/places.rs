//! What clients call a place, and where it is.

use serde::Serialize;
use tripsage_domain::{
    text::TextRule,
    trip::Coordinates,
    validation::{Checks, Rule},
};
use tripsage_reference::{Airport, City, Position};
use utoipa::ToSchema;

use crate::fields::point;

/// A point.
#[derive(Debug, Clone, Copy, Serialize, ToSchema)]
pub(crate) struct PointBody {
    /// North of the equator.
    pub(crate) latitude: f64,
    /// East of Greenwich.
    pub(crate) longitude: f64,
}

impl From<Coordinates> for PointBody {
    fn from(at: Coordinates) -> Self {
        Self {
            latitude: at.latitude,
            longitude: at.longitude,
        }
    }
}

impl From<Position> for PointBody {
    fn from(at: Position) -> Self {
        Self {
            latitude: at.latitude,
            longitude: at.longitude,
        }
    }
}

/// A place that was asked for.
#[derive(Debug, Clone)]
pub(crate) struct Spot {
    /// As a person would say it.
    pub(crate) name: String,
    /// Where it is; `None`: not known here.
    pub(crate) at: Option<Coordinates>,
    /// The destination that it is.
    pub(crate) city: Option<&'static City>,
}

pub(crate) fn coordinates(position: Position) -> Option<Coordinates> {
    Coordinates::new(position.latitude, position.longitude).ok()
}

/// A place by its name, the id of a destination, or its coordinates; the coordinates win.
pub(crate) fn spot(
    checks: &mut Checks,
    field: &str,
    name: Option<&str>,
    latitude: Option<f64>,
    longitude: Option<f64>,
) -> Option<Spot> {
    let name = checks.optional(field, name, |name| TextRule::line(1, 200).parse(name));
    let at = point(checks, latitude, longitude);
    let city = name.as_deref().and_then(tripsage_reference::city_named);
    match (name, at) {
        (None, None) => {
            let rule = Rule::new("required", "is required, or latitude and longitude");
            checks.take::<()>(field, Err(rule));
            None
        }
        (name, at) => Some(Spot {
            at: at.or_else(|| coordinates(city?.position)),
            name: match (city, name) {
                (Some(city), _) => full_name(city),
                (None, Some(name)) => name,
                (None, None) => at
                    .map(|at| format!("{:.4}, {:.4}", at.latitude, at.longitude))
                    .unwrap_or_default(),
            },
            city,
        }),
    }
}

/// `Kyoto, Japan`.
pub(crate) fn full_name(city: &City) -> String {
    match city.country() {
        Some(country) if country.name != city.name => format!("{}, {}", city.name, country.name),
        _ => city.name.to_owned(),
    }
}

/// An airport.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct AirportBody {
    /// IATA code.
    #[schema(example = "ZRH")]
    iata_code: &'static str,
    /// Name.
    name: String,
    /// City that it serves.
    city: &'static str,
    /// Name of the country.
    country: &'static str,
    /// ISO 3166-1 code of the country.
    country_code: &'static str,
    /// Where it is.
    coordinates: PointBody,
    /// IANA name of its time zone.
    time_zone: &'static str,
    /// IATA code of its city, where that has several airports.
    #[serde(skip_serializing_if = "Option::is_none")]
    city_code: Option<&'static str>,
    /// Kilometres from what was asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    distance_km: Option<f64>,
}

impl AirportBody {
    pub(crate) fn new(airport: &Airport, distance_km: Option<f64>) -> Self {
        Self {
            iata_code: airport.code,
            name: airport.name(),
            city: airport.city,
            country: airport.country().map_or("", |country| country.name),
            country_code: airport.country,
            coordinates: airport.position.into(),
            time_zone: airport.zone,
            city_code: Some(airport.group).filter(|group| !group.is_empty()),
            distance_km: distance_km.map(|km| (km * 10.0).round() / 10.0),
        }
    }
}
