//! Airports and cities, and how far they are apart.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use serde::Deserialize;
use serde_json::{Value, json};

/// An airport of the bundled extract of airportsdata.
#[derive(Debug, Deserialize)]
pub(crate) struct Airport {
    pub(crate) iata: String,
    pub(crate) name: String,
    pub(crate) city: String,
    pub(crate) country: String,
    pub(crate) latitude: f64,
    pub(crate) longitude: f64,
    pub(crate) time_zone: String,
}

/// Cities with several airports: their code, and the airports' codes, most used first.
const CITIES: &[(&str, &[&str])] = &[
    ("LON", &["LHR", "LGW", "STN", "LTN", "LCY"]),
    ("NYC", &["JFK", "EWR", "LGA"]),
    ("PAR", &["CDG", "ORY"]),
    ("TYO", &["HND", "NRT"]),
    ("MIL", &["MXP", "LIN"]),
    ("OSA", &["KIX"]),
    ("SEL", &["ICN"]),
    ("SHA", &["PVG"]),
    ("BJS", &["PEK"]),
    ("WAS", &["IAD"]),
    ("CHI", &["ORD"]),
    ("ROM", &["FCO"]),
    ("STO", &["ARN"]),
    ("SAO", &["GRU"]),
    ("RIO", &["GIG"]),
    ("BUE", &["EZE"]),
    ("YTO", &["YYZ"]),
    ("YMQ", &["YUL"]),
];

static AIRPORTS: LazyLock<BTreeMap<String, Airport>> = LazyLock::new(|| {
    // Part of the binary, so that it cannot be broken at run time; a test reads it.
    let all: Vec<Airport> = serde_json::from_str(include_str!("../../local/data/airports.json")).unwrap_or_default();
    all.into_iter().map(|airport| (airport.iata.clone(), airport)).collect()
});

/// Every airport there is.
pub(crate) fn airports() -> impl Iterator<Item = &'static Airport> {
    AIRPORTS.values()
}

/// The airport with this code.
pub(crate) fn airport(iata: &str) -> Option<&'static Airport> {
    AIRPORTS.get(iata)
}

/// The airports that a code of an airport or of a city means, most used first.
pub(crate) fn meant_by(code: &str) -> Vec<&'static Airport> {
    match airport(code) {
        Some(airport) => vec![airport],
        None => {
            let city = CITIES.iter().find(|(city, _)| *city == code);
            city.map_or(&[][..], |(_, codes)| codes)
                .iter()
                .filter_map(|code| airport(code))
                .collect()
        }
    }
}

impl Airport {
    /// The code of its city; its own where the city has only this one.
    pub(crate) fn city_code(&self) -> &str {
        let city = CITIES.iter().find(|(_, codes)| codes.contains(&self.iata.as_str()));
        city.map_or(&self.iata, |(code, _)| code)
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
    fn the_bundled_airports_can_be_read() {
        assert!(airports().count() > 100);
        for airport in airports() {
            assert!(jiff::tz::TimeZone::get(&airport.time_zone).is_ok(), "{airport:?}");
        }
        for (_, codes) in CITIES {
            assert!(codes.iter().all(|code| airport(code).is_some()), "{codes:?}");
        }
        let (heathrow, kennedy) = (airport("LHR").unwrap(), airport("JFK").unwrap());
        assert!((5530.0..5560.0).contains(&heathrow.distance(kennedy)));
        assert_eq!(heathrow.city_code(), "LON");
    }
}
