use axum::{
    extract::State,
    response::{IntoResponse, Response},
};
use http::header;
use tripsage_domain::ids::TripId;
use tripsage_http::{ApiError, Caller, Errors, Path};

use crate::{App, calendar::calendar};

/// A trip as an iCalendar document (RFC 5545): one event for the trip and one for each item that has a date. Times are UTC
/// instants, and the local times stand in the descriptions.
#[utoipa::path(get, path = "/api/v1/trips/{trip_id}/calendar.ics", operation_id = "getTripCalendar", tag = "trips",
    security(("bearer" = [])), params(("trip_id" = String, Path, format = Uuid)),
    responses((status = 200, description = "The calendar", body = String, content_type = "text/calendar"), Errors))]
pub(crate) async fn get_trip_calendar(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<TripId>,
) -> Result<Response, ApiError> {
    let (trip, items) = app.view_plan(&caller, id).await?;
    let headers = [
        (header::CONTENT_TYPE, "text/calendar; charset=utf-8".to_owned()),
        (
            header::CONTENT_DISPOSITION,
            format!("attachment; filename=\"trip-{id}.ics\""),
        ),
        // Any change of anything is a new version of the calendar.
        (header::ETAG, format!("\"{}\"", trip.sequence)),
    ];
    Ok((headers, calendar(&trip, &items)).into_response())
}
