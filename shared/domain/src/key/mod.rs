//! Users' own keys for services of others: what they may look like, what is shown of them, and what is too much.

mod format;
mod guard;
mod hint;

use jiff::{SignedDuration, Timestamp};

pub use format::{MAX_LENGTH, MIN_LENGTH, check};
pub use guard::{Guard, Lock, Operation, Seen};
pub use hint::hint;

/// Keys that one user may have.
pub const MAX_KEYS: u32 = 50;

/// A key counts as expiring when it ends within this time.
pub const EXPIRING: SignedDuration = SignedDuration::from_hours(14 * 24);

/// Uses a day that a user may set as the limit of a key at most.
pub const MAX_DAILY_LIMIT: u32 = 1_000_000;

/// What is known of one version of a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Standing {
    /// Its service has accepted it.
    Proven,
    /// Nobody has asked its service yet.
    Unproven,
    /// Its service has refused it.
    Refused,
    /// It cannot be decrypted any more: its owner has to enter it again.
    Unreadable,
}

impl Standing {
    /// Whether it may be tried.
    pub const fn is_usable(self) -> bool {
        matches!(self, Self::Proven | Self::Unproven)
    }
}

/// What its owner is told about a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Status {
    /// Its service has accepted it.
    Active,
    /// It is used, but its service could not be asked yet.
    Unverified,
    /// Its service has refused it.
    Refused,
    /// Its owner said that it ends, and it has.
    Expired,
    /// It cannot be decrypted any more.
    NeedsReentry,
}

impl Status {
    /// All of them.
    pub const ALL: [Self; 5] = [
        Self::Active,
        Self::Unverified,
        Self::Refused,
        Self::Expired,
        Self::NeedsReentry,
    ];

    /// The status of a key whose best version has this standing and that ends then.
    pub fn of(best: Standing, ends_at: Option<Timestamp>, now: Timestamp) -> Self {
        match best {
            Standing::Unreadable => Self::NeedsReentry,
            Standing::Refused => Self::Refused,
            _ if is_over(ends_at, now) => Self::Expired,
            Standing::Proven => Self::Active,
            Standing::Unproven => Self::Unverified,
        }
    }

    /// The name that clients use.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Unverified => "unverified",
            Self::Refused => "refused",
            Self::Expired => "expired",
            Self::NeedsReentry => "needs_reentry",
        }
    }

    /// Whether something new may be begun with the key.
    pub const fn is_usable(self) -> bool {
        matches!(self, Self::Active | Self::Unverified)
    }
}

/// Whether a key that ends then has ended.
pub fn is_over(ends_at: Option<Timestamp>, now: Timestamp) -> bool {
    ends_at.is_some_and(|at| at <= now)
}

/// What a key is decrypted for. It stands in the audit trail.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Purpose {
    /// To search, or to price an offer.
    Search,
    /// To place, pay or change a booking that begins now.
    Booking,
    /// To finish, reconcile or cancel what was begun before.
    Reconciliation,
    /// To check the signature of a webhook.
    Webhook,
    /// To ask its service whether it is still good.
    Validation,
}

impl Purpose {
    /// Its name in the trail.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Search => "search",
            Self::Booking => "booking",
            Self::Reconciliation => "reconciliation",
            Self::Webhook => "webhook",
            Self::Validation => "validation",
        }
    }

    /// Whether it begins something. What was begun goes on with a key that has ended or is locked meanwhile: a booking
    /// that nobody can reconcile would be worse.
    pub const fn begins(self) -> bool {
        matches!(self, Self::Search | Self::Booking)
    }

    /// Whether it counts towards the daily limit of the key.
    pub const fn is_limited(self) -> bool {
        self.begins()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_worst_that_is_known_of_a_key_is_its_status() {
        let now: Timestamp = "2027-03-03T10:00:00Z".parse().unwrap();
        let (past, future) = (Some(now), Some(now + SignedDuration::from_secs(1)));
        for (best, ends_at, expected) in [
            (Standing::Proven, None, Status::Active),
            (Standing::Proven, future, Status::Active),
            (Standing::Proven, past, Status::Expired),
            (Standing::Unproven, None, Status::Unverified),
            (Standing::Unproven, past, Status::Expired),
            (Standing::Refused, past, Status::Refused),
            (Standing::Unreadable, None, Status::NeedsReentry),
        ] {
            assert_eq!(Status::of(best, ends_at, now), expected, "{best:?}");
        }
    }

    #[test]
    fn what_was_begun_goes_on() {
        assert!(Purpose::Search.begins() && Purpose::Booking.begins());
        for purpose in [Purpose::Reconciliation, Purpose::Webhook, Purpose::Validation] {
            assert!(!purpose.begins() && !purpose.is_limited(), "{purpose:?}");
        }
    }
}
