use super::{Direction, Score, SortBy, choice::by_known, names::similar, score::against_least};
use crate::{money::Money, trip::Coordinates};

/// What is known of somewhere to stay, as far as choosing depends on it.
#[derive(Debug, Clone)]
pub struct StayFacts {
    /// Its name.
    pub name: String,
    /// Where it lies.
    pub at: Option<Coordinates>,
    /// For all nights and rooms.
    pub price: Option<Money>,
    /// What guests think of it, 0 to 10.
    pub rating: Option<f64>,
    /// By how many.
    pub ratings: Option<u32>,
    /// What it has, in lower case.
    pub amenities: Vec<String>,
    /// `hotel`, `home` and so on: what it is.
    pub kind: &'static str,
}

/// What a traveller will not do without. What is not known of a stay does not meet a demand.
#[derive(Debug, Clone, Default)]
pub struct StayCriteria {
    /// Centre of the search.
    pub center: Option<Coordinates>,
    /// How far from it at most.
    pub max_km: Option<f64>,
    /// For all nights and rooms; says nothing about prices in another currency.
    pub min_price: Option<Money>,
    /// The same at most.
    pub max_price: Option<Money>,
    /// 0 to 10.
    pub min_rating: Option<f64>,
    /// All of them, in lower case.
    pub amenities: Vec<String>,
    /// One of them; any when empty.
    pub kinds: Vec<String>,
}

impl StayCriteria {
    fn admits(&self, facts: &StayFacts) -> bool {
        let within = |limit: Option<Money>, holds: fn(i64, i64) -> bool| match (limit, facts.price) {
            (None, _) => true,
            (Some(_), None) => false,
            (Some(limit), Some(price)) => limit.currency != price.currency || holds(price.minor, limit.minor),
        };
        let near = self
            .max_km
            .is_none_or(|most| self.distance(facts).is_some_and(|km| km <= most));
        let has = |wanted: &String| facts.amenities.iter().any(|amenity| amenity.contains(wanted.as_str()));
        within(self.min_price, |price, least| price >= least)
            && within(self.max_price, |price, most| price <= most)
            && near
            && self
                .min_rating
                .is_none_or(|least| facts.rating.is_some_and(|rating| rating >= least))
            && self.amenities.iter().all(has)
            && (self.kinds.is_empty() || self.kinds.iter().any(|kind| kind == facts.kind))
    }

    /// Kilometres from the centre.
    pub fn distance(&self, facts: &StayFacts) -> Option<f64> {
        Some(kilometres(self.center?, facts.at?))
    }
}

/// What stays are sorted by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StayOrder {
    /// The whole score.
    Relevance,
    /// The price.
    Price,
    /// What guests think.
    Rating,
    /// Distance from the centre of the search.
    Distance,
}

impl SortBy for StayOrder {
    const NAMES: &'static [(&'static str, Self)] = &[
        ("relevance", Self::Relevance),
        ("price", Self::Price),
        ("rating", Self::Rating),
        ("distance", Self::Distance),
    ];

    const ALIASES: &'static [(&'static str, Self, Option<Direction>)] = &[
        ("price_asc", Self::Price, Some(Direction::Ascending)),
        ("price_desc", Self::Price, Some(Direction::Descending)),
    ];

    fn natural(self) -> Direction {
        match self {
            Self::Relevance | Self::Rating => Direction::Descending,
            Self::Price | Self::Distance => Direction::Ascending,
        }
    }
}

/// A stay that is shown, with what it is among all that were found.
#[derive(Debug, Clone, PartialEq)]
pub struct StayMerits {
    /// Its number in the list.
    pub index: usize,
    /// Numbers of the same place as others offer it.
    pub also: Vec<usize>,
    /// How good it is.
    pub score: Score,
    /// Kilometres from the centre of the search.
    pub distance_km: Option<f64>,
}

/// What counts how much: see `docs/api-design.md`.
const PRICE: f64 = 0.45;
const RATING: f64 = 0.30;
const LOCATION: f64 = 0.25;

/// Closer than this, with similar names, two listings are one place.
const SAME_PLACE_KM: f64 = 0.075;

/// Groups what is the same place: each group begins with its cheapest listing.
pub fn merge_stays(all: &[StayFacts]) -> Vec<Vec<usize>> {
    let mut groups: Vec<Vec<usize>> = Vec::new();
    for (at, facts) in all.iter().enumerate() {
        let same = |group: &&mut Vec<usize>| {
            group
                .first()
                .and_then(|first| all.get(*first))
                .is_some_and(|first| is_same_place(first, facts))
        };
        match groups.iter_mut().find(same) {
            Some(group) => group.push(at),
            None => groups.push(vec![at]),
        }
    }
    for group in &mut groups {
        let price = |at: &usize| all.get(*at).and_then(|facts| facts.price).map(|price| price.minor);
        group.sort_by(|a, b| by_known(price(a), price(b), Direction::Ascending).then(a.cmp(b)));
    }
    groups
}

fn is_same_place(a: &StayFacts, b: &StayFacts) -> bool {
    let close = matches!((a.at, b.at), (Some(a), Some(b)) if kilometres(a, b) <= SAME_PLACE_KM);
    close && similar(&a.name, &b.name)
}

/// Merges, leaves out what the criteria refuse, scores and sorts.
pub fn rank_stays(
    all: &[StayFacts],
    criteria: &StayCriteria,
    order: StayOrder,
    direction: Direction,
) -> Vec<StayMerits> {
    let least = |currency: &str| {
        let prices = all
            .iter()
            .filter_map(|facts| facts.price)
            .filter(|price| price.currency.code() == currency);
        prices.map(|price| price.minor).min()
    };
    let mut kept: Vec<(&StayFacts, StayMerits)> = merge_stays(all)
        .into_iter()
        .filter_map(|group| {
            let (index, also) = group.split_first()?;
            let facts = all.get(*index)?;
            let distance_km = criteria.distance(facts);
            #[expect(clippy::cast_precision_loss, reason = "prices are below 2^53 minor units")]
            let price = facts.price.and_then(|price| {
                let least = least(price.currency.code())?;
                Some(against_least(price.minor as f64, least as f64))
            });
            let score = Score::of(&[
                ("price", PRICE, Some(price.unwrap_or(0.0))),
                ("rating", RATING, Some(confidence(facts))),
                // Half as good at two kilometres from the centre.
                ("location", LOCATION, distance_km.map(|km| 2.0 / (2.0 + km))),
            ]);
            let merits = StayMerits {
                index: *index,
                also: also.to_vec(),
                score,
                distance_km,
            };
            criteria.admits(facts).then_some((facts, merits))
        })
        .collect();
    kept.sort_by(|(a, x), (b, y)| {
        let price = |facts: &StayFacts| facts.price.map(|price| price.minor);
        let first = match order {
            StayOrder::Relevance => by_known(Some(x.score.total), Some(y.score.total), direction),
            StayOrder::Price => by_known(price(a), price(b), direction),
            StayOrder::Rating => by_known(a.rating, b.rating, direction),
            StayOrder::Distance => by_known(x.distance_km, y.distance_km, direction),
        };
        first
            .then_with(|| by_known(price(a), price(b), Direction::Ascending))
            .then_with(|| (&a.name, x.index).cmp(&(&b.name, y.index)))
    });
    kept.into_iter().map(|(_, merits)| merits).collect()
}

/// 0 to 1: the rating, drawn towards 6 of 10 while only a few people gave it.
fn confidence(facts: &StayFacts) -> f64 {
    let Some(rating) = facts.rating else { return 0.5 };
    let people = f64::from(facts.ratings.unwrap_or(1));
    (rating * people + 6.0 * 10.0) / (people + 10.0) / 10.0
}

/// On a sphere of 6,371 km.
fn kilometres(a: Coordinates, b: Coordinates) -> f64 {
    let (p, q) = (a.latitude.to_radians(), b.latitude.to_radians());
    let half = ((q - p) / 2.0).sin().powi(2)
        + p.cos() * q.cos() * ((b.longitude - a.longitude).to_radians() / 2.0).sin().powi(2);
    2.0 * 6371.0 * half.sqrt().min(1.0).asin()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::money::Currency;

    fn stay(name: &str, metres: f64, minor: Option<i64>, rating: Option<f64>) -> StayFacts {
        StayFacts {
            name: name.to_owned(),
            at: Coordinates::new(47.0 + metres / 111_195.0, 8.0).ok(),
            price: minor.map(|minor| Money::new(minor, Currency::USD).unwrap()),
            rating,
            ratings: rating.map(|_| 200),
            amenities: vec!["wifi".to_owned()],
            kind: "hotel",
        }
    }

    fn stays() -> Vec<StayFacts> {
        vec![
            stay("Hotel Schweizerhof", 0.0, Some(20_000), Some(9.0)),
            stay("Schweizerhof", 70.0, Some(18_000), Some(8.8)),
            stay("Schweizerhof", 90.0 * 1000.0, Some(17_000), None),
            stay("Youth Hostel", 10.0, Some(5_000), Some(7.0)),
            stay("No price", 500.0, None, Some(8.0)),
        ]
    }

    fn criteria() -> StayCriteria {
        StayCriteria {
            center: Coordinates::new(47.0, 8.0).ok(),
            ..StayCriteria::default()
        }
    }

    fn names(criteria: &StayCriteria, order: StayOrder) -> Vec<usize> {
        let ranked = rank_stays(&stays(), criteria, order, order.natural());
        ranked.iter().map(|merits| merits.index).collect()
    }

    #[test]
    fn one_place_stands_once_at_its_lowest_price() {
        assert_eq!(merge_stays(&stays()), [vec![1, 0], vec![2], vec![3], vec![4]]);
        let mut apart = stays();
        apart[1].at = stay("", 80.0, None, None).at;
        assert_eq!(merge_stays(&apart).len(), 5, "80 metres are another place");
    }

    #[test]
    fn stays_are_filtered_and_sorted() {
        let all = criteria();
        assert_eq!(
            names(&all, StayOrder::Price),
            [3, 2, 1, 4],
            "without a price comes last"
        );
        assert_eq!(names(&all, StayOrder::Rating), [1, 4, 3, 2]);
        assert_eq!(names(&all, StayOrder::Distance), [3, 1, 4, 2]);
        let near = StayCriteria {
            max_km: Some(1.0),
            ..criteria()
        };
        assert_eq!(names(&near, StayOrder::Price), [3, 1, 4]);
        let cheap = StayCriteria {
            max_price: Money::new(18_000, Currency::USD).ok(),
            ..criteria()
        };
        assert_eq!(names(&cheap, StayOrder::Price), [3, 2, 1]);
        let good = StayCriteria {
            min_rating: Some(8.0),
            ..criteria()
        };
        assert_eq!(names(&good, StayOrder::Price), [1, 4]);
        let pool = StayCriteria {
            amenities: vec!["pool".to_owned()],
            ..criteria()
        };
        assert!(names(&pool, StayOrder::Price).is_empty());
        let homes = StayCriteria {
            kinds: vec!["home".to_owned()],
            ..criteria()
        };
        assert!(names(&homes, StayOrder::Price).is_empty());
    }

    #[test]
    fn a_rating_of_few_counts_less() {
        let mut few = stay("a", 0.0, None, Some(10.0));
        few.ratings = Some(1);
        assert!(confidence(&few) < confidence(&stay("b", 0.0, None, Some(9.0))));
        assert_eq!(confidence(&stay("c", 0.0, None, None)), 0.5);
    }
}
