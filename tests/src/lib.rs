//! The whole product in this process, for tests that see it as its clients do: over HTTP, on a port of its own, with a
//! cloud of its own, a clock that the test moves, and every call to the cloud recorded.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::missing_panics_doc,
    reason = "a test that cannot go on stops"
)]

mod answer;
mod dump;
mod user;

use std::{collections::BTreeMap, sync::Arc};

use jiff::{SignedDuration, Timestamp};
use reqwest::Method;
use serde_json::Value;
use tripsage_domain::ports::Clock;
use tripsage_emulators::{Cloud, CloudOptions};
use tripsage_local::{Product, ProductOptions};
use tripsage_runtime::{Ports, Runtime};
use tripsage_sandboxes::Sandboxes;
use tripsage_store::StoreError;
use tripsage_testkit::TestClock;

pub use answer::Answer;
pub use dump::Dumped;
pub use projector::Outcome;
pub use scheduler::{Job, Report};
pub use tripsage_emulators::proxy::{Call, Effect, Fault};
pub use tripsage_local::DeadLetter;
pub use user::{PASSWORD, User};

/// The running product.
pub struct Api {
    product: Product,
    clock: Arc<TestClock>,
    http: reqwest::Client,
}

impl Api {
    /// Starts the product with the environment of the template.
    pub async fn start() -> Self {
        Self::start_with(&[]).await
    }

    /// Starts the product with some variables of its functions' environment changed.
    pub async fn start_with(environment: &[(&str, &str)]) -> Self {
        let clock = Arc::new(TestClock::default());
        let mut variables: BTreeMap<String, String> = [
            // Many tests at once make for slow answers; a time-out is what fault tests are for.
            ("REDIS_TIMEOUT_MS", "5000"),
            ("READS_PER_MINUTE", "100000"),
            ("WRITES_PER_MINUTE", "100000"),
            ("AUTH_PER_MINUTE", "100000"),
            ("LOGINS_PER_5_MINUTES", "100000"),
            ("REGISTRATIONS_PER_10_MINUTES", "100000"),
            ("MAILS_PER_10_MINUTES", "100000"),
            ("KEY_OPERATIONS_PER_MINUTE", "100000"),
            ("ALLOWED_ORIGINS", "https://app.example.com"),
            ("MAIL_FROM", "no-reply@example.com"),
        ]
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .into();
        variables.extend(
            environment
                .iter()
                .map(|(name, value)| ((*name).to_owned(), (*value).to_owned())),
        );
        let product = Product::start(ProductOptions {
            cloud: CloudOptions {
                proxied: true,
                ..CloudOptions::default()
            },
            ports: Ports {
                clock: Arc::clone(&clock) as _,
                ..Ports::system()
            },
            environment: variables,
            ..ProductOptions::default()
        })
        .await
        .expect("the product starts");
        let http = reqwest::Client::builder()
            .redirect(reqwest::redirect::Policy::none())
            .build()
            .unwrap();
        let api = Self { product, clock, http };
        api.publish_key().await;
        api.forget_calls();
        api
    }

    /// Where it listens.
    pub fn url(&self) -> &str {
        self.product.url()
    }

    /// The cloud below: mails, recorded calls, faults.
    pub fn cloud(&self) -> &Cloud {
        self.product.cloud()
    }

    /// The providers' sandboxes: recorded calls, faults, what they made.
    pub fn sandboxes(&self) -> &Sandboxes {
        self.product.sandboxes().expect("the product is started with sandboxes")
    }

    /// The present instant of the product.
    pub fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// Lets time pass.
    pub fn advance(&self, by: SignedDuration) {
        self.clock.advance(by);
    }

    /// The surroundings of a function, for a look into the tables: past its role, and past what records calls.
    pub fn runtime(&self, function: &'static str) -> Runtime {
        let engine = self.cloud().dynamodb_engine().map(|engine| engine.url().to_owned());
        match engine {
            Some(url) => self.runtime_with(function, &[("AWS_ENDPOINT_URL_DYNAMODB", &url)]),
            None => self.runtime_with(function, &[]),
        }
    }

    /// The surroundings of a function with some variables of its environment changed; empty ones count as absent.
    pub fn runtime_with(&self, function: &'static str, changes: &[(&str, &str)]) -> Runtime {
        let mut environment = self
            .cloud()
            .environment(function)
            .expect("the template has the function");
        environment.extend(self.sandboxes().environment());
        let changes = changes
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        environment.extend(changes);
        let ports = Ports {
            clock: Arc::clone(&self.clock) as _,
            ..Ports::system()
        };
        Runtime::new(function, &|name| environment.get(name).cloned(), ports).unwrap()
    }

    /// Runs a job now, as its schedule would.
    pub async fn run_job(&self, job: Job) -> Result<Report, StoreError> {
        self.product.run_job(job).await.expect("the template has the scheduler")
    }

    /// Lets the projector count everything that was written and not counted yet; nothing is counted by itself. How many
    /// records there were.
    pub async fn project(&self) -> usize {
        self.product.drain_streams().await
    }

    /// The records that [`Self::project`] would give to the projector, to be [delivered](Self::deliver) as the test
    /// likes: `project` will not see them any more.
    pub async fn take_records(&self) -> Vec<Value> {
        self.product.take_stream_records().await
    }

    /// Gives records to the projector, once, as one batch. An error is a function that failed altogether.
    pub async fn deliver(&self, records: &[Value]) -> Result<Outcome, String> {
        let runtime = self.runtime_with("projector", &[]);
        let batch = serde_json::json!({ "Records": records });
        let batch = serde_json::from_value(batch).map_err(|error| error.to_string())?;
        let projector = projector::Projector::new(&runtime);
        projector::handle(&projector, batch)
            .await
            .map_err(|error| error.to_string())
    }

    /// Lets the projector count everything, and gives it every record a second time. How many records there were.
    pub async fn project_twice(&self) -> usize {
        let records = self.take_records().await;
        for _ in 0..2 {
            for batch in records.chunks(100) {
                assert_eq!(self.deliver(batch).await, Ok(Outcome::default()));
            }
        }
        records.len()
    }

    /// Records that the projector could not deal with.
    pub fn dead_letters(&self) -> Vec<DeadLetter> {
        self.product.dead_letters()
    }

    /// A request without a credential, to be completed and sent.
    pub fn request(&self, method: Method, path: &str) -> reqwest::RequestBuilder {
        self.http.request(method, format!("{}{path}", self.url()))
    }

    /// Reads without a credential.
    pub async fn get(&self, path: &str) -> Answer {
        Answer::of(self.request(Method::GET, path)).await
    }

    /// Posts without a credential.
    pub async fn post(&self, path: &str, body: Value) -> Answer {
        Answer::of(self.request(Method::POST, path).json(&body)).await
    }

    /// Calls of DynamoDB and of Upstash since the last [`Self::forget_calls`]: `("GetItem", 1)` and so on.
    pub fn calls(&self) -> (Vec<String>, usize) {
        let operations = self
            .cloud()
            .dynamodb()
            .calls()
            .into_iter()
            .filter_map(|call| call.operation)
            .collect();
        (operations, self.cloud().upstash().calls().len())
    }

    /// Forgets the recorded calls, and the faults.
    pub fn forget_calls(&self) {
        self.cloud().dynamodb().reset();
        self.cloud().upstash().reset();
        self.cloud().aws().reset();
        self.sandboxes().reset();
    }
}
