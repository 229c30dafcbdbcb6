use std::time::Duration;

use jiff::{Timestamp, ToSpan};
use tripsage_domain::{
    audit::Action,
    key::{Purpose, Standing, is_over},
};
use tripsage_runtime::SecretString;
use tripsage_store::{
    StoreError, Transaction,
    provider_keys::{DAILY_LIMIT, KEY_CHANGED, Sealed, day_of},
};

use crate::{Chosen, Use, UserKey, Vault, VaultError};

/// Attempts to record a use while other uses of the same key are being recorded.
const ATTEMPTS: u32 = 6;

impl Vault {
    /// Decrypts a key for one use. The use is recorded, with how it ended, before the secret is handed out: one audit
    /// record for each decryption, counted per day in the same transaction. What was decrypted and may not be used after
    /// all, because the day's limit is reached or the key is gone, is recorded without being counted. A use of the
    /// stage's own keys is not recorded.
    ///
    /// # Errors
    /// Every [`VaultError`]. There is no other key to fall back to: the caller was given this one.
    pub async fn open(&self, chosen: &Chosen, purpose: Purpose, used: &Use) -> Result<SecretString, VaultError> {
        let key = match chosen {
            Chosen::User(key) => key,
            Chosen::Stage(service) => {
                let key = self.0.stage_keys.find(&self.0.runtime, *service).await?;
                return key.ok_or(VaultError::Gone);
            }
        };
        let sealed = key.version_for(purpose, used.at)?;
        let bound = self.bound(key.user, key.service, key.row.item.id, sealed.version);
        let opened = self.kms().decrypt(&bound, &sealed.ciphertext, &sealed.kms_key).await;
        match &opened {
            Ok(_) => self.record_use(key, Action::KeyUsed, purpose, used).await?,
            Err(VaultError::Unreadable) => {
                self.mark_unreadable(key, sealed.version).await;
                self.record_use(key, Action::KeyUnreadable, purpose, used).await?;
            }
            // KMS did not decrypt anything.
            Err(_) => {}
        }
        opened
    }

    async fn record_use(&self, key: &UserKey, action: Action, purpose: Purpose, used: &Use) -> Result<(), VaultError> {
        let row = &key.row.item;
        let target = format!("key/{}/{}/{}", row.id, key.service, purpose.name());
        let record = self.record(key.user, action, target, used);
        let limit = row.daily_limit.filter(|_| purpose.is_limited());
        let transaction = Transaction::default()
            .using_provider_key(key.user, row, used.at, limit)?
            .audited_use(&record)?;
        match self.commit_use(transaction).await {
            Err(error) if error.is_conflict(DAILY_LIMIT) || error.is_conflict(KEY_CHANGED) => {
                let record = self.record(key.user, withheld(action), record.target, used);
                self.commit_use(Transaction::default().audited_use(&record)?).await?;
                Err(refusal(error, used.at))
            }
            result => result.map_err(VaultError::from),
        }
    }

    async fn commit_use(&self, transaction: Transaction) -> Result<(), StoreError> {
        let mut pause = Duration::from_millis(10);
        for _ in 1..ATTEMPTS {
            match self.db().commit(transaction.clone()).await {
                // Two uses of one key at the same instant are in each other's way.
                Err(StoreError::Throttled(_)) => tokio::time::sleep(pause).await,
                result => return result,
            }
            pause *= 2;
        }
        self.db().commit(transaction).await
    }
}

/// What happened to a key that was decrypted for a use that is not to be.
fn withheld(action: Action) -> Action {
    match action {
        Action::KeyUsed => Action::KeyWithheld,
        other => other,
    }
}

fn refusal(error: StoreError, now: Timestamp) -> VaultError {
    if error.is_conflict(KEY_CHANGED) {
        VaultError::Gone
    } else if error.is_conflict(DAILY_LIMIT) {
        let tomorrow = day_of(now).saturating_add(1.day());
        let until = tomorrow
            .to_zoned(jiff::tz::TimeZone::UTC)
            .map_or(now, |day| day.timestamp());
        VaultError::Exhausted { until }
    } else {
        error.into()
    }
}

impl UserKey {
    /// The version that a use takes: the newest that its service has not refused. Whoever asks the service itself may
    /// also try one that was refused before.
    fn version_for(&self, purpose: Purpose, now: Timestamp) -> Result<&Sealed, VaultError> {
        let row = &self.row.item;
        if let Some(until) = self.locked_until.filter(|_| purpose.begins()) {
            return Err(VaultError::Locked { until });
        }
        if purpose.begins() && is_over(row.ends_at, now) {
            return Err(VaultError::Gone);
        }
        let version = match purpose {
            Purpose::Validation => self.asked_about(),
            _ => row.current(),
        };
        match version {
            Some(sealed) => Ok(sealed),
            None if row.sealed.iter().any(|sealed| sealed.standing == Standing::Refused) => Err(VaultError::Refused),
            None => Err(VaultError::Unreadable),
        }
    }

    /// The version that its service is asked about: the one that a use takes, else the newest that it refused before.
    pub(crate) fn asked_about(&self) -> Option<&Sealed> {
        let row = &self.row.item;
        let refused = || row.sealed.iter().find(|sealed| sealed.standing == Standing::Refused);
        row.current().or_else(refused)
    }
}
