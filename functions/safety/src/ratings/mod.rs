//! How safe travellers say that itineraries are.

mod aggregates;
mod body;
pub(crate) mod get_rating;
pub(crate) mod give_rating;
pub(crate) mod list_ratings;
pub(crate) mod update_rating;
pub(crate) mod vote_rating;
