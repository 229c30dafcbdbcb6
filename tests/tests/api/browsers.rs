//! What protects people whose browser visits other sites too.

use reqwest::Method;
use serde_json::json;
use tripsage_tests::{Answer, Api};

const APP: &str = "https://app.example.com";

#[tokio::test]
async fn only_listed_origins_may_read_answers() {
    let api = Api::start().await;
    let ask = |origin: &'static str| Answer::of(api.request(Method::GET, "/health").header("origin", origin));
    let welcome = ask(APP).await.expect(200);
    assert_eq!(welcome.header("access-control-allow-origin"), APP);
    assert_eq!(welcome.header("access-control-allow-credentials"), "true");
    for origin in [
        "null",
        "https://app.example.com.evil.example",
        "https://evilapp.example.com",
        "https://sub.app.example.com",
        "http://app.example.com",
        "https://app.example.com:8443",
        "https://APP.example.com",
        "https://app.example.com.",
        "https://example.com",
        "app.example.com",
        "https://app.example.com/",
        "*",
    ] {
        let answer = ask(origin).await.expect(200);
        assert_eq!(answer.header("access-control-allow-origin"), "", "{origin}");
        assert!(
            answer
                .headers
                .get_all("vary")
                .iter()
                .any(|v| v.to_str().unwrap().to_lowercase().contains("origin"))
        );
    }
}

#[tokio::test]
async fn a_preflight_is_answered_by_the_edge() {
    let api = Api::start().await;
    api.forget_calls();
    let preflight = api
        .request(Method::OPTIONS, "/api/v1/trips")
        .header("origin", APP)
        .header("access-control-request-method", "POST")
        .header(
            "access-control-request-headers",
            "authorization,content-type,idempotency-key",
        );
    let answer = Answer::of(preflight).await.expect(200);
    assert_eq!(answer.header("access-control-allow-origin"), APP);
    assert!(
        answer
            .header("access-control-allow-headers")
            .contains("idempotency-key")
    );
    assert_eq!(api.calls(), (Vec::new(), 0), "nobody was asked");
}

#[tokio::test]
async fn a_page_of_another_site_cannot_send_a_write_without_a_header_of_its_own() {
    let api = Api::start().await;
    let body = json!({ "email": "a@example.com", "password": "x" });
    for (name, value) in [
        ("origin", "https://evil.example"),
        ("origin", "null"),
        ("sec-fetch-site", "cross-site"),
    ] {
        let request = api
            .request(Method::POST, "/api/v1/trips")
            .header(name, value)
            .json(&body);
        Answer::of(request).await.refused(403, "CSRF_REFUSED");
    }
    let allowed = api
        .request(Method::POST, "/api/v1/trips")
        .header("origin", APP)
        .json(&body);
    Answer::of(allowed).await.refused(401, "MISSING_AUTHORIZATION");
}
