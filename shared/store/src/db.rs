use aws_sdk_dynamodb::{
    Client,
    operation::{
        delete_item::DeleteItemError, put_item::PutItemError, transact_write_items::TransactWriteItemsError,
        update_item::UpdateItemError,
    },
    types::{
        AttributeValue, ConditionCheck, Delete, KeysAndAttributes, Put, ReturnValue,
        ReturnValuesOnConditionCheckFailure, TransactWriteItem, Update as SdkUpdate,
    },
};
use serde::de::DeserializeOwned;
use tripsage_runtime::{Runtime, Tables};

use crate::{
    StoreError, Transaction, Write,
    keys::{Key, Table},
    transaction::{Change, Expressions, Item},
};

/// An item with the version that a later write of it must expect.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Loaded<T> {
    /// What is stored.
    pub item: T,
    /// Grows by one with every change.
    pub version: u64,
}

/// Some items of a partition, and where to go on.
#[derive(Debug, Clone)]
pub struct Page<T> {
    /// In the order of the sort key.
    pub items: Vec<T>,
    /// Sort key after which the next page begins; `None` on the last page.
    pub next: Option<String>,
}

/// Which items of one partition to read.
#[derive(Debug, Clone)]
pub struct Range {
    pub(crate) table: Table,
    pub(crate) pk: String,
    pub(crate) prefix: String,
    pub(crate) between: Option<(String, String)>,
    pub(crate) after: Option<String>,
    pub(crate) limit: i32,
    pub(crate) descending: bool,
}

impl Range {
    /// Items whose sort key begins with `prefix`, at most `limit` of them.
    pub(crate) fn new(table: Table, pk: String, prefix: impl Into<String>, limit: usize) -> Self {
        let limit = i32::try_from(limit).unwrap_or(i32::MAX);
        Self {
            table,
            pk,
            prefix: prefix.into(),
            between: None,
            after: None,
            limit,
            descending: false,
        }
    }

    /// Items whose sort key is neither before `first` nor after `last`, at most `limit` of them.
    pub(crate) fn between(table: Table, pk: String, first: String, last: String, limit: usize) -> Self {
        Self {
            between: Some((first, last)),
            ..Self::new(table, pk, "", limit)
        }
    }

    /// From the last to the first.
    pub(crate) fn descending(mut self) -> Self {
        self.descending = true;
        self
    }

    /// Begin after this sort key, which must lie in the range.
    pub(crate) fn after(mut self, sk: Option<String>) -> Self {
        self.after = sk.filter(|sk| sk.starts_with(&self.prefix));
        self
    }
}

/// The database. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Db {
    client: Client,
    tables: Tables,
}

impl Db {
    /// The tables of a function's configuration.
    pub fn new(runtime: &Runtime) -> Self {
        Self {
            client: runtime.clients().dynamodb().clone(),
            tables: runtime.config().tables.clone(),
        }
    }

    fn name(&self, table: Table) -> &str {
        match table {
            Table::Identity => &self.tables.identity,
            Table::Travel => &self.tables.travel,
            Table::Operations => &self.tables.operations,
            Table::Vault => &self.tables.vault,
            Table::Community => &self.tables.community,
        }
    }

    /// Reads one item, strongly consistent: 1 read unit for each 4 KB.
    pub(crate) async fn get<T: DeserializeOwned>(&self, key: &Key) -> Result<Option<Loaded<T>>, StoreError> {
        let output = self
            .client
            .get_item()
            .table_name(self.name(key.table))
            .set_key(Some(key_of(&key.pk, &key.sk)))
            .consistent_read(true)
            .send()
            .await
            .map_err(StoreError::from_sdk)?;
        output.item.map(loaded).transpose()
    }

    /// As [`Self::get_many_loaded`], without the versions.
    pub(crate) async fn get_many<T: DeserializeOwned>(&self, keys: &[Key]) -> Result<Vec<T>, StoreError> {
        let loaded = self.get_many_loaded(keys).await?;
        Ok(loaded.into_iter().map(|loaded| loaded.item).collect())
    }

    /// Reads up to 100 items of one table in one call, strongly consistent, in no order; keys without an item are left
    /// out.
    pub(crate) async fn get_many_loaded<T: DeserializeOwned>(
        &self,
        keys: &[Key],
    ) -> Result<Vec<Loaded<T>>, StoreError> {
        let Some(first) = keys.first() else {
            return Ok(Vec::new());
        };
        let table = self.name(first.table);
        let mut wanted: Vec<Item> = keys.iter().map(|key| key_of(&key.pk, &key.sk)).collect();
        let mut items = Vec::with_capacity(keys.len());
        // DynamoDB may leave some keys for another call; a handful of calls is enough unless it is throttling.
        for _ in 0..4 {
            let request = KeysAndAttributes::builder()
                .set_keys(Some(std::mem::take(&mut wanted)))
                .consistent_read(true)
                .build()
                .map_err(|error| StoreError::Corrupt(error.to_string()))?;
            let output = self
                .client
                .batch_get_item()
                .request_items(table, request)
                .send()
                .await
                .map_err(StoreError::from_sdk)?;
            for item in output
                .responses
                .and_then(|mut tables| tables.remove(table))
                .unwrap_or_default()
            {
                items.push(loaded(item)?);
            }
            wanted = output
                .unprocessed_keys
                .and_then(|mut tables| tables.remove(table))
                .map(|rest| rest.keys)
                .unwrap_or_default();
            if wanted.is_empty() {
                return Ok(items);
            }
        }
        Err(StoreError::Throttled("keys were left unread".to_owned()))
    }

    /// Reads one page of a partition, strongly consistent, in one call.
    pub(crate) async fn query<T: DeserializeOwned>(&self, range: Range) -> Result<Page<Loaded<T>>, StoreError> {
        let mut request = self
            .client
            .query()
            .table_name(self.name(range.table))
            .expression_attribute_values(":pk", AttributeValue::S(range.pk.clone()))
            .consistent_read(true)
            .scan_index_forward(!range.descending)
            .limit(range.limit);
        request = if let Some((first, last)) = range.between {
            request
                .key_condition_expression("pk = :pk AND sk BETWEEN :first AND :last")
                .expression_attribute_values(":first", AttributeValue::S(first))
                .expression_attribute_values(":last", AttributeValue::S(last))
        } else if range.prefix.is_empty() {
            request.key_condition_expression("pk = :pk")
        } else {
            request
                .key_condition_expression("pk = :pk AND begins_with(sk, :prefix)")
                .expression_attribute_values(":prefix", AttributeValue::S(range.prefix))
        };
        if let Some(after) = range.after {
            request = request.set_exclusive_start_key(Some(key_of(&range.pk, &after)));
        }
        let output = request.send().await.map_err(StoreError::from_sdk)?;
        let next = output
            .last_evaluated_key
            .and_then(|mut key| key.remove("sk"))
            .and_then(|sk| match sk {
                AttributeValue::S(text) => Some(text),
                _ => None,
            });
        let items = output
            .items
            .unwrap_or_default()
            .into_iter()
            .map(loaded)
            .collect::<Result<_, _>>()?;
        Ok(Page { items, next })
    }

    /// Reads a whole range that is known to be small: up to `limit` items, over several calls if they are large.
    pub(crate) async fn query_all<T: DeserializeOwned>(&self, range: Range) -> Result<Vec<Loaded<T>>, StoreError> {
        let limit = usize::try_from(range.limit).unwrap_or(usize::MAX);
        let mut items = Vec::new();
        let mut range = range;
        loop {
            let page = self.query(range.clone()).await?;
            items.extend(page.items);
            if page.next.is_none() || items.len() >= limit {
                items.truncate(limit);
                return Ok(items);
            }
            range.after = page.next;
        }
    }

    /// Updates one item and returns it as it is afterwards.
    pub(crate) async fn update<T: DeserializeOwned>(&self, write: Write) -> Result<T, StoreError> {
        let parts = Expressions::of(&write);
        let output = self
            .client
            .update_item()
            .table_name(self.name(write.key.table))
            .set_key(Some(key_of(&write.key.pk, &write.key.sk)))
            .set_update_expression(parts.update.clone())
            .set_condition_expression(parts.condition.clone())
            .set_expression_attribute_names(parts.names())
            .set_expression_attribute_values(parts.values())
            .return_values(ReturnValue::AllNew)
            .send()
            .await
            .map_err(|error| match error.as_service_error() {
                Some(UpdateItemError::ConditionalCheckFailedException(_)) => StoreError::Conflict(write.label),
                _ => StoreError::from_sdk(error),
            })?;
        let item = output
            .attributes
            .ok_or_else(|| StoreError::Corrupt("an update returned nothing".to_owned()))?;
        Ok(serde_dynamo::from_item(item)?)
    }

    /// Does all the writes or none. A single write is not sent as a transaction, which would cost twice as much.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] with the label of the first write whose condition did not hold.
    pub async fn commit(&self, transaction: impl Into<Transaction>) -> Result<(), StoreError> {
        let mut writes = transaction.into().writes;
        match writes.len() {
            0 => Ok(()),
            1 => match writes.pop() {
                Some(write) => self.write_one(write).await,
                None => Ok(()),
            },
            _ => self.write_all(writes).await,
        }
    }

    async fn write_one(&self, write: Write) -> Result<(), StoreError> {
        let parts = Expressions::of(&write);
        let table = self.name(write.key.table);
        let key = key_of(&write.key.pk, &write.key.sk);
        match write.change {
            Change::Put(mut item) => {
                item.extend(key);
                let result = self
                    .client
                    .put_item()
                    .table_name(table)
                    .set_item(Some(item.clone()))
                    .set_condition_expression(parts.condition.clone())
                    .set_expression_attribute_names(parts.names())
                    .set_expression_attribute_values(parts.values())
                    .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld)
                    .send()
                    .await;
                match result {
                    Ok(_) => Ok(()),
                    Err(error) => match error.as_service_error() {
                        // An attempt whose answer got lost has done its work when what is stored is what it wrote.
                        Some(PutItemError::ConditionalCheckFailedException(failed)) if failed.item() == Some(&item) => {
                            Ok(())
                        }
                        Some(PutItemError::ConditionalCheckFailedException(_)) => {
                            Err(StoreError::Conflict(write.label))
                        }
                        _ => Err(StoreError::from_sdk(error)),
                    },
                }
            }
            Change::Delete => {
                let result = self
                    .client
                    .delete_item()
                    .table_name(table)
                    .set_key(Some(key))
                    .set_condition_expression(parts.condition.clone())
                    .set_expression_attribute_names(parts.names())
                    .set_expression_attribute_values(parts.values())
                    .send()
                    .await;
                result.map(|_| ()).map_err(|error| match error.as_service_error() {
                    Some(DeleteItemError::ConditionalCheckFailedException(_)) => StoreError::Conflict(write.label),
                    _ => StoreError::from_sdk(error),
                })
            }
            // An update that is tried again after a lost answer could happen twice; a transaction carries a token
            // against that.
            Change::Update(_) | Change::Check => self.write_all(vec![write]).await,
        }
    }

    async fn write_all(&self, writes: Vec<Write>) -> Result<(), StoreError> {
        let labels: Vec<&'static str> = writes.iter().map(|write| write.label).collect();
        let items = writes
            .into_iter()
            .map(|write| self.transact_item(write))
            .collect::<Result<Vec<_>, _>>()?;
        let Err(error) = self
            .client
            .transact_write_items()
            .set_transact_items(Some(items))
            .send()
            .await
        else {
            return Ok(());
        };
        let Some(TransactWriteItemsError::TransactionCanceledException(cancelled)) = error.as_service_error() else {
            return Err(StoreError::from_sdk(error));
        };
        let codes = || {
            cancelled
                .cancellation_reasons()
                .iter()
                .map(|reason| reason.code().unwrap_or_default())
        };
        if let Some(label) = codes()
            .zip(&labels)
            .find(|(code, _)| *code == "ConditionalCheckFailed")
            .map(|(_, l)| l)
        {
            return Err(StoreError::Conflict(label));
        }
        let text = codes().collect::<Vec<_>>().join(", ");
        let passing = |code: &str| {
            matches!(
                code,
                "None" | "TransactionConflict" | "ThrottlingError" | "ProvisionedThroughputExceeded"
            )
        };
        if codes().all(passing) {
            Err(StoreError::Throttled(text))
        } else {
            Err(StoreError::Unavailable(text))
        }
    }

    fn transact_item(&self, write: Write) -> Result<TransactWriteItem, StoreError> {
        let parts = Expressions::of(&write);
        let table = self.name(write.key.table);
        let key = key_of(&write.key.pk, &write.key.sk);
        let builder = TransactWriteItem::builder();
        let malformed = |error: aws_sdk_dynamodb::error::BuildError| StoreError::Corrupt(error.to_string());
        let (condition, names, values) = (parts.condition.clone(), parts.names(), parts.values());
        Ok(match write.change {
            Change::Put(mut item) => {
                item.extend(key);
                let put = Put::builder()
                    .table_name(table)
                    .set_item(Some(item))
                    .set_condition_expression(condition)
                    .set_expression_attribute_names(names)
                    .set_expression_attribute_values(values);
                builder.put(put.build().map_err(malformed)?)
            }
            Change::Update(_) => {
                let update = SdkUpdate::builder()
                    .table_name(table)
                    .set_key(Some(key))
                    .set_update_expression(parts.update)
                    .set_condition_expression(condition)
                    .set_expression_attribute_names(names)
                    .set_expression_attribute_values(values);
                builder.update(update.build().map_err(malformed)?)
            }
            Change::Delete => {
                let delete = Delete::builder()
                    .table_name(table)
                    .set_key(Some(key))
                    .set_condition_expression(condition)
                    .set_expression_attribute_names(names)
                    .set_expression_attribute_values(values);
                builder.delete(delete.build().map_err(malformed)?)
            }
            Change::Check => {
                let check = ConditionCheck::builder()
                    .table_name(table)
                    .set_key(Some(key))
                    .set_condition_expression(condition)
                    .set_expression_attribute_names(names)
                    .set_expression_attribute_values(values);
                builder.condition_check(check.build().map_err(malformed)?)
            }
        }
        .build())
    }

    /// Asks DynamoDB whether it answers, for health reports: a read of one item.
    ///
    /// # Errors
    /// When it does not.
    pub async fn ping(&self) -> Result<(), StoreError> {
        self.get::<serde::de::IgnoredAny>(&crate::keys::keyring())
            .await
            .map(|_| ())
    }
}

fn key_of(pk: &str, sk: &str) -> Item {
    [("pk", pk), ("sk", sk)]
        .map(|(name, value)| (name.to_owned(), AttributeValue::S(value.to_owned())))
        .into()
}

fn loaded<T: DeserializeOwned>(item: Item) -> Result<Loaded<T>, StoreError> {
    let version = match item.get("version") {
        Some(AttributeValue::N(number)) => number.parse().map_err(|_| StoreError::Corrupt("version".to_owned()))?,
        _ => 0,
    };
    Ok(Loaded {
        item: serde_dynamo::from_item(item)?,
        version,
    })
}
