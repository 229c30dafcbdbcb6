//! Projections: what is counted of what was written, and what follows from the counts.
//!
//! A request writes its own row and nothing else: a vote, a view, a rating. The table's stream tells the projector, and
//! the projector changes the row that counts, with the scores that follow and its place in the catalogue, in one
//! transaction for each thing that counts. Three facts make the counts exact:
//!
//! - A record may come twice: the transaction inserts a marker for each record, and is refused when there is one.
//! - Records may come in another order: each adds the difference between what a row said and what it says.
//! - The projector may die anywhere: before the transaction nothing has happened, after it everything has.
//!
//! What must never happen here: a count that is changed outside such a transaction, except by
//! reconciliation.

mod apply;
mod record;
mod routes;
mod standing;
mod tally;
mod told;

pub use apply::Event;
pub use record::{Foreign, Record};
pub use routes::{Target, sources};

pub(crate) use tally::Tally;
use told::Told;
