//! Keeps counters, scores and the order of lists true to what was written.
//!
//! DynamoDB Streams tells this function of every row that somebody stored; what it says is counted by
//! [`tripsage_store::projection`], once, however often and in whatever order it is told. The function answers no
//! requests, and whoever wrote the row does not wait for it.

use std::{
    collections::{BTreeMap, HashSet},
    pin::pin,
    sync::Arc,
};

use futures_util::{StreamExt, stream};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use tripsage_cache::{Composites, Redis, Tag};
use tripsage_runtime::Runtime;
use tripsage_store::{
    Db,
    projection::{Event, Foreign, Record, Target},
};

/// Things that are counted at the same time.
const AT_ONCE: usize = 8;

/// What the function works with.
#[derive(Clone)]
pub struct Projector {
    runtime: Runtime,
    db: Db,
    redis: Arc<Redis>,
    composites: Arc<Composites>,
}

/// Records of a stream.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Batch {
    /// In the order in which they were written.
    #[serde(rename = "Records")]
    pub records: Vec<Value>,
}

/// Which records have to come again.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Outcome {
    /// The first that failed; it and those after it come again.
    pub batch_item_failures: Vec<Failure>,
}

/// A record that has to come again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Failure {
    /// Its sequence number.
    pub item_identifier: String,
}

impl Projector {
    /// The function in its surroundings.
    pub fn new(runtime: &Runtime) -> Self {
        Self {
            redis: Arc::new(Redis::new(runtime)),
            composites: Arc::default(),
            runtime: runtime.clone(),
            db: Db::new(runtime),
        }
    }
}

/// Events of one target, with the places in the batch of the records that tell of them.
type Work = BTreeMap<Target, Vec<(usize, Event)>>;

/// Takes a batch. A record that fails does not keep those after it from being counted: they come again with it, and
/// count once.
///
/// # Errors
/// When the event is not one of the stream: nothing of it is looked at.
pub async fn handle(projector: &Projector, batch: Batch) -> Result<Outcome, Foreign> {
    let table = &projector.runtime.config().tables.community;
    let records = batch.records.iter().map(|record| Record::parse(record, table));
    let records = records.collect::<Result<Vec<_>, _>>().inspect_err(|error| {
        tracing::error!(%error, "an event that is not one of the stream is refused");
    })?;
    let (mut work, mut failed) = (Work::new(), HashSet::new());
    for (place, record) in records.iter().enumerate() {
        match record.events() {
            Ok(events) => {
                for (target, event) in events {
                    work.entry(target).or_default().push((place, event));
                }
            }
            Err(error) => {
                tracing::error!(sequence = record.sequence(), %error, "a record cannot be read");
                failed.insert(place);
            }
        }
    }
    let counting = work
        .into_iter()
        .map(|(target, events)| count(projector.clone(), target, events));
    let mut counting = pin!(stream::iter(counting).buffer_unordered(AT_ONCE));
    while let Some(lost) = counting.next().await {
        failed.extend(lost);
    }
    let first = failed.into_iter().min().and_then(|place| records.get(place));
    let failure = first.map(|record| Failure {
        item_identifier: record.sequence().to_owned(),
    });
    Ok(Outcome {
        batch_item_failures: failure.into_iter().collect(),
    })
}

/// Counts the events of one target; the places of their records when that failed.
async fn count(projector: Projector, target: Target, events: Vec<(usize, Event)>) -> Vec<usize> {
    let (places, events): (Vec<usize>, Vec<Event>) = events.into_iter().unzip();
    match projector.db.project(target, &events, projector.runtime.now()).await {
        Ok(()) => {
            if events.iter().any(Event::shows_at_once) {
                forget(&projector, target).await;
            }
            Vec::new()
        }
        Err(error) => {
            tracing::error!(?target, %error, "changes are not counted");
            places
        }
    }
}

/// Lets nobody see from the cache what was counted before. Without Redis it is as old as the cache lets it be: no reason
/// to count again.
async fn forget(projector: &Projector, target: Target) {
    let tag = match target {
        Target::Itinerary(id) => Tag::Itinerary(id.to_string()),
        Target::Group(_) => Tag::Groups,
        // Nothing is kept of these.
        Target::Rating(_)
        | Target::Intel(_)
        | Target::Resource(_)
        | Target::Review(_)
        | Target::Traveller(_)
        | Target::Reader(_) => return,
    };
    if let Err(error) = projector.composites.bump(&projector.redis, &tag).await {
        tracing::warn!(%error, "composites are void only when they are no longer fresh");
    }
}
