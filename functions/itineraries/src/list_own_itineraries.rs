use axum::extract::State;
use serde::Deserialize;
use tripsage_domain::{itinerary::State as Stage, validation::Checks};
use tripsage_http::{ApiError, Caller, Context, CursorScope, Envelope, Errors, PageQuery, Query, Reply};
use utoipa::IntoParams;

use crate::{
    App,
    body::{ItineraryBody, bodies},
};

/// Which of one's own itineraries.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct ListOwnItineraries {
    /// Only `draft`, `published` or `deleted` ones; all but deleted ones unless given.
    status: Option<String>,
    /// The `next_cursor` of the page before.
    cursor: Option<String>,
    /// Entries per page. A page may have fewer, because it is cut before what is not asked for is left out.
    #[param(minimum = 1, maximum = 100)]
    per_page: Option<u32>,
}

/// The caller's own itineraries, newest first, drafts too.
#[utoipa::path(get, path = "/api/v1/itineraries/mine", operation_id = "listOwnItineraries", tag = "itineraries",
    security(("bearer" = [])), params(ListOwnItineraries),
    responses((status = 200, description = "A page of itineraries", body = Envelope<Vec<ItineraryBody>>), Errors))]
pub(crate) async fn list_own_itineraries(
    State(app): State<App>,
    caller: Caller,
    context: Context,
    Query(query): Query<ListOwnItineraries>,
) -> Result<Reply<Vec<ItineraryBody>>, ApiError> {
    let per_page = PageQuery::checked_per_page(query.per_page)?;
    let mut checks = Checks::default();
    let known = query
        .status
        .as_deref()
        .is_none_or(|status| matches!(status, "draft" | "published" | "deleted"));
    checks.ensure(known, "status", "one_of", "must be one of draft, published, deleted");
    checks.finish()?;
    let owner = caller.user.to_string();
    let scope = CursorScope {
        operation: "listOwnItineraries",
        caller: &owner,
        selection: query.status.as_deref().unwrap_or_default(),
    };
    let pages = app.edge.cursor_pages(scope, per_page, context.now);
    let after = pages.after(query.cursor.as_deref()).await?;
    let own = app.db.list_own_itineraries(caller.user, after, pages.size()).await?;
    let mut cards = app.db.find_itinerary_cards(&own.items).await?;
    cards.retain(|card| {
        let stage = card.itinerary.state();
        match &query.status {
            Some(status) => stage.name() == status,
            None => matches!(stage, Stage::Draft | Stage::Published),
        }
    });
    let pagination = pages.pagination(own.next.as_deref()).await?;
    Ok(Reply::ok("Itineraries found", bodies(&app.db, &cards).await?).page(pagination))
}
