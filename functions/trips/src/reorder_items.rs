use std::collections::{BTreeMap, BTreeSet};

use axum::extract::State;
use serde::Deserialize;
use tripsage_domain::{
    ids::{ItemId, TripId},
    trip::{Item, MAX_ITEMS, When},
    validation::{Checks, Invalid, Violation},
};
use tripsage_http::{ApiError, Caller, Code, Context, Envelope, Errors, Json, Path, Reply};
use utoipa::ToSchema;

use crate::{App, item_body::ItemResponse};

/// A new order.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ReorderItems {
    /// Every item of the trip, or every item that begins on one day, or every item without a date: each exactly once.
    #[schema(min_items = 1, max_items = 200)]
    item_ids: Option<Vec<String>>,
}

/// Puts items into another order. It shows among items that have the same time or none: a day lists those without a time
/// first, then the others by time.
///
/// More than 40 items that move become several versions, each of which is a whole state by itself.
#[utoipa::path(post, path = "/api/v1/trips/{trip_id}/items/reorder", operation_id = "reorderItems", tag = "trips",
    security(("bearer" = [])), params(("trip_id" = String, Path, format = Uuid)), request_body = ReorderItems,
    responses((status = 200, description = "All items in their order", body = Envelope<Vec<ItemResponse>>), Errors))]
pub(crate) async fn reorder_items(
    State(app): State<App>,
    caller: Caller,
    context: Context,
    Path(id): Path<TripId>,
    Json(request): Json<ReorderItems>,
) -> Result<Reply<Vec<ItemResponse>>, ApiError> {
    let order = request.into_order()?;
    let (_, items) = app.view_plan(&caller, id).await?;
    // Decided once: after a first step, the positions are no longer what the order was asked for.
    let positions = positions(&items, &order)?;
    app.edit_items(&caller, &context, id, "items.reordered", |trip, items| {
        let after = trip.replanned(caller.user, 0, context.now)?;
        let here = items.iter().filter(|item| positions.contains_key(&item.id)).count();
        if here != positions.len() {
            return Err(ApiError::new(Code::EditConflict));
        }
        let moved = items.iter().filter_map(|item| {
            let moved = item.moved(*positions.get(&item.id)?, context.now);
            (moved.version != item.version).then(|| (Some(item.clone()), Some(moved)))
        });
        Ok((after, moved.collect()))
    })
    .await?;
    let (_, items) = app.view_plan(&caller, id).await?;
    Ok(Reply::ok(
        "Items reordered",
        items.iter().map(ItemResponse::new).collect(),
    ))
}

impl ReorderItems {
    fn into_order(self) -> Result<Vec<ItemId>, Invalid> {
        let mut checks = Checks::default();
        let ids = checks.required("item_ids", self.item_ids, Ok).unwrap_or_default();
        checks.ensure(
            ids.len() <= MAX_ITEMS,
            "item_ids",
            "max_items",
            format!("must have at most {MAX_ITEMS} entries"),
        );
        let mut order = Vec::with_capacity(ids.len().min(MAX_ITEMS));
        for (index, text) in ids.into_iter().take(MAX_ITEMS).enumerate() {
            match text.parse() {
                Ok(id) => order.push(id),
                Err(_) => checks.ensure(false, &format!("item_ids[{index}]"), "id", "must be the id of an item"),
            }
        }
        checks.finish()?;
        Ok(order)
    }
}

/// Which position each item gets: those that the items together already have, handed out in the new order, so that
/// nothing else moves.
fn positions(items: &[Item], order: &[ItemId]) -> Result<BTreeMap<ItemId, u64>, Invalid> {
    let asked: BTreeSet<ItemId> = order.iter().copied().collect();
    let day = |item: &Item| item.plan.start.as_ref().map(When::date);
    let all: BTreeSet<ItemId> = items.iter().map(|item| item.id).collect();
    let first = items.iter().find(|item| order.first() == Some(&item.id));
    let same_day = first.map(|first| {
        let same = items.iter().filter(|item| day(item) == day(first));
        same.map(|item| item.id).collect::<BTreeSet<_>>()
    });
    if asked.len() != order.len() || !(asked == all || same_day == Some(asked)) {
        let message = "must name every item of the trip, or every item of one day, exactly once";
        return Err(Violation::new("item_ids", "permutation", message).into());
    }
    let wanted: BTreeSet<ItemId> = order.iter().copied().collect();
    let mut free: Vec<u64> = items
        .iter()
        .filter(|item| wanted.contains(&item.id))
        .map(|item| item.position)
        .collect();
    free.sort_unstable();
    // Items that were added together can share a position; here each needs its own.
    for index in 1..free.len() {
        free[index] = free[index].max(free[index - 1] + 1);
    }
    Ok(order.iter().copied().zip(free).collect())
}
