use jiff::SignedDuration;
use reqwest::Method;
use serde_json::json;
use tripsage_tests::{Answer, Api};

use super::{SignedIn, refresh, register, verify_email};

const PATH: &str = "/api/v1/auth/tokens";

async fn with(api: &Api, token: &str, method: Method, path: &str) -> Answer {
    let request = api.request(method.clone(), path).bearer_auth(token);
    Answer::of(if method == Method::POST {
        request.json(&json!({ "title": "Peru" }))
    } else {
        request
    })
    .await
}

#[tokio::test]
async fn a_token_reaches_what_its_scopes_say_until_it_is_revoked() {
    let api = Api::start().await;
    let ann = register(&api, "ann").await;
    ann.post(&api, PATH, json!({ "name": "cli", "scopes": ["trips:read"] }))
        .await
        .refused(403, "EMAIL_NOT_VERIFIED");
    verify_email(&api, "ann").await.expect(200);
    let body = json!({ "name": "cli", "scopes": ["trips:read", "trips:read"], "expires_in_days": 1 });
    let made = ann.post(&api, PATH, body).await.expect(201);
    assert_eq!(made.data()["scopes"], json!(["trips:read"]));
    let token = made.text_of("token");
    assert!(token.starts_with("tsp_"));

    with(&api, &token, Method::GET, "/api/v1/trips").await.expect(200);
    with(&api, &token, Method::POST, "/api/v1/trips")
        .await
        .refused(403, "INSUFFICIENT_SCOPE");
    for (method, path) in [
        (Method::GET, PATH),
        (Method::POST, PATH),
        (Method::POST, "/api/v1/auth/logout"),
    ] {
        with(&api, &token, method, path)
            .await
            .refused(403, "INSUFFICIENT_SCOPE");
    }

    let list = ann.get(&api, PATH).await.expect(200);
    assert_eq!(list.data()[0]["name"], "cli");
    assert!(
        !list.text.contains("tsp_") && !list.text.contains("digest"),
        "{}",
        list.text
    );
    let path = format!("{PATH}/{}", made.text_of("id"));
    let eve = register(&api, "eve").await;
    eve.delete(&api, &path).await.refused(404, "NOT_FOUND");
    ann.delete(&api, &path).await.expect(200);
    ann.delete(&api, &path).await.refused(404, "NOT_FOUND");
    api.advance(SignedDuration::from_secs(5));
    with(&api, &token, Method::GET, "/api/v1/trips")
        .await
        .refused(401, "INVALID_CREDENTIAL");
}

#[tokio::test]
async fn a_token_ends_and_there_are_twenty_at_most() {
    let api = Api::start().await;
    let mut ann = register(&api, "ann").await;
    verify_email(&api, "ann").await.expect(200);
    let wanted = || json!({ "name": "cli", "scopes": ["trips:write"], "expires_in_days": 1 });
    let token = ann.post(&api, PATH, wanted()).await.expect(201).text_of("token");
    for _ in 1..20 {
        ann.post(&api, PATH, wanted()).await.expect(201);
    }
    ann.post(&api, PATH, wanted()).await.refused(409, "CONFLICT");
    api.advance(SignedDuration::from_hours(24));
    with(&api, &token, Method::GET, "/api/v1/trips")
        .await
        .refused(401, "INVALID_CREDENTIAL");
    ann = SignedIn::of(&refresh(&api, &ann.refresh).await.expect(200));
    ann.post(&api, PATH, wanted()).await.expect(201);
    for (body, field) in [
        (json!({ "name": "", "scopes": ["trips:read"] }), "name"),
        (json!({ "name": "a", "scopes": [] }), "scopes"),
        (json!({ "name": "a", "scopes": ["everything"] }), "scopes"),
        (
            json!({ "name": "a", "scopes": ["trips:read"], "expires_in_days": 0 }),
            "expires_in_days",
        ),
        (
            json!({ "name": "a", "scopes": ["trips:read"], "expires_in_days": 367 }),
            "expires_in_days",
        ),
    ] {
        ann.post(&api, PATH, body).await.refused_field(field);
    }
}
