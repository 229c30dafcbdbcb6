use axum::extract::State;
use tripsage_domain::ids::BookingId;
use tripsage_http::{ApiError, Caller, Envelope, Errors, Path, Reply};

use crate::{App, booking_body::BookingResponse, refusals::Refused};

/// A booking of the caller's.
#[utoipa::path(get, path = "/api/v1/bookings/{booking_id}", operation_id = "getBooking", tag = "bookings",
    security(("bearer" = [])), params(("booking_id" = String, Path, format = Uuid)),
    responses((status = 200, description = "The booking", body = Envelope<BookingResponse>), Errors))]
pub(crate) async fn get_booking(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<BookingId>,
) -> Result<Reply<BookingResponse>, ApiError> {
    let booking = app.ordering.find(caller.user, id).await.map_err(Refused)?;
    Ok(Reply::ok("Booking found", BookingResponse::new(&booking)).etag(booking.version))
}
