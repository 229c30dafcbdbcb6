//! Requests that may arrive more than once and must have one effect.
//!
//! A request with an `Idempotency-Key` first claims its row. The claim names an attempt; every transaction that the
//! request commits checks that the attempt is still the current one and records that it has had its effect, so an
//! attempt that was overtaken while it stalled can change nothing any more.

use aws_sdk_dynamodb::types::AttributeValue;
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::{Condition, Db, Loaded, StoreError, Transaction, Update, Write, keys, keys::Digest};

/// How long an answer is remembered.
pub const RETENTION: SignedDuration = SignedDuration::from_hours(24);

/// How long an attempt may run before another may take over; longer than any function may run.
pub const ATTEMPT_LIMIT: SignedDuration = SignedDuration::from_secs(30);

#[derive(Debug, Clone, Serialize, Deserialize)]
struct Row {
    payload: String,
    attempt: String,
    deadline: Timestamp,
    created: Timestamp,
    /// Whether a transaction of some attempt has been committed.
    effect: bool,
    response: Option<Remembered>,
    expires_at: i64,
}

/// An answer that is given again to a repeated request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Remembered {
    /// HTTP status.
    pub status: u16,
    /// Headers that belong to the answer itself.
    pub headers: Vec<(String, String)>,
    /// Body.
    pub body: String,
}

/// The right to have the effect of one idempotent request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Claim {
    scope: Digest,
    attempt: String,
    /// Seed for the ids of what the request creates: the same for every attempt.
    pub seed: String,
    /// Whether an earlier attempt has already had its effect, and only its answer was lost.
    pub resumed: bool,
}

/// What became of a request's attempt to claim its row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Claimed {
    /// Go on.
    Go(Claim),
    /// It was answered before.
    Answered(Remembered),
    /// Another attempt is running; ask again later.
    Running,
    /// The key was used for another request.
    OtherPayload,
}

impl Db {
    /// AP-02: claims the row of an idempotent request.
    ///
    /// `scope` is the digest of caller, operation and key; `payload` that of the request; `attempt` is random.
    ///
    /// # Errors
    /// When DynamoDB does not answer.
    pub async fn claim(
        &self,
        scope: Digest,
        payload: &Digest,
        attempt: String,
        now: Timestamp,
    ) -> Result<Claimed, StoreError> {
        let key = keys::idempotency(&scope);
        let fresh = Row {
            payload: payload.to_string(),
            attempt: attempt.clone(),
            deadline: now + ATTEMPT_LIMIT,
            created: now,
            effect: false,
            response: None,
            expires_at: crate::epoch_seconds(now + RETENTION),
        };
        match self.commit(Write::insert("claim", key.clone(), &fresh)?).await {
            Ok(()) => return Ok(Claimed::Go(Claim::new(scope, &fresh, false))),
            Err(StoreError::Conflict(_)) => {}
            Err(error) => return Err(error),
        }
        let Some(Loaded { item: row, version }) = self.get::<Row>(&key).await? else {
            return Ok(Claimed::Running);
        };
        // Time to live deletes late: what counts is the stored time.
        if now >= row.created + RETENTION {
            return self.take_over(scope, fresh, version).await;
        }
        if row.payload != fresh.payload {
            return Ok(Claimed::OtherPayload);
        }
        if let Some(response) = row.response {
            return Ok(Claimed::Answered(response));
        }
        if now < row.deadline {
            return Ok(Claimed::Running);
        }
        self.take_over(
            scope,
            Row {
                created: row.created,
                effect: row.effect,
                ..fresh
            },
            version,
        )
        .await
    }

    async fn take_over(&self, scope: Digest, row: Row, version: u64) -> Result<Claimed, StoreError> {
        match self
            .commit(Write::replace("claim", keys::idempotency(&scope), &row, version)?)
            .await
        {
            Ok(()) => Ok(Claimed::Go(Claim::new(scope, &row, row.effect))),
            Err(StoreError::Conflict(_)) => Ok(Claimed::Running),
            Err(error) => Err(error),
        }
    }

    /// AP-03: remembers the answer, if the attempt is still the current one.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] when another attempt has taken over.
    pub async fn remember(&self, claim: &Claim, response: &Remembered) -> Result<(), StoreError> {
        let value = serde_dynamo::to_attribute_value(response)?;
        let update = Update::default().set("response", value).add("version", 1);
        self.commit(Write::update(
            "attempt",
            keys::idempotency(&claim.scope),
            update,
            claim.is_current(),
        ))
        .await
    }

    /// AP-04: forgets a request that had no effect, so that it can be sent again.
    ///
    /// # Errors
    /// When DynamoDB does not answer.
    pub async fn release(&self, claim: &Claim) -> Result<(), StoreError> {
        let condition = Condition::expression(
            "#attempt = :attempt AND #effect = :no",
            vec![
                ("attempt", AttributeValue::S(claim.attempt.clone())),
                ("no", AttributeValue::Bool(false)),
            ],
        );
        match self
            .commit(Write::remove("attempt", keys::idempotency(&claim.scope), condition))
            .await
        {
            Err(StoreError::Conflict(_)) | Ok(()) => Ok(()),
            Err(error) => Err(error),
        }
    }
}

impl Claim {
    fn new(scope: Digest, row: &Row, resumed: bool) -> Self {
        let seed = format!("{scope}{}", row.created.as_microsecond());
        Self {
            scope,
            attempt: row.attempt.clone(),
            seed,
            resumed,
        }
    }

    fn is_current(&self) -> Condition {
        Condition::expression(
            "#attempt = :attempt",
            vec![("attempt", AttributeValue::S(self.attempt.clone()))],
        )
    }
}

impl Transaction {
    /// Lets the transaction happen only while the claim's attempt is the current one, and records that it has.
    #[must_use]
    pub fn fenced(self, claim: Option<&Claim>) -> Self {
        match claim {
            None => self,
            Some(claim) => {
                let update = Update::default()
                    .set("effect", AttributeValue::Bool(true))
                    .add("version", 1);
                self.with(Write::update(
                    "attempt",
                    keys::idempotency(&claim.scope),
                    update,
                    claim.is_current(),
                ))
            }
        }
    }
}
