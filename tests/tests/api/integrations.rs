//! How providers are doing, and whether they take keys.

use jiff::SignedDuration;
use serde_json::{Value, json};
use tripsage_sandboxes::{Effect, Fault, Provider};
use tripsage_tests::{Api, User};

const STATUS: &str = "/api/v1/integrations/status";
const VALIDATE: &str = "/api/v1/integrations/validate";
const REFRESH: &str = "/api/v1/integrations/refresh";

async fn status_of(user: &User, provider: &str) -> Value {
    let status = user.get(STATUS).await.expect(200);
    let providers = status.data()["providers"].as_array().unwrap().clone();
    let found = providers.into_iter().find(|one| one["provider"] == provider);
    found.unwrap_or_else(|| panic!("{provider} is not there: {}", status.text))
}

async fn store(user: &User, key: &str) {
    let body = json!({ "name": "Mine", "service": "duffel", "key": key, "validate": false });
    user.post("/api/v1/keys", body).await.expect(201);
}

#[tokio::test]
async fn the_status_is_looked_up_once_a_minute_for_everybody() {
    let api = Api::start().await;
    let (alice, bob) = (api.user("alice").await, api.user("bob").await);
    assert_eq!(status_of(&alice, "google_places").await["state"], "up");
    assert_eq!(status_of(&alice, "open_meteo").await["state"], "up");
    let duffel = status_of(&alice, "duffel").await;
    assert_eq!(duffel["state"], "unknown", "the stage has no key to ask it with");

    api.forget_calls();
    status_of(&bob, "google_places").await;
    assert_eq!(api.sandboxes().calls(Provider::Places).len(), 0);
    let (dynamodb, redis) = api.calls();
    assert_eq!(redis, 1);
    assert_eq!(
        dynamodb.iter().filter(|call| *call != "GetItem").count(),
        0,
        "{dynamodb:?}"
    );

    api.sandboxes().stop(Provider::Places).await;
    assert_eq!(status_of(&bob, "google_places").await["state"], "up", "as it was seen");
    api.advance(SignedDuration::from_secs(61));
    let places = status_of(&bob, "google_places").await;
    assert_eq!(places["state"], "degraded", "{places}");
    assert!(places["last_success_at"].as_str() < places["last_failure_at"].as_str());
}

#[tokio::test]
async fn keys_are_tried_and_what_came_of_it_is_remembered() {
    let api = Api::start().await;
    let alice = api.user("alice").await;
    let tried = async |user: &User| {
        let answer = user.post(VALIDATE, json!({ "services": ["duffel"] })).await.expect(200);
        answer.data()[0].clone()
    };
    assert_eq!(tried(&alice).await["status"], "missing");

    store(&alice, "duffel_test_0123456789abcdefghij").await;
    let valid = tried(&alice).await;
    assert_eq!(
        (&valid["status"], &valid["source"]),
        (&json!("valid"), &json!("own")),
        "{valid}"
    );
    assert_eq!(
        alice.get("/api/v1/keys").await.expect(200).data()[0]["status"],
        "active"
    );

    api.sandboxes().fail(Provider::Duffel, Fault::new(Effect::status(503)));
    assert_eq!(tried(&alice).await["status"], "service_error");
    api.sandboxes().reset();

    let bob = api.user("bob").await;
    store(&bob, "duffel_test_refused_0123456789abcdef").await;
    let refused = tried(&bob).await;
    assert_eq!(
        (&refused["status"], &refused["is_valid"]),
        (&json!("invalid"), &json!(false))
    );
    assert_eq!(bob.get("/api/v1/keys").await.expect(200).data()[0]["status"], "refused");
    assert_eq!(
        tried(&bob).await["status"],
        "missing",
        "a refused key is not used again"
    );
}

#[tokio::test]
async fn what_cannot_be_tried_is_told_by_field() {
    let api = Api::start().await;
    let alice = api.user("alice").await;
    for services in [json!([]), json!(["duffel_webhook"]), json!(["expedia"])] {
        let answer = alice.post(VALIDATE, json!({ "services": services })).await;
        answer.refused_field("services");
    }
    alice
        .post(VALIDATE, json!({ "scope": "all" }))
        .await
        .refused_field("scope");
    let answer = alice.post(VALIDATE, json!({ "scope": "stage" })).await;
    answer.refused(403, "INSUFFICIENT_PERMISSIONS");
    let admin = api.user_with_role("root", "admin").await;
    let stage = admin
        .post(
            VALIDATE,
            json!({ "scope": "stage", "services": ["google_places", "duffel"] }),
        )
        .await;
    let stage = stage.expect(200);
    assert_eq!(stage.data()[0]["status"], "missing", "{}", stage.text);
    assert_eq!(stage.data()[1]["status"], "valid", "{}", stage.text);
}

#[tokio::test]
async fn an_administrator_begins_anew_and_what_was_cached_is_void() {
    let api = Api::start().await;
    let (alice, admin) = (api.user("alice").await, api.user_with_role("root", "admin").await);
    status_of(&alice, "google_places").await;
    let asked = api.sandboxes().calls(Provider::Places).len();
    alice
        .post(REFRESH, json!({}))
        .await
        .refused(403, "INSUFFICIENT_PERMISSIONS");
    status_of(&alice, "google_places").await;
    assert_eq!(api.sandboxes().calls(Provider::Places).len(), asked);
    admin.post(REFRESH, json!({})).await.expect(200);
    status_of(&alice, "google_places").await;
    assert!(api.sandboxes().calls(Provider::Places).len() > asked);
    let trail = admin.get("/api/v1/users/me/activity").await.expect(200);
    assert!(trail.text.contains("system.providers.refreshed"));
}
