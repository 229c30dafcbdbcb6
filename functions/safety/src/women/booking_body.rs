//! The booking of a guide as clients read it.

use jiff::{Timestamp, civil::Date};
use serde::Serialize;
use tripsage_domain::guide::{BookingStatus, GuideBooking, PaymentStatus};
use utoipa::ToSchema;

/// Something that happened to a booking.
#[derive(Debug, Serialize, ToSchema)]
struct Happened {
    /// When.
    #[schema(value_type = String, format = DateTime)]
    at: Timestamp,
    /// What it became, or was.
    #[schema(example = "confirmed")]
    status: &'static str,
    /// What became of the payment, when that is what happened: `paid` or `refunded`.
    payment_status: Option<&'static str>,
    /// `traveler`, `guide` or `system`.
    #[schema(example = "guide")]
    actor: &'static str,
}

/// The booking of a guide.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct GuideBookingResponse {
    /// Its id.
    #[schema(format = Uuid)]
    id: String,
    /// The guide.
    #[schema(format = Uuid)]
    guide_id: String,
    /// Who travels; `null` when their account is gone.
    #[schema(format = Uuid)]
    traveler_id: Option<String>,
    /// `pending`, `confirmed`, `completed` or `cancelled`.
    #[schema(example = "pending")]
    status: &'static str,
    /// Where.
    destination: String,
    /// The first day.
    #[schema(value_type = String, format = Date)]
    start_date: Date,
    /// The last day.
    #[schema(value_type = String, format = Date)]
    end_date: Date,
    /// How many days, the first and the last included.
    duration_days: i64,
    /// For how many.
    group_size: u32,
    /// What is done.
    activity_type: Option<String>,
    /// What has to be thought of.
    special_requirements: Option<String>,
    /// What an hour costs: the guide's rate when it was booked.
    #[schema(example = "25.00")]
    hourly_rate_usd: String,
    /// Eight hours of each day.
    #[schema(example = "600.00")]
    total_cost_usd: String,
    /// `unpaid`, `paid` or `refunded`, as the guide says: no money moves through TripSage.
    #[schema(example = "unpaid")]
    payment_status: &'static str,
    /// Whether the guide owes the traveller what was paid: it was cancelled after that.
    refund_due: bool,
    /// What the traveller notes.
    notes_from_traveler: Option<String>,
    /// What the guide notes.
    notes_from_guide: Option<String>,
    /// Why it was cancelled.
    cancellation_reason: Option<String>,
    /// When it was confirmed.
    #[schema(value_type = Option<String>, format = DateTime)]
    confirmation_date: Option<Timestamp>,
    /// When it was cancelled.
    #[schema(value_type = Option<String>, format = DateTime)]
    cancellation_date: Option<Timestamp>,
    /// When it was completed.
    #[schema(value_type = Option<String>, format = DateTime)]
    completed_at: Option<Timestamp>,
    /// Whether the traveller has reviewed the guide for it.
    is_reviewed: bool,
    /// What happened so far, oldest first.
    events: Vec<Happened>,
    /// Its version, as in `ETag`.
    version: u64,
    /// When it was made.
    #[schema(value_type = String, format = DateTime)]
    created_at: Timestamp,
    /// When it changed.
    #[schema(value_type = String, format = DateTime)]
    updated_at: Timestamp,
}

impl From<&GuideBooking> for GuideBookingResponse {
    fn from(booking: &GuideBooking) -> Self {
        let terms = booking.terms.clone();
        let events = booking.events.iter().map(|event| Happened {
            at: event.at,
            status: event.status.name(),
            payment_status: event.payment.map(PaymentStatus::name),
            actor: event.actor.name(),
        });
        Self {
            id: booking.id.to_string(),
            guide_id: booking.guide.to_string(),
            traveler_id: booking.traveler.map(|traveler| traveler.to_string()),
            status: booking.status.name(),
            duration_days: terms.days(),
            destination: terms.destination,
            start_date: terms.start,
            end_date: terms.end,
            group_size: terms.group_size,
            activity_type: terms.activity_type,
            special_requirements: terms.special_requirements,
            hourly_rate_usd: booking.hourly_rate.decimal(),
            total_cost_usd: booking.total_cost.decimal(),
            payment_status: booking.payment.name(),
            refund_due: booking.refund_due(),
            notes_from_traveler: booking.notes_from_traveler.clone(),
            notes_from_guide: booking.notes_from_guide.clone(),
            cancellation_reason: booking.cancellation_reason.clone(),
            confirmation_date: booking.became(BookingStatus::Confirmed),
            cancellation_date: booking.became(BookingStatus::Cancelled),
            completed_at: booking.became(BookingStatus::Completed),
            is_reviewed: booking.review.is_some(),
            events: events.collect(),
            version: booking.version,
            created_at: booking.created_at,
            updated_at: booking.updated_at,
        }
    }
}
