//! A loopback HTTP proxy for tests: it counts what a client asks of an endpoint, and breaks it by rule.

mod fault;

use std::net::SocketAddr;
use std::pin::pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper::header::{CONTENT_LENGTH, CONTENT_TYPE};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Request, Response, StatusCode, Uri};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::{TokioExecutor, TokioIo};
use serde_json::Value;
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;

use crate::StartError;
use crate::access::Roles;
use crate::serve::{self, Server, Stopped};
use fault::Rule;
pub use fault::{Effect, Fault};

/// One request that went through, or was kept from going through.
#[derive(Debug, Clone, PartialEq)]
pub struct Call {
    /// The HTTP method.
    pub method: String,
    /// Path and query.
    pub path: String,
    /// The operation that `X-Amz-Target` names, without the service: `PutItem`.
    pub operation: Option<String>,
    /// The request's body.
    pub body: Bytes,
    /// The status that the client was given; `None` when it got no answer.
    pub status: Option<u16>,
    /// DynamoDB capacity units.
    pub capacity: f64,
}

/// A running proxy. Dropping it stops it.
#[derive(Debug)]
pub struct Proxy {
    url: String,
    shared: Arc<Shared>,
    server: Server,
}

#[derive(Debug)]
struct Shared {
    upstream: String,
    client: Client<HttpConnector, Full<Bytes>>,
    roles: Option<Arc<Roles>>,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    calls: Vec<Call>,
    rules: Vec<Rule>,
    delayed: usize,
}

impl Proxy {
    /// Listens, and passes everything on to `upstream`: an address such as `http://127.0.0.1:8000`.
    ///
    /// # Errors
    /// When the listener is unusable.
    pub fn start(listener: TcpListener, upstream: &str) -> Result<Self, StartError> {
        Self::guarded(listener, upstream, None)
    }

    /// [`Self::start`], refusing what the caller's role does not allow.
    pub(crate) fn guarded(
        listener: TcpListener,
        upstream: &str,
        roles: Option<Arc<Roles>>,
    ) -> Result<Self, StartError> {
        let url = serve::url(&listener)?;
        let client = Client::builder(TokioExecutor::new()).build_http();
        let upstream = upstream.trim_end_matches('/').to_owned();
        let shared = Arc::new(Shared {
            upstream,
            client,
            roles,
            state: Mutex::default(),
        });
        let server = Server::spawn(|stopped| accept(listener, Arc::clone(&shared), stopped));
        Ok(Self { url, shared, server })
    }

    /// Where it listens.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// What was asked, in the order of the answers.
    pub fn calls(&self) -> Vec<Call> {
        self.shared.lock().calls.clone()
    }

    /// How many requests an [`Effect::Delay`] has held so far, those that it still holds included.
    pub fn delayed(&self) -> usize {
        self.shared.lock().delayed
    }

    /// Forgets the calls and the faults.
    pub fn reset(&self) {
        *self.shared.lock() = State::default();
    }

    /// Adds a fault. Of several that apply to a request, the first that was added takes effect.
    pub fn fault(&self, fault: Fault) {
        self.shared.lock().rules.push(Rule::new(fault));
    }

    /// Stops, cutting the connections that are open.
    pub async fn stop(self) {
        self.server.stop().await;
    }
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, State> {
        // Nothing is ever left half done under this lock.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

async fn accept(listener: TcpListener, shared: Arc<Shared>, stopped: Stopped) {
    let mut connections = JoinSet::new();
    let mut stopped = pin!(stopped.wait());
    loop {
        tokio::select! {
            () = &mut stopped => return,
            // Reaped as they end, so that a long test does not collect them.
            Some(_) = connections.join_next() => {}
            accepted = listener.accept() => {
                if let Ok((stream, peer)) = accepted {
                    connections.spawn(connection(stream, peer, Arc::clone(&shared)));
                }
            }
        }
    }
}

/// Serves one connection until the client leaves or a fault ends it.
async fn connection(stream: TcpStream, peer: SocketAddr, shared: Arc<Shared>) {
    let service = service_fn(move |request| exchange(request, Arc::clone(&shared)));
    let mut connection = http1::Builder::new().serve_connection(TokioIo::new(stream), service);
    if let Err(error) = (&mut connection).await {
        tracing::debug!(%peer, %error, "cutting the connection");
        // Closed without lingering, a socket says "reset" rather than "end".
        let _ = connection.into_parts().io.into_inner().set_zero_linger();
    }
}

/// The client gets no answer: its connection is reset.
#[derive(Debug, thiserror::Error)]
#[error("a fault, or an upstream that does not answer")]
struct Cut;

async fn exchange(request: Request<Incoming>, shared: Arc<Shared>) -> Result<Response<Full<Bytes>>, Cut> {
    let (head, body) = request.into_parts();
    let body = body.collect().await.map_err(|_| Cut)?.to_bytes();
    let path = head
        .uri
        .path_and_query()
        .map_or_else(|| "/".to_owned(), ToString::to_string);
    let target = head.headers.get("x-amz-target").and_then(|value| value.to_str().ok());
    let operation = target.map(|target| target.rsplit('.').next().unwrap_or(target).to_owned());
    let mut call = Call {
        method: head.method.to_string(),
        path,
        operation,
        body: body.clone(),
        status: None,
        capacity: 0.0,
    };

    let refusal = shared
        .roles
        .as_ref()
        .and_then(|roles| roles.refuse(&head.method, head.uri.path(), &head.headers, &body));
    let effect = match refusal {
        Some(body) => Some(Effect::Answer { status: 400, body }),
        None => shared.lock().rules.iter_mut().find_map(|rule| rule.effect(&call)),
    };
    let answer = match effect {
        Some(Effect::Reset) => Err(Cut),
        Some(Effect::Answer { status, body }) => Ok(own_answer(status, body)),
        Some(Effect::Delay(time)) => {
            shared.lock().delayed += 1;
            tokio::time::sleep(time).await;
            forward(head, body, &shared).await
        }
        Some(Effect::LoseReply) => {
            let executed = forward(head, body, &shared).await;
            executed.and(Err(Cut))
        }
        None => forward(head, body, &shared).await,
    };
    if let Ok(answer) = &answer {
        call.status = Some(answer.status().as_u16());
        call.capacity = capacity(answer.body());
    }
    shared.lock().calls.push(call);
    answer.map(|answer| answer.map(Full::new))
}

async fn forward(mut head: hyper::http::request::Parts, body: Bytes, shared: &Shared) -> Result<Response<Bytes>, Cut> {
    let body = asking_for_capacity(&mut head, body);
    let path = head.uri.path_and_query().map_or("/", |path| path.as_str());
    head.uri = format!("{}{path}", shared.upstream).parse::<Uri>().map_err(|_| Cut)?;
    let answer = shared
        .client
        .request(Request::from_parts(head, Full::new(body)))
        .await
        .map_err(|_| Cut)?;
    let (head, body) = answer.into_parts();
    let body = body.collect().await.map_err(|_| Cut)?.to_bytes();
    Ok(Response::from_parts(head, body))
}

/// A request of DynamoDB that wants to be told what it costs, whatever the client wanted. The engines behind the proxy
/// check no signatures.
fn asking_for_capacity(head: &mut hyper::http::request::Parts, body: Bytes) -> Bytes {
    let target = head.headers.get("x-amz-target").and_then(|value| value.to_str().ok());
    let costs = target.is_some_and(|target| {
        let operation = target.strip_prefix("DynamoDB_20120810.");
        operation.is_some_and(|name| name.contains("Item") || matches!(name, "Query" | "Scan"))
    });
    let Some(Ok(Value::Object(mut request))) = costs.then(|| serde_json::from_slice(&body)) else {
        return body;
    };
    request
        .entry("ReturnConsumedCapacity")
        .or_insert_with(|| "TOTAL".into());
    head.headers.remove(CONTENT_LENGTH);
    Value::Object(request).to_string().into()
}

fn own_answer(status: u16, body: String) -> Response<Bytes> {
    let mut answer = Response::new(Bytes::from(body));
    *answer.status_mut() = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    answer.headers_mut().insert(
        CONTENT_TYPE,
        hyper::header::HeaderValue::from_static("application/json"),
    );
    answer
}

/// The sum of `ConsumedCapacity`, which is an object for one table and a list for several.
fn capacity(body: &[u8]) -> f64 {
    let Ok(body) = serde_json::from_slice::<Value>(body) else {
        return 0.0;
    };
    let units = |consumed: &Value| consumed["CapacityUnits"].as_f64().unwrap_or(0.0);
    match &body["ConsumedCapacity"] {
        Value::Array(tables) => tables.iter().map(units).sum(),
        one => units(one),
    }
}
