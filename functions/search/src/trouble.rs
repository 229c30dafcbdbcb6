//! Why a question has no answer, and what clients are told of it. No text of a provider ever gets here.

use std::time::Duration;

use tripsage_domain::{ids::KeyId, service::Service};
use tripsage_http::{ApiError, Code};
use tripsage_providers::{Fault, Provider, ProviderError};
use tripsage_vault::VaultError;

/// When to ask again while a provider does not answer.
const RETRY: Duration = Duration::from_secs(15);

/// Why a provider's part is missing.
#[derive(Debug)]
pub(crate) enum Trouble {
    /// The provider did not do it; with the key of the user that was presented, if it was theirs.
    Provider(ProviderError, Option<KeyId>),
    /// The key could not be had.
    Vault(VaultError),
    /// There is no key of the service.
    NoKey(Service),
    /// The question makes no sense to this provider, for this reason.
    Skipped(&'static str),
}

impl Trouble {
    pub(crate) fn timed_out(provider: Provider) -> Self {
        let fault = Fault::TimedOut;
        Self::Provider(ProviderError { provider, fault }, None)
    }

    /// What the status of the provider says.
    pub(crate) fn status(&self) -> &'static str {
        match self {
            Self::Provider(error, _) => match &error.fault {
                Fault::NotConfigured => "not_configured",
                Fault::KeyRefused => "key_refused",
                Fault::RateLimited { .. } => "rate_limited",
                Fault::TimedOut => "timed_out",
                Fault::Unavailable(_)
                | Fault::Malformed(_)
                | Fault::TooLarge
                | Fault::Refused { .. }
                | Fault::Unknown { .. } => "failed",
            },
            Self::Vault(VaultError::Refused) => "key_refused",
            Self::Vault(VaultError::Exhausted { .. }) => "rate_limited",
            Self::Vault(_) => "failed",
            Self::NoKey(_) => "not_configured",
            Self::Skipped(_) => "skipped",
        }
    }

    /// The same for people.
    pub(crate) fn message(&self) -> &'static str {
        match self {
            Self::Provider(error, key) => match (&error.fault, key) {
                (Fault::NotConfigured, _) => "this stage does not use it",
                (Fault::KeyRefused, Some(_)) => "it refuses your key; replace the key",
                (Fault::KeyRefused, None) => "it refuses the key of this stage",
                (Fault::RateLimited { .. }, _) => "it limits calls; ask again later",
                (Fault::TimedOut, _) => "it did not answer in time",
                (Fault::Refused { .. }, _) => "it refuses the request",
                (Fault::Malformed(_) | Fault::TooLarge, _) => "its answer cannot be read",
                (Fault::Unavailable(_) | Fault::Unknown { .. }, _) => "it is unavailable",
            },
            Self::Vault(VaultError::Refused) => "it has refused your key; replace the key",
            Self::Vault(VaultError::Exhausted { .. }) => "your key was used as often as you allow on a day",
            Self::Vault(VaultError::Locked { .. }) => "suspicious use has locked your keys",
            Self::Vault(VaultError::Unreadable) => "your key has to be entered again",
            Self::Vault(_) => "the key cannot be had at the moment",
            Self::NoKey(_) => "there is no key for it; store one of your own",
            Self::Skipped(reason) => reason,
        }
    }

    pub(crate) fn retry_after(&self) -> Option<Duration> {
        match self {
            Self::Provider(error, _) => match error.fault {
                Fault::RateLimited { retry_after } => Some(retry_after.max(Duration::from_secs(1))),
                Fault::TimedOut | Fault::Unavailable(_) => Some(RETRY),
                _ => None,
            },
            Self::Vault(VaultError::Unavailable(_) | VaultError::Store(_)) => Some(RETRY),
            _ => None,
        }
    }

    /// The key of the user that is refused.
    pub(crate) fn key(&self) -> Option<KeyId> {
        match self {
            Self::Provider(error, key) => key.filter(|_| error.fault == Fault::KeyRefused),
            _ => None,
        }
    }
}

/// What a client is told when nothing else could be asked.
impl From<Trouble> for ApiError {
    fn from(trouble: Trouble) -> Self {
        let key = trouble.key();
        let error = match trouble {
            Trouble::Vault(error) => return error.into(),
            Trouble::NoKey(service) => {
                let text = format!("there is no key for {service}; store one of your own with POST /api/v1/keys");
                return Self::new(Code::KeyRequired)
                    .message(text)
                    .fact("service", service.name());
            }
            Trouble::Skipped(reason) => return Self::new(Code::Conflict).message(reason),
            Trouble::Provider(error, _) => error,
        };
        let answer = Self::from(error);
        match key {
            Some(key) => answer.fact("key_id", key.to_string()),
            None => answer,
        }
    }
}
