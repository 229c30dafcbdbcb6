//! Users' own keys for services of others, sealed. This module stores ciphertext and never sees what is in it.

mod rows;
mod writes;

use jiff::{Timestamp, civil::Date};
use tripsage_domain::{
    ids::{KeyId, UserId},
    key::{Guard, MAX_KEYS},
};

use crate::{
    Condition, Db, Loaded, Page, Range, StoreError, Transaction, Write,
    keys::{self, Table},
};

pub use crate::keys::SEALED_SHARDS;
pub use rows::{KeyRow, KeyUseRow, Keyring, Sealed, SealedRow};

use rows::{KeysRow, KmsKeyRow};

/// Label of the write that fails when the key is gone, or is another version than the one that was read.
pub const KEY_CHANGED: &str = "provider_key";

/// Label of the write that fails when somebody has as many keys as they may have.
pub const KEYS_FULL: &str = "provider_keys";

/// Label of the write that fails when a key was used as often as its owner allows it on a day.
pub const DAILY_LIMIT: &str = "daily_limit";

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
            let id = item["sk"]
                .as_str()
                .and_then(|sk| sk.strip_prefix(keys::PROVIDER_KEY_PREFIX))
                .map(str::parse::<KeyId>);
            match serde_json::from_value(item) {
                Ok(item) => keyring.keys.push(Loaded { item, version }),
                Err(error) => {
                    tracing::error!(alarm = "key_unreadable", %error, "a stored key cannot be read");
                    keyring.damaged.extend(id.and_then(Result::ok));
                }
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

    /// AP-104: what removes a key whose row cannot be read: nobody knows which KMS keys have sealed it, so it is taken
    /// off the lists of all. Conflict: [`KEY_CHANGED`] when it is gone.
    ///
    /// # Errors
    /// When DynamoDB does not answer.
    pub async fn removing_damaged_provider_key(&self, user: UserId, key: KeyId) -> Result<Transaction, StoreError> {
        let arns = self.list_kms_keys().await?;
        Ok(Transaction::default().removing_sealed(user, key, Condition::Present, arns.iter().map(String::as_str)))
    }

    /// AP-104: removes every key of a user, with its entries on the lists. Part of erasure.
    pub(crate) async fn erase_provider_keys(&self, user: UserId) -> Result<(), StoreError> {
        let keyring = self.list_provider_keys(user).await?;
        let mut removals: Vec<Transaction> = keyring
            .keys
            .iter()
            .map(|key| Transaction::default().removing_provider_key(user, key))
            .collect();
        for key in keyring.damaged {
            removals.push(self.removing_damaged_provider_key(user, key).await?);
        }
        for removal in removals {
            match self.commit(removal).await {
                // A use or a change in the same moment; the next attempt of the job goes on.
                Err(StoreError::Conflict(_)) => return Err(StoreError::Throttled("a key keeps changing".to_owned())),
                result => result?,
            }
        }
        Ok(())
    }
}

/// The day of an instant, in UTC.
pub fn day_of(at: Timestamp) -> Date {
    at.to_zoned(jiff::tz::TimeZone::UTC).date()
}
