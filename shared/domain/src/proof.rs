//! How far an itinerary can be trusted: five components of 0 to 20 points, each with its reasons. Points are whole
//! tenths, each part rounded half up, so that the parts add up to what is shown.

use crate::{itinerary::Itinerary, mean::Mean, votes::Tally};

/// Points of one component at most, in tenths.
pub const MOST: u64 = 200;

/// What is known of who wrote the itinerary.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Author {
    /// Whether they have shown that their e-mail address is theirs: what this product knows of an identity.
    pub is_verified: bool,
    /// Whether they are a verified guide for women.
    pub is_guide: bool,
    /// Whether they hold a certificate that is in force, such as first aid.
    pub is_certified: bool,
    /// Characters of what they say of themselves.
    pub bio_length: u64,
}

/// What a traveller has contributed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Contributions {
    /// Itineraries of theirs that everybody can see.
    pub itineraries: i64,
    /// Travel intel that they have posted: the snaps of the formula.
    pub snaps: i64,
    /// Safety ratings that they have given.
    pub ratings: i64,
    /// Those of their ratings that they gave as verified travellers.
    pub verified: i64,
}

impl Contributions {
    /// The larger of each.
    #[must_use]
    pub fn max(self, other: Self) -> Self {
        Self {
            itineraries: self.itineraries.max(other.itineraries),
            snaps: self.snaps.max(other.snaps),
            ratings: self.ratings.max(other.ratings),
            verified: self.verified.max(other.verified),
        }
    }
}

/// What the itinerary is made of.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Substance {
    /// Characters of the description.
    pub description_length: u64,
    /// How many of the seven longer texts there are.
    pub narratives: u64,
    /// Pictures.
    pub photos: u64,
    /// Whether there is a route.
    pub has_route: bool,
    /// Whether the route has waypoints.
    pub has_waypoints: bool,
}

impl Substance {
    /// Of an itinerary as it is.
    pub fn of(itinerary: &Itinerary) -> Self {
        let content = &itinerary.content;
        Self {
            description_length: content.description.chars().count() as u64,
            narratives: content.narratives.count() as u64,
            photos: content.screenshots.len() as u64,
            has_route: itinerary.has_gps(),
            has_waypoints: itinerary.route.as_ref().is_some_and(|route| route.waypoints > 0),
        }
    }
}

/// What others made of it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Reception {
    /// Votes on it.
    pub votes: Tally,
    /// Who has seen it.
    pub views: i64,
    /// Comments on it.
    pub comments: i64,
    /// Helpful votes on its ratings.
    pub helpful: i64,
    /// Its safety ratings, of all travellers.
    pub ratings: Mean,
}

/// The most that any itinerary, or the author of any, has: what a full score is measured by. Nought where nobody has
/// any, and then nobody gets points for it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Maxima {
    /// Of authors.
    pub contributions: Contributions,
    /// Views of one itinerary.
    pub views: i64,
    /// Comments on one itinerary.
    pub comments: i64,
    /// Helpful votes on the ratings of one itinerary.
    pub helpful: i64,
}

impl Maxima {
    /// The larger of these and of what one itinerary and its author have.
    #[must_use]
    pub fn with(self, contributions: Contributions, reception: &Reception) -> Self {
        Self {
            contributions: self.contributions.max(contributions),
            views: self.views.max(reception.views),
            comments: self.comments.max(reception.comments),
            helpful: self.helpful.max(reception.helpful),
        }
    }
}

/// Everything that a proof score is made of.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[expect(missing_docs, reason = "the types say it")]
pub struct Evidence {
    pub author: Author,
    pub contributions: Contributions,
    pub substance: Substance,
    pub reception: Reception,
    pub maxima: Maxima,
}

/// One reason for points.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Part {
    /// Its name.
    pub name: &'static str,
    /// Points, in tenths.
    pub score: u64,
    /// Points that there are, in tenths.
    pub max: u64,
    /// What was counted; 0 or 1 for what is so or not.
    pub value: i64,
    /// What would bring more.
    advice: &'static str,
}

/// Some of the points, with their reasons.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Component {
    /// Its name.
    pub name: &'static str,
    /// The reasons.
    pub parts: Vec<Part>,
}

impl Component {
    /// Points, in tenths.
    pub fn score(&self) -> u64 {
        self.parts.iter().map(|part| part.score).sum::<u64>().min(MOST)
    }

    /// Points in thousandths of what there is.
    pub fn share(&self) -> u64 {
        self.score() * 1000 / MOST
    }

    /// In a sentence: how good it is, and what would bring most.
    pub fn summary(&self) -> String {
        let level = match self.share() {
            1000 => return "Complete".to_owned(),
            750.. => "Strong",
            400.. => "Fair",
            _ => "Little so far",
        };
        let missing = self.parts.iter().rev().max_by_key(|part| part.max - part.score);
        let advice = missing.map_or("", |part| part.advice);
        format!("{level}; what would bring most: {advice}")
    }
}

/// A proof score with its reasons.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names are the documentation")]
pub struct Proof {
    pub identity: Component,
    pub travel_history: Component,
    pub community: Component,
    pub safety: Component,
    pub quality: Component,
}

impl Proof {
    /// The components, in the order in which they are shown.
    pub fn components(&self) -> [&Component; 5] {
        [
            &self.identity,
            &self.travel_history,
            &self.community,
            &self.safety,
            &self.quality,
        ]
    }

    /// All points, in tenths: 0 to 1000.
    pub fn score(&self) -> u64 {
        self.components().into_iter().map(Component::score).sum()
    }
}

/// Points for something that is so or not.
const fn flag(name: &'static str, is_so: bool, max: u64, advice: &'static str) -> Part {
    Part {
        name,
        score: if is_so { max } else { 0 },
        max,
        value: is_so as i64,
        advice,
    }
}

/// Points in proportion to the most that anybody has.
fn share(name: &'static str, value: i64, most: i64, max: u64, advice: &'static str) -> Part {
    let natural = |number: i64| u64::try_from(number).unwrap_or_default();
    let (value_of, most) = (natural(value), natural(most));
    // Who has just become the first has more than the most that was known.
    let score = if most == 0 {
        0
    } else {
        (2 * max * value_of.min(most) + most) / (2 * most)
    };
    Part {
        name,
        score,
        max,
        value: value.max(0),
        advice,
    }
}

fn counted(value: u64) -> i64 {
    i64::try_from(value).unwrap_or(i64::MAX)
}

impl Evidence {
    /// The score.
    pub fn proof(&self) -> Proof {
        let component = |name, parts| Component { name, parts };
        Proof {
            identity: component("identity", self.identity()),
            travel_history: component("travel_history", self.travel_history()),
            community: component("community", self.community()),
            safety: component("safety", self.safety()),
            quality: component("quality", self.quality()),
        }
    }

    fn identity(&self) -> Vec<Part> {
        let author = &self.author;
        vec![
            flag(
                "verified_identity",
                author.is_verified,
                100,
                "a verified e-mail address",
            ),
            flag("women_guide", author.is_guide, 50, "being a verified guide for women"),
            flag(
                "certifications",
                author.is_certified,
                30,
                "a certificate that is in force",
            ),
            Part {
                value: counted(author.bio_length),
                ..flag(
                    "bio",
                    author.bio_length > 50,
                    20,
                    "a biography of more than 50 characters",
                )
            },
        ]
    }

    fn travel_history(&self) -> Vec<Part> {
        let (has, most) = (&self.contributions, &self.maxima.contributions);
        vec![
            share(
                "itineraries",
                has.itineraries,
                most.itineraries,
                80,
                "more itineraries by the author",
            ),
            share("snaps", has.snaps, most.snaps, 60, "more travel intel by the author"),
            share(
                "ratings",
                has.ratings,
                most.ratings,
                40,
                "more safety ratings by the author",
            ),
            share(
                "verified",
                has.verified,
                most.verified,
                20,
                "more verified contributions by the author",
            ),
        ]
    }

    fn community(&self) -> Vec<Part> {
        let (has, most) = (&self.reception, &self.maxima);
        let votes = has.votes.up.max(0) + has.votes.down.max(0);
        vec![
            share("upvote_ratio", has.votes.up, votes, 80, "a larger share of upvotes"),
            share("views", has.views, most.views, 60, "more views"),
            share("comments", has.comments, most.comments, 40, "more comments"),
            share(
                "helpful",
                has.helpful,
                most.helpful,
                20,
                "more ratings that others find helpful",
            ),
        ]
    }

    fn safety(&self) -> Vec<Part> {
        let ratings = self.reception.ratings;
        let (sum, full) = (counted(ratings.sum), counted(ratings.count * 5));
        vec![
            share("average_rating", sum, full, MOST, "better safety ratings"),
            Part {
                value: counted(ratings.count),
                ..flag("enough_ratings", ratings.count >= 3, 20, "three safety ratings or more")
            },
        ]
    }

    fn quality(&self) -> Vec<Part> {
        let substance = &self.substance;
        let description = match substance.description_length {
            301.. => 50,
            151.. => 40,
            51.. => 30,
            21.. => 15,
            _ => 0,
        };
        let part = |name, score, max, value, advice| Part {
            name,
            score,
            max,
            value: counted(value),
            advice,
        };
        let (narratives, photos) = (substance.narratives, substance.photos);
        vec![
            part(
                "description",
                description,
                50,
                substance.description_length,
                "a longer description",
            ),
            part(
                "narratives",
                narratives.min(7) * 10,
                70,
                narratives,
                "more about highlights, days, gems and safety",
            ),
            part("photos", (photos.min(10) * 15).min(50), 50, photos, "more pictures"),
            flag("route", substance.has_route, 20, "a route"),
            flag("waypoints", substance.has_waypoints, 10, "waypoints on the route"),
        ]
    }
}

/// The safety score: the mean of what verified travellers said, if any did, else of what all said. In thousandths.
pub fn safety_score(verified: Mean, all: Mean) -> Option<u64> {
    verified.thousandths().or(all.thousandths())
}

/// What becomes of the feed's heat as an itinerary gets older is the same for all, so it is left out, and the moment at
/// which it was made put in its place: the order is the same, and never changes by itself. In tenths.
pub fn heat(proof_tenths: u64, comments: i64, upvotes: i64, created_hours: i64) -> i64 {
    counted(proof_tenths) / 2 + comments.max(0) * 20 + upvotes.max(0) * 15 + created_hours
}

#[cfg(test)]
#[path = "proof_tests.rs"]
mod tests;
