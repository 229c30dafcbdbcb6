//! Streams of `cargo dev` as a process that is killed.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "the whole crate is a test")]

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use serde_json::{Value, json};
use tripsage_local::seed::{DEMO_EMAIL, DEMO_PASSWORD};

const TABLE: &str = "tripsage-dev-CommunityTable";

struct Dev {
    process: Child,
    url: String,
    dynamodb: String,
    http: reqwest::Client,
}

impl Dev {
    fn start(directory: &Path) -> Self {
        let mut process = Command::new(env!("CARGO_BIN_EXE_dev"))
            .args(["--port", "0", "--no-sandboxes"])
            .current_dir(directory)
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(process.stdout.take().unwrap()).lines();
        let mut dynamodb = String::new();
        let url = loop {
            let line = lines.next().expect("it gets ready before it ends").unwrap();
            if let Some(address) = line.strip_prefix("DynamoDB") {
                dynamodb = address.trim().to_owned();
            }
            if let Some(url) = line.strip_prefix("ready ") {
                break url.to_owned();
            }
        };
        let http = reqwest::Client::new();
        Self {
            process,
            url,
            dynamodb,
            http,
        }
    }

    async fn call(&self, operation: &str, body: Value) -> Option<Value> {
        let authorization = "AWS4-HMAC-SHA256 Credential=local/20270303/eu-west-1/dynamodb/aws4_request, SignedHeaders=host, Signature=0";
        let request = self
            .http
            .post(&self.dynamodb)
            .header("x-amz-target", format!("DynamoDB_20120810.{operation}"))
            .header("content-type", "application/x-amz-json-1.0")
            .header("authorization", authorization)
            .header("x-amz-date", "20270303T100000Z")
            .body(body.to_string());
        let answer = request.send().await.ok()?.text().await.ok()?;
        serde_json::from_str(&answer).ok()
    }

    async fn post(&self, path: &str, token: &str, body: Value) -> Value {
        let request = self.http.post(format!("{}{path}", self.url)).bearer_auth(token);
        let answer = request.json(&body).send().await.unwrap();
        let (status, text) = (answer.status(), answer.text().await.unwrap());
        assert!(status.is_success(), "{path}: {text}");
        serde_json::from_str(&text).unwrap()
    }

    /// A vote as it is stored, by a traveller with this number.
    async fn vote(&self, itinerary: &str, number: usize) -> bool {
        let text = |text: &str| json!({ "S": text });
        let user = format!("8d0f9c1e-52a7-4b0e-8d6c-{number:012x}");
        let row = json!({
            "pk": text(&format!("ITINERARY#{itinerary}")), "sk": text(&format!("VOTE#{user}")), "kind": text("itinerary"),
            "id": text(itinerary), "user": text(&user), "value": { "N": "1" }, "previous": { "N": "0" },
            "at": text("2027-03-03T10:00:00Z"), "nonce": text(&user), "version": { "N": "1" },
        });
        let put = self.call("PutItem", json!({ "TableName": TABLE, "Item": row })).await;
        put.is_some()
    }

    async fn votes_stored(&self, itinerary: &str) -> u64 {
        let query = json!({
            "TableName": TABLE, "Select": "COUNT", "KeyConditionExpression": "pk = :pk AND begins_with(sk, :vote)",
            "ExpressionAttributeValues": { ":pk": { "S": format!("ITINERARY#{itinerary}") }, ":vote": { "S": "VOTE#" } },
        });
        self.call("Query", query).await.unwrap()["Count"].as_u64().unwrap()
    }

    async fn votes_counted(&self, itinerary: &str) -> u64 {
        let key = json!({ "pk": { "S": format!("ITINERARY#{itinerary}") }, "sk": { "S": "ITINERARY#STANDING" } });
        let row = self
            .call("GetItem", json!({ "TableName": TABLE, "Key": key }))
            .await
            .unwrap();
        row["Item"]["counts"]["M"]["upvotes"]["N"]
            .as_str()
            .unwrap()
            .parse()
            .unwrap()
    }
}

impl Drop for Dev {
    fn drop(&mut self) {
        // SIGKILL: nothing is finished, nothing is put in order.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn no_vote_is_lost_or_counted_twice_when_the_process_is_killed_again_and_again() {
    let directory = tempfile::tempdir().unwrap();
    let dev = Dev::start(directory.path());
    let login = json!({ "email": DEMO_EMAIL, "password": DEMO_PASSWORD });
    let signed_in = dev.post("/api/v1/auth/login", "", login).await;
    let token = signed_in["data"]["access_token"].as_str().unwrap();
    let body = json!({ "title": "3-Day Tokyo Adventure", "destination": "Tokyo, Japan", "description": "Experience authentic Tokyo" });
    let made = dev.post("/api/v1/itineraries", token, body).await;
    let itinerary = made["data"]["id"].as_str().unwrap().to_owned();
    drop(dev);

    // Whether one that was cut off is stored nobody knows: nobody votes again with its number.
    let mut numbers = 0..;
    for _ in 0..4 {
        let dev = Dev::start(directory.path());
        let writing = async {
            for number in numbers.by_ref() {
                if !dev.vote(&itinerary, number).await {
                    break;
                }
            }
        };
        let _ = tokio::time::timeout(Duration::from_millis(900), writing).await;
        drop(dev);
    }

    let dev = Dev::start(directory.path());
    let stored = dev.votes_stored(&itinerary).await;
    assert!(stored > 40, "{stored} votes are too few to tell");
    let mut counted = 0;
    for _ in 0..300 {
        counted = dev.votes_counted(&itinerary).await;
        if counted == stored {
            break;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    assert_eq!(counted, stored);
    tokio::time::sleep(Duration::from_millis(500)).await;
    assert_eq!(dev.votes_counted(&itinerary).await, stored, "it stays so");
}
