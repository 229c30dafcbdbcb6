//! The catalogue against a search through everything: the same things, in the same order, each once.

#![allow(clippy::unwrap_used, clippy::expect_used, missing_docs, reason = "tests")]

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};
use tripsage_domain::{ports::Clock, words};
use tripsage_store::{
    Db, Transaction,
    catalogue::{Facet, FacetName, Kind, Listing, Order, Query, Walk, Within, relist},
};
use tripsage_testkit::TestCloud;
use uuid::Uuid;

/// Numbers that look random and are the same in every run.
struct Dice(u64);

impl Dice {
    fn below(&mut self, end: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % u64::try_from(end).unwrap()).unwrap()
    }

    fn pick<'a>(&mut self, of: &[&'a str]) -> &'a str {
        of[self.below(of.len())]
    }
}

const PLACES: [&str; 6] = ["Tokyo, Japan", "Kyoto, Japan", "Lima", "São Paulo", "New York", "York"];
const TITLES: [&str; 5] = [
    "Old town by night",
    "Food and markets",
    "New York style food",
    "Hike",
    "Temples of Japan",
];
const TAGS: [&str; 4] = ["food", "hiking", "culture", "night-life"];
const LEVELS: [&str; 3] = ["easy", "moderate", "difficult"];

#[derive(Debug, Clone)]
struct Thing {
    title: &'static str,
    place: &'static str,
    tags: Vec<&'static str>,
    level: &'static str,
    safe: bool,
    listing: Listing,
}

fn facet(name: FacetName, value: &str) -> Facet {
    Facet::new(name, value).unwrap()
}

fn thing(dice: &mut Dice, number: usize, at: Timestamp) -> Thing {
    let (title, place, level) = (dice.pick(&TITLES), dice.pick(&PLACES), dice.pick(&LEVELS));
    let tags: Vec<&str> = TAGS.into_iter().filter(|_| dice.below(3) == 0).collect();
    let safe = dice.below(4) == 0;
    let mut facets: Vec<Facet> = Facet::words(place, title).collect();
    facets.extend(tags.iter().map(|tag| facet(FacetName::Tag, tag)));
    facets.push(facet(FacetName::Difficulty, level));
    facets.extend(safe.then(|| facet(FacetName::Flag, "women_safe")));
    let id = Uuid::from_u128((number as u128) << 64 | dice.below(1 << 30) as u128);
    Thing {
        listing: Listing::new(Kind::Itinerary, id, at, facets, &measures(dice)),
        title,
        place,
        tags,
        level,
        safe,
    }
}

fn measures(dice: &mut Dice) -> [i64; 7] {
    // Few different values, so that many are equal.
    std::array::from_fn(|_| i64::try_from(dice.below(12)).unwrap() - 3)
}

/// What somebody asks for, in the words of a client.
#[derive(Debug, Default, Clone)]
struct Asked {
    search: Option<&'static str>,
    destination: Option<&'static str>,
    any_tag: Vec<&'static str>,
    level: Option<&'static str>,
    safe: bool,
    at_least: Vec<(usize, i64)>,
    days: Option<i64>,
    order: Option<usize>,
}

impl Asked {
    fn random(dice: &mut Dice) -> Self {
        let mut asked = Self {
            order: Some(dice.below(8)).filter(|order| *order < 7),
            ..Self::default()
        };
        if dice.below(3) == 0 {
            asked.search = Some(dice.pick(&["york", "japan food", "FOOD", "nothing", "são"]));
        }
        if dice.below(3) == 0 {
            asked.destination = Some(dice.pick(&["york", "Japan", "new york", "Lima!"]));
        }
        if dice.below(3) == 0 {
            asked.any_tag = TAGS.into_iter().filter(|_| dice.below(2) == 0).collect();
        }
        asked.level = (dice.below(3) == 0).then(|| dice.pick(&LEVELS));
        asked.safe = dice.below(3) == 0;
        if dice.below(2) == 0 {
            asked.at_least = vec![(dice.below(7), i64::try_from(dice.below(10)).unwrap() - 2)];
        }
        // There is no list of everything by the last measure.
        asked.days = (dice.below(4) == 0 || asked.order == Some(6)).then(|| i64::try_from(dice.below(20)).unwrap());
        asked
    }

    fn query(&self, now: Timestamp, limit: usize) -> Query {
        let mut query = Query::new(Kind::Itinerary, self.order.map_or(Order::Newest, Order::Measure), limit);
        let words = |text: Option<&str>| text.map(|text| words::of(&[text])).unwrap_or_default();
        let one = |name, text: &str| vec![facet(name, text)];
        query
            .all_of
            .extend(words(self.search).iter().map(|word| one(FacetName::Word, word)));
        query
            .all_of
            .extend(words(self.destination).iter().map(|word| one(FacetName::Place, word)));
        if !self.any_tag.is_empty() {
            query
                .all_of
                .push(self.any_tag.iter().map(|tag| facet(FacetName::Tag, tag)).collect());
        }
        query
            .all_of
            .extend(self.level.map(|level| one(FacetName::Difficulty, level)));
        query
            .all_of
            .extend(self.safe.then(|| one(FacetName::Flag, "women_safe")));
        query.ranges = self
            .at_least
            .iter()
            .map(|(measure, min)| Within::at_least(*measure, *min))
            .collect();
        query.listed_since = self.since(now);
        query
    }

    fn since(&self, now: Timestamp) -> Option<Timestamp> {
        self.days.map(|days| now - SignedDuration::from_hours(24 * days))
    }

    /// The answer of somebody who looks through everything.
    fn brute_force(&self, things: &[Thing], now: Timestamp) -> Vec<Uuid> {
        let contains = |text: &[&str], words: Option<&str>| {
            let text = words::of(text);
            words.is_none_or(|asked| words::of(&[asked]).iter().all(|word| text.contains(word)))
        };
        let matches = |thing: &&Thing| {
            contains(&[thing.place, thing.title], self.search)
                && contains(&[thing.place], self.destination)
                && (self.any_tag.is_empty() || self.any_tag.iter().any(|tag| thing.tags.contains(tag)))
                && self.level.is_none_or(|level| thing.level == level)
                && (!self.safe || thing.safe)
                && self
                    .at_least
                    .iter()
                    .all(|(measure, min)| thing.listing.measures()[*measure] >= *min)
                && self.since(now).is_none_or(|since| thing.listing.listed_at() >= since)
        };
        let mut matching: Vec<&Thing> = things.iter().filter(matches).collect();
        matching.sort_by_key(|thing| {
            let value = self.order.map(|measure| thing.listing.measures()[measure]);
            std::cmp::Reverse((value, thing.listing.listed_at(), std::cmp::Reverse(id(thing))))
        });
        matching.into_iter().map(id).collect()
    }
}

fn id(thing: &Thing) -> Uuid {
    let text = serde_json::to_value(&thing.listing).unwrap()["id"]
        .as_str()
        .unwrap()
        .to_owned();
    text.parse().unwrap()
}

struct Setting {
    cloud: TestCloud,
    db: Db,
    dice: Dice,
    things: Vec<Thing>,
}

impl Setting {
    async fn new(count: usize, seed: u64) -> Self {
        let cloud = TestCloud::start().await;
        let db = Db::new(&cloud.runtime("itineraries"));
        let mut dice = Dice(seed);
        let now = cloud.clock.now();
        let mut things = Vec::new();
        for number in 0..count {
            // Some are listed in the same millisecond.
            let age = SignedDuration::from_hours(i64::try_from(dice.below(30)).unwrap() * 24);
            let thing = thing(&mut dice, number, now - age);
            relist_one(&db, None, Some(&thing.listing)).await;
            things.push(thing);
        }
        Self {
            cloud,
            db,
            dice,
            things,
        }
    }

    fn now(&self) -> Timestamp {
        self.cloud.clock.now()
    }

    /// Somebody votes for a thing, and something new appears.
    async fn meanwhile(&mut self, newcomers: &mut usize) {
        let now = self.now();
        for _ in 0..3 {
            let index = self.dice.below(self.things.len());
            let before = self.things[index].listing.clone();
            let after = before.clone().with_measures(&measures(&mut self.dice), now);
            relist_one(&self.db, Some(&before), Some(&after)).await;
            self.things[index].listing = after;
        }
        *newcomers += 1;
        let newcomer = thing(&mut self.dice, 1_000_000 + *newcomers, now);
        relist_one(&self.db, None, Some(&newcomer.listing)).await;
    }
}

async fn relist_one(db: &Db, before: Option<&Listing>, after: Option<&Listing>) {
    let writes = relist(before, after).unwrap();
    db.commit(Transaction::default().with_all(writes)).await.unwrap();
}

#[tokio::test]
async fn every_combination_of_filters_order_and_paging_is_what_brute_force_finds() {
    let mut s = Setting::new(150, 0x2545_f491_4f6c_dd1d).await;
    let mut found_any = 0;
    for round in 0..120 {
        let asked = Asked::random(&mut s.dice);
        let limit = 1 + s.dice.below(40);
        let query = asked.query(s.now(), limit);
        let expected = asked.brute_force(&s.things, s.now());
        let mut walk = Walk::begin(s.now());
        let mut ids = Vec::new();
        loop {
            let found = s.db.walk(&query, &walk).await.unwrap();
            assert!(found.ids.len() <= limit);
            if let Some(total) = found.total {
                assert_eq!(total, expected.len() as u64, "round {round}: {asked:?}");
            }
            ids.extend(found.ids);
            match found.next {
                // As a cursor carries it.
                Some(next) => walk = Walk::parse(&next.to_string(), s.now()).unwrap(),
                None => break,
            }
        }
        assert_eq!(ids, expected, "round {round}: {asked:?}");
        found_any += usize::from(!expected.is_empty());

        let skip = s.dice.below(20);
        let passed =
            s.db.walk(&Query { skip, ..query }, &Walk::begin(s.now()))
                .await
                .unwrap();
        let page: Vec<Uuid> = expected.into_iter().skip(skip).take(limit).collect();
        assert_eq!(passed.ids, page, "round {round}, {skip} passed over: {asked:?}");
    }
    assert!(found_any > 40, "{found_any}");
}

#[tokio::test]
async fn a_walk_meets_everything_once_while_others_write() {
    let mut s = Setting::new(90, 0x9e37_79b9_7f4a_7c15).await;
    let mut newcomers = 0;
    for order in [Some(0), Some(1), None, Some(6)] {
        let asked = Asked {
            any_tag: vec!["food", "hiking"],
            at_least: vec![(3, 0)],
            order,
            ..Asked::default()
        };
        // What is under way counts by now, and those who came meanwhile are left out of it.
        s.cloud.clock.advance(SignedDuration::from_mins(15));
        let settled: BTreeMap<Uuid, i64> = s.things.iter().map(|thing| (id(thing), 0)).collect();
        let query = Query {
            listed_since: None,
            ..asked.query(s.now(), 7)
        };
        let expected = asked.brute_force(&s.things, s.now());
        let mut walk = Walk::begin(s.now());
        let mut ids = Vec::new();
        loop {
            let found = s.db.walk(&query, &walk).await.unwrap();
            ids.extend(found.ids.into_iter().filter(|id| settled.contains_key(id)));
            s.meanwhile(&mut newcomers).await;
            s.cloud.clock.advance(SignedDuration::from_secs(5));
            match found.next {
                Some(next) => walk = next,
                None => break,
            }
        }
        assert_eq!(ids, expected, "by {order:?}");
        assert!(expected.len() > 15);
    }
}

#[tokio::test]
async fn a_page_costs_the_same_in_a_catalogue_of_any_size() {
    let mut read = Vec::new();
    for count in [40, 240] {
        let s = Setting::new(count, 77).await;
        let mut rare = thing(&mut Dice(5), 5_000_000, s.now());
        let facets = [facet(FacetName::Tag, "rare"), facet(FacetName::Flag, "women_safe")];
        rare.listing = rare.listing.with_facets(facets);
        relist_one(&s.db, None, Some(&rare.listing)).await;

        let plain = Query::new(Kind::Itinerary, Order::Measure(0), 10);
        let mut selective = plain.clone();
        selective.all_of = vec![
            vec![facet(FacetName::Flag, "women_safe")],
            vec![facet(FacetName::Tag, "rare")],
        ];
        let mut reads = Vec::new();
        for query in [plain, selective] {
            let before = s.cloud.cloud.dynamodb().calls().len();
            let found = s.db.walk(&query, &Walk::begin(s.now())).await.unwrap();
            assert!(!found.ids.is_empty());
            reads.push((s.cloud.cloud.dynamodb().calls().len() - before, found.read));
        }
        read.push(reads);
    }
    assert_eq!(read[0][0], read[1][0], "a page of everything");
    // The short list has the answer after the first chunk of each list.
    assert!(read[1][1].1 <= 3 * 64, "{read:?}");
    assert_eq!(read[0][1].0, read[1][1].0, "as many calls");
}

#[tokio::test]
async fn a_walk_that_is_too_old_or_rubbish_is_none() {
    let begun: Timestamp = "2027-03-03T10:00:00Z".parse().unwrap();
    let text = format!("{}|0||ffff#x", begun.as_millisecond());
    assert!(Walk::parse(&text, begun + SignedDuration::from_mins(10)).is_some());
    assert!(Walk::parse(&text, begun + SignedDuration::from_secs(601)).is_none());
    for rubbish in ["", "x", "1|2", "a|b|c|d", "1|0|x|y"] {
        assert_eq!(Walk::parse(rubbish, begun), None, "{rubbish}");
    }
}
