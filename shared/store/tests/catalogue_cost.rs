//! What a query with several filters costs, against the list that alone would have had the answer first.

#![allow(clippy::unwrap_used, clippy::expect_used, missing_docs, reason = "tests")]

use std::cmp::Reverse;

use jiff::{SignedDuration, Timestamp};
use tripsage_domain::ports::Clock;
use tripsage_store::{
    Db, Transaction,
    catalogue::{Facet, FacetName, Kind, Listing, Order, Query, Walk, relist},
};
use tripsage_testkit::TestCloud;
use uuid::Uuid;

/// Everything that is listed.
const COUNT: usize = 1300;

/// So many were listed within the last minutes, the others one in each hour before.
const FRESH: usize = 70;

/// Entries that are written at once: few enough for a machine with much to do.
const AT_ONCE: usize = 25;

/// Entries of a page.
const LIMIT: usize = 20;

/// What is read of each list before any is judged.
const CHUNK: usize = 64;

/// Which of all things, the newest being number 0, are in a list.
type Has = fn(usize) -> bool;

const LISTS: [(&str, Has); 8] = [
    ("all", |_| true),
    ("half", |number| number % 2 == 0),
    ("third", |number| number % 3 == 1),
    ("settled", |number| number >= FRESH),
    ("fresh", |number| number < FRESH),
    ("old", |number| number >= COUNT - 100),
    ("spread", |number| number % 16 == 5),
    ("empty", |_| false),
];

struct Thing {
    number: usize,
    id: Uuid,
    at: Timestamp,
    score: i64,
}

struct Setting {
    db: Db,
    now: Timestamp,
    /// The newest first.
    things: Vec<Thing>,
    _cloud: TestCloud,
}

fn tag(name: &str) -> Facet {
    Facet::new(FacetName::Tag, name).unwrap()
}

fn is_in(name: &str, number: usize) -> bool {
    LISTS.iter().any(|(known, has)| *known == name && has(number))
}

impl Setting {
    async fn new() -> Self {
        let cloud = TestCloud::start().await;
        let (db, now) = (Db::new(&cloud.runtime("safety")), cloud.clock.now());
        let (mut things, mut writes) = (Vec::new(), Vec::new());
        for number in 0..COUNT {
            let hours = number.saturating_sub(FRESH) * 3600;
            let age = SignedDuration::from_secs(i64::try_from(number.min(FRESH) + hours).unwrap());
            // Neither the order of the numbers nor that of the scores says anything about the other.
            let mixed = (number as u128 + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15_f39c_c060_5ced_c835);
            let thing = Thing {
                number,
                id: Uuid::from_u128(mixed),
                at: now - age,
                score: i64::try_from((mixed >> 64) % 500).unwrap(),
            };
            let tags = LISTS.iter().filter(|(_, has)| has(number)).map(|(name, _)| tag(name));
            let listing = Listing::new(Kind::Guide, thing.id, thing.at, tags, &[thing.score, 0]);
            let own = relist(None, Some(&listing)).unwrap();
            if writes.len() + own.len() > AT_ONCE {
                let full = std::mem::take(&mut writes);
                db.commit(Transaction::default().with_all(full)).await.unwrap();
            }
            writes.extend(own);
            things.push(thing);
        }
        db.commit(Transaction::default().with_all(writes)).await.unwrap();
        Self {
            db,
            now,
            things,
            _cloud: cloud,
        }
    }

    /// What the first page reads, and what it shows with the pages behind it, up to four.
    async fn walk(&self, tags: &[&str], order: Order) -> (usize, Vec<Uuid>, bool) {
        let mut query = Query::new(Kind::Guide, order, LIMIT);
        query.all_of = tags.iter().map(|name| vec![tag(name)]).collect();
        let (mut read, mut ids, mut next) = (None, Vec::new(), Some(Walk::begin(self.now)));
        for _ in 0..4 {
            let Some(walk) = next else { break };
            let found = self.db.walk(&query, &walk).await.unwrap();
            read = read.or(Some(found.read));
            ids.extend(found.ids);
            next = found.next;
        }
        (read.unwrap(), ids, next.is_none())
    }

    /// Everything in this order.
    fn ordered(&self, order: Order) -> Vec<&Thing> {
        let mut things: Vec<&Thing> = self.things.iter().collect();
        let score = |thing: &Thing| if order == Order::Newest { 0 } else { thing.score };
        things.sort_by_key(|thing| (Reverse(score(thing)), Reverse(thing.at), thing.id));
        things
    }

    /// What is to be found, and the entries that the cheapest list alone would need for the first page of it.
    fn expected(&self, tags: &[&str], order: Order) -> (Vec<Uuid>, usize) {
        let matches = |thing: &Thing| tags.iter().all(|name| is_in(name, thing.number));
        let needed = |of: &[&Thing]| {
            let found = of.iter().enumerate().filter(|(_, thing)| matches(thing));
            found.map(|(place, _)| place + 1).nth(LIMIT).unwrap_or(of.len())
        };
        let everything = self.ordered(order);
        let lists = tags.iter().map(|name| {
            let list = everything.iter().copied().filter(|thing| is_in(name, thing.number));
            let list: Vec<&Thing> = list.collect();
            if order == Order::Newest {
                needed(&list)
            } else {
                list.len()
            }
        });
        let cheapest = lists.chain([needed(&everything)]).min().unwrap();
        let found = everything.into_iter().filter(|thing| matches(thing));
        (found.map(|thing| thing.id).collect(), cheapest)
    }
}

#[tokio::test]
async fn a_query_finds_the_same_and_costs_what_the_cheapest_of_its_lists_costs() {
    let s = Setting::new().await;
    // Whether the list with the answer can be told from the others by how it begins.
    let cases: [(&[&str], bool); 12] = [
        (&["all", "empty"], true),
        (&["half", "empty", "third"], true),
        (&["all", "old"], true),
        (&["settled", "old", "half"], true),
        (&["all", "spread"], true),
        (&["third", "half", "spread"], true),
        (&["half", "third"], true),
        (&["all", "half", "third", "settled"], true),
        // It is as dense as any as long as it lasts, and then it ends.
        (&["all", "fresh"], false),
        (&["settled", "fresh"], false),
        (&["half", "settled", "fresh"], false),
        (&["old", "fresh"], true),
    ];
    for (tags, can_be_told) in cases {
        for order in [Order::Newest, Order::Measure(0)] {
            let (read, ids, is_all) = s.walk(tags, order).await;
            let (expected, cheapest) = s.expected(tags, order);
            let shown = if is_all { expected.len() } else { 4 * LIMIT };
            assert_eq!(ids, expected[..shown], "{tags:?}, {order:?}");
            let bound = if can_be_told {
                // One list leads for each order; the others are read an eighth as far.
                let leaders = if order == Order::Newest { 1 } else { 2 };
                let step = 2 * cheapest + CHUNK;
                leaders * step + (tags.len() + 1 - leaders) * CHUNK.max(step / 8)
            } else {
                let lengths = tags.iter().chain(&["all"]).map(|name| {
                    let numbers = (0..COUNT).filter(|number| is_in(name, *number));
                    numbers.count()
                });
                lengths.map(|length| length.min(16 * cheapest + CHUNK)).sum()
            };
            assert!(
                read <= bound,
                "{tags:?}, {order:?}: {read} read, {cheapest} would have done, the bound is {bound}"
            );
        }
    }
}
