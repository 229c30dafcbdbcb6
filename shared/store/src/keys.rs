//! Every key of every table, in one place.
//!
//! Only types whose text cannot contain `#` may enter a key: ids, fixed-width numbers, dates, digests and slugs.

pub(crate) mod catalogue;
mod groups;
mod identity;
pub(crate) mod itineraries;
mod operations;
pub(crate) mod projections;
pub(crate) mod ratings;
pub(crate) mod reactions;
mod safety;
mod travel;
mod vault;

pub(crate) use groups::*;
pub use identity::*;
pub use operations::*;
pub use safety::*;
pub use travel::*;
pub use vault::*;

use std::fmt::Display;

use aws_lc_rs::digest;
use jiff::{Timestamp, civil::Date};
use tripsage_domain::ids::{
    AuditId, BookingId, ExportId, GroupId, InvitationId, ItemId, KeyId, LinkId, SavedSearchId, SearchId, SessionId,
    TemplateId, TokenId, TripId, UserId,
};
use tripsage_domain::user::Username;
use uuid::Uuid;

/// A table of the template.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Table {
    /// Users, credentials, sessions, one-time codes, preferences.
    Identity,
    /// Trips, members, versions, templates.
    Travel,
    /// Audit, idempotency, throttles, jobs.
    Operations,
    /// Users' own provider keys, sealed, and how they are used.
    Vault,
    /// Itineraries, ratings, travel intel, groups, guides, and the catalogue of them.
    Community,
}

/// Where one item is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Key {
    pub(crate) table: Table,
    pub(crate) pk: String,
    pub(crate) sk: String,
}

/// A part of a key.
pub trait KeyPart: Display {}

macro_rules! key_parts {
    ($($type:ty),*) => { $(impl KeyPart for $type {})* };
}

key_parts!(
    UserId,
    SessionId,
    TokenId,
    TripId,
    ItemId,
    LinkId,
    InvitationId,
    TemplateId,
    ExportId,
    AuditId,
    SearchId,
    SavedSearchId,
    BookingId,
    GroupId,
    KeyId,
    Date,
    Digest,
    Slug,
    Instant,
    Number
);

/// SHA-256 of something that must not, or cannot, be a key itself, as 64 hexadecimal digits.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Digest(String);

impl Digest {
    /// The digest of the parts; where one ends and the next begins matters.
    pub fn of(parts: &[&[u8]]) -> Self {
        let mut context = digest::Context::new(&digest::SHA256);
        for part in parts {
            context.update(&(part.len() as u64).to_be_bytes());
            context.update(part);
        }
        Self(
            context
                .finish()
                .as_ref()
                .iter()
                .map(|byte| format!("{byte:02x}"))
                .collect(),
        )
    }
}

impl Digest {
    /// The first half of it as a random (version 4) UUID: an id that everybody draws who knows the parts.
    pub fn to_uuid(&self) -> Uuid {
        let mut bytes = [0; 16];
        for (byte, pair) in bytes.iter_mut().zip(self.0.as_bytes().chunks(2)) {
            let hex = std::str::from_utf8(pair).unwrap_or_default();
            *byte = u8::from_str_radix(hex, 16).unwrap_or_default();
        }
        uuid::Builder::from_random_bytes(bytes).into_uuid()
    }
}

impl Display for Digest {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

/// A text of lower-case ASCII letters, digits, `-` and `_`, such as a canonical username.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Slug(String);

impl Slug {
    /// Takes the text when it has no other characters.
    pub fn new(text: &str) -> Option<Self> {
        let fits = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || matches!(b, b'-' | b'_');
        (!text.is_empty() && text.len() <= 100 && text.bytes().all(fits)).then(|| Self(text.to_owned()))
    }
}

impl From<&Username> for Slug {
    fn from(username: &Username) -> Self {
        Self(username.canonical())
    }
}

impl Display for Slug {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

/// An instant in milliseconds, of fixed width, so that texts sort as times do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Instant(Timestamp);

impl From<Timestamp> for Instant {
    fn from(at: Timestamp) -> Self {
        Self(at)
    }
}

impl Display for Instant {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:015}", self.0.as_millisecond().max(0))
    }
}

/// A number of fixed width, so that texts sort as numbers do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Number(pub u64);

impl Display for Number {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:012}", self.0)
    }
}

impl Key {
    pub(crate) fn new(table: Table, pk: String, sk: String) -> Self {
        Self { table, pk, sk }
    }
}

/// `USER#<id>`, in whatever table.
pub(crate) fn user_partition(user: UserId) -> String {
    format!("USER#{user}")
}
