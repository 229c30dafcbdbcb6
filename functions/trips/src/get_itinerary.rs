use axum::extract::State;
use jiff::civil::Date;
use serde::Serialize;
use tripsage_domain::{
    ids::TripId,
    trip::{Day, Item, Part, When, itinerary},
};
use tripsage_http::{ApiError, Caller, Envelope, Errors, Path, Reply};
use utoipa::ToSchema;

use crate::{App, item_body::WhenFields};

/// A trip day by day.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ItineraryResponse {
    /// The trip's id: a trip has one itinerary.
    #[schema(format = Uuid)]
    id: String,
    /// The trip's id.
    #[schema(format = Uuid)]
    trip_id: String,
    /// Every day of the trip.
    days: Vec<DayResponse>,
    /// Items that are on none of the trip's days.
    #[schema(value_type = Vec<String>)]
    outside: Vec<String>,
    /// Items without a date.
    #[schema(value_type = Vec<String>)]
    undated: Vec<String>,
    /// All items in order.
    items: Vec<ItineraryItem>,
    /// How many items there are.
    total_items: usize,
}

/// One day.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct DayResponse {
    /// Which.
    #[schema(value_type = String, format = Date)]
    date: Date,
    /// Its number; the first is 1.
    day: usize,
    /// What begins or ends on it, in order.
    items: Vec<DayItem>,
    /// Items that began before and end after it, such as a stay.
    ongoing: Vec<String>,
}

/// An item on a day.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct DayItem {
    /// Its id.
    #[schema(format = Uuid)]
    id: String,
    /// What it is called.
    name: String,
    /// What kind of thing it is.
    #[serde(rename = "type")]
    item_type: &'static str,
    /// How firm it is.
    status: &'static str,
    /// `whole`, `start` or `end`: which part of it is on this day.
    part: &'static str,
    /// The time on this day, as the clocks there show it; none for a whole day.
    #[schema(example = "13:00")]
    time: Option<String>,
}

/// An item.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ItineraryItem {
    /// Its id.
    #[schema(format = Uuid)]
    id: String,
    /// What it is called.
    name: String,
    /// What it is about.
    description: Option<String>,
    /// The instant at which it begins, or the day.
    start_time: Option<String>,
    /// The instant at which it ends, or the day.
    end_time: Option<String>,
    /// When it begins, in full.
    start: Option<WhenFields>,
    /// When it ends, in full.
    end: Option<WhenFields>,
    /// Where it happens, in one line.
    location: Option<String>,
}

/// A trip day by day. Items are on the days of the calendars of their places.
#[utoipa::path(get, path = "/api/v1/trips/{trip_id}/itinerary", operation_id = "getTripItinerary", tag = "trips",
    security(("bearer" = [])), params(("trip_id" = String, Path, format = Uuid)),
    responses((status = 200, description = "The itinerary", body = Envelope<ItineraryResponse>), Errors))]
pub(crate) async fn get_itinerary(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<TripId>,
) -> Result<Reply<ItineraryResponse>, ApiError> {
    let (trip, items) = app.view_plan(&caller, id).await?;
    let plan = itinerary(&trip.content, &items);
    let ids = |items: &[&Item]| items.iter().map(|item| item.id.to_string()).collect();
    let response = ItineraryResponse {
        id: id.to_string(),
        trip_id: id.to_string(),
        days: plan
            .days
            .iter()
            .enumerate()
            .map(|(index, day)| DayResponse::new(index, day))
            .collect(),
        outside: ids(&plan.outside),
        undated: ids(&plan.undated),
        items: items.iter().map(ItineraryItem::new).collect(),
        total_items: items.len(),
    };
    Ok(Reply::ok("Itinerary found", response).etag(trip.sequence))
}

impl DayResponse {
    fn new(index: usize, day: &Day<'_>) -> Self {
        Self {
            date: day.date,
            day: index + 1,
            items: day.items.iter().map(|(part, item)| DayItem::new(*part, item)).collect(),
            ongoing: day.ongoing.iter().map(ToString::to_string).collect(),
        }
    }
}

impl DayItem {
    fn new(part: Part, item: &Item) -> Self {
        let plan = &item.plan;
        let when = match part {
            Part::Whole | Part::Start => &plan.start,
            Part::End => &plan.end,
        };
        let time = match when {
            Some(When::Time(time)) => Some(time.local.strftime("%H:%M").to_string()),
            Some(When::Day(_)) | None => None,
        };
        Self {
            id: item.id.to_string(),
            name: plan.title.clone(),
            item_type: plan.details.item_type().name(),
            status: plan.status.name(),
            part: part.name(),
            time,
        }
    }
}

impl ItineraryItem {
    fn new(item: &Item) -> Self {
        let plan = &item.plan;
        let text = |when: &When| match when {
            When::Day(day) => day.to_string(),
            When::Time(time) => time.instant().to_string(),
        };
        Self {
            id: item.id.to_string(),
            name: plan.title.clone(),
            description: plan.description.clone(),
            start_time: plan.start.as_ref().map(text),
            end_time: plan.end.as_ref().map(text),
            start: plan.start.as_ref().map(WhenFields::new),
            end: plan.end.as_ref().map(WhenFields::new),
            location: plan.location.as_ref().and_then(|location| location.line()),
        }
    }
}
