//! Secrets as this process knows them, and the keys that are derived from them.

use aws_lc_rs::{hkdf, hmac};
use jiff::{SignedDuration, Timestamp};
use tokio::sync::Mutex;
use tripsage_http::{ApiError, Code};
use tripsage_runtime::{ExposeSecret, Runtime, Secret, Stage};

/// How long a secret is used without looking again.
const FRESH: SignedDuration = SignedDuration::from_secs(300);

/// A key for one purpose never verifies what was made for another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum KeyPurpose {
    RefreshToken,
    CsrfToken,
    OneTimeCode,
    PkceVerifier,
    Nonce,
}

impl KeyPurpose {
    const fn label(self) -> &'static [u8] {
        match self {
            Self::RefreshToken => b"refresh token",
            Self::CsrfToken => b"csrf token",
            Self::OneTimeCode => b"one-time code",
            Self::PkceVerifier => b"pkce verifier",
            Self::Nonce => b"nonce",
        }
    }
}

/// Bytes of a derived key, and of a MAC.
pub(crate) const KEY_BYTES: usize = 32;

/// Derives a key from the text of a secret (HKDF with SHA-256).
pub(crate) fn derive(secret: &Secret, label: &[u8]) -> Result<[u8; KEY_BYTES], ApiError> {
    let mut key = [0; KEY_BYTES];
    hkdf::Salt::new(hkdf::HKDF_SHA256, b"tripsage")
        .extract(secret.value.expose_secret().as_bytes())
        .expand(&[label], hkdf::HKDF_SHA256)
        .and_then(|okm| okm.fill(&mut key))
        .map_err(|_| ApiError::internal("a key cannot be derived"))?;
    Ok(key)
}

/// Authenticates what this function gave out, without storing it.
pub(crate) struct MacKey(Secret);

impl MacKey {
    /// The MAC of the parts; where one ends and the next begins matters.
    pub(crate) fn mac(&self, purpose: KeyPurpose, parts: &[&[u8]]) -> Result<[u8; KEY_BYTES], ApiError> {
        let key = hmac::Key::new(hmac::HMAC_SHA256, &derive(&self.0, purpose.label())?);
        let mut context = hmac::Context::with_key(&key);
        for part in parts {
            context.update(&(part.len() as u64).to_be_bytes());
            context.update(part);
        }
        let mut mac = [0; KEY_BYTES];
        mac.copy_from_slice(context.sign().as_ref());
        Ok(mac)
    }
}

type Known = Vec<((&'static str, Stage), (Option<Secret>, Timestamp))>;

/// Reads secrets from Secrets Manager, and remembers them for a while.
pub(crate) struct KeyMaterial {
    runtime: Runtime,
    known: Mutex<Known>,
}

impl KeyMaterial {
    pub(crate) fn new(runtime: &Runtime) -> Self {
        Self {
            runtime: runtime.clone(),
            known: Mutex::default(),
        }
    }

    /// A version of the secret whose id is in `variable`. A known one is used on while Secrets Manager does not answer.
    pub(crate) async fn secret(
        &self,
        variable: &'static str,
        stage: Stage,
        now: Timestamp,
    ) -> Result<Option<Secret>, ApiError> {
        let id = self.runtime.config().required(variable).map_err(ApiError::internal)?;
        let wanted = (variable, stage);
        // Held while reading, so that requests at the same time cause one call.
        let mut known = self.known.lock().await;
        let position = known.iter().position(|(key, _)| *key == wanted);
        let old = position.map(|index| known[index].1.clone());
        if let Some((secret, read)) = &old
            && now.duration_since(*read) < FRESH
        {
            return Ok(secret.clone());
        }
        let secret = match (self.runtime.clients().secrets().get(id, stage).await, old) {
            (Ok(secret), _) => secret,
            (Err(error), Some((secret, _))) => {
                tracing::warn!(%error, "a known secret is used on");
                return Ok(secret);
            }
            (Err(error), None) => {
                return Err(ApiError::new(Code::DependencyUnavailable)
                    .retry_after(std::time::Duration::from_secs(2))
                    .because(error));
            }
        };
        let entry = (wanted, (secret.clone(), now));
        match position {
            Some(index) => known[index] = entry,
            None => known.push(entry),
        }
        Ok(secret)
    }

    /// The key with which everything is authenticated that is given out now.
    pub(crate) async fn mac_key(&self, now: Timestamp) -> Result<MacKey, ApiError> {
        self.secret(TOKEN_SECRET, Stage::Current, now)
            .await?
            .map(MacKey)
            .ok_or_else(|| ApiError::internal("the token secret does not exist"))
    }

    /// The key before that one: what it authenticated is still good.
    pub(crate) async fn previous_mac_key(&self, now: Timestamp) -> Result<Option<MacKey>, ApiError> {
        Ok(self.secret(TOKEN_SECRET, Stage::Previous, now).await?.map(MacKey))
    }
}

const TOKEN_SECRET: &str = "TOKEN_SECRET";
