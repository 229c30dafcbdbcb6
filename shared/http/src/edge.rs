use std::{
    convert::Infallible,
    sync::{Arc, Mutex, OnceLock, PoisonError},
    time::Duration,
};

use axum::{Router, extract::Request, middleware, response::IntoResponse};
use http::{HeaderName, HeaderValue, Method, Uri, header, uri::PathAndQuery};
use jiff::{SignedDuration, Timestamp};
use quick_cache::sync::Cache;
use serde::{Serialize, de::DeserializeOwned};
use tower::{ServiceBuilder, ServiceExt, util::MapRequestLayer};
use tower_http::{
    compression::{
        CompressionLayer, Predicate,
        predicate::{DefaultPredicate, SizeAbove},
    },
    cors::{AllowOrigin, CorsLayer},
};
use tripsage_cache::{Admission, Cached, CompositeKey, Composites, Limit, Made, Redis, Tag};
use tripsage_domain::{
    ids::{TokenId, UserId},
    principal::{Area, Credential, Principal},
};
use tripsage_runtime::{Config, Runtime};
use tripsage_store::{Db, StoreError};

use crate::{
    Admitted, ApiError, By, Code, Cursors, Keyring, RateClass,
    admit::{admit, credential_id},
    finish::finish,
    idempotent::idempotent,
};

/// What differs between the functions at the edge.
#[derive(Clone, Copy)]
pub struct EdgeOptions {
    /// The area that a personal access token needs a scope for; `None`: no personal access token is accepted.
    pub area: Option<Area>,
    /// Rate classes of its own; `None` for the general ones: `read` and `write`.
    pub rate_class: fn(&Config, &Method, &str) -> Option<RateClass>,
    /// Requests with a body that nevertheless change nothing, such as searches: a personal access token needs no more than the
    /// scope to read.
    pub only_asks: fn(&Method, &str) -> bool,
    /// Paths that are answered to anybody without asking anybody: no limit is counted and nobody is identified.
    pub open: fn(&str) -> bool,
    /// Whether answers are remembered for repeated requests with an `Idempotency-Key`.
    pub remember_answers: bool,
    /// Tags whose versions every request looks up along with its limit, beside that of the signed-in user.
    pub tags: &'static [Tag],
    /// Longest time that a request may take.
    pub timeout: Duration,
}

/// What a request asks for, before its handler sees it.
#[derive(Debug, Clone, Copy)]
pub struct Asked<'a> {
    /// Who asks, if the credential is good as far as it can be seen without asking anybody.
    pub principal: Option<&'a Principal>,
    /// Method.
    pub method: &'a Method,
    /// Path and query, versioned.
    pub target: &'a str,
    /// Body, when it is small.
    pub body: &'a [u8],
}

/// Guesses the composite that a request will need, so that it is looked up along with its limit.
pub type Foresee = dyn Fn(Asked<'_>) -> Option<CompositeKey> + Send + Sync;

impl Default for EdgeOptions {
    fn default() -> Self {
        Self {
            area: None,
            rate_class: |_, _, _| None,
            only_asks: |_, _| false,
            open: |_| false,
            remember_answers: false,
            tags: &[],
            timeout: Duration::from_secs(10),
        }
    }
}

/// What the edge of one function works with. Cheap to clone.
#[derive(Clone)]
pub struct Edge(Arc<Inner>);

struct Inner {
    runtime: Runtime,
    db: Db,
    redis: Redis,
    admission: Admission,
    keyring: Keyring,
    /// Credentials that the table has confirmed, and when.
    confirmed: Cache<String, Timestamp>,
    personal: Cache<TokenId, (Principal, String, Timestamp)>,
    composites: Composites,
    foresee: OnceLock<Box<Foresee>>,
    /// The version of [`Tag::Search`] that this process works with.
    providers_version: Mutex<Option<String>>,
    options: EdgeOptions,
}

/// How long this process believes that a credential is good without looking at the table again. A revocation reaches
/// it through Redis at once, and without Redis within this time.
const CONFIRMED_FOR: SignedDuration = SignedDuration::from_secs(4);

/// Credentials that a process remembers.
const REMEMBERED: usize = 4096;

impl Edge {
    /// The edge of a function.
    pub fn new(runtime: &Runtime, options: EdgeOptions) -> Self {
        Self(Arc::new(Inner {
            db: Db::new(runtime),
            redis: Redis::new(runtime),
            admission: Admission::default(),
            keyring: Keyring::default(),
            confirmed: Cache::new(REMEMBERED),
            personal: Cache::new(REMEMBERED),
            composites: Composites::default(),
            foresee: OnceLock::new(),
            providers_version: Mutex::default(),
            runtime: runtime.clone(),
            options,
        }))
    }

    /// The function's surroundings.
    pub fn runtime(&self) -> &Runtime {
        &self.0.runtime
    }

    /// The database.
    pub fn db(&self) -> &Db {
        &self.0.db
    }

    /// Redis.
    pub fn redis(&self) -> &Redis {
        &self.0.redis
    }

    /// Lets the script of the admission look for the composite that a request will most likely need. Only the first one
    /// that is set counts.
    #[must_use]
    pub fn foreseeing(self, foresee: Box<Foresee>) -> Self {
        if self.0.foresee.set(foresee).is_err() {
            tracing::error!("what a request needs is foreseen already");
        }
        self
    }

    pub(crate) fn foresees(&self) -> bool {
        self.0.foresee.get().is_some()
    }

    /// The composite that the request will most likely need, unless this process has it.
    pub(crate) fn foresee(&self, asked: Asked<'_>, now: Timestamp) -> Option<CompositeKey> {
        let key = self.0.foresee.get()?(asked)?;
        (!self.0.composites.has(&key, now)).then_some(key)
    }

    pub(crate) fn tags(&self, principal: Option<&Principal>) -> Vec<Tag> {
        if self.0.options.tags.is_empty() {
            return Vec::new();
        }
        let own = principal.map(|principal| Tag::User(principal.user.to_string()));
        self.0.options.tags.iter().cloned().chain(own).collect()
    }

    /// See [`Composites::get_or_make`].
    ///
    /// # Errors
    /// What `make` fails with, when there is nothing to give instead.
    pub async fn get_or_make<T, E, F>(
        &self,
        admitted: &Admitted,
        key: &CompositeKey,
        make: impl FnOnce() -> F,
    ) -> Result<Cached<T>, E>
    where
        T: Serialize + DeserializeOwned + Send + Sync + 'static,
        F: Future<Output = Result<Made<T>, E>>,
    {
        let composites = &self.0.composites;
        let cached = composites.get_or_make(self.redis(), &admitted.seen, key, make).await;
        if let Ok(cached) = &cached {
            admitted.note(cached.source);
        }
        cached
    }

    /// Makes every composite that depends on `tag` void, after what it depends on was changed. `false` when Redis did not
    /// answer: they are then void only when they are no longer fresh.
    pub async fn bump(&self, tag: &Tag) -> bool {
        let bumped = self.0.composites.bump(self.redis(), tag).await;
        if let Err(error) = &bumped {
            tracing::warn!(%error, "composites are void only when they are no longer fresh");
        }
        bumped.is_ok()
    }

    /// Whether an operator has asked to begin anew with all providers since this process last looked. True once.
    pub fn is_refreshed(&self, admitted: &Admitted) -> bool {
        let Some(version) = admitted.version(&Tag::Search) else {
            return false;
        };
        let mut known = self.0.providers_version.lock().unwrap_or_else(PoisonError::into_inner);
        let refreshed = known.as_deref().is_some_and(|known| known != version);
        *known = Some(version.to_owned());
        refreshed
    }

    pub(crate) fn admission(&self) -> &Admission {
        &self.0.admission
    }

    pub(crate) fn keyring(&self) -> &Keyring {
        &self.0.keyring
    }

    pub(crate) fn area(&self) -> Option<Area> {
        self.0.options.area
    }

    pub(crate) fn only_asks(&self, method: &Method, path: &str) -> bool {
        method.is_safe() || (self.0.options.only_asks)(method, path)
    }

    pub(crate) fn is_open(&self, path: &str) -> bool {
        (self.0.options.open)(path)
    }

    pub(crate) fn timeout(&self) -> Duration {
        self.0.options.timeout
    }

    pub(crate) fn remembers_answers(&self) -> bool {
        self.0.options.remember_answers
    }

    pub(crate) fn rate_class(&self, method: &Method, path: &str) -> RateClass {
        let config = self.runtime().config();
        let general = |name, requests| RateClass {
            name,
            limit: Limit {
                requests,
                window: Duration::from_secs(60),
            },
            by: By::Caller,
            strict: false,
        };
        (self.0.options.rate_class)(config, method, path).unwrap_or_else(|| {
            if method.is_safe() {
                general("read", config.reads_per_minute)
            } else {
                general("write", config.writes_per_minute)
            }
        })
    }

    /// Seals and opens the cursors of a request.
    ///
    /// # Errors
    /// 503 when the key cannot be read.
    pub async fn cursors(&self, now: Timestamp) -> Result<Cursors, ApiError> {
        let key = self.keyring().cursor_key(self.db(), now).await?;
        Cursors::new(
            &key.ok_or_else(|| ApiError::internal("there is no cursor key yet"))?,
            now,
        )
    }

    /// Asks the table whether the credential is still good, unless it said so a moment ago.
    pub(crate) async fn confirm(
        &self,
        identity: Result<Option<Principal>, ApiError>,
        now: Timestamp,
    ) -> Result<Option<Principal>, ApiError> {
        let Some(principal) = identity? else { return Ok(None) };
        let Credential::Session(session) = principal.credential else {
            return Ok(Some(principal));
        };
        let id = credential_id(&principal.credential);
        if self
            .0
            .confirmed
            .get(&id)
            .is_some_and(|at| now.duration_since(at) < CONFIRMED_FOR)
        {
            return Ok(Some(principal));
        }
        match self.db().find_session(principal.user, session).await? {
            Some(row) if row.is_live(now) => {
                self.0.confirmed.insert(id, now);
                Ok(Some(principal))
            }
            _ => Err(ApiError::new(Code::InvalidCredential)),
        }
    }

    /// The principal of a personal access token, from the table unless it was read a moment ago.
    pub(crate) async fn personal(
        &self,
        user: UserId,
        token: TokenId,
        digest: &str,
        now: Timestamp,
    ) -> Result<Option<Principal>, StoreError> {
        if let Some((principal, known, at)) = self.0.personal.get(&token)
            && known == digest
            && principal.user == user
            && now.duration_since(at) < CONFIRMED_FOR
        {
            return Ok(Some(principal));
        }
        let Some(row) = self.db().find_access_token(user, token).await? else {
            return Ok(None);
        };
        let equal = aws_lc_rs::constant_time::verify_slices_are_equal(row.digest.as_bytes(), digest.as_bytes()).is_ok();
        let (Ok(role), true, true) = (row.role.parse(), equal, now < row.ends_at) else {
            return Ok(None);
        };
        let scopes = row.scopes.iter().filter_map(|scope| scope.parse().ok()).collect();
        let principal = Principal {
            user,
            role,
            verified: true,
            credential: Credential::Token(token, scopes),
        };
        self.0.personal.insert(token, (principal.clone(), row.digest, now));
        Ok(Some(principal))
    }

    /// Tells every process at once that a credential is revoked; the table says so already.
    pub async fn announce_revocation(&self, credential: &Credential) {
        let id = credential_id(credential);
        self.0.confirmed.remove(&id);
        if let Credential::Token(token, _) = credential {
            self.0.personal.remove(token);
        }
        // An access token lives for 15 minutes; after that nobody asks any more.
        if let Err(error) = self
            .admission()
            .mark_revoked(self.redis(), &id, Duration::from_secs(1200))
            .await
        {
            tracing::warn!(%error, "a revocation will be noticed a few seconds late");
        }
    }

    /// Puts the layers of the edge around a function's routes.
    pub fn serve(&self, routes: Router) -> Router {
        let config = self.runtime().config();
        let origins = config
            .allowed_origins
            .iter()
            .filter_map(|origin| HeaderValue::from_str(origin).ok());
        let cors = CorsLayer::new()
            .allow_origin(AllowOrigin::list(origins))
            .allow_credentials(true)
            .allow_methods([Method::GET, Method::POST, Method::PUT, Method::PATCH, Method::DELETE])
            .allow_headers([
                header::AUTHORIZATION,
                header::CONTENT_TYPE,
                header::IF_MATCH,
                header::IF_NONE_MATCH,
                HeaderName::from_static("idempotency-key"),
                HeaderName::from_static("x-csrf-token"),
                HeaderName::from_static("x-link-passphrase"),
            ])
            .expose_headers([
                header::ETAG,
                header::LOCATION,
                header::RETRY_AFTER,
                HeaderName::from_static("ratelimit"),
                HeaderName::from_static("x-request-id"),
            ])
            .max_age(Duration::from_secs(600));
        let worth_compressing = DefaultPredicate::new().and(SizeAbove::new(1024));
        let layered = routes
            .fallback(|| async { ApiError::not_found("path").into_response() })
            .method_not_allowed_fallback(|| async { ApiError::new(Code::MethodNotAllowed).into_response() })
            .layer(
                ServiceBuilder::new()
                    .layer(middleware::from_fn_with_state(self.clone(), finish))
                    .layer(CompressionLayer::new().compress_when(worth_compressing))
                    .layer(cors)
                    .layer(middleware::from_fn_with_state(self.clone(), admit))
                    .layer(middleware::from_fn_with_state(self.clone(), idempotent)),
            );
        // Layers run after routing; the alias has to be known before it.
        let aliased = MapRequestLayer::new(versioned);
        Router::new().fallback_service(
            ServiceBuilder::new()
                .layer(aliased)
                .service(layered)
                .map_err(|e: Infallible| match e {}),
        )
    }
}

/// `/api/...` is the same as `/api/v1/...`.
fn versioned(mut request: Request) -> Request {
    let target = request.uri().path_and_query().map_or("/", PathAndQuery::as_str);
    let Some(rest) = target.strip_prefix("/api/") else {
        return request;
    };
    if rest == "v1" || rest.starts_with("v1/") || rest.starts_with("v1?") {
        return request;
    }
    let mut parts = request.uri().clone().into_parts();
    if let Ok(target) = format!("/api/v1/{rest}").parse() {
        parts.path_and_query = Some(target);
        if let Ok(uri) = Uri::from_parts(parts) {
            *request.uri_mut() = uri;
        }
    }
    request
}
