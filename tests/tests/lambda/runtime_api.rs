//! The Lambda Runtime API, as far as a function that is well needs it.
//!
//! Source: "Using the Lambda runtime API for custom runtimes" in the Lambda developer guide. Not here: extensions,
//! streamed answers, deadlines that are enforced.

use std::{sync::Arc, time::Duration};

use axum::{
    Json, Router,
    body::Bytes,
    extract::{DefaultBodyLimit, State},
    http::StatusCode,
    response::IntoResponse,
    routing::{get, post},
};
use serde_json::{Value, json};
use tokio::sync::{Mutex, mpsc};
use tripsage_emulators::serve::{self, Server};

/// How long a test waits for a function.
const PATIENCE: Duration = Duration::from_secs(30);

/// What a function made of an event.
#[derive(Debug, PartialEq)]
pub enum Outcome {
    /// It answered.
    Response(Value),
    /// It reported that it failed.
    Failure(Value),
}

/// A Runtime API for one function.
pub struct RuntimeApi {
    address: String,
    events: mpsc::UnboundedSender<Value>,
    outcomes: mpsc::UnboundedReceiver<Outcome>,
    _server: Server,
}

struct Queues {
    events: Mutex<mpsc::UnboundedReceiver<Value>>,
    outcomes: mpsc::UnboundedSender<Outcome>,
}

impl RuntimeApi {
    pub async fn start() -> Self {
        let listener = serve::bind(0).await.unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let (events, waiting) = mpsc::unbounded_channel();
        let (done, outcomes) = mpsc::unbounded_channel();
        let queues = Arc::new(Queues {
            events: Mutex::new(waiting),
            outcomes: done,
        });
        let routes = Router::new()
            .route("/invocation/next", get(next))
            .route("/invocation/{id}/response", post(response))
            .route("/invocation/{id}/error", post(failure))
            .route("/init/error", post(failure))
            // Lambda takes answers of up to 6 MB.
            .layer(DefaultBodyLimit::max(6 * 1024 * 1024))
            .with_state(queues);
        let app = Router::new().nest("/2018-06-01/runtime", routes);
        let server = Server::spawn(|stopped| async move {
            axum::serve(listener, app)
                .with_graceful_shutdown(stopped.wait())
                .await
                .unwrap();
        });
        Self {
            address,
            events,
            outcomes,
            _server: server,
        }
    }

    /// For `AWS_LAMBDA_RUNTIME_API`.
    pub fn address(&self) -> &str {
        &self.address
    }

    /// Hands over an event, and waits for what becomes of it.
    pub async fn invoke(&mut self, event: Value) -> Outcome {
        self.events.send(event).unwrap();
        tokio::time::timeout(PATIENCE, self.outcomes.recv())
            .await
            .expect("the function answers in time")
            .expect("the Runtime API is running")
    }
}

async fn next(State(queues): State<Arc<Queues>>) -> impl IntoResponse {
    // `None` when the test is over: the function is about to be killed.
    let event = match queues.events.lock().await.recv().await {
        Some(event) => event,
        None => std::future::pending().await,
    };
    let deadline = tripsage_runtime::Ports::system().clock.now() + PATIENCE;
    let headers = [
        (
            "lambda-runtime-aws-request-id",
            "8476a536-e9f4-11e8-9739-2dfe598c3fcd".to_owned(),
        ),
        ("lambda-runtime-deadline-ms", deadline.as_millisecond().to_string()),
        (
            "lambda-runtime-invoked-function-arn",
            "arn:aws:lambda:eu-west-1:000000000000:function:test".to_owned(),
        ),
        (
            "lambda-runtime-trace-id",
            "Root=1-5bef4de7-ad49b0e87f6ef6c87fc2e700;Parent=9a9197af755a6419;Sampled=0".to_owned(),
        ),
    ];
    (headers, Json(event))
}

// The runtime names no content type, so bodies are read as bytes.

async fn response(State(queues): State<Arc<Queues>>, body: Bytes) -> impl IntoResponse {
    queues.outcomes.send(Outcome::Response(read(&body))).ok();
    accepted()
}

async fn failure(State(queues): State<Arc<Queues>>, body: Bytes) -> impl IntoResponse {
    queues.outcomes.send(Outcome::Failure(read(&body))).ok();
    accepted()
}

fn read(body: &[u8]) -> Value {
    serde_json::from_slice(body).expect("a function's answer is JSON")
}

fn accepted() -> (StatusCode, Json<Value>) {
    (StatusCode::ACCEPTED, Json(json!({ "status": "OK" })))
}
