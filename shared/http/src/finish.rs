use std::{panic::AssertUnwindSafe, time::Instant};

use axum::{
    body::Body,
    extract::{Request, State},
    middleware::Next,
    response::{IntoResponse, Response},
};
use futures_util::FutureExt;
use http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};
use lambda_http::request::RequestContext;
use tripsage_domain::{audit::Source, ids::random_uuid};

use crate::{ApiError, Code, Context, Edge, envelope::JSON, etag::is_unchanged};

/// The outermost layer: gives the request its context, and whatever answer comes, a panic included, its headers and,
/// for an error, its body.
pub(crate) async fn finish(State(edge): State<Edge>, mut request: Request, next: Next) -> Response {
    let begun = Instant::now();
    let source = source(&edge, &request);
    let id = source.request_id.clone();
    let ports = edge.runtime().ports().clone();
    request.extensions_mut().insert(Context {
        now: ports.clock.now(),
        source,
        claim: None,
        ports,
    });
    let (method, path, asked) = (
        request.method().clone(),
        request.uri().path().to_owned(),
        request.headers().clone(),
    );
    let run = AssertUnwindSafe(next.run(request)).catch_unwind();
    let response = match tokio::time::timeout(edge.timeout(), run).await {
        Ok(Ok(response)) => response,
        Ok(Err(panic)) => ApiError::internal(panic_text(&*panic)).into_response(),
        Err(_) => ApiError::new(Code::DependencyUnavailable)
            .message("the request took too long")
            .retry_after(std::time::Duration::from_secs(2))
            .into_response(),
    };
    let mut response = write_error(response, &id, &method, &path);
    if method == Method::GET && response.status() == StatusCode::OK {
        let etag = response
            .headers()
            .get(header::ETAG)
            .and_then(|value| value.to_str().ok());
        if etag.is_some_and(|etag| is_unchanged(&asked, etag)) {
            *response.status_mut() = StatusCode::NOT_MODIFIED;
            *response.body_mut() = Body::empty();
            response.headers_mut().remove(header::CONTENT_TYPE);
            response.headers_mut().remove(header::CONTENT_LENGTH);
            response.headers_mut().remove(header::CONTENT_ENCODING);
        }
    }
    let elapsed = begun.elapsed();
    add_headers(response.headers_mut(), &id, elapsed.as_secs_f64() * 1000.0);
    tracing::info!(
        request_id = id,
        %method,
        path = loggable(&path),
        status = response.status().as_u16(),
        duration_ms = elapsed.as_millis(),
        "request"
    );
    response
}

/// Where the request came from: the gateway's word counts, headers that a client can write do not.
fn source(edge: &Edge, request: &Request) -> Source {
    let agent = request
        .headers()
        .get(header::USER_AGENT)
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default();
    let user_agent: String = agent.chars().filter(|c| !c.is_control()).take(256).collect();
    let from_gateway = match request.extensions().get::<RequestContext>() {
        Some(RequestContext::ApiGatewayV2(gateway)) => {
            Some((gateway.http.source_ip.clone(), gateway.request_id.clone()))
        }
        _ => None,
    };
    let (ip, id) = from_gateway.unwrap_or_default();
    Source {
        ip: ip.unwrap_or_else(|| "unknown".to_owned()),
        user_agent,
        request_id: id.unwrap_or_else(|| random_uuid(&*edge.runtime().ports().entropy).to_string()),
    }
}

/// Writes the body of an error, and logs what caused it, once.
fn write_error(mut response: Response, id: &str, method: &Method, path: &str) -> Response {
    let Some(error) = response.extensions_mut().remove::<ApiError>() else {
        return response;
    };
    if let Some(cause) = error.cause() {
        let path = loggable(path);
        if response.status().is_server_error() {
            tracing::error!(request_id = id, %method, path, code = error.code().name(), cause, "request failed");
        } else {
            tracing::info!(request_id = id, %method, path, code = error.code().name(), cause, "request refused");
        }
    }
    if let Ok(body) = serde_json::to_vec(&error.body(id)) {
        *response.body_mut() = Body::from(body);
        response.headers_mut().insert(header::CONTENT_TYPE, JSON);
        response.headers_mut().remove(header::CONTENT_LENGTH);
    }
    response
}

/// A path without the secrets that some carry.
fn loggable(path: &str) -> &str {
    for prefix in [
        "/api/v1/shared/",
        "/api/v1/feeds/",
        "/api/v1/trips/invitations/",
        "/api/shared/",
        "/api/feeds/",
        "/api/trips/invitations/",
    ] {
        if path.starts_with(prefix) {
            return prefix;
        }
    }
    path
}

fn panic_text(panic: &(dyn std::any::Any + Send)) -> String {
    let text = panic
        .downcast_ref::<String>()
        .cloned()
        .or_else(|| panic.downcast_ref::<&str>().map(|t| (*t).to_owned()));
    format!("panic: {}", text.unwrap_or_default())
}

const ALWAYS: [(&str, &str); 7] = [
    ("x-content-type-options", "nosniff"),
    ("x-frame-options", "DENY"),
    ("referrer-policy", "no-referrer"),
    ("strict-transport-security", "max-age=63072000; includeSubDomains"),
    ("cross-origin-resource-policy", "same-origin"),
    ("content-security-policy", "default-src 'none'; frame-ancestors 'none'"),
    ("cache-control", "no-store"),
];

/// Headers of every answer. Those that a handler set stay.
fn add_headers(headers: &mut HeaderMap, id: &str, milliseconds: f64) {
    for (name, value) in ALWAYS {
        headers
            .entry(HeaderName::from_static(name))
            .or_insert(HeaderValue::from_static(value));
    }
    headers.insert("x-api-version", HeaderValue::from_static("v1"));
    let mut set = |name: &'static str, value: String, append: bool| {
        let Ok(value) = HeaderValue::from_str(&value) else {
            return;
        };
        if append {
            headers.append(name, value);
        } else {
            headers.insert(name, value);
        }
    };
    set("x-request-id", id.to_owned(), false);
    set("x-process-time", format!("{milliseconds:.2}"), false);
    set("server-timing", format!("total;dur={milliseconds:.2}"), true);
}
