use tripsage_domain::key::Standing;
use tripsage_store::{
    StoreError, Transaction,
    provider_keys::{KEY_CHANGED, SEALED_SHARDS, SealedRow},
};

use crate::{Vault, VaultError};

/// Entries that are read at once.
const PAGE: usize = 50;

/// What one run has done.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Reencrypted {
    /// Keys that are under the present KMS key now.
    pub moved: usize,
    /// Entries of the lists that had become void.
    pub void: usize,
    /// Keys that stay for the next run.
    pub failed: usize,
    /// Whether nothing is left under any other KMS key: those may be disabled.
    pub complete: bool,
}

impl Vault {
    /// Brings keys that another KMS key has sealed under the present one, at most `most` of them. It works off the lists
    /// of what each KMS key has sealed; a key leaves its list in the transaction that stores the new ciphertext, so that
    /// a run can be cut off anywhere, and the next goes on. A key that its owner changes meanwhile is left to the next
    /// run.
    ///
    /// # Errors
    /// [`VaultError::Store`] when the lists cannot be read; [`VaultError::Unavailable`] when no KMS key is configured,
    /// or it is not named by its ARN.
    pub async fn reencrypt(&self, most: usize) -> Result<Reencrypted, VaultError> {
        let present = self.kms().key()?;
        if !present.starts_with("arn:") {
            return Err(VaultError::Unavailable("KEYS_KMS_KEY is not an ARN".to_owned()));
        }
        let mut report = Reencrypted::default();
        let mut all = self.db().list_kms_keys().await?;
        all.retain(|arn| arn != present);
        for arn in &all {
            for shard in 0..SEALED_SHARDS {
                let mut after = None;
                loop {
                    let page = self.db().list_sealed(arn, shard, PAGE, after).await?;
                    for entry in page.items {
                        if report.moved + report.void + report.failed >= most {
                            return Ok(report);
                        }
                        self.take(arn, entry, &mut report).await;
                    }
                    after = page.next;
                    if after.is_none() {
                        break;
                    }
                }
            }
        }
        report.complete = report.failed == 0;
        Ok(report)
    }

    async fn take(&self, kms_key: &str, entry: SealedRow, report: &mut Reencrypted) {
        match self.reencrypt_one(kms_key, entry).await {
            Ok(true) => report.moved += 1,
            Ok(false) => report.void += 1,
            Err(error) => {
                tracing::error!(key = %entry.key, %error, "a key stays under its KMS key until the next run");
                report.failed += 1;
            }
        }
    }

    /// Says whether there was something to do.
    async fn reencrypt_one(&self, kms_key: &str, entry: SealedRow) -> Result<bool, VaultError> {
        self.note(self.kms().key()?, self.0.runtime.now()).await?;
        let found = self.db().find_provider_key(entry.user, entry.key).await?;
        let mut new = match &found {
            Some(row) => row.item.clone(),
            None => return self.forget(kms_key, entry, None).await,
        };
        let service = new.service()?;
        let mut changed = false;
        for sealed in &mut new.sealed {
            if sealed.kms_key != kms_key || sealed.standing == Standing::Unreadable {
                continue;
            }
            let bound = self.bound(entry.user, service, entry.key, sealed.version);
            match self.kms().reencrypt(&bound, &sealed.ciphertext, kms_key).await {
                Ok((ciphertext, arn)) => (sealed.ciphertext, sealed.kms_key) = (ciphertext, arn),
                Err(VaultError::Unreadable) => {
                    tracing::error!(alarm = "key_unreadable", key = %entry.key, "a key cannot be decrypted");
                    sealed.standing = Standing::Unreadable;
                }
                Err(error) => return Err(error),
            }
            changed = true;
        }
        match &found {
            Some(old) if changed => {
                let transaction = Transaction::default().changing_provider_key(entry.user, old, &new)?;
                self.db().commit(transaction).await?;
                Ok(true)
            }
            _ => self.forget(kms_key, entry, found.map(|row| row.version)).await,
        }
    }

    async fn forget(&self, kms_key: &str, entry: SealedRow, read: Option<u64>) -> Result<bool, VaultError> {
        let transaction = Transaction::default().forgetting_sealed(kms_key, entry, read);
        match self.db().commit(transaction).await {
            // Somebody changed it in this moment, and with it the list.
            Ok(()) | Err(StoreError::Conflict(KEY_CHANGED)) => Ok(false),
            Err(error) => Err(error.into()),
        }
    }
}
