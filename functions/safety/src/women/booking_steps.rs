//! What becomes of a booking: confirmed and completed by the guide, cancelled by either, notes on each side.

use axum::extract::State;
use jiff::tz::TimeZone;
use serde::Deserialize;
use tripsage_cache::Tag;
use tripsage_domain::{
    audit::Action,
    guide::{
        Actor, BookingError, BookingStatus, Engagement, GuideBooking, NotBookable, PaymentStatus, State as GuideState,
    },
    ids::GuideBookingId,
    policy::GuideBookingAction,
    validation::Checks,
};
use tripsage_http::{
    ApiError, Caller, Code, Context, Envelope, Errors, IfMatch, Json, OptionalJson, Path, Reply, present,
};
use tripsage_store::Transaction;
use utoipa::ToSchema;

use super::{
    Tries,
    booking_body::GuideBookingResponse,
    fields::{NOTE, TEXT, word},
};
use crate::App;

/// Why a booking is cancelled.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct CancelGuideBooking {
    /// Why.
    #[schema(max_length = 500)]
    reason: Option<String>,
}

/// A change of what the caller notes.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NoteGuideBooking {
    /// What the caller notes, on their own side; `null` removes it.
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = Option<String>, max_length = 2000)]
    notes: Option<Option<String>>,
}

/// What became of the payment of a booking.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct RecordGuidePayment {
    /// `paid` or `refunded`.
    #[schema(example = "paid")]
    payment_status: Option<String>,
}

/// Confirms a pending booking. For the guide; refused when another confirmed booking has one of its days.
#[utoipa::path(post, path = "/api/v1/women-safety/bookings/{booking_id}/confirm", operation_id = "confirmGuideBooking",
    tag = "safety", security(("bearer" = [])), params(("booking_id" = String, Path, format = Uuid)),
    responses((status = 200, description = "The booking", body = Envelope<GuideBookingResponse>), Errors))]
pub(crate) async fn confirm_guide_booking(
    State(app): State<App>,
    caller: Caller,
    context: Context,
    Path(id): Path<GuideBookingId>,
    if_match: IfMatch,
) -> Result<Reply<GuideBookingResponse>, ApiError> {
    let booking = app.take(&caller, &context, id, &if_match, &Step::Confirm).await?;
    Ok(Reply::ok("Booking confirmed", GuideBookingResponse::from(&booking)).etag(booking.version))
}

/// Says that a confirmed booking was carried out, on its last day or later. For the guide.
#[utoipa::path(post, path = "/api/v1/women-safety/bookings/{booking_id}/complete", operation_id = "completeGuideBooking",
    tag = "safety", security(("bearer" = [])), params(("booking_id" = String, Path, format = Uuid)),
    responses((status = 200, description = "The booking", body = Envelope<GuideBookingResponse>), Errors))]
pub(crate) async fn complete_guide_booking(
    State(app): State<App>,
    caller: Caller,
    context: Context,
    Path(id): Path<GuideBookingId>,
    if_match: IfMatch,
) -> Result<Reply<GuideBookingResponse>, ApiError> {
    let booking = app.take(&caller, &context, id, &if_match, &Step::Complete).await?;
    app.edge.bump(&Tag::Guides).await;
    Ok(Reply::ok("Booking completed", GuideBookingResponse::from(&booking)).etag(booking.version))
}

/// Cancels a booking that is pending or confirmed. For either side.
#[utoipa::path(post, path = "/api/v1/women-safety/bookings/{booking_id}/cancel", operation_id = "cancelGuideBooking",
    tag = "safety", security(("bearer" = [])), params(("booking_id" = String, Path, format = Uuid)),
    request_body = inline(Option<CancelGuideBooking>),
    responses((status = 200, description = "The booking", body = Envelope<GuideBookingResponse>), Errors))]
pub(crate) async fn cancel_guide_booking(
    State(app): State<App>,
    caller: Caller,
    context: Context,
    Path(id): Path<GuideBookingId>,
    if_match: IfMatch,
    OptionalJson(request): OptionalJson<CancelGuideBooking>,
) -> Result<Reply<GuideBookingResponse>, ApiError> {
    let mut checks = Checks::default();
    let reason = checks.optional("reason", request.reason, |text| NOTE.parse(&text));
    checks.finish()?;
    let booking = app
        .take(&caller, &context, id, &if_match, &Step::Cancel(reason))
        .await?;
    Ok(Reply::ok("Booking cancelled", GuideBookingResponse::from(&booking)).etag(booking.version))
}

/// Says that a booking was paid, once it is confirmed, or that what was paid was given back. For the guide: no money moves
/// through TripSage.
#[utoipa::path(post, path = "/api/v1/women-safety/bookings/{booking_id}/payment", operation_id = "recordGuidePayment",
    tag = "safety", security(("bearer" = [])), params(("booking_id" = String, Path, format = Uuid)),
    request_body = RecordGuidePayment,
    responses((status = 200, description = "The booking", body = Envelope<GuideBookingResponse>), Errors))]
pub(crate) async fn record_guide_payment(
    State(app): State<App>,
    caller: Caller,
    context: Context,
    Path(id): Path<GuideBookingId>,
    if_match: IfMatch,
    Json(request): Json<RecordGuidePayment>,
) -> Result<Reply<GuideBookingResponse>, ApiError> {
    // Whether there is such a booking comes first.
    app.find_guide_booking(&caller, id, GuideBookingAction::Conduct).await?;
    let mut checks = Checks::default();
    let to = checks.required("payment_status", request.payment_status, |name| word(&name));
    let to = checks.build(|| to)?;
    let booking = app.take(&caller, &context, id, &if_match, &Step::Pay(to)).await?;
    Ok(Reply::ok("Payment recorded", GuideBookingResponse::from(&booking)).etag(booking.version))
}

/// Changes what the caller notes on their own side of a booking; the other side can read it.
#[utoipa::path(patch, path = "/api/v1/women-safety/bookings/{booking_id}", operation_id = "patchGuideBooking",
    tag = "safety", security(("bearer" = [])), params(("booking_id" = String, Path, format = Uuid)),
    request_body = NoteGuideBooking,
    responses((status = 200, description = "The booking", body = Envelope<GuideBookingResponse>), Errors))]
pub(crate) async fn patch_guide_booking(
    State(app): State<App>,
    caller: Caller,
    context: Context,
    Path(id): Path<GuideBookingId>,
    if_match: IfMatch,
    Json(request): Json<NoteGuideBooking>,
) -> Result<Reply<GuideBookingResponse>, ApiError> {
    // Whether there is such a booking comes first.
    app.find_guide_booking(&caller, id, GuideBookingAction::TakePart)
        .await?;
    let Some(notes) = request.notes else {
        return Err(ApiError::field("notes", "required", "is required"));
    };
    let mut checks = Checks::default();
    let notes = checks.optional("notes", notes, |text| TEXT.parse(&text));
    checks.finish()?;
    let booking = app.take(&caller, &context, id, &if_match, &Step::Note(notes)).await?;
    Ok(Reply::ok("Booking updated", GuideBookingResponse::from(&booking)).etag(booking.version))
}

fn refused(error: BookingError) -> ApiError {
    ApiError::new(Code::Conflict).message(error.to_string())
}

/// What one of the two does about a booking.
enum Step {
    Confirm,
    Complete,
    Cancel(Option<String>),
    Pay(PaymentStatus),
    Note(Option<String>),
}

impl Step {
    /// What one has to be allowed to do.
    const fn action(&self) -> GuideBookingAction {
        match self {
            Self::Confirm | Self::Complete | Self::Pay(_) => GuideBookingAction::Conduct,
            Self::Cancel(_) | Self::Note(_) => GuideBookingAction::TakePart,
        }
    }

    /// What the trail says of it; notes are not worth an entry.
    const fn audit(&self) -> Option<Action> {
        match self {
            Self::Confirm => Some(Action::GuideBookingConfirmed),
            Self::Complete => Some(Action::GuideBookingCompleted),
            Self::Cancel(_) => Some(Action::GuideBookingCancelled),
            Self::Pay(PaymentStatus::Refunded) => Some(Action::GuideBookingRefunded),
            Self::Pay(_) => Some(Action::GuideBookingPaid),
            Self::Note(_) => None,
        }
    }
}

impl App {
    /// Takes a step. An idempotent request whose answer was lost is answered with the booking as it is.
    async fn take(
        &self,
        caller: &Caller,
        context: &Context,
        id: GuideBookingId,
        if_match: &IfMatch,
        step: &Step,
    ) -> Result<GuideBooking, ApiError> {
        if context.resumed() {
            return self.find_guide_booking(caller, id, step.action()).await;
        }
        let target = format!("guide-booking/{id}");
        let record = step.audit().map(|action| context.record(caller.user, action, target));
        let mut tries = Tries::new(context);
        loop {
            let before = self.find_guide_booking(caller, id, step.action()).await?;
            if_match.check(before.version)?;
            let (mut transaction, after) = self.decide(caller, context, step, &before).await?;
            if let Some(record) = &record {
                transaction = transaction.audited(record)?;
            }
            if tries.commit(&self.db, transaction).await? {
                return Ok(after);
            }
        }
    }

    async fn decide(
        &self,
        caller: &Caller,
        context: &Context,
        step: &Step,
        before: &GuideBooking,
    ) -> Result<(Transaction, GuideBooking), ApiError> {
        let (guide, now) = (before.guide, context.now);
        let side = before.side_of(caller.user).unwrap_or(Actor::System);
        let after = match step {
            Step::Confirm => before.confirmed(now).map_err(refused)?,
            Step::Complete => before.completed(now).map_err(refused)?,
            Step::Cancel(reason) => before.cancelled(side, reason.clone(), now).map_err(refused)?,
            Step::Pay(to) => before.settled(*to, now).map_err(refused)?,
            Step::Note(notes) => before.noted(side, notes.clone(), now),
        };
        let found = match step {
            Step::Confirm | Step::Complete => Some(self.find_guide(guide).await?),
            Step::Cancel(_) | Step::Pay(_) | Step::Note(_) => None,
        };
        if matches!(step, Step::Confirm)
            && found
                .as_ref()
                .is_some_and(|found| found.guide.state(now) == GuideState::Suspended)
        {
            return Err(ApiError::new(Code::Conflict).message(NotBookable::Suspended.to_string()));
        }
        let mut transaction = Transaction::replacing_guide_booking(before, &after)?;
        let was_engaged = before.status == BookingStatus::Confirmed;
        let is_engaged = after.status == BookingStatus::Confirmed;
        if was_engaged != is_engaged {
            let calendar = self.db.find_guide_calendar(guide).await?;
            let days = if is_engaged {
                let today = now.to_zoned(TimeZone::UTC).date();
                calendar.item.with(before.engagement(), today).map_err(in_the_way)?
            } else {
                calendar.item.without(before.id)
            };
            transaction = transaction.engaging_guide(guide, &calendar, &days)?;
        }
        if let (Step::Complete, Some(found)) = (step, &found) {
            transaction = transaction.crediting_guide(found, &after)?;
        }
        Ok((transaction, after))
    }
}

fn in_the_way(other: Engagement) -> ApiError {
    let message = format!("the guide is engaged from {} to {} already", other.start, other.end);
    ApiError::new(Code::Conflict).message(message)
}
