//! Users' own provider keys, sealed with KMS, and the choice between them and the stage's own. Beside them, under a KMS
//! key of its own, [what a user keeps for an emergency](SettingsVault).
//!
//! A key is encrypted by KMS directly, under an [encryption context](context) that says whose it is, for what service,
//! which one and which version: a ciphertext that is moved anywhere else cannot be opened. Nothing decrypted is kept:
//! each use is one call of KMS, and is recorded before the secret is handed out.
//!
//! A secret is a [`SecretString`](tripsage_runtime::SecretString). It cannot be displayed:
//!
//! ```compile_fail
//! fn show(secret: tripsage_runtime::SecretString) -> String {
//!     format!("{secret}")
//! }
//! ```
//!
//! nor stored or sent as JSON:
//!
//! ```compile_fail
//! fn send(secret: tripsage_runtime::SecretString) -> String {
//!     serde_json::to_string(&secret).unwrap()
//! }
//! ```
//!
//! nor compared by accident, byte by byte, in a time that tells how much of it is right:
//!
//! ```compile_fail
//! fn same(one: tripsage_runtime::SecretString, other: tripsage_runtime::SecretString) -> bool {
//!     one == other
//! }
//! ```
//!
//! and its debug text hides it:
//!
//! ```
//! let secret = tripsage_runtime::SecretString::from("hunter2 hunter2");
//! assert!(!format!("{secret:?}").contains("hunter2"));
//! ```

mod chosen;
mod context;
mod error;
mod kms;
mod open;
mod reencrypt;
mod settings;
mod stage;
mod standing;

use std::sync::{Arc, Mutex};

use jiff::Timestamp;
use tripsage_domain::{
    audit::{Action, Record, Source},
    ids::{AuditId, KeyId, UserId},
    key::{Standing, hint},
    service::Service,
};
use tripsage_runtime::{ExposeSecret, Runtime, SecretString};
use tripsage_store::{Db, provider_keys::Sealed};

pub use chosen::{Chosen, UserKey};
pub use error::VaultError;
pub use reencrypt::Reencrypted;
pub use settings::SettingsVault;
pub use tripsage_domain::key::Purpose;

use context::Bound;
use kms::Kms;
use stage::StageKeys;

/// Seals and opens keys. Cheap to clone.
#[derive(Clone)]
pub struct Vault(Arc<Inner>);

struct Inner {
    runtime: Runtime,
    db: Db,
    kms: Kms,
    stage_keys: StageKeys,
    /// KMS keys that this process has noted as having sealed something.
    noted: Mutex<Vec<String>>,
}

/// Where and when a key is used: what its audit record says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Use {
    /// When.
    pub at: Timestamp,
    /// The request, or the run of a job, that uses it.
    pub source: Source,
}

impl Vault {
    /// The vault of this stage. What it needs of the environment is asked for when it is needed.
    pub fn new(runtime: &Runtime, db: &Db) -> Self {
        Self(Arc::new(Inner {
            kms: Kms::new(runtime, "KEYS_KMS_KEY"),
            stage_keys: StageKeys::default(),
            noted: Mutex::default(),
            runtime: runtime.clone(),
            db: db.clone(),
        }))
    }

    pub(crate) fn db(&self) -> &Db {
        &self.0.db
    }

    pub(crate) fn kms(&self) -> &Kms {
        &self.0.kms
    }

    /// What a version of a key is bound to.
    pub(crate) fn bound(&self, user: UserId, service: Service, key: KeyId, version: u32) -> Bound<'_> {
        Bound {
            stage: &self.0.runtime.config().stage,
            user,
            service,
            key,
            version,
        }
    }

    pub(crate) fn record(&self, user: UserId, action: Action, target: String, used: &Use) -> Record {
        Record {
            id: AuditId::random(&*self.0.runtime.ports().entropy),
            user,
            at: used.at,
            action,
            target,
            source: used.source.clone(),
        }
    }

    /// Seals one version of a key. It is not stored: that is up to the transaction that it belongs to.
    ///
    /// # Errors
    /// [`VaultError::Unavailable`] when KMS does not answer.
    pub async fn seal(
        &self,
        user: UserId,
        service: Service,
        key: KeyId,
        version: u32,
        secret: &SecretString,
        now: Timestamp,
    ) -> Result<Sealed, VaultError> {
        let bound = self.bound(user, service, key, version);
        let (ciphertext, kms_key) = self.kms().encrypt(&bound, secret).await?;
        self.note(&kms_key, now).await?;
        Ok(Sealed {
            version,
            ciphertext,
            kms_key,
            hint: hint(secret.expose_secret()),
            entered_at: now,
            standing: Standing::Unproven,
        })
    }

    /// Makes sure that what this KMS key seals can be found when it is to be replaced; a write once per process.
    async fn note(&self, kms_key: &str, now: Timestamp) -> Result<(), VaultError> {
        let noted = || self.0.noted.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        if noted().iter().any(|known| known == kms_key) {
            return Ok(());
        }
        self.db().note_kms_key(kms_key, now).await?;
        noted().push(kms_key.to_owned());
        Ok(())
    }
}
