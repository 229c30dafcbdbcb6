use std::collections::{BTreeMap, HashSet};

use axum::extract::{FromRequest, FromRequestParts, RawPathParams};
use http::request::Parts;
use serde::de::DeserializeOwned;

use crate::{
    ApiError, Code, FieldError,
    json::{expect_media_type, read_body},
};

/// Query parameters, read strictly: no unknown and no repeated names.
#[derive(Debug, Clone, Copy)]
pub struct Query<T>(pub T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequestParts<S> for Query<T> {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, ApiError> {
        pairs(parts.uri.query().unwrap_or_default().as_bytes()).map(Self)
    }
}

/// Parameters of which some may be given more than once.
pub trait Lists {
    /// Their names. Repeated values arrive as one text with commas between them.
    const NAMES: &'static [&'static str];
}

/// As [`Query`], for parameters of which some may be given more than once.
#[derive(Debug, Clone, Copy)]
pub struct QueryWithLists<T>(pub T);

impl<T: DeserializeOwned + Lists, S: Send + Sync> FromRequestParts<S> for QueryWithLists<T> {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, ApiError> {
        let text = parts.uri.query().unwrap_or_default();
        let (mut joined, mut lists) = (form_urlencoded::Serializer::new(String::new()), BTreeMap::new());
        for (name, value) in form_urlencoded::parse(text.as_bytes()) {
            match T::NAMES.iter().find(|list| **list == name) {
                Some(list) => lists.entry(list).or_insert_with(Vec::new).push(value),
                None => {
                    joined.append_pair(&name, &value);
                }
            }
        }
        for (name, values) in lists {
            joined.append_pair(name, &values.join(","));
        }
        pairs(joined.finish().as_bytes()).map(Self)
    }
}

/// A form (`application/x-www-form-urlencoded`), read strictly.
#[derive(Debug, Clone, Copy)]
pub struct Form<T>(pub T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequest<S> for Form<T> {
    type Rejection = ApiError;

    async fn from_request(request: axum::extract::Request, _: &S) -> Result<Self, ApiError> {
        let (parts, body) = request.into_parts();
        expect_media_type(&parts.headers, &["application/x-www-form-urlencoded"])?;
        pairs(&read_body(body).await?).map(Self)
    }
}

/// Parameters at most; more than any operation has.
const MAX_PAIRS: usize = 64;

fn pairs<T: DeserializeOwned>(text: &[u8]) -> Result<T, ApiError> {
    let invalid = |field: &str, rule: &'static str, message: String| ApiError::field(field, rule, message);
    let list: Vec<(String, String)> =
        serde_urlencoded::from_bytes(text).map_err(|error| invalid("query", "encoding", error.to_string()))?;
    if list.len() > MAX_PAIRS {
        return Err(invalid(
            "query",
            "max_items",
            format!("must have at most {MAX_PAIRS} parameters"),
        ));
    }
    let mut seen = HashSet::new();
    for (name, value) in &list {
        if !seen.insert(name.as_str()) {
            return Err(invalid(name, "duplicate", "must be given only once".to_owned()));
        }
        if value.contains('\0') {
            return Err(invalid(name, "characters", "must not contain NUL".to_owned()));
        }
    }
    let deserializer = serde_urlencoded::Deserializer::new(form_urlencoded::parse(text));
    serde_path_to_error::deserialize(deserializer).map_err(|error| {
        let path = error.path().to_string();
        let text = error.inner().to_string();
        let quoted = |prefix: &str| {
            text.strip_prefix(prefix)
                .and_then(|rest| rest.split('`').next())
                .map(str::to_owned)
        };
        let (field, rule, message) = if let Some(name) = quoted("missing field `") {
            (name, "required", "is required".to_owned())
        } else if let Some(name) = quoted("unknown field `") {
            (name, "unknown", "is not a known parameter".to_owned())
        } else {
            (
                if path == "." { "query".to_owned() } else { path },
                "type",
                format!("is not valid: {text}"),
            )
        };
        let mut error = ApiError::new(Code::Validation);
        error.add_field_error(FieldError {
            field,
            rule: rule.into(),
            message,
        });
        error
    })
}

/// Parameters of the path. Ids that cannot be one are not found.
#[derive(Debug, Clone, Copy)]
pub struct Path<T>(pub T);

impl<T: DeserializeOwned + Send, S: Send + Sync> FromRequestParts<S> for Path<T> {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ApiError> {
        // Checked here, because a text that is not UTF-8 after decoding would otherwise be another rejection.
        if RawPathParams::from_request_parts(parts, state).await.is_err() {
            return Err(ApiError::not_found("resource"));
        }
        match axum::extract::Path::<T>::from_request_parts(parts, state).await {
            Ok(axum::extract::Path(value)) => Ok(Self(value)),
            Err(_) => Err(ApiError::not_found("resource")),
        }
    }
}

/// The body as it came, up to 256 KB: for what is signed.
#[derive(Debug, Clone)]
pub struct RawBody(pub bytes::Bytes);

impl<S: Send + Sync> FromRequest<S> for RawBody {
    type Rejection = ApiError;

    async fn from_request(request: axum::extract::Request, _: &S) -> Result<Self, ApiError> {
        read_body(request.into_body()).await.map(Self)
    }
}
