use std::{collections::HashMap, sync::OnceLock};

use crate::{
    Country, Position, country,
    fold::{folded, match_rank},
    rows::rows,
};

/// An airport with an IATA code.
#[derive(Debug, Clone, Copy)]
pub struct Airport {
    /// IATA code: three characters, letters but for a handful.
    pub code: &'static str,
    /// Without its common ending.
    name: &'static str,
    /// Whether the name ends with `Airport`, `International Airport`, or neither.
    ending: &'static str,
    /// The city that it serves; may be empty.
    pub city: &'static str,
    /// ISO code of two letters.
    pub country: &'static str,
    /// Where it is.
    pub position: Position,
    /// IANA name of its time zone.
    pub zone: &'static str,
    /// 0 to 9: how large it is likely to be. Only for the order of suggestions.
    pub importance: u8,
    /// IATA code of a city with several airports, which this is one of; empty otherwise.
    pub group: &'static str,
}

impl Airport {
    /// Its name.
    pub fn name(&self) -> String {
        format!("{}{}", self.name, self.ending)
    }

    /// The country that it is in.
    pub fn country(&self) -> Option<&'static Country> {
        country(self.country)
    }
}

/// All of them, sorted by code.
pub fn airports() -> &'static [Airport] {
    static ALL: OnceLock<Vec<Airport>> = OnceLock::new();
    ALL.get_or_init(|| {
        rows(include_str!("../data/airports.tsv"))
            .map(|mut row| {
                let code = row.text();
                let written = row.text();
                let (name, ending) = match (written.strip_suffix('^'), written.strip_suffix('~')) {
                    (Some(name), _) => (name, " International Airport"),
                    (_, Some(name)) => (name, " Airport"),
                    _ => (written, ""),
                };
                let city = row.text();
                Airport {
                    code,
                    name,
                    ending,
                    city: if city == "=" { name } else { city },
                    country: row.text(),
                    position: row.position(),
                    zone: row.zone(),
                    importance: row.number(),
                    group: row.text(),
                }
            })
            .collect()
    })
}

/// In the order of [`airports`]: what each is found by.
fn words() -> &'static [String] {
    static ALL: OnceLock<Vec<String>> = OnceLock::new();
    ALL.get_or_init(|| {
        let words = |airport: &Airport| folded(&format!("{} {}", airport.city, airport.name()));
        airports().iter().map(words).collect()
    })
}

/// The airport with this IATA code, in any case.
pub fn airport(code: &str) -> Option<&'static Airport> {
    let code = code.to_ascii_uppercase();
    let all = airports();
    all.binary_search_by_key(&code.as_str(), |airport| airport.code)
        .ok()
        .and_then(|at| all.get(at))
}

/// Where a flight can begin or end: an airport, or a city with several.
#[derive(Debug, Clone)]
pub struct Departure {
    /// IATA code of the airport or of the city.
    pub code: &'static str,
    /// Its name.
    pub name: String,
    /// The airports that it means; never empty.
    pub airports: Vec<&'static Airport>,
}

impl Departure {
    /// IANA name of the zone whose clocks count there.
    pub fn zone(&self) -> &'static str {
        self.airports.first().map_or("UTC", |airport| airport.zone)
    }
}

/// Cities with several airports: code and name.
fn groups() -> &'static HashMap<&'static str, &'static str> {
    static ALL: OnceLock<HashMap<&'static str, &'static str>> = OnceLock::new();
    ALL.get_or_init(|| {
        rows(include_str!("../data/groups.tsv"))
            .map(|mut row| (row.text(), row.text()))
            .collect()
    })
}

fn members(group: &str) -> Vec<&'static Airport> {
    let mut members: Vec<&Airport> = airports().iter().filter(|airport| airport.group == group).collect();
    members.sort_by_key(|airport| (std::cmp::Reverse(airport.importance), airport.code));
    members
}

/// What an IATA code of an airport or of a city with several airports means. Where a code is both, the airport.
pub fn departure(code: &str) -> Option<Departure> {
    if let Some(airport) = airport(code) {
        return Some(Departure {
            code: airport.code,
            name: airport.name(),
            airports: vec![airport],
        });
    }
    let (code, name) = groups().get_key_value(code.to_ascii_uppercase().as_str())?;
    let airports = members(code);
    (!airports.is_empty()).then(|| Departure {
        code,
        name: (*name).to_owned(),
        airports,
    })
}

/// Airports that fit what somebody is typing: a code, or beginnings of the words of its city and name. The best first.
pub fn find_airports(query: &str, limit: usize) -> Vec<&'static Airport> {
    let query = folded(query);
    if query.is_empty() {
        return Vec::new();
    }
    let upper = query.to_ascii_uppercase();
    let mut found: Vec<(u8, u8, &Airport)> = airports()
        .iter()
        .zip(words())
        .filter_map(|(airport, words)| {
            let coded = airport.code == upper || (!airport.group.is_empty() && airport.group == upper);
            let rank = if coded {
                0
            } else {
                1 + match_rank(words, &query)?.max(1)
            };
            Some((rank, 9 - airport.importance.min(9), airport))
        })
        .collect();
    // A code stands before everything. Else size says more than the order of words does, unless a whole city matches.
    found.sort_by_key(|(rank, size, airport)| (*rank > 0, *rank > 2, *size, *rank, airport.code));
    found.into_iter().take(limit).map(|(.., airport)| airport).collect()
}

/// Airports within so many kilometres, larger ones first, with their distance.
pub fn airports_near(position: Position, kilometres: f64, limit: usize) -> Vec<(&'static Airport, f64)> {
    // A degree of latitude is 111 km everywhere: most airports are ruled out without trigonometry.
    let band = kilometres / 110.0;
    let mut found: Vec<(&Airport, f64)> = airports()
        .iter()
        .filter(|airport| (airport.position.latitude - position.latitude).abs() <= band)
        .map(|airport| (airport, airport.position.kilometres_to(position)))
        .filter(|(_, distance)| *distance <= kilometres)
        .collect();
    found.sort_by(|(a, x), (b, y)| b.importance.cmp(&a.importance).then(x.total_cmp(y)));
    found.truncate(limit);
    found
}

#[cfg(test)]
mod tests {
    use tripsage_domain::trip::Zone;

    use super::*;

    fn codes(query: &str) -> Vec<&'static str> {
        find_airports(query, 8)
            .into_iter()
            .map(|airport| airport.code)
            .collect()
    }

    #[test]
    fn every_row_is_whole() {
        let all = airports();
        assert_eq!(all.len(), 7884);
        assert!(all.is_sorted_by_key(|airport| airport.code));
        for airport in all {
            let coded = airport.code.len() == 3
                && airport
                    .code
                    .bytes()
                    .all(|b| b.is_ascii_uppercase() || b.is_ascii_digit());
            assert!(coded && !airport.name.is_empty(), "{airport:?}");
            assert!(airport.country().is_some(), "{airport:?}");
            assert_eq!(
                Zone::parse(airport.zone).map(|zone| zone.name().to_owned()).as_deref(),
                Ok(airport.zone)
            );
            let Position { latitude, longitude } = airport.position;
            assert!(
                latitude.abs() <= 90.0 && longitude.abs() <= 180.0 && (latitude, longitude) != (0.0, 0.0),
                "{airport:?}"
            );
            assert!(airport.importance <= 9);
            assert!(
                airport.group.is_empty() || groups().contains_key(airport.group),
                "{airport:?}"
            );
        }
    }

    #[test]
    fn every_city_with_several_airports_has_them() {
        assert_eq!(groups().len(), 41);
        for code in groups().keys() {
            assert!(!members(code).is_empty(), "{code}");
        }
        let london = departure("lon").unwrap();
        assert_eq!(
            (london.code, london.name.as_str(), london.zone()),
            ("LON", "London", "Europe/London")
        );
        assert!(london.airports.iter().any(|airport| airport.code == "LGW"));
        assert_eq!(departure("ZRH").unwrap().airports.len(), 1);
        assert!(departure("XXX").is_none() && departure("").is_none());
    }

    #[test]
    fn airports_are_found_by_code_city_and_name() {
        assert_eq!(codes("zrh")[0], "ZRH");
        assert_eq!(codes("Zürich")[0], "ZRH");
        assert_eq!(codes("heathrow"), ["LHR"]);
        assert!(codes("london")[..6].contains(&"LHR") && codes("london")[..6].contains(&"LGW"));
        assert_eq!(codes("new york ken")[0], "JFK");
        assert!(
            codes("lon")[..6].contains(&"LHR"),
            "the code of the city: {:?}",
            codes("lon")
        );
        assert_eq!(codes("kenned")[0], "JFK");
        assert!(codes("!!").is_empty());
        assert_eq!(airport("hnd").unwrap().name(), "Tokyo International Airport");
    }

    #[test]
    fn airports_near_a_city_are_known() {
        let zurich = Position {
            latitude: 47.37,
            longitude: 8.54,
        };
        let near = airports_near(zurich, 60.0, 3);
        assert!(
            near.iter().any(|(airport, km)| airport.code == "ZRH" && *km < 15.0),
            "{near:?}"
        );
    }
}
