use jiff::{Timestamp, civil::Date};
use serde::{Deserialize, Serialize};
use tripsage_domain::{
    flight::{Gender, Title},
    ids::BookingId,
    money::Money,
};

use super::{OfferConditions, Slice, money};

/// An order to be placed.
#[derive(Debug, Clone, PartialEq)]
pub struct NewOrder {
    /// Paid at once, or held.
    pub kind: OrderKind,
    /// What is ordered.
    pub offer_id: String,
    /// Everybody, with the ids that the offer gave them.
    pub passengers: Vec<OrderPassenger>,
    /// Extras.
    pub services: Vec<OrderedService>,
    /// What is paid from the account's balance; ignored for a held order. Must be what the provider asks, exactly.
    pub total: Money,
    /// Our booking, carried in the order's metadata, so that an order whose answer was lost is found again.
    pub booking: BookingId,
}

/// How an order is paid.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OrderKind {
    /// With the order.
    Instant,
    /// Later, before it lapses.
    Hold,
}

/// A passenger as an airline wants to know them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OrderPassenger {
    /// The id that the offer gave.
    pub id: String,
    /// How they are addressed.
    pub title: Title,
    /// As their document says.
    pub gender: Gender,
    /// As their document says.
    pub given_name: String,
    /// As their document says.
    pub family_name: String,
    /// Day of birth.
    pub born_on: Date,
    /// Where the airline writes to.
    pub email: String,
    /// Where the airline calls: `+` and digits.
    pub phone_number: String,
    /// Id of the infant on this passenger's lap.
    pub infant_id: Option<String>,
    /// Documents, when the offer asks for them.
    pub documents: Vec<IdentityDocument>,
}

/// A document of a passenger.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IdentityDocument {
    /// Which kind.
    pub kind: DocumentKind,
    /// Its number.
    pub number: String,
    /// ISO 3166-1 alpha-2 code of who issued it.
    pub issuing_country: String,
    /// Last day of its validity.
    pub expires_on: Option<Date>,
}

/// Kind of a document.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DocumentKind {
    /// A passport.
    Passport,
    /// A number of a tax office.
    TaxId,
}

impl DocumentKind {
    /// What the provider calls it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Passport => "passport",
            Self::TaxId => "tax_id",
        }
    }
}

/// An extra to be ordered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OrderedService {
    /// Its id in the offer.
    pub id: String,
    /// How many.
    pub quantity: u32,
}

/// An order as the provider describes it now.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Order {
    /// The provider's id.
    pub id: String,
    /// The airline's reference, six characters.
    pub booking_reference: String,
    /// What it costs in all.
    #[serde(with = "money")]
    pub total: Money,
    /// What has been paid and what not.
    pub payment: PaymentStatus,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it was cancelled, if so.
    pub cancelled_at: Option<Timestamp>,
    /// Flights, one slice for each direction.
    pub slices: Vec<Slice>,
    /// Tickets and the like.
    pub documents: Vec<TicketDocument>,
    /// What may be undone.
    pub conditions: OfferConditions,
    /// What the provider lets one do with it.
    pub actions: Vec<OrderAction>,
    /// Number of passengers.
    pub passengers: u32,
    /// Our booking, when the order carries one of ours.
    pub booking: Option<BookingId>,
    /// Changes by the airline that nobody has accepted yet.
    pub open_airline_changes: u32,
    /// Whether the provider says that this is real.
    pub live_mode: bool,
}

/// Enough of an order to recognise it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OrderSummary {
    /// The provider's id.
    pub id: String,
    /// The airline's reference.
    pub booking_reference: String,
    /// Our booking, when the order carries one of ours.
    pub booking: Option<BookingId>,
    /// Whether it has been cancelled.
    pub cancelled: bool,
}

/// What has been paid and what not.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PaymentStatus {
    /// Whether it waits for money.
    pub awaiting_payment: bool,
    /// When it lapses without.
    pub payment_required_by: Option<Timestamp>,
    /// Until when the price stays.
    pub price_guaranteed_until: Option<Timestamp>,
    /// When it was paid.
    pub paid_at: Option<Timestamp>,
}

/// A ticket or the like.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TicketDocument {
    /// `electronic_ticket` and others.
    pub kind: String,
    /// Its number.
    pub number: String,
}

/// What the provider lets one do with an order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OrderAction {
    /// Cancel it.
    Cancel,
    /// Change flights.
    Change,
    /// Change what is known of the passengers.
    Update,
}

/// A payment that was made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Payment {
    /// The provider's id.
    pub id: String,
    /// Whether it went through; `None`: still on its way.
    pub succeeded: Option<bool>,
    /// How much.
    #[serde(with = "money")]
    pub amount: Money,
}

/// What a cancellation would bring back; nothing is cancelled until it is confirmed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CancellationQuote {
    /// The provider's id.
    pub id: String,
    /// What would be cancelled.
    pub order_id: String,
    /// What comes back; `None`: the provider does not say.
    #[serde(with = "money::option")]
    pub refund: Option<Money>,
    /// How it comes back.
    pub refund_to: RefundTo,
    /// Until when it can be confirmed.
    pub expires_at: Option<Timestamp>,
    /// When it was confirmed.
    pub confirmed_at: Option<Timestamp>,
}

/// How money comes back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RefundTo {
    /// To the balance with the provider.
    Balance,
    /// To the card.
    Card,
    /// Through the airlines' settlement.
    ArcBspCash,
    /// As a voucher.
    Voucher,
    /// Nothing had been paid.
    AwaitingPayment,
    /// As credit with the airline.
    AirlineCredits,
    /// The way it was paid.
    OriginalFormOfPayment,
    /// In a way that this version does not know.
    Other,
}

/// A change of flights by the airline.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct AirlineChange {
    /// The provider's id.
    pub id: String,
    /// Whose flights.
    pub order_id: String,
    /// What is new.
    pub added: Vec<Slice>,
    /// What is gone.
    pub removed: Vec<Slice>,
    /// `accepted`, `cancelled` or `changed`, once somebody answered.
    pub action_taken: Option<String>,
    /// When it was made known.
    pub created_at: Timestamp,
}
