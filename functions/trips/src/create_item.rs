use axum::extract::State;
use tripsage_domain::{
    ids::{ItemId, TripId},
    policy::TripAction,
    trip::Item,
};
use tripsage_http::{ApiError, Caller, Context, Envelope, Errors, Json, Path, Reply};

use crate::{
    App,
    editing::change,
    item_body::{ItemFields, ItemResponse},
};

/// Adds an item to a trip, after those with the same time or none. A trip has at most 200.
#[utoipa::path(post, path = "/api/v1/trips/{trip_id}/items", operation_id = "createItem", tag = "trips",
    security(("bearer" = [])), params(("trip_id" = String, Path, format = Uuid)), request_body = ItemFields,
    responses((status = 201, description = "The item", body = Envelope<ItemResponse>), Errors))]
pub(crate) async fn create_item(
    State(app): State<App>,
    caller: Caller,
    context: Context,
    Path(trip_id): Path<TripId>,
    Json(request): Json<ItemFields>,
) -> Result<Reply<ItemResponse>, ApiError> {
    let plan = request.into_plan()?;
    let id = ItemId::from_uuid(context.new_id("item"));
    let item = match made_before(&app, &caller, &context, trip_id, id).await? {
        Some(item) => item,
        None => {
            let (_, item) = app
                .edit(
                    &context,
                    || app.find_trip(trip_id),
                    |trip| {
                        let (after, item) = (
                            trip.replanned(caller.user, 1, context.now)?,
                            Item::new(id, trip, plan.clone(), context.now),
                        );
                        let mut change = change(trip, after, "item.created", &caller, &context);
                        change.push_item(None, Some(&item))?;
                        Ok((Some(change), item))
                    },
                )
                .await?;
            item
        }
    };
    let location = format!("/api/v1/trips/{trip_id}/items/{id}");
    let reply = Reply::created("Item created", ItemResponse::new(&item));
    Ok(reply.etag(item.version).location(&location))
}

/// The item, when an earlier attempt at this very request has made it and only its answer was lost.
async fn made_before(
    app: &App,
    caller: &Caller,
    context: &Context,
    trip: TripId,
    item: ItemId,
) -> Result<Option<Item>, ApiError> {
    if !context.resumed() {
        return Ok(None);
    }
    match app.db.find_trip_and_item(trip, item).await? {
        Some((trip, item)) => {
            trip.permit(caller.user, TripAction::Edit)?;
            Ok(item)
        }
        None => Ok(None),
    }
}
