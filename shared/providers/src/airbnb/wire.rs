//! What the tools answer, and how it becomes ours.

use jiff::civil::Date;
use serde::Deserialize;
use serde_json::{Value, value::RawValue};
use tripsage_domain::trip::Coordinates;

use super::label;
use crate::{
    Provider,
    model::{Accommodation, StayListing, Stays, bounded, bounded_option},
    raw::readable,
};

/// Amenities that are kept of one listing.
const MANY: usize = 30;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct WireSearch<'a> {
    #[serde(borrow)]
    search_results: Vec<&'a RawValue>,
}

/// A result as the server had it from Airbnb, or, by newer servers, the same without its nesting.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct WireResult {
    id: String,
    url: Option<String>,
    name: Option<String>,
    layout: Option<String>,
    rating: Option<String>,
    price: Option<String>,
    latitude: Option<f64>,
    longitude: Option<f64>,
    demand_stay_listing: Option<WireListing>,
    structured_content: Option<WireContent>,
    avg_rating_a11y_label: Option<String>,
    structured_display_price: Option<WirePrice>,
}

#[derive(Deserialize)]
struct WireListing {
    description: Option<WireDescription>,
    location: Option<WireLocation>,
}

#[derive(Deserialize)]
struct WireDescription {
    name: Option<WireName>,
}

/// The name, or an object around it.
#[derive(Deserialize)]
#[serde(untagged)]
enum WireName {
    Plain(String),
    #[serde(rename_all = "camelCase")]
    Wrapped {
        localized_string_with_translation_preference: String,
    },
}

#[derive(Deserialize)]
struct WireLocation {
    coordinate: Option<WirePoint>,
}

#[derive(Deserialize)]
struct WirePoint {
    latitude: f64,
    longitude: f64,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct WireContent {
    /// Text or an object, by the version of the server.
    primary_line: Option<Value>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct WirePrice {
    primary_line: Option<WireLine>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct WireLine {
    accessibility_label: Option<String>,
}

/// The listings of a search. `None`: it is not one.
pub(super) fn search(text: &str, check_in: Date, check_out: Date, nights: i32) -> Option<Stays> {
    let wire: WireSearch<'_> = serde_json::from_str(text).ok()?;
    let (listings, dropped) = readable(&wire.search_results, |result: WireResult| {
        let mut listing = result.read(nights)?;
        (listing.check_in, listing.check_out) = (Some(check_in), Some(check_out));
        Some(listing)
    });
    Some(Stays { listings, dropped })
}

impl WireResult {
    fn read(self, nights: i32) -> Option<StayListing> {
        let (description, location) = self
            .demand_stay_listing
            .map_or((None, None), |listing| (listing.description, listing.location));
        let nested = description
            .and_then(|description| description.name)
            .map(|name| match name {
                WireName::Plain(name) => name,
                WireName::Wrapped {
                    localized_string_with_translation_preference: name,
                } => name,
            });
        let name = self.name.or(nested);
        let nested = self
            .structured_display_price
            .and_then(|price| price.primary_line?.accessibility_label);
        let price = bounded_option(self.price.or(nested).as_deref(), 200);
        let rating = self.rating.or(self.avg_rating_a11y_label);
        let (rating, reviews) = rating.as_deref().map_or((None, None), label::rating);
        let nested = location.and_then(|location| location.coordinate);
        let point = self
            .latitude
            .zip(self.longitude)
            .or(nested.map(|at| (at.latitude, at.longitude)));
        let nested = self.structured_content.and_then(|content| content.primary_line);
        let layout = self
            .layout
            .or(nested.as_ref().and_then(Value::as_str).map(str::to_owned));
        Some(StayListing {
            provider: Provider::Airbnb,
            accommodation: Accommodation {
                name: bounded_option(name.as_deref(), 200)?,
                description: bounded_option(layout.as_deref(), 500),
                coordinates: point.and_then(|(latitude, longitude)| Coordinates::new(latitude, longitude).ok()),
                // Theirs is out of five.
                review_score: rating.map(|rating| rating * 2.0),
                review_count: reviews,
                ..empty(&self.id)
            },
            check_in: None,
            check_out: None,
            total: price.as_deref().and_then(|label| label::total_price(label, nights)),
            due_at_accommodation: None,
            price_label: price,
            expires_at: None,
            url: page(self.url.as_deref()),
            id: bounded(&self.id, 32),
        })
    }
}

/// One listing. `None`: the answer is not one.
pub(super) fn details(text: &str, id: &str, dates: Option<(Date, Date)>) -> Option<StayListing> {
    let answer: Value = serde_json::from_str(text).ok()?;
    let sections = answer.get("details")?.as_array()?;
    let section = |id: &str| {
        sections
            .iter()
            .find(|section| section.get("id").and_then(Value::as_str) == Some(id))
    };
    let location = section("LOCATION_DEFAULT");
    let number = |name: &str| location?.get(name)?.as_f64();
    let point = number("lat").zip(number("lng"));
    let area = location.and_then(|section| bounded_option(section.get("subtitle")?.as_str(), 100));
    let description = section("DESCRIPTION_DEFAULT").and_then(|section| {
        let html = section
            .pointer("/htmlDescription/htmlText")
            .or_else(|| section.get("htmlDescription"))?;
        bounded_option(Some(&without_tags(html.as_str()?)), 4_000)
    });
    let mut has = Vec::new();
    if let Some(groups) = section("AMENITIES_DEFAULT").and_then(|section| section.get("seeAllAmenitiesGroups")) {
        amenities(groups, &mut has);
    }
    Some(StayListing {
        provider: Provider::Airbnb,
        id: id.to_owned(),
        accommodation: Accommodation {
            name: area
                .as_ref()
                .map_or_else(|| "Airbnb".to_owned(), |area| format!("Airbnb, {area}")),
            description,
            city: area,
            coordinates: point.and_then(|(latitude, longitude)| Coordinates::new(latitude, longitude).ok()),
            amenities: has,
            ..empty(id)
        },
        check_in: dates.map(|dates| dates.0),
        check_out: dates.map(|dates| dates.1),
        total: None,
        due_at_accommodation: None,
        price_label: None,
        expires_at: None,
        url: page(answer.get("listingUrl").and_then(Value::as_str)),
    })
}

/// What a listing has: groups of titles, or, by older servers, one text of them all, `Internet: Wifi, Bathroom: Hair
/// dryer, Shampoo`. What is named as missing is left out.
fn amenities(of: &Value, into: &mut Vec<String>) {
    match of {
        Value::String(text) => {
            let titles = text
                .split(", ")
                .filter_map(|part| bounded_option(part.rsplit(": ").next(), 50));
            into.extend(titles.take(MANY - into.len().min(MANY)));
        }
        Value::Array(parts) => parts.iter().for_each(|part| amenities(part, into)),
        Value::Object(group) => {
            let inner = ["available", "amenities", "title"]
                .into_iter()
                .find_map(|name| group.get(name));
            // A group without anything available has a title and what it lacks.
            if let Some(inner) = inner.filter(|_| !group.contains_key("unavailable") || group.contains_key("available"))
            {
                amenities(inner, into);
            }
        }
        _ => {}
    }
}

fn empty(id: &str) -> Accommodation {
    Accommodation {
        id: bounded(id, 32),
        name: String::new(),
        description: None,
        address: None,
        city: None,
        country: None,
        coordinates: None,
        stars: None,
        review_score: None,
        review_count: None,
        amenities: Vec::new(),
        photos: Vec::new(),
        check_in_after: None,
        check_out_before: None,
    }
}

/// The page of a listing, when it is one of Airbnb's: a traveller is sent there to pay.
fn page(address: Option<&str>) -> Option<String> {
    let address = crate::model::web_address(address)?;
    let host = url::Url::parse(&address).ok()?.host_str()?.to_owned();
    // `airbnb.com`, `www.airbnb.co.uk` and so on, and nothing that only ends or begins like it.
    let host = host.strip_prefix("www.").unwrap_or(&host);
    let known = host.strip_prefix("airbnb.").is_some_and(|end| {
        matches!(end, "com")
            || end.len() == 2
            || matches!(end.split_once('.'), Some(("co" | "com", country)) if country.len() == 2)
    });
    known.then_some(address)
}

fn without_tags(html: &str) -> String {
    let mut inside = false;
    let mut text = String::with_capacity(html.len());
    for c in html.chars() {
        match c {
            '<' => {
                inside = true;
                text.push(' ');
            }
            '>' if inside => inside = false,
            c if !inside => text.push(c),
            _ => {}
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Written from the documentation of the server, with what other versions of it answer.
    const SEARCH: &str = include_str!("../../fixtures/airbnb/search.json");
    const DETAILS: &str = include_str!("../../fixtures/airbnb/details.json");

    fn day(text: &str) -> Date {
        text.parse().unwrap()
    }

    #[test]
    fn listings_are_read_and_broken_ones_left_out() {
        let stays = search(SEARCH, day("2027-06-01"), day("2027-06-04"), 3).unwrap();
        assert_eq!((stays.listings.len(), stays.dropped), (4, 1));
        let first = &stays.listings[0];
        assert_eq!(first.accommodation.name, "Sunny loft by the canal");
        assert_eq!(first.total.unwrap().minor, 48_600);
        assert_eq!(
            (first.accommodation.review_score, first.accommodation.review_count),
            (Some(9.8), Some(212))
        );
        assert_eq!(first.url.as_deref(), Some("https://www.airbnb.com/rooms/1001"));
        let second = &stays.listings[1];
        assert_eq!(
            (second.total, second.price_label.as_deref()),
            (None, Some("$95 per night"))
        );
        assert_eq!(second.url, None, "a page of somebody else");
        assert_eq!(stays.listings[2].accommodation.coordinates, None);
        let flat = &stays.listings[3];
        assert_eq!(
            (flat.accommodation.name.as_str(), flat.total.unwrap().minor),
            ("Attic", 30_000)
        );
        assert_eq!(
            (
                flat.accommodation.review_count,
                flat.accommodation.coordinates.is_some()
            ),
            (Some(41), true)
        );
    }

    #[test]
    fn a_listing_is_read_without_its_markup() {
        let listing = details(DETAILS, "1001", None).unwrap();
        assert_eq!(listing.accommodation.city.as_deref(), Some("Amsterdam, Netherlands"));
        let description = listing.accommodation.description.unwrap();
        assert!(
            description.starts_with("Bright") && !description.contains('<'),
            "{description}"
        );
        assert_eq!(
            listing.accommodation.amenities,
            ["Wifi", "Kitchen", "Hair dryer", "Shampoo"]
        );
        assert!(listing.accommodation.coordinates.is_some());
    }

    #[test]
    fn amenities_are_read_in_every_form() {
        for (groups, expected) in [
            (
                r#""Internet: Wifi, Bathroom: Hair dryer, Shampoo""#,
                &["Wifi", "Hair dryer", "Shampoo"][..],
            ),
            (
                r#"[{"title":"Internet","available":["Wifi (fast)"],"unavailable":["Desk"]},{"title":"Heat","unavailable":["Stove"]}]"#,
                &["Wifi (fast)"],
            ),
            (r#"[{"title":"Internet","amenities":[{"title":"Wifi"}]}]"#, &["Wifi"]),
            ("null", &[]),
            ("7", &[]),
        ] {
            let mut has = Vec::new();
            amenities(&serde_json::from_str(groups).unwrap(), &mut has);
            assert_eq!(has, expected, "{groups}");
        }
        let mut has = Vec::new();
        amenities(&Value::String("Wifi, ".repeat(500)), &mut has);
        assert_eq!(has.len(), MANY);
    }

    #[test]
    fn what_is_something_else_is_nothing() {
        for text in ["", "null", "[]", "{}", "<html>", r#"{"searchResults":{}}"#] {
            assert_eq!(search(text, day("2027-06-01"), day("2027-06-04"), 3), None);
            assert_eq!(details(text, "1", None), None);
        }
    }

    #[test]
    fn only_pages_of_airbnb_are_kept() {
        for good in [
            "https://www.airbnb.com/rooms/1",
            "https://airbnb.co.uk/rooms/1",
            "https://www.airbnb.de/rooms/1",
        ] {
            assert!(page(Some(good)).is_some(), "{good}");
        }
        for bad in [
            "https://airbnb.com.evil.example/",
            "https://notairbnb.com/",
            "https://airbnb.evil/",
            "http://airbnb.com/",
        ] {
            assert_eq!(page(Some(bad)), None, "{bad}");
        }
    }
}
