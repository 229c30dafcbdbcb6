//! Everything that is listed, some at a time.

use serde::{Deserialize, Serialize};

use super::catalogue::Entry;
use crate::{
    Db, Range, StoreError,
    catalogue::{EntryRow, Kind, Listing},
    keys::{Table, catalogue as keys},
};

/// Things that are looked at together.
const SOME: usize = 50;

/// How far a reconciliation has come.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Position {
    /// Which of the partitions.
    partition: usize,
    /// The last sort key in it that was looked at.
    after: Option<String>,
}

/// Two lists of everything: what is missing in one is found in the other.
fn partitions() -> Vec<String> {
    let newest = keys::catalogue_order(Kind::Itinerary, None);
    newest.chain(keys::catalogue_order(Kind::Itinerary, Some(0))).collect()
}

impl Db {
    /// AP-241: some entries of the lists of all itineraries.
    pub(super) async fn listed_itineraries(
        &self,
        position: Position,
    ) -> Result<(Vec<Entry>, Option<Position>), StoreError> {
        let partitions = partitions();
        let Some(partition) = partitions.get(position.partition) else {
            return Ok((Vec::new(), None));
        };
        let range = Range::new(Table::Community, partition.clone(), "", SOME).after(position.after);
        let page = self.query::<EntryRow>(range).await?;
        let next = match page.next {
            Some(after) => Position {
                after: Some(after),
                ..position_at(position.partition)
            },
            None => position_at(position.partition + 1),
        };
        let entries = page.items.into_iter().map(|loaded| {
            let listing = Listing::of(Kind::Itinerary, &loaded.item);
            let listing = listing.ok_or_else(|| StoreError::Corrupt("an entry of the catalogue".to_owned()))?;
            Ok(Entry::new(partition.clone(), listing))
        });
        let entries = entries.collect::<Result<_, StoreError>>()?;
        Ok((entries, Some(next).filter(|next| next.partition < partitions.len())))
    }
}

const fn position_at(partition: usize) -> Position {
    Position { partition, after: None }
}
