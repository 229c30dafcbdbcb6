use std::collections::BTreeMap;

use futures_util::future::try_join_all;
use serde::Deserialize;

use super::{EntryRow, Kind, Listing};
use crate::{Db, Range, StoreError, keys::Table};

/// Entries that one call asks for at most: below the 1 MB that DynamoDB gives at once.
pub(super) const CALL: usize = 1000;

#[derive(Deserialize)]
struct Read {
    sk: String,
    #[serde(flatten)]
    entry: EntryRow,
}

/// A part of a list that is being read.
struct Part {
    partition: String,
    /// What has not been read begins here; `None`: all has been read.
    rest: Option<String>,
    last: String,
}

/// A list that is being read, a chunk at a time, from all of its partitions at once.
pub(super) struct Scan {
    kind: Kind,
    parts: Vec<Part>,
    /// By sort key.
    found: BTreeMap<String, Listing>,
    pub(super) read: usize,
}

impl Scan {
    /// Reads the partitions from `first` to `last`, both included.
    pub(super) fn new(kind: Kind, partitions: impl IntoIterator<Item = String>, first: &str, last: &str) -> Self {
        let part = |partition| Part {
            partition,
            rest: (first <= last).then(|| first.to_owned()),
            last: last.to_owned(),
        };
        Self {
            kind,
            parts: partitions.into_iter().map(part).collect(),
            found: BTreeMap::new(),
            read: 0,
        }
    }

    pub(super) fn is_finished(&self) -> bool {
        self.parts.iter().all(|part| part.rest.is_none())
    }

    /// Reads about `entries` more.
    pub(super) async fn advance(&mut self, db: &Db, entries: usize) -> Result<(), StoreError> {
        let open = self.parts.iter().filter(|part| part.rest.is_some()).count().max(1);
        let each = entries.div_ceil(open).clamp(1, CALL);
        let pages = self.parts.iter().map(async |part| {
            let Some(first) = part.rest.clone() else {
                return Ok(None);
            };
            let range = Range::between(Table::Community, part.partition.clone(), first, part.last.clone(), each);
            db.query::<Read>(range).await.map(Some)
        });
        let pages = try_join_all(pages).await?;
        for (part, page) in self.parts.iter_mut().zip(pages) {
            let Some(page) = page else { continue };
            self.read += page.items.len();
            // The smallest text after the last sort key: they all have one length.
            part.rest = page.next.map(|last| format!("{last} "));
            for loaded in page.items {
                let listing = Listing::of(self.kind, &loaded.item.entry);
                let listing = listing.ok_or_else(|| StoreError::Corrupt("an entry of the catalogue".to_owned()))?;
                self.found.insert(loaded.item.sk, listing);
            }
        }
        Ok(())
    }

    /// What has been read, in the order of the list, up to where the slowest partition is.
    pub(super) fn settled(&self) -> impl Iterator<Item = (&str, &Listing)> {
        let frontier = self.frontier();
        let settled = self
            .found
            .iter()
            .map(|(position, listing)| (position.as_str(), listing));
        settled.take_while(move |(position, _)| frontier.is_none_or(|frontier| *position < frontier))
    }

    /// Where the slowest partition is; `None` when all are read.
    pub(super) fn frontier(&self) -> Option<&str> {
        self.parts.iter().filter_map(|part| part.rest.as_deref()).min()
    }
}
