//! What Duffel says of orders, and who else says it.

use std::time::Duration;

use jiff::SignedDuration;
use reqwest::Method;
use serde_json::{Value, json};
use tripsage_providers::sign_webhook;
use tripsage_sandboxes::{Effect, Fault, Provider};
use tripsage_tests::{Answer, Api, User};

use super::{
    BOOKINGS, adult, asked, cancelling::booked, events, items, minutes, offer, order, orders, post, traveller,
};
use crate::keys::stored;

const SECRET: &str = "whsec_0123456789abcdef0123";

/// The address that Duffel was given.
struct Hook {
    path: String,
}

impl Hook {
    async fn new(user: &User) -> Self {
        let key = stored(user, "duffel_webhook", SECRET).await;
        Self {
            path: format!("/api/v1/webhooks/duffel?account={}.{key}", user.id),
        }
    }

    async fn send(&self, api: &Api, event: &Value) -> Answer {
        let body = event.to_string();
        let signature = sign_webhook(&SECRET.to_owned().into(), body.as_bytes(), api.now());
        self.send_signed(api, &signature, body).await
    }

    async fn send_signed(&self, api: &Api, signature: &str, body: String) -> Answer {
        let request = api
            .request(Method::POST, &self.path)
            .header("content-type", "application/json");
        Answer::of(request.header("x-duffel-signature", signature).body(body)).await
    }
}

fn event(api: &Api, id: &str, kind: &str, object: Value) -> Value {
    json!({
        "id": id, "type": kind, "api_version": "v2", "live_mode": false, "idempotency_key": id,
        "created_at": api.now().to_string(), "data": { "object": object },
    })
}

/// Cancels an order as somebody could in Duffel's own pages.
async fn cancel_elsewhere(api: &Api, token: &str, order: &Value) {
    let url = api.sandboxes().url(Provider::Duffel);
    let send = async |path: String, data: Value| {
        let request = reqwest::Client::new().post(format!("{url}{path}")).bearer_auth(token);
        let answer = Answer::of(request.header("duffel-version", "v2").json(&json!({ "data": data }))).await;
        assert!(answer.status < 300, "{}", answer.text);
        answer.body["data"]["id"].as_str().unwrap().to_owned()
    };
    let quote = send(
        "/air/order_cancellations".to_owned(),
        json!({ "order_id": order["id"] }),
    )
    .await;
    send(format!("/air/order_cancellations/{quote}/actions/confirm"), json!({})).await;
}

#[tokio::test]
async fn a_message_makes_us_look_and_nothing_more() {
    let api = Api::start().await;
    let (ann, token) = traveller(&api, "ann").await;
    let hook = Hook::new(&ann).await;
    let (id, trip) = booked(&api, &ann, &token, "LHR", "JFK").await;
    let made = orders(&api, &token).remove(0);
    let status = async || ann.get(&format!("{BOOKINGS}/{id}")).await.expect(200).text_of("status");

    // It says that the order was cancelled; the order says that it was not.
    let cancelled = |event_id: &str| {
        event(
            &api,
            event_id,
            "order_cancellation.confirmed",
            json!({ "order_id": made["id"] }),
        )
    };
    let answer = hook.send(&api, &cancelled("wev_1")).await.expect(200);
    assert_eq!(answer.data(), &json!({ "received": true, "duplicate": false }));
    assert_eq!(status().await, "booked");

    cancel_elsewhere(&api, &token, &made).await;
    let asked_before = asked(&api, "GET", &format!("/air/orders/{}", made["id"].as_str().unwrap()));
    let again = hook.send(&api, &cancelled("wev_1")).await.expect(200);
    assert_eq!(again.data()["duplicate"], true);
    assert_eq!(
        asked(&api, "GET", &format!("/air/orders/{}", made["id"].as_str().unwrap())),
        asked_before
    );
    assert_eq!(status().await, "booked", "a message that was dealt with has no effect");

    hook.send(&api, &cancelled("wev_2")).await.expect(200);
    assert_eq!(status().await, "cancelled");
    assert_eq!(items(&ann, &trip).await[0]["status"], "cancelled");
    let log = events(&ann, &id).await;

    // Older news arrives last.
    hook.send(&api, &event(&api, "wev_0", "order.created", made.clone()))
        .await
        .expect(200);
    assert_eq!((status().await, events(&ann, &id).await), ("cancelled".to_owned(), log));

    for (event_id, kind, object) in [
        ("wev_3", "ping.triggered", json!({})),
        ("wev_4", "order.created", json!({ "id": "ord_of_nobody" })),
        ("wev_5", "order.weather_changed", json!({ "id": made["id"] })),
    ] {
        hook.send(&api, &event(&api, event_id, kind, object)).await.expect(200);
    }
}

#[tokio::test]
async fn who_does_not_know_the_secret_is_refused() {
    let api = Api::start().await;
    let (ann, token) = traveller(&api, "ann").await;
    let hook = Hook::new(&ann).await;
    booked(&api, &ann, &token, "LHR", "JFK").await;
    let before = api.sandboxes().calls(Provider::Duffel).len();
    let body = event(&api, "wev_1", "order.updated", orders(&api, &token).remove(0)).to_string();
    let sign = |secret: &str, body: &str, at: i64| {
        sign_webhook(
            &secret.to_owned().into(),
            body.as_bytes(),
            api.now() + SignedDuration::from_secs(at),
        )
    };
    for (signature, body) in [
        (sign("another secret of somebody", &body, 0), body.clone()),
        (sign(SECRET, &body, 0), body.replace("order.updated", "order.created")),
        (sign(SECRET, &body, -301), body.clone()),
        (sign(SECRET, &body, 301), body.clone()),
        ("t=1".to_owned(), body.clone()),
        (String::new(), body.clone()),
    ] {
        hook.send_signed(&api, &signature, body)
            .await
            .refused(401, "INVALID_SIGNATURE");
    }
    let good = sign(SECRET, &body, 0);
    let key = stored(&ann, "duffel", &crate::keys::duffel("other")).await;
    for account in [
        "".to_owned(),
        "x".to_owned(),
        ann.id.clone(),
        format!("{}.{}", ann.id, ann.id),
        format!("{}.{key}", ann.id),
    ] {
        let path = format!("/api/v1/webhooks/duffel?account={account}");
        let request = api
            .request(Method::POST, &path)
            .header("x-duffel-signature", &good)
            .body(body.clone());
        Answer::of(request).await.refused(401, "INVALID_SIGNATURE");
    }
    let path = "/api/v1/webhooks/duffel";
    Answer::of(api.request(Method::POST, path).body(body.clone()))
        .await
        .refused_field("account");
    let request = api.request(Method::POST, &hook.path).body(body.clone());
    Answer::of(request).await.refused(401, "INVALID_SIGNATURE");
    let large = "x".repeat(300 * 1024);
    hook.send_signed(&api, &sign(SECRET, &large, 0), large.clone())
        .await
        .refused(413, "PAYLOAD_TOO_LARGE");
    hook.send_signed(&api, &sign(SECRET, "{}", 0), "{}".to_owned())
        .await
        .refused(400, "MALFORMED_JSON");
    assert_eq!(
        api.sandboxes().calls(Provider::Duffel).len(),
        before,
        "nobody was asked"
    );
    hook.send_signed(&api, &good, body).await.expect(200);
}

#[tokio::test]
async fn an_order_that_was_accepted_is_settled_when_it_is_made_or_came_to_nothing() {
    let api = Api::start().await;
    let (ann, token) = traveller(&api, "ann").await;
    let hook = Hook::new(&ann).await;
    let status = async |id: &str| ann.get(&format!("{BOOKINGS}/{id}")).await.expect(200).text_of("status");
    let accept = |after: Option<u64>| {
        api.sandboxes().reset();
        let effect = Effect::Accept(after.map(Duration::from_secs));
        api.sandboxes()
            .fail(Provider::Duffel, Fault::new(effect).on("POST", "/air/orders"));
    };
    let first = offer(&api, &token, "LHR", "JFK", adult()).await;
    accept(Some(60));
    let id = post(&ann, BOOKINGS, "k", &order(&first))
        .await
        .expect(202)
        .text_of("id");
    api.advance(minutes(2));
    let object = json!({ "id": orders(&api, &token)[0]["id"], "metadata": { "booking_id": id } });
    hook.send(&api, &event(&api, "wev_1", "order.created", object))
        .await
        .expect(200);
    assert_eq!(status(&id).await, "booked");

    let second = offer(&api, &token, "LHR", "DXB", adult()).await;
    accept(None);
    let id = post(&ann, BOOKINGS, "k2", &order(&second))
        .await
        .expect(202)
        .text_of("id");
    let object = json!({ "offer_id": second["id"] });
    hook.send(&api, &event(&api, "wev_2", "order.creation_failed", object))
        .await
        .expect(200);
    assert_eq!(status(&id).await, "failed");
    let booking = ann.get(&format!("{BOOKINGS}/{id}")).await.expect(200);
    assert_eq!(booking.data()["failure"]["reason"], "supplier_refused");
    assert_eq!(orders(&api, &token).len(), 1);
}

#[tokio::test]
async fn a_message_that_could_not_be_dealt_with_is_taken_again() {
    let api = Api::start().await;
    let (ann, token) = traveller(&api, "ann").await;
    let hook = Hook::new(&ann).await;
    let (id, _) = booked(&api, &ann, &token, "LHR", "JFK").await;
    let made = orders(&api, &token).remove(0);
    cancel_elsewhere(&api, &token, &made).await;
    let event = event(
        &api,
        "wev_1",
        "order_cancellation.confirmed",
        json!({ "order_id": made["id"] }),
    );
    let broken = tripsage_tests::Fault::aws(500, "InternalServerError").operation("TransactWriteItems");
    // The secret is opened with a record of it; what comes after that fails.
    api.cloud().dynamodb().fault(broken);
    assert!(hook.send(&api, &event).await.status >= 500);
    api.cloud().dynamodb().reset();
    let answer = hook.send(&api, &event).await.expect(200);
    assert_eq!(answer.data()["duplicate"], false);
    assert_eq!(
        ann.get(&format!("{BOOKINGS}/{id}")).await.expect(200).text_of("status"),
        "cancelled"
    );
}

#[tokio::test]
async fn a_message_whose_order_cannot_be_read_is_taken_again() {
    let api = Api::start().await;
    let (ann, token) = traveller(&api, "ann").await;
    let hook = Hook::new(&ann).await;
    let (id, _) = booked(&api, &ann, &token, "LHR", "JFK").await;
    let made = orders(&api, &token).remove(0);
    cancel_elsewhere(&api, &token, &made).await;
    let order_id = json!({ "order_id": made["id"] });
    let event = event(&api, "wev_1", "order_cancellation.confirmed", order_id);
    api.sandboxes().fail(
        Provider::Duffel,
        Fault::new(Effect::status(500)).on("GET", "/air/orders"),
    );
    let refused = hook.send(&api, &event).await.refused(503, "PROVIDER_UNAVAILABLE");
    assert_eq!(refused.headers["retry-after"], "60");
    let status = async || ann.get(&format!("{BOOKINGS}/{id}")).await.expect(200).text_of("status");
    assert_eq!(status().await, "booked");
    api.sandboxes().reset();
    // The breaker of the account leaves the provider alone for a while.
    api.advance(minutes(2));
    let again = hook.send(&api, &event).await.expect(200);
    assert_eq!(again.data()["duplicate"], false);
    assert_eq!(status().await, "cancelled");
}
