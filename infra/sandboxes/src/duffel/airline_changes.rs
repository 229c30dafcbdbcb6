//! Changes that the airline makes to an order. On one route it makes one whenever somebody looks.

use jiff::SignedDuration;
use jiff::civil::DateTime;
use serde_json::{Value, json};

use super::desk::{Account, Desk, Reply, timestamp};
use super::order::Order;
use super::refusal::{Check, Refusal};

const ACTIONS: [&str; 3] = ["accepted", "cancelled", "changed"];

/// `GET /air/airline_initiated_changes`
pub(super) fn list(desk: &mut Desk<'_>) -> Result<Reply, Refusal> {
    let asked = desk.asked;
    let Some(order_id) = asked.query("order_id") else {
        return Err(Refusal::new(
            422,
            "validation_error",
            "validation_required",
            "Field 'order_id' can't be blank",
        ));
    };
    let (id, now) = (desk.id("aic"), desk.now);
    let order = super::orders::find(desk.account(), order_id, now)?;
    let moved = order.airline_changes && order.cancelled_at.is_none();
    if moved {
        let change = change(&id, order, now);
        order.changes.push(change.clone());
        let detected = order.json();
        desk.changed = true;
        desk.emit("order.airline_initiated_change_detected", &id, detected);
    }
    let order = super::orders::find(desk.account(), order_id, now)?;
    Ok(Reply::ok(Value::Array(order.changes.clone())))
}

/// The order's flights, an hour later for each change that there was.
fn change(id: &str, order: &Order, now: i64) -> Value {
    let removed = order.changes.last().map_or(order.slices(), |last| &last["added"]);
    let mut added = removed.clone();
    for slice in added.as_array_mut().into_iter().flatten() {
        for segment in slice["segments"].as_array_mut().into_iter().flatten() {
            for field in ["departing_at", "arriving_at"] {
                let time = segment[field].as_str().and_then(|text| text.parse::<DateTime>().ok());
                if let Some(later) = time.and_then(|time| time.checked_add(SignedDuration::from_hours(1)).ok()) {
                    segment[field] = later.to_string().into();
                }
            }
        }
    }
    json!({
        "id": id,
        "order_id": order.id,
        "added": added,
        "removed": removed,
        "available_actions": ["accept", "cancel", "change", "update"],
        "action_taken": null,
        "action_taken_at": null,
        "travel_agent_ticket": null,
        "created_at": timestamp(now),
        "updated_at": timestamp(now),
    })
}

fn find<'a>(account: &'a mut Account, id: &str) -> Result<(&'a mut Order, usize), Refusal> {
    let has = |order: &Order| order.changes.iter().position(|change| change["id"] == id);
    let found = account
        .orders
        .iter_mut()
        .find_map(|order| has(order).map(|index| (order, index)));
    found.ok_or_else(Refusal::not_found)
}

/// `POST /air/airline_initiated_changes/{id}/actions/accept`
pub(super) fn accept(desk: &mut Desk<'_>, id: &str) -> Result<Reply, Refusal> {
    let now = desk.now;
    let (order, index) = find(desk.account(), id)?;
    if index + 1 < order.changes.len() {
        return Err(Refusal::state(
            "stale_airline_initiated_change_accept",
            "The airline has made a newer change. Accept that one.",
        ));
    }
    let added = order.changes[index]["added"].clone();
    order.set_slices(added);
    Ok(Reply::ok(take(order, index, "accepted", now)))
}

/// `PATCH /air/airline_initiated_changes/{id}`
pub(super) fn patch(desk: &mut Desk<'_>, id: &str) -> Result<Reply, Refusal> {
    let data = desk.data()?;
    let mut check = Check::new(&data);
    let action = check.one_of("/action_taken", &ACTIONS);
    check.done()?;
    let now = desk.now;
    let (order, index) = find(desk.account(), id)?;
    Ok(Reply::ok(take(order, index, &action, now)))
}

fn take(order: &mut Order, index: usize, action: &str, now: i64) -> Value {
    let change = &mut order.changes[index];
    change["action_taken"] = action.into();
    change["action_taken_at"] = timestamp(now).into();
    change["updated_at"] = timestamp(now).into();
    change["available_actions"] = json!([]);
    change.clone()
}
