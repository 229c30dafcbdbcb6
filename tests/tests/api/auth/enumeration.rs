use jiff::SignedDuration;
use serde_json::json;
use tripsage_runtime::{Ports, Runtime};
use tripsage_tests::{Answer, Api};

use super::register;

/// What an outsider sees of an answer, but for what no two answers have in common.
fn seen(answer: &Answer) -> (u16, Vec<String>, String) {
    let own = [
        "x-request-id",
        "apigw-requestid",
        "x-process-time",
        "server-timing",
        "date",
        "ratelimit",
    ];
    let mut headers: Vec<String> = answer
        .headers
        .iter()
        .filter(|(name, _)| !own.contains(&name.as_str()))
        .map(|(name, value)| format!("{name}: {value:?}"))
        .collect();
    headers.sort();
    let mut body = answer.body.clone();
    if let Some(body) = body.as_object_mut() {
        body.remove("request_id");
    }
    (answer.status, headers, body.to_string())
}

#[tokio::test]
async fn nobody_learns_whether_an_account_exists() {
    let api = Api::start().await;
    register(&api, "known").await;
    for (path, known, unknown) in [
        (
            "login",
            json!({ "email": "known@example.com", "password": "Wrong123!" }),
            json!({ "email": "other@example.com", "password": "Wrong123!" }),
        ),
        (
            "login",
            json!({ "username": "known", "password": "Wrong123!" }),
            json!({ "username": "other", "password": "Wrong123!" }),
        ),
        (
            "password/forgot",
            json!({ "email": "known@example.com" }),
            json!({ "email": "other@example.com" }),
        ),
        (
            "otp/request",
            json!({ "email": "known@example.com" }),
            json!({ "email": "other@example.com" }),
        ),
        (
            "otp/verify",
            json!({ "email": "known@example.com", "otp": "000000" }),
            json!({ "email": "other@example.com", "otp": "000000" }),
        ),
    ] {
        let path = format!("/api/v1/auth/{path}");
        // Often enough for every limit to be reached.
        for round in 0..7 {
            api.forget_calls();
            let first = api.post(&path, known.clone()).await;
            let calls = api.calls();
            api.forget_calls();
            let second = api.post(&path, unknown.clone()).await;
            assert_eq!(seen(&first), seen(&second), "{path}, round {round}");
            assert_eq!(calls, api.calls(), "{path}, round {round}: the same work");
        }
        api.advance(SignedDuration::from_hours(25));
    }
}

#[tokio::test]
async fn tables_hold_nothing_that_can_be_used() {
    let api = Api::start().await;
    let ann = register(&api, "ann").await;
    super::verify_email(&api, "ann").await.expect(200);
    let body = json!({ "name": "cli", "scopes": ["trips:read"] });
    let token = ann
        .post(&api, "/api/v1/auth/tokens", body)
        .await
        .expect(201)
        .text_of("token");
    api.post("/api/v1/auth/password/forgot", json!({ "email": "ann@example.com" }))
        .await
        .expect(202);
    let link = super::mailed_token(&api, "ann@example.com");

    // Without the function's role, which may not scan.
    let mut environment = api.cloud().environment("auth").unwrap();
    environment.remove("AWS_SESSION_TOKEN");
    let runtime = Runtime::new("auth", &|name| environment.get(name).cloned(), Ports::system()).unwrap();
    let tables = &runtime.config().tables;
    let mut dump = String::new();
    for table in [&tables.identity, &tables.operations] {
        let scan = runtime
            .clients()
            .dynamodb()
            .scan()
            .table_name(table)
            .send()
            .await
            .unwrap();
        dump.push_str(&format!("{:?}", scan.items()));
    }
    assert!(dump.contains("argon2id"), "the dump holds the rows");
    for secret in [
        &ann.access,
        &ann.refresh,
        &ann.csrf,
        &token,
        &token[4..].to_owned(),
        &link,
    ] {
        assert!(!dump.contains(secret.as_str()));
    }
    assert!(!dump.contains(super::PASSWORD));
}
