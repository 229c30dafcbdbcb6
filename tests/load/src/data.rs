//! Itineraries, ratings and votes of some hundreds of travellers: the same for the same seed.

use std::collections::{HashMap, HashSet};

use jiff::{SignedDuration, Timestamp};
use tripsage_domain::{
    change::{Change, Scores},
    ids::{ItineraryId, RatingId, UserId},
    itinerary::{Content, Difficulty, Itinerary, Narratives},
    proof::{Author, Maxima},
    rating::{Rating, RatingType, Verdict},
    votes::{Subject, Tally, Vote},
};
use tripsage_store::{
    itineraries::{Background, Counts},
    travellers::TravellerRow,
    users::UserRow,
};

use crate::chance::Chance;

/// Where itineraries go; the first more often than the last.
pub const CITIES: [&str; 40] = [
    "Tokyo, Japan",
    "Paris, France",
    "Lisbon, Portugal",
    "Bangkok, Thailand",
    "Rome, Italy",
    "Istanbul, Turkey",
    "Barcelona, Spain",
    "Kyoto, Japan",
    "Lima, Peru",
    "Cusco, Peru",
    "Hanoi, Vietnam",
    "Seoul, Korea",
    "Marrakesh, Morocco",
    "Reykjavik, Iceland",
    "Porto, Portugal",
    "Athens, Greece",
    "Cairo, Egypt",
    "Nairobi, Kenya",
    "Berlin, Germany",
    "Vienna, Austria",
    "Prague, Czechia",
    "Budapest, Hungary",
    "Krakow, Poland",
    "Oslo, Norway",
    "Bergen, Norway",
    "Delhi, India",
    "Jaipur, India",
    "Kochi, India",
    "Colombo, Sri Lanka",
    "Kathmandu, Nepal",
    "Pokhara, Nepal",
    "Bogota, Colombia",
    "Quito, Ecuador",
    "Santiago, Chile",
    "Mendoza, Argentina",
    "Havana, Cuba",
    "Oaxaca, Mexico",
    "Merida, Mexico",
    "Vancouver, Canada",
    "Wellington, New Zealand",
];

/// Where few itineraries go, however many there are: [`RARE`] of them.
pub const REMOTE: &str = "Ushuaia, Argentina";

/// How many go to [`REMOTE`].
pub const RARE: usize = 25;

/// What people do there.
pub const TAGS: [&str; 20] = [
    "food",
    "hiking",
    "culture",
    "museums",
    "beach",
    "diving",
    "surfing",
    "history",
    "architecture",
    "photography",
    "cycling",
    "trains",
    "markets",
    "temples",
    "wildlife",
    "climbing",
    "skiing",
    "music",
    "family",
    "wellness",
];

const KINDS: [&str; 12] = [
    "Slow days",
    "A long weekend",
    "Two weeks",
    "Hidden corners",
    "Street food",
    "Old towns",
    "By train",
    "On foot",
    "First time",
    "Family days",
    "Quiet mornings",
    "Night markets",
];

const WORDS: [&str; 24] = [
    "walk", "along", "the", "river", "to", "old", "market", "where", "small", "kitchens", "open", "early", "and",
    "stay", "near", "station", "because", "evenings", "are", "calm", "take", "local", "bus", "uphill",
];

const LEVELS: [Difficulty; 4] = [
    Difficulty::Easy,
    Difficulty::Moderate,
    Difficulty::Difficult,
    Difficulty::Expert,
];

/// How much to make.
#[derive(Debug, Clone, Copy)]
pub struct Size {
    /// Published itineraries.
    pub itineraries: usize,
    /// Ratings of them.
    pub ratings: usize,
    /// Travellers who wrote both.
    pub travellers: usize,
}

/// That somebody voted for an itinerary, or called a rating of it helpful.
#[derive(Debug, Clone)]
pub struct Upvote {
    /// Who.
    pub by: UserId,
    /// What for.
    pub subject: Subject,
    /// The itinerary, when it is for a rating.
    pub itinerary: Option<ItineraryId>,
}

/// An itinerary with what others have said of it.
#[derive(Debug, Clone)]
pub struct Published {
    /// It.
    pub itinerary: Itinerary,
    /// What is counted of it.
    pub counts: Counts,
    /// What its proof score is measured by.
    pub background: Background,
    /// Its ratings, with the votes on each.
    pub ratings: Vec<(Rating, Tally)>,
    /// Votes for it and for its ratings.
    pub upvotes: Vec<Upvote>,
}

/// Everything.
#[derive(Debug)]
pub struct Data {
    /// Who wrote it, with what they have contributed.
    pub travellers: Vec<(UserRow, TravellerRow)>,
    /// What was published. Whoever rated an itinerary has seen it.
    pub published: Vec<Published>,
}

impl Data {
    /// Makes it; nothing of it is later than `until`.
    pub fn generate(seed: u64, size: Size, until: Timestamp) -> Self {
        let mut chance = Chance::new(seed);
        let mut travellers: Vec<_> = (0..size.travellers.max(2))
            .map(|number| traveller(&mut chance, number, until))
            .collect();
        let mut published: Vec<_> = (0..size.itineraries)
            .map(|number| {
                let owner = travellers[chance.skewed(travellers.len())].0.id;
                let every = size.itineraries.div_ceil(RARE).max(1);
                itinerary(&mut chance, owner, number % every == 0, until)
            })
            .collect();
        rate(&mut chance, size.ratings, &travellers, &mut published, until);
        let mut data = Self {
            travellers: Vec::new(),
            published,
        };
        data.count(&mut travellers);
        data.travellers = travellers;
        data
    }

    /// Counts everything as the projector does, and measures proof scores as the scheduler does.
    fn count(&mut self, travellers: &mut [(UserRow, TravellerRow)]) {
        let places: HashMap<UserId, usize> = travellers
            .iter()
            .enumerate()
            .map(|(at, (user, _))| (user.id, at))
            .collect();
        for one in &mut self.published {
            let (id, owner) = (one.itinerary.id, one.itinerary.owner);
            travellers[places[&owner]].1.apply(&Change::Published {
                itinerary: id,
                by: owner,
                delta: 1,
            });
            for (rating, _) in &one.ratings {
                let change = Change::Rated {
                    itinerary: id,
                    by: rating.by,
                    before: None,
                    after: Some(scores(rating)),
                };
                one.counts.apply(&change);
                one.counts.apply(&Change::Viewed {
                    subject: Subject::Itinerary(id),
                });
                travellers[places[&rating.by]].1.apply(&change);
            }
            for upvote in &one.upvotes {
                one.counts.apply(&Change::Voted {
                    subject: upvote.subject,
                    itinerary: upvote.itinerary,
                    before: None,
                    after: Some(Vote::Up),
                });
            }
        }
        let contributions = |owner: &UserId| travellers[places[owner]].1.contributions();
        let maxima = self.published.iter().fold(Maxima::default(), |maxima, one| {
            maxima.with(contributions(&one.itinerary.owner), &one.counts.reception())
        });
        for one in &mut self.published {
            let user = &travellers[places[&one.itinerary.owner]].0;
            one.background = Background {
                author: Author {
                    is_verified: user.email_verified,
                    bio_length: user.bio.as_ref().map_or(0, |bio| bio.chars().count() as u64),
                    ..Author::default()
                },
                contributions: contributions(&one.itinerary.owner),
                maxima,
            };
        }
    }
}

fn scores(rating: &Rating) -> Scores {
    let verdict = &rating.verdict;
    Scores {
        overall: verdict.overall,
        accommodation: verdict.accommodation,
        route: verdict.route,
        community: verdict.community,
        women: verdict.women,
        verified: rating.verified,
    }
}

fn text(chance: &mut Chance, words: usize) -> String {
    let words: Vec<&str> = (0..words).filter_map(|_| chance.one(&WORDS).copied()).collect();
    words.join(" ")
}

/// Some time in the days before `until`, to the millisecond: entries of the catalogue keep no more.
fn before(chance: &mut Chance, days: usize, until: Timestamp) -> Timestamp {
    let ago = chance.below(days * 86_400_000);
    let ago = SignedDuration::from_millis(i64::try_from(ago).unwrap_or_default());
    let at = until.checked_sub(ago).unwrap_or(until);
    Timestamp::from_millisecond(at.as_millisecond()).unwrap_or(until)
}

fn traveller(chance: &mut Chance, number: usize, until: Timestamp) -> (UserRow, TravellerRow) {
    let id = UserId::from_uuid(chance.uuid());
    let username = format!("traveller{number}");
    let created_at = before(chance, 30, until - SignedDuration::from_hours(24 * 400));
    let user = UserRow {
        id,
        email: format!("{username}@example.com"),
        email_verified: chance.percent(70),
        display_name: Some(format!("Traveller {number}")),
        username,
        full_name: None,
        bio: chance.percent(60).then(|| text(chance, 30)),
        avatar_url: None,
        travel_style: None,
        travel_interests: Vec::new(),
        gender: None,
        role: "user".to_owned(),
        created_at,
        updated_at: created_at,
        suspended_at: None,
        deletion_due: None,
    };
    (user, TravellerRow::new(id))
}

fn itinerary(chance: &mut Chance, owner: UserId, is_remote: bool, until: Timestamp) -> Published {
    let city = CITIES[chance.skewed(CITIES.len())];
    let destination = if is_remote { REMOTE } else { city };
    let place = destination.split(',').next().unwrap_or(destination);
    let kind = chance.one(&KINDS).copied().unwrap_or_default();
    let mut activity_tags: Vec<String> = Vec::new();
    for _ in 0..=chance.below(4) {
        let tag = TAGS[chance.skewed(TAGS.len())].to_owned();
        if !activity_tags.contains(&tag) {
            activity_tags.push(tag);
        }
    }
    let mut narrative = |percent| chance.percent(percent).then(|| text(chance, 40));
    let narratives = Narratives {
        trip_highlights: narrative(60),
        safety_tips: narrative(40),
        hidden_gems: narrative(30),
        ..Narratives::default()
    };
    let content = Content {
        title: format!("{kind} in {place}"),
        tagline: None,
        description: {
            let words = 30 + chance.below(200);
            text(chance, words)
        },
        destination: destination.to_owned(),
        regions: Vec::new(),
        start_date: None,
        end_date: None,
        days: u16::try_from(1 + chance.below(20)).ok(),
        difficulty: chance.percent(90).then(|| LEVELS[chance.skewed(LEVELS.len())]),
        budget: None,
        budget_range: None,
        travel_style: None,
        activity_tags,
        companions: Vec::new(),
        route_map_url: None,
        demo_url: None,
        starting_point: None,
        ending_point: None,
        best_season: None,
        women_safe_certified: chance.percent(30),
        narratives,
        screenshots: Vec::new(),
        categories: Vec::new(),
    };
    let created_at = before(chance, 360, until);
    let mut itinerary = Itinerary::new(ItineraryId::from_uuid(chance.uuid()), owner, content, created_at);
    itinerary.publish(true, created_at);
    Published {
        itinerary,
        counts: Counts::default(),
        background: Background::default(),
        ratings: Vec::new(),
        upvotes: Vec::new(),
    }
}

/// Ratings by others than the author, one each; popular itineraries have more of them.
fn rate(
    chance: &mut Chance,
    count: usize,
    travellers: &[(UserRow, TravellerRow)],
    published: &mut [Published],
    until: Timestamp,
) {
    let possible = published.len() * (travellers.len() - 1);
    let mut pairs = HashSet::new();
    while pairs.len() < count.min(possible / 2) {
        let (at, by) = (chance.skewed(published.len()), chance.below(travellers.len()));
        let (one, user) = (&mut published[at], &travellers[by].0);
        if one.itinerary.owner == user.id || !pairs.insert((at, by)) {
            continue;
        }
        let id = RatingId::from_uuid(chance.uuid());
        let itinerary = one.itinerary.id;
        let age = until.duration_since(one.itinerary.created_at).as_millis();
        let later = chance.below(usize::try_from(age).unwrap_or_default());
        let later = SignedDuration::from_millis(i64::try_from(later).unwrap_or_default());
        let at = one.itinerary.created_at + later;
        let score = |chance: &mut Chance| u8::try_from(5 - chance.skewed(5)).unwrap_or(5);
        let verdict = Verdict {
            overall: score(chance),
            rating_type: RatingType::Overall,
            feedback: chance.percent(50).then(|| text(chance, 20)),
            accommodation: chance.percent(50).then(|| score(chance)),
            route: chance.percent(50).then(|| score(chance)),
            community: None,
            women: chance.percent(30).then(|| score(chance)),
            experienced_on: None,
            photos: Vec::new(),
            alert_filed: false,
        };
        let rating = Rating {
            id,
            itinerary,
            by: user.id,
            verdict,
            verified: user.email_verified,
            created_at: at,
            updated_at: at,
            version: 1,
        };
        if chance.percent(50) {
            one.upvotes.push(Upvote {
                by: user.id,
                subject: Subject::Itinerary(itinerary),
                itinerary: None,
            });
        }
        let mut votes = Tally::default();
        if chance.percent(25) {
            // Somebody else's.
            let reader = travellers[(by + 1) % travellers.len()].0.id;
            one.upvotes.push(Upvote {
                by: reader,
                subject: Subject::Rating(id),
                itinerary: Some(itinerary),
            });
            votes.up += 1;
        }
        one.ratings.push((rating, votes));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SIZE: Size = Size {
        itineraries: 200,
        ratings: 1000,
        travellers: 50,
    };

    fn until() -> Timestamp {
        Timestamp::from_second(1_800_000_000).unwrap()
    }

    #[test]
    fn the_same_seed_gives_the_same_data() {
        let made = |seed| format!("{:?}", Data::generate(seed, SIZE, until()).published);
        assert_eq!(made(7), made(7));
        assert_ne!(made(7), made(8));
    }

    #[test]
    fn everything_is_there_and_counted() {
        let data = Data::generate(7, SIZE, until());
        assert_eq!((data.travellers.len(), data.published.len()), (50, 200));
        let ratings: usize = data.published.iter().map(|one| one.ratings.len()).sum();
        assert_eq!(ratings, 1000);
        for one in &data.published {
            assert_eq!(one.counts.rated().count, one.ratings.len() as u64);
            assert!(one.ratings.iter().all(|(rating, _)| rating.by != one.itinerary.owner));
            assert!(
                one.ratings
                    .iter()
                    .all(|(rating, _)| rating.created_at >= one.itinerary.created_at)
            );
        }
        let remote = data
            .published
            .iter()
            .filter(|one| one.itinerary.content.destination == REMOTE);
        assert_eq!(remote.count(), RARE);
        let given: i64 = data.travellers.iter().map(|(_, row)| row.ratings).sum();
        assert_eq!(given, 1000);
    }
}
