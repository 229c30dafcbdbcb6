//! Items of a trip: read with the trip in one call, and changed with it in one transaction.

use serde::Deserialize;
use tripsage_domain::{
    ids::{ItemId, TripId},
    trip::{Item, MAX_ITEMS, Trip},
};

use crate::{
    Condition, Db, Loaded, Range, StoreError, Write,
    keys::{self, Table},
    trips::{EntityChange, TripChange, item_rows::ItemRow, rows::TripRow},
};

/// A row of the part of a trip's partition that one read gives.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum Part {
    Trip(Box<TripRow>),
    Item(Box<ItemRow>),
}

impl Db {
    /// AP-43: a trip with all of its items, in one query. The items come in the order in which they are shown.
    ///
    /// # Errors
    /// When DynamoDB does not answer.
    pub async fn find_trip_with_items(&self, id: TripId) -> Result<Option<(Trip, Vec<Item>)>, StoreError> {
        let range = Range::new(
            Table::Travel,
            keys::trip_partition(id),
            keys::TRIP_AND_ITEMS_PREFIX,
            MAX_ITEMS + 1,
        );
        let parts = self.query_all(range).await?;
        let (trip, items) = assemble(parts)?;
        Ok(trip.map(|trip| (trip, items)))
    }

    /// AP-44: a trip with one of its items, in one read of two keys. What is older than the other cannot be written
    /// any more: each has a condition of its own.
    ///
    /// # Errors
    /// When DynamoDB does not answer.
    pub async fn find_trip_and_item(
        &self,
        trip: TripId,
        item: ItemId,
    ) -> Result<Option<(Trip, Option<Item>)>, StoreError> {
        let parts = self
            .get_many_loaded(&[keys::trip(trip), keys::trip_item(trip, item)])
            .await?;
        let (trip, mut items) = assemble(parts)?;
        Ok(trip.map(|trip| (trip, items.pop())))
    }
}

fn assemble(parts: Vec<Loaded<Part>>) -> Result<(Option<Trip>, Vec<Item>), StoreError> {
    let (mut trip, mut items) = (None, Vec::new());
    for part in parts {
        match part.item {
            Part::Trip(row) => trip = Some(row.into_trip(part.version)?),
            Part::Item(row) => items.push(row.into_item()?),
        }
    }
    items.sort_by(Item::in_order);
    Ok((trip, items))
}

/// How an item is named in the version history.
pub fn item_entity(item: ItemId) -> String {
    format!("item/{item}")
}

impl TripChange<'_> {
    /// Changes an item with the trip: makes it (`before` is `None`), changes it, or removes it (`after` is `None`).
    /// The number of items is the caller's to keep; see [`Trip::replanned`].
    ///
    /// # Errors
    /// When the item cannot be expressed in DynamoDB's types.
    pub fn push_item(&mut self, before: Option<&Item>, after: Option<&Item>) -> Result<(), StoreError> {
        let Some(id) = after.or(before).map(|item| item.id) else {
            return Ok(());
        };
        let key = keys::trip_item(self.after.id, id);
        let (old, new) = (before.map(ItemRow::from), after.map(ItemRow::from));
        let write = match (&old, &new) {
            // An item that is put back goes on with its versions, so that no tag stands for two states.
            (None, Some(new)) => Write::put("item", key, new, new.version, Condition::Absent)?,
            (Some(old), Some(new)) => Write::put("item", key, new, new.version, Condition::Version(old.version))?,
            (Some(old), None) => Write::remove("item", key, Condition::Version(old.version)),
            (None, None) => return Ok(()),
        };
        self.changes
            .push(EntityChange::new(item_entity(id), old.as_ref(), new.as_ref())?);
        self.writes.push(write);
        Ok(())
    }

    /// Bytes that the version of this change takes for its items; DynamoDB stores at most 400 KB of it.
    pub fn weight(&self) -> usize {
        let text = |text: &Option<String>| text.as_ref().map_or(0, String::len);
        self.changes
            .iter()
            .map(|change| text(&change.before) + text(&change.after))
            .sum()
    }
}
