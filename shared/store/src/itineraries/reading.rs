//! Reading itineraries: alone, with their parts, or many of them.

use serde::Deserialize;
use serde_json::Value;
use tripsage_domain::{
    ids::{ItineraryId, UserId},
    itinerary::{Itinerary, Part, PartId, PartKind, Route},
};

use super::{ItineraryRow, OwnRow, StandingRow, part_rows};
use crate::{
    Db, Loaded, Page, Range, StoreError,
    keys::{self as common, Table, itineraries as keys},
};

/// Parts of all kinds that an itinerary may have, itself and its standing.
const MOST_ROWS: usize =
    PartKind::Day.max() + PartKind::Business.max() + PartKind::HiddenGem.max() + PartKind::SafetyAlert.max() + 2;

/// Itineraries that are read at once, with their standings.
const BATCH: usize = 50;

/// A part with the version that a later write of it must expect.
#[derive(Debug, Clone, PartialEq)]
pub struct StoredPart {
    /// The part.
    pub part: Part,
    /// The version of the itinerary with which it last changed.
    pub version: u64,
}

/// An itinerary as lists show it.
#[derive(Debug, Clone, PartialEq)]
pub struct Card {
    /// What it says.
    pub itinerary: Itinerary,
    /// How it stands among others.
    pub standing: StandingRow,
}

/// An itinerary with everything but its route.
#[derive(Debug, Clone, PartialEq)]
pub struct Whole {
    /// What it says.
    pub itinerary: Itinerary,
    /// How it stands among others.
    pub standing: StandingRow,
    /// Its parts, those of one kind side by side, in the order of their keys.
    pub parts: Vec<Part>,
}

enum Row {
    Itinerary(Box<Itinerary>),
    Standing(Box<StandingRow>),
    Part(Box<StoredPart>),
}

/// Reads a row of an itinerary, which its key tells from others.
fn row(loaded: Loaded<Value>) -> Result<Row, StoreError> {
    let Loaded { item, version } = loaded;
    let sk = item["sk"].as_str().unwrap_or_default().to_owned();
    let corrupt = |error: serde_json::Error| StoreError::Corrupt(error.to_string());
    if sk == keys::ITINERARY_AND_PARTS_PREFIX {
        let row = ItineraryRow::deserialize(item).map_err(corrupt)?;
        return Ok(Row::Itinerary(Box::new(row.0)));
    }
    if sk == keys::ITINERARY_STANDING {
        return Ok(Row::Standing(Box::new(
            StandingRow::deserialize(item).map_err(corrupt)?,
        )));
    }
    let kinds = [
        PartKind::Day,
        PartKind::Business,
        PartKind::HiddenGem,
        PartKind::SafetyAlert,
    ];
    let kind = kinds
        .into_iter()
        .find(|kind| sk.starts_with(keys::itinerary_parts(*kind)));
    let kind = kind.ok_or_else(|| StoreError::Corrupt("a row of an itinerary".to_owned()))?;
    let part = part_rows::part(kind, item)?;
    Ok(Row::Part(Box::new(StoredPart { part, version })))
}

impl Db {
    /// AP-152: an itinerary without its parts, whoever asks, deleted or not.
    ///
    /// # Errors
    /// When DynamoDB does not answer.
    pub async fn find_itinerary(&self, id: ItineraryId) -> Result<Option<Itinerary>, StoreError> {
        let loaded = self.get::<ItineraryRow>(&keys::itinerary(id)).await?;
        Ok(loaded.map(|loaded| loaded.item.0))
    }

    /// AP-153: an itinerary with its parts and its standing, in one query.
    ///
    /// # Errors
    /// When DynamoDB does not answer.
    pub async fn find_whole_itinerary(&self, id: ItineraryId) -> Result<Option<Whole>, StoreError> {
        let pk = keys::itinerary_partition(id);
        let range = Range::new(Table::Community, pk, keys::ITINERARY_AND_PARTS_PREFIX, MOST_ROWS);
        let (mut itinerary, mut standing, mut parts) = (None, None, Vec::new());
        for loaded in self.query_all(range).await? {
            match row(loaded)? {
                Row::Itinerary(row) => itinerary = Some(*row),
                Row::Standing(row) => standing = Some(*row),
                Row::Part(stored) => parts.push(stored.part),
            }
        }
        Ok(itinerary.zip(standing).map(|(itinerary, standing)| Whole {
            itinerary,
            standing,
            parts,
        }))
    }

    /// AP-155: an itinerary and one of its parts, in one read of two keys. Each has a condition of its own when it is
    /// written, so it does not matter which of them is older.
    ///
    /// # Errors
    /// When DynamoDB does not answer.
    pub async fn find_itinerary_part(
        &self,
        id: ItineraryId,
        part: PartId,
    ) -> Result<Option<(Itinerary, Option<StoredPart>)>, StoreError> {
        let wanted = [keys::itinerary(id), keys::itinerary_part(id, part)];
        let (mut itinerary, mut stored) = (None, None);
        for loaded in self.get_many_loaded(&wanted).await? {
            match row(loaded)? {
                Row::Itinerary(row) => itinerary = Some(*row),
                Row::Part(part) => stored = Some(*part),
                Row::Standing(_) => {}
            }
        }
        Ok(itinerary.map(|itinerary| (itinerary, stored)))
    }

    /// AP-156: the parts of one kind, in the order of their keys.
    ///
    /// # Errors
    /// When DynamoDB does not answer.
    pub async fn list_itinerary_parts(&self, id: ItineraryId, kind: PartKind) -> Result<Vec<StoredPart>, StoreError> {
        let (pk, prefix) = (keys::itinerary_partition(id), keys::itinerary_parts(kind));
        let rows = self
            .query_all(Range::new(Table::Community, pk, prefix, kind.max()))
            .await?;
        let stored = rows.into_iter().map(|loaded| {
            let version = loaded.version;
            Ok(StoredPart {
                part: part_rows::part(kind, loaded.item)?,
                version,
            })
        });
        stored.collect()
    }

    /// AP-157: the ids of a user's own itineraries, newest first, drafts and deleted ones too; with where to go on.
    ///
    /// # Errors
    /// When DynamoDB does not answer.
    pub async fn list_own_itineraries(
        &self,
        owner: UserId,
        after: Option<String>,
        limit: usize,
    ) -> Result<Page<ItineraryId>, StoreError> {
        let pk = common::user_partition(owner);
        let range = Range::new(Table::Community, pk, keys::OWN_ITINERARY_PREFIX, limit);
        let page = self.query::<OwnRow>(range.descending().after(after)).await?;
        Ok(Page {
            items: page.items.into_iter().map(|loaded| loaded.item.id).collect(),
            next: page.next,
        })
    }

    /// AP-158: itineraries as lists show them, in the order of the ids, at most 100. What does not exist is left out.
    ///
    /// # Errors
    /// When DynamoDB does not answer.
    pub async fn find_itinerary_cards(&self, ids: &[ItineraryId]) -> Result<Vec<Card>, StoreError> {
        let batches = ids.chunks(BATCH).map(async |ids| {
            let wanted: Vec<_> = ids
                .iter()
                .flat_map(|id| [keys::itinerary(*id), keys::itinerary_standing(*id)])
                .collect();
            self.get_many_loaded::<Value>(&wanted).await
        });
        let (mut itineraries, mut standings) = (Vec::new(), Vec::new());
        for loaded in futures_util::future::try_join_all(batches).await?.into_iter().flatten() {
            match row(loaded)? {
                Row::Itinerary(row) => itineraries.push(*row),
                Row::Standing(row) => standings.push(*row),
                Row::Part(_) => {}
            }
        }
        let card = |id: &ItineraryId| {
            Some(Card {
                itinerary: itineraries.iter().find(|itinerary| itinerary.id == *id)?.clone(),
                standing: standings.iter().find(|standing| standing.id == *id)?.clone(),
            })
        };
        Ok(ids.iter().filter_map(card).collect())
    }

    /// AP-159: the route of an itinerary.
    ///
    /// # Errors
    /// When DynamoDB does not answer.
    pub async fn find_itinerary_route(&self, id: ItineraryId) -> Result<Option<Route>, StoreError> {
        let loaded = self.get::<part_rows::RouteRow>(&keys::itinerary_route(id)).await?;
        loaded.map(|loaded| loaded.item.into_route()).transpose()
    }
}
