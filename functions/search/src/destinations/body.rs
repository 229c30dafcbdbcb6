use jiff::{Timestamp, civil::DateTime};
use serde::Serialize;
use tripsage_domain::trip::Zone;
use tripsage_reference::City;
use utoipa::ToSchema;

use crate::{
    places::{AirportBody, PointBody, full_name},
    weather::Attribution,
};

/// How far away an airport may be to serve a city, in kilometres.
const AIRPORT_KM: f64 = 80.0;

/// Airports that are shown of a destination.
const AIRPORTS: usize = 5;

/// A destination. What nobody publishes under an open licence (ratings, safety, visas) is not in it.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct DestinationBody {
    /// Its id.
    #[schema(example = "kyoto-jp")]
    id: String,
    /// Its name.
    name: &'static str,
    /// With the country: `Kyoto, Japan`.
    full_name: String,
    /// Other names that people look for.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    aliases: Vec<&'static str>,
    /// Name of the country.
    country: &'static str,
    /// ISO 3166-1 code of the country, two letters.
    country_code: &'static str,
    /// `africa`, `antarctica`, `asia`, `europe`, `north_america`, `oceania` or `south_america`.
    continent: Option<&'static str>,
    /// Where it is.
    coordinates: PointBody,
    /// IANA name of its time zone.
    timezone: &'static str,
    /// What its clocks show now.
    #[schema(value_type = Option<String>)]
    local_time: Option<DateTime>,
    /// ISO 4217 code of the currency that is used there.
    currency: Option<&'static str>,
    /// BCP 47 tags of the languages that are spoken there, the most common first.
    languages: Vec<&'static str>,
    /// International dialling prefix.
    #[serde(skip_serializing_if = "Option::is_none")]
    calling_code: Option<String>,
    /// About how many people live there.
    population: u64,
    /// Whether it is the capital.
    is_capital: bool,
    /// Airports that serve it, larger ones first.
    airports: Vec<AirportBody>,
    /// How well it fits what was asked for, 0 to 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    relevance_score: Option<f64>,
    /// Must be shown with it.
    attribution: Attribution,
}

impl DestinationBody {
    pub(crate) fn new(city: &City, now: Timestamp) -> Self {
        let country = city.country();
        let near = tripsage_reference::airports_near(city.position, AIRPORT_KM, AIRPORTS);
        Self {
            id: city.slug.clone(),
            name: city.name,
            full_name: full_name(city),
            aliases: city.aliases().collect(),
            country: country.map_or("", |country| country.name),
            country_code: city.country,
            continent: country.map(|country| country.continent.name()),
            coordinates: city.position.into(),
            timezone: city.zone,
            local_time: Zone::parse(city.zone)
                .ok()
                .and_then(|zone| zone.local_time(now).round(jiff::Unit::Second).ok()),
            currency: country.map(|country| country.currency).filter(|code| !code.is_empty()),
            languages: country.map(|country| country.languages().collect()).unwrap_or_default(),
            calling_code: country
                .map(|country| country.calling_code)
                .filter(|code| !code.is_empty())
                .map(|code| format!("+{}", code.trim_start_matches('+'))),
            population: u64::from(city.thousands) * 1000,
            is_capital: city.capital,
            airports: near
                .into_iter()
                .map(|(airport, km)| AirportBody::new(airport, Some(km)))
                .collect(),
            relevance_score: None,
            attribution: Attribution {
                text: tripsage_reference::ATTRIBUTION,
                url: "https://www.geonames.org",
                licence: Some("CC BY 4.0"),
            },
        }
    }

    /// With how well it fits what was asked for.
    pub(super) fn relevant(mut self, score: f64) -> Self {
        self.relevance_score = Some(score);
        self
    }
}
