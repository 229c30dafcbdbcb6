//! One question to one provider: from the cache, or asked with the right key within the time that there is, and what became
//! of it.

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

use jiff::Timestamp;
use serde::{Serialize, de::DeserializeOwned};
use tripsage_cache::{Cached, CompositeKey, Content, Made, Source, Tag};
use tripsage_domain::{ids::UserId, service::Service};
use tripsage_http::{Admitted, ApiError, Code, Context};
use tripsage_providers::{Access, Deadline, Fault, Provider, ProviderError};
use tripsage_vault::{Chosen, Purpose, Use, VaultError};
use utoipa::ToSchema;

use crate::{App, trouble::Trouble};

/// How long a provider may take.
const PROVIDER_TIME: Duration = Duration::from_millis(6_500);

/// How long everything together may take; the route's own limit is above it.
const WHOLE_TIME: Duration = Duration::from_millis(7_500);

/// Grows with every change to what providers' answers are cached as.
const SCHEMA: u32 = 1;

/// What became of the question to one provider.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct ProviderReport {
    /// Who.
    #[schema(example = "duffel")]
    pub(crate) provider: &'static str,
    /// `ok`, `failed`, `timed_out`, `not_configured`, `key_refused`, `rate_limited` or `skipped`.
    #[schema(example = "ok")]
    pub(crate) status: &'static str,
    /// How many results are from it.
    pub(crate) count: usize,
    /// How long it took, or the cache.
    pub(crate) latency_ms: u64,
    /// Whether the results were in the cache.
    pub(crate) cached: bool,
    /// Whether the results are old ones, because it does not give new ones now.
    pub(crate) stale: bool,
    /// When it gave the results.
    #[schema(value_type = Option<String>, format = DateTime)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) made_at: Option<Timestamp>,
    /// What is wrong, for people.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) message: Option<&'static str>,
    /// When to ask again.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) retry_after_seconds: Option<u64>,
    /// The caller's own key that it refuses.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(format = Uuid)]
    pub(crate) key_id: Option<String>,
}

/// An answer, or why there is none; with the report on it.
pub(crate) struct Asked<T> {
    pub(crate) answer: Result<Cached<T>, Trouble>,
    pub(crate) report: ProviderReport,
    /// Whether it was asked with the caller's own key.
    pub(crate) own_key: bool,
}

impl<T> Asked<T> {
    /// A provider that was not asked.
    pub(crate) fn skipped(provider: Provider, reason: &'static str) -> Self {
        Self::new(provider, Instant::now(), Err(Trouble::Skipped(reason)), false)
    }

    fn new(provider: Provider, begun: Instant, answer: Result<Cached<T>, Trouble>, own_key: bool) -> Self {
        let mut report = ProviderReport {
            provider: provider.name(),
            status: "ok",
            count: 0,
            latency_ms: u64::try_from(begun.elapsed().as_millis()).unwrap_or(u64::MAX),
            cached: false,
            stale: false,
            made_at: None,
            message: None,
            retry_after_seconds: None,
            key_id: None,
        };
        match &answer {
            Ok(cached) => {
                report.cached = cached.source != Source::Made;
                report.stale = cached.stale;
                report.made_at = Some(cached.made_at);
            }
            Err(trouble) => report.complain(trouble),
        }
        Self {
            answer,
            report,
            own_key,
        }
    }

    /// The answer, where there is one.
    pub(crate) fn value(&self) -> Option<&T> {
        self.answer.as_ref().ok().map(|cached| &*cached.value)
    }
}

impl ProviderReport {
    fn complain(&mut self, trouble: &Trouble) {
        self.status = trouble.status();
        self.message = Some(trouble.message());
        self.retry_after_seconds = trouble.retry_after().map(|after| after.as_secs());
        self.key_id = trouble.key().map(|key| key.to_string());
    }
}

/// How fresh what several providers gave is together; who gave nothing does not count.
pub(crate) struct Freshness {
    /// Whether everything was in the cache.
    pub(crate) cached: bool,
    /// Whether some of it is old.
    pub(crate) stale: bool,
    /// When the oldest of it was given.
    pub(crate) made_at: Option<Timestamp>,
}

impl Freshness {
    pub(crate) fn of<'a>(reports: impl Iterator<Item = &'a ProviderReport>) -> Self {
        let mut together = Self {
            cached: true,
            stale: false,
            made_at: None,
        };
        for report in reports {
            let Some(made_at) = report.made_at else { continue };
            together.cached &= report.cached;
            together.stale |= report.stale;
            together.made_at = Some(together.made_at.map_or(made_at, |oldest| oldest.min(made_at)));
        }
        together
    }
}

/// Who asks, and until when an answer is of use.
pub(crate) struct Asking<'a> {
    pub(crate) app: &'a App,
    pub(crate) admitted: &'a Admitted,
    pub(crate) now: Timestamp,
    used: Use,
    deadline: Deadline,
    whole: Deadline,
}

/// What is asked, as far as the cache tells questions apart.
pub(crate) struct Question {
    pub(crate) provider: Provider,
    pub(crate) content: Content,
    pub(crate) parts: Vec<String>,
}

impl Question {
    /// The key of the answer that an account is given.
    pub(crate) fn key(&self, account: &str) -> CompositeKey {
        let mut parts = vec![self.provider.name(), account];
        parts.extend(self.parts.iter().map(String::as_str));
        CompositeKey::new(self.content, SCHEMA, &parts, &[Tag::Search])
    }
}

impl<'a> Asking<'a> {
    /// For a request. Providers are begun anew with first, if an operator has asked for it.
    pub(crate) fn new(app: &'a App, admitted: &'a Admitted, context: &Context) -> Self {
        if app.edge.is_refreshed(admitted) {
            app.providers.reset();
        }
        Self::at(
            app,
            admitted,
            Use {
                at: context.now,
                source: context.source.clone(),
            },
        )
    }

    pub(crate) fn at(app: &'a App, admitted: &'a Admitted, used: Use) -> Self {
        Self {
            app,
            admitted,
            now: used.at,
            used,
            deadline: Deadline::after(PROVIDER_TIME),
            whole: Deadline::after(WHOLE_TIME),
        }
    }

    /// Asks a provider that takes a key: the user's own, or the stage's.
    pub(crate) async fn keyed<T, F>(
        &self,
        user: UserId,
        service: Service,
        question: Question,
        call: impl FnOnce(Access, Deadline) -> F,
    ) -> Asked<T>
    where
        T: Serialize + DeserializeOwned + Send + Sync + 'static,
        F: Future<Output = Result<T, ProviderError>>,
    {
        let begun = Instant::now();
        let chosen = self.app.accounts.choose(user, service, self.admitted, self.now).await;
        let chosen = match chosen {
            Ok(Some(chosen)) => chosen,
            Ok(None) => return Asked::new(question.provider, begun, Err(Trouble::NoKey(service)), false),
            Err(error) => return Asked::new(question.provider, begun, Err(Trouble::Vault(error)), false),
        };
        let own_key = chosen.key_id().is_some();
        let make = async || self.call_with(&chosen, Some(user), call).await;
        self.cached(begun, &question, &chosen.account(), own_key, make).await
    }

    /// Asks with the stage's own key, for nobody in particular.
    pub(crate) async fn with_stage_key<T, F>(
        &self,
        service: Service,
        question: Question,
        call: impl FnOnce(Access, Deadline) -> F,
    ) -> Asked<T>
    where
        T: Serialize + DeserializeOwned + Send + Sync + 'static,
        F: Future<Output = Result<T, ProviderError>>,
    {
        let chosen = Arc::new(Chosen::Stage(service));
        let make = async || self.call_with(&chosen, None, call).await;
        self.cached(Instant::now(), &question, &chosen.account(), false, make)
            .await
    }

    /// Asks a provider that takes no key.
    pub(crate) async fn open<T, F>(&self, question: Question, call: impl FnOnce(Deadline) -> F) -> Asked<T>
    where
        T: Serialize + DeserializeOwned + Send + Sync + 'static,
        F: Future<Output = Result<T, ProviderError>>,
    {
        let make = async || {
            let answer = call(self.deadline).await;
            answer.map_err(|error| Trouble::Provider(error, None))
        };
        self.cached(Instant::now(), &question, "anybody", false, make).await
    }

    /// Asks without the cache.
    pub(crate) async fn anew<T, F>(
        &self,
        user: UserId,
        service: Service,
        call: impl FnOnce(Access, Deadline) -> F,
    ) -> Result<(T, bool), Trouble>
    where
        F: Future<Output = Result<T, ProviderError>>,
    {
        let chosen = self.app.accounts.choose(user, service, self.admitted, self.now).await;
        let chosen = chosen.map_err(Trouble::Vault)?.ok_or(Trouble::NoKey(service))?;
        let answer = self.call_with(&chosen, Some(user), call).await?;
        Ok((answer, chosen.key_id().is_some()))
    }

    /// Opens the key and asks; says so when the provider does not take the key.
    async fn call_with<T, F>(
        &self,
        chosen: &Chosen,
        user: Option<UserId>,
        call: impl FnOnce(Access, Deadline) -> F,
    ) -> Result<T, Trouble>
    where
        F: Future<Output = Result<T, ProviderError>>,
    {
        let vault = self.app.accounts.vault();
        let forget = || {
            if let Some(user) = user {
                self.app.accounts.forget(user, chosen.service());
            }
        };
        let secret = vault.open(chosen, Purpose::Search, &self.used).await.map_err(|error| {
            forget();
            match (error, chosen) {
                // The stage has none: nothing was removed.
                (VaultError::Gone, Chosen::Stage(service)) => Trouble::NoKey(*service),
                (error, _) => Trouble::Vault(error),
            }
        })?;
        let account = chosen.account().into();
        match call(Access { account, secret }, self.deadline).await {
            Ok(answer) => {
                vault.mark_accepted(chosen, &self.used).await;
                Ok(answer)
            }
            Err(error) => {
                if error.fault == Fault::KeyRefused {
                    vault.mark_refused(chosen, &self.used).await;
                    forget();
                }
                Err(Trouble::Provider(error, chosen.key_id()))
            }
        }
    }

    async fn cached<T, F>(
        &self,
        begun: Instant,
        question: &Question,
        account: &str,
        own_key: bool,
        make: impl FnOnce() -> F,
    ) -> Asked<T>
    where
        T: Serialize + DeserializeOwned + Send + Sync + 'static,
        F: Future<Output = Result<T, Trouble>>,
    {
        // When an old answer is given out instead, why there is no new one would be lost.
        let complaint = Mutex::new(None);
        let key = question.key(account);
        let looked = self
            .app
            .edge
            .get_or_make(self.admitted, &key, async || match make().await {
                Ok(value) => Ok(Made { value, keep: true }),
                Err(trouble) => {
                    *complaint.lock().unwrap_or_else(PoisonError::into_inner) = Some(Complaint::of(&trouble));
                    Err(trouble)
                }
            });
        let answer = match tokio::time::timeout_at(self.whole.instant(), looked).await {
            Ok(answer) => answer,
            Err(_) => Err(Trouble::timed_out(question.provider)),
        };
        let mut asked = Asked::new(question.provider, begun, answer, own_key);
        if !asked.report.cached {
            self.app.edge.note_providers(&self.app.providers).await;
        }
        let complaint = complaint.into_inner().unwrap_or_else(PoisonError::into_inner);
        if let (Some(complaint), true) = (complaint, asked.report.stale) {
            asked.report.status = complaint.status;
            asked.report.message = Some(complaint.message);
            asked.report.retry_after_seconds = complaint.retry_after.map(|after| after.as_secs());
        }
        asked
    }
}

/// What is left of a trouble when an old answer is given out in spite of it.
struct Complaint {
    status: &'static str,
    message: &'static str,
    retry_after: Option<Duration>,
}

impl Complaint {
    fn of(trouble: &Trouble) -> Self {
        Self {
            status: trouble.status(),
            message: trouble.message(),
            retry_after: trouble.retry_after(),
        }
    }
}

/// When nobody who was asked has an answer: what to tell. The reports say who was asked.
pub(crate) fn nobody_answered(mut troubles: Vec<Trouble>, reports: &[ProviderReport]) -> ApiError {
    let soonest = troubles.iter().filter_map(Trouble::retry_after).min();
    let told = serde_json::to_value(reports).unwrap_or_default();
    if troubles.len() > 1 {
        troubles.retain(|trouble| !matches!(trouble.status(), "skipped" | "not_configured"));
    }
    let only = if troubles.len() == 1 { troubles.pop() } else { None };
    let error = match only {
        Some(trouble) => ApiError::from(trouble),
        None if troubles.is_empty() => {
            ApiError::new(Code::KeyRequired).message("no provider could be asked; `details.context.providers` says why")
        }
        None => ApiError::new(Code::DependencyUnavailable)
            .message("no provider answers at the moment; `details.context.providers` says why")
            .retry_after(soonest.unwrap_or(Duration::from_secs(15))),
    };
    error.fact("providers", told)
}
