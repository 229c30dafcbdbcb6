//! The DynamoDB adapter: the only crate that knows keys, expressions and the SDK's types.
//!
//! - [`keys`] is the one module with key literals. A key is made of ids, dates, numbers and digests, never of a text
//!   that somebody typed.
//! - [`Db`] reads and commits; every write carries a condition, and a lost race is an answer, not a failure.
//! - One module per aggregate offers named access patterns. Each is marked `AP-nn`, and `docs/data-model.md` lists
//!   them with their cost; a test holds the two to each other.
//!
//! There is no `Scan`, and no method that reads a private row by a bare id: partitions come from a principal, or from
//! a secret that the caller presented.

pub mod access_tokens;
pub mod audit;
mod authors;
pub mod boards;
pub mod bookings;
pub mod catalogue;
pub mod credentials;
mod db;
pub mod due;
mod error;
pub mod exports;
pub mod filling;
pub mod groups;
pub mod guides;
pub mod idempotency;
pub mod intel;
pub mod itineraries;
pub mod keys;
pub mod notifications;
pub mod one_time;
pub mod password_attempts;
pub mod personal_data;
pub mod preferences;
pub mod projection;
pub mod provider_keys;
pub mod provider_states;
pub mod ranking;
pub mod ratings;
pub mod reconciliation;
pub mod safety_resources;
pub mod safety_settings;
pub mod searches;
pub mod sessions;
pub mod throttle;
mod transaction;
pub mod travellers;
pub mod trips;
pub mod users;
pub mod views;
pub mod votes;

pub use db::{Db, Loaded, Page, Range};
pub use error::StoreError;
pub use transaction::{Condition, Transaction, Update, Write};

use jiff::Timestamp;

/// Seconds since 1970, as DynamoDB's time to live wants them.
pub(crate) fn epoch_seconds(at: Timestamp) -> i64 {
    at.as_second()
}
