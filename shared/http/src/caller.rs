use std::{convert::Infallible, ops::Deref};

use axum::extract::FromRequestParts;
use http::request::Parts;
use tripsage_domain::principal::Principal;

use crate::{ApiError, Code};

/// What the edge found out about who is asking.
#[derive(Debug, Clone)]
pub(crate) struct Identity(pub(crate) Result<Option<Principal>, ApiError>);

/// The signed-in caller. An operation that takes it answers 401 to everybody else.
#[derive(Debug, Clone)]
pub struct Caller(pub Principal);

impl Deref for Caller {
    type Target = Principal;

    fn deref(&self) -> &Principal {
        &self.0
    }
}

/// The caller of an operation that is open to all. A credential that is not valid counts as none.
#[derive(Debug, Clone)]
pub struct MaybeCaller(pub Option<Principal>);

impl<S: Send + Sync> FromRequestParts<S> for Caller {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, ApiError> {
        match parts.extensions.get::<Identity>() {
            Some(Identity(Ok(Some(principal)))) => Ok(Self(principal.clone())),
            Some(Identity(Err(error))) => Err(error.clone()),
            Some(Identity(Ok(None))) | None => Err(ApiError::new(Code::MissingAuthorization)),
        }
    }
}

impl<S: Send + Sync> FromRequestParts<S> for MaybeCaller {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        match parts.extensions.get::<Identity>() {
            Some(Identity(Ok(principal))) => Ok(Self(principal.clone())),
            _ => Ok(Self(None)),
        }
    }
}
