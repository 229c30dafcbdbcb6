//! The keys that sign access tokens.
//!
//! A key is derived from a version of the signing secret. A new version is published before it signs, and the one
//! before stays published until the last token that it signed has expired; nothing has to be restarted.

use aws_lc_rs::{
    digest,
    signature::{Ed25519KeyPair, KeyPair},
};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use jiff::{SignedDuration, Timestamp};
use tripsage_domain::{ports::Entropy, session::ACCESS_LIFE};
use tripsage_http::{AccessClaims, ApiError};
use tripsage_runtime::{Secret, Stage};
use tripsage_store::{
    Db, StoreError,
    credentials::{KeyringRow, PublicKeyRow},
};

use crate::key_material::{KeyMaterial, derive};

/// A new key is published for this long before it signs: every function has read it by then.
const PUBLISHED_FIRST: SignedDuration = SignedDuration::from_mins(10);

/// One key.
pub(crate) struct SigningKey {
    kid: String,
    pair: Ed25519KeyPair,
}

impl SigningKey {
    fn new(secret: &Secret) -> Result<Self, ApiError> {
        let seed = derive(secret, b"access token signing key")?;
        let pair = Ed25519KeyPair::from_seed_unchecked(&seed).map_err(ApiError::internal)?;
        let kid = digest::digest(&digest::SHA256, pair.public_key().as_ref()).as_ref()[..8]
            .iter()
            .map(|byte| format!("{byte:02x}"))
            .collect();
        Ok(Self { kid, pair })
    }

    fn public(&self) -> PublicKeyRow {
        PublicKeyRow {
            kid: self.kid.clone(),
            x: URL_SAFE_NO_PAD.encode(self.pair.public_key()),
        }
    }

    /// The token with these claims (RFC 9068).
    pub(crate) fn sign(&self, claims: &AccessClaims) -> Result<String, ApiError> {
        let header = serde_json::json!({ "typ": "at+jwt", "alg": "EdDSA", "kid": self.kid });
        let claims = serde_json::to_vec(claims).map_err(ApiError::internal)?;
        let signed = format!(
            "{}.{}",
            URL_SAFE_NO_PAD.encode(header.to_string()),
            URL_SAFE_NO_PAD.encode(claims)
        );
        let signature = URL_SAFE_NO_PAD.encode(self.pair.sign(signed.as_bytes()));
        Ok(format!("{signed}.{signature}"))
    }
}

/// The keys at one moment.
pub(crate) struct SigningKeys {
    /// The one that signs.
    pub(crate) signing: SigningKey,
    /// The ones that verify, newest first.
    pub(crate) published: Vec<PublicKeyRow>,
}

impl SigningKeys {
    /// What the two newest versions of the secret mean at `now`.
    fn at(current: &Secret, previous: Option<&Secret>, now: Timestamp) -> Result<Self, ApiError> {
        let age = now.duration_since(current.created);
        let newest = SigningKey::new(current)?;
        let mut published = vec![newest.public()];
        let retired = age > PUBLISHED_FIRST + ACCESS_LIFE;
        let Some(previous) = previous.filter(|_| !retired) else {
            return Ok(Self {
                signing: newest,
                published,
            });
        };
        let before = SigningKey::new(previous)?;
        published.push(before.public());
        let signing = if age > PUBLISHED_FIRST { newest } else { before };
        Ok(Self { signing, published })
    }

    /// The keys as they are now; publishes them where every function reads them, when they have changed.
    pub(crate) async fn load(
        material: &KeyMaterial,
        db: &Db,
        entropy: &dyn Entropy,
        now: Timestamp,
        known: &Published,
    ) -> Result<Self, ApiError> {
        let current = material
            .secret(SIGNING_SECRET, Stage::Current, now)
            .await?
            .ok_or_else(|| ApiError::internal("the signing secret does not exist"))?;
        let previous = material.secret(SIGNING_SECRET, Stage::Previous, now).await?;
        let keys = Self::at(&current, previous.as_ref(), now)?;
        if !known.is(&keys.published) {
            publish(db, entropy, &keys.published).await?;
            known.set(&keys.published);
        }
        Ok(keys)
    }
}

const SIGNING_SECRET: &str = "SIGNING_SECRET";

/// What this process has seen in the keyring.
#[derive(Default)]
pub(crate) struct Published(std::sync::Mutex<Vec<PublicKeyRow>>);

impl Published {
    fn is(&self, keys: &[PublicKeyRow]) -> bool {
        *self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner) == keys
    }

    fn set(&self, keys: &[PublicKeyRow]) {
        *self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner) = keys.to_vec();
    }
}

/// Writes the keys into the keyring, unless they are there; the key that seals cursors stays what it is.
async fn publish(db: &Db, entropy: &dyn Entropy, keys: &[PublicKeyRow]) -> Result<(), ApiError> {
    for _ in 0..3 {
        let old = db.load_keyring().await?;
        if old.as_ref().is_some_and(|old| old.item.keys == keys) {
            return Ok(());
        }
        let cursor_key = old.as_ref().map_or_else(
            || {
                let mut key = [0; 32];
                entropy.fill(&mut key);
                URL_SAFE_NO_PAD.encode(key)
            },
            |old| old.item.cursor_key.clone(),
        );
        let new = KeyringRow {
            keys: keys.to_vec(),
            cursor_key,
        };
        match db.replace_keyring(old.map(|old| old.version), &new).await {
            // Another process was faster, most likely with the same keys.
            Err(StoreError::Conflict(_)) => {}
            other => return Ok(other?),
        }
    }
    Err(StoreError::Throttled("the keyring keeps changing".to_owned()).into())
}

#[cfg(test)]
mod tests {
    use tripsage_runtime::SecretString;

    use super::*;

    fn secret(text: &str, second: i64) -> Secret {
        Secret {
            value: SecretString::from(text),
            created: Timestamp::from_second(second).unwrap(),
        }
    }

    #[test]
    fn a_new_key_is_published_before_it_signs_and_the_old_one_until_its_tokens_have_expired() {
        let (old, new) = (secret("old", 0), secret("new", 10_000));
        let kid = |secret| SigningKey::new(secret).unwrap().kid;
        for (age, signing, published) in [
            (-5, &old, vec![&new, &old]),
            (0, &old, vec![&new, &old]),
            (600, &old, vec![&new, &old]),
            (601, &new, vec![&new, &old]),
            (1500, &new, vec![&new, &old]),
            (1501, &new, vec![&new]),
        ] {
            let now = Timestamp::from_second(10_000 + age).unwrap();
            let keys = SigningKeys::at(&new, Some(&old), now).unwrap();
            assert_eq!(keys.signing.kid, kid(signing), "at {age} s");
            let kids: Vec<_> = keys.published.iter().map(|key| key.kid.clone()).collect();
            assert_eq!(kids, published.into_iter().map(kid).collect::<Vec<_>>(), "at {age} s");
        }
        let first = SigningKeys::at(&new, None, new.created).unwrap();
        assert_eq!(first.signing.kid, kid(&new), "the first key has nothing to wait for");
    }
}
