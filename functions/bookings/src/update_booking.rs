use std::sync::OnceLock;

use axum::extract::State;
use serde::Deserialize;
use tripsage_domain::{
    booking::{Actor, Booking, RecordedPatch, Status},
    ids::BookingId,
    text::TextRule,
    validation::{Checks, Invalid, Rule, Violation},
};
use tripsage_http::{ApiError, Caller, Context, Envelope, Errors, IfMatch, Json, MoneyFields, Path, Reply, present};
use tripsage_ordering::OrderingError;
use utoipa::ToSchema;

use crate::{
    App, act,
    booking_body::BookingResponse,
    refusals::Refused,
    values::{BookingWhen, LINE, TEXT},
};

/// Changes of a booking. Of a recorded one everything can be changed; of one that a provider sold, the notes, and the
/// status while it is `needs_review`, once its owner has settled with the provider what nobody could find out.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct UpdateBooking {
    /// `booked` or `cancelled`; of `needs_review`: `cancelled` or `failed`.
    status: Option<String>,
    /// What it is called.
    title: Option<String>,
    /// Where it is; `null` removes it.
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = Option<String>)]
    place: Option<Option<String>>,
    /// When it begins; `null` removes it.
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = Option<BookingWhen>)]
    start: Option<Option<BookingWhen>>,
    /// When it ends; `null` removes it.
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = Option<BookingWhen>)]
    end: Option<Option<BookingWhen>>,
    /// What it costs in all; `null` removes it.
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = Option<MoneyFields>)]
    price: Option<Option<MoneyFields>>,
    /// What the supplier knows it by; `null` removes it.
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = Option<String>)]
    confirmation_number: Option<Option<String>>,
    /// The owner's own words; `null` removes them.
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = Option<String>)]
    notes: Option<Option<String>>,
}

impl UpdateBooking {
    fn into_patch(self) -> Result<RecordedPatch, Invalid> {
        let mut checks = Checks::default();
        let text = |checks: &mut Checks, field: &str, given: Option<Option<String>>, rule: TextRule| {
            given.map(|text| text.and_then(|text| checks.take(field, rule.parse(&text))))
        };
        let when = |checks: &mut Checks, field: &str, given: Option<Option<BookingWhen>>| {
            given.map(|when| when.and_then(|when| checks.nested(field, when.into_when())))
        };
        let patch = RecordedPatch {
            status: checks.optional("status", self.status.as_deref(), status),
            title: checks.optional("title", self.title, |text| LINE.parse(&text)),
            place: text(&mut checks, "place", self.place, LINE),
            start: when(&mut checks, "start", self.start),
            end: when(&mut checks, "end", self.end),
            price: self
                .price
                .map(|price| price.and_then(|price| checks.nested("price", price.into_money()))),
            confirmation: text(
                &mut checks,
                "confirmation_number",
                self.confirmation_number,
                TextRule::line(1, 100),
            ),
            notes: text(&mut checks, "notes", self.notes, TEXT),
        };
        checks.finish()?;
        if patch == RecordedPatch::default() {
            return Err(Violation::new("body", "required", "must change at least one field").into());
        }
        Ok(patch)
    }
}

fn status(name: &str) -> Result<Status, Rule> {
    match Status::parse(name) {
        Ok(status @ (Status::Saved | Status::Booked | Status::Cancelled | Status::Failed)) => Ok(status),
        _ => Err(Rule::new("one_of", "must be one of saved, booked, cancelled, failed")),
    }
}

/// Replaces the fields that are given and keeps the others.
#[utoipa::path(put, path = "/api/v1/bookings/{booking_id}", operation_id = "replaceBooking", tag = "bookings",
    security(("bearer" = [])), params(("booking_id" = String, Path, format = Uuid)), request_body = UpdateBooking,
    responses((status = 200, description = "The booking", body = Envelope<BookingResponse>), Errors))]
pub(crate) async fn replace_booking(
    State(app): State<App>,
    caller: Caller,
    context: Context,
    Path(id): Path<BookingId>,
    if_match: IfMatch,
    Json(request): Json<UpdateBooking>,
) -> Result<Reply<BookingResponse>, ApiError> {
    update(&app, &caller, &context, id, &if_match, request).await
}

/// Changes some fields: a JSON merge patch.
#[utoipa::path(patch, path = "/api/v1/bookings/{booking_id}", operation_id = "patchBooking", tag = "bookings",
    security(("bearer" = [])), params(("booking_id" = String, Path, format = Uuid)), request_body = UpdateBooking,
    responses((status = 200, description = "The booking", body = Envelope<BookingResponse>), Errors))]
pub(crate) async fn patch_booking(
    State(app): State<App>,
    caller: Caller,
    context: Context,
    Path(id): Path<BookingId>,
    if_match: IfMatch,
    Json(request): Json<UpdateBooking>,
) -> Result<Reply<BookingResponse>, ApiError> {
    update(&app, &caller, &context, id, &if_match, request).await
}

async fn update(
    app: &App,
    caller: &Caller,
    context: &Context,
    id: BookingId,
    if_match: &IfMatch,
    request: UpdateBooking,
) -> Result<Reply<BookingResponse>, ApiError> {
    let patch = request.into_patch()?;
    let unmet = OnceLock::new();
    let guard = |booking: &Booking| {
        if_match.check(booking.version).map_err(|error| {
            let _ = unmet.set(error);
            Refused(OrderingError::Busy)
        })
    };
    let act = act(context, Actor::Owner);
    let result = app.ordering.patch(caller.user, id, &patch, guard, &act).await;
    let booking = match (result, unmet.get()) {
        (Ok(booking), _) => booking,
        (Err(_), Some(error)) => return Err(error.clone()),
        (Err(refused), None) => return Err(refused.into()),
    };
    Ok(Reply::ok("Booking updated", BookingResponse::new(&booking)).etag(booking.version))
}
