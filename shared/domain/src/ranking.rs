//! Who and what is ahead: leaderboards of a time, and what is talked about just now. Pure: whoever ranks has read
//! everything before.

use std::{
    cmp::Reverse,
    collections::{BTreeMap, BTreeSet, HashMap},
};

use jiff::{SignedDuration, Timestamp};

use crate::{
    ids::{ItineraryId, UserId},
    vocabulary::vocabulary,
};

/// Places on a board.
pub const PLACES: usize = 50;

/// Tags that count as trending when itineraries are ranked by them.
pub const TRENDING_TAGS: usize = 10;

/// How far back trends look.
pub const TREND: SignedDuration = SignedDuration::from_hours(24);

/// With fewer itineraries than this in that time, trends look at the newest, however old.
pub const TOO_FEW: usize = 20;

vocabulary!(
    /// What a leaderboard is about: itineraries that were published within this time.
    Timeframe {
        Week = "week",
        Month = "month",
        All = "all",
    }
);

impl Timeframe {
    /// When it begins.
    pub fn since(self, now: Timestamp) -> Option<Timestamp> {
        let days = match self {
            Self::Week => 7,
            Self::Month => 30,
            Self::All => return None,
        };
        Some(now - SignedDuration::from_hours(24 * days))
    }
}

/// An itinerary that may be ahead.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entrant {
    /// Which.
    pub id: ItineraryId,
    /// Whose.
    pub owner: UserId,
    /// When it was published.
    pub listed_at: Timestamp,
    /// Its proof score, in tenths.
    pub proof: u64,
}

/// A traveller who is ahead.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Leader {
    /// Who.
    pub user: UserId,
    /// The proof scores of their itineraries together, in tenths.
    pub credibility: u64,
    /// How many itineraries these are.
    pub itineraries: u64,
}

/// The itineraries with the best proof scores since a time, and the travellers whose itineraries have the most together.
/// Among equals, the newer itinerary, and whoever has more with fewer, comes first.
pub fn lead(entrants: &[Entrant], since: Option<Timestamp>) -> (Vec<ItineraryId>, Vec<Leader>) {
    let mut taking_part: Vec<&Entrant> = entrants
        .iter()
        .filter(|entrant| since.is_none_or(|since| since <= entrant.listed_at))
        .collect();
    let mut leaders: HashMap<UserId, Leader> = HashMap::new();
    for entrant in &taking_part {
        let leader = leaders.entry(entrant.owner).or_insert(Leader {
            user: entrant.owner,
            credibility: 0,
            itineraries: 0,
        });
        leader.credibility += entrant.proof;
        leader.itineraries += 1;
    }
    taking_part.sort_by_key(|entrant| (Reverse((entrant.proof, entrant.listed_at)), entrant.id));
    let mut leaders: Vec<Leader> = leaders.into_values().collect();
    leaders.sort_by_key(|leader| (Reverse(leader.credibility), leader.itineraries, leader.user));
    leaders.truncate(PLACES);
    (
        taking_part.iter().map(|entrant| entrant.id).take(PLACES).collect(),
        leaders,
    )
}

/// An itinerary that may be talked about.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names are the documentation")]
pub struct Talked {
    pub id: ItineraryId,
    pub tags: BTreeSet<String>,
    pub views: i64,
    pub helpful: i64,
    pub comments: i64,
    /// In tenths.
    pub proof: u64,
}

impl Talked {
    /// Views x 0.1 + helpful votes x 2 + comments x 3, in tenths.
    fn attention(&self) -> u64 {
        let natural = |number: i64| u64::try_from(number).unwrap_or_default();
        natural(self.views) + natural(self.helpful) * 20 + natural(self.comments) * 30
    }
}

/// A tag that is talked about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Trend {
    /// The tag.
    pub tag: String,
    /// Itineraries that have it, and a point for each hundred of the attention that they get together.
    pub points: u64,
    /// Itineraries that have it.
    pub count: u64,
}

/// The tags of these itineraries, those with most points first, and the itineraries that have most of the first tags
/// and get most attention.
pub fn trends(itineraries: &[Talked]) -> (Vec<Trend>, Vec<ItineraryId>) {
    let mut tags: BTreeMap<&str, (u64, u64)> = BTreeMap::new();
    for itinerary in itineraries {
        for tag in &itinerary.tags {
            let (count, attention) = tags.entry(tag).or_default();
            *count += 1;
            *attention += itinerary.attention();
        }
    }
    let mut found: Vec<Trend> = tags
        .into_iter()
        .map(|(tag, (count, attention))| Trend {
            tag: tag.to_owned(),
            points: count + attention / 1000,
            count,
        })
        .collect();
    // A stable sort: among equals, the alphabet decides.
    found.sort_by_key(|trend| Reverse((trend.points, trend.count)));
    found.truncate(PLACES);
    let first: BTreeSet<&str> = found
        .iter()
        .take(TRENDING_TAGS)
        .map(|trend| trend.tag.as_str())
        .collect();
    let score = |itinerary: &Talked| {
        let matched = itinerary.tags.iter().filter(|tag| first.contains(tag.as_str())).count() as u64;
        matched * 1000 + itinerary.attention() + itinerary.proof
    };
    let mut ranked: Vec<&Talked> = itineraries.iter().collect();
    ranked.sort_by_key(|itinerary| (Reverse(score(itinerary)), itinerary.id));
    (
        found,
        ranked.iter().map(|itinerary| itinerary.id).take(PLACES).collect(),
    )
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    fn itinerary(number: u128) -> ItineraryId {
        ItineraryId::from_uuid(Uuid::from_u128(number))
    }

    fn user(number: u128) -> UserId {
        UserId::from_uuid(Uuid::from_u128(number))
    }

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    #[test]
    fn a_leaderboard_is_of_its_time() {
        let entrant = |number, owner, listed_at, proof| Entrant {
            id: itinerary(number),
            owner: user(owner),
            listed_at: at(listed_at),
            proof,
        };
        let entrants = [
            entrant(1, 1, 100, 500),
            entrant(2, 2, 200, 700),
            entrant(3, 1, 300, 500),
            entrant(4, 3, 300, 700),
        ];
        let (first, leaders) = lead(&entrants, None);
        assert_eq!(first, [4, 2, 3, 1].map(itinerary));
        let found: Vec<_> = leaders.iter().map(|l| (l.user, l.credibility, l.itineraries)).collect();
        assert_eq!(found, [(user(1), 1000, 2), (user(2), 700, 1), (user(3), 700, 1)]);
        let (first, leaders) = lead(&entrants, Some(at(200)));
        assert_eq!(first, [4, 2, 3].map(itinerary));
        assert_eq!(leaders.first().map(|leader| leader.user), Some(user(2)));
        assert_eq!(lead(&[], None), (vec![], vec![]));
    }

    #[test]
    fn a_timeframe_begins_some_days_ago() {
        let now = at(100 * 86_400);
        assert_eq!(Timeframe::Week.since(now), Some(at(93 * 86_400)));
        assert_eq!(Timeframe::Month.since(now), Some(at(70 * 86_400)));
        assert_eq!(Timeframe::All.since(now), None);
    }

    #[test]
    fn a_tag_has_a_point_for_each_itinerary_and_for_each_hundred_of_attention() {
        let talked = |number, tags: &[&str], views, helpful, comments, proof| Talked {
            id: itinerary(number),
            tags: tags.iter().map(|tag| (*tag).to_owned()).collect(),
            views,
            helpful,
            comments,
            proof,
        };
        let itineraries = [
            talked(1, &["hiking", "food"], 0, 0, 0, 100),
            // 999.9 views' worth: 0.1 short of a hundred.
            talked(2, &["food"], 999, 0, 0, 200),
            talked(3, &["surfing"], 1000, 20, 20, 0),
            talked(4, &[], 0, 0, 0, 900),
        ];
        let (tags, ranked) = trends(&itineraries);
        let found: Vec<_> = tags.iter().map(|t| (t.tag.as_str(), t.points, t.count)).collect();
        assert_eq!(found, [("surfing", 3, 1), ("food", 2, 2), ("hiking", 1, 1)]);
        // 3: 1000 + 2000 + 0; 2: 1000 + 999 + 200; 1: 2000 + 0 + 100; 4: 900.
        assert_eq!(ranked, [3, 2, 1, 4].map(itinerary));
    }
}
