//! Streams: what Lambda's event source mappings do on AWS.
//!
//! A [`Pump`] for each mapping of the template reads a table's stream and gives its records to a function, as the
//! mapping says: how many at once, which, how often again, in halves or not. What is given up goes to the
//! [dead letters](DeadLetter), where AWS would send it to a queue. How far a pump has come is kept beside the data, after
//! the function has had the records: a process that is killed gives some of them again, and leaves none out.
//!
//! Not as on AWS: there is one shard, read by one pump, and a dead letter holds the records themselves.

mod kept;
mod pump;

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use serde_json::Value;
use tokio::sync::Mutex;
use tokio::task::JoinHandle;
use tripsage_emulators::{Cloud, StartError};

use crate::functions::StreamHandler;
pub use kept::DeadLetter;
use kept::Kept;
use pump::Pump;

/// How long a pump that found nothing waits. Lambda polls about four times a second.
const EVERY: Duration = Duration::from_millis(100);

/// The mappings of the template at work. Dropping them stops them.
pub(crate) struct Streams {
    pumps: Vec<Arc<Mutex<Pump>>>,
    kept: Arc<Kept>,
    tickers: Vec<JoinHandle<()>>,
}

impl std::fmt::Debug for Streams {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Streams").finish_non_exhaustive()
    }
}

impl Streams {
    /// `handlers` gives the function of a mapping by the name of its binary; mappings of functions that do not run here
    /// stay at rest.
    pub(crate) fn new(
        cloud: &Cloud,
        data: Option<&Path>,
        handlers: impl Fn(&str) -> Option<StreamHandler>,
        by_themselves: bool,
    ) -> Result<Self, StartError> {
        let kept = Arc::new(Kept::open(data)?);
        let mut pumps = Vec::new();
        for source in &cloud.stack().event_sources {
            if let (Some(engine), Some(handler)) = (cloud.dynamodb_engine(), handlers(&source.binary)) {
                let pump = Pump::new(source.clone(), engine.stream(source), handler, Arc::clone(&kept));
                pumps.push(Arc::new(Mutex::new(pump)));
            }
        }
        let running = pumps.iter().filter(|_| by_themselves).cloned();
        let tickers = running.map(|pump| tokio::spawn(keep_going(pump))).collect();
        Ok(Self { pumps, kept, tickers })
    }

    /// Gives everything that is in the streams to the functions, and returns when nothing is left: how many records
    /// there were. What fails comes again at once, as often as its mapping says.
    pub(crate) async fn drain(&self) -> usize {
        let mut records = 0;
        for pump in &self.pumps {
            let mut pump = pump.lock().await;
            while let Some(given) = pump.step(false).await {
                records += given;
            }
        }
        records
    }

    /// The records that are in the streams and were not given to a function yet, as a function would be given them, and
    /// now counts as having been.
    pub(crate) async fn take(&self) -> Vec<Value> {
        let mut records = Vec::new();
        for pump in &self.pumps {
            records.extend(pump.lock().await.take().await);
        }
        records
    }

    /// What was given up.
    pub(crate) fn dead_letters(&self) -> Vec<DeadLetter> {
        self.kept.dead_letters()
    }

    /// Where [`Self::dead_letters`] can be read over HTTP.
    pub(crate) fn router(&self) -> axum::Router {
        let kept = Arc::clone(&self.kept);
        let list = axum::routing::get(move || async move { axum::Json(kept.dead_letters()) });
        axum::Router::new().route("/_local/dead-letters", list)
    }
}

async fn keep_going(pump: Arc<Mutex<Pump>>) {
    loop {
        let given = pump.lock().await.step(true).await;
        if given.is_none() {
            tokio::time::sleep(EVERY).await;
        }
    }
}

impl Drop for Streams {
    fn drop(&mut self) {
        for ticker in &self.tickers {
            ticker.abort();
        }
    }
}
