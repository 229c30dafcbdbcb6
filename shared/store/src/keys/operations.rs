//! Keys of audit, of requests and jobs, and of how providers are doing.

use jiff::Timestamp;
use tripsage_domain::ids::{AuditId, ExportId, UserId};
use uuid::Uuid;

use super::{Digest, Instant, Key, Number, Slug, Table, user_partition};

/// A list of things that fall due.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum DueList {
    /// Accounts to erase.
    Erasure,
    /// Deleted trips to purge.
    Purge,
    /// Deleted groups to purge.
    GroupPurge,
    /// Exports to make.
    Export,
    /// Bookings whose outcome is not known, or that run out.
    Booking,
    /// Bookings that a person has to look at; no job takes anything off this list.
    Review,
    /// Deleted itineraries to purge.
    Itinerary,
    /// Guides whose suspension ends, to list again.
    Suspension,
}

impl DueList {
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Erasure => "ERASURE",
            Self::Purge => "PURGE",
            Self::GroupPurge => "GROUP_PURGE",
            Self::Export => "EXPORT",
            Self::Booking => "BOOKING",
            Self::Review => "REVIEW",
            Self::Itinerary => "ITINERARY",
            Self::Suspension => "SUSPENSION",
        }
    }
}

/// An entry of a user's audit trail.
pub(crate) fn audit(user: UserId, at: Timestamp, id: AuditId) -> Key {
    Key::new(
        Table::Operations,
        audit_partition(user),
        format!("{}#{id}", Instant(at)),
    )
}

pub(crate) fn audit_partition(user: UserId) -> String {
    format!("AUDIT#{user}")
}

/// Every key of a user's audit trail before `at` sorts before this, and none that is not.
pub(crate) fn audit_before(at: Timestamp) -> String {
    Instant(at).to_string()
}

/// An entry of the audit trail of somebody who was erased.
pub(crate) fn pseudonymous_audit(pseudonym: &Digest, at: Timestamp, id: AuditId) -> Key {
    Key::new(
        Table::Operations,
        format!("AUDIT#{pseudonym}"),
        format!("{}#{id}", Instant(at)),
    )
}

/// The newest export that a user asked for.
pub(crate) fn newest_export(user: UserId) -> Key {
    Key::new(Table::Operations, user_partition(user), "EXPORT".to_owned())
}

/// A part of an export.
pub(crate) fn export_part(user: UserId, export: ExportId, number: u64) -> Key {
    Key::new(
        Table::Operations,
        user_partition(user),
        format!("{}{}", export_parts(export), Number(number)),
    )
}

/// Beginning of the sort keys of an export's parts.
pub(crate) fn export_parts(export: ExportId) -> String {
    format!("EXPORT#{export}#")
}

/// What a scheduled job has to do, sorted by when.
pub(crate) fn due(list: DueList, at: Timestamp, id: Uuid) -> Key {
    Key::new(Table::Operations, due_partition(list), format!("{}#{id}", Instant(at)))
}

pub(crate) fn due_partition(list: DueList) -> String {
    format!("DUE#{}", list.name())
}

/// What is left to say of an account that was erased.
pub(crate) fn erasure_receipt(at: Timestamp, id: Uuid) -> Key {
    Key::new(
        Table::Operations,
        "RECEIPT#ERASURE".to_owned(),
        format!("{}#{id}", Instant(at)),
    )
}

/// The remembered answer of one idempotent request.
pub(crate) fn idempotency(scope: &Digest) -> Key {
    Key::new(Table::Operations, format!("IDEMPOTENCY#{scope}"), "REQUEST".to_owned())
}

/// A counter of attempts in one window.
pub fn throttle(subject: &Digest, window: u64) -> Key {
    Key::new(
        Table::Operations,
        format!("THROTTLE#{subject}"),
        Number(window).to_string(),
    )
}

/// A message of a provider that was dealt with.
pub(crate) fn webhook_event(account: &str, event: &str) -> Key {
    let digest = Digest::of(&[b"webhook", account.as_bytes(), event.as_bytes()]);
    Key::new(Table::Operations, format!("WEBHOOK#{digest}"), "EVENT".to_owned())
}

/// How a provider was doing when somebody last asked it.
pub(crate) fn provider_state(provider: &Slug) -> Key {
    Key::new(Table::Operations, PROVIDER_STATES.to_owned(), provider.to_string())
}

/// Partition of how the providers are doing.
pub(crate) const PROVIDER_STATES: &str = "PROVIDERS";
