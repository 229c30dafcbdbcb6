use axum::{
    body::Body,
    response::{IntoResponse, Response},
};
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use serde::Serialize;
use utoipa::ToSchema;

/// The body of every success.
#[derive(Debug, Serialize, ToSchema)]
pub struct Envelope<T> {
    /// Always `true`.
    pub success: bool,
    /// Always `success`.
    #[schema(example = "success")]
    pub status: &'static str,
    /// What was done, for people.
    pub message: &'static str,
    /// The result.
    pub data: T,
    /// Where in a list the result is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pagination: Option<Pagination>,
}

/// Where in a list a page is.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, ToSchema)]
pub struct Pagination {
    /// Entries on this page at most.
    pub per_page: u32,
    /// Number of the page, when pages were asked for by number.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub page: Option<u32>,
    /// Entries in the whole list, where that is known exactly.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub total: Option<u64>,
    /// Pages in the whole list, where that is known exactly.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub total_pages: Option<u64>,
    /// Whether there is more.
    pub has_more: bool,
    /// Pass it as `cursor` to go on; valid for a day.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next_cursor: Option<String>,
}

/// An answer that holds a secret which is shown once, and therefore is not remembered for a repeated request.
#[derive(Debug, Clone, Copy)]
pub(crate) struct HoldsSecret;

/// A success.
#[derive(Debug)]
pub struct Reply<T> {
    status: StatusCode,
    message: &'static str,
    data: T,
    pagination: Option<Pagination>,
    headers: HeaderMap,
    holds_secret: bool,
}

impl<T: Serialize> Reply<T> {
    fn new(status: StatusCode, message: &'static str, data: T) -> Self {
        Self {
            status,
            message,
            data,
            pagination: None,
            headers: HeaderMap::new(),
            holds_secret: false,
        }
    }

    /// 200 with a result.
    pub fn ok(message: &'static str, data: T) -> Self {
        Self::new(StatusCode::OK, message, data)
    }

    /// 201 with what was made.
    pub fn created(message: &'static str, data: T) -> Self {
        Self::new(StatusCode::CREATED, message, data)
    }

    /// 202: it will be done.
    pub fn accepted(message: &'static str, data: T) -> Self {
        Self::new(StatusCode::ACCEPTED, message, data)
    }

    /// Adds where in a list the result is.
    #[must_use]
    pub fn page(mut self, pagination: Pagination) -> Self {
        self.pagination = Some(pagination);
        self
    }

    /// Adds the version of the entity, for `If-Match` and `If-None-Match`.
    #[must_use]
    pub fn etag(self, version: u64) -> Self {
        self.header(header::ETAG, &format!("\"{version}\""))
    }

    /// Adds where the thing can be read from now on.
    #[must_use]
    pub fn location(self, path: &str) -> Self {
        self.header(header::LOCATION, path)
    }

    /// Adds a header; values that are no header value are left out.
    #[must_use]
    pub fn header(mut self, name: HeaderName, value: &str) -> Self {
        if let Ok(value) = HeaderValue::from_str(value) {
            self.headers.append(name, value);
        }
        self
    }

    /// Says that the result holds a secret which is shown once: a repeated request is not answered with it.
    #[must_use]
    pub fn secret(mut self) -> Self {
        self.holds_secret = true;
        self
    }
}

impl<T: Serialize> IntoResponse for Reply<T> {
    fn into_response(self) -> Response {
        let envelope = Envelope {
            success: true,
            status: "success",
            message: self.message,
            data: self.data,
            pagination: self.pagination,
        };
        let body = match serde_json::to_vec(&envelope) {
            Ok(body) => body,
            Err(error) => return crate::ApiError::internal(error).into_response(),
        };
        let mut response = Response::new(Body::from(body));
        *response.status_mut() = self.status;
        *response.headers_mut() = self.headers;
        response.headers_mut().insert(header::CONTENT_TYPE, JSON);
        if self.holds_secret {
            response.extensions_mut().insert(HoldsSecret);
        }
        response
    }
}

pub(crate) const JSON: HeaderValue = HeaderValue::from_static("application/json; charset=utf-8");
