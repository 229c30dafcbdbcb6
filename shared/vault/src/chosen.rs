use jiff::Timestamp;
use tripsage_domain::{
    ids::{KeyId, UserId},
    key::Status,
    service::Service,
};
use tripsage_store::{Loaded, provider_keys::KeyRow};

use crate::{Vault, VaultError};

/// A key that a use would take. Nothing is decrypted yet.
#[derive(Debug, Clone)]
pub enum Chosen {
    /// The stage's own key of the service.
    Stage(Service),
    /// A user's own key.
    User(Box<UserKey>),
}

/// A user's own key, as it was read.
#[derive(Debug, Clone)]
pub struct UserKey {
    /// Whose.
    pub user: UserId,
    /// For which service.
    pub service: Service,
    /// The row.
    pub row: Loaded<KeyRow>,
    /// Until when suspicious use keeps anything new from being begun with it.
    pub locked_until: Option<Timestamp>,
}

impl Chosen {
    /// Under what name breakers, quotas, bulkheads and cached answers know the account behind it. Another version of a
    /// key may be of another account.
    pub fn account(&self) -> String {
        match self {
            Self::Stage(_) => "stage".to_owned(),
            Self::User(key) => {
                let version = key.asked_about().map_or(0, |sealed| sealed.version);
                format!("{}:{version}", key.row.item.id)
            }
        }
    }

    /// For which service.
    pub fn service(&self) -> Service {
        match self {
            Self::Stage(service) => *service,
            Self::User(key) => key.service,
        }
    }

    /// Its id; the stage's own keys have none.
    pub fn key_id(&self) -> Option<KeyId> {
        match self {
            Self::Stage(_) => None,
            Self::User(key) => Some(key.row.item.id),
        }
    }
}

impl Vault {
    /// Which key a use would take: the user's newest live one of the service, else the stage's when that is allowed.
    /// `None` when there is neither. One query, and no decryption.
    ///
    /// # Errors
    /// [`VaultError::Locked`] when there is a key, but locked, and no other is allowed; [`VaultError::Store`];
    /// [`VaultError::Unavailable`] when the stage's keys cannot be read.
    pub async fn choose(
        &self,
        user: UserId,
        service: Service,
        allow_stage: bool,
    ) -> Result<Option<Chosen>, VaultError> {
        let now = self.0.runtime.now();
        let keyring = self.db().list_provider_keys(user).await?;
        let lock = keyring.guard.lock(now);
        let live = keyring.keys.into_iter().filter(|row| {
            let is_of_service = row.item.service().is_ok_and(|of| of == service);
            is_of_service && Status::is_usable(row.item.status(now))
        });
        let newest = live.max_by_key(|row| (row.item.created_at, row.item.id));
        match (newest, lock) {
            (Some(row), None) => Ok(Some(Chosen::User(Box::new(UserKey {
                user,
                service,
                row,
                locked_until: None,
            })))),
            (Some(_), Some(lock)) if !allow_stage => Err(VaultError::Locked { until: lock.ends_at() }),
            _ if allow_stage => {
                let key = self.0.stage_keys.find(&self.0.runtime, service).await?;
                Ok(key.map(|_| Chosen::Stage(service)))
            }
            _ => Ok(None),
        }
    }

    /// A given key of a user, whatever its status: the secret of a webhook, the key that a booking was made with.
    ///
    /// # Errors
    /// [`VaultError::Store`].
    pub async fn find(&self, user: UserId, key: KeyId) -> Result<Option<Chosen>, VaultError> {
        let (row, guard) = tokio::try_join!(self.db().find_provider_key(user, key), self.db().find_key_guard(user))?;
        let Some(row) = row else { return Ok(None) };
        Ok(Some(Chosen::User(Box::new(UserKey {
            user,
            service: row.item.service()?,
            row,
            locked_until: guard.item.lock(self.0.runtime.now()).map(|lock| lock.ends_at()),
        }))))
    }
}
