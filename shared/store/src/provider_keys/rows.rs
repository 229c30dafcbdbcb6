use jiff::{Timestamp, civil::Date};
use serde::{Deserialize, Serialize};
use tripsage_domain::{
    ids::{KeyId, UserId},
    key::{Guard, Lock, Operation, Seen, Standing, Status},
    service::Service,
};

use crate::{Loaded, StoreError};

/// What is known of one version of a key, as it is stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", remote = "Standing")]
enum StandingRow {
    Proven,
    Unproven,
    Refused,
    Unreadable,
}

/// One version of a key, sealed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sealed {
    /// Its number; the ciphertext is bound to it.
    pub version: u32,
    /// Ciphertext of KMS, in base64.
    pub ciphertext: String,
    /// ARN of the KMS key that sealed it.
    pub kms_key: String,
    /// What is shown of it.
    pub hint: String,
    /// When it was entered.
    pub entered_at: Timestamp,
    /// What is known of it.
    #[serde(with = "StandingRow")]
    pub standing: Standing,
}

/// A key as it is stored. Whose it is says the partition and nothing else, so that a row that is moved to somebody
/// else's does not bring its owner along.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeyRow {
    /// Its id.
    pub id: KeyId,
    /// Name of the service.
    pub service: String,
    /// What its owner calls it.
    pub name: String,
    /// What its owner says about it.
    pub description: Option<String>,
    /// What is shown of the version that is used.
    pub hint: String,
    /// When it ends, as its owner says.
    pub ends_at: Option<Timestamp>,
    /// Uses a day that its owner allows.
    pub daily_limit: Option<u32>,
    /// Its versions, newest first: one, two while the newest is not proven, none when it has not been entered yet.
    /// Everything that is sealed is in here; what re-encrypts goes through this list.
    pub sealed: Vec<Sealed>,
    /// Number of the newest version there has been.
    pub newest: u32,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it was changed.
    pub updated_at: Timestamp,
    /// When its service was last asked about it and answered.
    pub last_validated: Option<Timestamp>,
    /// When it was last decrypted.
    pub last_used: Option<Timestamp>,
    /// How often it was decrypted.
    pub uses: u64,
}

impl KeyRow {
    /// Attributes that a change may change. The others are fixed, or counted by uses, which go on meanwhile.
    pub(super) const CHANGEABLE: [&str; 9] = [
        "name",
        "description",
        "hint",
        "ends_at",
        "daily_limit",
        "sealed",
        "newest",
        "updated_at",
        "last_validated",
    ];

    /// Which service it is for.
    ///
    /// # Errors
    /// When there is no such service.
    pub fn service(&self) -> Result<Service, StoreError> {
        self.service
            .parse()
            .map_err(|_| StoreError::Corrupt("a key of an unknown service".to_owned()))
    }

    /// The version that a use takes: the newest that may be tried.
    pub fn current(&self) -> Option<&Sealed> {
        self.sealed.iter().find(|sealed| sealed.standing.is_usable())
    }

    /// Enters a new version. The newest that its service is known to take is kept beside it, else the one that was used
    /// until now.
    pub fn enter(&mut self, sealed: Sealed, now: Timestamp) {
        let proven = self.sealed.iter().find(|sealed| sealed.standing == Standing::Proven);
        let before = proven.or(self.current()).cloned();
        self.newest = sealed.version;
        self.updated_at = now;
        self.last_validated = (sealed.standing == Standing::Proven).then_some(now);
        self.sealed = std::iter::once(sealed).chain(before).collect();
        self.refresh_hint();
    }

    /// Shows the version that a use takes now.
    pub fn refresh_hint(&mut self) {
        if let Some(shown) = self.current().or(self.sealed.first()) {
            self.hint = shown.hint.clone();
        }
    }

    /// What its owner is told about it.
    pub fn status(&self, now: Timestamp) -> Status {
        let best = self.current().or(self.sealed.first());
        let standing = best.map_or(Standing::Unreadable, |sealed| sealed.standing);
        Status::of(standing, self.ends_at, now)
    }

    /// KMS keys that have sealed some version of it that can still be read.
    pub(super) fn kms_keys(&self) -> Vec<&str> {
        let readable = self
            .sealed
            .iter()
            .filter(|sealed| sealed.standing != Standing::Unreadable);
        let mut arns: Vec<&str> = readable.map(|sealed| sealed.kms_key.as_str()).collect();
        arns.sort_unstable();
        arns.dedup();
        arns
    }
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct SeenRow {
    pub(super) operation: String,
    pub(super) at: Timestamp,
}

/// What there is to know of all keys of a user.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(super) struct KeysRow {
    #[serde(default)]
    recent: Vec<SeenRow>,
    #[serde(default)]
    locked_at: Option<Timestamp>,
}

impl KeysRow {
    pub(super) fn guard(&self) -> Guard {
        let seen = |row: &SeenRow| {
            let operation = Operation::parse(&row.operation)?;
            Some(Seen { operation, at: row.at })
        };
        let recent = self.recent.iter().filter_map(seen).collect();
        Guard::new(recent, self.locked_at.map(|since| Lock { since }))
    }
}

/// A user's keys, and what they have been doing with them lately.
#[derive(Debug, Clone, Default)]
pub struct Keyring {
    /// The keys, in no particular order.
    pub keys: Vec<Loaded<KeyRow>>,
    /// Keys whose rows cannot be read.
    pub damaged: Vec<KeyId>,
    /// What was done lately.
    pub guard: Guard,
}

/// How often a key was used on a day.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeyUseRow {
    /// Which key.
    pub key: KeyId,
    /// Name of its service.
    pub service: String,
    /// The day, in UTC.
    pub day: Date,
    /// How often.
    pub uses: u64,
}

/// Somebody's key of which some version is sealed with one KMS key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct SealedRow {
    /// Whose.
    pub user: UserId,
    /// Which.
    pub key: KeyId,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct KmsKeyRow {
    pub(super) arn: String,
    pub(super) first_used: Timestamp,
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    fn row(sealed: Vec<Sealed>) -> KeyRow {
        let now = Timestamp::UNIX_EPOCH;
        KeyRow {
            id: KeyId::from_uuid(uuid::Uuid::nil()),
            service: "duffel".to_owned(),
            name: String::new(),
            description: None,
            hint: String::new(),
            ends_at: None,
            daily_limit: None,
            newest: sealed.first().map_or(0, |sealed| sealed.version),
            sealed,
            created_at: now,
            updated_at: now,
            last_validated: None,
            last_used: None,
            uses: 0,
        }
    }

    fn sealed(version: u32, standing: Standing) -> Sealed {
        Sealed {
            version,
            ciphertext: String::new(),
            kms_key: String::new(),
            hint: String::new(),
            entered_at: Timestamp::UNIX_EPOCH,
            standing,
        }
    }

    #[test]
    fn a_new_version_never_pushes_out_the_one_that_is_proven() {
        use Standing::{Proven, Refused, Unproven, Unreadable};
        let kept = |before: &[(u32, Standing)]| {
            let mut row = row(before.iter().map(|&(version, is)| sealed(version, is)).collect());
            row.enter(sealed(9, Unproven), Timestamp::UNIX_EPOCH);
            row.sealed.iter().map(|sealed| sealed.version).collect::<Vec<_>>()
        };
        assert_eq!(kept(&[(2, Unproven), (1, Proven)]), [9, 1]);
        assert_eq!(kept(&[(2, Refused), (1, Proven)]), [9, 1]);
        assert_eq!(kept(&[(2, Unproven), (1, Refused)]), [9, 2]);
        assert_eq!(kept(&[(2, Refused), (1, Unreadable)]), [9]);
    }

    #[test]
    fn every_attribute_of_a_key_is_changeable_fixed_or_counted() {
        let row = row(Vec::new());
        let item: crate::transaction::Item = serde_dynamo::to_item(&row).unwrap();
        let stored: BTreeSet<&str> = item.keys().map(String::as_str).collect();
        let (fixed, counted) = (["id", "service", "created_at"], ["last_used", "uses"]);
        let known: BTreeSet<&str> = KeyRow::CHANGEABLE.into_iter().chain(fixed).chain(counted).collect();
        assert_eq!(stored, known);
    }
}
