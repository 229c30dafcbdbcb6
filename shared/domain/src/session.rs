//! A sign-in: how long it lasts, and what a refresh token that comes back means.
//!
//! A sign-in is a family of refresh tokens, numbered from 1, of which the last is current. Rotation is one
//! compare-and-set on that number.

use jiff::{SignedDuration, Timestamp};

/// How long an access token is good.
pub const ACCESS_LIFE: SignedDuration = SignedDuration::from_mins(15);

/// A sign-in ends when it was not refreshed for this long.
pub const IDLE_LIFE: SignedDuration = SignedDuration::from_hours(14 * 24);

/// A sign-in ends after this long, however often it was refreshed.
pub const FULL_LIFE: SignedDuration = SignedDuration::from_hours(30 * 24);

/// A sign-in on a device that should not remember it ends after this long.
pub const SHORT_LIFE: SignedDuration = SignedDuration::from_hours(24);

/// For this long after a rotation the token before is answered with the same successor: two tabs refreshed at once, or
/// an answer got lost.
pub const GRACE: SignedDuration = SignedDuration::from_secs(30);

/// Sign-ins of one user that last at the same time; one more ends the oldest.
pub const MAX_SESSIONS: usize = 50;

/// What a presented refresh token means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refresh {
    /// It is the current one: rotate.
    Rotate,
    /// It was the current one a moment ago: give its successor again, and change nothing.
    Repeat,
    /// It is an old one: somebody has a copy. The sign-in has to end.
    Reused,
    /// The token is none of this sign-in.
    Unknown,
}

/// Judges a refresh token with the number `presented` in a family that is at `current` since `rotated_at`.
pub fn judge(presented: u64, current: u64, rotated_at: Timestamp, now: Timestamp) -> Refresh {
    if presented == current {
        Refresh::Rotate
    } else if presented > current || presented == 0 {
        Refresh::Unknown
    } else if presented + 1 == current && now.duration_since(rotated_at) <= GRACE {
        Refresh::Repeat
    } else {
        Refresh::Reused
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_immediate_parent_is_forgiven_and_only_for_a_moment() {
        let rotated = Timestamp::from_second(1_800_000_000).unwrap();
        for (presented, seconds, expected) in [
            (7, 0, Refresh::Rotate),
            (7, 1_000_000, Refresh::Rotate),
            (6, 0, Refresh::Repeat),
            (6, 30, Refresh::Repeat),
            (6, 31, Refresh::Reused),
            (5, 0, Refresh::Reused),
            (1, 0, Refresh::Reused),
            (0, 0, Refresh::Unknown),
            (8, 0, Refresh::Unknown),
            (u64::MAX, 0, Refresh::Unknown),
        ] {
            let now = rotated + SignedDuration::from_secs(seconds);
            assert_eq!(
                judge(presented, 7, rotated, now),
                expected,
                "{presented} after {seconds} s"
            );
        }
    }
}
