//! Comparing a password with its hash, off the threads that serve requests.

use std::sync::Arc;

use argon2::{
    Argon2, PasswordVerifier,
    password_hash::{self, phc::PasswordHash},
};
use tokio::sync::Semaphore;
use tripsage_domain::user::Password;
use tripsage_http::ApiError;

/// Comparisons at the same time; each takes a processor and 19 MB.
const AT_ONCE: usize = 2;

/// Compares passwords. It makes no hashes: only the auth function does.
pub(crate) struct PasswordCheck {
    slots: Arc<Semaphore>,
}

impl Default for PasswordCheck {
    fn default() -> Self {
        Self {
            slots: Arc::new(Semaphore::new(AT_ONCE)),
        }
    }
}

impl PasswordCheck {
    /// Whether the password is the one with this hash, which names its own algorithm parameters.
    pub(crate) async fn is_the_one(&self, password: &Password, hash: String) -> Result<bool, ApiError> {
        let slot = Arc::clone(&self.slots)
            .acquire_owned()
            .await
            .map_err(ApiError::internal)?;
        let password = password.clone();
        let compared = tokio::task::spawn_blocking(move || {
            let hash = PasswordHash::new(&hash)?;
            let result = Argon2::default().verify_password(password.as_bytes(), &hash);
            drop(slot);
            result
        });
        match compared.await.map_err(ApiError::internal)? {
            Ok(()) => Ok(true),
            Err(password_hash::Error::PasswordInvalid) => Ok(false),
            Err(error) => Err(ApiError::internal(error)),
        }
    }
}
