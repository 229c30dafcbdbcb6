use std::convert::Infallible;

use axum::extract::FromRequestParts;
use http::{HeaderMap, header, request::Parts};

use crate::{ApiError, Code};

/// The version that a client believes to be current, from `If-Match`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct IfMatch(Option<Vec<String>>);

impl IfMatch {
    /// Lets a write go on unless the client named other versions than the current one.
    ///
    /// # Errors
    /// 412 with the current version.
    pub fn check(&self, current: u64) -> Result<(), ApiError> {
        match &self.0 {
            Some(tags) if !names(tags, &format!("\"{current}\"")) => {
                Err(ApiError::new(Code::PreconditionFailed).fact("current_version", current))
            }
            _ => Ok(()),
        }
    }

    /// Whether the client named a version at all: a race is then the client's to resolve.
    pub fn is_set(&self) -> bool {
        self.0.is_some()
    }
}

impl<S: Send + Sync> FromRequestParts<S> for IfMatch {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        Ok(Self(tags(&parts.headers, header::IF_MATCH)))
    }
}

/// Whether a cached copy with one of these tags is still good.
pub(crate) fn is_unchanged(headers: &HeaderMap, etag: &str) -> bool {
    tags(headers, header::IF_NONE_MATCH).is_some_and(|tags| names(&tags, etag))
}

fn tags(headers: &HeaderMap, name: http::HeaderName) -> Option<Vec<String>> {
    let values: Vec<String> = headers
        .get_all(name)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|list| list.split(','))
        .map(|tag| tag.trim().trim_start_matches("W/").to_owned())
        .filter(|tag| !tag.is_empty())
        .collect();
    (!values.is_empty()).then_some(values)
}

fn names(tags: &[String], etag: &str) -> bool {
    // An intermediary that compresses may append the coding to the tag.
    tags.iter()
        .any(|tag| tag == "*" || tag == etag || tag.replace("-gzip\"", "\"") == etag)
}
