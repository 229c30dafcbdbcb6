//! Webhooks: signatures, redelivery, duplicates, order; and what the airline changes.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "the whole crate is a test"
)]

mod support;

use std::sync::{Arc, Mutex};
use std::time::Duration;

use aws_lc_rs::hmac;
use reqwest::Method;
use serde_json::{Value, json};
use support::{Answer, HOUR, Lab, MINUTE, OTHER, TOKEN, cheapest, order_of};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use tripsage_sandboxes::duffel::Delivering;
use tripsage_sandboxes::{Effect, Fault, Provider};

/// Receives what is posted to it, and answers with a status that the test sets.
struct Receiver {
    url: String,
    received: Arc<Mutex<Vec<(String, String)>>>,
    status: Arc<Mutex<u16>>,
}

impl Receiver {
    async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/hook", listener.local_addr().unwrap());
        let received = Arc::new(Mutex::new(Vec::new()));
        let status = Arc::new(Mutex::new(200));
        let (seen, answer) = (Arc::clone(&received), Arc::clone(&status));
        tokio::spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                let mut text = String::new();
                let mut buffer = [0; 65536];
                let (head, body) = loop {
                    let read = stream.read(&mut buffer).await.unwrap();
                    text.push_str(std::str::from_utf8(&buffer[..read]).unwrap());
                    let Some((head, body)) = text.split_once("\r\n\r\n") else {
                        continue;
                    };
                    let length = header(head, "content-length").parse::<usize>().unwrap();
                    if body.len() >= length {
                        break (head, body);
                    }
                };
                let signature = header(head, "x-duffel-signature").to_owned();
                seen.lock().unwrap().push((signature, body.to_owned()));
                let status = *answer.lock().unwrap();
                let answer = format!("HTTP/1.1 {status} X\r\ncontent-length: 0\r\nconnection: close\r\n\r\n");
                stream.write_all(answer.as_bytes()).await.unwrap();
            }
        });
        Self { url, received, status }
    }

    fn events(&self) -> Vec<Value> {
        let received = std::mem::take(&mut *self.received.lock().unwrap());
        received
            .iter()
            .map(|(_, body)| serde_json::from_str(body).unwrap())
            .collect()
    }

    fn types(&self) -> Vec<String> {
        self.events()
            .iter()
            .map(|event| event["type"].as_str().unwrap().to_owned())
            .collect()
    }
}

fn header<'a>(head: &'a str, name: &str) -> &'a str {
    let line = head
        .lines()
        .find(|line| line.to_lowercase().starts_with(&format!("{name}:")));
    line.and_then(|line| line.split_once(':')).unwrap().1.trim()
}

async fn subscribe(lab: &Lab, receiver: &Receiver, events: Value) -> Value {
    lab.post("/air/webhooks", json!({ "url": receiver.url, "events": events }))
        .await
        .data(201)
}

async fn book(lab: &Lab, origin: &str, destination: &str) -> Value {
    let search = lab.search(origin, destination).await;
    lab.post("/air/orders", order_of(cheapest(&search))).await.data(201)
}

#[tokio::test]
async fn deliveries_are_signed() {
    let (lab, receiver) = (Lab::start().await, Receiver::start().await);
    let webhook = subscribe(&lab, &receiver, json!(["order.created"])).await;
    let order = book(&lab, "LHR", "JFK").await;
    assert_eq!(lab.sandboxes.duffel().deliver_now().await, 1);
    assert_eq!(
        lab.sandboxes.duffel().deliver_now().await,
        0,
        "what was received is not sent again"
    );
    let (signature, body) = receiver.received.lock().unwrap()[0].clone();
    let (time, tag) = signature.strip_prefix("t=").unwrap().split_once(",v1=").unwrap();
    assert_eq!(time, (lab.now() / 1000).to_string());
    let key = hmac::Key::new(hmac::HMAC_SHA256, webhook["secret"].as_str().unwrap().as_bytes());
    let expected = hmac::sign(&key, format!("{time}.{body}").as_bytes());
    let expected: String = expected.as_ref().iter().map(|byte| format!("{byte:02x}")).collect();
    assert_eq!(tag, expected);

    let event = &receiver.events()[0];
    assert_eq!(event["type"], "order.created");
    assert_eq!(event["idempotency_key"], order["id"]);
    assert_eq!(event["data"]["object"]["id"], order["id"]);
    assert_eq!(
        (&event["live_mode"], &event["api_version"]),
        (&json!(false), &json!("v2"))
    );
    let path = format!("/air/webhooks/events/{}", event["id"].as_str().unwrap());
    assert_eq!(lab.get(&path).await.data(200), *event);
    let redelivered = lab.post(&format!("{path}/actions/redeliver"), json!({})).await;
    assert_eq!(redelivered.status, 204);
    lab.sandboxes.duffel().deliver_now().await;
    assert_eq!(receiver.events(), std::slice::from_ref(event));
    assert_eq!(
        lab.get("/air/webhooks/deliveries")
            .await
            .data(200)
            .as_array()
            .unwrap()
            .len(),
        2
    );
}

#[tokio::test]
async fn one_webhook_whose_secret_is_shown_once() {
    let (lab, receiver) = (Lab::start().await, Receiver::start().await);
    let bad = json!({ "url": "http://example.com", "events": ["order.created"] });
    lab.post("/air/webhooks", bad)
        .await
        .refused(422, "validation_error", "validation_format");
    let bad = json!({ "url": receiver.url, "events": ["order.eaten"] });
    lab.post("/air/webhooks", bad)
        .await
        .refused(422, "validation_error", "validation_inclusion");
    let webhook = subscribe(&lab, &receiver, json!(["order.created"])).await;
    assert!(webhook["secret"].as_str().unwrap().len() >= 24);
    let second = json!({ "url": receiver.url, "events": ["order.created"] });
    lab.post("/air/webhooks", second)
        .await
        .refused(422, "validation_error", "unsafe_unique");
    let listed = lab.get("/air/webhooks").await.data(200);
    assert!(listed[0].get("secret").is_none());

    let path = format!("/air/webhooks/{}", webhook["id"].as_str().unwrap());
    let body = json!({ "data": { "active": false } });
    let patched = Answer::of(lab.duffel(TOKEN, Method::PATCH, &path).json(&body))
        .await
        .data(200);
    assert_eq!(patched["active"], false);
    book(&lab, "LHR", "JFK").await;
    assert_eq!(lab.sandboxes.duffel().deliver_now().await, 0);
    assert_eq!(Answer::of(lab.duffel(OTHER, Method::DELETE, &path)).await.status, 404);
    assert_eq!(Answer::of(lab.duffel(TOKEN, Method::DELETE, &path)).await.status, 204);
}

#[tokio::test]
async fn a_ping_needs_a_receiver_that_accepts() {
    let (lab, receiver) = (Lab::start().await, Receiver::start().await);
    let webhook = subscribe(&lab, &receiver, json!(["order.created"])).await;
    let ping = format!("/air/webhooks/{}/actions/ping", webhook["id"].as_str().unwrap());
    assert_eq!(lab.post(&ping, json!({})).await.status, 204);
    assert_eq!(receiver.types(), ["ping.triggered"]);
    *receiver.status.lock().unwrap() = 500;
    lab.post(&ping, json!({}))
        .await
        .refused(422, "invalid_request_error", "webhook_client_error");
    assert_eq!(receiver.types(), ["ping.triggered"], "delivered all the same");
}

#[tokio::test]
async fn failed_deliveries_are_tried_again() {
    let (lab, receiver) = (Lab::start().await, Receiver::start().await);
    subscribe(&lab, &receiver, json!(["order.created"])).await;
    *receiver.status.lock().unwrap() = 503;
    book(&lab, "LHR", "JFK").await;
    assert_eq!(lab.sandboxes.duffel().deliver_now().await, 1);
    assert_eq!(lab.sandboxes.duffel().deliver_now().await, 0, "not before its time");
    lab.advance(2 * MINUTE);
    *receiver.status.lock().unwrap() = 200;
    assert_eq!(lab.sandboxes.duffel().deliver_now().await, 1);
    lab.advance(72 * HOUR);
    assert_eq!(lab.sandboxes.duffel().deliver_now().await, 0);
    assert_eq!(receiver.types().len(), 2);
}

#[tokio::test]
async fn events_come_twice_and_in_another_order_when_told_so() {
    let (lab, receiver) = (Lab::start().await, Receiver::start().await);
    subscribe(
        &lab,
        &receiver,
        json!(["order.created", "order_cancellation.confirmed"]),
    )
    .await;
    let order = book(&lab, "LHR", "JFK").await;
    let quote = lab
        .post("/air/order_cancellations", json!({ "order_id": order["id"] }))
        .await
        .data(201);
    let confirm = format!(
        "/air/order_cancellations/{}/actions/confirm",
        quote["id"].as_str().unwrap()
    );
    lab.post(&confirm, json!({})).await.data(200);
    lab.sandboxes.duffel().set_delivering(Delivering {
        copies: 2,
        reversed: true,
    });
    lab.sandboxes.duffel().deliver_now().await;
    let (created, confirmed) = ("order.created", "order_cancellation.confirmed");
    assert_eq!(receiver.types(), [confirmed, confirmed, created, created]);
}

#[tokio::test]
async fn an_accepted_order_comes_later_or_never() {
    let (lab, receiver) = (Lab::start().await, Receiver::start().await);
    subscribe(&lab, &receiver, json!(["order.created", "order.creation_failed"])).await;
    let later = Effect::Accept(Some(Duration::from_secs(90)));
    lab.sandboxes
        .fail(Provider::Duffel, Fault::new(later).on("POST", "/air/orders").nth(1));
    let never = Effect::Accept(None);
    lab.sandboxes
        .fail(Provider::Duffel, Fault::new(never).on("POST", "/air/orders").nth(1));

    let search = lab.search("LHR", "JFK").await;
    let offer = cheapest(&search);
    let accepted = lab.post("/air/orders", order_of(offer)).await.data(202);
    assert!(accepted.get("id").is_none());
    let listed = format!("/air/orders?offer_id={}", offer["id"].as_str().unwrap());
    assert_eq!(lab.get(&listed).await.data(200), json!([]));
    assert_eq!(lab.sandboxes.duffel().deliver_now().await, 0);
    lab.advance(90_000);
    assert_eq!(lab.get(&listed).await.data(200).as_array().unwrap().len(), 1);
    lab.sandboxes.duffel().deliver_now().await;
    assert_eq!(receiver.types(), ["order.created"]);

    let search = lab.search("LHR", "JFK").await;
    lab.post("/air/orders", order_of(cheapest(&search))).await.data(202);
    lab.advance(HOUR);
    lab.sandboxes.duffel().deliver_now().await;
    assert_eq!(receiver.types(), ["order.creation_failed"]);
    assert_eq!(lab.sandboxes.duffel().orders(TOKEN).len(), 1);
}

#[tokio::test]
async fn the_airline_moves_flights_whenever_somebody_looks() {
    let lab = Lab::start().await;
    let order = book(&lab, "LHR", "LTN").await;
    let path = format!(
        "/air/airline_initiated_changes?order_id={}",
        order["id"].as_str().unwrap()
    );
    lab.get(&path).await.data(200);
    let changes = lab.get(&path).await.data(200);
    assert_eq!(changes.as_array().unwrap().len(), 2);
    let departs = |slices: &Value| slices[0]["segments"][0]["departing_at"].as_str().unwrap().to_owned();
    assert_eq!(departs(&changes[0]["removed"]), "2027-06-01T06:00:00");
    assert_eq!(departs(&changes[1]["added"]), "2027-06-01T08:00:00");
    let accept = |change: &Value| {
        format!(
            "/air/airline_initiated_changes/{}/actions/accept",
            change["id"].as_str().unwrap()
        )
    };
    let stale = lab.post(&accept(&changes[0]), json!({})).await;
    stale.refused(422, "invalid_state_error", "stale_airline_initiated_change_accept");
    let accepted = lab.post(&accept(&changes[1]), json!({})).await.data(200);
    assert_eq!(accepted["action_taken"], "accepted");
    let order = lab
        .get(&format!("/air/orders/{}", order["id"].as_str().unwrap()))
        .await
        .data(200);
    assert_eq!(departs(&order["slices"]), "2027-06-01T08:00:00");
    let other = book(&lab, "LHR", "JFK").await;
    let path = format!(
        "/air/airline_initiated_changes?order_id={}",
        other["id"].as_str().unwrap()
    );
    assert_eq!(lab.get(&path).await.data(200), json!([]));
}
