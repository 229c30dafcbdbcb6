use axum::extract::State;
use tripsage_domain::{audit::Action, ids::TripId, trip::Trip};
use tripsage_http::{ApiError, Caller, Context, Envelope, Errors, Json, Reply};
use tripsage_store::trips::TripChange;

use crate::{
    App,
    trip_body::{CreateTrip, TripResponse},
};

/// Makes a trip; the caller becomes its owner.
#[utoipa::path(post, path = "/api/v1/trips", operation_id = "createTrip", tag = "trips", security(("bearer" = [])),
    request_body = CreateTrip,
    responses((status = 201, description = "The trip", body = Envelope<TripResponse>), Errors))]
pub(crate) async fn create_trip(
    State(app): State<App>,
    caller: Caller,
    context: Context,
    Json(request): Json<CreateTrip>,
) -> Result<Reply<TripResponse>, ApiError> {
    let content = request.into_content()?;
    let trip = Trip::new(
        TripId::from_uuid(context.new_id("trip")),
        caller.user,
        content,
        context.now,
    );
    let id = trip.id;
    let mut change = TripChange::new(None, trip, "trip.created", caller.user, context.now);
    change
        .audit
        .push(context.record(caller.user, Action::TripCreated, format!("trip/{id}")));
    change.claim = context.claim();
    let trip = match app.db.commit_trip(change).await {
        // An earlier attempt at this very request has made it.
        Err(error) if error.is_conflict("trip") && context.resumed() => app.find_trip(id).await?,
        result => result?,
    };
    let reply = Reply::created("Trip created", TripResponse::new(&trip, Some(&caller)));
    Ok(reply.etag(trip.revision).location(&format!("/api/v1/trips/{id}")))
}
