//! Bringing events to webhooks: signed, at least once, in no promised order.

use std::time::Duration;

use aws_lc_rs::hmac;
use serde_json::{Value, json};

use super::Duffel;
use super::desk::Book;
use super::refusal::Refusal;
use super::webhooks::Parcel;
use crate::exchange::Answer;

/// How long a receiver may take.
const PATIENCE: Duration = Duration::from_secs(5);

/// How deliveries are made. Duffel promises neither that an event comes once nor that events come in order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Delivering {
    /// How often each event is delivered; 1 by default.
    pub copies: usize,
    /// Whether the newest event is delivered first.
    pub reversed: bool,
}

impl Default for Delivering {
    fn default() -> Self {
        Self {
            copies: 1,
            reversed: false,
        }
    }
}

impl Duffel {
    /// Makes every delivery that is due, and says how many attempts were made.
    pub async fn deliver_now(&self) -> usize {
        // One at a time, so that the background does not deliver what a test is delivering.
        let _turn = self.turn.lock().await;
        let now = (self.clock)();
        let due = self.shelf.with(|book| due(book, now)).unwrap_or_default();
        self.deliver(due).await.len()
    }

    /// How deliveries are made from now on.
    pub fn set_delivering(&self, delivering: Delivering) {
        *self
            .delivering
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner) = delivering;
    }

    /// Delivers, and gives the status of each attempt.
    async fn deliver(&self, mut parcels: Vec<Parcel>) -> Vec<Option<u16>> {
        let how = *self
            .delivering
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner);
        if how.reversed {
            parcels.reverse();
        }
        let mut statuses = Vec::new();
        for parcel in parcels {
            for _ in 0..how.copies.max(1) {
                let status = self.attempt(&parcel).await;
                let now = (self.clock)();
                let noted = self.shelf.with(|book| {
                    let outbox = &mut book.account(&parcel.account).outbox;
                    (outbox.attempted(&parcel.delivery, status, now), true)
                });
                if let Err(error) = noted {
                    tracing::error!(%error, "the sandbox of Duffel cannot write its data");
                }
                statuses.push(status);
            }
        }
        statuses
    }

    async fn attempt(&self, parcel: &Parcel) -> Option<u16> {
        let seconds = (self.clock)() / 1000;
        let client = self.http.get_or_init(|| {
            let builder = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none());
            builder.build().ok()
        });
        let request = client
            .as_ref()?
            .post(&parcel.url)
            .timeout(PATIENCE)
            .header("content-type", "application/json")
            .header("x-duffel-signature", signature(&parcel.secret, seconds, &parcel.body))
            .body(parcel.body.clone());
        match request.send().await {
            Ok(response) => Some(response.status().as_u16()),
            Err(error) => {
                tracing::debug!(%error, url = parcel.url, "a webhook cannot be reached");
                None
            }
        }
    }

    /// Delivers the ping that an account has just asked for.
    pub(super) async fn deliver_ping(&self, account: &str, answer: Answer) -> Answer {
        let _turn = self.turn.lock().await;
        let now = (self.clock)();
        let due = self
            .shelf
            .with(|book| (book.account(account).outbox.due(account, now), false));
        let is_ping = |parcel: &Parcel| {
            let event: Value = serde_json::from_str(&parcel.body).unwrap_or_default();
            event["type"] == "ping.triggered"
        };
        let pings: Vec<Parcel> = due.unwrap_or_default().into_iter().filter(is_ping).collect();
        let statuses = self.deliver(pings.clone()).await;
        let given_up = self.shelf.with(|book| {
            for ping in &pings {
                book.account(account).outbox.give_up(&ping.event);
            }
            ((), true)
        });
        let received = |status: &Option<u16>| status.is_some_and(|status| (200..300).contains(&status));
        if given_up.is_ok() && statuses.iter().all(received) {
            return answer;
        }
        let request_id = answer.headers.iter().find(|(name, _)| *name == "x-request-id");
        let request_id = request_id.map_or("", |(_, value)| value.as_str());
        let mut refused = Refusal::request(
            422,
            "webhook_client_error",
            "The receiver of the webhook did not accept the ping.",
        )
        .answer(request_id);
        refused.headers.extend(answer.headers);
        refused
    }
}

/// Announces the orders that can be seen by now, and collects what is to be delivered.
fn due(book: &mut Book, now: i64) -> (Vec<Parcel>, bool) {
    let mut parcels = Vec::new();
    let mut changed = false;
    for account in book.accounts() {
        let orders = book.account(&account).orders.iter_mut();
        let new: Vec<Value> = orders
            .filter(|order| !order.announced && order.visible_from <= now)
            .map(|order| {
                order.announced = true;
                order.json()
            })
            .collect();
        changed |= !new.is_empty();
        for order in new {
            let key = order["id"].as_str().unwrap_or_default().to_owned();
            book.emit(&account, "order.created", &key, order, now);
        }
        parcels.extend(book.account(&account).outbox.due(&account, now));
    }
    (parcels, changed)
}

/// `t=1616202842,v1=…`: the time, and what proves that the body of that time comes from Duffel.
fn signature(secret: &str, seconds: i64, body: &str) -> String {
    let key = hmac::Key::new(hmac::HMAC_SHA256, secret.as_bytes());
    let tag = hmac::sign(&key, format!("{seconds}.{body}").as_bytes());
    let hex: String = tag.as_ref().iter().map(|byte| format!("{byte:02x}")).collect();
    format!("t={seconds},v1={hex}")
}

/// The event of an order that was accepted and came to nothing.
pub(super) fn creation_failed(offer_id: &str) -> (String, Value) {
    let key = format!("failed-{}", offer_id.replacen("off", "por", 1));
    (key, json!({ "offer_id": offer_id, "live_mode": false }))
}
