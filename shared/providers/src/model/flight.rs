use jiff::{Timestamp, civil::DateTime};
use serde::{Deserialize, Serialize};
use tripsage_domain::{
    flight::{CabinClass, Flyer},
    money::Money,
    trip::Coordinates,
};

use super::money;

/// What a search for flights found.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct FlightOffers {
    /// The provider's id of the search.
    pub request_id: String,
    /// Offers as the provider ordered them.
    pub offers: Vec<Offer>,
    /// How many more there were that could not be read; they are left out.
    pub dropped: u32,
    /// Whether the provider says that this is real. `false` in its test mode.
    pub live_mode: bool,
}

/// Something that can be ordered until it expires.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Offer {
    /// The provider's id.
    pub id: String,
    /// Who sells it.
    pub owner: Airline,
    /// When it can no longer be ordered.
    pub expires_at: Timestamp,
    /// What it costs for everybody.
    #[serde(with = "money")]
    pub total: Money,
    /// The part that is not taxes.
    #[serde(with = "money::option")]
    pub base: Option<Money>,
    /// The taxes.
    #[serde(with = "money::option")]
    pub tax: Option<Money>,
    /// Carbon dioxide for everybody, in kilograms, as the provider estimates it.
    pub emissions_kg: Option<u32>,
    /// How and until when it is paid.
    pub payment: PaymentRequirements,
    /// What may be undone later.
    pub conditions: OfferConditions,
    /// Whether an order must carry the passengers' documents.
    pub documents_required: bool,
    /// Passengers, with the ids that an order must name.
    pub passengers: Vec<OfferPassenger>,
    /// One for each direction.
    pub slices: Vec<Slice>,
    /// Extras that may be ordered with it; only when they were asked for.
    pub services: Vec<ServiceOffer>,
    /// Whether the provider says that this is real.
    pub live_mode: bool,
}

impl Offer {
    /// Whether it can still be ordered.
    pub fn is_open(&self, now: Timestamp) -> bool {
        now < self.expires_at
    }
}

/// An offer as it is priced right now, with what was meant to be ordered with it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PricedOffer {
    /// The offer, with its present price.
    pub offer: Offer,
    /// The price with the services that were named.
    #[serde(with = "money")]
    pub total: Money,
}

/// An airline.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Airline {
    /// Two characters; some have none.
    pub iata: Option<String>,
    /// Its name.
    pub name: String,
    /// Address of its emblem.
    pub logo_url: Option<String>,
}

/// Until when and how an offer is paid.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PaymentRequirements {
    /// `false`: it can be held and paid later.
    pub instant: bool,
    /// When a held order lapses.
    pub payment_required_by: Option<Timestamp>,
    /// Until when a held order keeps its price.
    pub price_guaranteed_until: Option<Timestamp>,
}

/// What may be undone before departure; `None` where the provider does not know.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct OfferConditions {
    /// Giving it back.
    pub refund: Option<Allowance>,
    /// Changing it.
    pub change: Option<Allowance>,
}

/// Whether something is allowed, and what it costs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Allowance {
    /// Whether it is.
    pub allowed: bool,
    /// What is kept; `None`: not known.
    #[serde(with = "money::option")]
    pub penalty: Option<Money>,
}

/// A passenger of an offer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OfferPassenger {
    /// The provider's id, to be named by an order.
    pub id: String,
    /// `adult`, `child`, `infant_without_seat`, when the provider says it.
    pub kind: Option<String>,
    /// Age, when it was asked for by age.
    pub age: Option<u8>,
}

impl OfferPassenger {
    /// The same passenger in the words of a question.
    pub fn flyer(&self) -> Flyer {
        match (self.age, self.kind.as_deref()) {
            (Some(age), _) => Flyer::Aged(age),
            (None, Some("infant_without_seat")) => Flyer::Aged(1),
            (None, Some("child")) => Flyer::Aged(11),
            (None, _) => Flyer::Adult,
        }
    }
}

/// One direction of a journey.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Slice {
    /// The provider's id.
    pub id: String,
    /// Where it begins.
    pub origin: FlightPlace,
    /// Where it ends.
    pub destination: FlightPlace,
    /// From the first departure to the last arrival.
    pub duration_minutes: Option<u32>,
    /// Name of the fare.
    pub fare_brand: Option<String>,
    /// Flights, in order; at least one.
    pub segments: Vec<Segment>,
}

impl Slice {
    /// Number of changes and stops on the way.
    pub fn stops(&self) -> usize {
        let on_the_way: usize = self.segments.iter().map(|segment| segment.stops.len()).sum();
        self.segments.len().saturating_sub(1) + on_the_way
    }
}

/// One flight, from taking off to landing for good.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Segment {
    /// The provider's id.
    pub id: String,
    /// Where it starts.
    pub origin: FlightPlace,
    /// Where it ends.
    pub destination: FlightPlace,
    /// Terminal of departure.
    pub origin_terminal: Option<String>,
    /// Terminal of arrival.
    pub destination_terminal: Option<String>,
    /// On the clocks of the origin.
    pub departing_at: DateTime,
    /// On the clocks of the destination.
    pub arriving_at: DateTime,
    /// From gate to gate.
    pub duration_minutes: Option<u32>,
    /// Whose number it has.
    pub marketing_carrier: Airline,
    /// That number, without the airline's code.
    pub flight_number: Option<String>,
    /// Who flies it.
    pub operating_carrier: Option<Airline>,
    /// With what.
    pub aircraft: Option<String>,
    /// Landings on the way.
    pub stops: Vec<Stop>,
    /// What each passenger has on it.
    pub passengers: Vec<SegmentPassenger>,
}

/// A landing on the way, without a change of aircraft.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Stop {
    /// Where.
    pub airport: FlightPlace,
    /// How long.
    pub duration_minutes: Option<u32>,
}

/// What a passenger has on a flight.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SegmentPassenger {
    /// Whose.
    pub passenger_id: String,
    /// Class of cabin.
    pub cabin: Option<CabinClass>,
    /// What the airline calls it.
    pub cabin_name: Option<String>,
    /// Code of the fare.
    pub fare_basis: Option<String>,
    /// Bags that are included.
    pub baggage: Vec<Baggage>,
}

/// Bags of one kind.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Baggage {
    /// `checked` or `carry_on`.
    pub kind: String,
    /// How many.
    pub quantity: u32,
}

/// An airport or a city.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct FlightPlace {
    /// Three letters.
    pub iata: String,
    /// Its name.
    pub name: String,
    /// City it serves.
    pub city: Option<String>,
    /// ISO 3166-1 alpha-2 code.
    pub country: Option<String>,
    /// IANA zone of its clocks.
    pub time_zone: Option<String>,
    /// Where it lies.
    #[serde(with = "super::place::coordinates")]
    pub coordinates: Option<Coordinates>,
}

/// An extra that may be ordered with an offer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ServiceOffer {
    /// The provider's id.
    pub id: String,
    /// What it is.
    pub kind: ServiceKind,
    /// What one of it costs.
    #[serde(with = "money")]
    pub total: Money,
    /// How many may be ordered.
    pub max_quantity: u32,
    /// For whom.
    pub passenger_ids: Vec<String>,
    /// On which flights.
    pub segment_ids: Vec<String>,
    /// Weight of a bag.
    pub max_weight_kg: Option<u32>,
}

/// Kind of an extra.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ServiceKind {
    /// One more bag.
    Baggage,
    /// A seat of choice.
    Seat,
    /// Cancelling for any reason.
    CancelForAnyReason,
    /// Something that this version does not know.
    Other,
}
