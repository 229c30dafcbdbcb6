//! A trip as clients write and read it.

use jiff::{Timestamp, civil::Date};
use serde::{Deserialize, Serialize};
use tripsage_domain::{
    text::{TextRule, tags},
    trip::{
        Content, ContentPatch, Coordinates, Destination, MAX_DESTINATIONS, MAX_TAGS, Preferences, Status, Trip,
        TripType, country_code,
    },
    validation::{Checks, Invalid, Rule},
};
use tripsage_http::{Principal, present};
use utoipa::ToSchema;

use crate::preferences_body::PreferencesFields;

const TITLE: TextRule = TextRule::line(1, 100);
const DESCRIPTION: TextRule = TextRule::multiline(0, 2000);
const TAG: TextRule = TextRule::line(1, 40);

/// A new trip.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct CreateTrip {
    /// What it is called.
    #[schema(min_length = 1, max_length = 100, example = "Spring in Japan")]
    title: Option<String>,
    /// What it is about.
    #[schema(max_length = 2000)]
    description: Option<String>,
    /// First day.
    #[schema(value_type = Option<String>, format = Date, example = "2027-04-01")]
    start_date: Option<String>,
    /// Last day.
    #[schema(value_type = Option<String>, format = Date, example = "2027-04-14")]
    end_date: Option<String>,
    /// Where it goes: names, or objects.
    #[schema(min_items = 1, max_items = 30)]
    destinations: Option<Vec<DestinationInput>>,
    /// `planning` unless given.
    #[schema(example = "planning")]
    status: Option<String>,
    /// `leisure`, `business`, `family`, `solo` or `other`.
    #[schema(example = "leisure")]
    trip_type: Option<String>,
    /// How many people travel.
    #[schema(minimum = 1, maximum = 100)]
    travelers: Option<u32>,
    /// Words to find it by.
    #[schema(max_items = 20)]
    tags: Option<Vec<String>>,
    /// How its members like to travel.
    preferences: Option<PreferencesFields>,
}

/// A change of some fields of a trip. In a `PATCH`, `null` clears a field that can be empty.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct UpdateTrip {
    /// What it is called.
    #[schema(min_length = 1, max_length = 100, example = "Spring in Kyoto")]
    title: Option<String>,
    /// What it is about.
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = Option<String>, max_length = 2000)]
    description: Option<Option<String>>,
    /// First day.
    #[schema(value_type = Option<String>, format = Date, example = "2027-04-01")]
    start_date: Option<String>,
    /// Last day.
    #[schema(value_type = Option<String>, format = Date, example = "2027-04-14")]
    end_date: Option<String>,
    /// Where it goes: names, or objects.
    #[schema(min_items = 1, max_items = 30)]
    destinations: Option<Vec<DestinationInput>>,
    /// `planning` may become `booked` or `cancelled`; `booked` may become `completed` or `cancelled`.
    #[schema(example = "booked")]
    status: Option<String>,
    /// `leisure`, `business`, `family`, `solo` or `other`.
    #[schema(example = "family")]
    trip_type: Option<String>,
    /// How many people travel.
    #[schema(minimum = 1, maximum = 100)]
    travelers: Option<u32>,
    /// Words to find it by.
    #[schema(max_items = 20)]
    tags: Option<Vec<String>>,
    /// How its members like to travel.
    preferences: Option<PreferencesFields>,
}

/// A place: its name, or more about it.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(untagged)]
pub(crate) enum DestinationInput {
    /// Its name.
    Name(String),
    /// More about it.
    Detailed(DestinationFields),
}

/// A place that a trip goes to.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct DestinationFields {
    /// What people call it.
    #[schema(min_length = 1, max_length = 200, example = "Kyoto")]
    name: String,
    /// ISO 3166-1 alpha-2 code, or a name.
    #[schema(max_length = 100, example = "JP")]
    country: Option<String>,
    /// City.
    #[schema(max_length = 200)]
    city: Option<String>,
    /// Where it is.
    coordinates: Option<CoordinateFields>,
    /// First day there.
    #[schema(value_type = Option<String>, format = Date)]
    arrival_date: Option<String>,
    /// Last day there.
    #[schema(value_type = Option<String>, format = Date)]
    departure_date: Option<String>,
}

/// A point on Earth, in degrees (WGS 84).
#[derive(Debug, Clone, Copy, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct CoordinateFields {
    /// -90 to 90.
    #[schema(minimum = -90, maximum = 90)]
    latitude: f64,
    /// -180 to 180.
    #[schema(minimum = -180, maximum = 180)]
    longitude: f64,
}

/// Parses a calendar date.
///
/// # Errors
/// `date` for anything but `YYYY-MM-DD` between 1900 and 2200.
pub(crate) fn date(text: String) -> Result<Date, Rule> {
    let wrong = || Rule::new("date", "must be a date such as 2027-04-01");
    if text.len() != 10 {
        return Err(wrong());
    }
    let date: Date = text.parse().map_err(|_| wrong())?;
    if (1900..=2200).contains(&date.year()) {
        Ok(date)
    } else {
        Err(Rule::new("range", "must be between 1900 and 2200"))
    }
}

fn travelers(count: u32) -> Result<u32, Rule> {
    if (1..=100).contains(&count) {
        Ok(count)
    } else {
        Err(Rule::new("range", "must be between 1 and 100"))
    }
}

fn destinations(checks: &mut Checks, inputs: Vec<DestinationInput>) -> Vec<Destination> {
    if inputs.len() > MAX_DESTINATIONS {
        let message = format!("must have at most {MAX_DESTINATIONS} entries");
        checks.ensure(false, "destinations", "max_items", message);
        return Vec::new();
    }
    let parsed = inputs.into_iter().enumerate().filter_map(|(index, input)| {
        let field = format!("destinations[{index}]");
        match input {
            DestinationInput::Name(name) => checks.take(&field, Destination::named(&name)),
            DestinationInput::Detailed(fields) => checks.nested(&field, fields.into_destination()),
        }
    });
    parsed.collect()
}

impl CoordinateFields {
    pub(crate) fn parse(self) -> Result<Coordinates, Rule> {
        Coordinates::new(self.latitude, self.longitude)
    }

    pub(crate) fn new(at: Coordinates) -> Self {
        Self {
            latitude: at.latitude,
            longitude: at.longitude,
        }
    }
}

impl DestinationFields {
    fn into_destination(self) -> Result<Destination, Invalid> {
        let mut checks = Checks::default();
        let place = checks.take("name", Destination::named(&self.name));
        let country = checks.optional("country", self.country, |text| country_code(&text));
        let city = checks.optional("city", self.city, |text| TextRule::line(1, 200).parse(&text));
        let coordinates = checks.optional("coordinates", self.coordinates, CoordinateFields::parse);
        let arrival_date = checks.optional("arrival_date", self.arrival_date, date);
        let departure_date = checks.optional("departure_date", self.departure_date, date);
        checks
            .build(|| {
                Some(Destination {
                    country,
                    city,
                    coordinates,
                    arrival_date,
                    departure_date,
                    ..place?
                })
            })?
            .checked()
    }

    fn new(place: &Destination) -> Self {
        Self {
            name: place.name.clone(),
            country: place.country.clone(),
            city: place.city.clone(),
            coordinates: place.coordinates.map(CoordinateFields::new),
            arrival_date: place.arrival_date.map(|day| day.to_string()),
            departure_date: place.departure_date.map(|day| day.to_string()),
        }
    }
}

/// An empty description is none.
fn description(text: &str) -> Result<Option<String>, Rule> {
    Ok(Some(DESCRIPTION.parse(text)?).filter(|text| !text.is_empty()))
}

fn preferences(checks: &mut Checks, fields: Option<PreferencesFields>) -> Option<Preferences> {
    fields.and_then(|fields| checks.nested("preferences", fields.into_preferences()))
}

impl CreateTrip {
    pub(crate) fn into_content(self) -> Result<Content, Invalid> {
        let mut checks = Checks::default();
        let title = checks.required("title", self.title, |text| TITLE.parse(&text));
        let description = checks
            .optional("description", self.description, |text| description(&text))
            .flatten();
        let start_date = checks.required("start_date", self.start_date, date);
        let end_date = checks.required("end_date", self.end_date, date);
        let inputs = checks
            .required("destinations", self.destinations, Ok)
            .unwrap_or_default();
        let destinations = destinations(&mut checks, inputs);
        let status = checks
            .optional("status", self.status, |name| Status::parse(&name))
            .unwrap_or(Status::Planning);
        let trip_type = checks
            .optional("trip_type", self.trip_type, |name| TripType::parse(&name))
            .unwrap_or(TripType::Leisure);
        let travelers = checks.optional("travelers", self.travelers, travelers).unwrap_or(1);
        let tags = checks
            .optional("tags", self.tags, |list| tags(&list, MAX_TAGS, TAG))
            .unwrap_or_default();
        let preferences = preferences(&mut checks, self.preferences).unwrap_or_default();
        checks
            .build(|| {
                Some(Content {
                    title: title?,
                    description,
                    start_date: start_date?,
                    end_date: end_date?,
                    destinations,
                    status,
                    trip_type,
                    travelers,
                    tags,
                    preferences,
                })
            })?
            .checked()
    }
}

impl UpdateTrip {
    pub(crate) fn into_patch(self) -> Result<ContentPatch, Invalid> {
        let mut checks = Checks::default();
        let patch = ContentPatch {
            title: checks.optional("title", self.title, |text| TITLE.parse(&text)),
            description: match self.description {
                Some(Some(text)) => checks.take("description", description(&text)),
                other => other,
            },
            start_date: checks.optional("start_date", self.start_date, date),
            end_date: checks.optional("end_date", self.end_date, date),
            destinations: self.destinations.map(|inputs| destinations(&mut checks, inputs)),
            status: checks.optional("status", self.status, |name| Status::parse(&name)),
            trip_type: checks.optional("trip_type", self.trip_type, |name| TripType::parse(&name)),
            travelers: checks.optional("travelers", self.travelers, travelers),
            tags: checks.optional("tags", self.tags, |list| tags(&list, MAX_TAGS, TAG)),
            preferences: preferences(&mut checks, self.preferences),
        };
        checks.finish()?;
        Ok(patch)
    }
}

/// A trip.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct TripResponse {
    /// Its id.
    #[schema(format = Uuid)]
    id: String,
    /// Its owner.
    #[schema(format = Uuid)]
    user_id: Option<String>,
    /// What it is called.
    title: String,
    /// What it is about.
    description: Option<String>,
    /// First day.
    #[schema(value_type = String, format = Date)]
    start_date: Date,
    /// Last day.
    #[schema(value_type = String, format = Date)]
    end_date: Date,
    /// Days from the first to the last, both included.
    duration_days: i32,
    /// Where it goes.
    destinations: Vec<DestinationFields>,
    /// How far it is.
    status: &'static str,
    /// What kind of trip it is.
    trip_type: &'static str,
    /// How many people travel.
    travelers: u32,
    /// Words to find it by.
    tags: Vec<String>,
    /// How its members like to travel.
    preferences: PreferencesFields,
    /// What the caller may do: `view`, `edit`, `admin`, `owner`.
    permission_level: Option<&'static str>,
    /// How many take part besides the owner.
    collaborator_count: usize,
    /// How many items it has.
    item_count: usize,
    /// Version of the trip itself, as in `ETag`.
    version: u64,
    /// Number of the newest entry of its version history.
    sequence: u64,
    /// When it was made.
    #[schema(value_type = String, format = DateTime)]
    created_at: Timestamp,
    /// When anything of it last changed.
    #[schema(value_type = String, format = DateTime)]
    updated_at: Timestamp,
}

impl TripResponse {
    /// The trip as `viewer` sees it.
    pub(crate) fn new(trip: &Trip, viewer: Option<&Principal>) -> Self {
        let content = &trip.content;
        Self {
            id: trip.id.to_string(),
            user_id: trip.owner().map(|owner| owner.to_string()),
            title: content.title.clone(),
            description: content.description.clone(),
            start_date: content.start_date,
            end_date: content.end_date,
            duration_days: content.duration_days(),
            destinations: content.destinations.iter().map(DestinationFields::new).collect(),
            status: content.status.name(),
            trip_type: content.trip_type.name(),
            travelers: content.travelers,
            tags: content.tags.clone(),
            preferences: PreferencesFields::new(&content.preferences),
            permission_level: viewer
                .and_then(|viewer| trip.role_of(viewer.user))
                .map(|role| role.name()),
            collaborator_count: trip.members.len().saturating_sub(1),
            item_count: trip.item_count,
            version: trip.revision,
            sequence: trip.sequence,
            created_at: trip.created_at,
            updated_at: trip.updated_at,
        }
    }
}
