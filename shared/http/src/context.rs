use std::{convert::Infallible, sync::Arc};

use axum::extract::FromRequestParts;
use http::request::Parts;
use jiff::Timestamp;
use tripsage_domain::{
    audit::{Action, Record, Source},
    ids::{AuditId, UserId, random_uuid},
};
use tripsage_runtime::Ports;
use tripsage_store::{idempotency::Claim, keys::Digest};
use uuid::Uuid;

/// What a handler knows of the request that it answers, besides what the client wrote.
#[derive(Clone)]
pub struct Context {
    /// When the request arrived: the one `now` of everything that it does.
    pub now: Timestamp,
    /// Where it came from.
    pub source: Source,
    /// The claim of an idempotent request; every transaction of the handler is fenced with it.
    pub claim: Option<Arc<Claim>>,
    /// Clock and randomness.
    pub ports: Ports,
}

impl Context {
    /// An audit record of something that happened to `target` in this request.
    pub fn record(&self, user: UserId, action: Action, target: impl Into<String>) -> Record {
        Record {
            id: AuditId::random(&*self.ports.entropy),
            user,
            at: self.now,
            action,
            target: target.into(),
            source: self.source.clone(),
        }
    }

    /// The id of something that this request makes. Every attempt at an idempotent request draws the same id for the
    /// same `purpose`, so that an attempt whose answer got lost is recognised.
    pub fn new_id(&self, purpose: &str) -> Uuid {
        match &self.claim {
            None => random_uuid(&*self.ports.entropy),
            Some(claim) => Digest::of(&[claim.seed.as_bytes(), purpose.as_bytes()]).to_uuid(),
        }
    }

    /// The claim, as transactions take it.
    pub fn claim(&self) -> Option<&Claim> {
        self.claim.as_deref()
    }

    /// Whether an earlier attempt at this idempotent request already had its effect, and only its answer was lost.
    pub fn resumed(&self) -> bool {
        self.claim.as_ref().is_some_and(|claim| claim.resumed)
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Context {
    type Rejection = Infallible;

    #[expect(
        clippy::expect_used,
        reason = "the edge wraps every route and inserts it; without it nothing can be answered"
    )]
    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        Ok(parts
            .extensions
            .get::<Self>()
            .cloned()
            .expect("the router is wrapped by Edge::serve"))
    }
}
