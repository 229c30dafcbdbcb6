//! Pages of lists of what is published: the same for everybody, and so from the cache.

use jiff::Timestamp;
use serde_json::Value;
use tripsage_cache::Tag;
use tripsage_domain::ids::{ItineraryId, UserId};
use tripsage_http::{Admitted, ApiError, CursorScope, Edge, PageQuery, Pagination, Step};
use tripsage_store::catalogue::Found;

use crate::{body::bodies, filters::Filters};

/// Grows with every change to what the cache keeps of a page.
const SCHEMA: u32 = 1;

/// A page of what one user has published, newest first.
///
/// # Errors
/// 400 for pages that there cannot be; 503 when the database does not answer.
pub async fn published_by(
    edge: &Edge,
    admitted: &Admitted,
    now: Timestamp,
    owner: UserId,
    pages: &PageQuery,
) -> Result<(Vec<Value>, Pagination), ApiError> {
    page(edge, admitted, now, "listUserItineraries", &Filters::by(owner), pages).await
}

/// A page of a list.
pub(crate) async fn page(
    edge: &Edge,
    admitted: &Admitted,
    now: Timestamp,
    operation: &str,
    filters: &Filters,
    pages: &PageQuery,
) -> Result<(Vec<Value>, Pagination), ApiError> {
    let selection = format!("{filters:?}");
    let scope = CursorScope {
        operation,
        caller: "everybody",
        selection: &selection,
    };
    let pages = edge.walk_pages(scope, pages, now)?;
    let make = |step| made(edge, filters, step);
    pages.kept(admitted, (Tag::Itineraries, SCHEMA), make).await
}

async fn made(edge: &Edge, filters: &Filters, step: Step) -> Result<(Vec<Value>, Found), ApiError> {
    let db = edge.db();
    let found = db.walk(&filters.query(step.limit, step.skip), &step.walk).await?;
    let ids: Vec<ItineraryId> = found.ids.iter().copied().map(ItineraryId::from_uuid).collect();
    let mut cards = db.find_itinerary_cards(&ids).await?;
    // What was withdrawn a moment ago.
    cards.retain(|card| card.itinerary.is_public());
    let bodies = bodies(db, &cards).await?.into_iter().map(serde_json::to_value);
    let bodies = bodies.collect::<Result<_, _>>().map_err(ApiError::internal)?;
    Ok((bodies, found))
}
