//! The MCP server: its handshake, its two encodings and its tools.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "the whole crate is a test"
)]

mod support;

use reqwest::{RequestBuilder, Response};
use serde_json::{Value, json};
use support::Lab;
use tripsage_sandboxes::Provider;

/// What an MCP client does, by hand.
struct Client<'a> {
    lab: &'a Lab,
    session: String,
}

fn post(lab: &Lab, message: &Value) -> RequestBuilder {
    let request = lab.http.post(lab.sandboxes.url(Provider::AirbnbMcp));
    request
        .header("accept", "application/json, text/event-stream")
        .json(message)
}

fn initialize() -> Value {
    json!({ "jsonrpc": "2.0", "id": 1, "method": "initialize", "params": {
        "protocolVersion": "2025-06-18", "capabilities": {}, "clientInfo": { "name": "test", "version": "1" },
    } })
}

impl<'a> Client<'a> {
    async fn connect(lab: &'a Lab) -> Self {
        let answer = post(lab, &initialize()).send().await.unwrap();
        assert_eq!(answer.headers()["content-type"], "application/json");
        let session = answer.headers()["mcp-session-id"].to_str().unwrap().to_owned();
        let body: Value = answer.json().await.unwrap();
        assert_eq!(body["result"]["protocolVersion"], "2025-06-18");
        assert!(body["result"]["capabilities"]["tools"].is_object());
        let client = Self { lab, session };
        let initialized = client
            .send(json!({ "jsonrpc": "2.0", "method": "notifications/initialized" }))
            .await;
        assert_eq!(initialized.status(), 202);
        client
    }

    async fn send(&self, message: Value) -> Response {
        let request = post(self.lab, &message).header("mcp-session-id", &self.session);
        request
            .header("mcp-protocol-version", "2025-06-18")
            .send()
            .await
            .unwrap()
    }

    /// Calls a tool, and gives the content type with the result.
    async fn call(&self, name: &str, arguments: Value) -> (String, Value) {
        let params = json!({ "name": name, "arguments": arguments });
        let answer = self
            .send(json!({ "jsonrpc": "2.0", "id": 7, "method": "tools/call", "params": params }))
            .await;
        assert_eq!(answer.status(), 200);
        let kind = answer.headers()["content-type"].to_str().unwrap().to_owned();
        let text = answer.text().await.unwrap();
        let message = text
            .lines()
            .find_map(|line| line.strip_prefix("data: "))
            .unwrap_or(&text);
        let message: Value = serde_json::from_str(message).unwrap();
        assert_eq!((&message["id"], &message["jsonrpc"]), (&json!(7), &json!("2.0")));
        (kind, message["result"].clone())
    }
}

fn content(result: &Value) -> Value {
    serde_json::from_str(result["content"][0]["text"].as_str().unwrap()).unwrap()
}

#[tokio::test]
async fn searches_and_details() {
    let lab = Lab::start().await;
    let client = Client::connect(&lab).await;
    let tools: Value = client
        .send(json!({ "jsonrpc": "2.0", "id": 2, "method": "tools/list" }))
        .await
        .json()
        .await
        .unwrap();
    let names: Vec<&Value> = tools["result"]["tools"]
        .as_array()
        .unwrap()
        .iter()
        .map(|tool| &tool["name"])
        .collect();
    assert_eq!(names, ["airbnb_search", "airbnb_listing_details"]);

    let arguments =
        json!({ "location": "Lisbon, Portugal", "checkin": "2027-06-01", "checkout": "2027-06-04", "maxPrice": 200 });
    let (kind, result) = client.call("airbnb_search", arguments.clone()).await;
    assert_eq!(kind, "text/event-stream");
    assert_eq!(result["isError"], false);
    let found = content(&result);
    let first = &found["searchResults"][0];
    let label = first["structuredDisplayPrice"]["primaryLine"]["accessibilityLabel"]
        .as_str()
        .unwrap();
    assert!(label.starts_with('$') && label.ends_with("for 3 nights"), "{label}");
    assert!(first["demandStayListing"]["location"]["coordinate"]["latitude"].is_f64());
    let mut next = arguments;
    next["cursor"] = found["paginationInfo"]["nextPageCursor"].clone();
    let (_, second) = client.call("airbnb_search", next).await;
    assert_ne!(content(&second)["searchResults"][0]["id"], first["id"]);

    let (kind, result) = client
        .call("airbnb_listing_details", json!({ "id": first["id"] }))
        .await;
    assert_eq!(kind, "application/json");
    assert_eq!(content(&result)["details"][0]["id"], "LOCATION_DEFAULT");
    let (_, failed) = client.call("airbnb_search", json!({ "location": "Atlantis" })).await;
    assert_eq!(failed["isError"], true);
    assert!(content(&failed)["error"].is_string());
}

#[tokio::test]
async fn the_protocol_is_held_to() {
    let lab = Lab::start().await;
    let client = Client::connect(&lab).await;
    let url = lab.sandboxes.url(Provider::AirbnbMcp);
    assert_eq!(lab.http.get(url).send().await.unwrap().status(), 405);
    assert_eq!(
        lab.http.post(url).json(&initialize()).send().await.unwrap().status(),
        406
    );
    let list = json!({ "jsonrpc": "2.0", "id": 2, "method": "tools/list" });
    assert_eq!(
        post(&lab, &list).send().await.unwrap().status(),
        400,
        "without a session"
    );
    let unknown = post(&lab, &list)
        .header("mcp-session-id", "nobody")
        .send()
        .await
        .unwrap();
    assert_eq!(unknown.status(), 404);
    let answer: Value = client
        .send(json!({ "jsonrpc": "2.0", "id": 3, "method": "dance" }))
        .await
        .json()
        .await
        .unwrap();
    assert_eq!(answer["error"]["code"], -32601);
    let ended = lab
        .http
        .delete(url)
        .header("mcp-session-id", &client.session)
        .send()
        .await
        .unwrap();
    assert_eq!(ended.status(), 200);
    assert_eq!(client.send(list).await.status(), 404);
}
