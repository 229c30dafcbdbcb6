//! Jobs that fall due: erasing deleted accounts, purging deleted trips and itineraries, listing guides again whose suspension has ended, making
//! large exports, settling bookings, bringing users' own keys under another KMS key, asking for what many will ask for, and ranking.
//!
//! A job works off a list of what is due, oldest first, and never looks through a table. Whatever it does can be cut
//! off anywhere: the next run goes on. It logs ids of nothing that it erases.

mod erasing;
mod reconcile;
mod reencrypt_keys;
mod reinstate_guide;
mod settle_bookings;

use std::{sync::Arc, time::Duration};

use jiff::Timestamp;
use search::Warmer;
use serde::{Deserialize, Serialize};
use tripsage_cache::{Composites, Redis, Tag};
use tripsage_domain::ids::UserId;
use tripsage_runtime::Runtime;
use tripsage_store::{
    Db, StoreError,
    due::DueRow,
    keys::DueList,
    personal_data::{Erased, Made},
    reconciliation::ReconciliationRow,
};
use tripsage_vault::Vault;

/// Entries of a list that one run reads at once.
const BATCH: usize = 25;

/// Entries that one run works off at most; the next run goes on.
const MOST: usize = 500;

/// How long one run begins new entries: well below the function's time-out of 15 minutes.
const TIME: Duration = Duration::from_secs(600);

/// What the function works with.
#[derive(Clone)]
pub struct Scheduler {
    runtime: Runtime,
    db: Db,
    vault: Vault,
    warmer: Warmer,
    boards: itineraries::Warmer,
    redis: Arc<Redis>,
    composites: Arc<Composites>,
}

/// What EventBridge Scheduler sends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Event {
    /// What to do.
    pub job: Job,
}

/// Something to do from time to time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Job {
    /// Erase accounts that were deleted long enough ago.
    EraseAccounts,
    /// Erase trips that were deleted long enough ago.
    PurgeTrips,
    /// Erase itineraries that were deleted long enough ago.
    PurgeItineraries,
    /// Erase groups that were deleted long enough ago.
    PurgeGroups,
    /// List guides again whose suspension has ended.
    ReinstateGuides,
    /// Make exports that were too large to be made at once.
    MakeExports,
    /// Bring users' own keys under the present KMS key.
    ReencryptKeys,
    /// Find out what became of bookings whose outcome is not known, and of holds that run out.
    SettleBookings,
    /// Ask for weather and things to do of popular destinations and for boards, so that they are in the cache.
    WarmCache,
    /// Give places: scores that hang on what others have, leaderboards, what is talked about.
    Rank,
    /// Compare what is counted with what was written.
    Reconcile,
}

impl Job {
    /// All of them.
    pub const ALL: [Self; 11] = [
        Self::EraseAccounts,
        Self::PurgeTrips,
        Self::PurgeItineraries,
        Self::PurgeGroups,
        Self::ReinstateGuides,
        Self::MakeExports,
        Self::ReencryptKeys,
        Self::SettleBookings,
        Self::WarmCache,
        Self::Rank,
        Self::Reconcile,
    ];

    /// The list that it works off; `None` when it has one of its own.
    const fn list(self) -> Option<DueList> {
        match self {
            Self::EraseAccounts => Some(DueList::Erasure),
            Self::PurgeTrips => Some(DueList::Purge),
            Self::PurgeItineraries => Some(DueList::Itinerary),
            Self::PurgeGroups => Some(DueList::GroupPurge),
            Self::ReinstateGuides => Some(DueList::Suspension),
            Self::MakeExports => Some(DueList::Export),
            Self::ReencryptKeys | Self::SettleBookings | Self::WarmCache | Self::Rank | Self::Reconcile => None,
        }
    }
}

/// What one run did.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Report {
    /// Entries that were worked off.
    pub done: usize,
    /// Entries that had become void.
    pub void: usize,
    /// Entries that failed, and stay for the next run.
    pub failed: usize,
    /// What a reconciliation has found so far, this run and those before that it went on with.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reconciliation: Option<ReconciliationRow>,
}

impl Scheduler {
    /// The function in its surroundings.
    pub fn new(runtime: &Runtime) -> Self {
        let db = Db::new(runtime);
        Self {
            runtime: runtime.clone(),
            vault: Vault::new(runtime, &db),
            warmer: Warmer::new(runtime),
            boards: itineraries::Warmer::new(runtime),
            redis: Arc::new(Redis::new(runtime)),
            composites: Arc::default(),
            db,
        }
    }

    /// What cannot be had now is asked for again in the next run: no failure.
    async fn warm_cache(&self) -> Report {
        let warmed = Box::pin(self.warmer.warm()).await;
        let boards = Box::pin(self.boards.warm()).await;
        Report {
            done: warmed.kept + boards.kept,
            failed: warmed.failed + boards.failed,
            ..Report::default()
        }
    }

    async fn rank(&self) -> Result<Report, StoreError> {
        let ranked = self.db.rank(self.runtime.now()).await?;
        self.forget(&[Tag::Itineraries]).await;
        tracing::info!(?ranked, "places are given");
        Ok(Report {
            done: ranked.considered,
            ..Report::default()
        })
    }

    /// Lets nobody see from the cache what a job has changed. Without Redis pages are as old as the cache lets them be: no
    /// reason to do the job again.
    async fn forget(&self, tags: &[Tag]) {
        for tag in tags {
            if let Err(error) = self.composites.bump(&self.redis, tag).await {
                tracing::warn!(%error, "composites are void only when they are no longer fresh");
                return;
            }
        }
    }

    async fn work_off(&self, list: DueList, due: &DueRow, now: Timestamp) -> Result<Erased, StoreError> {
        match list {
            DueList::Erasure => self.erase_account(due, now).await,
            // What is purged was taken from sight, and out of the cache, when it was deleted.
            DueList::Purge => self.db.purge_trip(due, now).await,
            DueList::Itinerary => self.db.purge_itinerary(due, now).await,
            DueList::GroupPurge => self.db.purge_group(due, now).await,
            DueList::Suspension => self.reinstate_guide(due, now).await,
            DueList::Export => match self.db.make_export(UserId::from_uuid(due.id), now, None).await? {
                Made::Completed(_) => Ok(Erased::Done),
                Made::TooLarge | Made::Gone => {
                    self.db.settle(DueList::Export, due).await?;
                    Ok(Erased::NotDue)
                }
            },
            // These have jobs of their own.
            DueList::Booking | DueList::Review => Ok(Erased::NotDue),
        }
    }
}

/// Does what has fallen due.
///
/// # Errors
/// When a list cannot be read, or an entry of it failed: AWS then counts the run as failed, and tries again.
pub async fn handle(scheduler: &Scheduler, event: Event) -> Result<Report, StoreError> {
    let (job, begun) = (event.job, std::time::Instant::now());
    let Some(list) = job.list() else {
        // On the heap: the SDK's futures nest deeper than the compiler looks.
        return match job {
            Job::SettleBookings => Box::pin(scheduler.settle_bookings()).await,
            Job::WarmCache => Ok(scheduler.warm_cache().await),
            Job::Rank => Box::pin(scheduler.rank()).await,
            Job::Reconcile => Box::pin(scheduler.reconcile()).await,
            _ => Box::pin(scheduler.reencrypt_keys(MOST)).await,
        };
    };
    let now = scheduler.runtime.now();
    let mut report = Report::default();
    let mut failure = None;
    while report.done + report.void < MOST && begun.elapsed() < TIME {
        let due = scheduler.db.list_due(list, now, BATCH + report.failed).await?;
        // What failed in this run stays at the head of the list.
        let due: Vec<_> = due.into_iter().skip(report.failed).collect();
        if due.is_empty() {
            break;
        }
        for entry in due {
            match scheduler.work_off(list, &entry, now).await {
                Ok(Erased::Done) => report.done += 1,
                Ok(Erased::NotDue) => report.void += 1,
                Err(error) => {
                    tracing::error!(?job, %error, "an entry stays for the next run");
                    report.failed += 1;
                    failure = Some(error);
                }
            }
        }
    }
    tracing::info!(?job, ?report, "job done");
    failure.map_or(Ok(report), Err)
}
