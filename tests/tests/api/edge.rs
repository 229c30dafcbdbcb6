use reqwest::Method;
use tripsage_tests::{Answer, Api};

#[tokio::test]
async fn health_answers_bare_and_with_the_headers_of_every_answer() {
    let api = Api::start().await;
    let health = api.get("/health").await.expect(200);
    assert_eq!(health.body["status"], "ok");
    for (name, value) in [
        ("x-content-type-options", "nosniff"),
        ("cache-control", "no-store"),
        ("x-api-version", "v1"),
        ("content-security-policy", "default-src 'none'; frame-ancestors 'none'"),
    ] {
        assert_eq!(health.header(name), value, "{name}");
    }
    for name in [
        "x-request-id",
        "x-process-time",
        "server-timing",
        "strict-transport-security",
    ] {
        assert_ne!(health.header(name), "", "{name}");
    }
    assert_eq!(health.header("server"), "");
    for prefix in ["", "/api", "/api/v1"] {
        let api = &api;
        let of = async |form: &str| api.get(&format!("{prefix}/health/{form}")).await;
        assert_eq!(of("detailed").await.expect(200).body["status"], "healthy");
        assert_eq!(of("ready").await.expect(200).body["ready"], true);
        assert_eq!(of("live").await.expect(200).body["status"], "alive");
    }
}

#[tokio::test]
async fn what_does_not_exist_is_an_error_in_the_envelope() {
    let api = Api::start().await;
    api.get("/api/v1/nothing").await.refused(404, "NOT_FOUND");
    api.get("/api/v1/trips/nonexistent-id")
        .await
        .refused(401, "MISSING_AUTHORIZATION");
    let alice = api.user("alice").await;
    alice
        .get("/api/v1/trips/nonexistent-id")
        .await
        .refused(404, "NOT_FOUND");
    alice.get("/api/trips/nonexistent-id").await.refused(404, "NOT_FOUND");
    let wrong = Answer::of(api.request(Method::DELETE, "/api/v1/trips"))
        .await
        .refused(405, "METHOD_NOT_ALLOWED");
    assert_eq!(wrong.header("allow"), "GET,HEAD,POST");
}

#[tokio::test]
async fn too_many_requests_are_refused_with_the_time_to_wait() {
    let api = Api::start_with(&[("READS_PER_MINUTE", "90")]).await;
    let alice = api.user("alice").await;
    let mut last = alice.get("/api/v1/trips").await.expect(200);
    for _ in 1..100 {
        last = alice.get("/api/v1/trips").await;
    }
    let refused = last.refused(429, "RATE_LIMIT_EXCEEDED");
    assert_ne!(refused.header("retry-after"), "");
    let bob = api.user("bob").await;
    bob.get("/api/v1/trips").await.expect(200);
}
