use std::collections::{BTreeMap, BTreeSet};

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::Facet;
use crate::{Condition, StoreError, Write, keys::Key, keys::catalogue as keys};

/// For how long a walk shows one and the same order, and so for how long earlier measures are kept.
pub(crate) const WALK: SignedDuration = SignedDuration::from_mins(10);

/// How long after a change things move. No write takes longer, so a walk that begins before it never sees the change,
/// and one that begins after it always does.
pub(crate) const MARGIN: SignedDuration = SignedDuration::from_secs(3);

/// Moves within [`WALK`] that happen at once; the next one waits until the first of them is history.
const MOVES: usize = 4;

/// A kind of thing that is listed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// Itineraries.
    Itinerary,
    /// Safety ratings.
    Rating,
    /// Travel intel.
    Intel,
    /// Groups.
    Group,
    /// Guides.
    Guide,
}

impl Kind {
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Itinerary => "ITINERARY",
            Self::Rating => "RATING",
            Self::Intel => "INTEL",
            Self::Group => "GROUP",
            Self::Guide => "GUIDE",
        }
    }

    /// The measures by which there is a list of all things of the kind; `None`: there is no list of all at all.
    pub(crate) const fn ordered(self) -> Option<&'static [usize]> {
        match self {
            Self::Itinerary => Some(&[0, 1, 2, 3, 4, 5]),
            Self::Rating => Some(&[0, 1]),
            Self::Intel => None,
            Self::Group => Some(&[0, 1, 3]),
            Self::Guide => Some(&[0, 1]),
        }
    }
}

/// The measures of a thing, from a time on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Standing {
    /// Milliseconds since 1970.
    from: i64,
    measures: Vec<i64>,
}

/// How a thing stands in the catalogue: by what it is found, and where it comes in which order.
///
/// The row that holds it belongs to the thing; its version orders the changes of the entries.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(into = "Stored", try_from = "Stored")]
pub struct Listing {
    kind: Kind,
    id: Uuid,
    listed_at: Timestamp,
    facets: BTreeSet<String>,
    standings: Vec<Standing>,
}

#[derive(Serialize, Deserialize)]
struct Stored {
    kind: Kind,
    #[serde(flatten)]
    entry: EntryRow,
}

/// What an entry of the catalogue says of its thing: the same in all lists.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct EntryRow {
    pub(crate) id: Uuid,
    listed_ms: i64,
    facets: String,
    /// `from:measure,measure;from:...`, the oldest first.
    standings: String,
}

impl From<Listing> for Stored {
    fn from(listing: Listing) -> Self {
        Self {
            kind: listing.kind,
            entry: listing.entry(),
        }
    }
}

impl TryFrom<Stored> for Listing {
    type Error = &'static str;

    fn try_from(stored: Stored) -> Result<Self, Self::Error> {
        Self::of(stored.kind, &stored.entry).ok_or("a listing")
    }
}

impl Listing {
    /// Lists a thing; it is visible at once.
    pub fn new(
        kind: Kind,
        id: Uuid,
        listed_at: Timestamp,
        facets: impl IntoIterator<Item = Facet>,
        measures: &[i64],
    ) -> Self {
        let listing = Self {
            kind,
            id,
            listed_at,
            facets: BTreeSet::new(),
            standings: vec![Standing {
                from: 0,
                measures: measures.to_vec(),
            }],
        };
        listing.with_facets(facets)
    }

    /// With other facets, at once.
    #[must_use]
    pub fn with_facets(mut self, facets: impl IntoIterator<Item = Facet>) -> Self {
        self.facets = facets.into_iter().map(|facet| facet.to_string()).collect();
        self
    }

    /// With other measures, [`MARGIN`] from now. Whoever walks through a list meanwhile goes on seeing the order with
    /// which they began. A thing that moves all the time moves some times at once, and then when its earlier places
    /// are forgotten.
    #[must_use]
    pub fn with_measures(mut self, measures: &[i64], now: Timestamp) -> Self {
        self.forget(now);
        let soon = (now + MARGIN).as_millisecond();
        let count = self.standings.len();
        let room_at = self.standings.get(1).map_or(0, |second| second.from + millis(WALK));
        let Some(newest) = self.standings.last_mut() else {
            return self;
        };
        if newest.measures == measures {
            return self;
        }
        if newest.from >= soon {
            newest.measures = measures.to_vec();
            return self;
        }
        let later = room_at.max(newest.from + millis(WALK) / 3);
        self.standings.push(Standing {
            from: if count < MOVES { soon } else { soon.max(later) },
            measures: measures.to_vec(),
        });
        self
    }

    /// Drops what was the case before any walk that is still good.
    fn forget(&mut self, now: Timestamp) {
        let oldest = (now - WALK).as_millisecond();
        let begins = self.standings.iter().rposition(|standing| standing.from <= oldest);
        self.standings.drain(..begins.unwrap_or(0));
    }

    /// The newest measures, whether or not they count yet.
    pub fn measures(&self) -> &[i64] {
        self.standings.last().map_or(&[], |standing| &standing.measures)
    }

    /// Whether a thing is found by the same and stands in the same place, or is not listed, in both cases; where it stood
    /// before does not matter.
    pub(crate) fn agree(one: Option<&Self>, other: Option<&Self>) -> bool {
        let place = |listing: &'_ Self| (listing.facets.clone(), listing.measures().to_vec());
        one.map(place) == other.map(place)
    }

    /// When it was listed.
    pub fn listed_at(&self) -> Timestamp {
        self.listed_at
    }

    /// The measures that counted at a time.
    pub(crate) fn measures_at(&self, at: Timestamp) -> &[i64] {
        let at = at.as_millisecond();
        let standing = self.standings.iter().rev().find(|standing| standing.from <= at);
        standing
            .or(self.standings.first())
            .map_or(&[], |standing| &standing.measures)
    }

    pub(crate) fn measure_at(&self, measure: usize, at: Timestamp) -> i64 {
        self.measures_at(at).get(measure).copied().unwrap_or_default()
    }

    /// Whether it stands elsewhere later.
    pub(crate) fn moves_after(&self, at: Timestamp) -> bool {
        let newest = self.standings.last();
        newest.is_some_and(|standing| standing.from > at.as_millisecond())
    }

    pub(crate) fn kind(&self) -> Kind {
        self.kind
    }

    pub(crate) fn id(&self) -> Uuid {
        self.id
    }

    pub(crate) fn has(&self, facet: &Facet) -> bool {
        self.facets.contains(&facet.to_string())
    }

    pub(crate) fn of(kind: Kind, row: &EntryRow) -> Option<Self> {
        let standing = |text: &str| {
            let (from, measures) = text.split_once(':')?;
            let measures = measures.split(',').filter(|number| !number.is_empty()).map(str::parse);
            Some(Standing {
                from: from.parse().ok()?,
                measures: measures.collect::<Result<_, _>>().ok()?,
            })
        };
        Some(Self {
            kind,
            id: row.id,
            listed_at: Timestamp::from_millisecond(row.listed_ms).ok()?,
            facets: row
                .facets
                .split(' ')
                .filter(|facet| !facet.is_empty())
                .map(str::to_owned)
                .collect(),
            standings: row.standings.split(';').map(standing).collect::<Option<_>>()?,
        })
    }

    fn entry(&self) -> EntryRow {
        let standings = self.standings.iter().map(|standing| {
            let measures: Vec<String> = standing.measures.iter().map(i64::to_string).collect();
            format!("{}:{}", standing.from, measures.join(","))
        });
        let facets: Vec<&str> = self.facets.iter().map(String::as_str).collect();
        EntryRow {
            id: self.id,
            listed_ms: self.listed_at.as_millisecond(),
            facets: facets.join(" "),
            standings: standings.collect::<Vec<_>>().join(";"),
        }
    }

    /// The keys of its entries: one in the list of each facet, one in the list of all by time, and in the list of all by
    /// each measure one for every value that may still be asked for.
    pub(crate) fn keys(&self) -> Vec<Key> {
        let (kind, at, id) = (self.kind, self.listed_at, self.id);
        let facets = self.facets.iter().filter_map(|text| Facet::parse(text));
        let facets = facets.filter(Facet::is_listed);
        let mut keys: Vec<Key> = facets
            .map(|facet| keys::catalogue_facet_entry(kind, &facet, at, id))
            .collect();
        if let Some(measures) = kind.ordered() {
            keys.push(keys::catalogue_newest_entry(kind, at, id));
            for &measure in measures {
                let values = self
                    .standings
                    .iter()
                    .filter_map(|standing| standing.measures.get(measure));
                let values: BTreeSet<i64> = values.copied().collect();
                keys.extend(
                    values
                        .into_iter()
                        .map(|value| keys::catalogue_measured_entry(kind, measure, value, at, id)),
                );
            }
        }
        keys
    }
}

fn millis(duration: SignedDuration) -> i64 {
    duration.as_secs() * 1000
}

/// AP-138: the writes that make the catalogue say `after` where it says `before`. They belong into the transaction that replaces
/// the row with the listing: its version orders them, and so they carry no condition of their own. With 14 words, ten
/// tags and five more facets there are at most 95 of them.
///
/// # Errors
/// When an entry cannot be expressed in DynamoDB's types.
pub fn relist(before: Option<&Listing>, after: Option<&Listing>) -> Result<Vec<Write>, StoreError> {
    let entries = |listing: Option<&Listing>| -> BTreeMap<(String, String), Key> {
        let keys = listing.map(Listing::keys).unwrap_or_default();
        keys.into_iter()
            .map(|key| ((key.pk.clone(), key.sk.clone()), key))
            .collect()
    };
    let (old, new) = (entries(before), entries(after));
    let same = before.map(Listing::entry) == after.map(Listing::entry);
    let mut writes = Vec::new();
    for (place, key) in &new {
        if let Some(listing) = after.filter(|_| !(same && old.contains_key(place))) {
            writes.push(entry_write(key.clone(), listing)?);
        }
    }
    let gone = old.into_iter().filter(|(place, _)| !new.contains_key(place));
    writes.extend(gone.map(|(_, key)| Write::remove("entry", key, Condition::anyway())));
    Ok(writes)
}

fn entry_write(key: Key, listing: &Listing) -> Result<Write, StoreError> {
    Write::put("entry", key, &listing.entry(), 1, Condition::anyway())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalogue::FacetName;

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_second(1_800_000_000 + seconds).unwrap()
    }

    fn listing() -> Listing {
        let facets = Facet::words("Tokyo", "Food").chain(Facet::new(FacetName::Tag, "food"));
        Listing::new(Kind::Group, Uuid::from_u128(7), at(0), facets, &[1, 2, 3, 4])
    }

    #[test]
    fn it_is_stored_as_it_is() {
        let listing = listing().with_measures(&[5, -6, 7, 8], at(1));
        let item: crate::transaction::Item = serde_dynamo::to_item(&listing).unwrap();
        assert_eq!(serde_dynamo::from_item::<_, Listing>(item).unwrap(), listing);
    }

    #[test]
    fn a_move_counts_later_and_the_order_before_it_is_kept() {
        let moved = listing().with_measures(&[9, 2, 3, 4], at(100));
        assert_eq!(moved.measures(), [9, 2, 3, 4]);
        assert_eq!(moved.measure_at(0, at(102)), 1);
        assert_eq!(moved.measure_at(0, at(103)), 9);
        let later = moved.with_measures(&[9, 2, 3, 4], at(103) + WALK);
        assert_eq!(
            later.measure_at(0, at(0)),
            9,
            "what nobody may ask for any more is forgotten"
        );
    }

    #[test]
    fn what_moves_all_the_time_has_few_places() {
        let mut hot = listing();
        for second in 0..7200 {
            hot = hot.with_measures(&[second, 2, 3, 4], at(second));
            assert!(hot.standings.len() <= MOVES + 2, "{second}: {}", hot.standings.len());
            let times: Vec<i64> = hot.standings.iter().map(|standing| standing.from).collect();
            assert!(times.is_sorted_by(|a, b| a < b), "{times:?}");
        }
        assert_eq!(hot.measures()[0], 7199);
        assert!(
            hot.measure_at(0, at(7200)) > 7199 - 601,
            "nothing waits for longer than a walk"
        );
    }

    #[test]
    fn what_walks_see_never_changes_behind_them() {
        let mut hot = listing();
        let mut seen: Vec<(Timestamp, Vec<i64>)> = Vec::new();
        for second in 0..2000 {
            let now = at(second);
            seen.retain(|(since, _)| now <= *since + WALK);
            hot = hot.with_measures(&[second * 7 % 11, second, 3, 4], now);
            for (since, measures) in &seen {
                assert_eq!(hot.measures_at(*since), measures, "begun at {since}, looked at {now}");
            }
            seen.push((now, hot.measures_at(now).to_vec()));
        }
    }

    #[test]
    fn only_what_differs_is_written() {
        let before = listing();
        let count = |before: Option<&Listing>, after: Option<&Listing>| relist(before, after).unwrap().len();
        // tokyo and food as words, food as a tag, all by time and by three measures
        assert_eq!(count(None, Some(&before)), 7);
        assert_eq!(count(Some(&before), Some(&before)), 0);
        assert_eq!(count(Some(&before), None), 7);
        let moved = before.clone().with_measures(&[9, 2, 3, 4], at(1));
        assert_eq!(count(Some(&before), Some(&moved)), 8);
    }

    #[test]
    fn the_largest_change_fits_a_transaction() {
        let facets = |offset: usize| {
            let words: String = (0..20).map(|n| format!("w{} ", n + offset)).collect();
            let tags = (0..10).map(move |n| Facet::new(FacetName::Tag, &format!("t{}", n + offset)));
            let flags = (0..5).map(move |n| Facet::new(FacetName::Flag, &format!("f{}", n + offset)));
            Facet::words("", &words)
                .chain(tags.flatten())
                .chain(flags.flatten())
                .collect::<Vec<_>>()
        };
        let mut listing = Listing::new(Kind::Itinerary, Uuid::from_u128(1), at(0), facets(0), &[0; 7]);
        for second in 0..20 {
            listing = listing.with_measures(&[second; 7], at(second * 4));
        }
        let edited = listing.clone().with_facets(facets(100));
        assert!(relist(Some(&listing), Some(&edited)).unwrap().len() <= 95);
    }
}
