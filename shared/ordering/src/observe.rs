//! What a provider shows, in the words of the domain.

use tripsage_domain::{
    booking::{Ages, Expected, Failure, MAX_SEGMENTS, Observed, Quote, Refund, RefundTo, Segment, Summary},
    flight::CabinClass,
    trip::{Cabin, LocalTime, When, Zone},
};
use tripsage_providers::{
    Fault, Refusal,
    model::{
        CancellationQuote, CancellationStep, FlightPlace, OfferPassenger, Order, Slice, StayBooking, StayBookingStatus,
        StayQuote,
    },
};

pub(crate) fn order(order: Order) -> Observed {
    Observed {
        confirmation: Some(order.booking_reference),
        total: Some(order.total),
        awaiting_payment: order.payment.awaiting_payment,
        payment_required_by: order.payment.payment_required_by,
        price_guarantee_expires_at: order.payment.price_guaranteed_until,
        cancelled: order.cancelled_at.is_some(),
        refunds: Vec::new(),
        summary: journey(&order.slices),
        live_mode: order.live_mode,
        order: order.id,
    }
}

/// Flights as a booking keeps them; `None` when there are none.
pub(crate) fn journey(slices: &[Slice]) -> Option<Summary> {
    let segments: Vec<Segment> = slices
        .iter()
        .flat_map(|slice| &slice.segments)
        .take(MAX_SEGMENTS)
        .map(segment)
        .collect();
    let (first, last) = (segments.first()?, segments.last()?);
    // There and back: what one goes to is where the first direction ends.
    let destination = slices
        .first()
        .map_or_else(|| last.destination.clone(), |slice| slice.destination.iata.clone());
    Some(Summary {
        title: format!("{} to {destination}", first.origin),
        place: None,
        start: Some(first.departs.clone()),
        end: Some(last.arrives.clone()),
        segments,
    })
}

fn segment(segment: &tripsage_providers::model::Segment) -> Segment {
    let carrier = segment.marketing_carrier.iata.clone();
    let number = segment.flight_number.as_deref();
    let cabin = segment.passengers.iter().find_map(|passenger| passenger.cabin);
    Segment {
        flight_number: number.map(|number| format!("{}{number}", carrier.as_deref().unwrap_or_default())),
        carrier,
        origin: segment.origin.iata.clone(),
        destination: segment.destination.iata.clone(),
        departs: local(segment.departing_at, &segment.origin),
        arrives: local(segment.arriving_at, &segment.destination),
        origin_terminal: segment.origin_terminal.clone(),
        destination_terminal: segment.destination_terminal.clone(),
        cabin: cabin.map(|cabin| match cabin {
            CabinClass::Economy => Cabin::Economy,
            CabinClass::PremiumEconomy => Cabin::PremiumEconomy,
            CabinClass::Business => Cabin::Business,
            CabinClass::First => Cabin::First,
        }),
    }
}

/// A time on an airport's clocks; without its zone only the day is certain.
fn local(at: jiff::civil::DateTime, place: &FlightPlace) -> When {
    let zone = place.time_zone.as_deref().and_then(|name| Zone::parse(name).ok());
    match zone.and_then(|zone| LocalTime::new(at, zone, false).ok()) {
        Some(time) => When::Time(time),
        None => When::Day(at.date()),
    }
}

pub(crate) fn passenger(passenger: &OfferPassenger) -> Expected {
    Expected {
        id: passenger.id.clone(),
        ages: match (passenger.age, passenger.kind.as_deref()) {
            (Some(age), _) => Ages::Exactly(age),
            (None, Some("infant_without_seat")) => Ages::Infant,
            (None, Some("child")) => Ages::Child,
            (None, _) => Ages::Adult,
        },
    }
}

/// A stay does not say whether it is real: the booking's own word stays.
pub(crate) fn stay(booking: StayBooking, live_mode: bool) -> Observed {
    Observed {
        confirmation: booking.reference,
        total: None,
        awaiting_payment: false,
        payment_required_by: None,
        price_guarantee_expires_at: None,
        cancelled: booking.cancelled_at.is_some() || booking.status == StayBookingStatus::Cancelled,
        refunds: Vec::new(),
        summary: None,
        live_mode,
        order: booking.id,
    }
}

pub(crate) fn stay_quote(quote: &StayQuote) -> Summary {
    Summary {
        title: quote.name.clone(),
        place: Some(quote.name.clone()),
        start: Some(When::Day(quote.check_in)),
        end: Some(When::Day(quote.check_out)),
        segments: Vec::new(),
    }
}

pub(crate) fn refunds(steps: &[CancellationStep]) -> Vec<Refund> {
    let refund = |step: &CancellationStep| Refund {
        before: step.before,
        amount: step.refund,
    };
    steps.iter().map(refund).collect()
}

pub(crate) fn cancellation(quote: CancellationQuote) -> Quote {
    use tripsage_providers::model::RefundTo as Theirs;
    Quote {
        id: quote.id,
        refund: quote.refund,
        refund_to: match quote.refund_to {
            Theirs::Balance => RefundTo::Balance,
            Theirs::Card => RefundTo::Card,
            Theirs::ArcBspCash => RefundTo::ArcBspCash,
            Theirs::Voucher => RefundTo::Voucher,
            Theirs::AwaitingPayment => RefundTo::AwaitingPayment,
            Theirs::AirlineCredits => RefundTo::AirlineCredits,
            Theirs::OriginalFormOfPayment => RefundTo::OriginalFormOfPayment,
            Theirs::Other => RefundTo::Other,
        },
        expires_at: quote.expires_at,
    }
}

/// Why there is no order, when it is certain that there is none. `None`: it is not.
pub(crate) fn failure(fault: &Fault) -> Option<Failure> {
    match fault {
        Fault::Refused { refusal, .. } => Some(refused(*refusal)),
        // Nothing was sent, or it was turned away at the door.
        Fault::RateLimited { .. } | Fault::Unavailable(_) => Some(Failure::NotSent),
        Fault::KeyRefused | Fault::NotConfigured => Some(Failure::ProviderRefused),
        Fault::Unknown { .. } | Fault::TimedOut | Fault::Malformed(_) | Fault::TooLarge => None,
    }
}

pub(crate) fn refused(refusal: Refusal) -> Failure {
    match refusal {
        Refusal::OfferGone | Refusal::NotFound | Refusal::AlreadyBooked => Failure::OfferUnavailable,
        Refusal::OfferExpired => Failure::OfferExpired,
        Refusal::PriceChanged => Failure::PriceChanged,
        Refusal::InsufficientBalance => Failure::InsufficientBalance,
        Refusal::AirlineError
        | Refusal::DuplicateBooking
        | Refusal::DuplicatePassengerName
        | Refusal::InvalidLoyaltyCard
        | Refusal::ServiceGone => Failure::SupplierRefused,
        Refusal::AlreadyCancelled
        | Refusal::NotChangeable
        | Refusal::HoldTakesNoServices
        | Refusal::StaleChange
        | Refusal::FeatureUnavailable
        | Refusal::Invalid
        | Refusal::Other => Failure::ProviderRefused,
    }
}
