//! How providers are doing, as the functions that ask them have seen it last. About nobody: what a user's own key
//! met is not told here.

use aws_sdk_dynamodb::types::AttributeValue;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{
    Condition, Db, Range, StoreError, Update, Write,
    keys::{self, Slug, Table},
};

/// What was seen of a provider.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProviderStateRow {
    /// Its name.
    pub provider: String,
    /// `up`, `degraded` or `down`.
    pub state: String,
    /// When it was seen so.
    pub seen_at: Timestamp,
    /// When it last did what it was asked.
    pub last_success_at: Option<Timestamp>,
    /// When it last did not.
    pub last_failure_at: Option<Timestamp>,
    /// How long the last answer took.
    pub latency_ms: Option<u64>,
}

/// Providers that there may be.
const MOST: usize = 20;

impl Db {
    /// AP-150: how all providers are doing.
    ///
    /// # Errors
    /// When DynamoDB does not answer.
    pub async fn list_provider_states(&self) -> Result<Vec<ProviderStateRow>, StoreError> {
        let range = Range::new(Table::Operations, keys::PROVIDER_STATES.to_owned(), "", MOST);
        let rows = self.query_all(range).await?;
        Ok(rows.into_iter().map(|loaded| loaded.item).collect())
    }

    /// AP-151: notes how a provider is doing, unless something newer is known. What has not been seen does not replace
    /// what has.
    ///
    /// # Errors
    /// When DynamoDB does not answer, or the name of the provider is not one.
    pub async fn note_provider_state(&self, row: &ProviderStateRow) -> Result<(), StoreError> {
        let provider = Slug::new(&row.provider).ok_or_else(|| StoreError::Corrupt("the name of a provider".into()))?;
        let mut update = Update::default()
            .set("provider", AttributeValue::S(row.provider.clone()))
            .set("state", AttributeValue::S(row.state.clone()))
            .set("seen_at", serde_dynamo::to_attribute_value(row.seen_at)?)
            .add("version", 1);
        if let Some(at) = row.last_success_at {
            update = update.set("last_success_at", serde_dynamo::to_attribute_value(at)?);
        }
        if let Some(at) = row.last_failure_at {
            update = update.set("last_failure_at", serde_dynamo::to_attribute_value(at)?);
        }
        if let Some(latency) = row.latency_ms {
            update = update.set("latency_ms", AttributeValue::N(latency.to_string()));
        }
        // A number, because texts of instants do not sort within a second.
        let seen_ms = AttributeValue::N(row.seen_at.as_millisecond().to_string());
        update = update.set("seen_ms", seen_ms.clone());
        let newer = Condition::expression(
            "attribute_not_exists(#seen_ms) OR #seen_ms <= :seen_ms",
            vec![("seen_ms", seen_ms)],
        );
        match self
            .commit(Write::update(
                "provider",
                keys::provider_state(&provider),
                update,
                newer,
            ))
            .await
        {
            Ok(()) | Err(StoreError::Conflict(_)) => Ok(()),
            Err(error) => Err(error),
        }
    }
}
