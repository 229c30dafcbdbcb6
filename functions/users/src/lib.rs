//! Users: their own profile, preferences, activity and data, and what others see of them.

mod delete_user;
mod export_data;
mod list_activity;
mod list_itineraries;
mod preferences;
mod profile_body;
mod public_profile;
mod search_users;
mod update_user;

use axum::Router;
use tripsage_domain::{ids::UserId, principal::Area};
use tripsage_hasher::Hasher;
use tripsage_http::{ApiError, Caller, Code, Edge, EdgeOptions, describe, operations};
use tripsage_runtime::Runtime;
use tripsage_store::{Db, Loaded, users::UserRow};
use utoipa::openapi::OpenApi;

/// What the handlers work with.
#[derive(Clone)]
pub(crate) struct App {
    pub(crate) edge: Edge,
    pub(crate) db: Db,
    pub(crate) hasher: Hasher,
}

impl App {
    /// The account of the caller.
    pub(crate) async fn find_user(&self, user: UserId) -> Result<Loaded<UserRow>, ApiError> {
        let user = self.db.find_user(user).await?;
        user.ok_or_else(|| ApiError::not_found("user"))
    }
}

/// Lets only somebody go on who is signed in: a personal access token is for programs, and must not carry away or end
/// a whole account.
pub(crate) fn signed_in(caller: &Caller) -> Result<(), ApiError> {
    match caller.session() {
        Some(_) => Ok(()),
        None => Err(ApiError::new(Code::InsufficientScope).message("a personal access token cannot do this")),
    }
}

operations!(App: [
    update_user::get_current_user,
    update_user::replace_current_user,
    update_user::patch_current_user,
    delete_user::delete_current_user,
    preferences::get_preferences,
    preferences::replace_preferences,
    list_activity::list_activity,
    export_data::create_export,
    export_data::get_export,
    search_users::search_users,
    public_profile::get_user,
    public_profile::get_user_stats,
    list_itineraries::list_user_itineraries,
]);

/// The routes, with the edge around them.
pub fn router(runtime: &Runtime) -> Router {
    let options = EdgeOptions {
        area: Some(Area::Profile),
        remember_answers: true,
        ..EdgeOptions::default()
    };
    let edge = Edge::new(runtime, options);
    let app = App {
        db: edge.db().clone(),
        edge: edge.clone(),
        hasher: Hasher::default(),
    };
    edge.serve(routes().with_state(app))
}

/// The description of the operations.
pub fn openapi() -> OpenApi {
    describe(document())
}
