use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use tripsage_domain::booking::{Attachment, Booking, Quote, Segment, Status, Step};
use tripsage_http::{MoneyFields, Reply};
use utoipa::ToSchema;

use crate::values::BookingWhen;

/// A booking.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct BookingResponse {
    /// Its id.
    #[schema(format = Uuid)]
    id: String,
    /// `flight`, `accommodation` or `activity`.
    kind: &'static str,
    /// `saved`, `pending`, `held`, `booked`, `cancelled`, `expired`, `failed` or `needs_review`.
    status: &'static str,
    /// `duffel`, or `recorded` for what was bought elsewhere.
    source: &'static str,
    /// What is under way, and not known yet how it ended: `ordering`, `attaching`, `paying` or `cancelling`.
    under_way: Option<&'static str>,
    /// The trip it belongs to.
    #[schema(format = Uuid)]
    trip_id: Option<String>,
    /// Its items in the trip.
    item_ids: Vec<String>,
    /// Whether it is missing in its trip, because the trip was gone or full when it was confirmed.
    not_attached: bool,
    /// What it is called.
    title: String,
    /// Where it is.
    place: Option<String>,
    /// When it begins.
    start: Option<BookingWhen>,
    /// When it ends.
    end: Option<BookingWhen>,
    /// The flights, in order.
    segments: Vec<SegmentResponse>,
    /// Who travels. Nothing but names is kept.
    travellers: Vec<TravellerFields>,
    /// What it costs in all.
    price: Option<MoneyFields>,
    /// What the supplier knows it by.
    confirmation_number: Option<String>,
    /// What was ordered, by the provider's id.
    offer_id: Option<String>,
    /// The order, by the provider's id.
    order_id: Option<String>,
    /// Whether money moved; `false` for a test account of the provider.
    live_mode: Option<bool>,
    /// A held order has to be paid until then.
    #[schema(value_type = Option<String>, format = DateTime)]
    payment_required_by: Option<Timestamp>,
    /// The price of a held order holds until then.
    #[schema(value_type = Option<String>, format = DateTime)]
    price_guarantee_expires_at: Option<Timestamp>,
    /// The cancellation that was quoted last.
    cancellation: Option<QuoteResponse>,
    /// Why nothing was ordered.
    failure: Option<FailureResponse>,
    /// The owner's own words.
    notes: Option<String>,
    /// As in `ETag`.
    version: u64,
    /// When it was made.
    #[schema(value_type = String, format = DateTime)]
    created_at: Timestamp,
    /// When it last changed.
    #[schema(value_type = String, format = DateTime)]
    updated_at: Timestamp,
}

/// A flight from one airport to the next.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct SegmentResponse {
    /// IATA code of the airline.
    carrier: Option<String>,
    /// With the airline's code.
    flight_number: Option<String>,
    /// IATA code.
    origin: String,
    /// IATA code.
    destination: String,
    /// On the clocks of the origin.
    departs: BookingWhen,
    /// On the clocks of the destination.
    arrives: BookingWhen,
    /// Terminal of departure.
    origin_terminal: Option<String>,
    /// Terminal of arrival.
    destination_terminal: Option<String>,
    /// `economy`, `premium_economy`, `business` or `first`.
    cabin: Option<&'static str>,
}

/// Who travels or stays.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct TravellerFields {
    /// Given names.
    pub(crate) given_name: Option<String>,
    /// Family names.
    pub(crate) family_name: Option<String>,
}

/// What a cancellation gives back.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct QuoteResponse {
    /// To be sent with `confirm`.
    quote_id: String,
    /// What comes back; `null` when the provider does not say.
    refund: Option<MoneyFields>,
    /// Where it goes, such as `balance`, `airline_credits` or `original_form_of_payment`.
    refund_to: &'static str,
    /// Until when it can be confirmed.
    #[schema(value_type = Option<String>, format = DateTime)]
    expires_at: Option<Timestamp>,
}

/// Why nothing was ordered.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct FailureResponse {
    /// `offer_expired`, `offer_unavailable`, `insufficient_balance`, `price_changed`, `supplier_refused`,
    /// `provider_refused`, `not_ordered` or `not_sent`.
    reason: &'static str,
    /// For people.
    message: &'static str,
}

impl QuoteResponse {
    fn new(quote: &Quote) -> Self {
        Self {
            quote_id: quote.id.clone(),
            refund: quote.refund.as_ref().map(MoneyFields::new),
            refund_to: quote.refund_to.name(),
            expires_at: quote.expires_at,
        }
    }
}

/// A quote among the facts of an error.
pub(crate) fn quote_facts(quote: &Quote) -> Value {
    serde_json::to_value(QuoteResponse::new(quote)).unwrap_or_else(|_| json!({}))
}

impl SegmentResponse {
    fn new(segment: &Segment) -> Self {
        Self {
            carrier: segment.carrier.clone(),
            flight_number: segment.flight_number.clone(),
            origin: segment.origin.clone(),
            destination: segment.destination.clone(),
            departs: BookingWhen::new(&segment.departs),
            arrives: BookingWhen::new(&segment.arrives),
            origin_terminal: segment.origin_terminal.clone(),
            destination_terminal: segment.destination_terminal.clone(),
            cabin: segment.cabin.map(|cabin| cabin.name()),
        }
    }
}

impl BookingResponse {
    pub(crate) fn new(booking: &Booking) -> Self {
        let (summary, deal) = (&booking.summary, booking.deal.as_ref());
        Self {
            id: booking.id.to_string(),
            kind: booking.kind.name(),
            status: booking.status.name(),
            source: if deal.is_some() { "duffel" } else { "recorded" },
            under_way: booking.work().map(|work| Step::name(work.step)),
            trip_id: booking.trip.map(|trip| trip.to_string()),
            item_ids: booking.items.iter().map(ToString::to_string).collect(),
            not_attached: booking.attachment == Attachment::Impossible,
            title: summary.title.clone(),
            place: summary.place.clone(),
            start: summary.start.as_ref().map(BookingWhen::new),
            end: summary.end.as_ref().map(BookingWhen::new),
            segments: summary.segments.iter().map(SegmentResponse::new).collect(),
            travellers: booking
                .travellers
                .iter()
                .map(|one| TravellerFields {
                    given_name: Some(one.given_name.clone()),
                    family_name: Some(one.family_name.clone()),
                })
                .collect(),
            price: booking.price.as_ref().map(MoneyFields::new),
            confirmation_number: booking.confirmation.clone(),
            offer_id: deal.map(|deal| deal.offer.clone()),
            order_id: deal.and_then(|deal| deal.order.clone()),
            live_mode: deal.map(|deal| deal.live_mode),
            payment_required_by: deal.and_then(|deal| deal.payment_required_by),
            price_guarantee_expires_at: deal.and_then(|deal| deal.price_guarantee_expires_at),
            cancellation: deal.and_then(|deal| deal.quote.as_ref()).map(QuoteResponse::new),
            failure: deal.and_then(|deal| deal.failure).map(|failure| FailureResponse {
                reason: failure.name(),
                message: failure.message(),
            }),
            notes: booking.notes.clone(),
            version: booking.version,
            created_at: booking.created_at,
            updated_at: booking.updated_at,
        }
    }
}

/// Whether the answer has to be that it is not known yet what became of it.
pub(crate) fn is_open(booking: &Booking) -> bool {
    booking.work().is_some() || matches!(booking.status, Status::Pending | Status::NeedsReview)
}

/// 200 with the booking, or 202 while it is not known what became of what was asked for.
pub(crate) fn reply(message: &'static str, booking: &Booking) -> Reply<BookingResponse> {
    let body = BookingResponse::new(booking);
    let reply = if is_open(booking) {
        Reply::accepted("The outcome is not known yet; read the booking again", body)
    } else {
        Reply::ok(message, body)
    };
    reply.etag(booking.version)
}
