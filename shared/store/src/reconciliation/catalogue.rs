//! Entries of the catalogue against the rows that say what is listed.

use std::collections::HashMap;

use tripsage_domain::ids::ItineraryId;

use super::Verdict;
use crate::{
    Condition, Db, Loaded, StoreError, Transaction, Write,
    catalogue::{EntryRow, Listing, relist},
    itineraries::StandingRow,
    keys::{Key, itineraries::itinerary_standing},
};

/// An entry, as it was found in a list.
#[derive(Debug)]
pub(super) struct Entry {
    partition: String,
    listing: Listing,
}

impl Entry {
    pub(super) const fn new(partition: String, listing: Listing) -> Self {
        Self { partition, listing }
    }

    pub(super) fn id(&self) -> ItineraryId {
        ItineraryId::from_uuid(self.listing.id())
    }

    /// Its own key: the only one of its listing's in the list in which it was found that says the same.
    fn keys(&self) -> Vec<Key> {
        self.listing
            .keys()
            .into_iter()
            .filter(|key| key.pk == self.partition)
            .collect()
    }
}

impl Db {
    /// AP-242: whether an entry stands where the row of its thing says, and all others of the thing too; what is
    /// superfluous is removed, what is missing or says something else is written.
    pub(super) async fn check_entry(&self, entry: &Entry) -> Result<Verdict, StoreError> {
        let key = itinerary_standing(entry.id());
        let standing = self.get::<StandingRow>(&key).await?;
        let listing = standing.as_ref().and_then(|loaded| loaded.item.listing.as_ref());
        let unchanged = match &standing {
            Some(loaded) => Condition::Version(loaded.version),
            None => Condition::Absent,
        };
        let Some(listing) = listing else {
            // Nothing of it is listed: whatever the entry knows of goes.
            let mut writes = relist(Some(&entry.listing), None)?;
            writes.push(Write::check("standing", key, unchanged));
            return self.mended(writes).await;
        };
        let mut writes = self.missing(listing).await?;
        let rightful = listing.keys();
        let stray = entry.keys().into_iter().filter(|key| !rightful.contains(key));
        writes.extend(stray.map(|key| Write::remove("entry", key, Condition::anyway())));
        if writes.is_empty() {
            return Ok(Verdict::Right);
        }
        writes.push(Write::check("standing", key, unchanged));
        self.mended(writes).await
    }

    /// The writes of the entries of a listing that are not there, or say something else.
    async fn missing(&self, listing: &Listing) -> Result<Vec<Write>, StoreError> {
        let keys = listing.keys();
        let mut found = HashMap::new();
        for some in keys.chunks(Transaction::MAX) {
            for loaded in self.get_many_loaded::<serde_json::Value>(some).await? {
                let text = |name: &str| loaded.item[name].as_str().unwrap_or_default().to_owned();
                let place = (text("pk"), text("sk"));
                let row: Result<EntryRow, _> = serde_json::from_value(loaded.item);
                found.insert(place, row.ok().and_then(|row| Listing::of(listing.kind(), &row)));
            }
        }
        let all = relist(None, Some(listing))?;
        let wrong = all.into_iter().filter(|write| {
            let place = (write.key.pk.clone(), write.key.sk.clone());
            found.get(&place).and_then(Option::as_ref) != Some(listing)
        });
        Ok(wrong.collect())
    }

    async fn mended(&self, writes: Vec<Write>) -> Result<Verdict, StoreError> {
        if writes.is_empty() {
            return Ok(Verdict::Right);
        }
        match self.commit(Transaction { writes }).await {
            Ok(()) => Ok(Verdict::Mended),
            // It has changed, and the catalogue with it: what was found may be what is right.
            Err(StoreError::Conflict(_) | StoreError::Throttled(_)) => Ok(Verdict::Wrong),
            Err(error) => Err(error),
        }
    }

    pub(super) async fn replace_standing(
        &self,
        old: &Loaded<StandingRow>,
        new: &StandingRow,
    ) -> Result<Verdict, StoreError> {
        self.mended(new.replacing(old)?).await
    }
}
