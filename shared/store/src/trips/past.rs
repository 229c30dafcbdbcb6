//! The versions of a trip, and what it was like at one of them: today's state with everything undone that came after.

use std::collections::BTreeMap;

use tripsage_domain::{
    ids::{ItemId, TripId},
    trip::{Item, Trip},
};

use crate::{
    Db, Range, StoreError,
    keys::{self, Table},
    trips::{
        VersionRow,
        item_rows::ItemRow,
        rows::{ContentRow, corrupt},
    },
};

impl Db {
    /// AP-45: versions of a trip from the newest to the oldest, at most `limit`; those below `below`, when it is given.
    ///
    /// # Errors
    /// When DynamoDB does not answer.
    pub async fn list_versions(
        &self,
        trip: TripId,
        below: Option<u64>,
        limit: usize,
    ) -> Result<Vec<VersionRow>, StoreError> {
        let after = below.map(|number| keys::trip_version(trip, number).sk);
        let range = Range::new(
            Table::Travel,
            keys::trip_partition(trip),
            keys::TRIP_VERSION_PREFIX,
            limit,
        )
        .descending()
        .after(after);
        Ok(self
            .query_all(range)
            .await?
            .into_iter()
            .map(|loaded| loaded.item)
            .collect())
    }

    /// AP-46: versions of a trip from the one after number `after` on, oldest first, at most `limit`.
    ///
    /// # Errors
    /// When DynamoDB does not answer.
    pub async fn versions_after(&self, trip: TripId, after: u64, limit: usize) -> Result<Vec<VersionRow>, StoreError> {
        let after = (after > 0).then(|| keys::trip_version(trip, after).sk);
        let range = Range::new(
            Table::Travel,
            keys::trip_partition(trip),
            keys::TRIP_VERSION_PREFIX,
            limit,
        )
        .after(after);
        Ok(self
            .query_all(range)
            .await?
            .into_iter()
            .map(|loaded| loaded.item)
            .collect())
    }
}

/// What a trip was like.
#[derive(Debug, Clone, PartialEq)]
pub struct Past {
    /// Its content then; its members are those of today.
    pub trip: Trip,
    /// Its items then, in order.
    pub items: Vec<Item>,
}

/// Undoes the newest versions of a trip, from today's state down to the version below the lowest of `newer`.
///
/// # Errors
/// [`StoreError::Corrupt`] when a version is missing, or does not say what it changed.
pub fn rewind(mut trip: Trip, items: Vec<Item>, newer: &[VersionRow]) -> Result<Past, StoreError> {
    let mut newer: Vec<&VersionRow> = newer.iter().collect();
    newer.sort_by_key(|version| std::cmp::Reverse(version.number));
    let mut items: BTreeMap<ItemId, Item> = items.into_iter().map(|item| (item.id, item)).collect();
    for version in newer {
        if version.number != trip.sequence {
            return Err(corrupt(format_args!("version {} of a trip is missing", trip.sequence)));
        }
        for change in &version.changes {
            match (change.entity.split_once('/'), &change.before) {
                (None, Some(before)) if change.entity == "trip" => {
                    let row: ContentRow = serde_json::from_str(before).map_err(corrupt)?;
                    trip.content = row.into_content()?;
                    trip.revision = trip.revision.saturating_sub(1);
                }
                (Some(("item", _)), Some(before)) => {
                    let item = ItemRow::of_text(before)?;
                    items.insert(item.id, item);
                }
                (Some(("item", id)), None) => {
                    items.remove(&id.parse().map_err(corrupt)?);
                }
                _ => {}
            }
        }
        trip.sequence -= 1;
        trip.head.clone_from(&version.previous_hash);
    }
    let mut items: Vec<Item> = items.into_values().collect();
    items.sort_by(Item::in_order);
    trip.item_count = items.len();
    Ok(Past { trip, items })
}

/// An item as a version left it.
///
/// # Errors
/// [`StoreError::Corrupt`] when the text is not that of an item.
pub fn item_of(text: &str) -> Result<Item, StoreError> {
    ItemRow::of_text(text)
}

/// Fields of a trip and its items in two states, for a comparison.
///
/// # Errors
/// When one cannot be expressed.
pub fn compare(old: &Past, new: &Past) -> Result<Vec<super::EntityChange>, StoreError> {
    use super::{EntityChange, item_entity};
    let mut changes = Vec::new();
    let content = |past: &Past| ContentRow::from(&past.trip.content);
    changes.push(EntityChange::new(
        "trip".to_owned(),
        Some(&content(old)),
        Some(&content(new)),
    )?);
    let rows = |past: &Past| -> BTreeMap<ItemId, ItemRow> {
        past.items.iter().map(|item| (item.id, ItemRow::from(item))).collect()
    };
    let (before, after) = (rows(old), rows(new));
    let ids: std::collections::BTreeSet<&ItemId> = before.keys().chain(after.keys()).collect();
    for id in ids {
        changes.push(EntityChange::new(item_entity(*id), before.get(id), after.get(id))?);
    }
    changes.retain(|change| change.before != change.after);
    Ok(changes)
}
