//! Schedules: what EventBridge Scheduler does on AWS.

use std::fmt;
use std::time::Duration;

use scheduler::{Event, Job, Report, Scheduler, handle};
use tokio::task::JoinHandle;
use tripsage_store::StoreError;

/// AWS waits for up to an hour; a minute shows the effect while somebody is watching.
const EVERY: Duration = Duration::from_secs(60);

/// The jobs of the product. Dropping them stops them.
pub(crate) struct Jobs {
    scheduler: Option<Scheduler>,
    ticker: Option<JoinHandle<()>>,
}

impl fmt::Debug for Jobs {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Jobs").finish_non_exhaustive()
    }
}

impl Jobs {
    pub(crate) fn new(scheduler: Option<Scheduler>, by_themselves: bool) -> Self {
        let ticker = scheduler.clone().filter(|_| by_themselves).map(|scheduler| {
            tokio::spawn(async move {
                loop {
                    tokio::time::sleep(EVERY).await;
                    for job in Job::ALL {
                        if let Err(error) = handle(&scheduler, Event { job }).await {
                            tracing::error!(?job, %error, "a job failed");
                        }
                    }
                }
            })
        });
        Self { scheduler, ticker }
    }

    pub(crate) async fn run(&self, job: Job) -> Option<Result<Report, StoreError>> {
        match &self.scheduler {
            Some(scheduler) => Some(handle(scheduler, Event { job }).await),
            None => None,
        }
    }
}

impl Drop for Jobs {
    fn drop(&mut self) {
        if let Some(ticker) = &self.ticker {
            ticker.abort();
        }
    }
}
