//! How providers are called: one policy for all of them.
//!
//! Every call has a deadline, a place in its provider's bulkhead and the leave of its account's breaker. What has no
//! lasting effect may be tried again, a few times, within the time and the retry budget there is. What has one is
//! sent once; when its answer is lost, the outcome is unknown, and nothing here guesses it.

mod breaker;
mod bucket;
mod bulkhead;
mod reply;
mod retry;
mod seen;

use std::{
    collections::HashMap,
    future::Future,
    sync::{Arc, Mutex, OnceLock, PoisonError},
    time::Duration,
};

use tokio::time::Instant;
use tripsage_runtime::Runtime;

pub(crate) use self::reply::{MAX_BODY, Reply};
use self::{
    breaker::Breaker,
    bucket::{RetryBudget, TokenBucket},
    bulkhead::Bulkhead,
    reply::ReadError,
    seen::Seen,
};
use crate::{Account, BreakerState, Deadline, Fault, Provider, ProviderStatus, Result};

/// Searches that Duffel takes from one account in a minute.
const SEARCHES_PER_MINUTE: u32 = 30;

/// How long to connect may take.
const CONNECT: Duration = Duration::from_secs(2);

/// Accounts whose breakers and quotas are remembered.
const MAX_GATES: usize = 1_024;

/// What repeating a call would do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Safety {
    /// Nothing: it may be tried again.
    Repeatable,
    /// Leave another quote behind, which lapses: not tried again, and no harm when its answer is lost.
    Once,
    /// Order, pay or cancel twice: never tried again, and unknown when its answer is lost.
    Lasting,
}

/// One call.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Call<'a> {
    pub(crate) provider: Provider,
    /// Its name in logs.
    pub(crate) operation: &'static str,
    pub(crate) account: &'a Account,
    pub(crate) safety: Safety,
    /// How long it may take in all, whatever time the caller has.
    pub(crate) limit: Duration,
    pub(crate) deadline: Deadline,
    /// Whether it counts against the searches of a minute.
    pub(crate) is_search: bool,
}

/// What one attempt came to.
pub(crate) struct Attempt<T> {
    pub(crate) status: Option<u16>,
    /// When the provider wants to be called again.
    pub(crate) wait: Option<Duration>,
    pub(crate) result: std::result::Result<T, Fault>,
}

impl<T> Attempt<T> {
    fn failed(fault: Fault) -> Self {
        Self {
            status: None,
            wait: None,
            result: Err(fault),
        }
    }
}

/// What is kept of one account with one provider.
struct Gate {
    breaker: Breaker,
    searches: TokenBucket,
}

/// What is kept of one provider.
struct Lane {
    bulkhead: Bulkhead,
    budget: RetryBudget,
    seen: Seen,
}

pub(crate) struct Outbound {
    runtime: Runtime,
    http: OnceLock<reqwest::Client>,
    gates: Mutex<HashMap<(Provider, Account), Arc<Gate>>>,
    lanes: [Lane; Provider::ALL.len()],
}

impl Outbound {
    pub(crate) fn new(runtime: &Runtime) -> Self {
        Self {
            runtime: runtime.clone(),
            http: OnceLock::new(),
            gates: Mutex::default(),
            lanes: std::array::from_fn(|_| Lane {
                bulkhead: Bulkhead::new(),
                budget: RetryBudget::new(),
                seen: Seen::default(),
            }),
        }
    }

    /// The connections to all providers. Time limits are this policy's, not the client's.
    pub(crate) fn http(&self) -> &reqwest::Client {
        self.http.get_or_init(|| {
            reqwest::Client::builder()
                .connect_timeout(CONNECT)
                .pool_idle_timeout(Duration::from_secs(50))
                .redirect(reqwest::redirect::Policy::none())
                .user_agent("TripSage")
                .build()
                .unwrap_or_default()
        })
    }

    /// The address of a provider, without a trailing slash.
    pub(crate) fn address(&self, variable: &str) -> Option<&str> {
        self.runtime
            .config()
            .optional(variable)
            .map(|url| url.trim_end_matches('/'))
    }

    fn now(&self) -> i64 {
        self.runtime.now().as_millisecond()
    }

    fn lane(&self, provider: Provider) -> &Lane {
        &self.lanes[provider as usize]
    }

    fn gate(&self, provider: Provider, account: &Account) -> Arc<Gate> {
        let mut gates = self.gates.lock().unwrap_or_else(PoisonError::into_inner);
        if gates.len() >= MAX_GATES {
            // Those that are in use or say something stay.
            gates.retain(|_, gate| Arc::strong_count(gate) > 1 || gate.breaker.state() != BreakerState::Closed);
        }
        let gate = gates.entry((provider, account.clone())).or_insert_with(|| {
            Arc::new(Gate {
                breaker: Breaker::new(),
                searches: TokenBucket::per_minute(SEARCHES_PER_MINUTE),
            })
        });
        Arc::clone(gate)
    }

    /// Makes an HTTP call. `read` turns a whole answer of any status into a value or a fault.
    pub(crate) async fn send<T>(
        &self,
        call: Call<'_>,
        request: impl Fn(&reqwest::Client) -> reqwest::RequestBuilder + Sync,
        read: impl Fn(&Reply) -> std::result::Result<T, Fault> + Sync,
    ) -> Result<T> {
        let read = &read;
        self.run(call, || {
            let request = request(self.http());
            async move { self.exchange(call, request, read).await }
        })
        .await
    }

    /// Makes a call in whatever way `attempt` does, under the policy.
    pub(crate) async fn run<T, F: Future<Output = Attempt<T>>>(
        &self,
        call: Call<'_>,
        attempt: impl Fn() -> F,
    ) -> Result<T> {
        let lane = self.lane(call.provider);
        let gate = self.gate(call.provider, call.account);
        let deadline = call.deadline.within(call.limit);
        lane.budget.earn();
        let mut number = 1;
        loop {
            let (wait, fault) = match self.attempt(call, number, deadline, lane, &gate, &attempt).await {
                Ok(value) => return Ok(value),
                Err(failure) => failure,
            };
            let Some(wait) = wait.filter(|_| call.safety == Safety::Repeatable && number < retry::ATTEMPTS) else {
                return Err(fault.of(call.provider));
            };
            let wait = wait.max(retry::backoff(number, self.runtime.ports().entropy.as_ref()));
            if wait >= deadline.remaining() || !lane.budget.spend() {
                return Err(fault.of(call.provider));
            }
            tokio::time::sleep(wait).await;
            number += 1;
        }
    }

    /// One attempt. A failure comes with how long to wait at least before the next, if there is any sense in one.
    async fn attempt<T, F: Future<Output = Attempt<T>>>(
        &self,
        call: Call<'_>,
        number: u32,
        deadline: Deadline,
        lane: &Lane,
        gate: &Gate,
        attempt: &impl Fn() -> F,
    ) -> std::result::Result<T, (Option<Duration>, Fault)> {
        let Some(_place) = lane.bulkhead.enter(deadline).await else {
            return Err((None, Fault::Unavailable("too many calls of it are under way")));
        };
        if deadline.remaining().is_zero() {
            return Err((None, Fault::TimedOut));
        }
        let Some(leave) = gate.breaker.ask(self.now()) else {
            return Err((None, Fault::Unavailable("it is left alone after failing too often")));
        };
        if call.is_search
            && let Err(retry_after) = gate.searches.take(self.now())
        {
            return Err((None, Fault::RateLimited { retry_after }));
        }
        let begun = Instant::now();
        let made = tokio::time::timeout_at(deadline.instant(), attempt())
            .await
            .unwrap_or_else(|_| Attempt::failed(lost(call.safety, Fault::TimedOut)));
        let took = begun.elapsed();
        let worked = made.result.as_ref().err().is_none_or(is_an_answer);
        leave.end(self.now(), worked);
        lane.seen.call(self.runtime.now(), took, worked);
        tracing::info!(
            provider = call.provider.name(),
            operation = call.operation,
            account = call.account.as_str(),
            status = made.status,
            duration_ms = u64::try_from(took.as_millis()).unwrap_or(u64::MAX),
            attempt = number,
            outcome = made.result.as_ref().err().map_or("ok", Fault::name),
            "provider called"
        );
        made.result.map_err(|fault| {
            let again = match (&fault, made.status) {
                (Fault::RateLimited { retry_after }, _) => Some(*retry_after),
                // Without a status, the connection failed.
                (Fault::Unavailable(_), None | Some(502..=504)) => Some(made.wait.unwrap_or_default()),
                _ => None,
            };
            (again, fault)
        })
    }

    async fn exchange<T>(
        &self,
        call: Call<'_>,
        request: reqwest::RequestBuilder,
        read: &(impl Fn(&Reply) -> std::result::Result<T, Fault> + Sync),
    ) -> Attempt<T> {
        let response = match request.send().await {
            Ok(response) => response,
            // Nothing was sent.
            Err(error) if error.is_connect() => return Attempt::failed(Fault::Unavailable("it cannot be reached")),
            // Nor here: what was to be sent is not a request.
            Err(error) if error.is_builder() => return Attempt::failed(Fault::NotConfigured),
            Err(_) => return Attempt::failed(lost(call.safety, Fault::Unavailable("the connection was lost"))),
        };
        let (status, result) = match Reply::read(response, self.runtime.ports().clock.as_ref()).await {
            Ok(reply) => {
                if call.account == &Account::stage() {
                    self.lane(call.provider).seen.quota(&reply.headers);
                }
                let wait = reply.headers.contains_key(http::header::RETRY_AFTER);
                let wait = wait.then(|| retry::retry_after(&reply.headers, reply.received_at));
                return Attempt {
                    status: Some(reply.status.as_u16()),
                    wait,
                    result: read(&reply).map_err(|fault| lost(call.safety, fault)),
                };
            }
            Err(ReadError::TooLarge(status)) => (status, Fault::TooLarge),
            Err(ReadError::Broken(status)) => (status, Fault::Unavailable("the connection was lost")),
        };
        Attempt {
            status: Some(status.as_u16()),
            wait: None,
            result: Err(lost(call.safety, result)),
        }
    }

    /// Elements of lists that were left out because they could not be read.
    pub(crate) fn dropped(&self, provider: Provider, operation: &'static str, count: u32) {
        if count > 0 {
            tracing::warn!(
                provider = provider.name(),
                operation,
                count,
                "elements cannot be read and are left out"
            );
            self.lane(provider).seen.dropped(count);
        }
    }

    pub(crate) fn status(&self, provider: Provider, configured: bool) -> ProviderStatus {
        let gates = self.gates.lock().unwrap_or_else(PoisonError::into_inner);
        let breakers = || {
            gates
                .iter()
                .filter(|((of, _), _)| *of == provider)
                .map(|(_, gate)| gate.breaker.state())
        };
        let stage = gates
            .get(&(provider, Account::stage()))
            .or_else(|| gates.get(&(provider, Account::anonymous())));
        self.lane(provider).seen.status(
            provider,
            configured,
            breakers().max().unwrap_or(BreakerState::Closed),
            stage.map(|gate| gate.breaker.state()),
        )
    }

    /// Closes all breakers, fills all quotas and forgets what was seen.
    pub(crate) fn reset(&self) {
        self.gates.lock().unwrap_or_else(PoisonError::into_inner).clear();
        for lane in &self.lanes {
            lane.seen.forget();
        }
    }
}

/// What a fault means for a call whose repetition would not be harmless: unless the provider clearly said no, nobody
/// knows whether it took place.
fn lost(safety: Safety, fault: Fault) -> Fault {
    match fault {
        Fault::TimedOut | Fault::Unavailable(_) | Fault::Malformed(_) | Fault::TooLarge
            if safety == Safety::Lasting =>
        {
            Fault::Unknown {
                hint: None,
                accepted: false,
            }
        }
        other => other,
    }
}

/// Whether the provider does its work, though it does not do what was asked.
fn is_an_answer(fault: &Fault) -> bool {
    match fault {
        Fault::KeyRefused
        | Fault::RateLimited { .. }
        | Fault::Refused { .. }
        | Fault::TooLarge
        | Fault::NotConfigured => true,
        Fault::Unknown { hint, accepted } => hint.is_some() || *accepted,
        Fault::TimedOut | Fault::Unavailable(_) | Fault::Malformed(_) => false,
    }
}
