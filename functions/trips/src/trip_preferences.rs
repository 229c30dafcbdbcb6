use axum::extract::State;
use tripsage_domain::{
    ids::TripId,
    policy::TripAction,
    trip::{ContentPatch, Preferences},
};
use tripsage_http::{ApiError, Caller, Context, Envelope, Errors, IfMatch, Json, Path, Reply};

use crate::{App, editing::change, preferences_body::PreferencesFields, trip_body::TripResponse};

/// How the members of a trip like to travel.
#[utoipa::path(get, path = "/api/v1/trips/{trip_id}/preferences", operation_id = "getTripPreferences", tag = "trips",
    security(("bearer" = [])), params(("trip_id" = String, Path, format = Uuid)),
    responses((status = 200, description = "The preferences", body = Envelope<PreferencesFields>), Errors))]
pub(crate) async fn get_trip_preferences(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<TripId>,
) -> Result<Reply<PreferencesFields>, ApiError> {
    let trip = app.find_trip(id).await?;
    trip.permit(caller.user, TripAction::View)?;
    let preferences = PreferencesFields::new(&trip.content.preferences);
    Ok(Reply::ok("Preferences found", preferences).etag(trip.revision))
}

/// Replaces all preferences of a trip. They are part of it: its version and its history cover them.
#[utoipa::path(put, path = "/api/v1/trips/{trip_id}/preferences", operation_id = "replaceTripPreferences",
    tag = "trips", security(("bearer" = [])), params(("trip_id" = String, Path, format = Uuid)),
    request_body = PreferencesFields,
    responses((status = 200, description = "The trip", body = Envelope<TripResponse>), Errors))]
pub(crate) async fn replace_trip_preferences(
    State(app): State<App>,
    caller: Caller,
    context: Context,
    Path(id): Path<TripId>,
    if_match: IfMatch,
    Json(request): Json<PreferencesFields>,
) -> Result<Reply<TripResponse>, ApiError> {
    let preferences: Preferences = request.into_preferences()?;
    let trip = app
        .edit_trip(&context, id, |trip| {
            trip.permit(caller.user, TripAction::Edit)?;
            if_match.check(trip.revision)?;
            let patch = ContentPatch {
                preferences: Some(preferences.clone()),
                ..ContentPatch::default()
            };
            let after = trip.edited(caller.user, patch, context.now)?;
            let changed = after.revision != trip.revision;
            Ok(changed.then(|| change(trip, after, "trip.preferences.updated", &caller, &context)))
        })
        .await?;
    let reply = Reply::ok("Preferences updated", TripResponse::new(&trip, Some(&caller)));
    Ok(reply.etag(trip.revision))
}
