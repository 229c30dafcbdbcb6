//! Itineraries that travellers publish, and what others think of them.

mod boards;
mod body;
mod create_itinerary;
mod creators;
mod delete_itinerary;
mod editing;
mod feature_itinerary;
mod feed;
mod fields;
mod filters;
mod get_itinerary;
mod inputs;
mod list_itineraries;
mod list_own_itineraries;
mod parts;
mod publish_itinerary;
mod remix_itinerary;
mod route;
mod standing_body;
mod update_itinerary;
mod views;
mod votes;
mod warming;

use axum::Router;
use tripsage_cache::Tag;
use tripsage_domain::principal::Area;
use tripsage_http::{Edge, EdgeOptions, describe, operations};
use tripsage_runtime::Runtime;
use tripsage_store::Db;
use utoipa::openapi::OpenApi;

pub use body::ItineraryBody;
pub use creators::forget_creator;
pub use feed::published_by;
pub use warming::{Warmed, Warmer};

/// What the handlers work with.
#[derive(Clone)]
pub(crate) struct App {
    pub(crate) edge: Edge,
    pub(crate) db: Db,
}

operations!(App: [
    list_itineraries::list_itineraries,
    list_itineraries::list_itineraries_by_destination,
    create_itinerary::create_itinerary,
    boards::get_leaderboard,
    boards::list_featured,
    boards::list_rising,
    boards::list_most_requested,
    boards::list_trending_tags,
    list_own_itineraries::list_own_itineraries,
    remix_itinerary::remix_itineraries,
    get_itinerary::get_itinerary,
    update_itinerary::replace_itinerary,
    update_itinerary::patch_itinerary,
    delete_itinerary::delete_itinerary,
    delete_itinerary::restore_itinerary,
    votes::upvote_itinerary,
    votes::downvote_itinerary,
    votes::delete_itinerary_vote,
    views::view_itinerary,
    feature_itinerary::feature_itinerary,
    publish_itinerary::publish_itinerary,
    publish_itinerary::unpublish_itinerary,
    remix_itinerary::remix_itinerary,
    route::get_itinerary_route,
    route::replace_itinerary_route,
    route::delete_itinerary_route,
    parts::list_itinerary_days,
    parts::create_itinerary_day,
    parts::get_itinerary_day,
    parts::replace_itinerary_day,
    parts::patch_itinerary_day,
    parts::delete_itinerary_day,
    parts::list_itinerary_businesses,
    parts::create_itinerary_business,
    parts::get_itinerary_business,
    parts::replace_itinerary_business,
    parts::patch_itinerary_business,
    parts::delete_itinerary_business,
    parts::list_hidden_gems,
    parts::create_hidden_gem,
    parts::get_hidden_gem,
    parts::replace_hidden_gem,
    parts::patch_hidden_gem,
    parts::delete_hidden_gem,
    parts::list_safety_alerts,
    parts::create_safety_alert,
    parts::get_safety_alert,
    parts::replace_safety_alert,
    parts::patch_safety_alert,
    parts::delete_safety_alert,
]);

impl App {
    pub(crate) fn new(runtime: &Runtime) -> Self {
        let options = EdgeOptions {
            area: Some(Area::Community),
            tags: &[Tag::Itineraries],
            remember_answers: true,
            ..EdgeOptions::default()
        };
        Self {
            edge: Edge::new(runtime, options),
            db: Db::new(runtime),
        }
    }
}

/// The routes, with the edge around them.
pub fn router(runtime: &Runtime) -> Router {
    let app = App::new(runtime);
    let edge = app.edge.clone();
    edge.serve(routes().with_state(app))
}

/// The description of the operations.
pub fn openapi() -> OpenApi {
    describe(document())
}
