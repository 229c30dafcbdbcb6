//! How providers are doing, and whether they take the keys that there are.

mod get_status;
mod refresh;
mod validate;

use std::{sync::Arc, time::Duration};

use axum::Router;
use http::Method;
use tripsage_cache::{Limit, Tag};
use tripsage_http::{By, Edge, EdgeOptions, RateClass, describe, operations};
use tripsage_providers::Providers;
use tripsage_runtime::{Config, Runtime};
use tripsage_vault::Vault;
use utoipa::openapi::OpenApi;

/// What the handlers work with.
#[derive(Clone)]
pub(crate) struct App {
    pub(crate) edge: Edge,
    pub(crate) vault: Vault,
    pub(crate) providers: Arc<Providers>,
}

operations!(App: [
    get_status::get_integrations_status,
    validate::validate_integrations,
    refresh::refresh_integrations,
]);

/// The routes, with the edge around them.
pub fn router(runtime: &Runtime) -> Router {
    let edge = Edge::new(
        runtime,
        EdgeOptions {
            rate_class,
            tags: &[Tag::Search],
            ..EdgeOptions::default()
        },
    );
    let app = App {
        vault: Vault::new(runtime, edge.db()),
        providers: Arc::new(Providers::new(runtime)),
        edge: edge.clone(),
    };
    edge.serve(routes().with_state(app))
}

/// Each try of a key is a call of a provider.
fn rate_class(config: &Config, method: &Method, _: &str) -> Option<RateClass> {
    (*method == Method::POST).then(|| RateClass {
        name: "keys",
        limit: Limit {
            requests: config.key_operations_per_minute,
            window: Duration::from_secs(60),
        },
        by: By::Caller,
        strict: false,
    })
}

/// The description of the operations.
pub fn openapi() -> OpenApi {
    describe(document())
}
