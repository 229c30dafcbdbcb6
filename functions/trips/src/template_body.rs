//! A template as clients write and read it: its days are counted from 1.

use jiff::{
    Timestamp,
    civil::{Date, Time},
};
use serde::{Deserialize, Serialize};
use tripsage_domain::{
    text::tags,
    trip::{Content, Destination, MAX_TAGS, Plan, Status, Template, TemplateVisibility, TripType, When},
    validation::{Checks, Invalid, Rule},
};
use tripsage_store::trips::TemplateListingRow;
use utoipa::ToSchema;

use crate::trip_body::{DestinationInput, TAG, TITLE, description, destinations, travelers};

/// Days that a template lasts at most.
const MAX_DAYS: i32 = 366;

/// A new template: of a trip, or from nothing.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct CreateTemplate {
    /// The trip to make it of, with its items. Of the other fields only `title`, `description`, `visibility` and
    /// `tags` may be given then, and none has to be.
    #[schema(format = Uuid)]
    pub(crate) trip_id: Option<String>,
    /// What it is called.
    #[schema(min_length = 1, max_length = 100, example = "A fortnight in Japan")]
    title: Option<String>,
    /// What it is about.
    #[schema(max_length = 2000)]
    description: Option<String>,
    /// `private`: only for its owner; `shared`: for whoever has its id; `public`: listed for everybody.
    #[schema(example = "private")]
    visibility: Option<String>,
    /// How many days it lasts.
    #[schema(minimum = 1, maximum = 366, example = 14)]
    duration_days: Option<i32>,
    /// Where it goes: names, or objects without dates.
    #[schema(min_items = 1, max_items = 30)]
    destinations: Option<Vec<DestinationInput>>,
    /// `leisure`, `business`, `family`, `solo` or `other`.
    trip_type: Option<String>,
    /// How many people travel.
    #[schema(minimum = 1, maximum = 100)]
    travelers: Option<u32>,
    /// Words to find it by.
    #[schema(max_items = 20)]
    tags: Option<Vec<String>>,
}

/// A change of some fields of a template.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct UpdateTemplate {
    /// What it is called.
    #[schema(min_length = 1, max_length = 100)]
    title: Option<String>,
    /// What it is about; empty for nothing.
    #[schema(max_length = 2000)]
    description: Option<String>,
    /// `private`, `shared` or `public`.
    #[schema(example = "public")]
    visibility: Option<String>,
    /// How many days it lasts.
    #[schema(minimum = 1, maximum = 366)]
    duration_days: Option<i32>,
    /// Where it goes: names, or objects without dates.
    #[schema(min_items = 1, max_items = 30)]
    destinations: Option<Vec<DestinationInput>>,
    /// `leisure`, `business`, `family`, `solo` or `other`.
    trip_type: Option<String>,
    /// How many people travel.
    #[schema(minimum = 1, maximum = 100)]
    travelers: Option<u32>,
    /// Words to find it by.
    #[schema(max_items = 20)]
    tags: Option<Vec<String>>,
}

/// What a client says of a template.
#[derive(Debug, Clone)]
pub(crate) struct TemplatePatch {
    pub(crate) title: Option<String>,
    pub(crate) description: Option<Option<String>>,
    pub(crate) visibility: Option<TemplateVisibility>,
    duration_days: Option<i32>,
    destinations: Option<Vec<Destination>>,
    trip_type: Option<TripType>,
    travelers: Option<u32>,
    pub(crate) tags: Option<Vec<String>>,
}

impl CreateTemplate {
    /// What to make of nothing: everything that a template must have is there.
    pub(crate) fn into_content(self) -> Result<(Content, TemplateVisibility), Invalid> {
        let mut checks = Checks::default();
        checks.ensure(self.title.is_some(), "title", "required", "is required");
        let lasts = self.duration_days.is_some();
        checks.ensure(lasts, "duration_days", "required", "is required");
        let goes = self.destinations.is_some();
        checks.ensure(goes, "destinations", "required", "is required");
        let patch = self.into_fields().parse(&mut checks);
        checks.finish()?;
        let (start_date, end_date) = Template::dates(patch.duration_days.unwrap_or(1));
        let empty = Content {
            title: String::new(),
            description: None,
            start_date,
            end_date,
            destinations: Vec::new(),
            status: Status::Planning,
            trip_type: TripType::Leisure,
            travelers: 1,
            tags: Vec::new(),
            preferences: Default::default(),
        };
        let visibility = patch.visibility.unwrap_or(TemplateVisibility::Private);
        Ok((patch.onto(&empty).checked()?, visibility))
    }

    /// What to change of a trip's content.
    pub(crate) fn into_patch(self) -> Result<TemplatePatch, Invalid> {
        let mut checks = Checks::default();
        let exclusive = [
            ("duration_days", self.duration_days.is_some()),
            ("destinations", self.destinations.is_some()),
            ("trip_type", self.trip_type.is_some()),
            ("travelers", self.travelers.is_some()),
        ];
        for (field, given) in exclusive {
            checks.ensure(!given, field, "exclusive", "must not be given together with trip_id");
        }
        let patch = self.into_fields().parse(&mut checks);
        checks.finish()?;
        Ok(patch)
    }

    fn into_fields(self) -> UpdateTemplate {
        UpdateTemplate {
            title: self.title,
            description: self.description,
            visibility: self.visibility,
            duration_days: self.duration_days,
            destinations: self.destinations,
            trip_type: self.trip_type,
            travelers: self.travelers,
            tags: self.tags,
        }
    }
}

impl UpdateTemplate {
    pub(crate) fn into_patch(self) -> Result<TemplatePatch, Invalid> {
        let mut checks = Checks::default();
        let patch = self.parse(&mut checks);
        checks.finish()?;
        Ok(patch)
    }

    fn parse(self, checks: &mut Checks) -> TemplatePatch {
        let destinations = self.destinations.map(|inputs| destinations(checks, inputs));
        for (index, place) in destinations.iter().flatten().enumerate() {
            let undated = place.arrival_date.is_none() && place.departure_date.is_none();
            let message = "must have no dates in a template";
            checks.ensure(undated, &format!("destinations[{index}]"), "undated", message);
        }
        TemplatePatch {
            title: checks.optional("title", self.title, |text| TITLE.parse(&text)),
            description: checks.optional("description", self.description, |text| description(&text)),
            visibility: checks.optional("visibility", self.visibility, |name| TemplateVisibility::parse(&name)),
            duration_days: checks.optional("duration_days", self.duration_days, |days| {
                let message = format!("must be between 1 and {MAX_DAYS}");
                let fits = (1..=MAX_DAYS).contains(&days);
                fits.then_some(days).ok_or_else(|| Rule::new("range", message))
            }),
            destinations,
            trip_type: checks.optional("trip_type", self.trip_type, |name| TripType::parse(&name)),
            travelers: checks.optional("travelers", self.travelers, travelers),
            tags: checks.optional("tags", self.tags, |list| tags(&list, MAX_TAGS, TAG)),
        }
    }
}

impl TemplatePatch {
    /// The content with what was said of it.
    pub(crate) fn onto(self, content: &Content) -> Content {
        let (_, end_date) = self
            .duration_days
            .map_or((content.start_date, content.end_date), Template::dates);
        Content {
            title: self.title.unwrap_or_else(|| content.title.clone()),
            description: self.description.unwrap_or_else(|| content.description.clone()),
            end_date,
            destinations: self.destinations.unwrap_or_else(|| content.destinations.clone()),
            trip_type: self.trip_type.unwrap_or(content.trip_type),
            travelers: self.travelers.unwrap_or(content.travelers),
            tags: self.tags.unwrap_or_else(|| content.tags.clone()),
            ..content.clone()
        }
    }
}

/// A template.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct TemplateResponse {
    /// Its id.
    #[schema(format = Uuid)]
    id: String,
    /// Whose it is.
    #[schema(format = Uuid)]
    user_id: String,
    /// Who may see it.
    visibility: &'static str,
    /// What it is called.
    title: String,
    /// What it is about.
    description: Option<String>,
    /// How many days it lasts.
    duration_days: i32,
    /// Where it goes.
    destinations: Vec<TemplateDestination>,
    /// What kind of trip it is.
    trip_type: &'static str,
    /// How many people travel.
    travelers: u32,
    /// Words to find it by.
    tags: Vec<String>,
    /// What is planned.
    items: Vec<TemplateItem>,
    /// Its version, as in `ETag`.
    version: u64,
    /// When it was made.
    #[schema(value_type = String, format = DateTime)]
    created_at: Timestamp,
    /// When it last changed.
    #[schema(value_type = String, format = DateTime)]
    updated_at: Timestamp,
}

/// A place that trips of a template go to.
#[derive(Debug, Serialize, ToSchema)]
struct TemplateDestination {
    /// What people call it.
    name: String,
    /// ISO 3166-1 alpha-2 code, or a name.
    country: Option<String>,
    /// City.
    city: Option<String>,
    /// On which day it is reached.
    arrival_day: Option<i32>,
    /// On which day it is left.
    departure_day: Option<i32>,
}

/// A thing that is planned in a template.
#[derive(Debug, Serialize, ToSchema)]
struct TemplateItem {
    /// `flight`, `accommodation`, `activity`, `transport`, `meal` or `note`.
    #[serde(rename = "type")]
    item_type: &'static str,
    /// What it is called.
    title: String,
    /// What it is about.
    description: Option<String>,
    /// Where it happens.
    location: Option<String>,
    /// On which day it begins.
    day: Option<i32>,
    /// On which day it ends.
    end_day: Option<i32>,
    /// At what time it begins, by the clocks of the place.
    #[schema(value_type = Option<String>, example = "09:30:00")]
    start_time: Option<Time>,
    /// At what time it ends.
    #[schema(value_type = Option<String>)]
    end_time: Option<Time>,
    /// Zone of the place where it begins.
    #[schema(example = "Asia/Tokyo")]
    time_zone: Option<String>,
}

impl From<&Template> for TemplateResponse {
    fn from(template: &Template) -> Self {
        let content = &template.content;
        let day = |date: Option<Date>| date.map(Template::day);
        let destinations = content.destinations.iter().map(|place| TemplateDestination {
            name: place.name.clone(),
            country: place.country.clone(),
            city: place.city.clone(),
            arrival_day: day(place.arrival_date),
            departure_day: day(place.departure_date),
        });
        Self {
            id: template.id.to_string(),
            user_id: template.owner.to_string(),
            visibility: template.visibility.name(),
            title: content.title.clone(),
            description: content.description.clone(),
            duration_days: content.duration_days(),
            destinations: destinations.collect(),
            trip_type: content.trip_type.name(),
            travelers: content.travelers,
            tags: content.tags.clone(),
            items: template.plans.iter().map(TemplateItem::from).collect(),
            version: template.version,
            created_at: template.created_at,
            updated_at: template.updated_at,
        }
    }
}

impl From<&Plan> for TemplateItem {
    fn from(plan: &Plan) -> Self {
        let time = |when: &Option<When>| match when {
            Some(When::Time(time)) => Some((time.local.time(), time.zone.name().to_owned())),
            Some(When::Day(_)) | None => None,
        };
        let day = |when: &Option<When>| when.as_ref().map(|when| Template::day(when.date()));
        let (start, end) = (time(&plan.start), time(&plan.end));
        Self {
            item_type: plan.details.item_type().name(),
            title: plan.title.clone(),
            description: plan.description.clone(),
            location: plan.location.as_ref().and_then(|place| place.line()),
            day: day(&plan.start),
            end_day: day(&plan.end),
            start_time: start.as_ref().map(|(time, _)| *time),
            end_time: end.map(|(time, _)| time),
            time_zone: start.map(|(_, zone)| zone),
        }
    }
}

/// What a list shows of a template.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ListedTemplate {
    /// Its id.
    #[schema(format = Uuid)]
    id: String,
    /// Whose it is.
    #[schema(format = Uuid)]
    user_id: String,
    /// Who may see it.
    visibility: String,
    /// What it is called.
    title: String,
    /// What it is about.
    description: Option<String>,
    /// How many days it lasts.
    duration_days: i32,
    /// Names of its destinations.
    destinations: Vec<String>,
    /// What kind of trip it is.
    trip_type: String,
    /// Words to find it by.
    tags: Vec<String>,
    /// How many items it has.
    item_count: usize,
    /// When it was made.
    #[schema(value_type = String, format = DateTime)]
    created_at: Timestamp,
    /// When it last changed.
    #[schema(value_type = String, format = DateTime)]
    updated_at: Timestamp,
}

impl From<TemplateListingRow> for ListedTemplate {
    fn from(row: TemplateListingRow) -> Self {
        Self {
            id: row.id.to_string(),
            user_id: row.owner.to_string(),
            visibility: row.visibility,
            title: row.title,
            description: row.description,
            duration_days: row.duration_days,
            destinations: row.destinations,
            trip_type: row.trip_type,
            tags: row.tags,
            item_count: row.item_count,
            created_at: row.created_at,
            updated_at: row.updated_at,
        }
    }
}
