use axum::extract::State;
use tripsage_domain::{ids::TripId, policy::TripAction};
use tripsage_http::{ApiError, Caller, Envelope, Errors, Path, Reply};

use crate::{App, trip_body::TripResponse};

/// A trip that the caller takes part in.
#[utoipa::path(get, path = "/api/v1/trips/{trip_id}", operation_id = "getTrip", tag = "trips",
    security(("bearer" = [])), params(("trip_id" = String, Path, format = Uuid)),
    responses((status = 200, description = "The trip", body = Envelope<TripResponse>), Errors))]
pub(crate) async fn get_trip(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<TripId>,
) -> Result<Reply<TripResponse>, ApiError> {
    let trip = app.find_trip(id).await?;
    trip.permit(caller.user, TripAction::View)?;
    Ok(Reply::ok("Trip found", TripResponse::new(&trip, Some(&caller))).etag(trip.revision))
}
