//! Erasing what a user said of itineraries.

use jiff::Timestamp;
use tripsage_domain::ids::UserId;

use super::walk::Row;
use crate::{
    Condition, Db, Range, StoreError, Write,
    keys::{self, Table, ratings},
};

/// Rows that are read at once.
const BATCH: usize = 25;

impl Db {
    /// AP-197: deletes every rating and all travel intel of a user, and what they responded to that of others. What
    /// points at a thing goes with it, or after it, so that the next attempt finds what is left.
    pub(super) async fn unsay(&self, user: UserId, now: Timestamp) -> Result<(), StoreError> {
        for row in self.pointers(user, ratings::RATED_PREFIX).await? {
            self.remove_rating(row.id("id")?, None).await?;
            self.unpointed(row).await?;
        }
        for row in self.pointers(user, ratings::TOLD_PREFIX).await? {
            self.remove_intel(row.id("id")?, None, now).await?;
            self.unpointed(row).await?;
        }
        for row in self.pointers(user, ratings::RESPONDED_PREFIX).await? {
            self.remove_response(user, row.id("id")?, now).await?;
        }
        Ok(())
    }

    async fn pointers(&self, user: UserId, prefix: &str) -> Result<Vec<Row>, StoreError> {
        let mut range = Range::new(Table::Community, keys::user_partition(user), prefix, BATCH);
        let mut found = Vec::new();
        loop {
            let page = self.rows(range.clone()).await?;
            found.extend(page.items);
            let Some(next) = page.next else { return Ok(found) };
            range = range.after(Some(next));
        }
    }

    /// A pointer that its thing did not take with it, because an earlier attempt had removed the thing.
    async fn unpointed(&self, row: Row) -> Result<(), StoreError> {
        self.commit(Write::remove("pointer", row.key, Condition::anyway()))
            .await
    }
}
