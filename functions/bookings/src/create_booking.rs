use axum::extract::State;
use tripsage_domain::booking::{Actor, Status};
use tripsage_http::{ApiError, Caller, Context, Envelope, Errors, IdempotencyKey, Json, Reply};

use crate::{
    App, act,
    booking_body::{BookingResponse, is_open},
    booking_id,
    new_booking::{CreateBooking, NewBooking},
    refusals::Refused,
};

/// Books a flight or a stay with the caller's own provider key, or writes down what was bought elsewhere.
///
/// The `Idempotency-Key` header is required: the same request with the same key orders once, however often it is sent.
/// 202 means that it is not known yet whether the order exists; read the booking again until its status says it. What
/// the airline needs of a passenger is passed on and not stored: nothing but names is.
#[utoipa::path(post, path = "/api/v1/bookings", operation_id = "createBooking", tag = "bookings",
    security(("bearer" = [])),
    params(("Idempotency-Key" = String, Header, description = "A random text, another for each booking")),
    request_body = CreateBooking,
    responses(
        (status = 201, description = "The booking", body = Envelope<BookingResponse>),
        (status = 202, description = "The booking; its outcome is not known yet", body = Envelope<BookingResponse>),
        Errors))]
pub(crate) async fn create_booking(
    State(app): State<App>,
    caller: Caller,
    context: Context,
    key: IdempotencyKey,
    Json(request): Json<CreateBooking>,
) -> Result<Reply<BookingResponse>, ApiError> {
    let (owner, id) = (caller.user, booking_id(caller.user, &key.0));
    let act = act(&context, Actor::Owner);
    let booking = match request.into_command(id, owner)? {
        NewBooking::Flight(order) => app.ordering.place_flight(order, &act).await,
        NewBooking::Stay(order) => app.ordering.place_stay(order, &act).await,
        NewBooking::Recorded(recorded) => app.ordering.record(id, owner, recorded, &act).await,
    }
    .map_err(Refused)?;
    let body = BookingResponse::new(&booking);
    let reply = if is_open(&booking) {
        Reply::accepted("The outcome is not known yet; read the booking again", body)
    } else {
        Reply::created(
            match booking.status {
                Status::Held => "Held, to be paid",
                Status::Saved => "Saved",
                _ => "Booked",
            },
            body,
        )
    };
    Ok(reply.etag(booking.version).location(&format!("/api/v1/bookings/{id}")))
}
