//! A provider that answers what a test tells it to, and remembers what it was asked.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex},
    time::Duration,
};

use axum::{
    Router,
    body::{Body, Bytes},
    extract::{Request, State},
    response::Response,
};
use jiff::Timestamp;
use tripsage_domain::ports::{Clock, Entropy};
use tripsage_providers::{Access, Account, Deadline, Providers};
use tripsage_runtime::{Ports, Runtime};

/// What it was asked.
#[derive(Debug, Clone)]
pub struct Asked {
    pub line: String,
    pub headers: http::HeaderMap,
    pub body: serde_json::Value,
}

impl Asked {
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }
}

/// What it answers.
#[derive(Clone)]
pub enum Answer {
    Json(u16, &'static [(&'static str, &'static str)], String),
    /// Nothing, for longer than anybody waits.
    Silence,
    /// A success whose body breaks off.
    BrokenOff,
    /// A body without end.
    Endless,
}

impl Answer {
    pub fn ok(body: impl Into<String>) -> Self {
        Self::Json(200, &[], body.into())
    }

    pub fn status(status: u16, body: impl Into<String>) -> Self {
        Self::Json(status, &[], body.into())
    }
}

type Script = Arc<dyn Fn(&Asked, usize) -> Answer + Send + Sync>;

#[derive(Clone)]
struct Shared {
    script: Script,
    asked: Arc<Mutex<Vec<Asked>>>,
}

pub struct Stub {
    pub url: String,
    asked: Arc<Mutex<Vec<Asked>>>,
}

impl Stub {
    /// Starts one; `script` is told what it is asked and how often it was asked before.
    pub async fn start(script: impl Fn(&Asked, usize) -> Answer + Send + Sync + 'static) -> Self {
        let asked = Arc::new(Mutex::new(Vec::new()));
        let shared = Shared {
            script: Arc::new(script),
            asked: Arc::clone(&asked),
        };
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let router = Router::new().fallback(answer).with_state(shared);
        tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        Self { url, asked }
    }

    /// One that always answers the same.
    pub async fn always(answer: Answer) -> Self {
        Self::start(move |_, _| answer.clone()).await
    }

    pub fn asked(&self) -> Vec<Asked> {
        self.asked.lock().unwrap().clone()
    }

    /// Clients of it, whoever they are of.
    pub fn providers(&self) -> Providers {
        providers(&self.url)
    }
}

async fn answer(State(shared): State<Shared>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let bytes = axum::body::to_bytes(body, 1 << 20).await.unwrap();
    let asked = Asked {
        line: format!("{} {}", parts.method, parts.uri),
        headers: parts.headers,
        body: serde_json::from_slice(&bytes).unwrap_or_default(),
    };
    let before = {
        let mut list = shared.asked.lock().unwrap();
        list.push(asked.clone());
        list.len() - 1
    };
    let part = Bytes::from(vec![b' '; 64 * 1024]);
    let response = Response::builder().header("content-type", "application/json");
    match (shared.script)(&asked, before) {
        Answer::Json(status, headers, body) => {
            let response = headers
                .iter()
                .fold(response.status(status), |r, (name, value)| r.header(*name, *value));
            response.body(Body::from(body)).unwrap()
        }
        Answer::Silence => {
            tokio::time::sleep(Duration::from_secs(60)).await;
            response.body(Body::empty()).unwrap()
        }
        Answer::BrokenOff => {
            let parts = [Ok(part), Err(std::io::Error::other("gone"))];
            response
                .body(Body::from_stream(futures_util::stream::iter(parts)))
                .unwrap()
        }
        Answer::Endless => {
            let parts = futures_util::stream::repeat_with(move || Ok::<_, std::io::Error>(part.clone()));
            response.body(Body::from_stream(parts)).unwrap()
        }
    }
}

/// When every test takes place.
pub fn now() -> Timestamp {
    "2027-03-03T10:00:00Z".parse().unwrap()
}

struct Still;

impl Clock for Still {
    fn now(&self) -> Timestamp {
        now()
    }
}

/// No jitter, so that retries are quick.
struct Zeros;

impl Entropy for Zeros {
    fn fill(&self, buffer: &mut [u8]) {
        buffer.fill(0);
    }
}

pub fn providers(url: &str) -> Providers {
    let mcp = format!("{url}/mcp");
    let addresses = ["DUFFEL_URL", "PLACES_URL", "OPEN_METEO_URL", "OPENWEATHER_URL"].map(|name| (name, url));
    providers_with(&[&addresses[..], &[("AIRBNB_MCP_URL", &mcp)]].concat())
}

pub fn providers_with(variables: &[(&str, &str)]) -> Providers {
    let variables: BTreeMap<String, String> = variables
        .iter()
        .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
        .collect();
    let env = move |name: &str| match name {
        "STAGE" | "TABLE_IDENTITY" | "TABLE_TRAVEL" | "TABLE_OPERATIONS" | "TABLE_VAULT" | "TABLE_COMMUNITY"
        | "UPSTASH_SECRET" => Some("x".to_owned()),
        "PUBLIC_URL" => Some("https://api.example.com".to_owned()),
        "AWS_REGION" => Some("eu-west-1".to_owned()),
        name => variables.get(name).cloned(),
    };
    let ports = Ports {
        clock: Arc::new(Still),
        entropy: Arc::new(Zeros),
    };
    Providers::new(&Runtime::new("search", &env, ports).unwrap())
}

pub fn access() -> Access {
    Access {
        account: Account::stage(),
        secret: "duffel_test_0123456789abcdef".to_owned().into(),
    }
}

pub fn soon() -> Deadline {
    Deadline::after(Duration::from_secs(5))
}
