//! Cancelling orders: a quote of what comes back, and its confirmation.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::desk::{Desk, HOUR, Reply, timestamp};
use super::money::{self, CURRENCY};
use super::orders;
use super::refusal::{Check, Refusal};

/// A cancellation that was asked for.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Cancellation {
    id: String,
    order_id: String,
    created_at: i64,
    expires_at: i64,
    confirmed_at: Option<i64>,
    refund: i64,
    refund_to: String,
    credits: Vec<Value>,
}

impl Cancellation {
    fn json(&self) -> Value {
        json!({
            "id": self.id,
            "order_id": self.order_id,
            "live_mode": false,
            "created_at": timestamp(self.created_at),
            "expires_at": timestamp(self.expires_at),
            "confirmed_at": self.confirmed_at.map(timestamp),
            "refund_amount": money::text(self.refund),
            "refund_currency": CURRENCY,
            "refund_to": self.refund_to,
            "airline_credits": self.credits,
        })
    }
}

/// `POST /air/order_cancellations`
pub(super) fn create(desk: &mut Desk<'_>) -> Result<Reply, Refusal> {
    let data = desk.data()?;
    let mut check = Check::new(&data);
    let order_id = check.text("/order_id");
    check.done()?;
    let (id, credit, now) = (desk.id("ore"), desk.id("acd"), desk.now);
    let account = desk.account();
    let order = orders::find(account, &order_id, now)?;
    if order.cancelled_at.is_some() {
        return Err(orders::already_cancelled());
    }
    // Everything that was paid comes back, whatever the fare says: so does the test mode.
    let (refund, refund_to) = match order.paid_at {
        None => (0, "awaiting_payment"),
        Some(_) if order.refunds_credit => (order.total, "airline_credits"),
        Some(_) => (order.total, "balance"),
    };
    let credits = if refund_to == "airline_credits" {
        vec![json!({
            "id": credit,
            "credit_amount": money::text(refund),
            "credit_currency": CURRENCY,
            "credit_name": "Duffel Travel Credit",
            "credit_code": credit.to_uppercase(),
            "issued_on": timestamp(now).get(..10),
            "passenger_id": order.passengers()[0]["id"],
        })]
    } else {
        Vec::new()
    };
    let cancellation = Cancellation {
        id: id.clone(),
        order_id,
        created_at: now,
        expires_at: now + HOUR,
        confirmed_at: None,
        refund,
        refund_to: refund_to.to_owned(),
        credits,
    };
    let body = cancellation.json();
    account.cancellations.push(cancellation);
    desk.emit("order_cancellation.created", &id, body.clone());
    Ok(Reply::created(body))
}

/// `POST /air/order_cancellations/{id}/actions/confirm`
pub(super) fn confirm(desk: &mut Desk<'_>, id: &str) -> Result<Reply, Refusal> {
    let now = desk.now;
    let account = desk.account();
    let found = account
        .cancellations
        .iter_mut()
        .find(|cancellation| cancellation.id == id);
    let cancellation = found.ok_or_else(Refusal::not_found)?;
    let order_id = &cancellation.order_id;
    let order = account.orders.iter_mut().find(|order| order.id == *order_id);
    let order = order.ok_or_else(Refusal::not_found)?;
    if order.cancelled_at.is_some() {
        return Err(orders::already_cancelled());
    }
    if now >= cancellation.expires_at {
        return Err(Refusal::state(
            "order_cancellation_expired",
            "The quote has expired. Ask for a new one.",
        ));
    }
    cancellation.confirmed_at = Some(now);
    let body = cancellation.json();
    order.cancelled_at = Some(now);
    order.cancellation = Some(body.clone());
    desk.emit("order_cancellation.confirmed", id, body.clone());
    Ok(Reply::ok(body))
}

/// `GET /air/order_cancellations/{id}`
pub(super) fn get(desk: &mut Desk<'_>, id: &str) -> Result<Reply, Refusal> {
    let found = desk
        .account()
        .cancellations
        .iter()
        .find(|cancellation| cancellation.id == id);
    found
        .map(|found| Reply::ok(found.json()))
        .ok_or_else(Refusal::not_found)
}

/// `GET /air/order_cancellations`
pub(super) fn list(desk: &mut Desk<'_>) -> Result<Reply, Refusal> {
    let asked = desk.asked;
    let of = |cancellation: &&Cancellation| {
        asked
            .query("order_id")
            .is_none_or(|order| order == cancellation.order_id)
    };
    let all = desk.account().cancellations.iter().rev().filter(of);
    let items = all
        .map(|cancellation| (cancellation.id.clone(), cancellation.json()))
        .collect();
    Reply::page(asked, items)
}
