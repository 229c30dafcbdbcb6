use axum::extract::State;
use serde::Deserialize;
use tripsage_domain::{booking::Actor, ids::BookingId, validation::Checks};
use tripsage_http::{ApiError, Caller, Context, Envelope, Errors, IdempotencyKey, OptionalJson, Path, Reply};
use tripsage_ordering::Cancelled;
use tripsage_store::keys::Digest;
use utoipa::ToSchema;

use crate::{
    App, act,
    booking_body::{BookingResponse, reply},
    refusals::Refused,
    values::provider_id,
};

/// Whether to ask what a cancellation gives back, or to cancel.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct CancelBooking {
    /// `true` cancels for good, at exactly the quote that `quote_id` names.
    confirm: Option<bool>,
    /// The quote that the caller has seen.
    quote_id: Option<String>,
}

/// Quotes a cancellation, and cancels when it is confirmed.
///
/// Without `confirm` nothing is cancelled: `cancellation` of the answer says what would come back, where it goes and
/// until when that holds. With `confirm` and the `quote_id` it is cancelled at that very quote, and an `Idempotency-Key`
/// is required; when the quote has run out or is another one by now, nothing is cancelled, and the 409 has a new one.
#[utoipa::path(post, path = "/api/v1/bookings/{booking_id}/cancel", operation_id = "cancelBooking", tag = "bookings",
    security(("bearer" = [])),
    params(
        ("booking_id" = String, Path, format = Uuid),
        ("Idempotency-Key" = Option<String>, Header, description = "Required with `confirm`")),
    request_body = inline(Option<CancelBooking>),
    responses(
        (status = 200, description = "The booking, with the quote or cancelled", body = Envelope<BookingResponse>),
        (status = 202, description = "The booking; its outcome is not known yet", body = Envelope<BookingResponse>),
        Errors))]
pub(crate) async fn cancel_booking(
    State(app): State<App>,
    caller: Caller,
    context: Context,
    Path(id): Path<BookingId>,
    key: Option<IdempotencyKey>,
    OptionalJson(request): OptionalJson<CancelBooking>,
) -> Result<Reply<BookingResponse>, ApiError> {
    // Whether there is such a booking comes first: who may not know of it is told nothing else.
    app.ordering.find(caller.user, id).await.map_err(Refused)?;
    let act = act(&context, Actor::Owner);
    if !request.confirm.unwrap_or(false) {
        let booking = app
            .ordering
            .quote_cancellation(caller.user, id, &act)
            .await
            .map_err(Refused)?;
        return Ok(reply("Cancellation quoted", &booking));
    }
    let mut checks = Checks::default();
    let quote = checks.required("quote_id", request.quote_id, |id| provider_id(&id));
    checks.finish()?;
    let key = IdempotencyKey::required(key)?;
    let request = Digest::of(&[b"cancel", key.0.as_bytes()]).to_string();
    let quote = quote.unwrap_or_default();
    let cancelled = app
        .ordering
        .confirm_cancellation(caller.user, id, &quote, request, &act)
        .await
        .map_err(Refused)?;
    match cancelled {
        Cancelled::Done(booking) | Cancelled::Pending(booking) => Ok(reply("Booking cancelled", &booking)),
    }
}
