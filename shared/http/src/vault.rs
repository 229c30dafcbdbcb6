//! What clients are told when a key cannot be had.

use std::time::Duration;

use tripsage_vault::VaultError;

use crate::{ApiError, Code};

/// When to ask again while KMS does not answer.
const RETRY: Duration = Duration::from_secs(2);

impl From<VaultError> for ApiError {
    fn from(error: VaultError) -> Self {
        match error {
            VaultError::Unavailable(_) => Self::new(Code::DependencyUnavailable)
                .message("keys cannot be sealed or opened at the moment")
                .retry_after(RETRY)
                .because(error),
            VaultError::Unreadable => Self::new(Code::KeyNeedsReentry),
            VaultError::Refused => Self::new(Code::KeyRefused).message("the service has refused the key; replace it"),
            VaultError::Locked { until } => Self::new(Code::KeysLocked)
                .message("suspicious use has locked your keys; sign in again and open your list of keys to unlock them")
                .fact("locked_until", until.to_string()),
            VaultError::Exhausted { until } => Self::new(Code::RateLimited)
                .message("the key was used as often as you allow on a day")
                .fact("resets_at", until.to_string())
                .retry_after(Duration::from_secs(3600)),
            VaultError::Gone => Self::new(Code::Conflict).message("the key was removed or has ended"),
            VaultError::Store(error) => error.into(),
        }
    }
}
