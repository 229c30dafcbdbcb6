//! One request and its answer, as the stand-ins see them: after the wire, before the protocol.

use std::time::Duration;

use bytes::Bytes;
use futures_util::future::{self, BoxFuture, FutureExt};
use hyper::{HeaderMap, Method};
use serde_json::Value;

/// A provider behind its listener.
pub(crate) trait StandIn: Send + Sync + 'static {
    /// Answers as the provider would.
    fn answer(&self, asked: &Asked) -> Answer;

    /// Does what an answer has to wait for, such as a delivery. Most have to wait for nothing.
    fn finish<'a>(&'a self, _asked: &'a Asked, answer: Answer) -> BoxFuture<'a, Answer> {
        future::ready(answer).boxed()
    }

    /// The credential that a request carries, empty without one.
    fn credential(&self, asked: &Asked) -> String;
}

/// A request.
#[derive(Debug, Clone)]
pub(crate) struct Asked {
    pub(crate) method: Method,
    /// Without the query.
    pub(crate) path: String,
    /// Names and values, decoded, in the order in which they came.
    pub(crate) query: Vec<(String, String)>,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
    /// Set by a fault: what is asked is done late or never, and the answer says only that it was accepted.
    pub(crate) accept: Option<Accept>,
}

/// When something that was accepted is done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Accept {
    After(Duration),
    Never,
}

impl Asked {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).and_then(|value| value.to_str().ok())
    }

    pub(crate) fn query(&self, name: &str) -> Option<&str> {
        let found = self.query.iter().find(|(key, _)| key == name);
        found.map(|(_, value)| value.as_str())
    }

    /// The path in its parts: `["air", "orders", "ord_1"]`.
    pub(crate) fn segments(&self) -> Vec<&str> {
        self.path.split('/').filter(|part| !part.is_empty()).collect()
    }
}

/// An answer.
#[derive(Debug, Clone)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(&'static str, String)>,
    pub(crate) body: Bytes,
}

impl Answer {
    pub(crate) fn json(status: u16, body: &Value) -> Self {
        Self {
            status,
            headers: vec![("content-type", "application/json; charset=utf-8".to_owned())],
            body: Bytes::from(body.to_string()),
        }
    }

    pub(crate) fn empty(status: u16) -> Self {
        Self {
            status,
            headers: Vec::new(),
            body: Bytes::new(),
        }
    }

    pub(crate) fn with(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }
}
