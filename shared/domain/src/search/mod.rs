//! What is made of the answers of those who sell: which of them are the same thing, how good each is, and in what order
//! they are shown.
//!
//! The rules work on facts ([`FlightFacts`], [`StayFacts`]) and say which of them stay, by their number in the list. They
//! are the same for every provider, and give the same result for the same input.

mod choice;
mod flights;
mod names;
mod score;
mod stays;

pub use choice::{Direction, SortBy, chosen_direction};
pub use flights::{FlightCriteria, FlightFacts, FlightMerits, FlightOrder, Leg, rank_flights};
pub use names::similar;
pub use score::{Part, Score};
pub use stays::{StayCriteria, StayFacts, StayMerits, StayOrder, merge_stays, rank_stays};
