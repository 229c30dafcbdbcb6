use tripsage_domain::ids::UserId;
use tripsage_runtime::{Runtime, SecretString};
use tripsage_store::safety_settings::SealedRow;

use crate::{VaultError, context::SettingsOf, kms::Kms};

/// Seals and opens what a user keeps for an emergency, with the KMS key for safety settings. As with provider keys, KMS
/// encrypts it directly, bound to user and stage, and nothing decrypted is kept.
pub struct SettingsVault {
    kms: Kms,
    stage: String,
}

impl SettingsVault {
    /// The vault of this stage. What it needs of the environment is asked for when it is needed.
    pub fn new(runtime: &Runtime) -> Self {
        Self {
            kms: Kms::new(runtime, "SAFETY_KMS_KEY"),
            stage: runtime.config().stage.clone(),
        }
    }

    fn of(&self, user: UserId) -> SettingsOf<'_> {
        SettingsOf {
            stage: &self.stage,
            user,
        }
    }

    /// Seals the settings of a user, up to 4096 bytes. They are not stored: that is up to the transaction that they belong
    /// to.
    ///
    /// # Errors
    /// [`VaultError::Unavailable`] when KMS does not answer.
    pub async fn seal(&self, user: UserId, settings: &SecretString) -> Result<SealedRow, VaultError> {
        let (ciphertext, kms_key) = self.kms.encrypt(&self.of(user), settings).await?;
        Ok(SealedRow { ciphertext, kms_key })
    }

    /// Opens the settings of a user.
    ///
    /// # Errors
    /// [`VaultError::Unavailable`]; [`VaultError::Unreadable`] when they are not this user's, or damaged.
    pub async fn open(&self, user: UserId, sealed: &SealedRow) -> Result<SecretString, VaultError> {
        self.kms
            .decrypt(&self.of(user), &sealed.ciphertext, &sealed.kms_key)
            .await
    }
}
