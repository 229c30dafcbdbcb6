//! Calendar feeds: an address of a member's own, under which calendar programs fetch a trip. They cannot sign in, so
//! the address itself is the credential; a new one ends the old one.

use axum::{
    extract::State,
    response::{IntoResponse, Response},
};
use http::{HeaderName, HeaderValue, header};
use jiff::Timestamp;
use serde::Serialize;
use tripsage_domain::{
    audit::Action,
    ids::{TripId, UserId},
    policy::TripAction,
    trip::{Item, Trip},
};
use tripsage_http::{ApiError, Caller, Context, Envelope, Errors, Path, Reply};
use tripsage_store::{Transaction, trips::FeedRow};
use utoipa::ToSchema;

use crate::{
    App,
    calendar::calendar,
    capability::{Capability, Kind},
    invitations::Removed,
};

/// The address of a calendar feed.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct CalendarFeed {
    /// What to subscribe to; shown only here.
    url: String,
    /// The secret part of it.
    token: String,
    /// When it was made.
    #[schema(value_type = String, format = DateTime)]
    created_at: Timestamp,
}

/// Makes the caller's own calendar feed of a trip; an earlier one ends.
#[utoipa::path(post, path = "/api/v1/trips/{trip_id}/calendar-feed", operation_id = "createCalendarFeed",
    tag = "trips", security(("bearer" = [])), params(("trip_id" = String, Path, format = Uuid)),
    responses((status = 201, description = "The feed", body = Envelope<CalendarFeed>), Errors))]
pub(crate) async fn create_calendar_feed(
    State(app): State<App>,
    caller: Caller,
    context: Context,
    Path(id): Path<TripId>,
) -> Result<Reply<CalendarFeed>, ApiError> {
    app.find_trip(id).await?.permit(caller.user, TripAction::View)?;
    let old = app.db.find_feed(id, caller.user).await?;
    let (capability, token) = Capability::mint(Kind::Feed, &context, id, caller.user.uuid());
    let feed = FeedRow {
        user: caller.user,
        created_at: context.now,
        digest: capability.digest,
    };
    let record = context.record(caller.user, Action::CalendarFeedRotated, format!("trip/{id}"));
    let transaction = Transaction::rotating_feed(id, old.as_ref(), &feed, &record)?;
    app.db.commit(transaction.fenced(context.claim())).await?;
    let result = CalendarFeed {
        url: format!("{}/api/v1/feeds/{token}.ics", app.edge.runtime().config().public_url),
        token,
        created_at: context.now,
    };
    Ok(Reply::created("Calendar feed created", result).secret())
}

/// Ends the caller's calendar feed of a trip.
#[utoipa::path(delete, path = "/api/v1/trips/{trip_id}/calendar-feed", operation_id = "deleteCalendarFeed",
    tag = "trips", security(("bearer" = [])), params(("trip_id" = String, Path, format = Uuid)),
    responses((status = 200, description = "It has ended", body = Envelope<Removed>), Errors))]
pub(crate) async fn delete_calendar_feed(
    State(app): State<App>,
    caller: Caller,
    context: Context,
    Path(id): Path<TripId>,
) -> Result<Reply<Removed>, ApiError> {
    app.find_trip(id).await?.permit(caller.user, TripAction::View)?;
    let feed = app.db.find_feed(id, caller.user).await?.ok_or_else(unknown)?;
    let record = context.record(caller.user, Action::CalendarFeedRevoked, format!("trip/{id}"));
    app.db.commit(Transaction::ending_feed(id, &feed, &record)?).await?;
    let id = id.to_string();
    Ok(Reply::ok("Calendar feed ended", Removed { id }))
}

fn unknown() -> ApiError {
    ApiError::not_found("calendar feed")
}

/// The trip of a calendar feed as an iCalendar document; nobody has to sign in. A cancelled trip is there, as
/// cancelled. A trip that was deleted, or that the feed's owner does not take part in any more, is not.
#[utoipa::path(get, path = "/api/v1/feeds/{file}", operation_id = "getCalendarFeed", tag = "trips",
    params(("file" = String, Path, description = "The token, and `.ics` after it")),
    responses((status = 200, description = "The calendar", body = String, content_type = "text/calendar"), Errors))]
pub(crate) async fn get_calendar_feed(State(app): State<App>, Path(file): Path<String>) -> Result<Response, ApiError> {
    let token = file.strip_suffix(".ics").ok_or_else(unknown)?;
    let capability = Capability::parse(Kind::Feed, token).ok_or_else(unknown)?;
    let user = UserId::from_uuid(capability.id);
    let (feed, found) = tokio::try_join!(
        app.db.find_feed(capability.trip, user),
        app.db.find_trip_with_items(capability.trip)
    )?;
    let feed = feed
        .map(|loaded| loaded.item)
        .filter(|feed| feed.digest == capability.digest);
    let feed = feed.ok_or_else(unknown)?;
    let stands = |(trip, _): &(Trip, Vec<Item>)| trip.stands_by(user, feed.created_at, TripAction::View);
    let (trip, items) = found.filter(stands).ok_or_else(unknown)?;
    let etag = HeaderValue::from_str(&format!("\"{}\"", trip.sequence)).map_err(ApiError::internal)?;
    let headers = [
        (
            header::CONTENT_TYPE,
            HeaderValue::from_static("text/calendar; charset=utf-8"),
        ),
        (header::ETAG, etag),
        (
            HeaderName::from_static("x-robots-tag"),
            HeaderValue::from_static("noindex, nofollow"),
        ),
    ];
    Ok((headers, calendar(&trip, &items)).into_response())
}
