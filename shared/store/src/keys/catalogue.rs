//! Keys of the entries of the catalogue.

use std::fmt::{self, Display};

use jiff::Timestamp;
use uuid::Uuid;

use super::{Key, KeyPart, Number, Table};
use crate::catalogue::{Facet, Kind};

/// Partitions over which every list of the catalogue is spread, so that none takes more than half of the writes of a
/// list.
pub(crate) const SHARDS: u8 = 2;

/// A number as 16 hexadecimal digits that sort from the largest to the smallest.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Rank(pub(crate) i64);

impl KeyPart for Rank {}

impl Display for Rank {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Flipping the sign bit makes negative numbers sort before positive ones; the complement turns the order round.
        write!(f, "{:016x}", !(self.0.cast_unsigned() ^ (1 << 63)))
    }
}

/// Sorts after every sort key of an entry.
pub(crate) const CATALOGUE_END: &str = "~";

fn shard(id: Uuid) -> Number {
    Number((id.as_bytes()[15] % SHARDS).into())
}

/// The partitions of everything of a kind that has a facet, newest first.
pub(crate) fn catalogue_facet(kind: Kind, facet: &Facet) -> impl Iterator<Item = String> {
    let list = format!("CATALOGUE#{}#{facet}", kind.name());
    (0..SHARDS).map(move |shard| format!("{list}#{}", Number(shard.into())))
}

/// The partitions of everything of a kind in one order.
pub(crate) fn catalogue_order(kind: Kind, measure: Option<usize>) -> impl Iterator<Item = String> {
    let list = order(kind, measure);
    (0..SHARDS).map(move |shard| format!("{list}#{}", Number(shard.into())))
}

fn order(kind: Kind, measure: Option<usize>) -> String {
    match measure {
        None => format!("CATALOGUE#{}#NEWEST", kind.name()),
        Some(measure) => format!("CATALOGUE#{}#BY{}", kind.name(), Number(measure as u64)),
    }
}

/// Where a thing stands among others: by when it was listed.
pub(crate) fn newest_position(listed_at: Timestamp, id: Uuid) -> String {
    format!("{}#{id}", Rank(listed_at.as_millisecond()))
}

/// Where a thing stands among others: by a measure, then by when it was listed.
pub(crate) fn measured_position(value: i64, listed_at: Timestamp, id: Uuid) -> String {
    format!("{}#{}", Rank(value), newest_position(listed_at, id))
}

/// The entry of a thing in the list of a facet.
pub(crate) fn catalogue_facet_entry(kind: Kind, facet: &Facet, listed_at: Timestamp, id: Uuid) -> Key {
    Key::new(
        Table::Community,
        format!("CATALOGUE#{}#{facet}#{}", kind.name(), shard(id)),
        newest_position(listed_at, id),
    )
}

/// The entry of a thing in the list of everything, newest first.
pub(crate) fn catalogue_newest_entry(kind: Kind, listed_at: Timestamp, id: Uuid) -> Key {
    Key::new(
        Table::Community,
        format!("{}#{}", order(kind, None), shard(id)),
        newest_position(listed_at, id),
    )
}

/// The entry of a thing in the list of everything, by a measure.
pub(crate) fn catalogue_measured_entry(kind: Kind, measure: usize, value: i64, listed_at: Timestamp, id: Uuid) -> Key {
    Key::new(
        Table::Community,
        format!("{}#{}", order(kind, Some(measure)), shard(id)),
        measured_position(value, listed_at, id),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranks_sort_from_the_largest_to_the_smallest() {
        let values = [i64::MAX, 10, 9, 1, 0, -1, -10, i64::MIN];
        let texts: Vec<String> = values.iter().map(|value| Rank(*value).to_string()).collect();
        assert!(texts.is_sorted(), "{texts:?}");
        assert!(
            texts
                .iter()
                .all(|text| text.len() == 16 && text.as_str() < CATALOGUE_END)
        );
    }
}
