//! How fast passwords of one account may be tried.
//!
//! Every attempt is counted before the password is compared, and a success forgets the count. The first few attempts
//! are free; after them each has to wait twice as long as the one before.

use jiff::{SignedDuration, Timestamp};

/// Attempts that need not wait.
pub const FREE: u32 = 5;

/// Attempts in a row after which no password is compared any more: the password has to be reset (NIST SP 800-63B).
pub const MOST: u32 = 100;

/// The free attempts are counted within this time.
const WINDOW: SignedDuration = SignedDuration::from_mins(15);

const FIRST_DELAY: i64 = 30;

const LONGEST_DELAY: i64 = 3600;

/// Attempts since the last success.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Attempts {
    /// How many.
    pub count: u32,
    /// When the first of them was.
    pub since: Timestamp,
    /// Before when there is no further one, once the free ones are used up.
    pub next_at: Timestamp,
}

/// Whether a password may be compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Turn {
    /// Yes, once this is recorded.
    Go(Attempts),
    /// Not for this long.
    Wait(SignedDuration),
}

/// Judges one more attempt.
pub fn attempt(known: Option<Attempts>, now: Timestamp) -> Turn {
    let fresh = |attempts: &Attempts| attempts.count >= FREE || now.duration_since(attempts.since) < WINDOW;
    let Some(attempts) = known.filter(fresh) else {
        return Turn::Go(counted(1, now, now));
    };
    if attempts.count >= MOST {
        return Turn::Wait(SignedDuration::from_secs(LONGEST_DELAY));
    }
    if attempts.count >= FREE && now < attempts.next_at {
        return Turn::Wait(attempts.next_at.duration_since(now));
    }
    Turn::Go(counted(attempts.count + 1, attempts.since, now))
}

fn counted(count: u32, since: Timestamp, now: Timestamp) -> Attempts {
    let doublings = count.saturating_sub(FREE).min(16);
    let delay = SignedDuration::from_secs((FIRST_DELAY << doublings).min(LONGEST_DELAY));
    Attempts {
        count,
        since,
        next_at: now + delay,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(1_800_000_000 + second).unwrap()
    }

    /// Tries as soon as it is let, and says how long it had to wait each time.
    fn waits(times: u32) -> Vec<i64> {
        let (mut known, mut now) = (None, at(0));
        (0..times)
            .map(|_| {
                let mut waited = 0;
                loop {
                    match attempt(known, now) {
                        Turn::Go(attempts) => break known = Some(attempts),
                        Turn::Wait(delay) => {
                            waited += delay.as_secs();
                            now += delay;
                        }
                    }
                }
                waited
            })
            .collect()
    }

    #[test]
    fn the_wait_doubles_up_to_an_hour() {
        assert_eq!(waits(14), [0, 0, 0, 0, 0, 30, 60, 120, 240, 480, 960, 1920, 3600, 3600]);
    }

    #[test]
    fn a_hundred_in_a_row_are_the_end() {
        let last = counted(MOST, at(0), at(0));
        assert!(matches!(attempt(Some(last), at(10_000_000)), Turn::Wait(_)));
    }

    #[test]
    fn the_free_attempts_come_back_after_a_while() {
        let four = counted(4, at(0), at(1));
        assert_eq!(attempt(Some(four), at(899)), Turn::Go(counted(5, at(0), at(899))));
        assert_eq!(attempt(Some(four), at(900)), Turn::Go(counted(1, at(900), at(900))));
    }
}
