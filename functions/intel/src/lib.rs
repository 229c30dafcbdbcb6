//! What travellers ask and tell one another about an itinerary.

mod body;
mod create_intel;
mod finding;
mod get_intel;
mod list_intel;
mod update_intel;
mod vote_intel;

use axum::Router;
use tripsage_domain::principal::Area;
use tripsage_http::{Edge, EdgeOptions, describe, operations};
use tripsage_runtime::Runtime;
use tripsage_store::Db;
use utoipa::openapi::OpenApi;

/// What the handlers work with.
#[derive(Clone)]
pub(crate) struct App {
    pub(crate) edge: Edge,
    pub(crate) db: Db,
}

operations!(App: [
    list_intel::list_travel_intel,
    create_intel::create_travel_intel,
    list_intel::list_own_travel_intel,
    get_intel::get_travel_intel_stats,
    get_intel::get_travel_intel,
    update_intel::replace_travel_intel,
    update_intel::patch_travel_intel,
    update_intel::delete_travel_intel,
    update_intel::respond_to_travel_intel,
    vote_intel::mark_travel_intel_helpful,
    vote_intel::mark_travel_intel_unhelpful,
]);

/// The routes, with the edge around them.
pub fn router(runtime: &Runtime) -> Router {
    let edge = Edge::new(
        runtime,
        EdgeOptions {
            area: Some(Area::Community),
            remember_answers: true,
            ..EdgeOptions::default()
        },
    );
    let app = App {
        db: edge.db().clone(),
        edge: edge.clone(),
    };
    edge.serve(routes().with_state(app))
}

/// The description of the operations.
pub fn openapi() -> OpenApi {
    describe(document())
}
