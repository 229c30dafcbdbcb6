//! A circuit breaker: whoever keeps failing is left alone for a while.

use std::sync::{Mutex, PoisonError};

use crate::BreakerState;

/// Seconds that are looked back on.
const WINDOW: usize = 10;

/// Calls within the window before it is judged.
const ENOUGH: u32 = 20;

/// How long it is left alone before one call finds out, in milliseconds.
const REST: i64 = 5_000;

/// Counts of one second.
#[derive(Debug, Clone, Copy, Default)]
struct Second {
    at: i64,
    worked: u32,
    failed: u32,
}

#[derive(Debug)]
enum Phase {
    Closed([Second; WINDOW]),
    Open { until: i64 },
    Probing,
}

/// One breaker. Times are milliseconds since the epoch, by the caller's clock.
#[derive(Debug)]
pub(crate) struct Breaker(Mutex<Phase>);

/// Leave to make one call. Given back unused, as when the request is dropped, it counts as nothing.
#[derive(Debug)]
pub(crate) struct Leave<'a> {
    breaker: &'a Breaker,
    probe: bool,
    used: bool,
}

impl Breaker {
    pub(crate) fn new() -> Self {
        Self(Mutex::new(Phase::Closed([Second::default(); WINDOW])))
    }

    fn phase(&self) -> std::sync::MutexGuard<'_, Phase> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Leave to call; `None` while the provider is left alone or somebody else is finding out.
    pub(crate) fn ask(&self, now: i64) -> Option<Leave<'_>> {
        let mut phase = self.phase();
        let probe = match *phase {
            Phase::Closed(_) => false,
            Phase::Open { until } if now >= until => {
                *phase = Phase::Probing;
                true
            }
            Phase::Open { .. } | Phase::Probing => return None,
        };
        Some(Leave {
            breaker: self,
            probe,
            used: false,
        })
    }

    pub(crate) fn state(&self) -> BreakerState {
        match *self.phase() {
            Phase::Closed(_) => BreakerState::Closed,
            Phase::Open { .. } => BreakerState::Open,
            Phase::Probing => BreakerState::HalfOpen,
        }
    }
}

impl Leave<'_> {
    /// Says how the call went.
    pub(crate) fn end(mut self, now: i64, worked: bool) {
        self.used = true;
        let mut phase = self.breaker.phase();
        if self.probe {
            *phase = if worked {
                Phase::Closed([Second::default(); WINDOW])
            } else {
                Phase::Open { until: now + REST }
            };
            return;
        }
        // A call that began before the breaker opened says nothing new.
        let Phase::Closed(seconds) = &mut *phase else { return };
        let at = now.div_euclid(1_000);
        let slot = usize::try_from(at.rem_euclid(WINDOW as i64)).unwrap_or(0);
        if seconds[slot].at != at {
            seconds[slot] = Second {
                at,
                ..Second::default()
            };
        }
        if worked {
            seconds[slot].worked += 1;
        } else {
            seconds[slot].failed += 1;
        }
        let recent = seconds.iter().filter(|second| at - second.at < WINDOW as i64);
        let (all, failed) = recent.fold((0, 0), |(all, failed), second| {
            (all + second.worked + second.failed, failed + second.failed)
        });
        if all >= ENOUGH && failed * 2 >= all {
            *phase = Phase::Open { until: now + REST };
        }
    }
}

impl Drop for Leave<'_> {
    fn drop(&mut self) {
        if self.probe && !self.used {
            *self.breaker.phase() = Phase::Open { until: i64::MIN };
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const START: i64 = 1_800_000_000_000;

    fn call(breaker: &Breaker, now: i64, worked: bool) -> bool {
        breaker.ask(now).map(|leave| leave.end(now, worked)).is_some()
    }

    fn opened() -> Breaker {
        let breaker = Breaker::new();
        for _ in 0..20 {
            assert!(call(&breaker, START, false));
        }
        breaker
    }

    #[test]
    fn half_of_twenty_in_ten_seconds_opens_it() {
        let breaker = Breaker::new();
        for i in 0..20 {
            assert!(call(&breaker, START + i * 450, i % 2 == 0), "call {i}");
        }
        assert!(!call(&breaker, START + 9_100, true));

        let breaker = Breaker::new();
        for i in 0..100 {
            assert!(call(&breaker, START, i % 5 < 3), "40 % are borne");
        }
    }

    #[test]
    fn few_or_old_failures_do_not() {
        let breaker = Breaker::new();
        for _ in 0..19 {
            assert!(call(&breaker, START, false));
        }
        // Ten seconds on, those do not count any more.
        assert!(call(&breaker, START + 10_000, false));
        assert!(call(&breaker, START + 10_000, false));
    }

    #[test]
    fn one_call_finds_out() {
        let breaker = opened();
        assert!(breaker.ask(START + REST - 1).is_none());
        let probe = breaker.ask(START + REST).unwrap();
        assert_eq!(breaker.state(), BreakerState::HalfOpen);
        assert!(breaker.ask(START + REST).is_none(), "only one");
        probe.end(START + REST, false);
        assert!(breaker.ask(START + REST + 1).is_none(), "and it rests again");
        assert!(call(&breaker, START + 2 * REST, true));
        assert_eq!(breaker.state(), BreakerState::Closed);
        assert!(call(&breaker, START + 2 * REST, false), "with nothing held against it");
    }

    #[test]
    fn a_probe_that_is_given_up_lets_another_one_go() {
        let breaker = opened();
        drop(breaker.ask(START + REST).unwrap());
        assert!(call(&breaker, START + REST, true));
        assert_eq!(breaker.state(), BreakerState::Closed);
    }

    #[test]
    fn late_answers_do_not_move_an_open_one() {
        let breaker = Breaker::new();
        let late = breaker.ask(START).unwrap();
        for _ in 0..20 {
            call(&breaker, START, false);
        }
        late.end(START + 1, true);
        assert_eq!(breaker.state(), BreakerState::Open);
    }
}
