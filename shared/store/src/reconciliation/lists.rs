//! Entries of the catalogue against the rows that say what is listed.

use std::collections::HashMap;

use serde::{Deserialize, de::IgnoredAny};
use tripsage_domain::ids::{GroupId, GuideId, IntelId, ItineraryId, RatingId};
use uuid::Uuid;

use super::{Looked, Verdict, walk::SOME};
use crate::{
    Condition, Db, Loaded, Range, StoreError, Transaction, Write,
    catalogue::{EntryRow, Kind, Listing, relist},
    keys::{self, Key, Table, itineraries::itinerary_standing, ratings},
};

/// Of a row that says how something stands: what the catalogue says of it.
#[derive(Deserialize)]
struct Listed {
    listing: Option<Listing>,
}

/// An entry, with where it stands in its list.
#[derive(Deserialize)]
struct Found {
    sk: String,
    #[serde(flatten)]
    entry: EntryRow,
}

/// The row that holds how a thing is listed.
fn standing(kind: Kind, id: Uuid) -> Key {
    match kind {
        Kind::Itinerary => itinerary_standing(ItineraryId::from_uuid(id)),
        Kind::Rating => ratings::rating_standing(RatingId::from_uuid(id)),
        Kind::Intel => ratings::intel_standing(IntelId::from_uuid(id)),
        Kind::Group => keys::group_standing(GroupId::from_uuid(id)),
        Kind::Guide => keys::guide_standing(GuideId::from_uuid(id)),
    }
}

/// How the row of a thing was found.
fn unchanged(found: Option<&Loaded<Listed>>) -> Condition {
    found.map_or(Condition::Absent, |loaded| Condition::Version(loaded.version))
}

impl Db {
    /// AP-241: some entries of a list, each against the row of its thing.
    pub(super) async fn look_at_list(
        &self,
        kind: Kind,
        list: &str,
        after: Option<String>,
    ) -> Result<(Looked, Option<String>), StoreError> {
        let range = Range::new(Table::Community, list.to_owned(), "", SOME).after(after);
        let page = self.query::<Found>(range).await?;
        let mut looked = Looked::default();
        for Loaded { item: found, .. } in page.items {
            let what = format!("catalogue entry of {kind:?} {}", found.entry.id);
            let verdict = match Listing::of(kind, &found.entry) {
                Some(entry) => {
                    self.check_entry(Key::new(Table::Community, list.to_owned(), found.sk), &entry)
                        .await
                }
                None => Err(StoreError::Corrupt("an entry of the catalogue".to_owned())),
            };
            looked.findings.note(&what, verdict);
        }
        Ok((looked, page.next))
    }

    /// AP-242: whether an entry stands where the row of its thing says; what is superfluous is removed. What is missing, or
    /// says something else, is found where the thing is looked at.
    async fn check_entry(&self, key: Key, entry: &Listing) -> Result<Verdict, StoreError> {
        let standing = standing(entry.kind(), entry.id());
        let found = self.get::<Listed>(&standing).await?;
        let unchanged = Write::check("standing", standing, unchanged(found.as_ref()));
        let listing = found.and_then(|loaded| loaded.item.listing);
        if listing.as_ref().is_some_and(|listing| listing.keys().contains(&key)) {
            return Ok(Verdict::Right);
        }
        // What has just been moved was in the list when that was read.
        if self.get::<IgnoredAny>(&key).await?.is_none() {
            return Ok(Verdict::Right);
        }
        let mut writes = match listing {
            Some(_) => Vec::new(),
            // Nothing of it is listed: whatever the entry knows of goes too.
            None => relist(Some(entry), None)?,
        };
        if writes.iter().all(|write| write.key != key) {
            writes.push(Write::remove("entry", key, Condition::anyway()));
        }
        writes.push(unchanged);
        self.mended(writes).await
    }

    /// AP-248: whether all entries of a thing are there, and say what its row says; what is missing or says something
    /// else is written.
    pub(super) async fn check_listing(&self, kind: Kind, id: Uuid) -> Result<Verdict, StoreError> {
        let key = standing(kind, id);
        let found = self.get::<Listed>(&key).await?;
        let unchanged = Write::check("standing", key, unchanged(found.as_ref()));
        let Some(listing) = found.and_then(|loaded| loaded.item.listing) else {
            return Ok(Verdict::Right);
        };
        let mut writes = self.missing(&listing).await?;
        if !writes.is_empty() {
            writes.push(unchanged);
        }
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
}
