//! Schedules: what EventBridge Scheduler does on AWS.

use std::fmt;
use std::time::Duration;

use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::{Json, Router, routing::post};
use scheduler::{Event, Job, Report, Scheduler, handle};
use serde_json::json;
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
                    // Nightly on AWS; here by hand: it looks at everything.
                    for job in Job::ALL.into_iter().filter(|job| *job != Job::Reconcile) {
                        if let Err(error) = handle(&scheduler, Event { job }).await {
                            tracing::error!(?job, %error, "a job failed");
                        }
                    }
                }
            })
        });
        Self { scheduler, ticker }
    }

    /// `POST /_local/jobs/<job>` runs a job now, as `aws lambda invoke` does on AWS.
    pub(crate) fn router(&self) -> Router {
        Router::new()
            .route("/_local/jobs/{job}", post(run))
            .with_state(self.scheduler.clone())
    }

    pub(crate) async fn run(&self, job: Job) -> Option<Result<Report, StoreError>> {
        match &self.scheduler {
            Some(scheduler) => Some(handle(scheduler, Event { job }).await),
            None => None,
        }
    }
}

async fn run(State(scheduler): State<Option<Scheduler>>, Path(job): Path<String>) -> Response {
    let event = serde_json::from_value::<Event>(json!({ "job": job }));
    let (Some(scheduler), Ok(event)) = (scheduler, event) else {
        let jobs = serde_json::to_value(Job::ALL).unwrap_or_default();
        return (StatusCode::NOT_FOUND, Json(json!({ "jobs": jobs }))).into_response();
    };
    match handle(&scheduler, event).await {
        Ok(report) => Json(report).into_response(),
        Err(error) => (
            StatusCode::INTERNAL_SERVER_ERROR,
            Json(json!({ "error": error.to_string() })),
        )
            .into_response(),
    }
}

impl Drop for Jobs {
    fn drop(&mut self) {
        if let Some(ticker) = &self.ticker {
            ticker.abort();
        }
    }
}
