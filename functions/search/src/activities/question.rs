use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use tripsage_cache::Content;
use tripsage_domain::{
    ids::TripId,
    place::{PlaceSearch, PriceLevel},
    search::{Direction, SortBy},
    text::TextRule,
    trip::Coordinates,
    validation::{Checks, Invalid, Rule},
};
use tripsage_providers::Provider;
use utoipa::ToSchema;

use crate::{
    asking::Question,
    fields::{date, local_day, not_past, trip_id},
    places::spot,
    showing::{Showing, Shown},
};

/// What things to do to look for.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ActivitySearchFields {
    /// Where: the name or the id of a destination, or any place.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "Kyoto, Japan")]
    pub(crate) destination: Option<String>,
    /// Where, exactly; with `longitude`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) latitude: Option<f64>,
    /// Where, exactly; with `latitude`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) longitude: Option<f64>,
    /// What, in words: `tea ceremony`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(min_length = 1, max_length = 100)]
    pub(crate) query: Option<String>,
    /// `culture`, `sightseeing`, `nature`, `food`, `nightlife`, `shopping`, `wellness`, `family`, `sport`. Not together with
    /// `query`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(max_items = 9)]
    pub(crate) categories: Option<Vec<String>>,
    /// First day. Places are not sold by the day: it is checked, and kept with the search.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = Date)]
    pub(crate) start_date: Option<String>,
    /// Last day.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = Date)]
    pub(crate) end_date: Option<String>,
    /// What people think of it at least, 1 to 5.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(minimum = 1, maximum = 5)]
    pub(crate) rating: Option<f64>,
    /// `free`, `inexpensive`, `moderate`, `expensive`, `very_expensive`; any when absent. What has no level is left out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) price_levels: Option<Vec<String>>,
    /// Kilometres around the place; 10 when nothing is said.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(minimum = 1, maximum = 50)]
    pub(crate) radius_km: Option<f64>,
    /// The trip that it is for: kept with the search.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = Uuid)]
    pub(crate) trip_id: Option<String>,
    /// `relevance` (as if none were given), `rating` or `distance`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) sort_by: Option<String>,
    /// `asc` or `desc`; when absent the best comes first.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) sort_order: Option<String>,
    /// Number of the page, from 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(minimum = 1, maximum = 50)]
    pub(crate) page: Option<u32>,
    /// Activities per page.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(minimum = 1, maximum = 100)]
    pub(crate) per_page: Option<u32>,
}

/// What activities are sorted by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ActivityOrder {
    /// As Google orders them.
    Relevance,
    /// What people think.
    Rating,
    /// Distance from the place.
    Distance,
}

impl SortBy for ActivityOrder {
    const NAMES: &'static [(&'static str, Self)] = &[
        ("relevance", Self::Relevance),
        ("rating", Self::Rating),
        ("distance", Self::Distance),
    ];

    fn natural(self) -> Direction {
        if self == Self::Distance {
            Direction::Ascending
        } else {
            Direction::Descending
        }
    }
}

/// A question for things to do, with what is done with the answers.
#[derive(Debug, Clone)]
pub(crate) struct ActivityQuestion {
    pub(crate) search: PlaceSearch,
    pub(crate) center: Option<Coordinates>,
    pub(crate) min_rating: Option<f64>,
    pub(crate) price_levels: Vec<PriceLevel>,
    pub(crate) shown: Shown<ActivityOrder>,
    pub(crate) trip: Option<TripId>,
    pub(crate) place: String,
    /// The same as it was asked, in one form, without sorting and pages.
    pub(crate) fields: ActivitySearchFields,
}

/// Google's types of places for each of our categories.
const CATEGORIES: &[(&str, &[&str])] = &[
    (
        "culture",
        &["museum", "art_gallery", "performing_arts_theater", "cultural_center"],
    ),
    (
        "sightseeing",
        &["tourist_attraction", "historical_landmark", "monument"],
    ),
    (
        "nature",
        &["park", "national_park", "botanical_garden", "hiking_area", "beach"],
    ),
    ("food", &["restaurant", "cafe", "market"]),
    ("nightlife", &["bar", "night_club", "comedy_club"]),
    ("shopping", &["shopping_mall", "department_store", "gift_shop"]),
    ("wellness", &["spa", "sauna", "yoga_studio"]),
    ("family", &["zoo", "aquarium", "amusement_park", "water_park"]),
    (
        "sport",
        &["sports_complex", "swimming_pool", "ski_resort", "golf_course"],
    ),
];

impl ActivitySearchFields {
    /// Checks everything; the result is what can be asked at `now`.
    pub(crate) fn question(mut self, now: Timestamp) -> Result<ActivityQuestion, Invalid> {
        let mut checks = Checks::default();
        let place = spot(
            &mut checks,
            "destination",
            self.destination.as_deref(),
            self.latitude,
            self.longitude,
        );
        let words = checks.optional("query", self.query.as_deref(), |text| {
            TextRule::line(1, 100).parse(text)
        });
        let zone = place
            .as_ref()
            .and_then(|place| place.city)
            .map_or("UTC", |city| city.zone);
        self.check_dates(&mut checks, zone, now);
        let fits = self.rating.is_none_or(|rating| (1.0..=5.0).contains(&rating));
        checks.ensure(fits, "rating", "range", "must be between 1 and 5");
        let radius_km = self.radius_km.unwrap_or(10.0);
        checks.ensure(
            (1.0..=50.0).contains(&radius_km),
            "radius_km",
            "range",
            "must be between 1 and 50",
        );
        let types = types(&mut checks, self.categories.as_deref().unwrap_or_default());
        let both = words.is_some() && !types.is_empty();
        checks.ensure(
            !both,
            "categories",
            "exclusive",
            "must not be given together with query",
        );
        let mut price_levels = Vec::new();
        for (at, name) in self.price_levels.iter().flatten().enumerate() {
            let level = name.parse::<PriceLevel>().map_err(Rule::from);
            price_levels.extend(checks.take(&format!("price_levels[{at}]"), level));
        }
        let trip = trip_id(&mut checks, self.trip_id.as_deref());
        let showing = Showing::take(
            &mut self.sort_by,
            &mut self.sort_order,
            &mut self.page,
            &mut self.per_page,
        );
        let shown = showing.parse(&mut checks, ActivityOrder::Relevance);
        let (place, shown) = checks.build(|| Some((place?, shown?)))?;
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "1 to 50")]
        let radius_m = (radius_km * 1000.0) as u32;
        let search = match place.at {
            Some(center) if !types.is_empty() => PlaceSearch::Nearby {
                center,
                radius_m,
                types,
            },
            at => PlaceSearch::Text {
                query: format!("{} in {}", wished(words.as_deref(), &types), place.name),
                near: at.map(|at| (at, radius_m)),
            },
        };
        self.destination = self.destination.as_ref().map(|_| place.name.clone());
        Ok(ActivityQuestion {
            search,
            center: place.at,
            min_rating: self.rating,
            price_levels,
            shown,
            trip,
            place: place.name,
            fields: self,
        })
    }

    fn check_dates(&self, checks: &mut Checks, zone: &str, now: Timestamp) {
        let start = checks.optional("start_date", self.start_date.as_deref(), date);
        let end = checks.optional("end_date", self.end_date.as_deref(), date);
        if let Some(start) = start {
            not_past(checks, "start_date", start, local_day(zone, now));
        }
        let orderly = start.zip(end).is_none_or(|(start, end)| start <= end);
        checks.ensure(orderly, "end_date", "order", "must not be before start_date");
    }
}

fn types(checks: &mut Checks, categories: &[String]) -> Vec<String> {
    let mut types = Vec::new();
    for (at, category) in categories.iter().enumerate().take(20) {
        match CATEGORIES.iter().find(|(name, _)| name == category) {
            Some((_, of_google)) => types.extend(of_google.iter().map(|name| (*name).to_owned())),
            None => {
                let names: Vec<&str> = CATEGORIES.iter().map(|(name, _)| *name).collect();
                let message = format!("must be one of {}", names.join(", "));
                checks.ensure(false, &format!("categories[{at}]"), "one_of", message);
            }
        }
    }
    types.sort();
    types.dedup();
    types
}

/// What to ask for in words.
fn wished(words: Option<&str>, types: &[String]) -> String {
    match words {
        Some(words) => words.to_owned(),
        None if types.is_empty() => "things to do".to_owned(),
        None => types.join(" or ").replace('_', " "),
    }
}

impl ActivityQuestion {
    /// What Google is asked.
    pub(crate) fn asked(&self) -> Question {
        let point = |at: &Coordinates| format!("{:.4},{:.4}", at.latitude, at.longitude);
        let parts = match &self.search {
            PlaceSearch::Text { query, near } => vec![
                "text".to_owned(),
                query.to_lowercase(),
                near.as_ref()
                    .map_or_else(String::new, |(at, radius)| format!("{},{radius}", point(at))),
            ],
            PlaceSearch::Nearby {
                center,
                radius_m,
                types,
            } => {
                vec![
                    "nearby".to_owned(),
                    point(center),
                    radius_m.to_string(),
                    types.join(","),
                ]
            }
        };
        Question {
            provider: Provider::GooglePlaces,
            content: Content::Places,
            parts,
        }
    }

    /// In a few words.
    pub(crate) fn title(&self) -> String {
        let what = match (&self.fields.query, &self.fields.categories) {
            (Some(words), _) => words.clone(),
            (None, Some(categories)) if !categories.is_empty() => categories.join(", "),
            _ => "things to do".to_owned(),
        };
        format!("{what}, {}", self.place)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn question(text: &str) -> Result<ActivityQuestion, Vec<String>> {
        let fields: ActivitySearchFields = serde_json::from_str(text).unwrap();
        fields
            .question("2027-03-01T12:00:00Z".parse().unwrap())
            .map_err(|invalid| {
                let violations = invalid.violations().iter();
                violations
                    .map(|violation| format!("{} {}", violation.field, violation.rule))
                    .collect()
            })
    }

    #[test]
    fn every_broken_rule_names_its_field() {
        for (text, expected) in [
            ("{}", vec!["destination required"]),
            (
                r#"{"destination":"Kyoto","categories":["x"]}"#,
                vec!["categories[0] one_of"],
            ),
            (
                r#"{"destination":"Kyoto","categories":["food"],"query":"tea"}"#,
                vec!["categories exclusive"],
            ),
            (
                r#"{"destination":"Kyoto","rating":6,"radius_km":0}"#,
                vec!["rating range", "radius_km range"],
            ),
            (
                r#"{"destination":"Kyoto","start_date":"2027-02-01"}"#,
                vec!["start_date past_date"],
            ),
            (
                r#"{"destination":"Kyoto","start_date":"2027-05-02","end_date":"2027-05-01"}"#,
                vec!["end_date order"],
            ),
            (
                r#"{"destination":"Kyoto","price_levels":["cheap"]}"#,
                vec!["price_levels[0] one_of"],
            ),
        ] {
            assert_eq!(question(text).unwrap_err(), expected, "{text}");
        }
    }

    #[test]
    fn categories_become_types_and_words_a_text() {
        let nearby = question(r#"{"destination":"Kyoto","categories":["culture"]}"#).unwrap();
        assert!(matches!(&nearby.search, PlaceSearch::Nearby { types, .. } if types.contains(&"museum".to_owned())));
        let text = question(r#"{"destination":"Hintertupfing","categories":["food"]}"#).unwrap();
        assert!(matches!(&text.search, PlaceSearch::Text { query, near: None } if query.starts_with("cafe or market")));
        let plain = question(r#"{"destination":"kyoto-jp"}"#).unwrap();
        let picky = question(r#"{"destination":"Kyoto","rating":4.5,"sort_by":"distance"}"#).unwrap();
        assert_eq!(plain.asked().key("a"), picky.asked().key("a"));
    }
}
