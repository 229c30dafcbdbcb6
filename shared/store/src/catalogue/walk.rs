use std::{
    collections::{BTreeMap, BTreeSet},
    fmt::{self, Display},
};

use futures_util::future::try_join_all;
use jiff::Timestamp;
use uuid::Uuid;

use super::{
    Facet, Kind, Listing,
    listing::WALK,
    scan::{CALL, Scan},
};
use crate::{Db, StoreError, keys::catalogue as keys};

/// Entries that one request reads at most in a list that it can leave in the middle.
const BUDGET: usize = 10_000;

/// Entries of one list that a request reads at most when nothing but the whole list has the answer.
const LIMIT: usize = 50_000;

/// Entries of each list that are read first when it is not known which list will have the answer.
const CHUNK: usize = 64;

/// So many times as far as the others are those lists read that lead. It bounds what a wrong guess costs, and how much a
/// right one wastes.
const LEAD: usize = 8;

/// Entries that a step goes further at most: what one call of each partition gives.
const STEP: usize = CALL * keys::SHARDS as usize;

/// The order of a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Order {
    /// What was listed last comes first.
    Newest,
    /// The largest measure comes first; among equals, what was listed last.
    Measure(usize),
}

/// Bounds of a measure, both included.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Within {
    /// Which measure.
    pub measure: usize,
    /// The smallest value.
    pub min: i64,
    /// The largest value.
    pub max: i64,
}

impl Within {
    /// At least this much.
    pub const fn at_least(measure: usize, min: i64) -> Self {
        Self {
            measure,
            min,
            max: i64::MAX,
        }
    }
}

/// What is looked for, and in which order.
#[derive(Debug, Clone)]
pub struct Query {
    /// Of what kind.
    pub kind: Kind,
    /// It has one facet of each of these.
    pub all_of: Vec<Vec<Facet>>,
    /// Its measures are within these bounds.
    pub ranges: Vec<Within>,
    /// It was not listed before.
    pub listed_since: Option<Timestamp>,
    /// The order.
    pub order: Order,
    /// How many at most.
    pub limit: usize,
    /// How many to pass over, when the walk begins here.
    pub skip: usize,
}

impl Query {
    /// Everything of a kind.
    pub const fn new(kind: Kind, order: Order, limit: usize) -> Self {
        Self {
            kind,
            all_of: Vec::new(),
            ranges: Vec::new(),
            listed_since: None,
            order,
            limit,
            skip: 0,
        }
    }

    fn matches(&self, listing: &Listing, at: Timestamp) -> bool {
        let has = |any_of: &Vec<Facet>| any_of.iter().any(|facet| listing.has(facet));
        let lies = |within: &Within| (within.min..=within.max).contains(&listing.measure_at(within.measure, at));
        self.all_of.iter().all(has)
            && self.ranges.iter().all(lies)
            && self.listed_since.is_none_or(|since| listing.listed_at() >= since)
    }

    /// Where a thing comes in the order.
    fn position(&self, listing: &Listing, at: Timestamp) -> String {
        match self.order {
            Order::Newest => keys::newest_position(listing.listed_at(), listing.id()),
            Order::Measure(measure) => {
                keys::measured_position(listing.measure_at(measure, at), listing.listed_at(), listing.id())
            }
        }
    }
}

/// A way through a list: as of when, and how far. Its text is what a cursor holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Walk {
    as_of: Timestamp,
    after: Option<String>,
    skip: usize,
    total: Option<u64>,
}

impl Walk {
    /// Begins now.
    pub const fn begin(now: Timestamp) -> Self {
        Self {
            as_of: now,
            after: None,
            skip: 0,
            total: None,
        }
    }

    /// The walk with this text; `None` when there is none, or when it began more than ten minutes ago: the order that it
    /// followed is no longer known.
    pub fn parse(text: &str, now: Timestamp) -> Option<Self> {
        let mut parts = text.split('|');
        let as_of = Timestamp::from_millisecond(parts.next()?.parse().ok()?).ok()?;
        let walk = Self {
            as_of,
            skip: parts.next()?.parse().ok()?,
            total: match parts.next()? {
                "" => None,
                total => Some(total.parse().ok()?),
            },
            after: Some(parts.next()?.to_owned()),
        };
        (now - WALK <= as_of).then_some(walk)
    }
}

impl Display for Walk {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let total = self.total.map(|total| total.to_string()).unwrap_or_default();
        let after = self.after.as_deref().unwrap_or_default();
        write!(f, "{}|{}|{total}|{after}", self.as_of.as_millisecond(), self.skip)
    }
}

/// A page of what was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// Ids, in order. There may be fewer than asked for although there is more: then so much did not match that it is
    /// left to the next request.
    pub ids: Vec<Uuid>,
    /// Where to go on; `None`: that was all.
    pub next: Option<Walk>,
    /// How many there are on all pages, when it is known exactly.
    pub total: Option<u64>,
    /// Entries that were read for it.
    pub read: usize,
    /// Whether something that was looked at for it will stand elsewhere in some seconds: a walk that begins then may see
    /// another page.
    pub moves: bool,
}

/// A list from which the answer may come.
struct Path {
    scan: Scan,
    /// Whether it is in the order of the query, so that its beginning is enough.
    in_order: bool,
    /// Whether it holds everything that matches, from the first page on.
    is_whole: bool,
    /// The measure of its order: an entry counts only under the value that its thing had at the time.
    measure: Option<usize>,
}

impl Path {
    /// Reads on to `goal` entries from its beginning.
    async fn advance(&mut self, db: &Db, goal: usize) -> Result<(), StoreError> {
        let missing = goal.min(LIMIT).saturating_sub(self.scan.read);
        if missing == 0 || self.scan.is_finished() {
            return Ok(());
        }
        self.scan.advance(db, missing).await
    }

    /// How far apart its entries lie in time, when it is sorted by that and `newest` is where it begins: milliseconds for
    /// each.
    fn gap(&self, newest: Timestamp) -> i64 {
        let settled = self.scan.settled().map(|(_, listing)| listing.listed_at());
        let (count, oldest) = settled.fold((0, newest), |(count, _), at| (count + 1, at));
        (newest.as_millisecond() - oldest.as_millisecond()) / count.max(1)
    }

    /// What matches, by position, as far as it is certain.
    fn matches(&self, query: &Query, walk: &Walk) -> BTreeMap<String, Uuid> {
        let at = walk.as_of;
        let counts = |position: &str, listing: &Listing| match self.measure {
            None => true,
            Some(measure) => {
                let value = listing.measure_at(measure, at);
                position == keys::measured_position(value, listing.listed_at(), listing.id())
            }
        };
        // What is listed during the walk is left to the next one, wherever it comes.
        let known = |listing: &Listing| walk.after.is_none() || listing.listed_at() <= at;
        let matching = self
            .scan
            .settled()
            .filter(|(position, listing)| counts(position, listing) && known(listing) && query.matches(listing, at));
        matching
            .map(|(_, listing)| (query.position(listing, at), listing.id()))
            .collect()
    }

    /// Whether it has the answer.
    fn answers(&self, query: &Query, walk: &Walk, wanted: usize) -> bool {
        self.scan.is_finished() || (self.in_order && self.matches(query, walk).len() >= wanted)
    }
}

impl Db {
    /// AP-137: a page of the catalogue.
    ///
    /// The lists that may have the answer are read side by side, in steps of which each goes a chunk further than twice as
    /// far as the one before, until one of them has it. Those that lead (see [`leaders`]) are read as far as the step
    /// goes, the others an eighth as far. What it costs is bounded by the cheapest of them, and never by the catalogue: as
    /// long as a list that has the answer after `c` entries has not given it, none has been read further than `8 c`, or
    /// than the first chunk. So none is read further than `16 c` and a chunk; when the list with the answer leads, none is
    /// read further than `2 c` and a chunk.
    ///
    /// # Errors
    /// When DynamoDB does not answer, or when more than 50,000 entries would have to be put into another order.
    pub async fn walk(&self, query: &Query, walk: &Walk) -> Result<Found, StoreError> {
        let skip = if walk.after.is_none() { query.skip } else { walk.skip };
        // One more, to know whether there is another page.
        let wanted = skip + query.limit + 1;
        let mut paths = paths(query, walk);
        if paths.is_empty() {
            return Err(StoreError::Corrupt(
                "a list of everything that does not exist".to_owned(),
            ));
        }
        let alone = paths.len() == 1;
        // A partition alone may hold the whole page: so much of each is one round trip, always.
        let first = if alone && query.ranges.is_empty() {
            wanted * usize::from(keys::SHARDS)
        } else {
            CHUNK.max(wanted)
        };
        try_join_all(paths.iter_mut().map(async |path| path.scan.advance(self, first).await)).await?;
        let mut goal = first;
        loop {
            let read = paths.iter().map(|path| path.scan.read).sum();
            if let Some(path) = paths.iter().find(|path| path.answers(query, walk, wanted)) {
                return Ok(page(query, walk, path, skip, read));
            }
            let in_order = paths.iter().filter(|path| path.in_order);
            if read >= BUDGET
                && let Some(path) = in_order.max_by_key(|path| path.scan.frontier())
            {
                return Ok(page(query, walk, path, skip, read));
            }
            if read >= LIMIT * paths.len() {
                return Err(StoreError::Unavailable(
                    "a list is too long to be put in order".to_owned(),
                ));
            }
            goal += (goal + first).min(STEP);
            let leaders = leaders(&paths);
            let reads = paths.iter_mut().enumerate().map(async |(index, path)| {
                let goal = if leaders.contains(&index) { goal } else { goal / LEAD };
                path.advance(self, goal).await
            });
            try_join_all(reads).await?;
        }
    }
}

/// Which lists lead: of those in the same order the one that is likely to be the cheapest. Of lists by the time of listing
/// that is the one whose entries lie furthest apart: it is the shortest, when it is to be read to its end, and has the
/// most matches among what is read of it, when it is not. How lists in different orders compare cannot be seen, so one of
/// each leads.
fn leaders(paths: &[Path]) -> BTreeSet<usize> {
    let by_time = paths.iter().filter(|path| path.measure.is_none());
    let newest = by_time.filter_map(|path| path.scan.settled().next());
    let newest = newest.map(|(_, listing)| listing.listed_at()).max();
    let mut leaders: BTreeMap<Option<usize>, (i64, usize)> = BTreeMap::new();
    for (index, path) in paths.iter().enumerate() {
        let gap = newest
            .filter(|_| path.measure.is_none())
            .map_or(0, |newest| path.gap(newest));
        let leader = leaders.entry(path.measure).or_insert((gap, index));
        *leader = (*leader).max((gap, index));
    }
    leaders.into_values().map(|(_, index)| index).collect()
}

/// The lists that may have the answer.
fn paths(query: &Query, walk: &Walk) -> Vec<Path> {
    let kind = query.kind;
    // The smallest text after a position.
    let after = walk.after.as_ref().map(|after| format!("{after} "));
    let begin = after.clone().unwrap_or_default();
    let scan = |partitions: Vec<String>, first: &str, last: &str| Scan::new(kind, partitions, first, last);
    let since = query
        .listed_since
        .map(|since| keys::newest_position(since, Uuid::max()));
    let newest_end = since.as_deref().unwrap_or(keys::CATALOGUE_END);
    let newest = query.order == Order::Newest;
    let mut paths = Vec::new();

    // Sorted texts begin at "", but DynamoDB takes no empty bound.
    let from = |text: &str| {
        if text.is_empty() {
            "!".to_owned()
        } else {
            text.to_owned()
        }
    };
    let is_ordered = |measure: usize| kind.ordered().is_some_and(|ordered| ordered.contains(&measure));
    let bounds = |within: &Within| {
        let first = keys::Rank(within.max).to_string();
        (first, format!("{}~", keys::Rank(within.min)))
    };

    match query.order {
        Order::Newest if kind.ordered().is_some() => paths.push(Path {
            scan: scan(keys::catalogue_order(kind, None).collect(), &from(&begin), newest_end),
            in_order: true,
            is_whole: walk.after.is_none(),
            measure: None,
        }),
        Order::Measure(measure) if is_ordered(measure) => {
            let own = query
                .ranges
                .iter()
                .filter(|within| within.measure == measure)
                .map(bounds);
            let (first, last) = own.fold(
                (begin.clone(), keys::CATALOGUE_END.to_owned()),
                |(first, last), (f, l)| (first.max(f), last.min(l)),
            );
            paths.push(Path {
                scan: scan(
                    keys::catalogue_order(kind, Some(measure)).collect(),
                    &from(&first),
                    &last,
                ),
                in_order: true,
                is_whole: walk.after.is_none(),
                measure: Some(measure),
            });
        }
        Order::Newest | Order::Measure(_) => {}
    }
    for any_of in &query.all_of {
        let lists: BTreeSet<Facet> = any_of.iter().map(Facet::listed).collect();
        let partitions = lists
            .iter()
            .flat_map(|facet| keys::catalogue_facet(kind, facet))
            .collect();
        paths.push(Path {
            scan: scan(partitions, &from(if newest { &begin } else { "" }), newest_end),
            in_order: newest,
            is_whole: !newest || walk.after.is_none(),
            measure: None,
        });
    }
    for within in &query.ranges {
        if is_ordered(within.measure) && query.order != Order::Measure(within.measure) {
            let (first, last) = bounds(within);
            paths.push(Path {
                scan: scan(
                    keys::catalogue_order(kind, Some(within.measure)).collect(),
                    &first,
                    &last,
                ),
                in_order: false,
                is_whole: true,
                measure: Some(within.measure),
            });
        }
    }
    if since.is_some() && !newest && kind.ordered().is_some() {
        paths.push(Path {
            scan: scan(keys::catalogue_order(kind, None).collect(), "!", newest_end),
            in_order: false,
            is_whole: true,
            measure: None,
        });
    }
    paths
}

fn page(query: &Query, walk: &Walk, path: &Path, skip: usize, read: usize) -> Found {
    let mut matches = path.matches(query, walk);
    let finished = path.scan.is_finished();
    let moves = path.scan.settled().any(|(_, listing)| listing.moves_after(walk.as_of));
    let total = walk
        .total
        .or_else(|| (finished && path.is_whole).then_some(matches.len() as u64));
    if let Some(after) = &walk.after {
        matches.retain(|position, _| position > after);
    }
    let found = matches.len();
    let passed = skip.min(found);
    let page: Vec<(String, Uuid)> = matches.into_iter().skip(skip).take(query.limit).collect();
    let more = found > passed + page.len();
    let next = if more {
        page.last().map(|(position, _)| (position.clone(), 0))
    } else if finished {
        None
    } else {
        // So far, and nothing more that matches: the next request goes on behind what was read.
        path.scan
            .frontier()
            .map(|frontier| (frontier.to_owned(), skip - passed))
    };
    Found {
        ids: page.into_iter().map(|(_, id)| id).collect(),
        next: next.map(|(after, skip)| Walk {
            as_of: walk.as_of,
            after: Some(after.trim_end().to_owned()),
            skip,
            total,
        }),
        total,
        read,
        moves,
    }
}
