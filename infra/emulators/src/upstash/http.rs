//! The REST surface: authentication, routing, limits and the encodings of an answer.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::Value;

use super::backend::Backend;
use super::policy::{self, Access};
use super::reply::Reply;
use super::request::{self, Command, Query};
use super::{Meter, UpstashOptions};

/// The request size of Upstash's smallest plan.
const MAX_BODY: usize = 1024 * 1024;

/// `@upstash/redis` sends up to 1,000 commands in one automatic pipeline.
const MAX_PIPELINE: usize = 4096;

const SYNC_TOKEN: HeaderName = HeaderName::from_static("upstash-sync-token");

struct Service {
    backend: Backend,
    meter: Arc<Meter>,
    token: String,
    read_only_token: Option<String>,
}

pub(super) fn router(backend: Backend, meter: Arc<Meter>, options: UpstashOptions) -> Router {
    let service = Arc::new(Service {
        backend,
        meter,
        token: options.token,
        read_only_token: options.read_only_token,
    });
    // One handler for everything: a path is a command, so that no route can be left without the token check.
    Router::new().fallback(handle).with_state(service)
}

/// How the caller wants the answer.
#[derive(Clone, Copy)]
enum Encoding {
    Json { base64: bool },
    Resp2,
}

/// A request that is refused before any command runs. Its body is JSON whatever encoding was asked for, because clients parse it.
struct Refusal(StatusCode, String);

impl Refusal {
    fn bad_request(message: impl Into<String>) -> Self {
        Self(StatusCode::BAD_REQUEST, message.into())
    }
}

async fn handle(State(service): State<Arc<Service>>, request: Request) -> Response {
    let serial = service.meter.requests.fetch_add(1, Ordering::Relaxed) + 1;
    let mut response = match service.answer(request).await {
        Ok(response) => response,
        Err(Refusal(status, message)) => json(status, &Reply::Error(message).envelope(false)),
    };
    response.headers_mut().insert(SYNC_TOKEN, HeaderValue::from(serial));
    response
}

impl Service {
    async fn answer(&self, request: Request) -> Result<Response, Refusal> {
        let (parts, body) = request.into_parts();
        let query = Query::parse(parts.uri.query());
        let access = self.authenticate(&parts.headers, &query)?;
        if ![Method::GET, Method::HEAD, Method::POST, Method::PUT].contains(&parts.method) {
            return Err(Refusal(
                StatusCode::METHOD_NOT_ALLOWED,
                "ERR method not allowed: use HEAD, GET, POST or PUT".to_owned(),
            ));
        }
        let encoding = encoding(&parts.headers)?;
        let body = to_bytes(body, MAX_BODY)
            .await
            .map_err(|_| Refusal::bad_request(format!("ERR max request size exceeded. Limit: {MAX_BODY} bytes")))?;
        match parts.uri.path() {
            "/" => {
                let command = request::from_json(&body).map_err(Refusal::bad_request)?;
                self.single(command, access, encoding).await
            }
            "/pipeline" => self.pipeline(batch(&body)?, access, encoding).await,
            "/multi-exec" => self.transaction(batch(&body)?, access, encoding).await,
            path => {
                let command = request::from_path(path, &body, query);
                self.single(command, access, encoding).await
            }
        }
    }

    /// The header wins over the query parameter.
    fn authenticate(&self, headers: &HeaderMap, query: &Query) -> Result<Access, Refusal> {
        let bearer = headers.get(header::AUTHORIZATION).map(|value| {
            let value = value.as_bytes();
            match value.split_at_checked("Bearer ".len()) {
                Some((scheme, token)) if scheme.eq_ignore_ascii_case(b"Bearer ") => token,
                _ => b"",
            }
        });
        let given = bearer.or(query.token.as_deref()).unwrap_or_default();
        let read_only = self.read_only_token.as_deref();
        if given == self.token.as_bytes() {
            Ok(Access::Full)
        } else if read_only.is_some_and(|token| given == token.as_bytes()) {
            Ok(Access::ReadOnly)
        } else {
            Err(Refusal(
                StatusCode::UNAUTHORIZED,
                "WRONGPASS invalid or missing auth token".to_owned(),
            ))
        }
    }

    async fn single(&self, command: Command, access: Access, encoding: Encoding) -> Result<Response, Refusal> {
        let reply = match policy::refusal(&command, access) {
            Some(message) => Reply::Error(message),
            None => self.run(vec![command]).await.pop().unwrap_or(Reply::Nil),
        };
        let status = match reply {
            Reply::Error(_) => StatusCode::BAD_REQUEST,
            _ => StatusCode::OK,
        };
        Ok(match encoding {
            Encoding::Json { base64 } => json(status, &reply.envelope(base64)),
            Encoding::Resp2 => resp2(status, std::slice::from_ref(&reply)),
        })
    }

    async fn pipeline(&self, commands: Vec<Command>, access: Access, encoding: Encoding) -> Result<Response, Refusal> {
        let refusals: Vec<Option<String>> = commands
            .iter()
            .map(|command| policy::refusal(command, access))
            .collect();
        let allowed = commands
            .into_iter()
            .zip(&refusals)
            .filter_map(|(command, refusal)| refusal.is_none().then_some(command))
            .collect();
        let mut executed = self.run(allowed).await.into_iter();
        let replies: Vec<Reply> = refusals
            .into_iter()
            .map(|refusal| match refusal {
                Some(message) => Reply::Error(message),
                None => executed.next().unwrap_or(Reply::Nil),
            })
            .collect();
        Ok(match encoding {
            Encoding::Json { base64 } => json(StatusCode::OK, &envelopes(&replies, base64)),
            Encoding::Resp2 => resp2(StatusCode::OK, &replies),
        })
    }

    /// Answers JSON even when RESP2 was asked for, as Upstash does.
    async fn transaction(
        &self,
        commands: Vec<Command>,
        access: Access,
        encoding: Encoding,
    ) -> Result<Response, Refusal> {
        if let Some(message) = commands.iter().find_map(|command| policy::refusal(command, access)) {
            return Err(Refusal::bad_request(format!(
                "EXECABORT Transaction discarded because of: {message}"
            )));
        }
        let count = commands.len();
        let outcome = self.backend.transaction(commands).await;
        let (replies, script_commands) = outcome.map_err(|message| {
            Refusal::bad_request(format!("EXECABORT Transaction discarded because of: {message}"))
        })?;
        self.count(count, script_commands);
        let base64 = matches!(encoding, Encoding::Json { base64: true });
        Ok(json(StatusCode::OK, &envelopes(&replies, base64)))
    }

    async fn run(&self, commands: Vec<Command>) -> Vec<Reply> {
        let count = commands.len();
        let (replies, script_commands) = self.backend.pipeline(commands).await;
        self.count(count, script_commands);
        replies
    }

    fn count(&self, commands: usize, script_commands: u64) {
        self.meter.commands.fetch_add(commands as u64, Ordering::Relaxed);
        self.meter.script_commands.fetch_add(script_commands, Ordering::Relaxed);
    }
}

fn batch(body: &[u8]) -> Result<Vec<Command>, Refusal> {
    let commands = request::list_from_json(body).map_err(Refusal::bad_request)?;
    if commands.len() > MAX_PIPELINE {
        return Err(Refusal::bad_request(format!(
            "ERR max pipeline size exceeded. Limit: {MAX_PIPELINE} commands"
        )));
    }
    Ok(commands)
}

fn encoding(headers: &HeaderMap) -> Result<Encoding, Refusal> {
    let is = |name: &str, value: &[u8]| {
        headers
            .get(name)
            .is_some_and(|given| given.as_bytes().eq_ignore_ascii_case(value))
    };
    let base64 = is("upstash-encoding", b"base64");
    if !headers.contains_key("upstash-response-format") || is("upstash-response-format", b"json") {
        return Ok(Encoding::Json { base64 });
    }
    if !is("upstash-response-format", b"resp2") {
        return Err(Refusal::bad_request(
            "ERR unknown Upstash-Response-Format: use json or resp2",
        ));
    }
    if base64 {
        return Err(Refusal::bad_request(
            "ERR base64 encoding is not permitted with the resp2 format",
        ));
    }
    Ok(Encoding::Resp2)
}

fn envelopes(replies: &[Reply], base64: bool) -> Value {
    replies.iter().map(|reply| reply.envelope(base64)).collect()
}

fn json(status: StatusCode, body: &Value) -> Response {
    (status, axum::Json(body)).into_response()
}

fn resp2(status: StatusCode, replies: &[Reply]) -> Response {
    let mut out = Vec::new();
    for reply in replies {
        reply.write_resp2(&mut out);
    }
    let octets = HeaderValue::from_static("application/octet-stream");
    (status, [(header::CONTENT_TYPE, octets)], Body::from(out)).into_response()
}
