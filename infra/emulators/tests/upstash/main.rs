//! The Upstash endpoint over HTTP: `protocol` holds one test per rule of the REST protocol, `commands` a table of commands that a real
//! `redis-server` is held to as well, `scripts` the Lua side, `time` what depends on the clock.

#![expect(clippy::unwrap_used, reason = "a test ends where its set-up fails")]

mod commands;
mod protocol;
mod scripts;
mod time;

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use reqwest::{Client, Method, RequestBuilder};
use serde_json::Value;
use tokio::net::TcpListener;
use tripsage_emulators::upstash::{Upstash, UpstashOptions};

const TOKEN: &str = "standard";
const READ_ONLY: &str = "reader";
const START: i64 = 1_800_000_000_000;

struct Endpoint {
    upstash: Upstash,
    client: Client,
    now: Arc<AtomicI64>,
}

impl Endpoint {
    /// In-process data under a clock that stands still until [`Endpoint::pass`].
    async fn start() -> Self {
        Self::start_on(None).await
    }

    async fn start_on(redis_url: Option<String>) -> Self {
        let now = Arc::new(AtomicI64::new(START));
        let time = Arc::clone(&now);
        let options = UpstashOptions {
            read_only_token: Some(READ_ONLY.to_owned()),
            redis_url,
            clock: Arc::new(move || time.load(Ordering::Relaxed)),
            ..UpstashOptions::new(TOKEN)
        };
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        Self {
            upstash: Upstash::start(listener, options).await.unwrap(),
            client: Client::new(),
            now,
        }
    }

    fn pass(&self, millis: i64) {
        self.now.fetch_add(millis, Ordering::Relaxed);
    }

    /// Without credentials.
    fn request(&self, method: Method, path: &str) -> RequestBuilder {
        self.client.request(method, format!("{}{path}", self.upstash.url()))
    }

    fn post(&self, path: &str, body: impl Into<String>) -> RequestBuilder {
        self.request(Method::POST, path).bearer_auth(TOKEN).body(body.into())
    }

    fn get(&self, path: &str) -> RequestBuilder {
        self.request(Method::GET, path).bearer_auth(TOKEN)
    }

    /// The body of the answer to one command.
    async fn run(&self, command: Value) -> Value {
        answer(self.post("/", command.to_string())).await.1
    }

    /// The result of a command that must succeed.
    async fn result(&self, command: Value) -> Value {
        let mut body = self.run(command.clone()).await;
        assert!(body.get("error").is_none(), "{command}: {body}");
        body["result"].take()
    }
}

async fn answer(request: RequestBuilder) -> (u16, Value) {
    let response = request.send().await.unwrap();
    let status = response.status().as_u16();
    assert_eq!(response.headers()["content-type"], "application/json");
    (status, response.json().await.unwrap())
}

#[tokio::test]
async fn it_does_not_start_without_the_server_it_is_told_to_use() {
    let free = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
    for (url, reason) in [
        ("localhost:6379".to_owned(), "not a redis:// url"),
        ("redis://".to_owned(), "no host"),
        (
            "redis://user:secret@localhost/0".to_owned(),
            "credentials are not supported",
        ),
        ("redis://localhost/zero".to_owned(), "no database number"),
        (format!("redis://{free}/0"), "nobody listens"),
    ] {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let options = UpstashOptions {
            redis_url: Some(url),
            ..UpstashOptions::new(TOKEN)
        };
        assert!(Upstash::start(listener, options).await.is_err(), "{reason}");
    }
}
