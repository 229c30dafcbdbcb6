use std::{collections::HashMap, sync::OnceLock};

use crate::{
    Country, Position, country,
    fold::{folded, match_rank, slug},
    rows::rows,
};

/// A city that people travel to.
#[derive(Debug, Clone)]
pub struct City {
    /// Its id: name and country, and the region where a larger city of the country has the same name: `portland-us-me`.
    pub slug: String,
    /// Its name, as GeoNames has it: mostly in English.
    pub name: &'static str,
    /// ISO code of two letters.
    pub country: &'static str,
    /// Where it is.
    pub position: Position,
    /// People, in thousands.
    pub thousands: u32,
    /// IANA name of its time zone.
    pub zone: &'static str,
    /// How many names the city has in the languages of the world: how widely it is known.
    pub known: u16,
    /// Whether it is a capital.
    pub capital: bool,
    /// Other names, with `,` between them.
    aliases: &'static str,
    /// The name and the others, as they are compared.
    words: Vec<String>,
}

impl City {
    /// The country that it is in.
    pub fn country(&self) -> Option<&'static Country> {
        country(self.country)
    }

    /// Other names that people look for.
    pub fn aliases(&self) -> impl Iterator<Item = &'static str> {
        self.aliases.split(',').filter(|alias| !alias.is_empty())
    }

    /// 0 to 1: of several cities with a name, how likely this one is meant. Two thirds are how widely it is known, one
    /// third how large it is, both on a logarithmic scale; a capital gains a little. Nobody's opinion, and no rating.
    pub fn prominence(&self) -> f64 {
        let scale = |value: f64, most: f64| ((value + 1.0).ln() / (most + 1.0).ln()).clamp(0.0, 1.0);
        let capital = if self.capital { 0.03 } else { 0.0 };
        let prominence =
            scale(f64::from(self.known), 120.0).powi(2) * 0.64 + scale(f64::from(self.thousands), 25_000.0) * 0.33;
        ((prominence + capital) * 10_000.0).round() / 10_000.0
    }
}

struct Cities {
    /// Largest first, as in the file.
    all: Vec<City>,
    by_slug: HashMap<String, usize>,
}

fn cities() -> &'static Cities {
    static ALL: OnceLock<Cities> = OnceLock::new();
    ALL.get_or_init(|| {
        let all: Vec<City> = rows(include_str!("../data/cities.tsv"))
            .map(|mut row| {
                let (name, country) = (row.text(), row.text());
                let (position, thousands, zone) = (row.position(), row.number(), row.zone());
                let (known, capital, region, aliases) = (row.number(), row.text() == "1", row.text(), row.text());
                let mut id = format!("{}-{}", slug(name), country.to_ascii_lowercase());
                if !region.is_empty() {
                    id = format!("{id}-{region}");
                }
                let words = std::iter::once(name).chain(aliases.split(',')).map(folded);
                City {
                    slug: id,
                    name,
                    country,
                    position,
                    thousands,
                    zone,
                    known,
                    capital,
                    aliases,
                    words: words.filter(|words| !words.is_empty()).collect(),
                }
            })
            .collect();
        let by_slug = all
            .iter()
            .enumerate()
            .map(|(at, city)| (city.slug.clone(), at))
            .collect();
        Cities { all, by_slug }
    })
}

/// The city with this id.
pub fn city(slug: &str) -> Option<&'static City> {
    let cities = cities();
    cities.by_slug.get(slug).and_then(|at| cities.all.get(*at))
}

fn rank_of(city: &City, query: &str) -> Option<u8> {
    city.words.iter().filter_map(|words| match_rank(words, query)).min()
}

/// Cities that fit what somebody is typing, the most prominent of the best matches first.
pub fn find_cities(query: &str, limit: usize) -> Vec<&'static City> {
    search_cities(query, |_| true)
        .into_iter()
        .take(limit)
        .map(|(city, _)| city)
        .collect()
}

/// All cities that a query fits and that `wanted` keeps, with how well they fit: 0 to 1. A query may name a city
/// (`Kyoto`), a city with its country (`Kyoto, Japan`), or a country (`Japan`).
pub fn search_cities(query: &str, wanted: impl Fn(&City) -> bool) -> Vec<(&'static City, f64)> {
    let (whole, parts) = (folded(query), query.rsplit_once(','));
    if whole.is_empty() {
        return Vec::new();
    }
    let named: Option<(String, Vec<&str>)> = parts.map(|(city, land)| (folded(city), countries_named(land)));
    let countries = countries_named(query);
    let mut found: Vec<(&City, f64)> = cities()
        .all
        .iter()
        .filter(|city| wanted(city))
        .filter_map(|city| {
            let with_country = named.as_ref().and_then(|(name, lands)| {
                let in_it = lands.contains(&city.country);
                if in_it { rank_of(city, name) } else { None }
            });
            let fit = match rank_of(city, &whole).or(with_country) {
                Some(0) => 1.0,
                Some(1) => 0.9,
                Some(2) => 0.8,
                Some(_) => 0.6,
                None if countries.contains(&city.country) => 0.5,
                None => return None,
            };
            Some((city, fit))
        })
        .collect();
    found.sort_by(|(a, x), (b, y)| {
        let merit = |city: &City, fit: f64| fit * 0.6 + city.prominence() * 0.4;
        merit(b, *y).total_cmp(&merit(a, *x)).then_with(|| a.slug.cmp(&b.slug))
    });
    found
}

/// Codes of the countries that are meant by a whole name or a code.
fn countries_named(text: &str) -> Vec<&'static str> {
    let text = folded(text);
    let is_meant = |country: &&Country| {
        folded(country.name) == text
            || country.code.eq_ignore_ascii_case(&text)
            || country.code3.eq_ignore_ascii_case(&text)
    };
    if text.is_empty() {
        return Vec::new();
    }
    crate::countries::all()
        .iter()
        .filter(is_meant)
        .map(|country| country.code)
        .collect()
}

/// The one city that a text names: its id, its name, or its name with the country. Of several the most prominent one.
pub fn city_named(text: &str) -> Option<&'static City> {
    if let Some(city) = city(text) {
        return Some(city);
    }
    search_cities(text, |_| true)
        .into_iter()
        .find(|(_, fit)| *fit >= 0.95)
        .map(|(city, _)| city)
}

/// Destinations that the product proposes: chosen by hand (`data/popular.txt`), the most prominent first. Nobody publishes
/// the number of visitors of cities under an open licence.
pub fn popular_cities() -> &'static [&'static City] {
    static ALL: OnceLock<Vec<&'static City>> = OnceLock::new();
    ALL.get_or_init(|| {
        let mut all: Vec<&City> = include_str!("../data/popular.txt").lines().filter_map(city).collect();
        all.sort_by(|a, b| {
            b.prominence()
                .total_cmp(&a.prominence())
                .then_with(|| a.slug.cmp(&b.slug))
        });
        all
    })
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use tripsage_domain::trip::Zone;

    use super::*;

    #[test]
    fn every_row_is_whole() {
        let all = &cities().all;
        assert_eq!(all.len(), include_str!("../data/cities.tsv").lines().count());
        assert!((4000..5000).contains(&all.len()), "{}", all.len());
        let slugs: HashSet<&str> = all.iter().map(|city| city.slug.as_str()).collect();
        assert_eq!(slugs.len(), all.len(), "ids are unique");
        for city in all {
            let plain = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
            assert!(city.slug.bytes().all(plain) && !city.slug.starts_with('-'), "{city:?}");
            assert!(city.country().is_some() && !city.words.is_empty(), "{city:?}");
            assert_eq!(
                Zone::parse(city.zone).map(|zone| zone.name().to_owned()).as_deref(),
                Ok(city.zone)
            );
            assert!(city.position.latitude.abs() <= 90.0 && city.position.longitude.abs() <= 180.0);
            assert!((0.0..=1.0).contains(&city.prominence()), "{city:?}");
        }
        let capitals = all.iter().filter(|city| city.capital).count();
        assert!(capitals > 180, "{capitals}");
    }

    #[test]
    fn cities_are_found_by_whatever_people_call_them() {
        let first = |query: &str| find_cities(query, 1).first().map(|city| city.slug.as_str());
        for (query, slug) in [
            ("kyoto", "kyoto-jp"),
            ("zurich", "zurich-ch"),
            ("São Paulo", "sao-paulo-br"),
            ("lucerne", "luzern-ch"),
            ("münchen", "munich-de"),
            ("new york", "new-york-city-us"),
            ("london", "london-gb"),
            ("San Jose, Costa Rica", "san-jose-cr"),
            ("portland, us", "portland-us"),
            ("rio", "rio-de-janeiro-br"),
            ("lisb", "lisbon-pt"),
        ] {
            assert_eq!(first(query), Some(slug), "{query}");
        }
        assert_eq!(first(""), None);
        assert_eq!(first("xyzzyx"), None);
        assert!(
            search_cities("Japan", |_| true)
                .iter()
                .any(|(city, _)| city.slug == "tokyo-jp")
        );
    }

    #[test]
    fn one_name_means_one_city() {
        assert_eq!(city_named("kyoto-jp").map(|city| city.name), Some("Kyoto"));
        assert_eq!(city_named("Paris").map(|city| city.country), Some("FR"));
        assert!(city_named("Par").is_none());
    }

    #[test]
    fn what_is_proposed_exists() {
        assert_eq!(
            popular_cities().len(),
            include_str!("../data/popular.txt").lines().count()
        );
        let continents: HashSet<_> = popular_cities()
            .iter()
            .map(|city| city.country().unwrap().continent)
            .collect();
        assert_eq!(continents.len(), 6, "all but Antarctica");
        assert_eq!(popular_cities()[0].slug, "beijing-cn");
    }
}
