//! The audit trail of each user.

use jiff::{Timestamp, ToSpan};
use serde::{Deserialize, Serialize};
use tripsage_domain::{audit::Record, ids::UserId};

use crate::{Db, Page, Range, StoreError, Transaction, Write, keys, keys::Table};

/// How long an entry is kept.
const RETENTION_DAYS: i64 = 2555;

/// How long an entry about a single use is kept.
const USE_RETENTION_DAYS: i64 = 400;

/// An entry as it is stored.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct AuditRow {
    /// Its id.
    pub id: String,
    /// When it happened.
    pub at: Timestamp,
    /// Dotted name of what happened.
    pub action: String,
    /// `success` or `failure`.
    pub outcome: String,
    /// What it happened to.
    pub target: String,
    /// Address of the client.
    pub ip: String,
    /// What the client called itself.
    pub user_agent: String,
    /// Id of the request.
    pub request_id: String,
    expires_at: i64,
}

impl AuditRow {
    /// Where in the trail it stands.
    fn position(&self) -> String {
        format!("{}#{}", keys::Instant::from(self.at), self.id)
    }
}

impl Transaction {
    /// Adds an entry of the audit trail, so that it is there exactly when what it describes has happened.
    ///
    /// # Errors
    /// When the record cannot be expressed in DynamoDB's types.
    pub fn audited(self, record: &Record) -> Result<Self, StoreError> {
        self.audited_for(record, RETENTION_DAYS * 24)
    }

    /// Adds an entry about a single use of something, of which there are many, and forgets it after 400 days, as logs are.
    ///
    /// # Errors
    /// As [`Self::audited`].
    pub fn audited_use(self, record: &Record) -> Result<Self, StoreError> {
        self.audited_for(record, USE_RETENTION_DAYS * 24)
    }

    /// Adds an entry about an account that does not exist, and forgets it after an hour: what happens to an unknown
    /// account must cost as much time as what happens to a known one.
    ///
    /// # Errors
    /// As [`Self::audited`].
    pub fn audited_briefly(self, record: &Record) -> Result<Self, StoreError> {
        self.audited_for(record, 1)
    }

    fn audited_for(self, record: &Record, hours: i64) -> Result<Self, StoreError> {
        let row = AuditRow {
            id: record.id.to_string(),
            at: record.at,
            action: record.action.name().to_owned(),
            outcome: record.action.outcome().to_owned(),
            target: record.target.clone(),
            ip: record.source.ip.clone(),
            user_agent: record.source.user_agent.clone(),
            request_id: record.source.request_id.clone(),
            expires_at: record
                .at
                .saturating_add(hours.hours())
                .map_or(i64::MAX, crate::epoch_seconds),
        };
        Ok(self.with(Write::insert(
            "audit",
            keys::audit(record.user, record.at, record.id),
            &row,
        )?))
    }
}

/// Which entries of a trail to read.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TrailFilter {
    /// Only entries with this action.
    pub action: Option<String>,
    /// Only entries whose action begins with this.
    pub family: Option<&'static str>,
    /// Only entries from then on.
    pub from: Option<Timestamp>,
    /// Only entries before then.
    pub until: Option<Timestamp>,
}

/// Entries that one request looks at, however few of them pass its filter.
const MOST_READ: usize = 500;

impl Db {
    /// AP-80: a page of a user's own trail, newest first. A rare action may give a short page with more to follow.
    ///
    /// # Errors
    /// When DynamoDB does not answer.
    pub async fn search_audit(
        &self,
        user: UserId,
        filter: &TrailFilter,
        limit: usize,
        after: Option<String>,
    ) -> Result<Page<AuditRow>, StoreError> {
        let mut next = after.or_else(|| filter.until.map(keys::audit_before));
        let mut items = Vec::new();
        let is_filtered = filter.action.is_some() || filter.family.is_some();
        let step = if is_filtered { 100 } else { limit };
        for _ in 0..MOST_READ.div_ceil(step) {
            let range = Range::new(Table::Operations, keys::audit_partition(user), "", step)
                .descending()
                .after(next.take());
            let page = self.query::<AuditRow>(range).await?;
            for row in page.items.into_iter().map(|loaded| loaded.item) {
                if filter.from.is_some_and(|from| row.at < from) {
                    return Ok(Page { items, next: None });
                }
                if items.len() == limit {
                    // There is at least this one more.
                    let next = items.last().map(AuditRow::position);
                    return Ok(Page { items, next });
                }
                let is_wanted = filter.action.as_ref().is_none_or(|action| *action == row.action)
                    && filter.family.is_none_or(|family| row.action.starts_with(family));
                if is_wanted {
                    items.push(row);
                }
            }
            next = page.next;
            if next.is_none() || (items.len() == limit && !is_filtered) {
                break;
            }
        }
        Ok(Page { items, next })
    }
}
