//! How an itinerary stands among others: what others think of it, and where the catalogue lists it.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use tripsage_domain::{
    ids::{ItineraryId, UserId},
    itinerary::Itinerary,
};

use super::Counts;
use crate::catalogue::Listing;

/// How an itinerary stands among others.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct StandingRow {
    /// Which itinerary.
    pub id: ItineraryId,
    /// Whose it is.
    pub owner: UserId,
    /// When it was made.
    pub created_at: Timestamp,
    /// What others have said of it.
    #[serde(default)]
    pub counts: Counts,
    /// Since when it is featured.
    #[serde(default)]
    pub featured_at: Option<Timestamp>,
    /// How the catalogue lists it; only while it is published.
    #[serde(default)]
    pub listing: Option<Listing>,
}

impl StandingRow {
    /// Of an itinerary that nobody has seen yet.
    pub fn new(itinerary: &Itinerary) -> Self {
        Self {
            id: itinerary.id,
            owner: itinerary.owner,
            created_at: itinerary.created_at,
            counts: Counts::default(),
            featured_at: None,
            listing: None,
        }
    }

    /// What it is sorted by: heat, safety rating, helpfulness, proof score, safety score, views, and how it rises.
    pub fn measures(&self) -> [i64; 7] {
        let hours = self.created_at.as_second() / 3600;
        [hours, 0, 0, 0, 0, 0, 0]
    }
}
