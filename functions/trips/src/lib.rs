//! Trips: planning them together.

mod calendar;
mod calendar_feeds;
mod capability;
mod collaborators;
mod copies;
mod create_item;
mod create_trip;
mod delete_item;
mod delete_trip;
mod editing;
mod get_calendar;
mod get_item;
mod get_itinerary;
mod get_summary;
mod get_trip;
mod get_version;
mod invitations;
mod item_body;
mod links;
mod list_changes;
mod list_items;
mod list_trips;
mod list_versions;
mod mails;
mod past;
mod people;
mod preferences_body;
mod rates;
mod reorder_items;
mod restore_version;
mod share_trip;
mod shared_trip;
mod template_body;
mod templates;
mod trip_body;
mod trip_preferences;
mod update_item;
mod update_trip;
mod version_body;

use axum::Router;
use tripsage_domain::principal::Area;
use tripsage_hasher::Hasher;
use tripsage_http::{Edge, EdgeOptions, describe, operations};
use tripsage_runtime::Runtime;
use tripsage_store::Db;
use utoipa::openapi::OpenApi;

/// What the handlers work with.
#[derive(Clone)]
pub(crate) struct App {
    pub(crate) edge: Edge,
    pub(crate) db: Db,
    pub(crate) hasher: Hasher,
}

operations!(App: [
    list_trips::list_trips,
    create_trip::create_trip,
    get_trip::get_trip,
    update_trip::replace_trip,
    update_trip::patch_trip,
    delete_trip::delete_trip,
    delete_trip::restore_trip,
    list_items::list_items,
    create_item::create_item,
    get_item::get_item,
    update_item::replace_item,
    update_item::patch_item,
    delete_item::delete_item,
    reorder_items::reorder_items,
    trip_preferences::get_trip_preferences,
    trip_preferences::replace_trip_preferences,
    list_versions::list_versions,
    get_version::get_version,
    get_version::diff_versions,
    restore_version::restore_version,
    list_changes::list_changes,
    get_itinerary::get_itinerary,
    get_summary::get_trip_summary,
    get_calendar::get_trip_calendar,
    share_trip::share_trip,
    collaborators::list_collaborators,
    collaborators::update_collaborator,
    collaborators::delete_collaborator,
    invitations::accept_invitation,
    invitations::delete_invitation,
    links::list_links,
    links::create_link,
    links::delete_link,
    shared_trip::get_shared_trip,
    copies::duplicate_trip,
    templates::list_templates,
    templates::create_template,
    templates::get_template,
    templates::replace_template,
    templates::delete_template,
    copies::instantiate_template,
    calendar_feeds::create_calendar_feed,
    calendar_feeds::delete_calendar_feed,
    calendar_feeds::get_calendar_feed,
]);

/// The routes, with the edge around them.
pub fn router(runtime: &Runtime) -> Router {
    let options = EdgeOptions {
        area: Some(Area::Trips),
        remember_answers: true,
        rate_class: rates::rate_class,
        ..EdgeOptions::default()
    };
    let edge = Edge::new(runtime, options);
    let app = App {
        hasher: Hasher::default(),
        db: edge.db().clone(),
        edge: edge.clone(),
    };
    edge.serve(routes().with_state(app))
}

/// The description of the operations.
pub fn openapi() -> OpenApi {
    describe(document())
}
