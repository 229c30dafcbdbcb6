//! What one user thinks of a thing: up or down for an itinerary, helpful or unhelpful for what others say of it. One
//! user has one vote on one thing; the latest counts. Some of these things also count who has seen them.

use uuid::Uuid;

use crate::{
    ids::{IntelId, ItineraryId, RatingId, ResourceId, ReviewId},
    vocabulary::vocabulary,
};

vocabulary!(
    /// Which way.
    Vote {
        Up = "up" | "helpful",
        Down = "down" | "unhelpful",
    }
);

vocabulary!(
    /// What can be voted on.
    SubjectKind {
        Itinerary = "itinerary",
        Rating = "rating",
        Intel = "intel",
        Resource = "resource",
        Review = "review",
    }
);

/// A thing that can be voted on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[expect(missing_docs, reason = "the ids say it")]
pub enum Subject {
    Itinerary(ItineraryId),
    Rating(RatingId),
    Intel(IntelId),
    Resource(ResourceId),
    Review(ReviewId),
}

impl Subject {
    /// The thing of this kind with this id.
    pub const fn new(kind: SubjectKind, id: Uuid) -> Self {
        match kind {
            SubjectKind::Itinerary => Self::Itinerary(ItineraryId::from_uuid(id)),
            SubjectKind::Rating => Self::Rating(RatingId::from_uuid(id)),
            SubjectKind::Intel => Self::Intel(IntelId::from_uuid(id)),
            SubjectKind::Resource => Self::Resource(ResourceId::from_uuid(id)),
            SubjectKind::Review => Self::Review(ReviewId::from_uuid(id)),
        }
    }

    /// What it is.
    pub const fn kind(self) -> SubjectKind {
        match self {
            Self::Itinerary(_) => SubjectKind::Itinerary,
            Self::Rating(_) => SubjectKind::Rating,
            Self::Intel(_) => SubjectKind::Intel,
            Self::Resource(_) => SubjectKind::Resource,
            Self::Review(_) => SubjectKind::Review,
        }
    }

    /// Its bare id.
    pub const fn uuid(self) -> Uuid {
        match self {
            Self::Itinerary(id) => id.uuid(),
            Self::Rating(id) => id.uuid(),
            Self::Intel(id) => id.uuid(),
            Self::Resource(id) => id.uuid(),
            Self::Review(id) => id.uuid(),
        }
    }
}

/// What a user does about their vote.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ballot {
    /// Vote this way, whatever was before. Doing so twice is the same as once.
    Cast(Vote),
    /// Vote this way; take the vote back if it was this way already.
    Toggle(Vote),
    /// Have no vote.
    Withdraw,
}

impl Ballot {
    /// The vote after it, where there was `before`.
    pub fn decide(self, before: Option<Vote>) -> Option<Vote> {
        match self {
            Self::Cast(vote) => Some(vote),
            Self::Toggle(vote) => (before != Some(vote)).then_some(vote),
            Self::Withdraw => None,
        }
    }
}

/// How many votes there are each way. Changes may be counted in any order, so either may be below nought for a moment;
/// it is shown as nought then.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Tally {
    /// Up, or helpful.
    pub up: i64,
    /// Down, or unhelpful.
    pub down: i64,
}

impl Tally {
    /// The tally when one vote becomes another.
    #[must_use]
    pub fn with(self, before: Option<Vote>, after: Option<Vote>) -> Self {
        let delta = |vote| i64::from(after == Some(vote)) - i64::from(before == Some(vote));
        Self {
            up: self.up + delta(Vote::Up),
            down: self.down + delta(Vote::Down),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use Ballot::{Cast, Toggle, Withdraw};
    use Vote::{Down, Up};

    #[test]
    fn a_ballot_decides_the_vote() {
        for (ballot, before, after) in [
            (Cast(Up), None, Some(Up)),
            (Cast(Up), Some(Up), Some(Up)),
            (Cast(Up), Some(Down), Some(Up)),
            (Toggle(Up), None, Some(Up)),
            (Toggle(Up), Some(Up), None),
            (Toggle(Up), Some(Down), Some(Up)),
            (Toggle(Down), Some(Up), Some(Down)),
            (Withdraw, Some(Down), None),
            (Withdraw, None, None),
        ] {
            assert_eq!(ballot.decide(before), after, "{ballot:?} after {before:?}");
        }
    }

    #[test]
    fn a_tally_follows_its_votes() {
        let tally = |up, down| Tally { up, down };
        for (start, before, after, end) in [
            (tally(0, 0), None, Some(Up), tally(1, 0)),
            (tally(3, 2), Some(Up), Some(Down), tally(2, 3)),
            (tally(3, 2), Some(Down), None, tally(3, 1)),
            (tally(3, 2), Some(Up), Some(Up), tally(3, 2)),
            (tally(0, 0), Some(Up), None, tally(-1, 0)),
        ] {
            assert_eq!(start.with(before, after), end);
        }
    }

    #[test]
    fn votes_have_the_names_of_both_scales() {
        assert_eq!("helpful".parse::<Vote>(), Ok(Up));
        assert_eq!("unhelpful".parse::<Vote>(), Ok(Down));
        assert_eq!(Up.name(), "up");
    }
}
