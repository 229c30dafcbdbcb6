use jiff::{Timestamp, civil::Date};
use serde::{Deserialize, Serialize};
use tripsage_domain::{ids::BookingId, money::Money, trip::Coordinates};

use super::money;
use crate::Provider;

/// What a search for stays found.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Stays {
    /// Listings as the provider ordered them.
    pub listings: Vec<StayListing>,
    /// How many more there were that could not be read; they are left out.
    pub dropped: u32,
}

/// Somewhere to stay, at a price for the nights that were asked for.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct StayListing {
    /// Who offers it.
    pub provider: Provider,
    /// The provider's id of this result: Duffel's search result, Airbnb's listing.
    pub id: String,
    /// What and where it is.
    pub accommodation: Accommodation,
    /// First night.
    pub check_in: Option<Date>,
    /// Morning of leaving.
    pub check_out: Option<Date>,
    /// The lowest price for all nights and rooms; `None`: the provider shows none that can be read.
    #[serde(with = "money::option")]
    pub total: Option<Money>,
    /// The part of it that is paid there.
    #[serde(with = "money::option")]
    pub due_at_accommodation: Option<Money>,
    /// The price as the provider words it, where it is only words.
    pub price_label: Option<String>,
    /// Until when the result can be used.
    pub expires_at: Option<Timestamp>,
    /// The listing's page, where it is booked; `None`: it is booked here.
    pub url: Option<String>,
}

/// A house with rooms, or a flat.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Accommodation {
    /// The provider's id.
    pub id: String,
    /// Its name.
    pub name: String,
    /// In some sentences.
    pub description: Option<String>,
    /// Street and number.
    pub address: Option<String>,
    /// City.
    pub city: Option<String>,
    /// ISO 3166-1 alpha-2 code.
    pub country: Option<String>,
    /// Where it lies.
    #[serde(with = "super::place::coordinates")]
    pub coordinates: Option<Coordinates>,
    /// Stars of the house, 1 to 5.
    pub stars: Option<f64>,
    /// What guests think of it, 0 to 10.
    pub review_score: Option<f64>,
    /// How many guests.
    pub review_count: Option<u32>,
    /// What it has: the provider's words, such as `wifi`.
    pub amenities: Vec<String>,
    /// Photographs.
    pub photos: Vec<Photo>,
    /// From when on one may come, `15:00`.
    pub check_in_after: Option<String>,
    /// By when one must leave.
    pub check_out_before: Option<String>,
}

/// A photograph.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Photo {
    /// Its address.
    pub url: String,
}

/// A room at a price, which can be quoted.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct StayRate {
    /// The provider's id.
    pub id: String,
    /// Which room.
    pub room: String,
    /// `room_only`, `breakfast` and others.
    pub board: Option<String>,
    /// What it costs in all.
    #[serde(with = "money")]
    pub total: Money,
    /// The part of it that is paid there.
    #[serde(with = "money::option")]
    pub due_at_accommodation: Option<Money>,
    /// What comes back when it is cancelled, by time; empty: nothing.
    pub cancellation: Vec<CancellationStep>,
    /// Whether it can be paid from the balance with the provider, the one way that we pay.
    pub payable_from_balance: bool,
    /// How many are left.
    pub quantity_available: Option<u32>,
    /// Until when it can be quoted.
    pub expires_at: Option<Timestamp>,
}

/// What comes back when it is cancelled before an instant.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CancellationStep {
    /// Before when.
    pub before: Timestamp,
    /// How much.
    #[serde(with = "money")]
    pub refund: Money,
}

/// A price that holds until it expires.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct StayQuote {
    /// The provider's id.
    pub id: String,
    /// What it costs in all.
    #[serde(with = "money")]
    pub total: Money,
    /// The part of it that is paid there.
    #[serde(with = "money::option")]
    pub due_at_accommodation: Option<Money>,
    /// Name of the accommodation.
    pub name: String,
    /// Where it lies.
    #[serde(with = "super::place::coordinates")]
    pub coordinates: Option<Coordinates>,
    /// First night.
    pub check_in: Date,
    /// Morning of leaving.
    pub check_out: Date,
    /// Number of rooms.
    pub rooms: u32,
    /// What comes back when it is cancelled, by time.
    pub cancellation: Vec<CancellationStep>,
}

/// A stay to be booked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewStayBooking {
    /// What was quoted.
    pub quote_id: String,
    /// Names of the guests, the one who signs first.
    pub guests: Vec<StayGuest>,
    /// Where the accommodation writes to.
    pub email: String,
    /// Where it calls: `+` and digits.
    pub phone_number: String,
    /// What the guests ask for.
    pub special_requests: Option<String>,
    /// Our booking, carried in the metadata.
    pub booking: BookingId,
}

/// A guest.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StayGuest {
    /// Given name.
    pub given_name: String,
    /// Family name.
    pub family_name: String,
}

/// A booked stay as the provider describes it now.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct StayBooking {
    /// The provider's id.
    pub id: String,
    /// The accommodation's reference.
    pub reference: Option<String>,
    /// How it stands.
    pub status: StayBookingStatus,
    /// Name of the accommodation.
    pub name: Option<String>,
    /// First night.
    pub check_in: Option<Date>,
    /// Morning of leaving.
    pub check_out: Option<Date>,
    /// When it was confirmed.
    pub confirmed_at: Option<Timestamp>,
    /// When it was cancelled.
    pub cancelled_at: Option<Timestamp>,
    /// How one gets in.
    pub key_collection: Option<String>,
    /// Our booking, when it carries one of ours.
    pub booking: Option<BookingId>,
}

/// How a booked stay stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StayBookingStatus {
    /// It holds.
    Confirmed,
    /// It was cancelled.
    Cancelled,
    /// In a way that this version does not know.
    Other,
}
