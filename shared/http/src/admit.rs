use std::{
    convert::Infallible,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use axum::{
    body::{Body, HttpBody as _},
    extract::{FromRequestParts, Request, State},
    middleware::Next,
    response::{IntoResponse, Response},
};
use bytes::Bytes;
use http::{HeaderMap, HeaderValue, header, request::Parts, uri::PathAndQuery};
use http_body_util::BodyExt;
use jiff::Timestamp;
use tripsage_cache::{CompositeKey, Limit, Seen, Source, Tag, Verdict, Wanted};
use tripsage_domain::principal::{Credential, Principal, Scope};
use tripsage_store::keys::Digest;

use crate::{
    ApiError, Asked, Code, Context, Edge,
    caller::Identity,
    cookies::cookie,
    csrf,
    token::{self, Presented},
};

/// By whom the requests of a class are counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum By {
    /// The signed-in user, or the address of who is not signed in.
    Caller,
    /// The address, whoever signs in from it.
    Address,
}

/// Operations that share a rate limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RateClass {
    /// Its name, shown in the `RateLimit` headers.
    pub name: &'static str,
    /// How many requests.
    pub limit: Limit,
    /// Counted by whom.
    pub by: By,
    /// Whether security depends on it: without Redis, DynamoDB counts for all processes together.
    pub strict: bool,
}

/// What the admission of this request saw of Redis. Composites are looked for with it.
#[derive(Debug, Clone)]
pub struct Admitted {
    pub(crate) seen: Arc<Seen>,
    lookups: Arc<Lookups>,
}

/// What came of looking for composites.
#[derive(Debug, Default)]
struct Lookups {
    found: AtomicBool,
    made: AtomicBool,
}

impl Admitted {
    /// The version of a tag, if it was looked up. It changes when the tag is bumped.
    pub fn version(&self, tag: &Tag) -> Option<&str> {
        self.seen.version(tag)
    }

    /// For work that no request asked for.
    pub fn unasked(now: Timestamp) -> Self {
        Self::new(Seen::nothing(now))
    }

    fn new(seen: Seen) -> Self {
        Self {
            seen: Arc::new(seen),
            lookups: Arc::default(),
        }
    }

    /// Remembers where a composite came from.
    pub(crate) fn note(&self, source: Source) {
        let flag = match source {
            Source::Process | Source::Redis => &self.lookups.found,
            Source::Made => &self.lookups.made,
        };
        flag.store(true, Ordering::Relaxed);
    }

    /// What `Server-Timing` says of the cache: a miss when any composite had to be made; `None` when none was looked for.
    fn outcome(&self) -> Option<&'static str> {
        let (found, made) = (&self.lookups.found, &self.lookups.made);
        match (made.load(Ordering::Relaxed), found.load(Ordering::Relaxed)) {
            (true, _) => Some("cache;desc=\"miss\""),
            (false, true) => Some("cache;desc=\"hit\""),
            (false, false) => None,
        }
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Admitted {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        let known = parts.extensions.get::<Self>().cloned();
        let now = parts
            .extensions
            .get::<Context>()
            .map_or(Timestamp::MIN, |context| context.now);
        Ok(known.unwrap_or_else(|| Self::unasked(now)))
    }
}

/// A larger body is not looked into before its request is admitted.
const LARGEST_FORESEEN: u64 = 64 * 1024;

/// Cookies in which a browser presents an access token; the first that is there counts.
const COOKIES: [&str; 3] = ["__Host-auth_token", "auth_token", "access_token"];

/// Counts the request, finds out who is asking, and refuses what is too much or comes from a foreign page.
pub(crate) async fn admit(State(edge): State<Edge>, request: Request, next: Next) -> Response {
    if edge.is_open(request.uri().path()) {
        return next.run(request).await;
    }
    let (mut parts, mut body) = request.into_parts();
    let Some(context) = parts.extensions.get::<Context>().cloned() else {
        return ApiError::internal("the request has no context").into_response();
    };
    let config = edge.runtime().config();
    if let Err(error) = csrf::check_origin(&parts, &config.public_url, &config.allowed_origins) {
        return error.into_response();
    }
    let identity = authenticate(&edge, &parts, &context).await;
    let class = edge.rate_class(&parts.method, parts.uri.path());
    let principal = identity.as_ref().ok().and_then(Option::as_ref);
    let caller = match (class.by, principal) {
        (By::Caller, Some(principal)) => format!("{}:user:{}", class.name, principal.user),
        _ => format!("{}:address:{}", class.name, context.source.ip),
    };
    let credential = principal.map(|principal| credential_id(&principal.credential));
    let foreseen = foresee(&edge, &parts, &mut body, principal, context.now).await;
    let tags = edge.tags(principal);
    let wanted = Wanted {
        tags: &tags,
        composite: foreseen.as_ref(),
    };
    let admission = edge.admission();
    let counted = admission.check(
        edge.redis(),
        &caller,
        credential.as_deref(),
        class.limit,
        context.now,
        wanted,
    );
    // The two look-ups do not depend on each other.
    let ((verdict, seen), identity) = tokio::join!(counted, edge.confirm(identity, context.now));
    if !verdict.allowed || (class.strict && verdict.degraded && is_exhausted(&edge, &caller, &class, &context).await) {
        let error = ApiError::new(Code::RateLimited).retry_after(verdict.reset);
        return with_limit(error.into_response(), &class, &verdict);
    }
    let identity = match identity {
        Ok(Some(_)) if verdict.revoked => Err(ApiError::new(Code::InvalidCredential)),
        other => other,
    };
    let identity = identity.and_then(|principal| check_scope(&edge, principal, &parts));
    parts.extensions.insert(Identity(identity));
    let admitted = Admitted::new(seen);
    parts.extensions.insert(admitted.clone());
    let mut response = next.run(Request::from_parts(parts, body)).await;
    if let Some(outcome) = admitted.outcome() {
        let headers = response.headers_mut();
        headers.append("server-timing", HeaderValue::from_static(outcome));
    }
    with_limit(response, &class, &verdict)
}

/// Looks into a small body for what the request will need.
async fn foresee(
    edge: &Edge,
    parts: &Parts,
    body: &mut Body,
    principal: Option<&Principal>,
    now: Timestamp,
) -> Option<CompositeKey> {
    if !edge.foresees() {
        return None;
    }
    // What only reads says it all in its address.
    let mut bytes = Bytes::new();
    if !parts.method.is_safe() {
        if body.size_hint().upper().is_none_or(|size| size > LARGEST_FORESEEN) {
            return None;
        }
        bytes = std::mem::take(body).collect().await.ok()?.to_bytes();
        *body = Body::from(bytes.clone());
    }
    let asked = Asked {
        principal,
        method: &parts.method,
        target: parts.uri.path_and_query().map_or("/", PathAndQuery::as_str),
        body: &bytes,
    };
    edge.foresee(asked, now)
}

/// Whether the caller's count in DynamoDB is at its limit. When DynamoDB does not answer either, the operation fails by
/// itself: all strict ones need it.
async fn is_exhausted(edge: &Edge, caller: &str, class: &RateClass, context: &Context) -> bool {
    let subject = Digest::of(&[caller.as_bytes()]);
    let window = class.limit.window.as_secs();
    let counted = edge
        .db()
        .count_attempt(&subject, class.limit.requests, window, context.now)
        .await;
    matches!(counted, Ok(false))
}

/// Reads and verifies whatever credential the request has. Whether it was revoked is not looked up here.
async fn authenticate(edge: &Edge, parts: &Parts, context: &Context) -> Result<Option<Principal>, ApiError> {
    let refused = || ApiError::new(Code::InvalidCredential);
    let (token, in_cookie) = match bearer(&parts.headers)? {
        Some(token) => (token, false),
        None => match COOKIES.iter().find_map(|name| cookie(&parts.headers, name)) {
            Some(token) => (token, true),
            None => return Ok(None),
        },
    };
    match token::look(token).ok_or_else(refused)? {
        Presented::Access { kid } => {
            let key = edge
                .keyring()
                .public_key(edge.db(), &kid, context.now)
                .await?
                .ok_or_else(refused)?;
            let issuer = &edge.runtime().config().public_url;
            let claims = token::verify(token, &key, issuer, context.now).ok_or_else(refused)?;
            if in_cookie {
                csrf::check_token(&parts.method, &parts.headers, &claims.csrf)?;
            }
            claims.principal().map(Some).ok_or_else(refused)
        }
        Presented::Personal { .. } if in_cookie => Err(refused()),
        Presented::Personal { user, token, digest } => edge
            .personal(user, token, &digest, context.now)
            .await?
            .map(Some)
            .ok_or_else(refused),
    }
}

fn bearer(headers: &HeaderMap) -> Result<Option<&str>, ApiError> {
    let refused = || ApiError::new(Code::InvalidCredential);
    let Some(value) = headers.get(header::AUTHORIZATION) else {
        return Ok(None);
    };
    let (scheme, token) = value
        .to_str()
        .map_err(|_| refused())?
        .split_once(' ')
        .ok_or_else(refused)?;
    if scheme.eq_ignore_ascii_case("bearer") && !token.trim().is_empty() {
        Ok(Some(token.trim()))
    } else {
        Err(refused())
    }
}

/// A personal access token reaches only the areas of its scopes, and never the operations that manage credentials.
fn check_scope(edge: &Edge, principal: Option<Principal>, parts: &Parts) -> Result<Option<Principal>, ApiError> {
    let Some(principal) = principal else { return Ok(None) };
    if principal.session().is_some() {
        return Ok(Some(principal));
    }
    let needed = edge.area().map(|area| Scope {
        area,
        write: !edge.only_asks(&parts.method, parts.uri.path()),
    });
    match needed {
        Some(scope) if principal.holds(scope) => Ok(Some(principal)),
        Some(scope) => Err(ApiError::new(Code::InsufficientScope).fact("required_scope", scope.name())),
        None => Err(ApiError::new(Code::InsufficientScope).message("a personal access token cannot do this")),
    }
}

/// The id under which a credential is marked as revoked.
pub(crate) fn credential_id(credential: &Credential) -> String {
    match credential {
        Credential::Session(id) => id.to_string(),
        Credential::Token(id, _) => id.to_string(),
    }
}

/// The `RateLimit` headers of the IETF draft, and a note when the limit was judged without Redis.
fn with_limit(mut response: Response, class: &RateClass, verdict: &Verdict) -> Response {
    let headers = response.headers_mut();
    let mut set = |name: &'static str, value: String| {
        if let Ok(value) = HeaderValue::from_str(&value) {
            headers.insert(name, value);
        }
    };
    let reset = verdict.reset.max(Duration::from_secs(1)).as_secs();
    set(
        "ratelimit-policy",
        format!(
            "\"{}\";q={};w={}",
            class.name,
            class.limit.requests,
            class.limit.window.as_secs()
        ),
    );
    set(
        "ratelimit",
        format!("\"{}\";r={};t={reset}", class.name, verdict.remaining),
    );
    if verdict.degraded {
        headers.append("server-timing", HeaderValue::from_static("cache;desc=\"degraded\""));
    }
    response
}
