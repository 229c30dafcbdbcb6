use axum::extract::State;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use tripsage_domain::ids::BookingId;
use tripsage_http::{ApiError, Caller, Context, CursorScope, Envelope, Errors, PageQuery, Path, Query, Reply};
use tripsage_store::bookings::EventRow;
use utoipa::{IntoParams, ToSchema};

use crate::{App, refusals::Refused};

/// Where in the log to go on.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct ListEvents {
    /// The `next_cursor` of the page before.
    cursor: Option<String>,
    /// Entries per page.
    #[param(minimum = 1, maximum = 100)]
    per_page: Option<u32>,
}

/// An entry of a booking's log.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct BookingEvent {
    /// Counts from 1, without a gap.
    number: u64,
    /// When it became known.
    #[schema(value_type = String, format = DateTime)]
    at: Timestamp,
    /// What happened.
    #[schema(example = "order.created")]
    event: String,
    /// From whom it is known: `owner`, `job` or `provider`.
    actor: String,
    /// More about it.
    note: Option<String>,
}

impl From<EventRow> for BookingEvent {
    fn from(row: EventRow) -> Self {
        Self {
            number: row.number,
            at: row.at,
            event: row.event,
            actor: row.actor,
            note: row.note,
        }
    }
}

/// What happened to a booking, oldest first. Entries are only ever added.
#[utoipa::path(get, path = "/api/v1/bookings/{booking_id}/events", operation_id = "listBookingEvents",
    tag = "bookings", security(("bearer" = [])), params(("booking_id" = String, Path, format = Uuid), ListEvents),
    responses((status = 200, description = "A page of the log", body = Envelope<Vec<BookingEvent>>), Errors))]
pub(crate) async fn list_booking_events(
    State(app): State<App>,
    caller: Caller,
    context: Context,
    Path(id): Path<BookingId>,
    Query(query): Query<ListEvents>,
) -> Result<Reply<Vec<BookingEvent>>, ApiError> {
    let per_page = PageQuery::checked_per_page(query.per_page)?;
    app.ordering.find(caller.user, id).await.map_err(Refused)?;
    let (user, booking) = (caller.user.to_string(), id.to_string());
    let scope = CursorScope {
        operation: "listBookingEvents",
        caller: &user,
        selection: &booking,
    };
    let pages = app.edge.cursor_pages(scope, per_page, context.now);
    let after = pages.after(query.cursor.as_deref()).await?;
    let page = app.db.list_booking_events(caller.user, id, pages.size(), after).await?;
    let pagination = pages.pagination(page.next.as_deref()).await?;
    let events = page.items.into_iter().map(BookingEvent::from).collect();
    Ok(Reply::ok("Events found", events).page(pagination))
}
