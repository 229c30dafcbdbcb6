//! Requests that a browser sends because another site made it to.

use http::{HeaderMap, Method, header, request::Parts};

use crate::{ApiError, Code, token::csrf_digest};

/// The header in which a browser's script repeats its CSRF token.
const CSRF_HEADER: &str = "x-csrf-token";

/// Refuses unsafe requests that come from a page that may not send them. Requests with an `Authorization` header are
/// exempt: no page can add one by itself.
pub(crate) fn check_origin(parts: &Parts, own: &str, allowed: &[String]) -> Result<(), ApiError> {
    if parts.method.is_safe() || parts.headers.contains_key(header::AUTHORIZATION) {
        return Ok(());
    }
    let refuse = |why: &'static str| Err(ApiError::new(Code::Csrf).message(why));
    match text(&parts.headers, "origin") {
        Some(origin) if origin == own || allowed.iter().any(|known| known == origin) => Ok(()),
        Some(_) => refuse("this origin may not send this request"),
        None if text(&parts.headers, "sec-fetch-site") == Some("cross-site") => refuse("cross-site request refused"),
        None => Ok(()),
    }
}

/// Demands the CSRF token of a session that came in a cookie.
pub(crate) fn check_token(method: &Method, headers: &HeaderMap, expected: &str) -> Result<(), ApiError> {
    let presented = text(headers, CSRF_HEADER).map(csrf_digest);
    if method.is_safe() || presented.as_deref() == Some(expected) {
        Ok(())
    } else {
        Err(ApiError::new(Code::Csrf).message("the X-CSRF-Token header does not match the session"))
    }
}

fn text<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name).and_then(|value| value.to_str().ok())
}
