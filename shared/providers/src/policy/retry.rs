//! When to try again.

use std::time::Duration;

use http::{HeaderMap, header::RETRY_AFTER};
use jiff::{Timestamp, fmt::rfc2822::DateTimeParser};
use tripsage_domain::ports::Entropy;

/// Attempts at one call, the first included.
pub(crate) const ATTEMPTS: u32 = 3;

const BASE: Duration = Duration::from_millis(50);
const CAP: Duration = Duration::from_secs(1);

/// What is told to a caller when the provider says only that there were too many calls.
const DEFAULT_RETRY_AFTER: Duration = Duration::from_secs(30);

/// Nobody is sent away for longer, whatever a provider says.
const MAX_RETRY_AFTER: Duration = Duration::from_secs(3_600);

/// How long to wait after failed attempt number `attempt` (from 1): anything from nothing to a bound that doubles, so
/// that callers who failed together do not come back together.
pub(crate) fn backoff(attempt: u32, entropy: &dyn Entropy) -> Duration {
    let bound = BASE.saturating_mul(1 << attempt.saturating_sub(1).min(10)).min(CAP);
    let mut bytes = [0; 4];
    entropy.fill(&mut bytes);
    let share = f64::from(u32::from_le_bytes(bytes)) / f64::from(u32::MAX);
    bound.mul_f64(share)
}

/// When the provider wants to be called again: `Retry-After` in seconds or as a date, else `ratelimit-reset`.
pub(crate) fn retry_after(headers: &HeaderMap, now: Timestamp) -> Duration {
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok()).map(str::trim);
    [text(RETRY_AFTER.as_str()), text("ratelimit-reset")]
        .into_iter()
        .flatten()
        .find_map(|text| wait(text, now))
        .unwrap_or(DEFAULT_RETRY_AFTER)
        .clamp(Duration::from_secs(1), MAX_RETRY_AFTER)
}

fn wait(text: &str, now: Timestamp) -> Option<Duration> {
    if let Ok(seconds) = text.parse() {
        return Some(Duration::from_secs(seconds));
    }
    let at = DateTimeParser::new().parse_timestamp(text).ok()?;
    // A date that has passed: at once, as far as the clamp lets it.
    Some(Duration::try_from(at.duration_since(now)).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Fixed(u8);

    impl Entropy for Fixed {
        fn fill(&self, buffer: &mut [u8]) {
            buffer.fill(self.0);
        }
    }

    #[test]
    fn the_wait_lies_between_nothing_and_a_bound_that_doubles() {
        for (attempt, bound) in [(1, 50), (2, 100), (3, 200), (5, 800), (6, 1_000), (40, 1_000)] {
            let bound = Duration::from_millis(bound);
            assert_eq!(backoff(attempt, &Fixed(0)), Duration::ZERO);
            assert_eq!(backoff(attempt, &Fixed(0xFF)), bound);
            let half = backoff(attempt, &Fixed(0x80));
            assert!(half > bound / 3 && half < bound, "{attempt}: {half:?}");
        }
    }

    #[test]
    fn seconds_and_dates_are_understood_and_bounded() {
        let now: Timestamp = "2027-03-03T10:00:00Z".parse().unwrap();
        for (name, value, seconds) in [
            ("retry-after", "7", 7),
            ("retry-after", "Wed, 03 Mar 2027 10:00:42 GMT", 42),
            ("ratelimit-reset", "Wed, 03 Mar 2027 10:00:59 GMT", 59),
            ("ratelimit-reset", "Wed, 03 Mar 2027 09:00:00 GMT", 1),
            ("retry-after", "999999999999", 3_600),
            ("retry-after", "soon", 30),
            ("x-other", "1", 30),
        ] {
            let headers = HeaderMap::from_iter([(name.parse().unwrap(), value.parse().unwrap())]);
            let headers: HeaderMap = headers;
            assert_eq!(retry_after(&headers, now).as_secs(), seconds, "{name}: {value}");
        }
    }
}
