use axum::extract::State;
use tripsage_domain::{ids::TripId, policy::TripAction, trip::Trip};
use tripsage_http::{
    ApiError, Caller, Code, Context, CursorScope, Envelope, Errors, PageQuery, Pagination, Path, Query, Reply,
};
use tripsage_store::trips::VersionRow;

use crate::{App, version_body::VersionResponse};

/// The version history of a trip, newest first: who changed what, and when. Each version carries the hash of the one
/// before it, and says whether the chain holds.
#[utoipa::path(get, path = "/api/v1/trips/{trip_id}/versions", operation_id = "listVersions", tag = "trips",
    security(("bearer" = [])), params(("trip_id" = String, Path, format = Uuid), PageQuery),
    responses((status = 200, description = "A page of versions", body = Envelope<Vec<VersionResponse>>), Errors))]
pub(crate) async fn list_versions(
    State(app): State<App>,
    caller: Caller,
    context: Context,
    Path(id): Path<TripId>,
    Query(pages): Query<PageQuery>,
) -> Result<Reply<Vec<VersionResponse>>, ApiError> {
    let per_page = pages.checked()?;
    let trip = app.find_trip(id).await?;
    trip.permit(caller.user, TripAction::View)?;
    let (user, selected) = (caller.user.to_string(), id.to_string());
    let scope = CursorScope {
        operation: "listVersions",
        caller: &user,
        selection: &selected,
    };
    let below = match &pages.cursor {
        Some(cursor) => {
            let position = app.edge.cursors(context.now).await?.open(scope, cursor)?;
            position.parse().map_err(|_| ApiError::new(Code::InvalidCursor))?
        }
        // Numbers have no gaps, so a page is found without reading those before it.
        None => {
            let skipped = u64::from(pages.page.unwrap_or(1) - 1) * u64::from(per_page);
            (trip.sequence + 1).saturating_sub(skipped)
        }
    };
    let size = per_page as usize;
    // One more than is shown, to see whether the last one follows on it.
    let rows = app.db.list_versions(id, Some(below), size + 1).await?;
    let page: Vec<VersionResponse> = (0..rows.len().min(size))
        .map(|index| VersionResponse::new(&rows[index], is_verified(&trip, &rows, index, below)))
        .collect();
    let mut pagination = Pagination {
        per_page,
        page: pages.cursor.is_none().then(|| pages.page.unwrap_or(1)),
        total: Some(trip.sequence),
        total_pages: Some(trip.sequence.div_ceil(u64::from(per_page))),
        has_more: rows.len() > size,
        next_cursor: None,
    };
    if let (true, Some(last)) = (pagination.has_more, rows.get(size.saturating_sub(1))) {
        let position = last.number.to_string();
        pagination.next_cursor = Some(app.edge.cursors(context.now).await?.seal(scope, &position)?);
    }
    Ok(Reply::ok("Versions found", page).page(pagination))
}

/// Whether the version at `index` is what its hash says, follows on the one before it, and is followed by what it should:
/// the newest stands in the trip itself, so that the end of the chain cannot be cut off either.
fn is_verified(trip: &Trip, rows: &[VersionRow], index: usize, below: u64) -> bool {
    let version = &rows[index];
    let before = version.is_intact() && version.follows(rows.get(index + 1));
    let after = index > 0 || version.number + 1 == below;
    let newest = version.number != trip.sequence || version.hash == trip.head;
    before && after && newest
}
