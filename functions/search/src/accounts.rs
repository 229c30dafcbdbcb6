//! Whose key a question is asked with. What a provider answers belongs to the account that asked, so the answer is cached
//! under it, and the account has to be known even where the answer is in the cache: that is why it is remembered.

use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use quick_cache::sync::Cache;
use tripsage_cache::Tag;
use tripsage_domain::{ids::UserId, service::Service};
use tripsage_http::Admitted;
use tripsage_vault::{Chosen, Vault, VaultError};

/// A user's choice is believed this long while nobody says that their keys have changed.
const KEPT: SignedDuration = SignedDuration::from_secs(60);

/// The same when nobody could say so, because Redis does not answer.
const UNTOLD: SignedDuration = SignedDuration::from_secs(5);

/// Choices that a process remembers.
const REMEMBERED: usize = 2048;

/// Which keys users' questions are asked with. Holds no secret: what it remembers is sealed.
pub(crate) struct Accounts {
    vault: Vault,
    known: Cache<(UserId, Service), Known>,
}

#[derive(Clone)]
struct Known {
    chosen: Option<Arc<Chosen>>,
    version: Option<String>,
    at: Timestamp,
}

impl Accounts {
    pub(crate) fn new(vault: Vault) -> Self {
        Self {
            vault,
            known: Cache::new(REMEMBERED),
        }
    }

    pub(crate) fn vault(&self) -> &Vault {
        &self.vault
    }

    /// The key that a question of this user takes: their own, else the stage's where that is allowed.
    pub(crate) async fn choose(
        &self,
        user: UserId,
        service: Service,
        admitted: &Admitted,
        now: Timestamp,
    ) -> Result<Option<Arc<Chosen>>, VaultError> {
        let version = admitted.version(&Tag::User(user.to_string()));
        if let Some(known) = self.known.get(&(user, service)) {
            let limit = if version.is_some() { KEPT } else { UNTOLD };
            if known.version.as_deref() == version && now.duration_since(known.at) < limit {
                return Ok(known.chosen);
            }
        }
        // The weather needs no key: the stage's is for those who search.
        let allow_stage = service != Service::OpenWeather;
        let chosen = self.vault.choose(user, service, allow_stage).await?.map(Arc::new);
        let known = Known {
            chosen: chosen.clone(),
            version: version.map(str::to_owned),
            at: now,
        };
        self.known.insert((user, service), known);
        Ok(chosen)
    }

    /// The account that was last chosen, as a guess: it may have changed since.
    pub(crate) fn guess(&self, user: UserId, service: Service) -> Option<String> {
        self.known.get(&(user, service))?.chosen.map(|chosen| chosen.account())
    }

    /// Chooses anew the next time.
    pub(crate) fn forget(&self, user: UserId, service: Service) {
        self.known.remove(&(user, service));
    }
}
