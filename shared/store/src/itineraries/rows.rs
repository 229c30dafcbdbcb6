//! Itineraries as they are stored. The fields are those of the domain's types; what those are made of is spelt out here.

use jiff::{Timestamp, civil::Date};
use serde::{Deserialize, Serialize};
use tripsage_domain::{
    ids::{ItineraryId, UserId},
    itinerary::{
        BudgetRange, Companion, Content, Deletion, Difficulty, Itinerary, Narratives, PartCounts, Remix, RouteSummary,
    },
    money::Money,
    trip::Coordinates,
};

/// Serialises an `Option` or a `Vec` of a type of the domain by the definition of its fields.
macro_rules! wrapped {
    ($module:ident, $container:ident<$type:ty>, $definition:literal) => {
        pub(super) mod $module {
            use serde::{Deserialize, Deserializer, Serialize, Serializer};

            use super::*;

            #[derive(Serialize, Deserialize)]
            struct Row(#[serde(with = $definition)] $type);

            #[allow(clippy::ptr_arg, reason = "serde hands over the container as it is")]
            pub(in super::super) fn serialize<S: Serializer>(
                value: &$container<$type>,
                serializer: S,
            ) -> Result<S::Ok, S::Error> {
                let rows: $container<Row> = wrapped!(@map $container value.clone(), Row);
                rows.serialize(serializer)
            }

            pub(in super::super) fn deserialize<'de, D: Deserializer<'de>>(
                deserializer: D,
            ) -> Result<$container<$type>, D::Error> {
                let rows = $container::<Row>::deserialize(deserializer)?;
                Ok(wrapped!(@map $container rows, |row: Row| row.0))
            }
        }
    };
    (@map Option $value:expr, $with:expr) => { $value.map($with) };
    (@map Vec $value:expr, $with:expr) => { $value.into_iter().map($with).collect() };
}

/// A point, as two numbers.
pub(super) mod coordinates {
    use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error};
    use tripsage_domain::trip::Coordinates;

    pub(in super::super) fn serialize<S: Serializer>(at: &Coordinates, serializer: S) -> Result<S::Ok, S::Error> {
        (at.latitude, at.longitude).serialize(serializer)
    }

    pub(in super::super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Coordinates, D::Error> {
        let (latitude, longitude) = Deserialize::deserialize(deserializer)?;
        Coordinates::new(latitude, longitude).map_err(D::Error::custom)
    }
}

/// Money, as minor units and the code of the currency.
pub(super) mod money {
    use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error};
    use tripsage_domain::money::{Currency, Money};

    pub(in super::super) fn serialize<S: Serializer>(money: &Money, serializer: S) -> Result<S::Ok, S::Error> {
        (money.minor, money.currency.code()).serialize(serializer)
    }

    pub(in super::super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Money, D::Error> {
        let (minor, code): (i64, String) = Deserialize::deserialize(deserializer)?;
        let currency = Currency::parse(&code).map_err(D::Error::custom)?;
        Money::new(minor, currency).map_err(D::Error::custom)
    }
}

wrapped!(optional_coordinates, Option<Coordinates>, "coordinates");
wrapped!(optional_money, Option<Money>, "money");
wrapped!(companions, Vec<Companion>, "CompanionFields");
wrapped!(optional_route, Option<RouteSummary>, "RouteSummaryFields");
wrapped!(optional_remix, Option<Remix>, "RemixFields");
wrapped!(optional_deletion, Option<Deletion>, "DeletionFields");

/// What an itinerary says, whose it is, and how far it is.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ItineraryRow(#[serde(with = "ItineraryFields")] pub Itinerary);

#[derive(Serialize, Deserialize)]
#[serde(remote = "Itinerary")]
struct ItineraryFields {
    id: ItineraryId,
    owner: UserId,
    #[serde(with = "ContentFields")]
    content: Content,
    is_published: bool,
    #[serde(with = "PartCountsFields")]
    parts: PartCounts,
    #[serde(with = "optional_route")]
    route: Option<RouteSummary>,
    #[serde(with = "optional_remix")]
    remix: Option<Remix>,
    version: u64,
    created_at: Timestamp,
    updated_at: Timestamp,
    published_at: Option<Timestamp>,
    #[serde(with = "optional_deletion")]
    deleted: Option<Deletion>,
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "PartCounts")]
struct PartCountsFields {
    days: usize,
    businesses: usize,
    gems: usize,
    alerts: usize,
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "RouteSummary")]
struct RouteSummaryFields {
    points: usize,
    waypoints: usize,
    distance_km: f64,
    elevation_gain_m: Option<f64>,
    elevation_loss_m: Option<f64>,
    #[serde(with = "coordinates")]
    start: Coordinates,
    #[serde(with = "coordinates")]
    end: Coordinates,
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "Remix")]
struct RemixFields {
    sources: Vec<ItineraryId>,
    prompt: Option<String>,
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "Deletion")]
struct DeletionFields {
    at: Timestamp,
    by_moderator: bool,
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "Companion")]
struct CompanionFields {
    name: String,
    role: Option<String>,
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "Narratives")]
struct NarrativesFields {
    trip_highlights: Option<String>,
    trip_journey: Option<String>,
    day_by_day_plan: Option<String>,
    safety_intelligence: Option<String>,
    hidden_gems: Option<String>,
    unique_highlights: Option<String>,
    safety_tips: Option<String>,
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "Content")]
struct ContentFields {
    title: String,
    tagline: Option<String>,
    description: String,
    destination: String,
    regions: Vec<String>,
    start_date: Option<Date>,
    end_date: Option<Date>,
    days: Option<u16>,
    difficulty: Option<Difficulty>,
    #[serde(with = "optional_money")]
    budget: Option<Money>,
    budget_range: Option<BudgetRange>,
    travel_style: Option<String>,
    activity_tags: Vec<String>,
    #[serde(with = "companions")]
    companions: Vec<Companion>,
    route_map_url: Option<String>,
    demo_url: Option<String>,
    #[serde(with = "optional_coordinates")]
    starting_point: Option<Coordinates>,
    #[serde(with = "optional_coordinates")]
    ending_point: Option<Coordinates>,
    best_season: Option<String>,
    women_safe_certified: bool,
    #[serde(with = "NarrativesFields")]
    narratives: Narratives,
    screenshots: Vec<String>,
    categories: Vec<String>,
}
