//! What others have said of an itinerary, counted.

use serde::{Deserialize, Serialize};
use tripsage_domain::{
    change::{Change, Report, Scores},
    intel::IntelType,
    mean::Mean,
    proof::Reception,
    votes::{Subject, Tally, Vote},
};

/// Scores, added up.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sum {
    /// Their sum.
    pub sum: i64,
    /// How many there are.
    pub count: i64,
}

/// What others have said of an itinerary. Changes are counted in any order, so any number may be below nought for a
/// moment; it is shown as nought then.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Counts {
    /// Votes for it.
    pub upvotes: i64,
    /// Votes against it.
    pub downvotes: i64,
    /// Travellers and sessions that have seen it.
    pub views: i64,
    /// Comments on it.
    pub comments: i64,
    /// Votes that call a rating of it helpful.
    pub helpful: i64,
    /// How often it was passed on.
    pub shares: i64,
    /// Itineraries that were made from it.
    pub remixes: i64,
    /// Travel intel about it: how much of each type, in the order of [`IntelType::ALL`].
    pub intel: [i64; IntelType::ALL.len()],
    /// Critical travel intel.
    pub critical_intel: i64,
    /// Travel intel that is resolved.
    pub resolved_intel: i64,
    /// Safety ratings: how many of each score, from 1 to 5.
    pub ratings: [i64; 5],
    /// Those of verified travellers.
    pub verified_ratings: [i64; 5],
    /// How safe it is to stay there.
    pub accommodation: Sum,
    /// How safe the route is.
    pub route: Sum,
    /// How safe it is among people there.
    pub community: Sum,
    /// How safe it is for women.
    pub women: Sum,
}

impl Sum {
    fn add(&mut self, score: Option<u8>, sign: i64) {
        if let Some(score) = score {
            self.sum += sign * i64::from(score);
            self.count += sign;
        }
    }
}

impl From<Sum> for Mean {
    fn from(sum: Sum) -> Self {
        let natural = |number: i64| u64::try_from(number).unwrap_or_default();
        Self {
            sum: natural(sum.sum),
            count: natural(sum.count),
        }
    }
}

fn add(counts: &mut [i64; 5], score: u8, sign: i64) {
    let index = usize::from(score.clamp(1, 5) - 1);
    if let Some(count) = counts.get_mut(index) {
        *count += sign;
    }
}

impl Counts {
    /// Counts a change of this itinerary, or of what is said of it.
    pub fn apply(&mut self, change: &Change) {
        match *change {
            Change::Voted {
                subject: Subject::Itinerary(_),
                before,
                after,
                ..
            } => {
                let votes = self.votes().with(before, after);
                (self.upvotes, self.downvotes) = (votes.up, votes.down);
            }
            Change::Voted {
                subject: Subject::Rating(_),
                before,
                after,
                ..
            } => self.helpful += i64::from(after == Some(Vote::Up)) - i64::from(before == Some(Vote::Up)),
            Change::Viewed { .. } => self.views += 1,
            Change::Rated { before, after, .. } => {
                self.rate(before, -1);
                self.rate(after, 1);
            }
            Change::Reported { before, after, .. } => {
                self.report(before, -1);
                self.report(after, 1);
            }
            Change::Remixed { delta, .. } => self.remixes += delta,
            // Nothing that an itinerary counts.
            _ => {}
        }
    }

    fn rate(&mut self, scores: Option<Scores>, sign: i64) {
        let Some(scores) = scores else { return };
        add(&mut self.ratings, scores.overall, sign);
        if scores.verified {
            add(&mut self.verified_ratings, scores.overall, sign);
        }
        self.accommodation.add(scores.accommodation, sign);
        self.route.add(scores.route, sign);
        self.community.add(scores.community, sign);
        self.women.add(scores.women, sign);
    }

    fn report(&mut self, report: Option<Report>, sign: i64) {
        let Some(report) = report else { return };
        let known = IntelType::ALL.iter().zip(&mut self.intel);
        known
            .filter(|(intel_type, _)| **intel_type == report.intel_type)
            .for_each(|(_, count)| *count += sign);
        self.critical_intel += sign * i64::from(report.critical);
        self.resolved_intel += sign * i64::from(report.resolved);
    }

    /// Votes on it.
    pub const fn votes(&self) -> Tally {
        Tally {
            up: self.upvotes,
            down: self.downvotes,
        }
    }

    /// Its safety ratings.
    pub fn rated(&self) -> Mean {
        Mean::of(&self.ratings)
    }

    /// Its safety ratings by verified travellers.
    pub fn rated_by_verified(&self) -> Mean {
        Mean::of(&self.verified_ratings)
    }

    /// What a proof score looks at.
    pub fn reception(&self) -> Reception {
        Reception {
            votes: self.votes(),
            views: self.views,
            comments: self.comments,
            helpful: self.helpful,
            ratings: self.rated(),
        }
    }
}

#[cfg(test)]
mod tests {
    use tripsage_domain::ids::{ItineraryId, RatingId, UserId};
    use uuid::Uuid;

    use super::*;

    fn all() -> Vec<Change> {
        let (itinerary, by) = (ItineraryId::from_uuid(Uuid::nil()), UserId::from_uuid(Uuid::nil()));
        let rating = Subject::Rating(RatingId::from_uuid(Uuid::nil()));
        let scores = |overall, verified| Scores {
            overall,
            accommodation: Some(4),
            route: None,
            community: Some(overall),
            women: None,
            verified,
        };
        let voted = |subject, before, after| Change::Voted {
            subject,
            itinerary: Some(itinerary),
            before,
            after,
        };
        let rated = |before, after| Change::Rated {
            itinerary,
            by,
            before,
            after,
        };
        let report = |intel_type, resolved| Report {
            intel_type,
            critical: true,
            resolved,
        };
        let reported = |before, after| Change::Reported {
            itinerary,
            by,
            before,
            after,
        };
        let itself = Subject::Itinerary(itinerary);
        vec![
            voted(itself, None, Some(Vote::Up)),
            voted(itself, None, Some(Vote::Up)),
            voted(itself, Some(Vote::Up), Some(Vote::Down)),
            voted(rating, None, Some(Vote::Up)),
            voted(rating, None, Some(Vote::Down)),
            Change::Viewed { subject: itself },
            Change::Viewed { subject: itself },
            rated(None, Some(scores(3, false))),
            rated(None, Some(scores(5, true))),
            rated(Some(scores(3, false)), Some(scores(4, true))),
            rated(None, Some(scores(1, false))),
            rated(Some(scores(1, false)), None),
            reported(None, Some(report(IntelType::Tip, false))),
            reported(None, Some(report(IntelType::Warning, false))),
            reported(
                Some(report(IntelType::Warning, false)),
                Some(report(IntelType::Tip, true)),
            ),
            reported(None, Some(report(IntelType::Question, true))),
            reported(Some(report(IntelType::Question, true)), None),
            Change::Remixed { itinerary, delta: 1 },
            Change::Published {
                itinerary,
                by,
                delta: 1,
            },
        ]
    }

    #[test]
    fn every_change_is_counted_in_whatever_order() {
        let expected = Counts {
            upvotes: 1,
            downvotes: 1,
            views: 2,
            helpful: 1,
            remixes: 1,
            intel: [0, 0, 0, 0, 0, 2],
            critical_intel: 2,
            resolved_intel: 1,
            ratings: [0, 0, 0, 1, 1],
            verified_ratings: [0, 0, 0, 1, 1],
            accommodation: Sum { sum: 8, count: 2 },
            community: Sum { sum: 9, count: 2 },
            ..Counts::default()
        };
        let changes = all();
        for turn in 0..changes.len() {
            let mut counts = Counts::default();
            let (last, first) = changes.split_at(turn);
            first.iter().rev().chain(last).for_each(|change| counts.apply(change));
            assert_eq!(counts, expected, "from {turn}");
        }
        assert_eq!(expected.rated().thousandths(), Some(4500));
    }
}
