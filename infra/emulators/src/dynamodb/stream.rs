//! Reading a table's stream, for whoever feeds functions from it.
//!
//! The engine keeps one shard for each stream, and every record for ever; AWS keeps them for a day, in many shards.

use std::path::Path;

use dynoxide::{Database, storage::Storage};
use serde_json::{Value, json};

use super::{failed, request};
use crate::StartError;

/// The engine looks for the newest and for the next record by this expression, which has no index of its own: with every
/// record, each write would become slower.
const INDEX: &str = "CREATE INDEX IF NOT EXISTS _stream_records_by_sequence \
                     ON _stream_records (table_name, CAST(sequence_number AS INTEGER))";

/// The stream of a table.
#[derive(Clone)]
pub struct Stream {
    pub(super) database: Database,
    pub(super) table: String,
    /// What records say of where they come from.
    pub(super) arn: String,
}

impl Stream {
    /// At most `limit` records, oldest first, in the form in which Lambda gives them to a function: those after the one
    /// with this sequence number, or from the beginning.
    ///
    /// # Errors
    /// When the table has no stream, or the sequence number is not one of it.
    pub fn records_after(&self, sequence: Option<&str>, limit: usize) -> Result<Vec<Value>, StartError> {
        let read = |error: dynoxide::DynoxideError| failed(&format!("stream of {}", self.table), error);
        let described = self
            .database
            .describe_stream(request(json!({ "StreamArn": self.arn }))?)
            .map_err(read)?;
        let described = serde_json::to_value(described).unwrap_or_default();
        let shard = &described["StreamDescription"]["Shards"][0]["ShardId"];
        let mut from = json!({ "StreamArn": self.arn, "ShardId": shard, "ShardIteratorType": "TRIM_HORIZON" });
        if let Some(sequence) = sequence {
            from["ShardIteratorType"] = "AFTER_SEQUENCE_NUMBER".into();
            from["SequenceNumber"] = sequence.into();
        }
        let iterator = self.database.get_shard_iterator(request(from)?).map_err(read)?;
        let records = json!({ "ShardIterator": iterator.shard_iterator, "Limit": limit });
        let records = self.database.get_records(request(records)?).map_err(read)?;
        let mut records = serde_json::to_value(records).unwrap_or_default();
        let region = self.arn.split(':').nth(3).unwrap_or_default();
        let mut found = Vec::new();
        for record in records["Records"].as_array_mut().into_iter().flatten() {
            record["awsRegion"] = region.into();
            record["eventSourceARN"] = self.arn.as_str().into();
            found.push(record.take());
        }
        Ok(found)
    }
}

/// Gives a database the index that streams need.
pub(super) fn prepare(file: &Path) -> Result<(), StartError> {
    let storage = Storage::new(&file.to_string_lossy()).map_err(|error| failed("opening the database", error))?;
    let made = storage.conn().execute_batch(INDEX);
    made.map_err(|error| failed("preparing streams", error))
}
