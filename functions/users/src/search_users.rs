use axum::extract::State;
use serde::{Deserialize, Serialize};
use tripsage_http::{ApiError, Envelope, Errors, Query, Reply};
use tripsage_store::keys::Slug;
use utoipa::{IntoParams, ToSchema};

use crate::App;

/// Characters that have to be known of a username.
const SHORTEST: usize = 2;

/// Users that one search gives.
const MOST: usize = 20;

/// What to look for.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct SearchUsers {
    /// How the username begins.
    #[param(min_length = 2, max_length = 50)]
    q: String,
}

/// What a search shows of a user.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct FoundUser {
    /// The name by which others find them.
    username: String,
    /// The name that others see.
    display_name: Option<String>,
}

/// The first 20 users whose usernames begin so, in alphabetical order.
#[utoipa::path(get, path = "/api/v1/users/search", operation_id = "searchUsers", tag = "users", params(SearchUsers),
    responses((status = 200, description = "The users", body = Envelope<Vec<FoundUser>>), Errors))]
pub(crate) async fn search_users(
    State(app): State<App>,
    Query(query): Query<SearchUsers>,
) -> Result<Reply<Vec<FoundUser>>, ApiError> {
    let beginning = query.q.trim().to_ascii_lowercase();
    if beginning.chars().count() < SHORTEST {
        return Err(ApiError::field("q", "min_length", "must have at least 2 characters"));
    }
    if beginning.chars().count() > 50 {
        return Err(ApiError::field("q", "max_length", "must have at most 50 characters"));
    }
    // No username has other characters than a slug.
    let found = match Slug::new(&beginning) {
        Some(slug) => app.db.search_usernames(&slug, MOST).await?,
        None => Vec::new(),
    };
    let users = found.into_iter().map(|entry| FoundUser {
        username: entry.username,
        display_name: entry.display_name,
    });
    Ok(Reply::ok("Users found", users.collect()))
}
