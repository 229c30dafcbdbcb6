//! Flights, stays, activities, destinations, airports, weather.
//!
//! A search is a question that is checked and brought into one form, asked of every provider that may know something of it
//! at the same time (`asking`), each answer cached under the account that it was given to. Merging, filters, scores, sorting
//! and pages come after the cache (`tripsage_domain::search`), so that one answer serves all of them.

mod accounts;
mod activities;
mod airports;
mod asking;
mod destinations;
mod fields;
mod flights;
mod foresee;
mod ids;
mod places;
mod recent;
mod saved;
mod showing;
mod stays;
mod suggest;
mod trouble;
mod unified;
mod warm;
mod weather;

use std::{sync::Arc, time::Duration};

use axum::Router;
use http::Method;
use tripsage_cache::{Limit, Tag};
use tripsage_domain::principal::Area;
use tripsage_http::{By, Edge, EdgeOptions, RateClass, describe, operations};
use tripsage_providers::Providers;
use tripsage_runtime::{Config, Runtime};
use tripsage_store::Db;
use tripsage_vault::Vault;
use utoipa::openapi::OpenApi;

use crate::{accounts::Accounts, recent::Recent};

pub use warm::{Warmed, Warmer};

/// What the handlers work with.
#[derive(Clone)]
pub(crate) struct App {
    pub(crate) edge: Edge,
    pub(crate) db: Db,
    pub(crate) providers: Arc<Providers>,
    pub(crate) accounts: Arc<Accounts>,
    pub(crate) recent: Arc<Recent>,
}

operations!(App: [
    flights::search_flights,
    flights::get_flight_search,
    flights::get_offer,
    stays::search_accommodations,
    stays::get_accommodation,
    activities::search_activities,
    activities::get_activity,
    destinations::search_destinations,
    destinations::list_popular_destinations,
    destinations::get_destination,
    weather::get_destination_weather,
    airports::find_airports,
    unified::search_unified,
    suggest::suggest_searches,
    recent::list_recent_searches,
    saved::save_search,
    saved::list_saved_searches,
    saved::delete_saved_search,
]);

impl App {
    fn new(runtime: &Runtime) -> Self {
        let options = EdgeOptions {
            area: Some(Area::Search),
            rate_class,
            only_asks: |_, path| path.starts_with("/api/v1/search/") && !path.starts_with("/api/v1/search/saved"),
            tags: &[Tag::Search],
            ..EdgeOptions::default()
        };
        let edge = Edge::new(runtime, options);
        let accounts = Arc::new(Accounts::new(Vault::new(runtime, edge.db())));
        let (guesses, clock) = (Arc::clone(&accounts), runtime.clone());
        let edge = edge.foreseeing(Box::new(move |asked| foresee::foresee(&guesses, asked, clock.now())));
        Self {
            db: edge.db().clone(),
            providers: Arc::new(Providers::new(runtime)),
            recent: Arc::new(Recent::new(edge.db())),
            accounts,
            edge,
        }
    }
}

/// Searches that ask providers cost calls there: a third of what reading may.
fn rate_class(config: &Config, method: &Method, path: &str) -> Option<RateClass> {
    let asks = matches!(
        path,
        "/api/v1/search/flights"
            | "/api/v1/search/accommodations"
            | "/api/v1/search/activities"
            | "/api/v1/search/unified"
    );
    (asks && *method == Method::POST).then(|| RateClass {
        name: "search",
        limit: Limit {
            requests: (config.reads_per_minute / 3).max(1),
            window: Duration::from_secs(60),
        },
        by: By::Caller,
        strict: false,
    })
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
