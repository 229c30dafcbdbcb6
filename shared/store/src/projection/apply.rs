//! Counting changes once.

use std::{collections::HashSet, time::Duration};

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use tripsage_domain::change::Change;

use super::{Target, Told, standing::Standing};
use crate::{
    Db, StoreError, Transaction, Write, epoch_seconds,
    keys::{Digest, projections as keys},
    notifications::RECIPIENT,
};

/// How long it is known that a record was counted: a week, where the stream keeps records for a day.
const REMEMBERED: SignedDuration = SignedDuration::from_hours(7 * 24);

/// Attempts at a thing that somebody else is changing.
const ATTEMPTS: u32 = 12;

/// Pause after the first lost race; it doubles, up to [`LONGEST_PAUSE`].
const PAUSE: Duration = Duration::from_millis(5);
const LONGEST_PAUSE: Duration = Duration::from_millis(320);

/// A change, with the record that tells of it.
#[derive(Debug, Clone)]
pub struct Event {
    pub(super) marker: Digest,
    pub(super) change: Change,
}

impl Event {
    /// The change number `index` of those that one record has for one target.
    pub(super) fn new(record: &str, target: Target, index: usize, change: Change) -> Self {
        let (kind, id) = target.parts();
        let index = (index as u64).to_be_bytes();
        Self {
            marker: Digest::of(&[b"applied", record.as_bytes(), kind.as_bytes(), id.as_bytes(), &index]),
            change,
        }
    }

    /// Whether whoever looks at the thing should see at once that it was counted. Views are not worth making anew, each
    /// time, what everybody looks at: their number may be as old as the cache lets it be. Of who asks, is asked and joins
    /// somebody is told, and nothing else: the group has a record of its own.
    pub fn shows_at_once(&self) -> bool {
        !matches!(
            self.change,
            Change::Viewed { .. } | Change::Requested { .. } | Change::Invited { .. } | Change::Joined { .. }
        )
    }
}

/// That a change was counted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct AppliedRow {
    marker: String,
    at: Timestamp,
    expires_at: i64,
}

/// Label of the write that fails when a change was counted already.
const APPLIED: &str = "applied";

impl Db {
    /// AP-235, AP-236: counts those of the events that were not counted before, all of one target. A target that is no
    /// more counts nothing.
    ///
    /// # Errors
    /// When DynamoDB does not answer, when others keep changing the target, or when what is stored of it cannot be
    /// read. What was counted until then stays counted; another call goes on.
    pub async fn project(&self, target: Target, events: &[Event], now: Timestamp) -> Result<(), StoreError> {
        let (mut pause, mut lost, mut telling) = (PAUSE, 0, true);
        loop {
            let pending = self.not_counted(events).await?;
            let Some(standing) = self.standing(target).await?.filter(|_| !pending.is_empty()) else {
                return Ok(());
            };
            let transaction = counting(&standing, &pending, telling, now)?;
            match self.commit(transaction).await {
                Ok(()) => lost = 0,
                Err(error) if error.is_conflict(RECIPIENT) => telling = false,
                Err(StoreError::Conflict(_) | StoreError::Throttled(_)) if lost + 1 < ATTEMPTS => {
                    lost += 1;
                    tokio::time::sleep(pause).await;
                    pause = (pause * 2).min(LONGEST_PAUSE);
                }
                Err(error) => return Err(error),
            }
        }
    }

    /// AP-235: the events without a marker, each once.
    async fn not_counted(&self, events: &[Event]) -> Result<Vec<Event>, StoreError> {
        let mut seen = HashSet::new();
        let once: Vec<&Event> = events.iter().filter(|event| seen.insert(&event.marker)).collect();
        let mut counted = HashSet::new();
        for some in once.chunks(Transaction::MAX) {
            let keys: Vec<_> = some.iter().map(|event| keys::applied(&event.marker)).collect();
            let rows = self.get_many::<AppliedRow>(&keys).await?;
            counted.extend(rows.into_iter().map(|row| row.marker));
        }
        let pending = once
            .into_iter()
            .filter(|event| !counted.contains(&event.marker.to_string()));
        Ok(pending.cloned().collect())
    }
}

/// As many of the events as fit into one transaction, from the first on: the rows that follow from them, and a marker
/// for each.
fn counting(standing: &Standing, pending: &[Event], telling: bool, now: Timestamp) -> Result<Transaction, StoreError> {
    let mut take = pending.len();
    loop {
        let some = &pending[..take];
        let mut counted = standing.after(some, now)?;
        if telling {
            counted.writes.extend(Told::writes(counted.told, now)?);
        }
        if counted.writes.len() + take > Transaction::MAX {
            // Fewer events never need more writes.
            take = take
                .min(Transaction::MAX.saturating_sub(counted.writes.len()))
                .min(take / 2);
            if take == 0 {
                return Err(StoreError::Corrupt("a change does not fit one transaction".to_owned()));
            }
            continue;
        }
        let mut transaction = Transaction { writes: counted.writes };
        for event in some {
            let row = AppliedRow {
                marker: event.marker.to_string(),
                at: now,
                expires_at: epoch_seconds(now + REMEMBERED),
            };
            transaction.push(Write::insert(APPLIED, keys::applied(&event.marker), &row)?);
        }
        return Ok(transaction);
    }
}
