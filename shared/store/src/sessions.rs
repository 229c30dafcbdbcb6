//! Sign-ins: beginning, refreshing, listing and ending them.

use jiff::{SignedDuration, Timestamp};
use tripsage_domain::ids::{SessionId, UserId};

use crate::{Db, Loaded, Range, StoreError, Transaction, Write, credentials::SessionRow, keys, keys::Table};

/// A sign-in that was revoked is kept for as long as its access tokens could be presented.
const KEPT_REVOKED: SignedDuration = SignedDuration::from_hours(1);

/// Sign-ins that are read at most, ended ones that time to live has not removed yet included.
const MOST: usize = 500;

/// Sign-ins that are ended in one transaction, with their audit records.
const BATCH: usize = 90;

/// Label of the write that fails when a sign-in was changed at the same time.
pub const SESSION_CHANGED: &str = "session";

impl SessionRow {
    /// The same sign-in, ended.
    #[must_use]
    pub fn revoked(mut self, now: Timestamp) -> Self {
        self.revoked_at = Some(now);
        self.expires_at = crate::epoch_seconds(now + KEPT_REVOKED);
        self
    }
}

impl Db {
    /// One sign-in with its version, for who changes it (AP-06).
    ///
    /// # Errors
    /// When DynamoDB does not answer.
    pub async fn load_session(
        &self,
        user: UserId,
        session: SessionId,
    ) -> Result<Option<Loaded<SessionRow>>, StoreError> {
        self.get(&keys::session(user, session)).await
    }

    /// AP-25: sign-ins of a user that last, in no order.
    ///
    /// # Errors
    /// When DynamoDB does not answer.
    pub async fn list_sessions(&self, user: UserId, now: Timestamp) -> Result<Vec<Loaded<SessionRow>>, StoreError> {
        let range = Range::new(Table::Identity, keys::user_partition(user), "SESSION#", MOST);
        let mut sessions = self.query_all::<SessionRow>(range).await?;
        sessions.retain(|session| session.item.is_live(now));
        Ok(sessions)
    }

    /// AP-26: puts the rotated sign-in in the place of the one that was read: the compare-and-set that decides between
    /// refreshes at the same time.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] when another refresh, or a revocation, was faster.
    pub async fn rotate_session(&self, expected: u64, rotated: &SessionRow) -> Result<(), StoreError> {
        let key = keys::session(rotated.user, rotated.id);
        self.commit(Write::replace(SESSION_CHANGED, key, rotated, expected)?)
            .await
    }

    /// Ends every sign-in of a user but `except`; says which (AP-25, then AP-27). A refresh at the same time does not save a
    /// sign-in.
    ///
    /// # Errors
    /// When DynamoDB does not answer, or the sign-ins change faster than they can be ended.
    pub async fn revoke_sessions(
        &self,
        user: UserId,
        except: Option<SessionId>,
        now: Timestamp,
    ) -> Result<Vec<SessionId>, StoreError> {
        let mut ended = Vec::new();
        for _ in 0..5 {
            let mut sessions = self.list_sessions(user, now).await?;
            sessions.retain(|session| Some(session.item.id) != except);
            if sessions.is_empty() {
                return Ok(ended);
            }
            for batch in sessions.chunks(BATCH) {
                let mut transaction = Transaction::default();
                for session in batch {
                    transaction = transaction.revoking_session(session, now)?;
                }
                match self.commit(transaction).await {
                    Ok(()) => ended.extend(batch.iter().map(|session| session.item.id)),
                    // Somebody refreshed or signed out; look again.
                    Err(StoreError::Conflict(_)) => {}
                    Err(error) => return Err(error),
                }
            }
        }
        Err(StoreError::Throttled("sign-ins keep changing".to_owned()))
    }
}

impl Transaction {
    /// AP-24: a new sign-in.
    ///
    /// # Errors
    /// When the row cannot be expressed in DynamoDB's types.
    pub fn inserting_session(self, session: &SessionRow) -> Result<Self, StoreError> {
        let key = keys::session(session.user, session.id);
        Ok(self.with(Write::insert(SESSION_CHANGED, key, session)?))
    }

    /// AP-27: ends a sign-in. Conflict: [`SESSION_CHANGED`].
    ///
    /// # Errors
    /// As [`Self::inserting_session`].
    pub fn revoking_session(self, session: &Loaded<SessionRow>, now: Timestamp) -> Result<Self, StoreError> {
        let row = session.item.clone().revoked(now);
        let key = keys::session(row.user, row.id);
        Ok(self.with(Write::replace(SESSION_CHANGED, key, &row, session.version)?))
    }
}
