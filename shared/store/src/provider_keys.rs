//! Users' own keys for services of others, sealed. This module stores ciphertext and never sees what is in it.

use aws_sdk_dynamodb::types::AttributeValue;
use jiff::{SignedDuration, Timestamp, civil::Date};
use serde::{Deserialize, Serialize};
use tripsage_domain::{
    ids::{KeyId, UserId},
    key::{Guard, Lock, MAX_KEYS, Operation, Seen, Standing, Status},
    service::Service,
};

use crate::{
    Condition, Db, Loaded, Page, Range, StoreError, Transaction, Update, Write,
    keys::{self, Table},
};

/// Label of the write that fails when the key is gone, or is another version than the one that was read.
pub const KEY_CHANGED: &str = "provider_key";

/// Label of the write that fails when somebody has as many keys as they may have.
pub const KEYS_FULL: &str = "provider_keys";

/// Label of the write that fails when a key was used as often as its owner allows it on a day.
pub const DAILY_LIMIT: &str = "daily_limit";

pub use crate::keys::SEALED_SHARDS;

/// How long the counters of a day are kept.
const USE_KEPT: SignedDuration = SignedDuration::from_hours(93 * 24);

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
    const CHANGEABLE: [&str; 9] = [
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

    /// Enters a new version. The one that was used until now is kept beside it.
    pub fn enter(&mut self, sealed: Sealed, now: Timestamp) {
        let before = self.current().cloned();
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
    fn kms_keys(&self) -> Vec<&str> {
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
struct SeenRow {
    operation: String,
    at: Timestamp,
}

/// What there is to know of all keys of a user.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
struct KeysRow {
    #[serde(default)]
    recent: Vec<SeenRow>,
    #[serde(default)]
    locked_at: Option<Timestamp>,
}

impl KeysRow {
    fn guard(&self) -> Guard {
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
struct KmsKeyRow {
    arn: String,
    first_used: Timestamp,
}

/// Under what a KMS key is known in keys.
fn digest(arn: &str) -> keys::Digest {
    keys::Digest::of(&[b"kms", arn.as_bytes()])
}

impl Db {
    /// AP-100: all keys of a user, with what they have been doing with them. A row that cannot be read is reported and
    /// left out: the others stay usable.
    ///
    /// # Errors
    /// When DynamoDB does not answer.
    pub async fn list_provider_keys(&self, user: UserId) -> Result<Keyring, StoreError> {
        let most = usize::try_from(MAX_KEYS).unwrap_or(usize::MAX) + 1;
        let range = Range::new(
            Table::Vault,
            keys::user_partition(user),
            keys::PROVIDER_KEYS_PREFIX,
            most,
        );
        let mut keyring = Keyring::default();
        for Loaded { item, version } in self.query_all::<serde_json::Value>(range).await? {
            if item["sk"] == keys::PROVIDER_KEYS {
                keyring.guard = serde_json::from_value::<KeysRow>(item).unwrap_or_default().guard();
                continue;
            }
            match serde_json::from_value(item) {
                Ok(item) => keyring.keys.push(Loaded { item, version }),
                Err(error) => tracing::error!(alarm = "key_unreadable", %error, "a stored key cannot be read"),
            }
        }
        Ok(keyring)
    }

    /// AP-101: one key of a user.
    ///
    /// # Errors
    /// When DynamoDB does not answer.
    pub async fn find_provider_key(&self, user: UserId, key: KeyId) -> Result<Option<Loaded<KeyRow>>, StoreError> {
        let found = self.get::<KeyRow>(&keys::provider_key(user, key)).await?;
        Ok(found.filter(|found| found.item.id == key))
    }

    /// AP-101: what a user has been doing with their keys lately.
    ///
    /// # Errors
    /// When DynamoDB does not answer.
    pub async fn find_key_guard(&self, user: UserId) -> Result<Loaded<Guard>, StoreError> {
        let found = self.get::<KeysRow>(&keys::provider_keys(user)).await?;
        Ok(found.map_or(
            Loaded {
                item: Guard::default(),
                version: 0,
            },
            |found| Loaded {
                item: found.item.guard(),
                version: found.version,
            },
        ))
    }

    /// AP-107: how often keys of a user were used, newest day first, from a day on.
    ///
    /// # Errors
    /// When DynamoDB does not answer.
    pub async fn list_key_uses(&self, user: UserId, from: Date) -> Result<Vec<KeyUseRow>, StoreError> {
        let mut range = Range::new(Table::Vault, keys::user_partition(user), keys::KEY_USE_PREFIX, 500).descending();
        let mut uses = Vec::new();
        loop {
            let page = self.query::<KeyUseRow>(range.clone()).await?;
            for row in page.items.into_iter().map(|loaded| loaded.item) {
                if row.day < from {
                    return Ok(uses);
                }
                uses.push(row);
            }
            let Some(next) = page.next else { return Ok(uses) };
            range = range.after(Some(next));
        }
    }

    /// AP-108: the KMS keys that have ever sealed something here.
    ///
    /// # Errors
    /// When DynamoDB does not answer.
    pub async fn list_kms_keys(&self) -> Result<Vec<String>, StoreError> {
        let range = Range::new(Table::Vault, keys::KMS_KEYS.to_owned(), "", 100);
        let rows = self.query_all::<KmsKeyRow>(range).await?;
        Ok(rows.into_iter().map(|loaded| loaded.item.arn).collect())
    }

    /// AP-109: notes that a KMS key is going to seal something, so that what it sealed can be found.
    ///
    /// # Errors
    /// When DynamoDB does not answer.
    pub async fn note_kms_key(&self, arn: &str, now: Timestamp) -> Result<(), StoreError> {
        let row = KmsKeyRow {
            arn: arn.to_owned(),
            first_used: now,
        };
        match self
            .commit(Write::insert("kms_key", keys::kms_key(&digest(arn)), &row)?)
            .await
        {
            Ok(()) | Err(StoreError::Conflict(_)) => Ok(()),
            Err(error) => Err(error),
        }
    }

    /// AP-110: a page of the keys of which a version is sealed with this KMS key, in one of [`SEALED_SHARDS`] partitions.
    ///
    /// # Errors
    /// When DynamoDB does not answer.
    pub async fn list_sealed(
        &self,
        kms_key: &str,
        shard: u8,
        limit: usize,
        after: Option<String>,
    ) -> Result<Page<SealedRow>, StoreError> {
        let partition = keys::sealed_partition(&digest(kms_key), shard);
        let page = self
            .query(Range::new(Table::Vault, partition, "", limit).after(after))
            .await?;
        Ok(Page {
            items: page.items.into_iter().map(|loaded| loaded.item).collect(),
            next: page.next,
        })
    }

    /// AP-104: removes every key of a user, with its entries on the lists. Part of erasure.
    pub(crate) async fn erase_provider_keys(&self, user: UserId) -> Result<(), StoreError> {
        for key in self.list_provider_keys(user).await?.keys {
            let removal = Transaction::default().removing_provider_key(user, &key);
            match self.commit(removal).await {
                // A use or a change in the same moment; the next attempt of the job goes on.
                Err(StoreError::Conflict(_)) => return Err(StoreError::Throttled("a key keeps changing".to_owned())),
                result => result?,
            }
        }
        Ok(())
    }
}

impl Transaction {
    /// AP-102: a new key. Conflicts: [`KEY_CHANGED`] when it is there, [`KEYS_FULL`].
    ///
    /// # Errors
    /// When the row cannot be expressed in DynamoDB's types.
    pub fn inserting_provider_key(mut self, user: UserId, row: &KeyRow) -> Result<Self, StoreError> {
        let room = Condition::expression(
            "attribute_not_exists(#keys) OR #keys < :most",
            vec![("most", AttributeValue::N(MAX_KEYS.to_string()))],
        );
        self.push(Write::insert(KEY_CHANGED, keys::provider_key(user, row.id), row)?);
        self.push(counting(user, 1, room));
        self.listing_sealed(user, row.id, &[], &row.kms_keys())
    }

    /// AP-103: a key as it is after a change. What uses count meanwhile stays. Conflict: [`KEY_CHANGED`].
    ///
    /// # Errors
    /// When the row cannot be expressed in DynamoDB's types.
    pub fn changing_provider_key(
        mut self,
        user: UserId,
        old: &Loaded<KeyRow>,
        new: &KeyRow,
    ) -> Result<Self, StoreError> {
        let mut item: crate::transaction::Item = serde_dynamo::to_item(new)?;
        let changes = KeyRow::CHANGEABLE
            .into_iter()
            .filter_map(|name| Some((name, item.remove(name)?)));
        let update = changes.fold(Update::default().add("version", 1), |update, (name, value)| {
            update.set(name, value)
        });
        let key = keys::provider_key(user, old.item.id);
        self.push(Write::update(KEY_CHANGED, key, update, Condition::Version(old.version)));
        self.listing_sealed(user, old.item.id, &old.item.kms_keys(), &new.kms_keys())
    }

    /// AP-104: removes a key with everything that is sealed in it. Conflict: [`KEY_CHANGED`].
    #[must_use]
    pub fn removing_provider_key(mut self, user: UserId, old: &Loaded<KeyRow>) -> Self {
        let key = keys::provider_key(user, old.item.id);
        self.push(Write::remove(KEY_CHANGED, key, Condition::Version(old.version)));
        self.push(counting(user, -1, Condition::anyway()));
        for arn in old.item.kms_keys() {
            let listed = keys::sealed_under(&digest(arn), user, old.item.id);
            self.push(Write::remove("sealed", listed, Condition::anyway()));
        }
        self
    }

    /// AP-105: what a user has been doing with their keys, in the place of what was read. Conflict: `guard`.
    ///
    /// # Errors
    /// When the row cannot be expressed in DynamoDB's types.
    pub fn noting_key_operation(
        self,
        user: UserId,
        old: u64,
        guard: &Guard,
        now: Timestamp,
    ) -> Result<Self, StoreError> {
        let recent: Vec<SeenRow> = guard
            .recent()
            .iter()
            .map(|seen| SeenRow {
                operation: seen.operation.name().to_owned(),
                at: seen.at,
            })
            .collect();
        let update = Update::default()
            .set("recent", serde_dynamo::to_attribute_value(recent)?)
            .set(
                "locked_at",
                serde_dynamo::to_attribute_value(guard.lock(now).map(|lock| lock.since))?,
            )
            .add("version", 1);
        let condition = match old {
            0 => Condition::Absent,
            version => Condition::Version(version),
        };
        Ok(self.with(Write::update("guard", keys::provider_keys(user), update, condition)))
    }

    /// AP-106: counts a use of a key, if it is still there. With a limit it fails once so many uses of that day are
    /// counted. Conflicts: [`KEY_CHANGED`], [`DAILY_LIMIT`].
    ///
    /// # Errors
    /// When an instant cannot be expressed in DynamoDB's types.
    pub fn using_provider_key(
        self,
        user: UserId,
        row: &KeyRow,
        now: Timestamp,
        limit: Option<u32>,
    ) -> Result<Self, StoreError> {
        let day = day_of(now);
        let used = Update::default()
            .set("last_used", serde_dynamo::to_attribute_value(now)?)
            .add("uses", 1);
        let counted = Update::default()
            .set("key", serde_dynamo::to_attribute_value(row.id)?)
            .set("service", AttributeValue::S(row.service.clone()))
            .set("day", serde_dynamo::to_attribute_value(day)?)
            .set(
                "expires_at",
                AttributeValue::N(crate::epoch_seconds(now + USE_KEPT).to_string()),
            )
            .add("uses", 1)
            .add("version", 1);
        let room = match limit {
            None => Condition::anyway(),
            Some(limit) => Condition::expression(
                "attribute_not_exists(#uses) OR #uses < :limit",
                vec![("limit", AttributeValue::N(limit.to_string()))],
            ),
        };
        Ok(self
            .with(Write::update(
                KEY_CHANGED,
                keys::provider_key(user, row.id),
                used,
                Condition::Present,
            ))
            .with(Write::update(
                DAILY_LIMIT,
                keys::provider_key_use(user, day, row.id),
                counted,
                room,
            )))
    }

    /// AP-111: takes an entry off the list of what a KMS key has sealed, while the key that it names is the version that
    /// was read, or is gone. Conflict: [`KEY_CHANGED`].
    #[must_use]
    pub fn forgetting_sealed(self, kms_key: &str, entry: SealedRow, read: Option<u64>) -> Self {
        let condition = read.map_or(Condition::Absent, Condition::Version);
        let listed = keys::sealed_under(&digest(kms_key), entry.user, entry.key);
        self.with(Write::check(
            KEY_CHANGED,
            keys::provider_key(entry.user, entry.key),
            condition,
        ))
        .with(Write::remove("sealed", listed, Condition::anyway()))
    }

    /// The lists of what each KMS key has sealed follow the key, whose version is checked.
    fn listing_sealed(mut self, user: UserId, key: KeyId, old: &[&str], new: &[&str]) -> Result<Self, StoreError> {
        for arn in old.iter().filter(|arn| !new.contains(arn)) {
            let listed = keys::sealed_under(&digest(arn), user, key);
            self.push(Write::remove("sealed", listed, Condition::anyway()));
        }
        for arn in new.iter().filter(|arn| !old.contains(arn)) {
            let listed = keys::sealed_under(&digest(arn), user, key);
            let row = SealedRow { user, key };
            self.push(Write::put("sealed", listed, &row, 1, Condition::anyway())?);
        }
        Ok(self)
    }
}

/// The day of an instant, in UTC.
pub fn day_of(at: Timestamp) -> Date {
    at.to_zoned(jiff::tz::TimeZone::UTC).date()
}

fn counting(user: UserId, by: i64, condition: Condition) -> Write {
    let update = Update::default().add("keys", by).add("version", 1);
    Write::update(KEYS_FULL, keys::provider_keys(user), update, condition)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_attribute_of_a_key_is_changeable_fixed_or_counted() {
        let now = Timestamp::UNIX_EPOCH;
        let row = KeyRow {
            id: KeyId::from_uuid(uuid::Uuid::nil()),
            service: "duffel".to_owned(),
            name: String::new(),
            description: None,
            hint: String::new(),
            ends_at: None,
            daily_limit: None,
            sealed: Vec::new(),
            newest: 1,
            created_at: now,
            updated_at: now,
            last_validated: None,
            last_used: None,
            uses: 0,
        };
        let item: crate::transaction::Item = serde_dynamo::to_item(&row).unwrap();
        let stored: BTreeSet<&str> = item.keys().map(String::as_str).collect();
        let (fixed, counted) = (["id", "service", "created_at"], ["last_used", "uses"]);
        let known: BTreeSet<&str> = KeyRow::CHANGEABLE.into_iter().chain(fixed).chain(counted).collect();
        assert_eq!(stored, known);
    }
}
