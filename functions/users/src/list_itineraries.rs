use axum::extract::State;
use itineraries::ItineraryBody;
use serde::Deserialize;
use serde_json::Value;
use tripsage_http::{Admitted, ApiError, Context, Envelope, Errors, MaybeCaller, PageQuery, Path, Query, Reply};
use utoipa::IntoParams;

use crate::App;

/// Which page.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct ListUserItineraries {
    /// The `next_cursor` of the page before; good for ten minutes.
    cursor: Option<String>,
    /// Number of the page, from 1; not together with `cursor`.
    #[param(minimum = 1, maximum = 50)]
    page: Option<u32>,
    /// Entries per page.
    #[param(minimum = 1, maximum = 100)]
    per_page: Option<u32>,
}

/// What a user has published, newest first. Who hides their profile hides this too.
#[utoipa::path(get, path = "/api/v1/users/{username}/itineraries", operation_id = "listUserItineraries",
    tag = "users", params(("username" = String, Path, min_length = 3, max_length = 50), ListUserItineraries),
    responses((status = 200, description = "A page of itineraries", body = Envelope<Vec<ItineraryBody>>), Errors))]
pub(crate) async fn list_user_itineraries(
    State(app): State<App>,
    caller: MaybeCaller,
    admitted: Admitted,
    context: Context,
    Path(username): Path<String>,
    Query(query): Query<ListUserItineraries>,
) -> Result<Reply<Vec<Value>>, ApiError> {
    let (user, privacy) = app.find_public(&caller, &username).await?;
    if !privacy.profile_visible {
        return Err(ApiError::not_found("user"));
    }
    let pages = PageQuery {
        cursor: query.cursor,
        page: query.page,
        per_page: query.per_page,
    };
    let (page, pagination) = itineraries::published_by(&app.edge, &admitted, context.now, user.id, &pages).await?;
    Ok(Reply::ok("Itineraries found", page).page(pagination))
}
