//! API Gateway's HTTP API, in front of functions in this process.
//!
//! A request becomes the event that API Gateway would send (payload format 2.0), and `lambda_http` makes of that event
//! the request that a function sees, exactly as it does on Lambda. So a router meets here what it will meet there:
//! cookies joined, hop-by-hop headers gone, the source address in the request context, paths normalised.
//!
//! Not here: authorizers, throttling, CORS by configuration, custom domains; API Gateway hands paths to functions with
//! their percent-encoding resolved, this gateway leaves it as it is.

mod event;

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::{ConnectInfo, Request, State};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::json;
use tower::ServiceExt;
use tripsage_domain::ports::Clock;
use tripsage_emulators::template::RouteTable;
use tripsage_runtime::Ports;

/// API Gateway refuses larger requests.
pub const MAX_REQUEST: usize = 10 * 1024 * 1024;
/// Lambda refuses larger answers.
pub const MAX_RESPONSE: usize = 6 * 1024 * 1024;
/// API Gateway waits no longer for a function.
const INTEGRATION_TIMEOUT: Duration = Duration::from_secs(30);

/// The gateway: a route table and the routers behind it.
#[derive(Clone)]
pub struct Gateway {
    inner: Arc<Inner>,
}

struct Inner {
    routes: RouteTable,
    functions: BTreeMap<String, Router>,
    clock: Arc<dyn Clock>,
    /// The system's own, because request ids must not use up what a test has prepared for the functions.
    ports: Ports,
}

impl Gateway {
    /// A gateway over `functions`, by the name of their binaries. Routes to other functions answer 503.
    pub fn new(routes: RouteTable, functions: BTreeMap<String, Router>, clock: Arc<dyn Clock>) -> Self {
        Self {
            inner: Arc::new(Inner {
                routes,
                functions,
                clock,
                ports: Ports::system(),
            }),
        }
    }

    /// The gateway as the fallback of a router. It must be served with [`ConnectInfo`].
    pub fn into_router(self) -> Router {
        Router::new().fallback(handle).with_state(self.inner)
    }
}

async fn handle(
    State(gateway): State<Arc<Inner>>,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    request: Request,
) -> Response {
    let request_id = event::request_id(gateway.ports.entropy.as_ref());
    let mut response = answer(&gateway, peer, request, &request_id).await;
    if let Ok(value) = HeaderValue::from_str(&request_id) {
        response.headers_mut().insert("apigw-requestid", value);
    }
    response
}

async fn answer(gateway: &Inner, peer: SocketAddr, request: Request, request_id: &str) -> Response {
    let (mut head, body) = request.into_parts();
    let Some(route) = gateway.routes.find(head.method.as_str(), head.uri.path()) else {
        return message(StatusCode::NOT_FOUND, "Not Found");
    };
    let Some(function) = gateway.functions.get(&route.function) else {
        return message(StatusCode::SERVICE_UNAVAILABLE, "Service Unavailable");
    };
    let Ok(body) = to_bytes(body, MAX_REQUEST).await else {
        return message(StatusCode::PAYLOAD_TOO_LARGE, "Request Entity Too Large");
    };
    remove_hop_by_hop(&mut head.headers);
    let context = event::Context {
        route: &route.key(),
        peer,
        request_id,
        now: gateway.clock.now(),
    };
    let Some(request) = event::request(&head, &body, &context) else {
        return message(StatusCode::BAD_REQUEST, "Bad Request");
    };
    // In a task of its own, as on Lambda: a panic ends the invocation and not the gateway, and a client that hangs up
    // does not stop what it has started.
    let invocation = tokio::spawn(function.clone().oneshot(request));
    match tokio::time::timeout(INTEGRATION_TIMEOUT, invocation).await {
        Ok(Ok(Ok(response))) => buffered(response, &head.method).await,
        Ok(Err(_)) => message(StatusCode::INTERNAL_SERVER_ERROR, "Internal Server Error"),
        Err(_) => message(StatusCode::SERVICE_UNAVAILABLE, "Service Unavailable"),
    }
}

/// Lambda answers in one piece.
async fn buffered(response: Response, method: &Method) -> Response {
    let (mut head, body) = response.into_parts();
    let Ok(body) = to_bytes(body, MAX_RESPONSE).await else {
        return message(StatusCode::INTERNAL_SERVER_ERROR, "Internal Server Error");
    };
    remove_hop_by_hop(&mut head.headers);
    if method != Method::HEAD {
        head.headers.remove(header::CONTENT_LENGTH);
    }
    Response::from_parts(head, Body::from(body))
}

/// API Gateway's own answers.
fn message(status: StatusCode, text: &str) -> Response {
    (status, axum::Json(json!({ "message": text }))).into_response()
}

/// Headers that concern one connection only (RFC 9110, section 7.6.1), and those that `Connection` lists.
fn remove_hop_by_hop(headers: &mut HeaderMap) {
    let listed: Vec<String> = headers
        .get_all(header::CONNECTION)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .map(|name| name.trim().to_ascii_lowercase())
        .collect();
    let always = [
        "connection",
        "keep-alive",
        "proxy-connection",
        "te",
        "trailer",
        "transfer-encoding",
        "upgrade",
    ];
    for name in listed.iter().map(String::as_str).chain(always) {
        headers.remove(name);
    }
}
