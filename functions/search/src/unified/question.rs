use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use tripsage_domain::{
    flight::Iata,
    text::TextRule,
    validation::{Checks, Invalid, Violation},
};
use tripsage_reference::City;
use utoipa::ToSchema;

use crate::{
    activities::{ActivityQuestion, ActivitySearchFields},
    fields::{Amount, date},
    flights::{FlightQuestion, FlightSearchFields},
    places::{full_name, spot},
    showing::{Showing, Shown},
    stays::{StayQuestion, StaySearchFields},
};

use super::results::UnifiedOrder;

/// What to look for, of all kinds.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct UnifiedSearch {
    /// In words: a place, or what to do there.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(min_length = 1, max_length = 200)]
    pub(crate) query: Option<String>,
    /// `destination`, `flight`, `accommodation`, `activity`; all of them when absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) types: Option<Vec<String>>,
    /// Where: the name or the id of a destination; when absent, the place that `query` names.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) destination: Option<String>,
    /// First day: flights and stays need it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = Date)]
    pub(crate) start_date: Option<String>,
    /// Last day: stays need it; with it flights are returns.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = Date)]
    pub(crate) end_date: Option<String>,
    /// Where flights begin: the IATA code of an airport or a city.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) origin: Option<String>,
    /// Travellers of 18 and more; one when nothing is said.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) adults: Option<u8>,
    /// Travellers of 2 to 17.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) children: Option<u8>,
    /// Travellers under 2.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) infants: Option<u8>,
    /// What results must be like.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) filters: Option<UnifiedFilters>,
    /// `relevance` (as if none were given), `price` or `rating`; also `price_asc`, `price_desc`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) sort_by: Option<String>,
    /// `asc` or `desc`; when absent the best comes first.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) sort_order: Option<String>,
    /// Number of the page, from 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(minimum = 1, maximum = 50)]
    pub(crate) page: Option<u32>,
    /// Results per page.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(minimum = 1, maximum = 100)]
    pub(crate) per_page: Option<u32>,
}

/// What results must be like.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct UnifiedFilters {
    /// Price of a stay at least.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) price_min: Option<Amount>,
    /// Price of a flight or of a stay at most.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) price_max: Option<Amount>,
    /// ISO 4217 code of these; USD when absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) currency: Option<String>,
    /// What people think of stays and activities at least, 1 to 5.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(minimum = 1, maximum = 5)]
    pub(crate) rating_min: Option<f64>,
    /// Where, exactly; with `longitude`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) latitude: Option<f64>,
    /// Where, exactly; with `latitude`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) longitude: Option<f64>,
    /// Kilometres around it, for stays and activities.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(minimum = 1, maximum = 50)]
    pub(crate) radius_km: Option<f64>,
}

/// A part of the question, or why it is not asked.
pub(crate) type Part<T> = Option<Result<T, &'static str>>;

/// A question for several kinds; the parts that are not wanted are `None`.
pub(crate) struct UnifiedQuestion {
    pub(crate) query: String,
    pub(crate) destinations: bool,
    pub(crate) flights: Part<FlightQuestion>,
    pub(crate) stays: Part<StayQuestion>,
    pub(crate) activities: Part<ActivityQuestion>,
    pub(crate) shown: Shown<UnifiedOrder>,
    /// The same as it was asked, without sorting and pages.
    pub(crate) fields: UnifiedSearch,
}

/// How far an airport may be from a city that it serves, in kilometres.
const AIRPORT_KM: f64 = 80.0;

const TYPES: [&str; 4] = ["destination", "flight", "accommodation", "activity"];

/// The fields of the single searches by the names that they have here.
fn renamed(invalid: Invalid) -> Vec<Violation> {
    let name = |field: &str| match field {
        "check_in" | "departure_date" => "start_date".to_owned(),
        "check_out" | "return_date" => "end_date".to_owned(),
        "location" => "destination".to_owned(),
        "min_price" => "filters.price_min".to_owned(),
        "max_price" => "filters.price_max".to_owned(),
        "currency" => "filters.currency".to_owned(),
        "rating" | "min_rating" => "filters.rating_min".to_owned(),
        "radius_km" | "max_distance_km" => "filters.radius_km".to_owned(),
        "latitude" | "longitude" => format!("filters.{field}"),
        other => other.to_owned(),
    };
    let violations = invalid.into_violations().into_iter();
    violations
        .map(|violation| Violation {
            field: name(&violation.field),
            ..violation
        })
        .collect()
}

impl UnifiedSearch {
    /// Checks everything; the result is what can be asked at `now`.
    pub(crate) fn question(mut self, now: Timestamp) -> Result<UnifiedQuestion, Invalid> {
        let mut checks = Checks::default();
        let query = checks.required("query", self.query.as_deref(), |text| {
            TextRule::line(1, 200).parse(text)
        });
        for (at, kind) in self.types.iter().flatten().enumerate() {
            let known = TYPES.contains(&kind.as_str());
            let message = format!("must be one of {}", TYPES.join(", "));
            checks.ensure(known, &format!("types[{at}]"), "one_of", message);
        }
        let filters = self.filters.clone().unwrap_or_default();
        // Where it is: what is named, or else what the words name.
        let named = self.destination.as_deref().or(query.as_deref());
        let place = named.and_then(|name| {
            spot(
                &mut checks,
                "destination",
                Some(name),
                filters.latitude,
                filters.longitude,
            )
        });
        let city = place.as_ref().and_then(|place| place.city);
        let is_known = place.as_ref().is_some_and(|place| place.at.is_some());
        let showing = Showing::take(
            &mut self.sort_by,
            &mut self.sort_order,
            &mut self.page,
            &mut self.per_page,
        );
        let shown = showing.parse(&mut checks, UnifiedOrder::Relevance);
        let name = place.as_ref().map(|place| place.name.clone());
        // Also where no flight and no stay is asked for.
        let dates = [("start_date", &self.start_date), ("end_date", &self.end_date)];
        let mut broken: Vec<Violation> = dates
            .into_iter()
            .filter_map(|(field, text)| Some((field, date(text.as_deref()?).err()?)))
            .map(|(field, rule)| Violation::new(field, rule.rule, rule.message))
            .collect();
        // And where nothing is asked that they are for.
        for (field, value, most) in [
            ("filters.rating_min", filters.rating_min, 5.0),
            ("filters.radius_km", filters.radius_km, 50.0),
        ] {
            if value.is_some_and(|value| !(1.0..=most).contains(&value)) {
                broken.push(Violation::new(field, "range", format!("must be between 1 and {most}")));
            }
        }
        let flights = self
            .wants("flight")
            .then(|| self.flights(city, &filters, now, &mut broken));
        let stays = self
            .wants("accommodation")
            .then(|| self.stays(name.clone(), is_known, &filters, now, &mut broken));
        let activities = self.wants("activity").then(|| {
            // The words are the place itself, or what to do there.
            let words = query.clone().filter(|_| self.destination.is_some() || city.is_none());
            let place = if is_known { name.clone() } else { None };
            self.activities(place, words, &filters, now, &mut broken)
        });
        let mut told: Vec<String> = Vec::new();
        for violation in broken {
            // Flights and stays are told the same dates.
            if !told.contains(&violation.field) {
                checks.ensure(false, &violation.field, violation.rule, violation.message);
                told.push(violation.field);
            }
        }
        let (query, shown) = checks.build(|| Some((query?, shown?)))?;
        let destinations = self.wants("destination");
        Ok(UnifiedQuestion {
            query,
            destinations,
            flights,
            stays,
            activities,
            shown,
            fields: self,
        })
    }

    fn wants(&self, kind: &str) -> bool {
        self.types
            .as_ref()
            .is_none_or(|types| types.is_empty() || types.iter().any(|name| name == kind))
    }

    fn flights(
        &self,
        city: Option<&City>,
        filters: &UnifiedFilters,
        now: Timestamp,
        broken: &mut Vec<Violation>,
    ) -> Result<FlightQuestion, &'static str> {
        let (Some(origin), Some(date)) = (&self.origin, &self.start_date) else {
            return Err("flights need origin and start_date");
        };
        let coded = self.destination.as_deref().filter(|code| Iata::parse(code).is_ok());
        let coded = coded.and_then(tripsage_reference::departure).map(|place| place.code);
        let Some(destination) = coded.or_else(|| airport_of(city?)) else {
            return Err("there is no airport near the destination, or it is not known here");
        };
        let fields = FlightSearchFields {
            origin: Some(origin.clone()),
            destination: Some(destination.to_owned()),
            departure_date: Some(date.clone()),
            return_date: self.end_date.clone(),
            adults: self.adults,
            children: self.children,
            infants: self.infants,
            max_price: filters.price_max.clone(),
            currency: filters.currency.clone(),
            ..FlightSearchFields::default()
        };
        fields.question(now).map_err(|invalid| {
            broken.extend(renamed(invalid));
            ""
        })
    }

    fn stays(
        &self,
        place: Option<String>,
        is_known: bool,
        filters: &UnifiedFilters,
        now: Timestamp,
        broken: &mut Vec<Violation>,
    ) -> Result<StayQuestion, &'static str> {
        if self.start_date.is_none() || self.end_date.is_none() {
            return Err("accommodations need start_date and end_date");
        }
        if !is_known {
            return Err("accommodations need a destination that is known here, or its coordinates");
        }
        let fields = StaySearchFields {
            location: place,
            latitude: filters.latitude,
            longitude: filters.longitude,
            check_in: self.start_date.clone(),
            check_out: self.end_date.clone(),
            adults: self.adults,
            children: self.children,
            infants: self.infants,
            min_price: filters.price_min.clone(),
            max_price: filters.price_max.clone(),
            currency: filters.currency.clone(),
            max_distance_km: filters.radius_km,
            min_rating: filters.rating_min.map(|rating| rating * 2.0),
            ..StaySearchFields::default()
        };
        fields.question(now).map_err(|invalid| {
            broken.extend(renamed(invalid));
            ""
        })
    }

    fn activities(
        &self,
        place: Option<String>,
        words: Option<String>,
        filters: &UnifiedFilters,
        now: Timestamp,
        broken: &mut Vec<Violation>,
    ) -> Result<ActivityQuestion, &'static str> {
        if place.is_none() && filters.latitude.is_none() {
            return Err("activities need a destination that is known here, or its coordinates");
        }
        let fields = ActivitySearchFields {
            destination: place,
            latitude: filters.latitude,
            longitude: filters.longitude,
            // What is longer is no question for a place.
            query: words.filter(|words| words.chars().count() <= 100),
            rating: filters.rating_min,
            radius_km: filters.radius_km,
            ..ActivitySearchFields::default()
        };
        fields.question(now).map_err(|invalid| {
            broken.extend(renamed(invalid));
            ""
        })
    }
}

/// The airport of a city, or the code for all of them.
fn airport_of(city: &City) -> Option<&'static str> {
    let (airport, _) = tripsage_reference::airports_near(city.position, AIRPORT_KM, 1)
        .into_iter()
        .next()?;
    Some(if airport.group.is_empty() {
        airport.code
    } else {
        airport.group
    })
}

impl UnifiedQuestion {
    /// In a few words.
    pub(crate) fn title(&self) -> String {
        let place = self
            .fields
            .destination
            .as_deref()
            .map(|name| tripsage_reference::city_named(name).map_or_else(|| name.to_owned(), full_name));
        match place {
            Some(place) if place != self.query => format!("{}, {place}", self.query),
            _ => self.query.clone(),
        }
    }
}

#[cfg(test)]
mod tests;
