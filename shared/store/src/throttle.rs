//! Counters of attempts that hold across processes when Redis does not.

use aws_sdk_dynamodb::types::AttributeValue;
use jiff::Timestamp;
use serde::Deserialize;

use crate::{Condition, Db, StoreError, Update, Write, keys, keys::Digest};

#[derive(Deserialize)]
struct CounterRow {}

impl Db {
    /// AP-31: counts one attempt of `subject` in the window that `now` lies in, unless `limit` attempts are counted
    /// already; says whether it was counted. Around the border of two windows up to twice the limit passes.
    ///
    /// # Errors
    /// When DynamoDB does not answer.
    pub async fn count_attempt(
        &self,
        subject: &Digest,
        limit: u32,
        window_seconds: u64,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let seconds = u64::try_from(now.as_second()).unwrap_or(0);
        let window = window_seconds.max(1);
        let number = seconds / window;
        let expires = (number + 2) * window;
        let condition = Condition::expression(
            "attribute_not_exists(#attempts) OR #attempts < :limit",
            vec![("limit", AttributeValue::N(limit.to_string()))],
        );
        let update = Update::default()
            .set("expires_at", AttributeValue::N(expires.to_string()))
            .add("attempts", 1);
        // A retry after a lost answer may count twice, which errs on the safe side.
        let write = Write::update("attempts", keys::throttle(subject, number), update, condition);
        match self.update::<CounterRow>(write).await {
            Ok(_) => Ok(true),
            Err(StoreError::Conflict(_)) => Ok(false),
            Err(error) => Err(error),
        }
    }
}
