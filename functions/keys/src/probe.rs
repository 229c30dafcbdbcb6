//! Asking a service whether it knows a key.

use std::time::Duration;

use aws_lc_rs::digest;
use jiff::{SignedDuration, Timestamp};
use quick_cache::sync::Cache;
use tripsage_domain::{ids::UserId, key::Standing, ports::Entropy, service::Service};
use tripsage_http::{ApiError, Code};
use tripsage_providers::{Access, Account, Deadline, Fault};
use tripsage_runtime::{ExposeSecret, SecretString};

use crate::App;

/// How long a service may take to say whether it knows a key.
const PATIENCE: Duration = Duration::from_secs(4);

/// How long what it said is believed.
pub(crate) const KEPT: SignedDuration = SignedDuration::from_secs(300);

/// Verdicts that a process remembers.
const REMEMBERED: usize = 1000;

/// What a service says about a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// It knows it.
    Valid,
    /// It does not.
    Invalid,
    /// It did not say: too many questions.
    RateLimited(Duration),
    /// It did not say: it does not answer.
    Silent,
}

/// What services said lately, by a digest that only this process can make: what it remembers is of no use to anybody who
/// reads its memory without its salt, and nothing of it leaves the process.
pub(crate) struct Verdicts {
    salt: [u8; 32],
    known: Cache<[u8; 32], (bool, Timestamp)>,
}

impl Verdicts {
    pub(crate) fn new(entropy: &dyn Entropy) -> Self {
        let mut salt = [0; 32];
        entropy.fill(&mut salt);
        Self {
            salt,
            known: Cache::new(REMEMBERED),
        }
    }

    fn digest(&self, service: Service, secret: &SecretString) -> [u8; 32] {
        let mut context = digest::Context::new(&digest::SHA256);
        context.update(&self.salt);
        context.update(service.name().as_bytes());
        context.update(&[0]);
        context.update(secret.expose_secret().as_bytes());
        let mut digest = [0; 32];
        digest.copy_from_slice(context.finish().as_ref());
        digest
    }
}

/// A verdict, and when it was given.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Asked {
    pub(crate) verdict: Verdict,
    pub(crate) at: Timestamp,
    pub(crate) cached: bool,
}

impl App {
    /// Asks the service about a key, unless it has said so lately.
    pub(crate) async fn ask(&self, user: UserId, service: Service, secret: &SecretString, now: Timestamp) -> Asked {
        let digest = self.verdicts.digest(service, secret);
        if let Some((valid, at)) = self.verdicts.known.get(&digest)
            && now.duration_since(at) < KEPT
        {
            let verdict = if valid { Verdict::Valid } else { Verdict::Invalid };
            return Asked {
                verdict,
                at,
                cached: true,
            };
        }
        let verdict = self.probe(user, service, secret).await;
        if matches!(verdict, Verdict::Valid | Verdict::Invalid) {
            self.verdicts.known.insert(digest, (verdict == Verdict::Valid, now));
        }
        Asked {
            verdict,
            at: now,
            cached: false,
        }
    }

    async fn probe(&self, user: UserId, service: Service, secret: &SecretString) -> Verdict {
        // An account of its own for each user: keys that nobody has accepted must not use up the quota of those that are in
        // use, and one user's not the others'.
        let access = Access {
            account: Account::from(format!("probe:{user}")),
            secret: secret.clone(),
        };
        match self.providers.probe(service, &access, Deadline::after(PATIENCE)).await {
            Ok(()) => Verdict::Valid,
            Err(error) => match error.fault {
                Fault::KeyRefused => Verdict::Invalid,
                Fault::RateLimited { retry_after } => Verdict::RateLimited(retry_after),
                _ => {
                    tracing::warn!(%service, fault = error.fault.name(), "a service does not say whether it knows a key");
                    Verdict::Silent
                }
            },
        }
    }

    /// Lets a key in that its service knows. Nobody can be asked about the secret of a webhook, and nobody is when the
    /// caller does not want it: what such a key is worth shows at its first use.
    pub(crate) async fn admit(
        &self,
        user: UserId,
        service: Service,
        secret: &SecretString,
        validate: bool,
        now: Timestamp,
    ) -> Result<Standing, ApiError> {
        if !validate || service == Service::DuffelWebhook {
            return Ok(Standing::Unproven);
        }
        match self.ask(user, service, secret, now).await.verdict {
            Verdict::Valid => Ok(Standing::Proven),
            Verdict::Invalid => Err(ApiError::new(Code::KeyRefused).fact("service", service.name())),
            Verdict::RateLimited(after) => Err(ApiError::new(Code::RateLimited)
                .message(format!(
                    "{service} limits calls; ask again later, or store the key with `validate` false"
                ))
                .fact("service", service.name())
                .retry_after(after)),
            Verdict::Silent => Err(ApiError::new(Code::DependencyUnavailable)
                .message(format!(
                    "{service} cannot be asked about the key; ask again later, or store it with `validate` false"
                ))
                .fact("service", service.name())
                .retry_after(Duration::from_secs(30))),
        }
    }
}
