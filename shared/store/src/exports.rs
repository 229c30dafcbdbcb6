//! Archives of what is stored about a user. One at a time, kept for a day.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use tripsage_domain::ids::{ExportId, UserId};

use crate::{
    Condition, Db, Loaded, Range, StoreError, Transaction, Write,
    due::DueRow,
    keys::{self, DueList, Table},
};

/// How long an archive is kept.
pub const KEPT: SignedDuration = SignedDuration::from_hours(24);

/// Label of the write that fails when another export was asked for at the same time.
pub const EXPORT_CHANGED: &str = "export";

/// How far an export is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ExportStatus {
    /// It is too large to be made at once, and waits for its job.
    Pending,
    /// Its archive is there.
    Completed,
}

/// An export that was asked for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ExportRow {
    /// Its id.
    pub id: ExportId,
    /// When it was asked for.
    pub created_at: Timestamp,
    /// How far it is.
    pub status: ExportStatus,
    /// How many parts its archive has.
    pub parts: u64,
    /// Characters of JSON in all parts together.
    pub size: u64,
    /// For time to live.
    pub expires_at: i64,
}

/// A part of an archive.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct PartRow {
    /// A JSON array of entries.
    entries: String,
    expires_at: i64,
}

impl ExportRow {
    /// An export that is not made yet.
    pub fn new(id: ExportId, now: Timestamp) -> Self {
        Self {
            id,
            created_at: now,
            status: ExportStatus::Pending,
            parts: 0,
            size: 0,
            expires_at: crate::epoch_seconds(now + KEPT),
        }
    }

    /// Whether its archive may still be read.
    pub fn is_kept(&self, now: Timestamp) -> bool {
        now < self.created_at + KEPT
    }
}

impl Db {
    /// AP-85: the newest export of a user.
    ///
    /// # Errors
    /// When DynamoDB does not answer.
    pub async fn find_export(&self, user: UserId) -> Result<Option<Loaded<ExportRow>>, StoreError> {
        self.get(&keys::newest_export(user)).await
    }

    /// AP-86: one part of an archive, a JSON array; parts are counted from 1.
    ///
    /// # Errors
    /// When DynamoDB does not answer.
    pub async fn find_export_part(
        &self,
        user: UserId,
        export: ExportId,
        number: u64,
    ) -> Result<Option<String>, StoreError> {
        let key = keys::export_part(user, export, number);
        Ok(self.get::<PartRow>(&key).await?.map(|loaded| loaded.item.entries))
    }

    /// AP-86: all parts of an archive, in their order.
    ///
    /// # Errors
    /// When DynamoDB does not answer.
    pub async fn list_export_parts(&self, user: UserId, export: &ExportRow) -> Result<Vec<String>, StoreError> {
        let prefix = keys::export_parts(export.id);
        let most = usize::try_from(export.parts).unwrap_or(usize::MAX);
        let range = Range::new(Table::Operations, keys::user_partition(user), prefix, most);
        let rows = self.query_all::<PartRow>(range).await?;
        Ok(rows.into_iter().map(|loaded| loaded.item.entries).collect())
    }

    /// AP-87: stores one part of an archive; a job that begins anew writes it again.
    ///
    /// # Errors
    /// When DynamoDB does not answer.
    pub async fn put_export_part(
        &self,
        user: UserId,
        export: &ExportRow,
        number: u64,
        entries: String,
    ) -> Result<(), StoreError> {
        let expires_at = export.expires_at;
        let row = PartRow { entries, expires_at };
        let key = keys::export_part(user, export.id, number);
        self.commit(Write::put("part", key, &row, 1, Condition::anyway())?)
            .await
    }

    /// AP-87: an export in the place of the one that was read.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] with [`EXPORT_CHANGED`] when another one was asked for at the same time.
    pub async fn replace_export(&self, user: UserId, old: u64, new: &ExportRow) -> Result<(), StoreError> {
        let key = keys::newest_export(user);
        self.commit(Write::replace(EXPORT_CHANGED, key, new, old)?).await
    }
}

impl Transaction {
    /// AP-84: a new export in the place of the one that was read, or a first one, on the list of its job until it is
    /// made. Conflict: [`EXPORT_CHANGED`].
    ///
    /// # Errors
    /// When the row cannot be expressed in DynamoDB's types.
    pub fn beginning_export(self, user: UserId, old: Option<u64>, new: &ExportRow) -> Result<Self, StoreError> {
        let key = keys::newest_export(user);
        let write = match old {
            Some(version) => Write::replace(EXPORT_CHANGED, key, new, version)?,
            None => Write::insert(EXPORT_CHANGED, key, new)?,
        };
        let due = DueRow::new(new.created_at, user.uuid()).scheduled(DueList::Export)?;
        Ok(self.with(write).with(due))
    }
}
