use jiff::Timestamp;
use serde_json::{Value, json};
use tripsage_domain::ids::UserId;

use super::{
    Entity, Export,
    walk::{Row, Walk},
};
use crate::{
    Db, StoreError,
    due::DueRow,
    exports::{EXPORT_CHANGED, ExportRow, ExportStatus},
    keys::DueList,
};

/// Characters of JSON in one part; DynamoDB stores at most 400 KB in a row.
const PART: usize = 200_000;

/// Pages that are read while somebody waits for the answer.
pub const INLINE: usize = 60;

/// What became of an export.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Made {
    /// Its archive is there.
    Completed(ExportRow),
    /// There is more to read than may be read at once.
    TooLarge,
    /// It was not asked for any more.
    Gone,
}

/// Attributes of every row that say nothing about its user.
const STORAGE: [&str; 4] = ["pk", "sk", "version", "expires_at"];

/// What an export gives of a row.
fn entry(row: &Row) -> Option<Value> {
    let Export::Section(section, left_out) = row.entity.export() else {
        return None;
    };
    let mut data = row.value.clone();
    if let Some(data) = data.as_object_mut() {
        data.retain(|name, _| !STORAGE.contains(&name.as_str()) && !left_out.contains(&name.as_str()));
    }
    Some(json!({ "section": section, "data": data }))
}

impl Db {
    /// AP-87, AP-90: makes the archive of the export that a user asked for. With a limit it gives up after so many
    /// pages; beginning anew is always right, because a part that is there is written again.
    ///
    /// # Errors
    /// When DynamoDB does not answer.
    pub async fn make_export(&self, user: UserId, now: Timestamp, limit: Option<usize>) -> Result<Made, StoreError> {
        let (Some(user), Some(export)) = tokio::try_join!(self.find_user(user), self.find_export(user))? else {
            return Ok(Made::Gone);
        };
        let (id, mut head) = (user.item.id, export.item);
        if !head.is_kept(now) {
            return Ok(Made::Gone);
        }
        if head.status == ExportStatus::Completed {
            return Ok(Made::Completed(head));
        }
        (head.parts, head.size) = (0, 0);
        let mut part = String::new();
        let mut walk = Walk::new(self, &user.item)?;
        let mut pages = 0;
        while let Some(rows) = walk.next().await? {
            pages += 1;
            if limit.is_some_and(|limit| pages > limit) {
                return Ok(Made::TooLarge);
            }
            // The export that is being made would say that it is not.
            let entries = rows.iter().filter(|row| row.entity != Entity::NewestExport);
            for entry in entries.filter_map(entry) {
                let entry = entry.to_string();
                if !part.is_empty() && part.len() + entry.len() > PART {
                    self.put_part(id, &mut head, &mut part).await?;
                }
                part.push(if part.is_empty() { '[' } else { ',' });
                part.push_str(&entry);
            }
        }
        if !part.is_empty() {
            self.put_part(id, &mut head, &mut part).await?;
        }
        head.status = ExportStatus::Completed;
        match self.replace_export(id, export.version, &head).await {
            // Another attempt at the same export was faster, or another export was asked for.
            Err(error) if error.is_conflict(EXPORT_CHANGED) => return Ok(Made::Gone),
            result => result?,
        }
        self.settle(DueList::Export, &DueRow::new(head.created_at, id.uuid()))
            .await?;
        Ok(Made::Completed(head))
    }

    async fn put_part(&self, user: UserId, head: &mut ExportRow, part: &mut String) -> Result<(), StoreError> {
        let mut entries = std::mem::take(part);
        entries.push(']');
        head.parts += 1;
        head.size += entries.len() as u64;
        self.put_export_part(user, head, head.parts, entries).await
    }
}
