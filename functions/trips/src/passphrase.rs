//! Passphrases of read-only links: argon2id, off the threads that serve requests, one at a time.

use argon2::{
    Algorithm, Argon2, Params, PasswordHasher, PasswordVerifier, Version,
    password_hash::{self, phc::PasswordHash},
};
use tokio::sync::Semaphore;
use tripsage_domain::{ports::Entropy, user::Password};
use tripsage_http::ApiError;

/// Kilobytes of memory, passes and lanes: the recommendation of OWASP.
const COST: (u32, u32, u32) = (19_456, 2, 1);

/// Each takes a processor and 19 MB.
static SLOT: Semaphore = Semaphore::const_new(1);

/// The hash of a passphrase in the PHC string format.
pub(crate) async fn hash(passphrase: Password, entropy: &dyn Entropy) -> Result<String, ApiError> {
    let mut salt = [0; 16];
    entropy.fill(&mut salt);
    compute(move || {
        let hash: PasswordHash = hasher()?.hash_password_with_salt(passphrase.as_bytes(), &salt)?;
        Ok(hash.to_string())
    })
    .await
}

/// Whether the passphrase is the one.
pub(crate) async fn is_right(passphrase: Password, hash: String) -> Result<bool, ApiError> {
    compute(move || {
        let hash = PasswordHash::new(&hash)?;
        match hasher()?.verify_password(passphrase.as_bytes(), &hash) {
            Ok(()) => Ok(true),
            Err(password_hash::Error::PasswordInvalid) => Ok(false),
            Err(error) => Err(error),
        }
    })
    .await
}

async fn compute<T: Send + 'static>(
    work: impl FnOnce() -> password_hash::Result<T> + Send + 'static,
) -> Result<T, ApiError> {
    let slot = SLOT.acquire().await.map_err(ApiError::internal)?;
    // The slot goes along: a request that is given up does not let another computation begin too early.
    let result = tokio::task::spawn_blocking(move || {
        let result = work();
        drop(slot);
        result
    });
    result.await.map_err(ApiError::internal)?.map_err(ApiError::internal)
}

fn hasher() -> password_hash::Result<Argon2<'static>> {
    let (memory, passes, lanes) = COST;
    let params = Params::new(memory, passes, lanes, None)?;
    Ok(Argon2::new(Algorithm::Argon2id, Version::V0x13, params))
}
