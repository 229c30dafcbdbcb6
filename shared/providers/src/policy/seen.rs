//! What this process has seen of a provider.

use std::{
    sync::{Mutex, PoisonError},
    time::Duration,
};

use http::HeaderMap;
use jiff::Timestamp;

use crate::{BreakerState, Provider, ProviderState, ProviderStatus};

#[derive(Debug, Default)]
pub(super) struct Seen(Mutex<Record>);

#[derive(Debug, Default, Clone, Copy)]
struct Record {
    last_success: Option<Timestamp>,
    last_failure: Option<Timestamp>,
    last_worked: bool,
    latency: Option<Duration>,
    quota_left: Option<u64>,
    dropped: u64,
}

impl Seen {
    fn record(&self) -> std::sync::MutexGuard<'_, Record> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn call(&self, now: Timestamp, took: Duration, worked: bool) {
        let mut record = self.record();
        record.latency = Some(took);
        record.last_worked = worked;
        *(if worked {
            &mut record.last_success
        } else {
            &mut record.last_failure
        }) = Some(now);
    }

    pub(super) fn quota(&self, headers: &HeaderMap) {
        let left = headers
            .get("ratelimit-remaining")
            .and_then(|value| value.to_str().ok()?.trim().parse().ok());
        if left.is_some() {
            self.record().quota_left = left;
        }
    }

    pub(super) fn dropped(&self, count: u32) {
        self.record().dropped += u64::from(count);
    }

    pub(super) fn forget(&self) {
        *self.record() = Record::default();
    }

    /// `worst` is the worst breaker of all accounts, `own` that of the stage.
    pub(super) fn status(
        &self,
        provider: Provider,
        configured: bool,
        worst: BreakerState,
        own: Option<BreakerState>,
    ) -> ProviderStatus {
        let record = *self.record();
        let state = if !configured {
            ProviderState::NotConfigured
        } else if own == Some(BreakerState::Open) {
            ProviderState::Down
        } else if record.latency.is_none() {
            ProviderState::Idle
        } else if record.last_worked && worst == BreakerState::Closed {
            ProviderState::Up
        } else {
            ProviderState::Degraded
        };
        ProviderStatus {
            provider,
            state,
            breaker: worst,
            last_success: record.last_success,
            last_failure: record.last_failure,
            latency: record.latency,
            quota_left: record.quota_left,
            dropped: record.dropped,
        }
    }
}
