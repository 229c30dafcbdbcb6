//! How much an account may ask in a minute.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use jiff::Timestamp;
use jiff::fmt::rfc2822::DateTimePrinter;

use super::desk::MINUTE;
use super::refusal::Refusal;
use crate::chance;
use crate::exchange::{Answer, Asked};

const REQUESTS: u64 = 4000;
const SEARCHES: u64 = 30;

/// What each account used of each limit, and in which minute.
#[derive(Debug, Default)]
pub(super) struct Limits(Mutex<BTreeMap<(String, &'static str), Used>>);

type Used = (i64, u64);

/// The limit that a request counts against.
fn class(asked: &Asked) -> (&'static str, u64) {
    let is_search = asked.method == hyper::Method::POST && asked.path == "/air/offer_requests";
    if is_search {
        ("search", SEARCHES)
    } else {
        ("request", REQUESTS)
    }
}

impl Limits {
    pub(super) fn take(&self, asked: &Asked, account: &str, now: i64) -> Result<(), Refusal> {
        let (class, limit) = class(asked);
        let minute = now / MINUTE;
        let mut used = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let entry = used.entry((account.to_owned(), class)).or_insert((minute, 0));
        if entry.0 != minute {
            *entry = (minute, 0);
        }
        entry.1 += 1;
        if entry.1 <= limit {
            return Ok(());
        }
        Err(Refusal::new(
            429,
            "rate_limit_error",
            "rate_limit_exceeded",
            "Too many requests hit the API too quickly. Wait until the limit resets.",
        ))
    }

    /// Says what is left.
    pub(super) fn headers(&self, answer: Answer, asked: &Asked, token: &str, now: i64) -> Answer {
        let (class, limit) = class(asked);
        let minute = now / MINUTE;
        let used = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let taken = used.get(&(chance::account(token), class));
        let taken = taken.filter(|(of, _)| *of == minute).map_or(0, |(_, taken)| *taken);
        let reset = Timestamp::from_millisecond((minute + 1) * MINUTE).unwrap_or_default();
        let reset = DateTimePrinter::new().timestamp_to_rfc9110_string(&reset);
        answer
            .with("ratelimit-limit", limit.to_string())
            .with("ratelimit-remaining", limit.saturating_sub(taken).to_string())
            .with("ratelimit-reset", reset.unwrap_or_default())
    }
}
