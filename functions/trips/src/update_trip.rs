use axum::extract::State;
use tripsage_domain::{ids::TripId, policy::TripAction};
use tripsage_http::{ApiError, Caller, Context, Envelope, Errors, IfMatch, Json, Path, Reply};

use crate::{
    App,
    editing::change,
    trip_body::{TripResponse, UpdateTrip},
};

/// Replaces the fields that are given and keeps the others.
#[utoipa::path(put, path = "/api/v1/trips/{trip_id}", operation_id = "replaceTrip", tag = "trips",
    security(("bearer" = [])), params(("trip_id" = String, Path, format = Uuid)), request_body = UpdateTrip,
    responses((status = 200, description = "The trip", body = Envelope<TripResponse>), Errors))]
pub(crate) async fn replace_trip(
    State(app): State<App>,
    caller: Caller,
    context: Context,
    Path(id): Path<TripId>,
    if_match: IfMatch,
    Json(request): Json<UpdateTrip>,
) -> Result<Reply<TripResponse>, ApiError> {
    update(&app, &caller, &context, id, &if_match, request).await
}

/// Changes some fields: a JSON merge patch.
#[utoipa::path(patch, path = "/api/v1/trips/{trip_id}", operation_id = "patchTrip", tag = "trips",
    security(("bearer" = [])), params(("trip_id" = String, Path, format = Uuid)), request_body = UpdateTrip,
    responses((status = 200, description = "The trip", body = Envelope<TripResponse>), Errors))]
pub(crate) async fn patch_trip(
    State(app): State<App>,
    caller: Caller,
    context: Context,
    Path(id): Path<TripId>,
    if_match: IfMatch,
    Json(request): Json<UpdateTrip>,
) -> Result<Reply<TripResponse>, ApiError> {
    update(&app, &caller, &context, id, &if_match, request).await
}

async fn update(
    app: &App,
    caller: &Caller,
    context: &Context,
    id: TripId,
    if_match: &IfMatch,
    request: UpdateTrip,
) -> Result<Reply<TripResponse>, ApiError> {
    let patch = request.into_patch()?;
    let trip = app
        .edit_trip(context, id, |trip| {
            trip.permit(caller.user, TripAction::Edit)?;
            if_match.check(trip.revision)?;
            let after = trip.edited(caller.user, patch.clone(), context.now)?;
            let changed = after.revision != trip.revision;
            Ok(changed.then(|| change(trip, after, "trip.updated", caller, context)))
        })
        .await?;
    Ok(Reply::ok("Trip updated", TripResponse::new(&trip, Some(caller))).etag(trip.revision))
}
