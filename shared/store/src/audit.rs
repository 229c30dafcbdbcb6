//! The audit trail of each user.

use jiff::{Timestamp, ToSpan};
use serde::{Deserialize, Serialize};
use tripsage_domain::{audit::Record, ids::UserId};

use crate::{Db, Page, Range, StoreError, Transaction, Write, keys, keys::Table};

/// How long an entry is kept.
const RETENTION_DAYS: i64 = 2555;

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

impl Transaction {
    /// Adds an entry of the audit trail, so that it is there exactly when what it describes has happened.
    ///
    /// # Errors
    /// When the record cannot be expressed in DynamoDB's types.
    pub fn audited(self, record: &Record) -> Result<Self, StoreError> {
        self.audited_for(record, RETENTION_DAYS * 24)
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

impl Db {
    /// AP-01: the newest entries of a user's own trail.
    ///
    /// # Errors
    /// When DynamoDB does not answer.
    pub async fn list_audit(
        &self,
        user: UserId,
        limit: usize,
        after: Option<String>,
    ) -> Result<Page<AuditRow>, StoreError> {
        let range = Range::new(Table::Operations, keys::audit_partition(user), "", limit)
            .descending()
            .after(after);
        let page = self.query(range).await?;
        Ok(Page {
            items: page.items.into_iter().map(|loaded| loaded.item).collect(),
            next: page.next,
        })
    }
}
