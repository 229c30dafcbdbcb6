use jiff::Timestamp;
use tripsage_store::StoreError;

/// Why a key cannot be had.
#[derive(Debug, thiserror::Error)]
pub enum VaultError {
    /// KMS, or Secrets Manager for the stage's keys, does not answer or refuses; worth another try.
    #[error("the vault is not available: {0}")]
    Unavailable(String),
    /// The ciphertext cannot be decrypted: its owner has to enter the key again.
    #[error("the key cannot be decrypted any more")]
    Unreadable,
    /// Its service has refused it: its owner has to replace it.
    #[error("the key was refused by its service")]
    Refused,
    /// Suspicious use has locked the user's keys.
    #[error("the keys are locked until {until}")]
    Locked {
        /// When the lock ends by itself.
        until: Timestamp,
    },
    /// It was used as often as its owner allows on a day.
    #[error("the daily limit of the key is reached")]
    Exhausted {
        /// When the next day begins.
        until: Timestamp,
    },
    /// It was removed, or has ended.
    #[error("the key is gone")]
    Gone,
    /// The database.
    #[error(transparent)]
    Store(#[from] StoreError),
}
