//! Airports and cities, and how far they are apart.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use serde_json::{Value, json};
use tripsage_reference::{City, Position};

/// An airport, as the sandboxes need it.
#[derive(Debug)]
pub(crate) struct Airport {
    pub(crate) iata: String,
    pub(crate) name: String,
    pub(crate) city: String,
    pub(crate) country: String,
    pub(crate) latitude: f64,
    pub(crate) longitude: f64,
    pub(crate) time_zone: String,
    /// Code of the city with several airports that this is one of.
    group: &'static str,
}

static AIRPORTS: LazyLock<BTreeMap<String, Airport>> = LazyLock::new(|| {
    let airport = |airport: &tripsage_reference::Airport| Airport {
        iata: airport.code.to_owned(),
        name: airport.name(),
        city: airport.city.to_owned(),
        country: airport.country.to_owned(),
        latitude: airport.position.latitude,
        longitude: airport.position.longitude,
        time_zone: airport.zone.to_owned(),
        group: airport.group,
    };
    let all = tripsage_reference::airports().iter().map(airport);
    all.map(|airport| (airport.iata.clone(), airport)).collect()
});

/// Every airport there is.
pub(crate) fn airports() -> impl Iterator<Item = &'static Airport> {
    AIRPORTS.values()
}

/// The airport with this code.
pub(crate) fn airport(iata: &str) -> Option<&'static Airport> {
    AIRPORTS.get(iata)
}

/// Of the airports of these cities the one that is used most. The open data do not say.
const MAIN: [&str; 18] = [
    "LHR", "JFK", "CDG", "HND", "MXP", "KIX", "ICN", "PVG", "PEK", "IAD", "ORD", "FCO", "ARN", "GRU", "GIG", "EZE",
    "YYZ", "YUL",
];

/// The airports that a code of an airport or of a city means, the main one first.
pub(crate) fn meant_by(code: &str) -> Vec<&'static Airport> {
    let meant = tripsage_reference::departure(code).map(|departure| departure.airports);
    let mut meant: Vec<_> = meant
        .into_iter()
        .flatten()
        .filter_map(|one| airport(one.code))
        .collect();
    meant.sort_by_key(|airport| !MAIN.contains(&airport.iata.as_str()));
    meant
}

/// The airport next to a point (latitude, longitude), if there is one within so many kilometres.
pub(crate) fn nearest(point: (f64, f64), kilometres: f64) -> Option<&'static Airport> {
    let position = Position {
        latitude: point.0,
        longitude: point.1,
    };
    let near = tripsage_reference::airports_near(position, kilometres, usize::MAX);
    let (nearest, _) = near.into_iter().min_by(|(_, one), (_, other)| one.total_cmp(other))?;
    airport(nearest.code)
}

/// The city that a text names: all of it, or what follows its last ` in `.
pub(crate) fn city_in(text: &str) -> Option<&'static City> {
    let named = text.rsplit_once(" in ").map_or(text, |(_, named)| named);
    tripsage_reference::city_named(named.trim())
}

impl Airport {
    /// The code of its city; its own where the city has only this one.
    pub(crate) fn city_code(&self) -> &str {
        if self.group.is_empty() { &self.iata } else { self.group }
    }

    /// As Duffel describes it.
    pub(crate) fn json(&self) -> Value {
        json!({
            "id": format!("arp_{}_{}", self.iata.to_lowercase(), self.country.to_lowercase()),
            "type": "airport",
            "iata_code": self.iata,
            "icao_code": null,
            "iata_country_code": self.country,
            "iata_city_code": self.city_code(),
            "name": self.name,
            "city_name": self.city,
            "city": self.city_json(),
            "latitude": self.latitude,
            "longitude": self.longitude,
            "time_zone": self.time_zone,
        })
    }

    /// Its city as Duffel describes it.
    pub(crate) fn city_json(&self) -> Value {
        let code = self.city_code();
        json!({
            "id": format!("cit_{}_{}", code.to_lowercase(), self.country.to_lowercase()),
            "type": "city",
            "name": self.city,
            "iata_code": code,
            "iata_country_code": self.country,
        })
    }

    /// Kilometres to another one.
    pub(crate) fn distance(&self, other: &Self) -> f64 {
        distance((self.latitude, self.longitude), (other.latitude, other.longitude))
    }
}

/// Kilometres between two points (latitude, longitude) along a great circle.
pub(crate) fn distance(from: (f64, f64), to: (f64, f64)) -> f64 {
    let (from_latitude, to_latitude) = (from.0.to_radians(), to.0.to_radians());
    let half_latitude = (to_latitude - from_latitude) / 2.0;
    let half_longitude = (to.1 - from.1).to_radians() / 2.0;
    let a = half_latitude.sin().powi(2) + from_latitude.cos() * to_latitude.cos() * half_longitude.sin().powi(2);
    2.0 * 6371.0 * a.sqrt().min(1.0).asin()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_found_by_code_point_and_name() {
        let (heathrow, kennedy) = (airport("LHR").unwrap(), airport("JFK").unwrap());
        assert!((5520.0..5560.0).contains(&heathrow.distance(kennedy)));
        assert_eq!(heathrow.city_code(), "LON");
        assert_eq!(meant_by("LON").first().unwrap().iata, "LHR");
        assert_eq!(nearest((51.47, -0.46), 50.0).unwrap().iata, "LHR");
        assert!(nearest((0.0, -140.0), 100.0).is_none());
        for text in ["Kyoto", "Kyoto, Japan", "things to do in kyoto"] {
            assert_eq!(city_in(text).unwrap().slug, "kyoto-jp", "{text}");
        }
        assert!(city_in("Atlantis").is_none());
    }
}
