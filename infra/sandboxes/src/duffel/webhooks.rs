//! Webhooks: who wants to be told, what happened, and what is still to be delivered.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::desk::{Desk, HOUR, MINUTE, Reply, timestamp};
use super::refusal::{Check, Refusal};
use crate::chance;

/// What a webhook can be told of.
const KINDS: [&str; 10] = [
    "order.created",
    "order.updated",
    "order.creation_failed",
    "order.airline_initiated_change_detected",
    "order_cancellation.created",
    "order_cancellation.confirmed",
    "payment.created",
    "ping.triggered",
    "stays.booking.created",
    "stays.booking.cancelled",
];

/// How long a delivery that fails is tried again, and how many events are remembered.
const RETRIED: i64 = 72 * HOUR;
const REMEMBERED: usize = 500;

/// What one account is told.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(super) struct Outbox {
    /// Only one in test mode.
    webhook: Option<Webhook>,
    events: Vec<Event>,
    deliveries: Vec<Delivery>,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
struct Webhook {
    id: String,
    url: String,
    events: Vec<String>,
    active: bool,
    secret: String,
    created_at: i64,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
struct Event {
    id: String,
    kind: String,
    key: String,
    object: Value,
    created_at: i64,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
struct Delivery {
    id: String,
    event: String,
    created_at: i64,
    attempts: u32,
    /// When to try next; `None` when it is over.
    due_at: Option<i64>,
    last: Option<(i64, Option<u16>)>,
}

/// A delivery that is to be made now.
#[derive(Debug, Clone)]
pub(super) struct Parcel {
    pub(super) account: String,
    pub(super) event: String,
    pub(super) delivery: String,
    pub(super) url: String,
    pub(super) secret: String,
    pub(super) body: String,
}

impl Event {
    fn json(&self) -> Value {
        json!({
            "id": self.id,
            "api_version": "v2",
            "type": self.kind,
            "data": { "object": self.object },
            "live_mode": false,
            "idempotency_key": self.key,
            "created_at": timestamp(self.created_at),
            "identity_organisation_id": "org_0000sandbox00000000000",
        })
    }
}

impl Delivery {
    fn json(&self) -> Value {
        json!({
            "id": self.id,
            "event_id": self.event,
            "live_mode": false,
            "attempts": self.attempts,
            "created_at": timestamp(self.created_at),
            "response_status_code": self.last.and_then(|(_, status)| status),
            "attempted_at": self.last.map(|(at, _)| timestamp(at)),
        })
    }
}

impl Webhook {
    fn json(&self) -> Value {
        json!({
            "id": self.id,
            "url": self.url,
            "events": self.events,
            "active": self.active,
            "live_mode": false,
            "created_at": timestamp(self.created_at),
            "updated_at": timestamp(self.created_at),
        })
    }
}

impl Outbox {
    pub(super) fn add(&mut self, id: &str, delivery: &str, kind: &str, key: &str, object: Value, now: i64) {
        self.events.push(Event {
            id: id.to_owned(),
            kind: kind.to_owned(),
            key: key.to_owned(),
            object,
            created_at: now,
        });
        let wanted = |webhook: &Webhook| webhook.active && webhook.events.iter().any(|event| event == kind);
        // A ping goes out whatever was subscribed to.
        if self
            .webhook
            .as_ref()
            .is_some_and(|webhook| wanted(webhook) || kind == "ping.triggered")
        {
            self.deliveries.push(Delivery {
                id: delivery.to_owned(),
                event: id.to_owned(),
                created_at: now,
                attempts: 0,
                due_at: Some(now),
                last: None,
            });
        }
        let excess = self.events.len().saturating_sub(REMEMBERED);
        self.events.drain(..excess);
        let known = |delivery: &Delivery| self.events.iter().any(|event| event.id == delivery.event);
        self.deliveries.retain(known);
    }

    /// What is to be delivered at this time.
    pub(super) fn due(&self, account: &str, now: i64) -> Vec<Parcel> {
        let Some(webhook) = &self.webhook else {
            return Vec::new();
        };
        let due = self
            .deliveries
            .iter()
            .filter(|delivery| delivery.due_at.is_some_and(|due| due <= now));
        due.filter_map(|delivery| {
            let event = self.events.iter().find(|event| event.id == delivery.event)?;
            Some(Parcel {
                account: account.to_owned(),
                event: event.id.clone(),
                delivery: delivery.id.clone(),
                url: webhook.url.clone(),
                secret: webhook.secret.clone(),
                body: event.json().to_string(),
            })
        })
        .collect()
    }

    /// What came of an attempt: 2xx ends it, everything else is tried again, less and less often.
    pub(super) fn attempted(&mut self, delivery: &str, status: Option<u16>, now: i64) {
        let Some(delivery) = self.deliveries.iter_mut().find(|known| known.id == delivery) else {
            return;
        };
        delivery.attempts += 1;
        delivery.last = Some((now, status));
        let accepted = status.is_some_and(|status| (200..300).contains(&status));
        let next = now + MINUTE * (1 << delivery.attempts.min(10));
        delivery.due_at = (!accepted && next < delivery.created_at + RETRIED).then_some(next);
    }

    /// Ends the attempts of an event's deliveries: pings are not tried again.
    pub(super) fn give_up(&mut self, event: &str) {
        for delivery in self.deliveries.iter_mut().filter(|delivery| delivery.event == event) {
            delivery.due_at = None;
        }
    }
}

fn read(check: &mut Check<'_>) -> (String, Vec<String>) {
    let url = check.text("/url");
    // Duffel wants HTTPS; the address of a developer's machine has none.
    let is_local = url.starts_with("http://127.0.0.1") || url.starts_with("http://localhost");
    if !url.is_empty() && !url.starts_with("https://") && !is_local {
        check.wrong("validation_format", "/url", "must be an https address");
    }
    (url, kinds(check))
}

fn kinds(check: &mut Check<'_>) -> Vec<String> {
    if check.count("/events") == 0 {
        check.wrong("validation_required", "/events", "can't be blank");
    }
    (0..check.count("/events"))
        .map(|index| check.one_of(&format!("/events/{index}"), &KINDS))
        .collect()
}

/// `POST /air/webhooks`: the only answer that has the secret.
pub(super) fn create(desk: &mut Desk<'_>) -> Result<Reply, Refusal> {
    let data = desk.data()?;
    let mut check = Check::new(&data);
    let (url, events) = read(&mut check);
    check.done()?;
    if desk.account().outbox.webhook.is_some() {
        return Err(Refusal::new(
            422,
            "validation_error",
            "unsafe_unique",
            "There is a webhook already.",
        ));
    }
    let id = desk.id("end");
    let webhook = Webhook {
        secret: chance::letters(&format!("secret of {id}"), 32),
        id,
        url,
        events,
        active: true,
        created_at: desk.now,
    };
    let mut body = webhook.json();
    body["secret"] = webhook.secret.clone().into();
    desk.account().outbox.webhook = Some(webhook);
    Ok(Reply::created(body))
}

/// `GET /air/webhooks`
pub(super) fn list(desk: &mut Desk<'_>) -> Result<Reply, Refusal> {
    let asked = desk.asked;
    let webhooks = desk.account().outbox.webhook.iter();
    Reply::page(
        asked,
        webhooks.map(|webhook| (webhook.id.clone(), webhook.json())).collect(),
    )
}

fn find<'a>(desk: &'a mut Desk<'_>, id: &str) -> Result<&'a mut Webhook, Refusal> {
    let webhook = desk.account().outbox.webhook.as_mut();
    webhook
        .filter(|webhook| webhook.id == id)
        .ok_or_else(Refusal::not_found)
}

/// `PATCH /air/webhooks/{id}`
pub(super) fn patch(desk: &mut Desk<'_>, id: &str) -> Result<Reply, Refusal> {
    let data = desk.data()?;
    let mut check = Check::new(&data);
    let events = check.get("/events").map(|_| kinds(&mut check));
    check.done()?;
    let webhook = find(desk, id)?;
    if let Some(events) = events {
        webhook.events = events;
    }
    if let Some(active) = data.get("active").and_then(Value::as_bool) {
        webhook.active = active;
    }
    Ok(Reply::ok(webhook.json()))
}

/// `DELETE /air/webhooks/{id}`
pub(super) fn delete(desk: &mut Desk<'_>, id: &str) -> Result<Reply, Refusal> {
    find(desk, id)?;
    desk.account().outbox.webhook = None;
    Ok(Reply::no_content())
}

/// `POST /air/webhooks/{id}/actions/ping`: the delivery is made before this is answered.
pub(super) fn ping(desk: &mut Desk<'_>, id: &str) -> Result<Reply, Refusal> {
    find(desk, id)?;
    let key = desk.id("png");
    desk.emit("ping.triggered", &key, json!({}));
    Ok(Reply::no_content())
}

/// `GET /air/webhooks/events`
pub(super) fn events(desk: &mut Desk<'_>) -> Result<Reply, Refusal> {
    let asked = desk.asked;
    let events = desk.account().outbox.events.iter().rev();
    let wanted = events.filter(|event| asked.query("type").is_none_or(|kind| kind == event.kind));
    Reply::page(asked, wanted.map(|event| (event.id.clone(), event.json())).collect())
}

/// `GET /air/webhooks/events/{id}`
pub(super) fn event(desk: &mut Desk<'_>, id: &str) -> Result<Reply, Refusal> {
    let found = desk.account().outbox.events.iter().find(|event| event.id == id);
    found
        .map(|event| Reply::ok(event.json()))
        .ok_or_else(Refusal::not_found)
}

/// `POST /air/webhooks/events/{id}/actions/redeliver`
pub(super) fn redeliver(desk: &mut Desk<'_>, id: &str) -> Result<Reply, Refusal> {
    let (now, delivery) = (desk.now, desk.id("wed"));
    let outbox = &mut desk.account().outbox;
    if !outbox.events.iter().any(|event| event.id == id) {
        return Err(Refusal::not_found());
    }
    outbox.deliveries.push(Delivery {
        id: delivery,
        event: id.to_owned(),
        created_at: now,
        attempts: 0,
        due_at: Some(now),
        last: None,
    });
    Ok(Reply::no_content())
}

/// `GET /air/webhooks/deliveries`
pub(super) fn deliveries(desk: &mut Desk<'_>) -> Result<Reply, Refusal> {
    let asked = desk.asked;
    let deliveries = desk.account().outbox.deliveries.iter().rev();
    Reply::page(
        asked,
        deliveries
            .map(|delivery| (delivery.id.clone(), delivery.json()))
            .collect(),
    )
}
