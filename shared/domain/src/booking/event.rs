//! What happened to a booking, in the order in which it became known.

use jiff::Timestamp;

/// What happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum EventKind {
    /// The offer was read: it is there, the travellers fit it, and this is its price.
    Priced,
    /// The order is about to be sent. From here on it may exist.
    Ordering,
    /// The provider took the order, and will say later what became of it.
    Accepted,
    /// It is not known what became of what was sent.
    OutcomeUnknown,
    /// The order exists.
    Ordered,
    /// The order exists, after it was believed not to.
    OrderedLate,
    /// It is confirmed.
    Confirmed,
    /// It is held until it is paid.
    Held,
    /// Its items were put into the trip.
    Attached,
    /// It could not be put into the trip.
    NotAttached,
    /// Nothing was ordered.
    Failed,
    /// The payment is about to be sent.
    Paying,
    /// It is paid.
    Paid,
    /// It was not paid after all.
    NotPaid,
    /// A cancellation was quoted.
    CancellationQuoted,
    /// The confirmation of the cancellation is about to be sent.
    Cancelling,
    /// It is cancelled.
    Cancelled,
    /// It was not cancelled after all.
    NotCancelled,
    /// The airline changed it.
    OrderChanged,
    /// It was not paid in time.
    Expired,
    /// What became of it could not be found out; a person has to.
    Parked,
    /// It was recorded by its owner.
    Recorded,
    /// Its owner changed it.
    Changed,
}

impl EventKind {
    /// The dotted name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Priced => "offer.priced",
            Self::Ordering => "order.sending",
            Self::Accepted => "order.accepted",
            Self::OutcomeUnknown => "outcome.unknown",
            Self::Ordered => "order.created",
            Self::OrderedLate => "order.found_late",
            Self::Confirmed => "booking.confirmed",
            Self::Held => "booking.held",
            Self::Attached => "trip.attached",
            Self::NotAttached => "trip.not_attached",
            Self::Failed => "booking.failed",
            Self::Paying => "payment.sending",
            Self::Paid => "payment.succeeded",
            Self::NotPaid => "payment.not_made",
            Self::CancellationQuoted => "cancellation.quoted",
            Self::Cancelling => "cancellation.sending",
            Self::Cancelled => "booking.cancelled",
            Self::NotCancelled => "cancellation.not_made",
            Self::OrderChanged => "order.changed",
            Self::Expired => "booking.expired",
            Self::Parked => "booking.parked",
            Self::Recorded => "booking.recorded",
            Self::Changed => "booking.changed",
        }
    }
}

/// From whom something is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Actor {
    /// A request of the owner.
    Owner,
    /// A job that looked.
    Job,
    /// A message of the provider, after which we looked.
    Provider,
}

impl Actor {
    /// The lower-case name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Owner => "owner",
            Self::Job => "job",
            Self::Provider => "provider",
        }
    }
}

/// One entry of a booking's log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Event {
    /// Counts from 1.
    pub number: u64,
    /// When.
    pub at: Timestamp,
    /// What.
    pub kind: EventKind,
    /// From whom it is known.
    pub actor: Actor,
    /// More about it, in our own words: never a provider's text, a name or a secret.
    pub note: Option<String>,
}
