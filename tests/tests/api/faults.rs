//! Every dependency may be slow, down or lying.

use std::time::Duration;

use serde_json::json;
use tripsage_tests::{Api, Effect, Fault};

const TRIPS: &str = "/api/v1/trips";

fn broken() -> Effect {
    Effect::Answer {
        status: 500,
        body: "{\"__type\":\"InternalServerError\"}".into(),
    }
}

#[tokio::test]
async fn without_redis_every_request_still_succeeds() {
    for effect in [
        Effect::Reset,
        Effect::Delay(Duration::from_secs(3)),
        broken(),
        Effect::Answer {
            status: 200,
            body: "garbage".into(),
        },
        Effect::Answer {
            status: 200,
            body: "{\"result\":\"OK\"}".into(),
        },
        Effect::Answer {
            status: 401,
            body: "{\"error\":\"WRONGPASS\"}".into(),
        },
    ] {
        let api = Api::start_with(&[("REDIS_TIMEOUT_MS", "200"), ("READS_PER_MINUTE", "20")]).await;
        let alice = api.user("alice").await;
        let id = alice.trip("Japan").await;
        api.cloud().upstash().fault(Fault::new(effect.clone()));
        let answer = alice.get(&format!("{TRIPS}/{id}")).await.expect(200);
        assert!(
            answer
                .headers
                .get_all("server-timing")
                .iter()
                .any(|v| v.to_str().unwrap().contains("degraded")),
            "{effect:?}"
        );
        let mut last = answer;
        for _ in 0..20 {
            last = alice.get(&format!("{TRIPS}/{id}")).await;
        }
        last.refused(429, "RATE_LIMIT_EXCEEDED");
        // An answer that makes no sense is no failure of the connection: the next request asks again.
        let senseless = matches!(&effect, Effect::Answer { status: 200, body } if body.starts_with('{'));
        assert!(
            senseless || api.cloud().upstash().calls().len() <= 6,
            "a database that fails is left alone"
        );
        let detailed = api.get("/api/v1/health/detailed").await.expect(503);
        assert_eq!(detailed.body["status"], "degraded");
    }
}

#[tokio::test]
async fn without_the_database_the_answer_says_when_to_come_back() {
    let api = Api::start().await;
    let alice = api.user("alice").await;
    let id = alice.trip("Japan").await;
    api.cloud().dynamodb().fault(Fault::new(broken()));
    let refused = alice
        .get(&format!("{TRIPS}/{id}"))
        .await
        .refused(503, "DATABASE_UNAVAILABLE");
    assert_ne!(refused.header("retry-after"), "");
    assert!(
        !refused.text.contains("dynamo") && !refused.text.contains("InternalServerError"),
        "{}",
        refused.text
    );
    api.get("/health").await.expect(200);
    assert_eq!(api.get("/api/v1/health/ready").await.expect(503).body["ready"], false);
    api.forget_calls();
    alice.get(&format!("{TRIPS}/{id}")).await.expect(200);
}

#[tokio::test]
async fn a_throttled_database_is_tried_again() {
    let api = Api::start().await;
    let alice = api.user("alice").await;
    let id = alice.trip("Japan").await;
    let throttled = || Fault::aws(400, "ProvisionedThroughputExceededException");
    api.cloud().dynamodb().fault(throttled().operation("GetItem").first(2));
    api.cloud()
        .dynamodb()
        .fault(throttled().operation("TransactWriteItems").first(1));
    alice.get(&format!("{TRIPS}/{id}")).await.expect(200);
    alice.trip("Peru").await;
}

#[tokio::test]
async fn a_transaction_whose_reply_got_lost_has_happened_once() {
    let api = Api::start().await;
    let alice = api.user("alice").await;
    let id = alice.trip("Japan").await;
    api.cloud()
        .dynamodb()
        .fault(Fault::new(Effect::LoseReply).operation("TransactWriteItems").nth(1));
    let path = format!("{TRIPS}/{id}");
    let renamed = alice.patch(&path, json!({ "title": "Peru" })).await.expect(200);
    assert_eq!(
        (renamed.data()["title"].as_str(), renamed.data()["sequence"].as_u64()),
        (Some("Peru"), Some(2))
    );
}
