//! Itineraries, and how they stand among others.

mod counts;

pub use counts::{Counts, Sum};
