//! Secrets that work once: mailed links, one-time codes, and the state of a round trip to a provider. Only digests of
//! them are kept.

use aws_sdk_dynamodb::types::AttributeValue;
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use tripsage_domain::{ids::UserId, user::Provider};

use crate::{
    Condition, Db, Loaded, StoreError, Transaction, Update, Write,
    keys::{self, Digest, Purpose},
};

/// Times that a one-time code may be tried.
pub const CODE_TRIES: u32 = 5;

/// A link that was mailed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MailedLinkRow {
    /// Digest of its secret.
    pub digest: String,
    /// Digest of the address that it was mailed to.
    pub email: String,
    /// When it was mailed.
    pub sent_at: Timestamp,
    /// Until when it works.
    pub ends_at: Timestamp,
    /// For time to live.
    pub expires_at: i64,
}

/// A one-time code that was mailed, and how often one was asked for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CodeRow {
    /// HMAC of the code.
    pub mac: String,
    /// Whether it can still be used.
    pub usable: bool,
    /// Times that it was tried.
    pub tries: u32,
    /// When it was mailed.
    pub sent_at: Timestamp,
    /// Until when it works, in milliseconds since 1970.
    pub ends_ms: i64,
    /// Codes that were asked for since `counted_since`.
    pub requests: u32,
    /// Since when requests are counted.
    pub counted_since: Timestamp,
    /// For time to live.
    pub expires_at: i64,
}

/// A round trip to a provider that is under way.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RoundTripRow {
    /// Name of the provider.
    pub provider: String,
    /// Who wants to connect an account; `None`: somebody wants to sign in.
    pub user: Option<UserId>,
    /// Digest of the cookie of the browser that began it.
    pub browser: String,
    /// Until when it may come back.
    pub ends_at: Timestamp,
    /// For time to live.
    pub expires_at: i64,
}

impl MailedLinkRow {
    /// A link that works for `life`.
    pub fn new(digest: &Digest, email: &Digest, now: Timestamp, life: SignedDuration) -> Self {
        let ends_at = now + life;
        Self {
            digest: digest.to_string(),
            email: email.to_string(),
            sent_at: now,
            ends_at,
            expires_at: crate::epoch_seconds(ends_at),
        }
    }
}

impl RoundTripRow {
    /// A round trip that may take `life`.
    pub fn new(
        provider: Provider,
        user: Option<UserId>,
        browser: &Digest,
        now: Timestamp,
        life: SignedDuration,
    ) -> Self {
        let ends_at = now + life;
        Self {
            provider: provider.name().to_owned(),
            user,
            browser: browser.to_string(),
            ends_at,
            expires_at: crate::epoch_seconds(ends_at),
        }
    }
}

impl Db {
    /// AP-34: the link that was mailed to a user for this purpose.
    ///
    /// # Errors
    /// When DynamoDB does not answer.
    pub async fn find_mailed_link(
        &self,
        user: UserId,
        purpose: Purpose,
    ) -> Result<Option<Loaded<MailedLinkRow>>, StoreError> {
        self.get(&keys::mailed_link(user, purpose)).await
    }

    /// AP-35: a new link in the place of the one that was read: only the newest works.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] when another one was mailed at the same time.
    pub async fn replace_mailed_link(
        &self,
        user: UserId,
        purpose: Purpose,
        old: Option<u64>,
        new: &MailedLinkRow,
    ) -> Result<(), StoreError> {
        let key = keys::mailed_link(user, purpose);
        self.commit(put("link", key, old, new)?).await
    }

    /// AP-36: the one-time code of an address.
    ///
    /// # Errors
    /// When DynamoDB does not answer.
    pub async fn find_code(&self, email: &Digest) -> Result<Option<Loaded<CodeRow>>, StoreError> {
        self.get(&keys::one_time_code(email)).await
    }

    /// AP-37: a new code in the place of the one that was read.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] when another one was asked for, or tried, at the same time.
    pub async fn replace_code(&self, email: &Digest, old: Option<u64>, new: &CodeRow) -> Result<(), StoreError> {
        self.commit(put("code", keys::one_time_code(email), old, new)?).await
    }

    /// AP-09: counts a try at a code, and gives the code to compare with; `None` when there is none that can be tried.
    /// The count happens before the comparison, so that tries at the same time cannot exceed it.
    ///
    /// # Errors
    /// When DynamoDB does not answer.
    pub async fn try_code(&self, email: &Digest, now: Timestamp) -> Result<Option<CodeRow>, StoreError> {
        let condition = Condition::expression(
            "#usable = :yes AND #tries < :most AND #ends_ms > :now",
            vec![
                ("yes", AttributeValue::Bool(true)),
                ("most", AttributeValue::N(CODE_TRIES.to_string())),
                ("now", AttributeValue::N(now.as_millisecond().to_string())),
            ],
        );
        let update = Update::default().add("tries", 1).add("version", 1);
        // A retry after a lost answer may count twice, which errs on the safe side.
        match self
            .update(Write::update("code", keys::one_time_code(email), update, condition))
            .await
        {
            Ok(row) => Ok(Some(row)),
            Err(StoreError::Conflict(_)) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// AP-38: begins a round trip to a provider.
    ///
    /// # Errors
    /// When DynamoDB does not answer.
    pub async fn insert_round_trip(&self, state: &Digest, row: &RoundTripRow) -> Result<(), StoreError> {
        self.commit(Write::insert("state", keys::provider_round_trip(state), row)?)
            .await
    }

    /// AP-39: ends a round trip that comes back to the provider and the browser that began it; `None` when there is no
    /// such round trip, not any more, or it took too long. Of several at the same time one gets it.
    ///
    /// # Errors
    /// When DynamoDB does not answer.
    pub async fn take_round_trip(
        &self,
        state: &Digest,
        provider: Provider,
        browser: &Digest,
        now: Timestamp,
    ) -> Result<Option<RoundTripRow>, StoreError> {
        let key = keys::provider_round_trip(state);
        let Some(Loaded { item: row, version }) = self.get::<RoundTripRow>(&key).await? else {
            return Ok(None);
        };
        if row.provider != provider.name() || row.browser != browser.to_string() || now >= row.ends_at {
            return Ok(None);
        }
        match self
            .commit(Write::remove("state", key, Condition::Version(version)))
            .await
        {
            Ok(()) => Ok(Some(row)),
            Err(StoreError::Conflict(_)) => Ok(None),
            Err(error) => Err(error),
        }
    }
}

impl Transaction {
    /// Uses up the link that was read (AP-35). Conflict: `link`.
    #[must_use]
    pub fn using_link(self, user: UserId, purpose: Purpose, link: &Loaded<MailedLinkRow>) -> Self {
        let key = keys::mailed_link(user, purpose);
        self.with(Write::remove("link", key, Condition::Version(link.version)))
    }

    /// Uses up the code that was compared (with the condition of AP-37). Conflict: `code`, when it was used or replaced at the same time.
    #[must_use]
    pub fn using_code(self, email: &Digest, code: &CodeRow) -> Self {
        let condition = Condition::expression(
            "#usable = :yes AND #mac = :mac",
            vec![
                ("yes", AttributeValue::Bool(true)),
                ("mac", AttributeValue::S(code.mac.clone())),
            ],
        );
        let update = Update::default()
            .set("usable", AttributeValue::Bool(false))
            .add("version", 1);
        self.with(Write::update("code", keys::one_time_code(email), update, condition))
    }
}

fn put<T: Serialize>(label: &'static str, key: keys::Key, old: Option<u64>, new: &T) -> Result<Write, StoreError> {
    match old {
        Some(version) => Write::replace(label, key, new, version),
        None => Write::insert(label, key, new),
    }
}
