use axum::extract::State;
use serde::Deserialize;
use tripsage_domain::{booking::Actor, ids::BookingId, validation::Checks};
use tripsage_http::{
    ApiError, Caller, Context, Envelope, Errors, IdempotencyKey, MoneyFields, OptionalJson, Path, Reply,
};
use tripsage_store::keys::Digest;
use utoipa::ToSchema;

use crate::{
    App, act,
    booking_body::{BookingResponse, reply},
    refusals::Refused,
};

/// What is to be paid.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct PayBooking {
    /// The price that the caller agrees to; without it, the one at which the order was held.
    expected_total: Option<MoneyFields>,
}

/// Pays a held order from the balance of the caller's account at the provider. The price is read again first: when it
/// is another one, nothing is paid, and the 409 has the old price, the new one and the difference.
#[utoipa::path(post, path = "/api/v1/bookings/{booking_id}/pay", operation_id = "payBooking", tag = "bookings",
    security(("bearer" = [])),
    params(
        ("booking_id" = String, Path, format = Uuid),
        ("Idempotency-Key" = String, Header, description = "A random text, another for each payment")),
    request_body = inline(Option<PayBooking>),
    responses(
        (status = 200, description = "The booking, paid", body = Envelope<BookingResponse>),
        (status = 202, description = "The booking; its outcome is not known yet", body = Envelope<BookingResponse>),
        Errors))]
pub(crate) async fn pay_booking(
    State(app): State<App>,
    caller: Caller,
    context: Context,
    Path(id): Path<BookingId>,
    key: Option<IdempotencyKey>,
    OptionalJson(request): OptionalJson<PayBooking>,
) -> Result<Reply<BookingResponse>, ApiError> {
    // Whether there is such a booking comes first: who may not know of it is told nothing else.
    app.ordering.find(caller.user, id).await.map_err(Refused)?;
    let key = IdempotencyKey::required(key)?;
    let mut checks = Checks::default();
    let expected = request
        .expected_total
        .and_then(|money| checks.nested("expected_total", money.into_money()));
    checks.finish()?;
    let request = Digest::of(&[b"pay", key.0.as_bytes()]).to_string();
    let act = act(&context, Actor::Owner);
    let booking = app
        .ordering
        .pay(caller.user, id, expected, request, &act)
        .await
        .map_err(Refused)?;
    Ok(reply("Booking paid", &booking))
}
