//! Airports, cities and countries, bundled from open data. No network, no state.
//!
//! What it holds is in `data/`, made by `data/generate.py` (which says how) of airportsdata (MIT) and GeoNames (CC BY 4.0,
//! to be named wherever it is shown: [`ATTRIBUTION`]). A file is read when something of it is first asked for, and the
//! texts stay where they are in the binary.

mod airports;
mod cities;
mod countries;
mod fold;
mod rows;

pub use airports::{Airport, Departure, airport, airports, airports_near, departure, find_airports};
pub use cities::{City, city, city_named, find_cities, popular_cities, search_cities};
pub use countries::{Continent, Country, country, find_countries};
pub use fold::{folded, slug};

/// What has to be said wherever facts of cities and countries are shown.
pub const ATTRIBUTION: &str = "Places: GeoNames (https://www.geonames.org), CC BY 4.0";

/// A position on the globe, in degrees.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Position {
    /// North of the equator.
    pub latitude: f64,
    /// East of Greenwich.
    pub longitude: f64,
}

impl Position {
    /// Great-circle distance in kilometres, on a sphere of 6,371 km.
    pub fn kilometres_to(self, other: Self) -> f64 {
        let (a, b) = (self.latitude.to_radians(), other.latitude.to_radians());
        let (dp, dl) = (b - a, (other.longitude - self.longitude).to_radians());
        let half = (dp / 2.0).sin().powi(2) + a.cos() * b.cos() * (dl / 2.0).sin().powi(2);
        2.0 * 6371.0 * half.sqrt().min(1.0).asin()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn distances_are_those_of_great_circles() {
        let (lhr, jfk) = (airport("LHR").unwrap(), airport("JFK").unwrap());
        let kilometres = lhr.position.kilometres_to(jfk.position);
        assert!((5520.0..5560.0).contains(&kilometres), "{kilometres}");
        assert!(lhr.position.kilometres_to(lhr.position) < 0.001);
    }
}
