//! What requests cost: calls, commands and units as they are counted on a running product, and dollars for a million of
//! them. See docs/performance.md.
//!
//! ```text
//! cargo run -p tripsage-tests --example costs
//! ```

#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "a report speaks")]

use serde_json::{Value, json};
use tripsage_sandboxes::Provider;
use tripsage_tests::{Answer, Api, User};

/// List prices of us-east-1, in dollars for a million.
const HTTP_API: f64 = 1.0;
/// arm64, 512 MB, 5 ms.
const LAMBDA: f64 = 0.233;
const READ_UNIT: f64 = 0.125;
const WRITE_UNIT: f64 = 0.625;
const REDIS_COMMAND: f64 = 2.0;
const KMS_CALL: f64 = 3.0;

struct Bench {
    api: Api,
    user: User,
}

impl Bench {
    /// Counts one request, of which there was one like it before: what only the first of a process asks is not in it.
    async fn count(&self, name: &str, answer: impl Future<Output = Answer>) -> Answer {
        let commands = self.api.cloud().upstash_engine().script_commands();
        self.api.forget_calls();
        let answer = answer.await;
        assert!(answer.status < 300, "{name}: {}", answer.text);
        let redis = self.api.cloud().upstash().calls().len();
        let commands = self.api.cloud().upstash_engine().script_commands() - commands;
        let (mut reads, mut writes, mut calls) = (0.0, 0.0, Vec::new());
        for call in self.api.cloud().dynamodb().calls() {
            let operation = call.operation.unwrap_or_default();
            let is_read = matches!(operation.as_str(), "GetItem" | "BatchGetItem" | "Query");
            *(if is_read { &mut reads } else { &mut writes }) += call.capacity;
            calls.push(operation);
        }
        let aws = self.api.cloud().aws().calls();
        let kms = aws
            .iter()
            .filter(|call| matches!(call.operation.as_deref(), Some("Encrypt" | "Decrypt")))
            .count();
        let providers: usize = Provider::ALL
            .iter()
            .map(|one| self.api.sandboxes().calls(*one).len())
            .sum();
        let count = |n: usize| f64::from(u32::try_from(n).unwrap());
        let dollars = HTTP_API
            + LAMBDA
            + reads * READ_UNIT
            + writes * WRITE_UNIT
            + count(redis) * REDIS_COMMAND
            + count(kms) * KMS_CALL;
        println!(
            "| {name} | {redis} ({commands}) | {} | {reads} | {writes} | {kms} | {providers} | {dollars:.2} |",
            if calls.is_empty() {
                "none".to_owned()
            } else {
                calls.join(", ")
            }
        );
        answer
    }

    async fn search(&self, day: u8) -> Answer {
        let date = format!("2027-05-{day:02}");
        let body = json!({ "origin": "LHR", "destination": "JFK", "departure_date": date, "adults": 1 });
        self.user.post("/api/v1/search/flights", body).await
    }

    async fn book(&self, key: &str, offer: &Value, trip: &str) -> Answer {
        let body = json!({
            "kind": "flight", "offer_id": offer["id"], "trip_id": trip,
            "passengers": [{
                "title": "ms", "gender": "f", "given_name": "Ada", "family_name": "Lima", "born_on": "1990-02-03",
                "email": "ada@example.com", "phone_number": "+442080160508",
            }],
        });
        let request = self.user.request(reqwest::Method::POST, "/api/v1/bookings");
        Answer::of(request.header("idempotency-key", key).json(&body)).await
    }
}

#[tokio::main]
async fn main() {
    let api = Api::start().await;
    let user = api.user("ana").await;
    let bench = Bench { api, user };
    let user = &bench.user;
    println!("| request | Redis (commands inside) | DynamoDB | read units | write units | KMS | providers | dollars |");
    println!("| --- | --- | --- | --- | --- | --- | --- | --- |");
    let key = json!({ "name": "Mine", "service": "duffel", "key": "duffel_test_0123456789abcdefghij" });
    bench.count("`POST /keys`", user.post("/api/v1/keys", key)).await;
    user.get("/api/v1/keys").await.expect(200);
    bench.count("`GET /keys`", user.get("/api/v1/keys")).await;
    bench.search(1).await.expect(200);
    bench.count("`POST /search/flights`, not cached", bench.search(2)).await;
    let found = bench.count("the same, cached", bench.search(2)).await;
    let search = format!("/api/v1/search/flights/{}", found.text_of("search_id"));
    bench
        .count("`GET /search/flights/{search_id}`", user.get(&search))
        .await;
    let offer = found.data()["offers"][0].clone();
    let path = format!("/api/v1/search/offers/{}", offer["id"].as_str().unwrap());
    bench.count("`GET /search/offers/{id}`", user.get(&path)).await;
    let stays = json!({ "location": "Kyoto", "check_in": "2027-05-01", "check_out": "2027-05-04", "guests": 2 });
    bench
        .count(
            "`POST /search/accommodations`, not cached",
            user.post("/api/v1/search/accommodations", stays.clone()),
        )
        .await;
    bench
        .count("the same, cached", user.post("/api/v1/search/accommodations", stays))
        .await;
    let things = json!({ "destination": "Kyoto" });
    bench
        .count(
            "`POST /search/activities`, not cached",
            user.post("/api/v1/search/activities", things.clone()),
        )
        .await;
    bench
        .count("the same, cached", user.post("/api/v1/search/activities", things))
        .await;
    bench
        .count("`GET /airports?q=`", user.get("/api/v1/airports?q=lon"))
        .await;
    bench
        .count(
            "`GET /destinations/{id}/weather`, not cached",
            user.get("/api/v1/destinations/kyoto-jp/weather"),
        )
        .await;
    bench
        .count("the same, cached", user.get("/api/v1/destinations/kyoto-jp/weather"))
        .await;
    let trip = user.trip("New York").await;
    let booked = bench
        .count("`POST /bookings`, a flight into a trip", bench.book("a", &offer, &trip))
        .await;
    let booking = format!("/api/v1/bookings/{}", booked.text_of("id"));
    bench
        .count("the same request again", bench.book("a", &offer, &trip))
        .await;
    bench.count("`GET /bookings/{id}`", user.get(&booking)).await;
    bench.count("`GET /bookings`", user.get("/api/v1/bookings")).await;
    user.get("/api/v1/integrations/status").await.expect(200);
    bench
        .count(
            "`GET /integrations/status`, cached",
            user.get("/api/v1/integrations/status"),
        )
        .await;
}
