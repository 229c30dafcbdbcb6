use tripsage_store::StoreError;
use tripsage_vault::VaultError;

use crate::{Report, Scheduler};

impl Scheduler {
    /// Brings keys that another KMS key has sealed under the present one, at most `most` of them. What is left is left to
    /// the next run.
    pub(crate) async fn reencrypt_keys(&self, most: usize) -> Result<Report, StoreError> {
        let outcome = self.vault.reencrypt(most).await.map_err(|error| match error {
            VaultError::Store(error) => error,
            other => StoreError::Unavailable(other.to_string()),
        })?;
        let report = Report {
            done: outcome.moved,
            void: outcome.void,
            failed: outcome.failed,
            ..Report::default()
        };
        tracing::info!(?outcome, "keys re-encrypted");
        match outcome.failed {
            0 => Ok(report),
            failed => Err(StoreError::Unavailable(format!(
                "{failed} keys stay under another KMS key"
            ))),
        }
    }
}
