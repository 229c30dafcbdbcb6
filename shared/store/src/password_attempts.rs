//! Attempts at the password of an account, counted before the password is compared.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use tripsage_domain::lockout::{self, Attempts, Turn};

use crate::{Condition, Db, StoreError, Write, keys, keys::Digest};

/// A count without a further attempt is forgotten after this long.
const KEPT: SignedDuration = SignedDuration::from_hours(24);

/// Times that a lost race is run again. The free attempts bound how many can win before the rest has to wait.
const RACES: usize = 12;

#[derive(Debug, Clone, Serialize, Deserialize)]
struct AttemptsRow {
    count: u32,
    since: Timestamp,
    next_at: Timestamp,
    /// Tells this attempt from others at the same instant, which would otherwise be taken for repetitions of it.
    nonce: String,
    expires_at: i64,
}

impl AttemptsRow {
    fn new(attempts: Attempts, nonce: &str, now: Timestamp) -> Self {
        Self {
            nonce: nonce.to_owned(),
            count: attempts.count,
            since: attempts.since,
            next_at: attempts.next_at,
            expires_at: crate::epoch_seconds(now + KEPT),
        }
    }

    fn attempts(&self, now: Timestamp) -> Option<Attempts> {
        // Time to live deletes late.
        (crate::epoch_seconds(now) < self.expires_at).then_some(Attempts {
            count: self.count,
            since: self.since,
            next_at: self.next_at,
        })
    }
}

impl Db {
    /// AP-32: counts an attempt at the password of `account`, or says how long there may be none. The `nonce` is random.
    ///
    /// # Errors
    /// When DynamoDB does not answer.
    pub async fn count_password_attempt(
        &self,
        account: &Digest,
        nonce: &str,
        now: Timestamp,
    ) -> Result<Turn, StoreError> {
        let key = keys::password_attempts(account);
        for _ in 0..RACES {
            let known = self.get::<AttemptsRow>(&key).await?;
            let attempts = match lockout::attempt(known.as_ref().and_then(|row| row.item.attempts(now)), now) {
                Turn::Go(attempts) => attempts,
                wait @ Turn::Wait(_) => return Ok(wait),
            };
            let row = AttemptsRow::new(attempts, nonce, now);
            let write = match &known {
                Some(known) => Write::replace("attempts", key.clone(), &row, known.version)?,
                None => Write::insert("attempts", key.clone(), &row)?,
            };
            match self.commit(write).await {
                Ok(()) => return Ok(Turn::Go(attempts)),
                Err(StoreError::Conflict(_)) => {}
                Err(error) => return Err(error),
            }
        }
        Ok(Turn::Wait(SignedDuration::from_secs(1)))
    }

    /// AP-33: forgets the attempts, after a success or a reset.
    ///
    /// # Errors
    /// When DynamoDB does not answer.
    pub async fn forget_password_attempts(&self, account: &Digest) -> Result<(), StoreError> {
        let write = Write::remove("attempts", keys::password_attempts(account), Condition::Present);
        match self.commit(write).await {
            Ok(()) | Err(StoreError::Conflict(_)) => Ok(()),
            Err(error) => Err(error),
        }
    }
}
