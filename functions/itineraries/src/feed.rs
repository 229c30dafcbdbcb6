//! Pages of lists of what is published: the same for everybody, and so from the cache.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use tripsage_cache::{CompositeKey, Content, Made, Tag};
use tripsage_domain::ids::{ItineraryId, UserId};
use tripsage_http::{Admitted, ApiError, Code, CursorScope, Edge, PageQuery, Pagination};
use tripsage_store::catalogue::Walk;

use crate::{body::bodies, filters::Filters};

/// Grows with every change to what the cache keeps of a page.
const SCHEMA: u32 = 1;

/// A page as the cache keeps it.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Kept {
    itineraries: Vec<Value>,
    next: Option<String>,
    total: Option<u64>,
}

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
    let per_page = pages.checked()?;
    let limit = usize::try_from(per_page).unwrap_or(usize::MAX);
    let selection = format!("{filters:?}");
    let scope = CursorScope {
        operation,
        caller: "everybody",
        selection: &selection,
    };
    let place = match &pages.cursor {
        Some(cursor) => Some(edge.cursors(now).await?.open(scope, cursor)?),
        None => None,
    };
    let number = pages.page.unwrap_or(1);
    let at = place.clone().unwrap_or_else(|| number.to_string());
    let parts = ["itineraries", &selection, &per_page.to_string(), &at];
    let key = CompositeKey::new(Content::Feed, SCHEMA, &parts, &[Tag::Itineraries]);
    let make = async || {
        let walk = match &place {
            Some(place) => Walk::parse(place, now).ok_or_else(|| ApiError::new(Code::InvalidCursor))?,
            None => Walk::begin(now),
        };
        let skip = limit.saturating_mul(number as usize - 1);
        made(edge, filters, (limit, skip), &walk).await
    };
    let cached = edge.get_or_make(admitted, &key, make).await?;
    let kept = &*cached.value;
    let next_cursor = match &kept.next {
        Some(next) => Some(edge.cursors(now).await?.seal(scope, next)?),
        None => None,
    };
    let pagination = Pagination {
        per_page,
        page: place.is_none().then_some(number),
        total: kept.total,
        total_pages: kept.total.map(|total| total.div_ceil(u64::from(per_page))),
        has_more: kept.next.is_some(),
        next_cursor,
    };
    Ok((kept.itineraries.clone(), pagination))
}

async fn made(
    edge: &Edge,
    filters: &Filters,
    (limit, skip): (usize, usize),
    walk: &Walk,
) -> Result<Made<Kept>, ApiError> {
    let db = edge.db();
    let found = db.walk(&filters.query(limit, skip), walk).await?;
    let ids: Vec<ItineraryId> = found.ids.into_iter().map(ItineraryId::from_uuid).collect();
    let mut cards = db.find_itinerary_cards(&ids).await?;
    // What was withdrawn a moment ago.
    cards.retain(|card| card.itinerary.is_public());
    let bodies = bodies(db, &cards).await?.into_iter().map(serde_json::to_value);
    Ok(Made {
        keep: true,
        value: Kept {
            itineraries: bodies.collect::<Result<_, _>>().map_err(ApiError::internal)?,
            next: found.next.map(|next| next.to_string()),
            total: found.total,
        },
    })
}
