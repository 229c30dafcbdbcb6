//! Making orders, reading them and paying for them.

use serde_json::{Value, json};

use super::courier;
use super::desk::{Account, Desk, Reply, timestamp};
use super::money::{self, CURRENCY};
use super::offer::Offer;
use super::offers;
use super::order::Order;
use super::passengers;
use super::refusal::{Check, Refusal};
use super::route::Special;
use crate::exchange::Accept;

/// `POST /air/orders`
pub(super) fn create(desk: &mut Desk<'_>) -> Result<Reply, Refusal> {
    let data = desk.data()?;
    let mut check = Check::new(&data);
    let kind = check.one_of("/type", &["instant", "hold"]);
    if check.count("/selected_offers") != 1 {
        check.wrong("validation_required", "/selected_offers", "must have exactly one offer");
        check.done()?;
        return Err(Refusal::not_found());
    }
    let (offer, search) = offers::find(desk, &check.text("/selected_offers/0"))?;
    let metadata = metadata(&mut check);
    let people = passengers::check(&mut check, &offer, &search)?;
    let is_hold = kind == "hold";
    let paid = payments(&mut check, is_hold)?;
    check.done()?;
    let services = offers::wanted(&data, "/services", &offer, &search)?;
    acceptable(desk.now, &offer, search.booked, is_hold)?;
    if is_hold && !services.is_empty() {
        return Err(Refusal::state(
            "pay_later_order_no_payment_for_ancillaries",
            "Services can't be added to an order that is paid later.",
        ));
    }
    let mut order = Order::new(desk.id("ord"), &offer, &search, people, &services, desk.now);
    order.metadata = metadata;
    order.users = data.get("users").cloned().unwrap_or_else(|| json!([]));
    if is_hold {
        order.hold = Some(offer.hold_until());
    } else {
        exact(&paid, order.total)?;
        order.paid_at = Some(desk.now);
    }
    airline_says(offer.special)?;
    let booked = desk.asked.accept != Some(Accept::Never);
    if let Some(search) = desk.account().searches.get_mut(&search.id) {
        search.booked = booked;
    }
    place(desk, order)
}

/// Keeps an order, now or later or never.
fn place(desk: &mut Desk<'_>, mut order: Order) -> Result<Reply, Refusal> {
    // No identifier of an order: what is accepted has none yet.
    let accepted = json!({ "offer_id": order.offer_id, "live_mode": false });
    match desk.asked.accept {
        None => {
            order.announced = true;
            let (id, body) = (order.id.clone(), order.json());
            desk.account().orders.push(order);
            desk.emit("order.created", &id, body.clone());
            Ok(Reply::created(body))
        }
        Some(Accept::After(time)) => {
            order.visible_from = desk.now + i64::try_from(time.as_millis()).unwrap_or(i64::MAX / 2);
            desk.account().orders.push(order);
            Ok(Reply::status(202, accepted))
        }
        Some(Accept::Never) => {
            let (key, object) = courier::creation_failed(&order.offer_id);
            desk.emit("order.creation_failed", &key, object);
            Ok(Reply::status(202, accepted))
        }
    }
}

fn metadata(check: &mut Check<'_>) -> Value {
    match check.get("/metadata") {
        None => json!({}),
        Some(Value::Object(map)) if map.len() <= 50 && map.values().all(Value::is_string) => Value::Object(map.clone()),
        Some(_) => {
            check.wrong("validation_format", "/metadata", "must be at most 50 texts");
            json!({})
        }
    }
}

/// The amounts that an order or a payment says it pays.
fn payments(check: &mut Check<'_>, is_hold: bool) -> Result<Vec<(i64, String)>, Refusal> {
    let count = check.count("/payments");
    if is_hold && count > 0 {
        check.wrong(
            "validation_inclusion",
            "/payments",
            "must be left out of an order of type hold",
        );
    }
    if !is_hold && count == 0 {
        check.wrong("validation_required", "/payments", "can't be blank");
    }
    (0..count)
        .map(|index| payment(check, &format!("/payments/{index}")))
        .collect()
}

fn payment(check: &mut Check<'_>, at: &str) -> Result<(i64, String), Refusal> {
    let kind = check.one_of(&format!("{at}/type"), &["balance", "arc_bsp_cash", "card"]);
    if kind == "card" || kind == "arc_bsp_cash" {
        return Err(offers::cards_are_off());
    }
    let amount = check.amount(&format!("{at}/amount"));
    Ok((amount, check.text(&format!("{at}/currency"))))
}

fn exact(paid: &[(i64, String)], total: i64) -> Result<(), Refusal> {
    let sum: i64 = paid.iter().map(|(amount, _)| amount).sum();
    if sum == total && paid.iter().all(|(_, currency)| currency == CURRENCY) {
        return Ok(());
    }
    Err(Refusal::state(
        "payment_amount_does_not_match_order_amount",
        "The payment must be exactly the total amount of the order, in its currency.",
    ))
}

fn acceptable(now: i64, offer: &Offer, booked: bool, is_hold: bool) -> Result<(), Refusal> {
    if booked {
        return Err(Refusal::state(
            "offer_request_already_booked",
            "An order was already made of an offer of this offer request.",
        ));
    }
    if now >= offer.expires_at() {
        return Err(Refusal::state(
            "offer_expired",
            "The offer has expired. Search again for a new one.",
        ));
    }
    if offer.special == Some(Special::OfferGone) {
        return Err(offers::gone());
    }
    if is_hold && !offer.may_be_held() {
        return Err(Refusal::state(
            "unsupported_action",
            "This offer requires instant payment.",
        ));
    }
    Ok(())
}

/// What the airline makes of an order that Duffel passed on.
fn airline_says(special: Option<Special>) -> Result<(), Refusal> {
    match special {
        Some(Special::AirlineFails) => Err(Refusal::airline(
            502,
            "airline_unknown",
            "The airline answered with an error that we don't know.",
        )),
        Some(Special::NoBalance) => Err(Refusal::state(
            "insufficient_balance",
            "Your balance is not enough for this order.",
        )),
        _ => Ok(()),
    }
}

/// An order of the account that can be seen.
pub(super) fn find<'a>(account: &'a mut Account, id: &str, now: i64) -> Result<&'a mut Order, Refusal> {
    let found = account
        .orders
        .iter_mut()
        .find(|order| order.id == id && order.visible_from <= now);
    found.ok_or_else(Refusal::not_found)
}

/// `GET /air/orders/{id}`
pub(super) fn get(desk: &mut Desk<'_>, id: &str) -> Result<Reply, Refusal> {
    let now = desk.now;
    Ok(Reply::ok(find(desk.account(), id, now)?.json()))
}

/// `GET /air/orders`
pub(super) fn list(desk: &mut Desk<'_>) -> Result<Reply, Refusal> {
    let (asked, now) = (desk.asked, desk.now);
    let is = |name: &str, value: &str| asked.query(name).is_none_or(|wanted| wanted == value);
    let shown = |order: &&Order| {
        let users = order.users.as_array().map_or(&[][..], Vec::as_slice);
        order.visible_from <= now
            && is("offer_id", &order.offer_id)
            && is("booking_reference", order.booking_reference())
            && is(
                "awaiting_payment",
                if order.awaits_payment() { "true" } else { "false" },
            )
            && asked
                .query("user_id")
                .is_none_or(|user| users.iter().any(|id| id == user))
    };
    let orders = desk.account().orders.iter().rev().filter(shown);
    let items = orders.map(|order| (order.id.clone(), order.json())).collect();
    Reply::page(asked, items)
}

/// `PATCH /air/orders/{id}`
pub(super) fn patch(desk: &mut Desk<'_>, id: &str) -> Result<Reply, Refusal> {
    let data = desk.data()?;
    let now = desk.now;
    let order = find(desk.account(), id, now)?;
    let mut check = Check::new(&data);
    let metadata = metadata(&mut check);
    check.done()?;
    if data.get("metadata").is_some() {
        order.metadata = metadata;
    }
    Ok(Reply::ok(order.json()))
}

/// `GET /air/orders/{id}/available_services`: none once it is booked.
pub(super) fn available_services(desk: &mut Desk<'_>, id: &str) -> Result<Reply, Refusal> {
    let now = desk.now;
    find(desk.account(), id, now)?;
    Ok(Reply::ok(json!([])))
}

/// `POST /air/orders/{id}/services`
pub(super) fn add_services(desk: &mut Desk<'_>, id: &str) -> Result<Reply, Refusal> {
    let now = desk.now;
    find(desk.account(), id, now)?;
    Err(Refusal::with_numeric_code(400, "This order can't be given services."))
}

/// `POST /air/payments`
pub(super) fn pay(desk: &mut Desk<'_>) -> Result<Reply, Refusal> {
    let data = desk.data()?;
    let mut check = Check::new(&data);
    let order_id = check.text("/order_id");
    let paid = payment(&mut check, "/payment")?;
    check.done()?;
    let (id, now) = (desk.id("pay"), desk.now);
    let order = find(desk.account(), &order_id, now)?;
    let Some((_, due)) = order.hold else {
        return Err(Refusal::state("already_paid", "The order has been paid already."));
    };
    if order.cancelled_at.is_some() {
        return Err(already_cancelled());
    }
    if order.paid_at.is_some() {
        return Err(Refusal::state("already_paid", "The order has been paid already."));
    }
    if now >= due {
        return Err(Refusal::state(
            "past_payment_required_by_date",
            "The time to pay for this order has passed.",
        ));
    }
    exact(std::slice::from_ref(&paid), order.total)?;
    order.paid_at = Some(now);
    let body = json!({
        "id": id,
        "order_id": order_id,
        "type": "balance",
        "status": "succeeded",
        "amount": money::text(paid.0),
        "currency": CURRENCY,
        "failure_reason": null,
        "live_mode": false,
        "created_at": timestamp(now),
    });
    desk.account().payments.push(body.clone());
    desk.emit("payment.created", &id, body.clone());
    Ok(Reply::created(body))
}

/// `GET /air/payments/{id}`
pub(super) fn get_payment(desk: &mut Desk<'_>, id: &str) -> Result<Reply, Refusal> {
    let found = desk.account().payments.iter().find(|payment| payment["id"] == id);
    found.cloned().map(Reply::ok).ok_or_else(Refusal::not_found)
}

/// `GET /air/payments`
pub(super) fn list_payments(desk: &mut Desk<'_>) -> Result<Reply, Refusal> {
    let asked = desk.asked;
    let order = asked.query("order_id").ok_or_else(|| {
        Refusal::new(
            422,
            "validation_error",
            "validation_required",
            "Field 'order_id' can't be blank",
        )
    })?;
    let payments = desk.account().payments.iter().rev();
    let items = payments
        .filter(|payment| payment["order_id"] == order)
        .map(|payment| (payment["id"].as_str().unwrap_or_default().to_owned(), payment.clone()))
        .collect();
    Reply::page(asked, items)
}

pub(super) fn already_cancelled() -> Refusal {
    Refusal::state("already_cancelled", "The order has been cancelled already.")
}
