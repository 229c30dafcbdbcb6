use std::time::Duration;

use jiff::Timestamp;

use crate::Provider;

/// How a provider does, as this process has seen it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProviderStatus {
    /// Who.
    pub provider: Provider,
    /// In a word.
    pub state: ProviderState,
    /// The worst breaker among its accounts.
    pub breaker: BreakerState,
    /// When a call last succeeded.
    pub last_success: Option<Timestamp>,
    /// When a call last failed for the provider's own reasons.
    pub last_failure: Option<Timestamp>,
    /// How long the last answer took.
    pub latency: Option<Duration>,
    /// Calls that the stage's account has left in the present window, as the provider last said.
    pub quota_left: Option<u64>,
    /// Elements of lists that could not be read and were left out.
    pub dropped: u64,
}

/// How a provider does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ProviderState {
    /// The stage has no address of it.
    NotConfigured,
    /// It has not been called yet.
    Idle,
    /// Its last call succeeded.
    Up,
    /// Its last call failed, or one of its accounts is left alone.
    Degraded,
    /// It is left alone.
    Down,
}

/// Whether calls are let through.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum BreakerState {
    /// They are.
    Closed,
    /// One is, to find out.
    HalfOpen,
    /// None is.
    Open,
}
