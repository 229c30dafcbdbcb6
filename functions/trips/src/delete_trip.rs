use axum::extract::State;
use jiff::Timestamp;
use serde::Serialize;
use tripsage_domain::{audit::Action, ids::TripId, trip::RESTORE_WINDOW};
use tripsage_http::{ApiError, Caller, Context, Envelope, Errors, IfMatch, Path, Reply};
use utoipa::ToSchema;

use crate::{App, editing::change, trip_body::TripResponse};

/// A deleted trip.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct DeletedTrip {
    /// Its id.
    #[schema(format = Uuid)]
    id: String,
    /// Until when it can be brought back.
    #[schema(value_type = String, format = DateTime)]
    restorable_until: Timestamp,
}

/// Deletes a trip for everybody. Its owner can bring it back for 30 days.
#[utoipa::path(delete, path = "/api/v1/trips/{trip_id}", operation_id = "deleteTrip", tag = "trips",
    security(("bearer" = [])), params(("trip_id" = String, Path, format = Uuid)),
    responses((status = 200, description = "It is deleted", body = Envelope<DeletedTrip>), Errors))]
pub(crate) async fn delete_trip(
    State(app): State<App>,
    caller: Caller,
    context: Context,
    Path(id): Path<TripId>,
    if_match: IfMatch,
) -> Result<Reply<DeletedTrip>, ApiError> {
    app.edit_trip(&context, id, |trip| {
        let after = trip.deleted(caller.user, context.now)?;
        if_match.check(trip.revision)?;
        let mut change = change(trip, after, "trip.deleted", &caller, &context);
        change
            .audit
            .push(context.record(caller.user, Action::TripDeleted, format!("trip/{id}")));
        Ok(Some(change))
    })
    .await?;
    let restorable_until = context.now + RESTORE_WINDOW;
    Ok(Reply::ok(
        "Trip deleted",
        DeletedTrip {
            id: id.to_string(),
            restorable_until,
        },
    ))
}

/// Brings a deleted trip back, with its items and members.
#[utoipa::path(post, path = "/api/v1/trips/{trip_id}/restore", operation_id = "restoreTrip", tag = "trips",
    security(("bearer" = [])), params(("trip_id" = String, Path, format = Uuid)),
    responses((status = 200, description = "The trip", body = Envelope<TripResponse>), Errors))]
pub(crate) async fn restore_trip(
    State(app): State<App>,
    caller: Caller,
    context: Context,
    Path(id): Path<TripId>,
) -> Result<Reply<TripResponse>, ApiError> {
    let trip = app
        .edit_trip(&context, id, |trip| {
            let after = trip.restored(caller.user, context.now)?;
            let mut change = change(trip, after, "trip.restored", &caller, &context);
            change
                .audit
                .push(context.record(caller.user, Action::TripRestored, format!("trip/{id}")));
            Ok(Some(change))
        })
        .await?;
    Ok(Reply::ok("Trip restored", TripResponse::new(&trip, Some(&caller))).etag(trip.revision))
}
