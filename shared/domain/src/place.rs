//! What may be asked of those who know places.

use crate::{trip::Coordinates, vocabulary::vocabulary};

vocabulary!(
    /// How much money a place takes, roughly.
    PriceLevel {
        Free = "free",
        Inexpensive = "inexpensive",
        Moderate = "moderate",
        Expensive = "expensive",
        VeryExpensive = "very_expensive",
    }
);

/// A question for things to do.
#[derive(Debug, Clone, PartialEq)]
pub enum PlaceSearch {
    /// By words, best around a point.
    Text {
        /// What a person would type.
        query: String,
        /// Where results count more.
        near: Option<(Coordinates, u32)>,
    },
    /// By kind, within a circle.
    Nearby {
        /// Its middle.
        center: Coordinates,
        /// Its radius in metres, at most 50 000.
        radius_m: u32,
        /// Google's types of places such as `museum`; any when empty.
        types: Vec<String>,
    },
}
