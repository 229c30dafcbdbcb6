use axum::extract::State;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use tripsage_domain::{
    ids::ItineraryId,
    itinerary::{DayPlan, Part, PartId, PartKind, day_number},
    validation::{Checks, Invalid, Rule},
};
use tripsage_http::{
    ApiError, Caller, Context, Envelope, Errors, IfMatch, Json, MaybeCaller, Path, Reply, merge_patch, replace_fields,
};
use utoipa::ToSchema;

use super::{MAX_ENTRIES, NAME, PartFields, TEXT, WORDS, operations::part_operations};
use crate::{
    App,
    body::ItineraryDetail,
    inputs::{date, list, number, text},
};

/// What is planned for a day.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct DayPlanFields {
    /// Which day, counted from 1. It cannot be changed.
    #[schema(minimum = 1, maximum = 366, example = 1)]
    day_number: Option<u16>,
    /// Which date.
    #[schema(value_type = Option<String>, format = Date)]
    date: Option<String>,
    /// What it is called.
    #[schema(min_length = 1, max_length = 200, example = "Asakusa and Ueno")]
    title: Option<String>,
    /// What happens.
    #[schema(max_length = 3000)]
    description: Option<String>,
    /// How far one goes.
    #[schema(minimum = 0, maximum = 50000)]
    distance_km: Option<f64>,
    /// How far up.
    #[schema(minimum = 0, maximum = 30000)]
    elevation_gain_m: Option<u32>,
    /// How far down.
    #[schema(minimum = 0, maximum = 30000)]
    elevation_loss_m: Option<u32>,
    /// Where it begins.
    #[schema(max_length = 200)]
    start_point: Option<String>,
    /// Where it ends.
    #[schema(max_length = 200)]
    end_point: Option<String>,
    /// How long one is on the way.
    #[schema(minimum = 0, maximum = 24)]
    estimated_duration_hours: Option<f64>,
    /// What one does.
    #[schema(max_items = 20)]
    activities: Option<Vec<String>>,
}

/// What is planned for a day.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct DayPlanBody {
    #[serde(flatten)]
    fields: DayPlanFields,
}

impl DayPlanBody {
    pub(crate) fn new(day: &DayPlan) -> Self {
        Self {
            fields: DayPlanFields {
                day_number: Some(day.day_number),
                date: day.date.map(|date| date.to_string()),
                title: Some(day.title.clone()),
                description: day.description.clone(),
                distance_km: day.distance_km,
                elevation_gain_m: day.elevation_gain_m,
                elevation_loss_m: day.elevation_loss_m,
                start_point: day.start_point.clone(),
                end_point: day.end_point.clone(),
                estimated_duration_hours: day.estimated_duration_hours,
                activities: Some(day.activities.clone()),
            },
        }
    }
}

fn metres(value: u32) -> Result<u32, Rule> {
    if value <= 30_000 {
        Ok(value)
    } else {
        Err(Rule::new("range", "must be at most 30000"))
    }
}

impl DayPlanFields {
    /// The plan of a day that is named in it.
    fn numbered(self, now: Timestamp) -> Result<Part, Invalid> {
        let mut checks = Checks::default();
        let number = checks.required("day_number", self.day_number, day_number);
        let number = checks.build(|| number)?;
        self.into_part(PartId::Day(number), now)
    }
}

impl PartFields for DayPlanFields {
    type Body = DayPlanBody;

    const KIND: PartKind = PartKind::Day;
    const WHAT: &'static str = "day";

    fn of(part: &Part) -> Option<Self> {
        match part {
            Part::Day(day) => Some(DayPlanBody::new(day).fields),
            _ => None,
        }
    }

    fn into_part(self, id: PartId, _: Timestamp) -> Result<Part, Invalid> {
        let mut checks = Checks::default();
        let same = self.day_number.is_none_or(|number| PartId::Day(number) == id);
        checks.ensure(same, "day_number", "immutable", "must be the day in the path");
        let title = checks.required("title", self.title, |text| NAME.parse(&text));
        let date = checks.optional("date", self.date, date);
        let description = text(&mut checks, "description", self.description, TEXT);
        let distance_km = checks.optional("distance_km", self.distance_km, |km| number(km, 0.0, 50_000.0));
        let gain = checks.optional("elevation_gain_m", self.elevation_gain_m, metres);
        let loss = checks.optional("elevation_loss_m", self.elevation_loss_m, metres);
        let start_point = text(&mut checks, "start_point", self.start_point, NAME);
        let end_point = text(&mut checks, "end_point", self.end_point, NAME);
        let hours = self.estimated_duration_hours;
        let hours = checks.optional("estimated_duration_hours", hours, |hours| number(hours, 0.0, 24.0));
        let activities = list(&mut checks, "activities", self.activities, MAX_ENTRIES, WORDS);
        checks.build(|| {
            let PartId::Day(day_number) = id else { return None };
            Some(Part::Day(DayPlan {
                day_number,
                date,
                title: title?,
                description,
                distance_km,
                elevation_gain_m: gain,
                elevation_loss_m: loss,
                start_point,
                end_point,
                estimated_duration_hours: hours,
                activities,
            }))
        })
    }

    fn body(part: &Part) -> Option<DayPlanBody> {
        match part {
            Part::Day(day) => Some(DayPlanBody::new(day)),
            _ => None,
        }
    }
}

part_operations!(
    DayPlanFields, DayPlanBody, "/api/v1/itineraries/{itinerary_id}/days", "/api/v1/itineraries/{itinerary_id}/days/{day_number}",
    (("itinerary_id" = String, Path, format = Uuid), ("day_number" = u16, Path, minimum = 1, maximum = 366)),
    u16 => PartId::Day,
    create |request, context| request.numbered(context.now),
    list_itinerary_days "listItineraryDays", create_itinerary_day "createItineraryDay",
    get_itinerary_day "getItineraryDay", replace_itinerary_day "replaceItineraryDay",
    patch_itinerary_day "patchItineraryDay", delete_itinerary_day "deleteItineraryDay",
);
