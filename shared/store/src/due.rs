//! What falls due: lists that scheduled jobs work off, oldest first, so that no job has to look through a table.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::{
    Condition, Db, Range, StoreError, Write,
    keys::{self, DueList, Table},
};

/// An entry of a list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DueRow {
    /// When it falls due.
    pub at: Timestamp,
    /// What: the id of a user, or of a trip.
    pub id: Uuid,
    /// What the job has to remember between two attempts, as JSON.
    #[serde(default)]
    pub notes: Option<String>,
}

impl DueRow {
    /// `id` falls due at `at`.
    pub fn new(at: Timestamp, id: Uuid) -> Self {
        Self { at, id, notes: None }
    }

    /// AP-89: the write that puts it on a list. Doing so twice changes nothing.
    ///
    /// # Errors
    /// When the row cannot be expressed in DynamoDB's types.
    pub fn scheduled(&self, list: DueList) -> Result<Write, StoreError> {
        let key = keys::due(list, self.at, self.id);
        Write::put("due", key, self, 1, Condition::anyway())
    }

    /// AP-89: the write that takes an entry off a list, if it is there.
    pub fn settled(list: DueList, at: Timestamp, id: Uuid) -> Write {
        Write::remove("due", keys::due(list, at, id), Condition::anyway())
    }
}

impl Db {
    /// AP-88: what has fallen due, oldest first, at most `limit` entries.
    ///
    /// # Errors
    /// When DynamoDB does not answer.
    pub async fn list_due(&self, list: DueList, now: Timestamp, limit: usize) -> Result<Vec<DueRow>, StoreError> {
        let range = Range::new(Table::Operations, keys::due_partition(list), "", limit);
        let mut rows = Vec::new();
        for loaded in self.query::<DueRow>(range).await?.items {
            if loaded.item.at > now {
                break;
            }
            rows.push(loaded.item);
        }
        Ok(rows)
    }

    /// AP-89: takes an entry off a list.
    ///
    /// # Errors
    /// When DynamoDB does not answer.
    pub async fn settle(&self, list: DueList, row: &DueRow) -> Result<(), StoreError> {
        self.commit(DueRow::settled(list, row.at, row.id)).await
    }

    /// AP-89: keeps what a job has to remember.
    ///
    /// # Errors
    /// When DynamoDB does not answer.
    pub async fn note(&self, list: DueList, row: &DueRow) -> Result<(), StoreError> {
        self.commit(row.scheduled(list)?).await
    }
}
