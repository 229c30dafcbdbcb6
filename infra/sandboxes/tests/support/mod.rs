//! Sandboxes with a clock that the test moves, and a client that has none of our own code in it.
#![allow(dead_code, reason = "each test file uses its part")]

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use reqwest::{Method, RequestBuilder, StatusCode, header::HeaderMap};
use serde_json::{Value, json};
use tripsage_sandboxes::{Provider, SandboxOptions, Sandboxes};

pub const TOKEN: &str = "duffel_test_alice_0123456789";
pub const OTHER: &str = "duffel_test_bob_0123456789ab";
pub const MINUTE: i64 = 60_000;
pub const HOUR: i64 = 60 * MINUTE;

/// 2027-03-03T10:00:00Z
const BEGINNING: i64 = 1_804_068_000_000;

pub struct Lab {
    pub sandboxes: Sandboxes,
    clock: Arc<AtomicI64>,
    pub http: reqwest::Client,
}

pub struct Answer {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub body: Value,
}

impl Answer {
    pub async fn of(request: RequestBuilder) -> Self {
        let response = request.send().await.unwrap();
        let (status, headers) = (response.status(), response.headers().clone());
        let text = response.text().await.unwrap();
        let body = if text.is_empty() {
            Value::Null
        } else {
            serde_json::from_str(&text).unwrap_or_else(|error| panic!("{error}: {text}"))
        };
        Self { status, headers, body }
    }

    #[track_caller]
    pub fn data(self, status: u16) -> Value {
        assert_eq!(self.status, status, "{}", self.body);
        self.body["data"].clone()
    }

    /// The first error of Duffel's.
    #[track_caller]
    pub fn refused(&self, status: u16, kind: &str, code: &str) -> &Value {
        assert_eq!(self.status, status, "{}", self.body);
        let error = &self.body["errors"][0];
        assert_eq!(
            (&error["type"], &error["code"]),
            (&json!(kind), &json!(code)),
            "{error}"
        );
        assert_eq!(self.body["meta"]["status"], status);
        assert_eq!(self.body["meta"]["request_id"], self.header("x-request-id"));
        for field in ["title", "message", "documentation_url"] {
            assert!(error[field].is_string(), "{error}");
        }
        error
    }

    #[track_caller]
    pub fn header(&self, name: &str) -> &str {
        self.headers[name].to_str().unwrap()
    }
}

impl Lab {
    pub async fn start() -> Self {
        Self::start_at(None).await
    }

    pub async fn start_at(data: Option<&Path>) -> Self {
        let clock = Arc::new(AtomicI64::new(BEGINNING));
        let seen = Arc::clone(&clock);
        let options = SandboxOptions {
            clock: Some(Arc::new(move || seen.load(Ordering::Relaxed))),
            data: data.map(Path::to_owned),
            ..SandboxOptions::default()
        };
        Self {
            sandboxes: Sandboxes::start(options).await.unwrap(),
            clock,
            http: reqwest::Client::new(),
        }
    }

    pub fn advance(&self, milliseconds: i64) {
        self.clock.fetch_add(milliseconds, Ordering::Relaxed);
    }

    pub fn now(&self) -> i64 {
        self.clock.load(Ordering::Relaxed)
    }

    pub fn request(&self, provider: Provider, method: Method, path: &str) -> RequestBuilder {
        self.http
            .request(method, format!("{}{path}", self.sandboxes.url(provider)))
    }

    pub fn duffel(&self, token: &str, method: Method, path: &str) -> RequestBuilder {
        self.request(Provider::Duffel, method, path)
            .bearer_auth(token)
            .header("duffel-version", "v2")
            .header("accept", "application/json")
    }

    pub async fn get(&self, path: &str) -> Answer {
        Answer::of(self.duffel(TOKEN, Method::GET, path)).await
    }

    pub async fn post(&self, path: &str, data: Value) -> Answer {
        self.post_as(TOKEN, path, data).await
    }

    pub async fn post_as(&self, token: &str, path: &str, data: Value) -> Answer {
        Answer::of(self.duffel(token, Method::POST, path).json(&json!({ "data": data }))).await
    }

    /// Searches one way for one adult, and gives the search with its offers.
    pub async fn search(&self, origin: &str, destination: &str) -> Value {
        let data = json!({
            "slices": [slice(origin, destination, "2027-06-01")],
            "passengers": [{ "type": "adult" }],
            "cabin_class": "economy",
        });
        self.post("/air/offer_requests", data).await.data(201)
    }
}

pub fn slice(origin: &str, destination: &str, date: &str) -> Value {
    json!({ "origin": origin, "destination": destination, "departure_date": date })
}

/// The cheapest offer of Duffel Airways.
pub fn cheapest(search: &Value) -> &Value {
    let offers = search["offers"].as_array().unwrap();
    let own = |offer: &&Value| offer["owner"]["iata_code"] == "ZZ";
    offers.iter().find(own).expect("Duffel Airways flies everywhere")
}

pub fn amount(value: &Value) -> f64 {
    value.as_str().unwrap().parse().unwrap()
}

/// An instant order of an offer for its first passenger.
pub fn order_of(offer: &Value) -> Value {
    json!({
        "type": "instant",
        "selected_offers": [offer["id"]],
        "passengers": [adult(&offer["passengers"][0]["id"], "Ada", "Lovelace")],
        "payments": [{ "type": "balance", "amount": offer["total_amount"], "currency": offer["total_currency"] }],
    })
}

pub fn adult(id: &Value, given: &str, family: &str) -> Value {
    json!({
        "id": id, "title": "ms", "gender": "f", "given_name": given, "family_name": family,
        "born_on": "1990-12-10", "email": "ada@example.com", "phone_number": "+442080160509",
    })
}
