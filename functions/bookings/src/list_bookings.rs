use axum::extract::State;
use jiff::civil::Date;
use serde::Deserialize;
use tripsage_domain::{
    booking::{Booking, Kind, Status},
    ids::TripId,
    trip::When,
    validation::{Checks, Invalid},
};
use tripsage_http::{ApiError, Caller, Context, CursorScope, Envelope, Errors, PageQuery, Query, Reply};
use utoipa::IntoParams;

use crate::{App, booking_body::BookingResponse, values::date};

/// Which bookings to list.
#[derive(Debug, Default, Clone, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct ListBookings {
    /// Only bookings of this trip.
    #[param(value_type = Option<String>, format = Uuid)]
    trip_id: Option<TripId>,
    /// Only bookings with this status.
    status: Option<String>,
    /// Only bookings of this kind.
    kind: Option<String>,
    /// Only bookings that end on this day or later.
    #[param(value_type = Option<String>, format = Date)]
    from: Option<String>,
    /// Only bookings that begin on this day or earlier.
    #[param(value_type = Option<String>, format = Date)]
    to: Option<String>,
    /// The `next_cursor` of the page before.
    cursor: Option<String>,
    /// Entries per page.
    #[param(minimum = 1, maximum = 100)]
    per_page: Option<u32>,
}

/// Its debug text tells two selections apart, and binds a cursor to its own.
#[derive(Debug)]
struct Selection {
    trip: Option<TripId>,
    status: Option<Status>,
    kind: Option<Kind>,
    from: Option<Date>,
    to: Option<Date>,
}

impl Selection {
    fn parse(query: &ListBookings) -> Result<Self, Invalid> {
        let mut checks = Checks::default();
        let selection = Self {
            trip: query.trip_id,
            status: checks.optional("status", query.status.as_deref(), Status::parse),
            kind: checks.optional("kind", query.kind.as_deref(), Kind::parse),
            from: checks.optional("from", query.from.as_deref(), date),
            to: checks.optional("to", query.to.as_deref(), date),
        };
        checks.finish()?;
        Ok(selection)
    }

    fn includes(&self, booking: &Booking) -> bool {
        let start = booking.summary.start.as_ref().map(When::date);
        let end = booking.summary.end.as_ref().map(When::date).or(start);
        self.trip.is_none_or(|trip| booking.trip == Some(trip))
            && self.status.is_none_or(|status| booking.status == status)
            && self.kind.is_none_or(|kind| booking.kind == kind)
            && self.from.is_none_or(|from| end.is_some_and(|end| end >= from))
            && self.to.is_none_or(|to| start.is_some_and(|start| start <= to))
    }
}

/// The caller's bookings, newest first. A page may hold fewer entries than asked for and still have more after it.
#[utoipa::path(get, path = "/api/v1/bookings", operation_id = "listBookings", tag = "bookings",
    security(("bearer" = [])), params(ListBookings),
    responses((status = 200, description = "A page of bookings", body = Envelope<Vec<BookingResponse>>), Errors))]
pub(crate) async fn list_bookings(
    State(app): State<App>,
    caller: Caller,
    context: Context,
    Query(query): Query<ListBookings>,
) -> Result<Reply<Vec<BookingResponse>>, ApiError> {
    let per_page = PageQuery::checked_per_page(query.per_page)?;
    let selection = Selection::parse(&query)?;
    let (user, selected) = (caller.user.to_string(), format!("{selection:?}"));
    let scope = CursorScope {
        operation: "listBookings",
        caller: &user,
        selection: &selected,
    };
    let pages = app.edge.cursor_pages(scope, per_page, context.now);
    let after = pages.after(query.cursor.as_deref()).await?;
    let page = app
        .db
        .list_bookings(caller.user, pages.size(), after, |booking| selection.includes(booking))
        .await?;
    let pagination = pages.pagination(page.next.as_deref()).await?;
    let bookings = page.bookings.iter().map(BookingResponse::new).collect();
    Ok(Reply::ok("Bookings found", bookings).page(pagination))
}
