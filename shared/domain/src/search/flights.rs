use std::{
    cmp::Ordering,
    collections::{BTreeMap, BTreeSet},
};

use jiff::civil::DateTime;

use super::{
    Direction, Score, SortBy,
    choice::by_known,
    score::{against_least, rounded},
};
use crate::money::{Currency, Money};

/// One flight as far as telling offers apart needs it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Leg {
    /// Code of the airline whose number it has.
    pub carrier: String,
    /// That number.
    pub number: String,
    /// Airport of departure.
    pub origin: String,
    /// Airport of arrival.
    pub destination: String,
    /// On the clocks of the origin.
    pub departs: DateTime,
    /// On the clocks of the destination.
    pub arrives: DateTime,
}

/// What is known of an offer, as far as choosing depends on it.
#[derive(Debug, Clone)]
pub struct FlightFacts {
    /// For everybody.
    pub price: Money,
    /// All directions together; `None`: not known.
    pub minutes: Option<u32>,
    /// Changes and landings on the way, for each direction.
    pub stops: Vec<usize>,
    /// Flights of each direction.
    pub slices: Vec<Vec<Leg>>,
    /// Class of cabin, bags and what else makes two offers of the same flights different, in one text.
    pub fare: String,
    /// Carbon dioxide for everybody.
    pub emissions_kg: Option<u32>,
}

impl FlightFacts {
    fn legs(&self) -> impl Iterator<Item = &Leg> {
        self.slices.iter().flatten()
    }

    fn departs(&self) -> Option<DateTime> {
        self.legs().next().map(|leg| leg.departs)
    }

    fn arrives(&self) -> Option<DateTime> {
        self.legs().last().map(|leg| leg.arrives)
    }

    fn most_stops(&self) -> usize {
        self.stops.iter().copied().max().unwrap_or(0)
    }
}

/// What a traveller will not do without. Airlines are IATA codes in upper case.
#[derive(Debug, Clone, Default)]
pub struct FlightCriteria {
    /// Changes and landings on the way at most, in each direction.
    pub max_stops: Option<usize>,
    /// For everybody; says nothing about offers in another currency.
    pub max_price: Option<Money>,
    /// Their flights gain: they come first among equals, and score better. Nothing is left out.
    pub preferred: BTreeSet<String>,
    /// None of their flights.
    pub excluded: BTreeSet<String>,
}

impl FlightCriteria {
    fn admits(&self, facts: &FlightFacts) -> bool {
        let few_stops = self.max_stops.is_none_or(|most| facts.most_stops() <= most);
        let cheap = self
            .max_price
            .is_none_or(|most| most.currency != facts.price.currency || facts.price.minor <= most.minor);
        few_stops && cheap && !facts.legs().any(|leg| self.excluded.contains(&leg.carrier))
    }

    fn prefers(&self, facts: &FlightFacts) -> bool {
        !self.preferred.is_empty() && facts.legs().all(|leg| self.preferred.contains(&leg.carrier))
    }
}

/// What offers are sorted by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FlightOrder {
    /// The whole score.
    Score,
    /// The price.
    Price,
    /// Time from departure to arrival.
    Duration,
    /// Time of the first departure.
    Departure,
    /// Time of the last arrival.
    Arrival,
    /// Changes on the way.
    Stops,
    /// Carbon dioxide.
    Emissions,
}

impl SortBy for FlightOrder {
    const NAMES: &'static [(&'static str, Self)] = &[
        ("score", Self::Score),
        ("price", Self::Price),
        ("duration", Self::Duration),
        ("departure", Self::Departure),
        ("arrival", Self::Arrival),
        ("stops", Self::Stops),
        ("emissions", Self::Emissions),
    ];

    const ALIASES: &'static [(&'static str, Self, Option<Direction>)] = &[
        ("relevance", Self::Score, None),
        ("price_asc", Self::Price, Some(Direction::Ascending)),
        ("price_desc", Self::Price, Some(Direction::Descending)),
        ("departure_time", Self::Departure, None),
        ("arrival_time", Self::Arrival, None),
    ];

    fn natural(self) -> Direction {
        if self == Self::Score {
            Direction::Descending
        } else {
            Direction::Ascending
        }
    }
}

/// An offer that stays.
#[derive(Debug, Clone, PartialEq)]
pub struct FlightMerits {
    /// Its number in the list.
    pub index: usize,
    /// How good it is among all that were found, whether or not they are left out: filters do not move scores.
    pub score: Score,
}

/// What counts how much: see `docs/api-design.md`.
const PRICE: f64 = 0.5;
const CONVENIENCE: f64 = 0.35;
const EMISSIONS: f64 = 0.15;

/// Of offers that are the same flights in the same fare keeps the cheapest, leaves out what the criteria refuse, scores and
/// sorts. The order does not depend on that of the list.
pub fn rank_flights(
    all: &[FlightFacts],
    criteria: &FlightCriteria,
    order: FlightOrder,
    direction: Direction,
) -> Vec<FlightMerits> {
    let distinct = cheapest_of_each(all);
    let known: Vec<(usize, &FlightFacts)> = distinct.iter().filter_map(|at| Some((*at, all.get(*at)?))).collect();
    let least = Least::of(known.iter().map(|(_, facts)| *facts));
    let mut kept: Vec<(&FlightFacts, FlightMerits)> = known
        .into_iter()
        .filter(|(_, facts)| criteria.admits(facts))
        .map(|(index, facts)| {
            (
                facts,
                FlightMerits {
                    index,
                    score: least.score(facts, criteria),
                },
            )
        })
        .collect();
    kept.sort_by(|(a, x), (b, y)| {
        let first = match order {
            FlightOrder::Score => by_known(Some(x.score.total), Some(y.score.total), direction),
            FlightOrder::Price => by_known(Some(a.price.minor), Some(b.price.minor), direction),
            FlightOrder::Duration => by_known(a.minutes, b.minutes, direction),
            FlightOrder::Departure => by_known(a.departs(), b.departs(), direction),
            FlightOrder::Arrival => by_known(a.arrives(), b.arrives(), direction),
            FlightOrder::Stops => by_known(Some(a.most_stops()), Some(b.most_stops()), direction),
            FlightOrder::Emissions => by_known(a.emissions_kg, b.emissions_kg, direction),
        };
        let preferred = || criteria.prefers(b).cmp(&criteria.prefers(a));
        first
            .then_with(preferred)
            .then_with(|| a.price.minor.cmp(&b.price.minor))
            .then_with(|| tie(a, b))
    });
    kept.into_iter().map(|(_, merits)| merits).collect()
}

/// An order of different offers that is always the same.
fn tie(a: &FlightFacts, b: &FlightFacts) -> Ordering {
    (&a.slices, &a.fare).cmp(&(&b.slices, &b.fare))
}

/// Numbers of the offers that are left when each journey in each fare stands once.
fn cheapest_of_each(all: &[FlightFacts]) -> Vec<usize> {
    let mut best: BTreeMap<(&[Vec<Leg>], &str, &str), usize> = BTreeMap::new();
    for (at, facts) in all.iter().enumerate() {
        let key = (
            facts.slices.as_slice(),
            facts.fare.as_str(),
            facts.price.currency.code(),
        );
        let cheaper = |known: usize| all.get(known).is_none_or(|known| facts.price.minor < known.price.minor);
        if best.get(&key).is_none_or(|known| cheaper(*known)) {
            best.insert(key, at);
        }
    }
    best.into_values().collect()
}

/// The best values among all that were found, which scores are measured by.
struct Least {
    prices: BTreeMap<&'static str, i64>,
    minutes: Option<u32>,
    emissions: Option<u32>,
}

impl Least {
    fn of<'a>(all: impl Iterator<Item = &'a FlightFacts> + Clone) -> Self {
        let mut prices = BTreeMap::new();
        for facts in all.clone() {
            let Money { minor, currency } = facts.price;
            let least = prices.entry(Currency::code(currency)).or_insert(minor);
            *least = minor.min(*least);
        }
        Self {
            prices,
            minutes: all.clone().filter_map(|facts| facts.minutes).min(),
            emissions: all.filter_map(|facts| facts.emissions_kg).min(),
        }
    }

    fn score(&self, facts: &FlightFacts, criteria: &FlightCriteria) -> Score {
        let least = self
            .prices
            .get(facts.price.currency.code())
            .copied()
            .unwrap_or(facts.price.minor);
        let ratio = |value: Option<u32>, least: Option<u32>| Some(against_least(f64::from(value?), f64::from(least?)));
        #[expect(clippy::cast_precision_loss, reason = "prices are below 2^53 minor units")]
        let price = against_least(facts.price.minor as f64, least as f64);
        let emissions = ratio(facts.emissions_kg, self.emissions);
        let convenience = convenience(facts, ratio(facts.minutes, self.minutes), criteria.prefers(facts));
        Score::of(&[
            ("price", PRICE, Some(price)),
            ("convenience", CONVENIENCE, Some(convenience)),
            ("emissions", EMISSIONS, emissions),
        ])
    }
}

/// Changes count two fifths (each halves), the duration two fifths, and the time of day one fifth: nobody likes to leave
/// before six or to arrive after eleven in the evening. Preferred airlines add a tenth.
fn convenience(facts: &FlightFacts, duration: Option<f64>, preferred: bool) -> f64 {
    let stops = 0.5_f64.powi(i32::try_from(facts.most_stops()).unwrap_or(i32::MAX));
    let decent = |at: DateTime, from: i8, to: i8| (from..to).contains(&at.hour());
    let times: Vec<bool> = facts
        .slices
        .iter()
        .flat_map(|legs| {
            let departs = legs.first().map(|leg| decent(leg.departs, 6, 23));
            let arrives = legs.last().map(|leg| decent(leg.arrives, 6, 23));
            departs.into_iter().chain(arrives)
        })
        .collect();
    #[expect(clippy::cast_precision_loss, reason = "a dozen at most")]
    let times = times.iter().filter(|decent| **decent).count() as f64 / times.len().max(1) as f64;
    let bonus = if preferred { 0.1 } else { 0.0 };
    rounded((0.4 * stops + 0.4 * duration.unwrap_or(0.5) + 0.2 * times + bonus).min(1.0))
}

#[cfg(test)]
mod tests;
