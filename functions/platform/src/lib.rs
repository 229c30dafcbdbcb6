//! Health, and the description of the whole product.

mod get_docs;
mod get_health;
mod get_openapi;

use axum::{Router, routing::get};
use tripsage_http::{Edge, EdgeOptions, describe, operations};
use tripsage_runtime::Runtime;
use utoipa::openapi::OpenApi;

/// What the handlers work with.
#[derive(Clone)]
pub(crate) struct App {
    pub(crate) edge: Edge,
}

operations!(App: [
    get_health::get_health,
    get_health::get_health_live,
    get_health::get_health_ready,
    get_health::get_health_detailed,
    get_openapi::get_openapi_json,
    get_openapi::get_openapi_yaml,
]);

/// The routes, with the edge around them.
pub fn router(runtime: &Runtime) -> Router {
    let edge = Edge::new(
        runtime,
        EdgeOptions {
            open: is_open,
            ..EdgeOptions::default()
        },
    );
    let app = App { edge: edge.clone() };
    // Probes look for health at the root too.
    let probes = Router::new()
        .route("/health/live", get(get_health::get_health_live))
        .route("/health/ready", get(get_health::get_health_ready))
        .route("/health/detailed", get(get_health::get_health_detailed));
    edge.serve(routes().merge(probes).with_state(app).merge(get_docs::routes()))
}

/// What a probe or a reader may ask for as often as they like: nothing of it calls anybody.
fn is_open(path: &str) -> bool {
    matches!(
        path,
        "/health" | "/health/live" | "/api/v1/health/live" | "/openapi.json" | "/openapi.yaml" | "/docs"
    ) || path.starts_with("/docs/")
}

/// The description of the operations.
pub fn openapi() -> OpenApi {
    describe(document())
}
