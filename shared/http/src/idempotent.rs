use std::{sync::Arc, time::Duration};

use axum::{
    body::Body,
    extract::{FromRequestParts, OptionalFromRequestParts, Request, State},
    middleware::Next,
    response::{IntoResponse, Response},
};
use http::{HeaderName, HeaderValue, Method, header, request::Parts};
use http_body_util::BodyExt;
use tripsage_domain::ids::random_uuid;
use tripsage_store::{
    StoreError,
    idempotency::{Claim, Claimed, Remembered},
    keys::Digest,
};

use crate::{ApiError, Code, Context, Edge, caller::Identity, envelope::HoldsSecret, json::read_body};

const HEADER: &str = "idempotency-key";

/// Headers that belong to a remembered answer.
const KEPT: [HeaderName; 3] = [header::CONTENT_TYPE, header::ETAG, header::LOCATION];

/// What is remembered of an answer that held a secret.
const SECRET: u16 = 0;

/// The `Idempotency-Key` of a request. An operation that takes it answers 400 to a request without; one that takes it as
/// an `Option` decides for itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IdempotencyKey(pub String);

impl IdempotencyKey {
    /// The key, where an operation cannot do without.
    ///
    /// # Errors
    /// 400 when there is none.
    pub fn required(key: Option<Self>) -> Result<Self, ApiError> {
        key.ok_or_else(|| {
            ApiError::new(Code::InvalidIdempotencyKey)
                .message("the Idempotency-Key header is required: a random text for each booking or payment")
        })
    }
}

impl<S: Send + Sync> FromRequestParts<S> for IdempotencyKey {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ApiError> {
        let key = <Self as OptionalFromRequestParts<S>>::from_request_parts(parts, state).await?;
        Self::required(key)
    }
}

impl<S: Send + Sync> OptionalFromRequestParts<S> for IdempotencyKey {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Option<Self>, ApiError> {
        let Some(key) = parts.headers.get(HEADER) else {
            return Ok(None);
        };
        let text = key.to_str().ok().filter(|_| is_valid(key));
        let text = text.ok_or_else(|| ApiError::new(Code::InvalidIdempotencyKey))?;
        Ok(Some(Self(text.to_owned())))
    }
}

/// 1 to 255 visible ASCII characters.
fn is_valid(key: &HeaderValue) -> bool {
    (1..=255).contains(&key.len()) && key.as_bytes().iter().all(|byte| (0x21..=0x7e).contains(byte))
}

/// Answers a repeated `POST` of a signed-in caller with the same `Idempotency-Key` from memory.
pub(crate) async fn idempotent(State(edge): State<Edge>, request: Request, next: Next) -> Response {
    let key = request.headers().get(HEADER).cloned();
    let (true, Method::POST, Some(key)) = (edge.remembers_answers(), request.method().clone(), key) else {
        return next.run(request).await;
    };
    let caller = match request.extensions().get::<Identity>() {
        Some(Identity(Ok(Some(principal)))) => principal.user.to_string(),
        // Who is not signed in has no memory of their own: the key has no meaning.
        _ => return next.run(request).await,
    };
    match remembered(&edge, request, next, &caller, &key).await {
        Ok(response) => response,
        Err(error) => error.into_response(),
    }
}

async fn remembered(
    edge: &Edge,
    request: Request,
    next: Next,
    caller: &str,
    key: &HeaderValue,
) -> Result<Response, ApiError> {
    if !is_valid(key) {
        return Err(ApiError::new(Code::InvalidIdempotencyKey));
    }
    let (mut parts, body) = request.into_parts();
    let bytes = read_body(body).await?;
    let target = parts
        .uri
        .path_and_query()
        .map_or("/", |target| target.as_str())
        .as_bytes();
    let scope = Digest::of(&[caller.as_bytes(), parts.uri.path().as_bytes(), key.as_bytes()]);
    // With the key in it, which is stored nowhere: a body may hold a secret, and its bare digest would let whoever reads
    // the table try whether they have guessed it.
    let payload = Digest::of(&[key.as_bytes(), target, &bytes]);
    let Some(context) = parts.extensions.get_mut::<Context>() else {
        return Err(ApiError::internal("the request has no context"));
    };
    let attempt = random_uuid(&*context.ports.entropy).to_string();
    let claim = match edge.db().claim(scope, &payload, attempt, context.now).await? {
        Claimed::Go(claim) => Arc::new(claim),
        Claimed::Answered(answer) => return replay(answer),
        Claimed::Running => {
            return Err(ApiError::new(Code::RequestInProgress).retry_after(Duration::from_secs(1)));
        }
        Claimed::OtherPayload => return Err(ApiError::new(Code::IdempotencyKeyReused)),
    };
    context.claim = Some(Arc::clone(&claim));
    let response = next.run(Request::from_parts(parts, Body::from(bytes))).await;
    remember(edge, &claim, response).await
}

/// Keeps a success for the next time; whatever had no effect may be sent again.
async fn remember(edge: &Edge, claim: &Claim, response: Response) -> Result<Response, ApiError> {
    if !response.status().is_success() {
        edge.db().release(claim).await?;
        return Ok(response);
    }
    let (parts, body) = response.into_parts();
    let bytes = body.collect().await.map_err(ApiError::internal)?.to_bytes();
    let answer = if parts.extensions.get::<HoldsSecret>().is_some() {
        Remembered {
            status: SECRET,
            headers: Vec::new(),
            body: String::new(),
        }
    } else {
        let headers = KEPT
            .iter()
            .filter_map(|name| Some((name.to_string(), parts.headers.get(name)?.to_str().ok()?.to_owned())));
        Remembered {
            status: parts.status.as_u16(),
            headers: headers.collect(),
            body: String::from_utf8(bytes.to_vec()).map_err(ApiError::internal)?,
        }
    };
    match edge.db().remember(claim, &answer).await {
        // The work is done; that its answer is not remembered must not turn it into a failure.
        Ok(()) | Err(StoreError::Throttled(_) | StoreError::Unavailable(_)) => {
            Ok(Response::from_parts(parts, Body::from(bytes)))
        }
        // Another attempt has taken over and will answer for both.
        Err(StoreError::Conflict(_)) => Err(ApiError::new(Code::RequestInProgress).retry_after(Duration::from_secs(1))),
        Err(error) => Err(error.into()),
    }
}

fn replay(answer: Remembered) -> Result<Response, ApiError> {
    if answer.status == SECRET {
        return Err(ApiError::new(Code::SecretShownOnce));
    }
    let mut response = Response::builder()
        .status(answer.status)
        .header("idempotency-replayed", "true");
    for (name, value) in &answer.headers {
        response = response.header(name, value);
    }
    response.body(Body::from(answer.body)).map_err(ApiError::internal)
}
