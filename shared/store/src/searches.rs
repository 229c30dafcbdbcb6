//! What users searched for, and the searches that they saved: questions only, never answers.

use aws_sdk_dynamodb::types::AttributeValue;
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use tripsage_domain::ids::{SavedSearchId, SearchId, TripId, UserId};

use crate::{
    Condition, Db, Loaded, Range, StoreError, Transaction, Update, Write, epoch_seconds,
    keys::{self, Table},
};

/// Searches of a user that are remembered.
pub const MAX_RECENT: usize = 50;

/// Searches that a user may save.
pub const MAX_SAVED: usize = 50;

/// How long a search is remembered after it was last made.
const KEPT: SignedDuration = SignedDuration::from_hours(24 * 30);

/// A search that is made again within this time is not written again.
const MOVED_AFTER: SignedDuration = SignedDuration::from_mins(10);

/// Label of the write that fails when a user has saved as many searches as they may.
pub const SAVED_SEARCHES_FULL: &str = "saved_searches";

/// Label of the write that fails when a saved search is there already, or is not there.
pub const SAVED_SEARCH: &str = "saved_search";

/// A search that a user made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SearchRow {
    /// Its id: the same question of the same user has the same.
    pub id: SearchId,
    /// What was searched for: `flights`, `accommodations` and so on.
    pub kind: String,
    /// In a few words, for people.
    pub title: String,
    /// The question, as JSON.
    pub parameters: String,
    /// The trip that it was made for.
    pub trip: Option<TripId>,
    /// When it was last made, to within some minutes.
    pub searched_at: Timestamp,
    /// Time to live.
    pub expires_at: i64,
}

impl SearchRow {
    /// A search that is made now.
    pub fn new(
        id: SearchId,
        kind: &str,
        title: String,
        parameters: String,
        trip: Option<TripId>,
        now: Timestamp,
    ) -> Self {
        Self {
            id,
            kind: kind.to_owned(),
            title,
            parameters,
            trip,
            searched_at: now,
            expires_at: epoch_seconds(now + KEPT),
        }
    }

    fn is_kept(&self, now: Timestamp) -> bool {
        now < self.searched_at + KEPT
    }
}

/// A search that a user saved.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SavedSearchRow {
    /// Its id.
    pub id: SavedSearchId,
    /// What the user calls it.
    pub name: String,
    /// What it searches for.
    pub kind: String,
    /// The question, as JSON.
    pub parameters: String,
    /// The trip that it is for.
    pub trip: Option<TripId>,
    /// When it was saved.
    pub created_at: Timestamp,
}

impl Db {
    /// AP-120: remembers a search, and forgets the oldest when there are more than [`MAX_RECENT`].
    ///
    /// # Errors
    /// When DynamoDB does not answer.
    pub async fn remember_search(&self, user: UserId, row: &SearchRow) -> Result<(), StoreError> {
        let mut known = self.read_searches(user).await?;
        let same = known.iter().position(|known| known.item.id == row.id);
        let mut transaction = Transaction::default();
        let key = keys::recent_search(user, row.id);
        match same.map(|at| known.swap_remove(at)) {
            Some(old) if row.searched_at.duration_since(old.item.searched_at) < MOVED_AFTER => return Ok(()),
            Some(old) => transaction.push(Write::replace("search", key, row, old.version)?),
            None => transaction.push(Write::insert("search", key, row)?),
        }
        known.sort_by_key(|known| std::cmp::Reverse(known.item.searched_at));
        for old in known.iter().skip(MAX_RECENT - 1) {
            let key = keys::recent_search(user, old.item.id);
            transaction.push(Write::remove("search", key, Condition::anyway()));
        }
        match self.commit(transaction).await {
            // The same search at the same time: it is remembered.
            Err(StoreError::Conflict(_)) => Ok(()),
            result => result,
        }
    }

    /// AP-121: a search that a user made.
    ///
    /// # Errors
    /// When DynamoDB does not answer.
    pub async fn find_search(
        &self,
        user: UserId,
        id: SearchId,
        now: Timestamp,
    ) -> Result<Option<SearchRow>, StoreError> {
        let found = self.get::<SearchRow>(&keys::recent_search(user, id)).await?;
        Ok(found.map(|loaded| loaded.item).filter(|row| row.is_kept(now)))
    }

    /// AP-122: what a user searched for, newest first.
    ///
    /// # Errors
    /// When DynamoDB does not answer.
    pub async fn list_searches(&self, user: UserId, now: Timestamp) -> Result<Vec<SearchRow>, StoreError> {
        let loaded = self.read_searches(user).await?;
        let mut rows: Vec<SearchRow> = loaded.into_iter().map(|loaded| loaded.item).collect();
        rows.retain(|row| row.is_kept(now));
        rows.sort_by_key(|row| (std::cmp::Reverse(row.searched_at), row.id));
        rows.truncate(MAX_RECENT);
        Ok(rows)
    }

    async fn read_searches(&self, user: UserId) -> Result<Vec<Loaded<SearchRow>>, StoreError> {
        // Searches at the same time can leave a few more than the most; the next one removes them.
        let (pk, most) = (keys::user_partition(user), MAX_RECENT + 40);
        self.query_all(Range::new(Table::Travel, pk, keys::RECENT_SEARCH_PREFIX, most))
            .await
    }

    /// AP-123: the searches that a user saved, newest first.
    ///
    /// # Errors
    /// When DynamoDB does not answer.
    pub async fn list_saved_searches(&self, user: UserId) -> Result<Vec<SavedSearchRow>, StoreError> {
        let pk = keys::user_partition(user);
        let range = Range::new(Table::Travel, pk, keys::SAVED_SEARCH_PREFIX, MAX_SAVED);
        let loaded = self.query_all::<SavedSearchRow>(range).await?;
        let mut rows: Vec<SavedSearchRow> = loaded.into_iter().map(|loaded| loaded.item).collect();
        rows.sort_by_key(|row| (std::cmp::Reverse(row.created_at), row.id));
        Ok(rows)
    }
}

impl Transaction {
    /// AP-124: saves a search. Conflicts: [`SAVED_SEARCH`], [`SAVED_SEARCHES_FULL`].
    ///
    /// # Errors
    /// When the row cannot be expressed in DynamoDB's types.
    pub fn inserting_saved_search(user: UserId, row: &SavedSearchRow) -> Result<Self, StoreError> {
        let most = AttributeValue::N(MAX_SAVED.to_string());
        let room = Condition::expression("attribute_not_exists(#saved) OR #saved < :most", vec![("most", most)]);
        let insert = Write::insert(SAVED_SEARCH, keys::saved_search(user, row.id), row)?;
        Ok(Self::from(insert).with(counting(user, 1, room)))
    }

    /// AP-125: removes a saved search. Conflict: [`SAVED_SEARCH`] when there is none.
    pub fn removing_saved_search(user: UserId, id: SavedSearchId) -> Self {
        let remove = Write::remove(SAVED_SEARCH, keys::saved_search(user, id), Condition::Present);
        Self::from(remove).with(counting(user, -1, Condition::Present))
    }
}

fn counting(user: UserId, by: i64, condition: Condition) -> Write {
    let update = Update::default().add("saved", by).add("version", 1);
    Write::update(SAVED_SEARCHES_FULL, keys::saved_search_count(user), update, condition)
}
