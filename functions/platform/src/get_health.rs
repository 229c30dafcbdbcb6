use std::time::Instant;

use axum::{Json, extract::State, http::StatusCode};
use jiff::Timestamp;
use serde::Serialize;
use tripsage_http::Context;
use utoipa::ToSchema;

use crate::App;

/// That the process answers.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Health {
    /// `ok`.
    #[schema(example = "ok")]
    status: &'static str,
    /// When.
    #[schema(value_type = String, format = DateTime)]
    timestamp: Timestamp,
}

/// Says that the function runs; calls nobody.
#[utoipa::path(get, path = "/health", operation_id = "getHealth", tag = "platform",
    responses((status = 200, description = "It runs", body = Health)))]
pub(crate) async fn get_health(context: Context) -> Json<Health> {
    Json(Health {
        status: "ok",
        timestamp: context.now,
    })
}

/// Says that the process is alive; calls nobody.
#[utoipa::path(get, path = "/api/v1/health/live", operation_id = "getHealthLive", tag = "platform",
    responses((status = 200, description = "It is alive", body = Health)))]
pub(crate) async fn get_health_live(context: Context) -> Json<Health> {
    Json(Health {
        status: "alive",
        timestamp: context.now,
    })
}

/// Whether requests can be served.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Readiness {
    /// Whether the database answers.
    ready: bool,
    /// `ready` or `unavailable`.
    status: &'static str,
    /// When.
    #[schema(value_type = String, format = DateTime)]
    timestamp: Timestamp,
}

/// Says whether requests can be served: whether the database answers.
#[utoipa::path(get, path = "/api/v1/health/ready", operation_id = "getHealthReady", tag = "platform",
    responses((status = 200, description = "Requests can be served", body = Readiness),
              (status = 503, description = "The database does not answer", body = Readiness)))]
pub(crate) async fn get_health_ready(State(app): State<App>, context: Context) -> (StatusCode, Json<Readiness>) {
    let ready = app.edge.db().ping().await.is_ok();
    let (code, status) = if ready {
        (StatusCode::OK, "ready")
    } else {
        (StatusCode::SERVICE_UNAVAILABLE, "unavailable")
    };
    (
        code,
        Json(Readiness {
            ready,
            status,
            timestamp: context.now,
        }),
    )
}

/// One dependency.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Component {
    /// Its name.
    name: &'static str,
    /// `healthy` or `unhealthy`.
    status: &'static str,
    /// How long its answer took, in milliseconds.
    latency_ms: f64,
}

/// The state of every dependency.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct DetailedHealth {
    /// `healthy`, or `degraded` when a dependency does not answer.
    status: &'static str,
    /// When.
    #[schema(value_type = String, format = DateTime)]
    timestamp: Timestamp,
    /// `dev`, `staging` or `prod`.
    environment: String,
    /// Version of the program.
    version: &'static str,
    /// The dependencies.
    components: Vec<Component>,
}

/// Asks every dependency and says how long it took.
#[utoipa::path(get, path = "/api/v1/health/detailed", operation_id = "getHealthDetailed", tag = "platform",
    responses((status = 200, description = "Every dependency answers", body = DetailedHealth),
              (status = 503, description = "A dependency does not answer", body = DetailedHealth)))]
pub(crate) async fn get_health_detailed(
    State(app): State<App>,
    context: Context,
) -> (StatusCode, Json<DetailedHealth>) {
    let database = component("database", async { app.edge.db().ping().await.is_ok() });
    let cache = component("cache", async {
        app.edge
            .redis()
            .command(&["PING"])
            .await
            .is_ok_and(|answer| answer == "PONG")
    });
    let (database, cache) = tokio::join!(database, cache);
    let components = vec![database, cache];
    let healthy = components.iter().all(|component| component.status == HEALTHY);
    let code = if healthy {
        StatusCode::OK
    } else {
        StatusCode::SERVICE_UNAVAILABLE
    };
    let body = DetailedHealth {
        status: if healthy { HEALTHY } else { "degraded" },
        timestamp: context.now,
        environment: app.edge.runtime().config().stage.clone(),
        version: env!("CARGO_PKG_VERSION"),
        components,
    };
    (code, Json(body))
}

const HEALTHY: &str = "healthy";

async fn component(name: &'static str, check: impl Future<Output = bool>) -> Component {
    let begun = Instant::now();
    let status = if check.await { HEALTHY } else { "unhealthy" };
    Component {
        name,
        status,
        latency_ms: begun.elapsed().as_secs_f64() * 1000.0,
    }
}
