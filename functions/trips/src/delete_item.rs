use axum::extract::State;
use serde::Serialize;
use tripsage_domain::{
    ids::{ItemId, TripId},
    policy::TripAction,
    trip::Item,
};
use tripsage_http::{ApiError, Caller, Context, Envelope, Errors, IfMatch, Path, Reply};
use utoipa::ToSchema;

use crate::{App, editing::change};

/// A removed item.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct DeletedItem {
    /// Its id.
    #[schema(format = Uuid)]
    id: String,
    /// Number of the version that removed it; restoring the one before brings it back.
    sequence: u64,
}

/// Removes an item from a trip. The version history keeps it.
#[utoipa::path(delete, path = "/api/v1/trips/{trip_id}/items/{item_id}", operation_id = "deleteItem", tag = "trips",
    security(("bearer" = [])),
    params(("trip_id" = String, Path, format = Uuid), ("item_id" = String, Path, format = Uuid)),
    responses((status = 200, description = "It is removed", body = Envelope<DeletedItem>), Errors))]
pub(crate) async fn delete_item(
    State(app): State<App>,
    caller: Caller,
    context: Context,
    Path((trip_id, item_id)): Path<(TripId, ItemId)>,
    if_match: IfMatch,
) -> Result<Reply<DeletedItem>, ApiError> {
    let (trip, ()) = app
        .edit(
            &context,
            || app.find_item(&caller, TripAction::Edit, trip_id, item_id),
            |(trip, item): &(_, Item)| {
                if_match.check(item.version)?;
                let after = trip.replanned(caller.user, -1, context.now)?;
                let mut change = change(trip, after, "item.deleted", &caller, &context);
                change.push_item(Some(item), None)?;
                Ok((Some(change), ()))
            },
        )
        .await?;
    let deleted = DeletedItem {
        id: item_id.to_string(),
        sequence: trip.map_or(0, |trip| trip.sequence),
    };
    Ok(Reply::ok("Item deleted", deleted))
}
