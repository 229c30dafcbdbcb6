use axum::extract::State;
use serde_json::Value;
use tripsage_domain::{
    ids::{ItemId, TripId},
    policy::TripAction,
    trip::{Item, Plan},
};
use tripsage_http::{
    ApiError, Caller, Context, Envelope, Errors, IfMatch, Json, Path, Reply, merge_patch, read_value, replace_fields,
};

use crate::{
    App,
    editing::change,
    item_body::{ItemFields, ItemResponse},
};

/// Replaces the fields that are given, each as a whole, and keeps the others.
#[utoipa::path(put, path = "/api/v1/trips/{trip_id}/items/{item_id}", operation_id = "replaceItem", tag = "trips",
    security(("bearer" = [])),
    params(("trip_id" = String, Path, format = Uuid), ("item_id" = String, Path, format = Uuid)),
    request_body = ItemFields,
    responses((status = 200, description = "The item", body = Envelope<ItemResponse>), Errors))]
pub(crate) async fn replace_item(
    State(app): State<App>,
    caller: Caller,
    context: Context,
    Path(ids): Path<(TripId, ItemId)>,
    if_match: IfMatch,
    Json(request): Json<Value>,
) -> Result<Reply<ItemResponse>, ApiError> {
    update(&app, &caller, &context, ids, &if_match, &request, replace_fields).await
}

/// Changes some fields: a JSON merge patch (RFC 7396), which reaches into `details`, `location`, `start`, `end` and
/// `cost`. `null` removes a field.
#[utoipa::path(patch, path = "/api/v1/trips/{trip_id}/items/{item_id}", operation_id = "patchItem", tag = "trips",
    security(("bearer" = [])),
    params(("trip_id" = String, Path, format = Uuid), ("item_id" = String, Path, format = Uuid)),
    request_body = ItemFields,
    responses((status = 200, description = "The item", body = Envelope<ItemResponse>), Errors))]
pub(crate) async fn patch_item(
    State(app): State<App>,
    caller: Caller,
    context: Context,
    Path(ids): Path<(TripId, ItemId)>,
    if_match: IfMatch,
    Json(request): Json<Value>,
) -> Result<Reply<ItemResponse>, ApiError> {
    update(&app, &caller, &context, ids, &if_match, &request, merge_patch).await
}

async fn update(
    app: &App,
    caller: &Caller,
    context: &Context,
    (trip_id, item_id): (TripId, ItemId),
    if_match: &IfMatch,
    request: &Value,
    combine: fn(&mut Value, &Value),
) -> Result<Reply<ItemResponse>, ApiError> {
    // What no item may have is refused before anything is read.
    read_value::<ItemFields>(request.clone())?;
    let (_, item) = app
        .edit(
            context,
            || app.find_item(caller, TripAction::Edit, trip_id, item_id),
            |(trip, item): &(_, Item)| {
                if_match.check(item.version)?;
                let edited = item.edited(patched(&item.plan, request, combine)?, context.now);
                if edited.version == item.version {
                    return Ok((None, edited));
                }
                let after = trip.replanned(caller.user, 0, context.now)?;
                let mut change = change(trip, after, "item.updated", caller, context);
                change.push_item(Some(item), Some(&edited))?;
                Ok((Some(change), edited))
            },
        )
        .await?;
    Ok(Reply::ok("Item updated", ItemResponse::new(&item)).etag(item.version))
}

/// The plan with the request worked into it, checked as a whole.
fn patched(plan: &Plan, request: &Value, combine: fn(&mut Value, &Value)) -> Result<Plan, ApiError> {
    let mut fields = serde_json::to_value(ItemFields::new(plan)).map_err(ApiError::internal)?;
    let other_type = request.get("type").is_some_and(|kind| Some(kind) != fields.get("type"));
    if let (true, Some(fields)) = (other_type, fields.as_object_mut()) {
        // The details of one type mean nothing to another.
        fields.remove("details");
    }
    combine(&mut fields, request);
    Ok(read_value::<ItemFields>(fields)?.into_plan()?)
}
