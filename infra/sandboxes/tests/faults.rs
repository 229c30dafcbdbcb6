//! Breaking on demand, and telling what was asked.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "the whole crate is a test"
)]

mod support;

use std::time::{Duration, Instant};

use reqwest::Method;
use serde_json::json;
use support::{Answer, Lab, TOKEN, cheapest, order_of};
use tripsage_sandboxes::{Effect, Fault, Provider, Sandboxes};

#[tokio::test]
async fn a_provider_is_switched_off_and_on_again() {
    let lab = Lab::start().await;
    lab.get("/air/airlines").await.data(200);
    lab.sandboxes.stop(Provider::Duffel).await;
    let error = lab
        .duffel(TOKEN, Method::GET, "/air/airlines")
        .send()
        .await
        .unwrap_err();
    assert!(error.is_connect(), "{error:?}");
    let weather = "/v1/forecast?latitude=1&longitude=1";
    assert_eq!(
        Answer::of(lab.request(Provider::OpenMeteo, Method::GET, weather))
            .await
            .status,
        200
    );
    lab.sandboxes.start_again(Provider::Duffel).await.unwrap();
    lab.get("/air/airlines").await.data(200);
}

#[tokio::test]
async fn a_lost_reply_leaves_an_order() {
    let lab = Lab::start().await;
    let search = lab.search("LHR", "JFK").await;
    lab.sandboxes.fail(
        Provider::Duffel,
        Fault::new(Effect::LoseReply).on("POST", "/air/orders").first(1),
    );
    let request = lab
        .duffel(TOKEN, Method::POST, "/air/orders")
        .json(&json!({ "data": order_of(cheapest(&search)) }));
    assert!(request.send().await.is_err());
    assert_eq!(lab.get("/air/orders").await.data(200).as_array().unwrap().len(), 1);
    lab.sandboxes
        .fail(Provider::Duffel, Fault::new(Effect::Reset).on("POST", "/air/orders"));
    let search = lab.search("LHR", "CDG").await;
    let request = lab
        .duffel(TOKEN, Method::POST, "/air/orders")
        .json(&json!({ "data": order_of(cheapest(&search)) }));
    assert!(request.send().await.is_err());
    assert_eq!(
        lab.sandboxes.duffel().orders(TOKEN).len(),
        1,
        "a reset comes before the order"
    );

    let creates = lab
        .sandboxes
        .calls(Provider::Duffel)
        .into_iter()
        .filter(|call| (call.method.as_str(), call.path.as_str()) == ("POST", "/air/orders"));
    let creates: Vec<_> = creates.collect();
    assert_eq!(creates.len(), 2);
    assert!(
        creates
            .iter()
            .all(|call| call.account == Sandboxes::account(TOKEN) && call.status.is_none())
    );
    lab.sandboxes.reset();
    assert!(lab.sandboxes.calls(Provider::Duffel).is_empty());
    lab.get("/air/orders").await.data(200);
}

#[tokio::test]
async fn answers_are_slow_wrong_broken_or_huge() {
    let lab = Lab::start().await;
    let fail = |fault: Fault| {
        lab.sandboxes
            .fail(Provider::Duffel, fault.on("GET", "/air/airlines").first(1))
    };
    fail(Fault::new(Effect::Delay(Duration::from_millis(200))));
    let begun = Instant::now();
    lab.get("/air/airlines").await.data(200);
    assert!(begun.elapsed() >= Duration::from_millis(200));

    lab.sandboxes.reset();
    fail(Fault::new(Effect::Answer {
        status: 502,
        headers: vec![
            ("content-type".to_owned(), "text/html".to_owned()),
            ("retry-after".to_owned(), "1".to_owned()),
        ],
        body: "<html></html>".to_owned(),
    }));
    let answer = lab.duffel(TOKEN, Method::GET, "/air/airlines").send().await.unwrap();
    assert_eq!(
        (
            answer.status().as_u16(),
            answer.headers()["retry-after"].to_str().unwrap()
        ),
        (502, "1")
    );
    assert_eq!(answer.headers()["content-type"], "text/html");

    lab.sandboxes.reset();
    fail(Fault::new(Effect::Malformed));
    let answer = lab.duffel(TOKEN, Method::GET, "/air/airlines").send().await.unwrap();
    assert_eq!(answer.status(), 200);
    assert!(serde_json::from_str::<serde_json::Value>(&answer.text().await.unwrap()).is_err());

    lab.sandboxes.reset();
    fail(Fault::new(Effect::Huge(6 * 1024 * 1024)));
    let answer = lab.duffel(TOKEN, Method::GET, "/air/airlines").send().await.unwrap();
    assert!(answer.content_length().is_none());
    assert!(answer.bytes().await.unwrap().len() >= 6 * 1024 * 1024);
}
