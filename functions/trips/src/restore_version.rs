use std::collections::BTreeMap;

use axum::extract::State;
use jiff::Timestamp;
use tripsage_domain::{
    ids::{ItemId, TripId, UserId},
    policy::TripAction,
    trip::{ContentPatch, Item, Trip, TripError},
};
use tripsage_http::{ApiError, Caller, Context, Envelope, Errors, Path, Reply};
use tripsage_store::trips::Past;

use crate::{App, editing::ItemChange, get_trip::TripView};

/// Makes the trip and its items what they were at a version; this becomes a new version, and undoes nothing of the
/// history. Items that were removed since come back, items that were added since go.
///
/// The status stays as it is, because it moves only through its own steps; so do the members. A restore that changes more
/// than 40 items becomes several versions, each of which is a whole state by itself.
#[utoipa::path(post, path = "/api/v1/trips/{trip_id}/versions/{number}/restore", operation_id = "restoreVersion",
    tag = "trips", security(("bearer" = [])),
    params(("trip_id" = String, Path, format = Uuid), ("number" = u64, Path, minimum = 1)),
    responses((status = 200, description = "The trip with its items", body = Envelope<TripView>), Errors))]
pub(crate) async fn restore_version(
    State(app): State<App>,
    caller: Caller,
    context: Context,
    Path((id, number)): Path<(TripId, u64)>,
) -> Result<Reply<TripView>, ApiError> {
    let (past, _) = app.past(&caller, id, number).await?;
    past.trip.permit(caller.user, TripAction::Edit)?;
    app.edit_items(&caller, &context, id, "version.restored", |trip, items| {
        Ok(pending(&past, trip, items, caller.user, context.now)?)
    })
    .await?;
    let (trip, items) = app.view_plan(&caller, id).await?;
    let reply = Reply::ok("Version restored", TripView::new(&trip, &caller, Some(&items), false));
    Ok(reply.etag(trip.revision))
}

/// What still keeps the trip from being what it was.
fn pending(
    past: &Past,
    trip: &Trip,
    items: &[Item],
    user: UserId,
    now: Timestamp,
) -> Result<(Trip, Vec<ItemChange>), TripError> {
    let then = past.trip.content.clone();
    let patch = ContentPatch {
        title: Some(then.title),
        description: Some(then.description),
        start_date: Some(then.start_date),
        end_date: Some(then.end_date),
        destinations: Some(then.destinations),
        status: None,
        trip_type: Some(then.trip_type),
        travelers: Some(then.travelers),
        tags: Some(then.tags),
        preferences: Some(then.preferences),
    };
    let after = trip.edited(user, patch, now)?;
    let here: BTreeMap<ItemId, &Item> = items.iter().map(|item| (item.id, item)).collect();
    let wanted: BTreeMap<ItemId, &Item> = past.items.iter().map(|item| (item.id, item)).collect();
    let gone = items.iter().filter(|item| !wanted.contains_key(&item.id));
    let mut changes: Vec<ItemChange> = gone.map(|item| (Some(item.clone()), None)).collect();
    for then in &past.items {
        let now_here = here.get(&then.id).copied();
        if now_here.is_some_and(|item| item.plan == then.plan && item.position == then.position) {
            continue;
        }
        let restored = Item {
            // An item that was removed had fewer versions than the trip: its tags and its calendar entry go on from there.
            version: now_here.map_or(trip.sequence, |item| item.version) + 1,
            updated_at: now,
            ..then.clone()
        };
        changes.push((now_here.cloned(), Some(restored)));
    }
    Ok((after, changes))
}
