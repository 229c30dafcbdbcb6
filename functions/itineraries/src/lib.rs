//! Itineraries that travellers publish, and what others think of them.

use axum::Router;
use tripsage_cache::Tag;
use tripsage_domain::principal::Area;
use tripsage_http::{Edge, EdgeOptions, describe, operations};
use tripsage_runtime::Runtime;
use tripsage_store::Db;
use utoipa::openapi::OpenApi;

/// What the handlers work with.
#[derive(Clone)]
pub(crate) struct App {
    pub(crate) edge: Edge,
    pub(crate) runtime: Runtime,
    pub(crate) db: Db,
}

operations!(App: []);

/// The routes, with the edge around them.
pub fn router(runtime: &Runtime) -> Router {
    let edge = Edge::new(
        runtime,
        EdgeOptions {
            area: Some(Area::Community),
            tags: &[Tag::Itineraries],
            remember_answers: true,
            ..EdgeOptions::default()
        },
    );
    let app = App {
        edge: edge.clone(),
        runtime: runtime.clone(),
        db: Db::new(runtime),
    };
    edge.serve(routes().with_state(app))
}

/// The description of the operations.
pub fn openapi() -> OpenApi {
    describe(document())
}
