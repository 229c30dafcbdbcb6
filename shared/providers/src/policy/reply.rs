//! What came back over HTTP, read with care.

use bytes::{Bytes, BytesMut};
use http::{HeaderMap, StatusCode};
use jiff::Timestamp;
use serde::Deserialize;
use tripsage_domain::ports::Clock;

use super::retry::retry_after;
use crate::Fault;

/// More than any answer that we ask for has.
pub(crate) const MAX_BODY: usize = 5 * 1024 * 1024;

/// A whole answer.
#[derive(Debug)]
pub(crate) struct Reply {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
    /// When it was complete.
    pub(crate) received_at: Timestamp,
}

impl Reply {
    /// Reads the body piece by piece, so that what is too much is never held.
    pub(crate) async fn read(mut response: reqwest::Response, clock: &dyn Clock) -> Result<Self, ReadError> {
        let too_large = response.content_length().is_some_and(|length| length > MAX_BODY as u64);
        let (status, headers) = (response.status(), response.headers().clone());
        if too_large {
            return Err(ReadError::TooLarge(status));
        }
        let mut body = BytesMut::new();
        while let Some(chunk) = response.chunk().await.map_err(|_| ReadError::Broken(status))? {
            if body.len() + chunk.len() > MAX_BODY {
                return Err(ReadError::TooLarge(status));
            }
            body.extend_from_slice(&chunk);
        }
        Ok(Self {
            status,
            headers,
            body: body.freeze(),
            received_at: clock.now(),
        })
    }

    /// The fault that the status alone tells, whoever answers: too many calls, an error of its own, a redirect, which
    /// no API of ours has.
    pub(crate) fn outage(&self) -> Option<Fault> {
        match self.status.as_u16() {
            429 => Some(Fault::RateLimited {
                retry_after: retry_after(&self.headers, self.received_at),
            }),
            500.. => Some(Fault::Unavailable("it has an error of its own")),
            300..=399 => Some(Fault::Malformed("a redirect")),
            _ => None,
        }
    }

    /// The body as what it should be.
    ///
    /// # Errors
    /// [`Fault::Malformed`].
    pub(crate) fn json<'a, T: Deserialize<'a>>(&'a self) -> Result<T, Fault> {
        serde_json::from_slice(&self.body).map_err(|error| {
            // The place in the text, never the text.
            tracing::warn!(line = error.line(), column = error.column(), category = ?error.classify(), "body cannot be read");
            Fault::Malformed("not the documented JSON")
        })
    }
}

/// The body did not arrive.
#[derive(Debug)]
pub(crate) enum ReadError {
    TooLarge(StatusCode),
    Broken(StatusCode),
}
