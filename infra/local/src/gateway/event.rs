//! The event that API Gateway sends to a function (payload format 2.0), and the request that `lambda_http` makes of it.

use std::net::SocketAddr;

use axum::http::{HeaderMap, header, request};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde_json::{Map, Value, json};
use tripsage_domain::ports::Entropy;

/// What an event says beside the request itself.
pub(super) struct Context<'a> {
    pub(super) route: &'a str,
    pub(super) peer: SocketAddr,
    pub(super) request_id: &'a str,
    pub(super) now: Timestamp,
}

/// A new request id.
pub(super) fn request_id(entropy: &dyn Entropy) -> String {
    let mut bytes = [0; 16];
    entropy.fill(&mut bytes);
    uuid::Builder::from_random_bytes(bytes).into_uuid().to_string()
}

/// The request as a function sees it; `None` when it is not one that API Gateway would let through.
pub(super) fn request(head: &request::Parts, body: &[u8], context: &Context) -> Option<lambda_http::Request> {
    let host = head.headers.get(header::HOST)?.to_str().ok()?;
    // `lambda_http` relies on API Gateway for an address that can be parsed.
    url::Url::parse(&format!("https://{host}{}", head.uri.path())).ok()?;
    lambda_http::request::from_str(&event(head, body, host, context).to_string()).ok()
}

fn event(head: &request::Parts, body: &[u8], host: &str, context: &Context) -> Value {
    let (headers, cookies) = headers(&head.headers);
    let user_agent = headers.get("user-agent").cloned().unwrap_or_default();
    let mut event = json!({
        "version": "2.0",
        "routeKey": context.route,
        "rawPath": head.uri.path(),
        "rawQueryString": head.uri.query().unwrap_or_default(),
        "headers": headers,
        "requestContext": {
            "accountId": "000000000000",
            "apiId": "local",
            "domainName": host,
            "domainPrefix": "local",
            "http": {
                "method": head.method.as_str(),
                "path": head.uri.path(),
                "protocol": "HTTP/1.1",
                "sourceIp": context.peer.ip().to_string(),
                "userAgent": user_agent,
            },
            "requestId": context.request_id,
            "routeKey": context.route,
            "stage": "$default",
            "time": context.now.to_zoned(TimeZone::UTC).strftime("%d/%b/%Y:%H:%M:%S %z").to_string(),
            "timeEpoch": context.now.as_millisecond(),
        },
        "isBase64Encoded": false,
    });
    if !cookies.is_empty() {
        event["cookies"] = cookies.into();
    }
    match std::str::from_utf8(body) {
        Ok("") => {}
        Ok(text) => event["body"] = text.into(),
        Err(_) => {
            event["body"] = STANDARD.encode(body).into();
            event["isBase64Encoded"] = true.into();
        }
    }
    event
}

/// Header names in lower case, repeated ones joined by commas, and cookies apart.
fn headers(headers: &HeaderMap) -> (Map<String, Value>, Vec<String>) {
    let mut joined = Map::new();
    let mut cookies = Vec::new();
    for name in headers.keys() {
        let values: Vec<_> = headers
            .get_all(name)
            .iter()
            .map(|value| String::from_utf8_lossy(value.as_bytes()))
            .collect();
        if name == header::COOKIE {
            let pairs = values.iter().flat_map(|value| value.split(';'));
            cookies.extend(pairs.map(|pair| pair.trim().to_owned()).filter(|pair| !pair.is_empty()));
        } else {
            joined.insert(name.as_str().to_owned(), values.join(",").into());
        }
    }
    (joined, cookies)
}
