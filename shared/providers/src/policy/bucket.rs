//! Tokens: how much may be done in a while.

use std::{
    sync::{Mutex, PoisonError},
    time::Duration,
};

/// A bucket that fills steadily.
#[derive(Debug)]
pub(crate) struct TokenBucket {
    /// Tokens it holds when full, and tokens that a minute brings.
    per_minute: u32,
    /// Level in millionths of a token, and when it was that, in milliseconds.
    level: Mutex<Option<(i64, i64)>>,
}

const WHOLE: i64 = 1_000_000;
const MINUTE: i64 = 60_000;

impl TokenBucket {
    pub(crate) fn per_minute(per_minute: u32) -> Self {
        Self {
            per_minute,
            level: Mutex::new(None),
        }
    }

    /// Takes one token.
    ///
    /// # Errors
    /// How long until there is one.
    pub(crate) fn take(&self, now: i64) -> Result<(), Duration> {
        let mut level = self.level.lock().unwrap_or_else(PoisonError::into_inner);
        let full = i64::from(self.per_minute) * WHOLE;
        let (tokens, since) = level.unwrap_or((full, now));
        // A clock that was set back must not take tokens away; a long pause must not overflow.
        let passed = (now - since).clamp(0, MINUTE);
        let tokens = (tokens + passed * full / MINUTE).min(full);
        if tokens >= WHOLE {
            *level = Some((tokens - WHOLE, now));
            return Ok(());
        }
        *level = Some((tokens, now));
        let missing = ((WHOLE - tokens) * MINUTE)
            .unsigned_abs()
            .div_ceil(full.unsigned_abs().max(1));
        Err(Duration::from_millis(missing))
    }
}

/// What may be tried again: a tenth of the calls, and a few in a row. Under a total outage this bounds the calls of a
/// provider to 1.1 times those of callers, whatever each of them would do on its own.
#[derive(Debug)]
pub(crate) struct RetryBudget(Mutex<u32>);

/// A retry costs this much, a call brings one.
const RETRY_COST: u32 = 10;

/// What can be saved up: ten retries.
const MAX_BUDGET: u32 = 10 * RETRY_COST;

impl RetryBudget {
    pub(crate) fn new() -> Self {
        Self(Mutex::new(MAX_BUDGET))
    }

    /// A first attempt is made.
    pub(crate) fn earn(&self) {
        let mut budget = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        *budget = (*budget + 1).min(MAX_BUDGET);
    }

    /// Whether there is enough for another attempt; it is taken.
    pub(crate) fn spend(&self) -> bool {
        let mut budget = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let enough = *budget >= RETRY_COST;
        if enough {
            *budget -= RETRY_COST;
        }
        enough
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const START: i64 = 1_800_000_000_000;

    #[test]
    fn thirty_at_once_and_then_one_every_two_seconds() {
        let bucket = TokenBucket::per_minute(30);
        for _ in 0..30 {
            assert_eq!(bucket.take(START), Ok(()));
        }
        assert_eq!(bucket.take(START), Err(Duration::from_secs(2)));
        assert_eq!(bucket.take(START + 500), Err(Duration::from_millis(1_500)));
        assert_eq!(bucket.take(START + 2_000), Ok(()));
        assert!(bucket.take(START + 2_000).is_err());
    }

    #[test]
    fn it_never_holds_more_than_it_can() {
        let bucket = TokenBucket::per_minute(30);
        assert_eq!(bucket.take(START), Ok(()));
        for _ in 0..30 {
            assert_eq!(bucket.take(START + 86_400_000), Ok(()));
        }
        assert!(bucket.take(START + 86_400_000).is_err());
        assert!(
            bucket.take(START).is_err(),
            "nor does a clock set back give or take any"
        );
    }

    #[test]
    fn retries_are_a_tenth_of_the_calls() {
        let budget = RetryBudget::new();
        let retries = (0..1_000)
            .filter(|_| {
                budget.earn();
                budget.spend()
            })
            .count();
        assert!((100..=110).contains(&retries), "{retries}");
    }
}
