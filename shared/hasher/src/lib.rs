//! Hashes of passwords and passphrases: argon2id, off the threads that serve requests, and never more than a few at a
//! time. A crate of its own, so that only the functions that hash carry the algorithm.

use std::sync::Arc;

use argon2::{
    Algorithm, Argon2, Params, PasswordHasher, PasswordVerifier, Version,
    password_hash::{self, phc::PasswordHash},
};
use tokio::sync::Semaphore;
use tripsage_domain::{ports::Entropy, user::Password};

/// Kilobytes of memory, passes and lanes: the recommendation of OWASP and of OWASP ASVS 5.0, appendix C.
const COST: (u32, u32, u32) = (19_456, 2, 1);

/// Hashes that are computed at the same time; each takes a processor and 19 MB.
const AT_ONCE: usize = 2;

/// A hash that no password has, compared with where there is none, so that an unknown account costs the same work.
const NOBODYS: &str =
    "$argon2id$v=19$m=19456,t=2,p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

/// A hash could not be computed, or what is stored is no hash.
#[derive(Debug, thiserror::Error)]
#[error("password hash: {0}")]
pub struct HashError(String);

impl HashError {
    fn new(cause: impl std::fmt::Display) -> Self {
        Self(cause.to_string())
    }
}

/// What a comparison found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Comparison {
    /// The password is another one.
    Different,
    /// It is the one.
    Same,
    /// It is the one, and its hash is weaker than a new one would be.
    SameButWeak,
}

/// Computes and compares hashes; clones share the places.
#[derive(Clone)]
pub struct Hasher {
    slots: Arc<Semaphore>,
}

impl Default for Hasher {
    fn default() -> Self {
        Self {
            slots: Arc::new(Semaphore::new(AT_ONCE)),
        }
    }
}

impl Hasher {
    /// The hash of a password in the PHC string format.
    ///
    /// # Errors
    /// When it cannot be computed.
    pub async fn hash(&self, password: &Password, entropy: &dyn Entropy) -> Result<String, HashError> {
        let mut salt = [0; 16];
        entropy.fill(&mut salt);
        let password = password.clone();
        self.compute(move || {
            let hash: PasswordHash = hasher()?.hash_password_with_salt(password.as_bytes(), &salt)?;
            Ok(hash.to_string())
        })
        .await
    }

    /// Compares a password with a hash; without one it does the same work and finds a difference.
    ///
    /// # Errors
    /// When the hash is none, or cannot be computed.
    pub async fn compare(&self, password: &Password, hash: Option<&str>) -> Result<Comparison, HashError> {
        let (password, known) = (password.clone(), hash.is_some());
        let hash = hash.unwrap_or(NOBODYS).to_owned();
        self.compute(move || {
            let hash = PasswordHash::new(&hash)?;
            match hasher()?.verify_password(password.as_bytes(), &hash) {
                Ok(()) if !known => Ok(Comparison::Different),
                Ok(()) if is_weak(&hash) => Ok(Comparison::SameButWeak),
                Ok(()) => Ok(Comparison::Same),
                Err(password_hash::Error::PasswordInvalid) => Ok(Comparison::Different),
                Err(error) => Err(error),
            }
        })
        .await
    }

    async fn compute<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> password_hash::Result<T> + Send + 'static,
    ) -> Result<T, HashError> {
        let slot = Arc::clone(&self.slots).acquire_owned().await.map_err(HashError::new)?;
        // The slot goes along: a request that is given up does not let another computation begin too early.
        let result = tokio::task::spawn_blocking(move || {
            let result = work();
            drop(slot);
            result
        });
        result.await.map_err(HashError::new)?.map_err(HashError::new)
    }
}

fn hasher() -> password_hash::Result<Argon2<'static>> {
    let (memory, passes, lanes) = COST;
    let params = Params::new(memory, passes, lanes, None)?;
    Ok(Argon2::new(Algorithm::Argon2id, Version::V0x13, params))
}

fn is_weak(hash: &PasswordHash) -> bool {
    let (memory, passes, _) = COST;
    let params = Params::try_from(hash);
    hash.algorithm.as_str() != "argon2id"
        || params.map_or(true, |params| params.m_cost() < memory || params.t_cost() < passes)
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Fixed;

    impl Entropy for Fixed {
        fn fill(&self, buffer: &mut [u8]) {
            buffer.fill(7);
        }
    }

    fn password(text: &str) -> Password {
        Password::parse(text).unwrap()
    }

    #[tokio::test]
    async fn a_hash_names_its_algorithm_and_cost_and_fits_one_password() {
        let hasher = Hasher::default();
        let hash = hasher.hash(&password("Test123!"), &Fixed).await.unwrap();
        assert!(hash.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{hash}");
        let compare = async |text, hash| hasher.compare(&password(text), hash).await.unwrap();
        assert_eq!(compare("Test123!", Some(hash.as_str())).await, Comparison::Same);
        assert_eq!(compare("test123!", Some(hash.as_str())).await, Comparison::Different);
        assert_eq!(compare("Test123!", None).await, Comparison::Different);
    }

    #[tokio::test]
    async fn a_weaker_hash_is_recognised() {
        let params = Params::new(8192, 1, 1, None).unwrap();
        let weak = Argon2::new(Algorithm::Argon2id, Version::V0x13, params);
        let hash: PasswordHash = weak.hash_password_with_salt(b"Test123!", &[1; 16]).unwrap();
        let compared = Hasher::default()
            .compare(&password("Test123!"), Some(&hash.to_string()))
            .await;
        assert_eq!(compared.unwrap(), Comparison::SameButWeak);
    }
}
