//! How safe places are, guides for women, and what somebody keeps for an emergency.

mod ratings;
mod women;

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

operations!(App: [
    ratings::list_ratings::list_safety_ratings,
    ratings::give_rating::create_safety_rating,
    ratings::list_ratings::list_own_safety_ratings,
    ratings::get_rating::get_safety_rating,
    ratings::update_rating::replace_safety_rating,
    ratings::update_rating::patch_safety_rating,
    ratings::update_rating::delete_safety_rating,
    ratings::vote_rating::mark_safety_rating_helpful,
    ratings::vote_rating::mark_safety_rating_unhelpful,
    ratings::give_rating::rate_itinerary,
    women::list_guides,
    women::apply_as_guide,
    women::get_own_guide,
    women::get_guide,
    women::replace_guide,
    women::patch_guide,
    women::verify_guide,
    women::suspend_guide,
    women::reinstate_guide,
    women::book_guide,
    women::list_guide_bookings,
    women::get_guide_booking,
    women::patch_guide_booking,
    women::confirm_guide_booking,
    women::complete_guide_booking,
    women::cancel_guide_booking,
    women::record_guide_payment,
    women::list_guide_reviews,
    women::create_guide_review,
    women::report_guide_review,
    women::mark_guide_review_helpful,
    women::hide_guide_review,
    women::approve_guide_review,
    women::list_reported_reviews,
    women::list_safety_resources,
    women::create_safety_resource,
    women::get_safety_resource,
    women::replace_safety_resource,
    women::delete_safety_resource,
    women::mark_resource_helpful,
    women::view_safety_resource,
    women::get_safety_settings,
    women::replace_safety_settings,
    women::reveal_safety_settings,
]);

/// The routes, with the edge around them.
pub fn router(runtime: &Runtime) -> Router {
    let edge = Edge::new(
        runtime,
        EdgeOptions {
            area: Some(Area::Community),
            tags: &[Tag::Guides],
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
