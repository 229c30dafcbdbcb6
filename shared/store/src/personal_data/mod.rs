//! Everything that is stored about a person: what an export gives them, and what erasure makes of it.
//!
//! [`Entity`] has one variant for each kind of row of every table. A kind that is not in it does not get past the tests
//! (every constructor of a key names its kind), and a kind whose export or erasure is undecided does not compile.

mod entity;
mod erase;
mod export;
mod itineraries;
mod unsay;
mod walk;

pub use entity::{Entity, Erasure, Export};
pub use erase::{Erased, RECEIPT_ACTION, Receipt};
pub use export::{INLINE, Made};
