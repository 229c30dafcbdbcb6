use axum::extract::State;
use tripsage_domain::{
    ids::{ItemId, TripId},
    policy::TripAction,
};
use tripsage_http::{ApiError, Caller, Envelope, Errors, Path, Reply};

use crate::{App, item_body::ItemResponse};

/// An item of a trip that the caller takes part in.
#[utoipa::path(get, path = "/api/v1/trips/{trip_id}/items/{item_id}", operation_id = "getItem", tag = "trips",
    security(("bearer" = [])),
    params(("trip_id" = String, Path, format = Uuid), ("item_id" = String, Path, format = Uuid)),
    responses((status = 200, description = "The item", body = Envelope<ItemResponse>), Errors))]
pub(crate) async fn get_item(
    State(app): State<App>,
    caller: Caller,
    Path((trip, item)): Path<(TripId, ItemId)>,
) -> Result<Reply<ItemResponse>, ApiError> {
    let (_, item) = app.find_item(&caller, TripAction::View, trip, item).await?;
    Ok(Reply::ok("Item found", ItemResponse::new(&item)).etag(item.version))
}
