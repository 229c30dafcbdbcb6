//! The product under load: started in this process, or running elsewhere.

use std::{path::PathBuf, sync::Arc, time::Duration};

use serde_json::{Value, json};
use tripsage_domain::ports::Clock;
use tripsage_emulators::CloudOptions;
use tripsage_local::{Product, ProductOptions};
use tripsage_runtime::Ports;

use crate::Failure;

/// Everything comes from one address, so limits that are made for one person are raised, by the same variables as on AWS.
pub const LIMITS: [(&str, &str); 6] = [
    ("READS_PER_MINUTE", "100000000"),
    ("WRITES_PER_MINUTE", "100000000"),
    ("AUTH_PER_MINUTE", "1000000"),
    ("LOGINS_PER_5_MINUTES", "1000000"),
    ("REGISTRATIONS_PER_10_MINUTES", "1000000"),
    ("MAILS_PER_10_MINUTES", "1000000"),
];

const PASSWORD: &str = "a password for load tests";

/// How often a request is sent at most while the product is too busy, and the pause between.
const BUSY: usize = 100;
const PAUSE: Duration = Duration::from_millis(100);

/// How the product is started.
#[derive(Default)]
pub struct Start {
    /// Where data is kept; in memory unless given.
    pub data: Option<PathBuf>,
    /// Whether calls of the cloud are recorded.
    pub recorded: bool,
    /// Whether streams feed the projector by themselves.
    pub streams: bool,
    /// Another clock than the system's.
    pub clock: Option<Arc<dyn Clock>>,
}

impl Start {
    /// Starts it.
    ///
    /// # Errors
    /// When it does not start.
    pub async fn run(self) -> Result<Product, Failure> {
        let system = Ports::system();
        let ports = Ports {
            clock: self.clock.unwrap_or_else(|| Arc::clone(&system.clock)),
            ..system
        };
        let options = ProductOptions {
            cloud: CloudOptions {
                data: self.data,
                proxied: self.recorded,
                ..CloudOptions::default()
            },
            ports,
            environment: LIMITS.map(|(name, value)| (name.to_owned(), value.to_owned())).into(),
            sandboxes: false,
            run_streams: self.streams,
            ..ProductOptions::default()
        };
        let product = Product::start(options).await?;
        // The keys that sign cursors are made when somebody first signs in, or asks for those that verify.
        Client::new(product.url()).get("/.well-known/jwks.json").await?;
        Ok(product)
    }
}

/// A client of the product.
#[derive(Debug, Clone)]
pub struct Client {
    http: reqwest::Client,
    url: String,
    token: Option<String>,
}

impl Client {
    /// Of the product at this address.
    pub fn new(url: &str) -> Self {
        Self {
            http: reqwest::Client::new(),
            url: url.trim_end_matches('/').to_owned(),
            token: None,
        }
    }

    /// The access token, once it is signed in.
    pub fn token(&self) -> Option<&str> {
        self.token.as_deref()
    }

    /// Signs somebody in, who registers when they have no account yet.
    ///
    /// # Errors
    /// When neither works.
    pub async fn signed_in(&self, name: &str) -> Result<Self, Failure> {
        let email = format!("{name}@example.com");
        let login = json!({ "email": email, "password": PASSWORD });
        let answer = match self.post("/api/v1/auth/login", &login).await {
            Ok(answer) => answer,
            Err(_) => {
                let account = json!({ "username": name, "email": email, "password": PASSWORD, "full_name": name });
                self.post("/api/v1/auth/register", &account).await?
            }
        };
        let token = answer["data"]["access_token"].as_str();
        Ok(Self {
            token: Some(token.ok_or("an answer without an access token")?.to_owned()),
            ..self.clone()
        })
    }

    /// Reads, and again while the product is too busy.
    ///
    /// # Errors
    /// When the answer is not a success, or it stays too busy.
    pub async fn get(&self, path: &str) -> Result<Value, Failure> {
        self.patiently(path, || self.http.get(format!("{}{path}", self.url)))
            .await
    }

    /// Posts.
    ///
    /// # Errors
    /// When the answer is not a success.
    pub async fn post(&self, path: &str, body: &Value) -> Result<Value, Failure> {
        self.send(path, self.http.post(format!("{}{path}", self.url)).json(body))
            .await
    }

    /// Posts with an `Idempotency-Key`, and again while the product is too busy: it is done once, however often it is sent.
    ///
    /// # Errors
    /// As [`Self::get`].
    pub async fn post_once(&self, path: &str, body: &Value, key: &str) -> Result<Value, Failure> {
        let request = || self.http.post(format!("{}{path}", self.url)).json(body);
        self.patiently(path, || request().header("idempotency-key", key)).await
    }

    async fn patiently(&self, path: &str, request: impl Fn() -> reqwest::RequestBuilder) -> Result<Value, Failure> {
        for _ in 0..BUSY {
            match self.send(path, request()).await {
                Err(error) if is_busy(&error) => tokio::time::sleep(PAUSE).await,
                answer => return answer,
            }
        }
        Err(format!("{path}: always busy").into())
    }

    async fn send(&self, path: &str, request: reqwest::RequestBuilder) -> Result<Value, Failure> {
        let request = match &self.token {
            Some(token) => request.bearer_auth(token),
            None => request,
        };
        let answer = request.send().await?;
        let (status, text) = (answer.status(), answer.text().await?);
        if !status.is_success() {
            return Err(format!("{path}: {status} {text}").into());
        }
        Ok(serde_json::from_str(&text)?)
    }
}

fn is_busy(error: &Failure) -> bool {
    let text = error.to_string();
    text.contains(": 503 ") || text.contains("REQUEST_IN_PROGRESS")
}

/// What somebody writes who publishes an itinerary now.
pub fn new_itinerary(destination: &str) -> Value {
    json!({
        "title": "Something new to see",
        "destination": destination,
        "description": "Written while others look around.",
        "activity_tags": ["food"],
        "women_safe_certified": true,
        "difficulty_level": "easy",
    })
}
