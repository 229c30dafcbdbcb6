//! One event source mapping at work.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tripsage_emulators::dynamodb::Stream;
use tripsage_emulators::template::EventSource;

use super::kept::{DeadLetter, Kept};
use crate::functions::StreamHandler;

/// Records that are read from the stream at once; most of them are of no interest to a mapping that filters.
const READ: usize = 500;

/// Pause before records come again; it doubles, up to [`LONGEST_PAUSE`].
const PAUSE: Duration = Duration::from_millis(50);
const LONGEST_PAUSE: Duration = Duration::from_secs(2);

/// Records that go to the function together.
#[derive(Debug)]
struct Batch {
    records: Vec<Value>,
    /// How often they have failed together.
    failures: usize,
    first_given: Instant,
    /// Position after the batch, including records that the mapping does not want.
    through: String,
}

pub(super) struct Pump {
    source: EventSource,
    stream: Stream,
    handler: StreamHandler,
    kept: Arc<Kept>,
    /// Read, and not yet done with; in the order of the stream.
    waiting: VecDeque<Batch>,
    /// Up to where the stream was read.
    read: Option<String>,
}

impl Pump {
    pub(super) fn new(source: EventSource, stream: Stream, handler: StreamHandler, kept: Arc<Kept>) -> Self {
        Self {
            read: kept.position(&source.logical_id),
            source,
            stream,
            handler,
            kept,
            waiting: VecDeque::new(),
        }
    }

    /// Gives the function one batch: how many records. `None`: there is nothing in the stream.
    pub(super) async fn step(&mut self, pausing: bool) -> Option<usize> {
        if self.waiting.is_empty() && self.read().await == 0 {
            return None;
        }
        let Some(batch) = self.waiting.pop_front() else {
            return Some(0);
        };
        let given = batch.records.len();
        match (self.handler)(json!({ "Records": batch.records })).await {
            Ok(answer) => match first_failure(&answer, &batch.records) {
                None => self.kept.advance(&self.source.logical_id, &batch.through, None),
                Some(index) => self.failed(batch, index, "it reported the record", pausing).await,
            },
            Err(error) => self.failed(batch, 0, &error, pausing).await,
        }
        Some(given)
    }

    /// Everything that is in the stream, taken as done with.
    pub(super) async fn take(&mut self) -> Vec<Value> {
        while self.read().await > 0 {}
        let taken: Vec<Value> = self.waiting.drain(..).flat_map(|batch| batch.records).collect();
        if let Some(read) = &self.read {
            self.kept.advance(&self.source.logical_id, read, None);
        }
        taken
    }

    async fn read(&mut self) -> usize {
        let (stream, after) = (self.stream.clone(), self.read.clone());
        let read = tokio::task::spawn_blocking(move || stream.records_after(after.as_deref(), READ)).await;
        let records = match read {
            Ok(Ok(records)) => records,
            Ok(Err(error)) => {
                tracing::error!(%error, "cannot read a stream");
                return 0;
            }
            Err(error) => {
                tracing::error!(%error, "cannot read a stream");
                return 0;
            }
        };
        let Some(last) = records.last().map(sequence) else {
            return 0;
        };
        let (count, last) = (records.len(), last.to_owned());
        let wanted = |record: &Value| {
            let sk = record["dynamodb"]["Keys"]["sk"]["S"].as_str();
            self.source.wants(sk.unwrap_or_default())
        };
        let wanted: Vec<Value> = records.into_iter().filter(wanted).collect();
        let mut batches: Vec<Batch> = wanted.chunks(self.source.batch_size).map(Batch::new).collect();
        match batches.last_mut() {
            Some(batch) => batch.through = last.clone(),
            None if self.waiting.is_empty() => self.kept.advance(&self.source.logical_id, &last, None),
            None => {}
        }
        self.waiting.extend(batches);
        self.read = Some(last);
        count
    }

    /// What failed comes again from the record at `index` on: in halves if the mapping says so, later each time, until
    /// it is given up.
    async fn failed(&mut self, mut batch: Batch, index: usize, error: &str, pausing: bool) {
        if index > 0 {
            let rest = batch.records.split_off(index);
            if let Some(last) = batch.records.last() {
                self.kept.advance(&self.source.logical_id, sequence(last), None);
            }
            batch.records = rest;
        } else if self.source.bisects && batch.records.len() > 1 {
            let second = batch.records.split_off(batch.records.len() / 2);
            let mut second = Batch::new(&second);
            second.through = std::mem::replace(&mut batch.through, Batch::new(&batch.records).through);
            self.waiting.push_front(second);
            self.waiting.push_front(batch);
            return;
        }
        batch.failures += 1;
        let mapping = &self.source.logical_id;
        let over = batch.failures > self.source.retries || batch.first_given.elapsed() > self.source.maximum_age;
        if !over {
            tracing::warn!(
                mapping,
                failures = batch.failures,
                error,
                "records of a stream come again"
            );
            let doubled = PAUSE.saturating_mul(1 << batch.failures.min(10)).min(LONGEST_PAUSE);
            self.waiting.push_front(batch);
            if pausing {
                tokio::time::sleep(doubled).await;
            }
            return;
        }
        tracing::error!(
            mapping,
            error,
            "records of a stream are given up: see /_local/dead-letters"
        );
        let letter = DeadLetter {
            mapping: mapping.clone(),
            queue: self.source.failures.clone(),
            attempts: batch.failures,
            error: error.to_owned(),
            records: batch.records,
        };
        self.kept.advance(mapping, &batch.through, Some(letter));
    }
}

impl Batch {
    fn new(records: &[Value]) -> Self {
        Self {
            records: records.to_vec(),
            failures: 0,
            first_given: Instant::now(),
            through: records.last().map(sequence).unwrap_or_default().to_owned(),
        }
    }
}

fn sequence(record: &Value) -> &str {
    record["dynamodb"]["SequenceNumber"].as_str().unwrap_or_default()
}

/// The first record that the function's answer names; an answer that names something else fails the whole batch.
fn first_failure(answer: &Value, records: &[Value]) -> Option<usize> {
    let failures = answer["batchItemFailures"].as_array()?;
    let named = failures.iter().map(|failure| {
        let item = failure["itemIdentifier"].as_str().unwrap_or_default();
        records.iter().position(|record| sequence(record) == item).unwrap_or(0)
    });
    named.min()
}
