//! Bookings: what a traveller ordered from a provider with their own key, or recorded because they bought it elsewhere.
//!
//! What is ordered is a saga. Each step that changes something at the provider is recorded before it is done
//! ([`Work`]). Only who recorded it does it, once; everybody else who finds it recorded asks the provider what became
//! of it, and [`Booking`] decides on the answer. Nothing here talks to anybody.

mod cancellation;
mod event;
mod items;
mod later;
mod passengers;
mod recorded;
mod saga;
mod status;

pub use cancellation::{Quote, Refund, RefundTo, refund_at};
pub use event::{Actor, Event, EventKind};
pub use items::MAX_SEGMENTS;
pub use passengers::{Ages, Document, DocumentType, Expected, MAX_PASSENGERS, Matched, Passenger, matched};
pub use recorded::{Recorded, RecordedPatch};
pub use saga::{ABSENT_AFTER, Decision, Failure, LOOK_AGAIN_AFTER, Observed, PARKED_AFTER, Step, Work, next_look};
pub use status::{Kind, Status};

use jiff::Timestamp;

use crate::{
    ids::{BookingId, ItemId, KeyId, TripId, UserId},
    money::Money,
    trip::{Cabin, When},
};

/// A flight from one airport to the next.
#[derive(Debug, Clone, PartialEq)]
pub struct Segment {
    /// IATA code of the airline that sells it.
    pub carrier: Option<String>,
    /// Its number, with the airline's code.
    pub flight_number: Option<String>,
    /// IATA code.
    pub origin: String,
    /// IATA code.
    pub destination: String,
    /// On the clocks of the origin.
    pub departs: When,
    /// On the clocks of the destination.
    pub arrives: When,
    /// Terminal that it leaves from.
    pub origin_terminal: Option<String>,
    /// Terminal that it arrives at.
    pub destination_terminal: Option<String>,
    /// Class of travel.
    pub cabin: Option<Cabin>,
}

/// Who travels. Nothing but the name is kept: birth dates, addresses and identity documents go to the provider and
/// nowhere else.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Traveller {
    /// Given names.
    pub given_name: String,
    /// Family names.
    pub family_name: String,
}

/// What was booked, for people and for the trip.
#[derive(Debug, Clone, PartialEq)]
pub struct Summary {
    /// What it is called.
    pub title: String,
    /// Where it is.
    pub place: Option<String>,
    /// When it begins.
    pub start: Option<When>,
    /// When it ends.
    pub end: Option<When>,
    /// The flights, in order; empty for everything else.
    pub segments: Vec<Segment>,
}

/// Whether the booking stands in its trip.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Attachment {
    /// It belongs to no trip.
    None,
    /// It will be put into the trip when it is confirmed.
    Wanted,
    /// Its items are in the trip.
    Attached,
    /// The trip was gone or full, or its owner may not edit it any more.
    Impossible,
}

/// The provider's side of a booking.
#[derive(Debug, Clone, PartialEq)]
pub struct Deal {
    /// Digest of the request that asked for it: the same idempotency key with another request is refused.
    pub request: String,
    /// Digest of the request that paid or cancelled it last: the same request again has been carried out.
    pub latest: Option<String>,
    /// The user's key it was ordered with. Only with the same key can the order be found again.
    pub key: KeyId,
    /// What was ordered: an offer of a flight, a quote of a stay.
    pub offer: String,
    /// Whether the price was to be paid later.
    pub hold: bool,
    /// Whether money moves: `false` for a test account.
    pub live_mode: bool,
    /// The order at the provider.
    pub order: Option<String>,
    /// Whether the order is still to be paid.
    pub awaiting_payment: bool,
    /// Until when it must be paid.
    pub payment_required_by: Option<Timestamp>,
    /// Until when its price holds.
    pub price_guarantee_expires_at: Option<Timestamp>,
    /// What a cancellation would refund, and until when.
    pub refunds: Vec<Refund>,
    /// The cancellation that was quoted last.
    pub quote: Option<Quote>,
    /// What is under way.
    pub work: Option<Work>,
    /// Since when it could not be found out whether this is still true, when nothing is under way.
    pub doubt_since: Option<Timestamp>,
    /// Why it failed.
    pub failure: Option<Failure>,
}

/// A booking.
#[derive(Debug, Clone, PartialEq)]
pub struct Booking {
    /// Its id.
    pub id: BookingId,
    /// Whose it is.
    pub owner: UserId,
    /// What kind of thing was booked.
    pub kind: Kind,
    /// How far it is.
    pub status: Status,
    /// The trip it belongs to.
    pub trip: Option<TripId>,
    /// Whether it stands there.
    pub attachment: Attachment,
    /// Its items in the trip.
    pub items: Vec<ItemId>,
    /// What was booked.
    pub summary: Summary,
    /// What it costs in all.
    pub price: Option<Money>,
    /// What the supplier knows it by.
    pub confirmation: Option<String>,
    /// Who travels.
    pub travellers: Vec<Traveller>,
    /// The owner's own words.
    pub notes: Option<String>,
    /// The provider's side; `None` for what was bought elsewhere.
    pub deal: Option<Deal>,
    /// Number of its newest event.
    pub events: u64,
    /// When a job looks at it next.
    pub due_at: Option<Timestamp>,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it last changed.
    pub updated_at: Timestamp,
    /// Grows by one with each change.
    pub version: u64,
}

/// What the state of a booking does not permit.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BookingError {
    /// The status machine has no such step.
    #[error("a {} booking cannot become {}", .from.name(), .to.name())]
    Transition {
        /// Where it is.
        from: Status,
        /// Where it should go.
        to: Status,
    },
    /// Only the provider's answers move it.
    #[error("the provider decides on this; use pay and cancel")]
    ProvidersOwn,
    /// Something is under way whose outcome is not known yet.
    #[error("{} is under way; its outcome is not known yet", .0.name())]
    UnderWay(Step),
    /// It was bought elsewhere: nobody here can pay or cancel it.
    #[error("it was not ordered here; pay or cancel it where it was bought, and change its status here")]
    Elsewhere,
    /// There is nothing to pay.
    #[error("a {} booking is not waiting to be paid", .0.name())]
    NotPayable(Status),
    /// There is nothing to cancel at the provider.
    #[error("a {} booking cannot be cancelled", .0.name())]
    NotCancellable(Status),
    /// What would be stored together does not fit together.
    #[error(transparent)]
    Invalid(#[from] crate::validation::Invalid),
}
