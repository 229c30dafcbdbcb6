//! Bookings, and what providers say of them.

use axum::Router;
use tripsage_http::{Edge, EdgeOptions, describe, operations};
use tripsage_runtime::Runtime;
use utoipa::openapi::OpenApi;

/// What the handlers work with.
#[derive(Clone)]
pub(crate) struct App {
    pub(crate) edge: Edge,
}

operations!(App: []);

/// The routes, with the edge around them.
pub fn router(runtime: &Runtime) -> Router {
    let edge = Edge::new(runtime, EdgeOptions::default());
    let app = App { edge: edge.clone() };
    edge.serve(routes().with_state(app))
}

/// The description of the operations.
pub fn openapi() -> OpenApi {
    describe(document())
}
