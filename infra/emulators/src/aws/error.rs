//! Reading requests and refusing them, as the AWS JSON protocols do.

use std::collections::BTreeMap;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

/// A refusal: the exception's name and a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AwsError {
    pub(super) code: &'static str,
    message: String,
}

const INTERNAL: &str = "InternalServiceError";

impl AwsError {
    pub(super) fn new(code: &'static str, message: impl Into<String>) -> Self {
        Self {
            code,
            message: message.into(),
        }
    }

    pub(super) fn validation(message: impl Into<String>) -> Self {
        Self::new("ValidationException", message)
    }

    pub(super) fn internal(message: impl Into<String>) -> Self {
        Self::new(INTERNAL, message)
    }

    pub(super) fn unknown_operation(name: &str) -> Self {
        Self::new(
            "UnknownOperationException",
            format!("{name} is not implemented by the local cloud"),
        )
    }

    pub(super) fn is_ours(&self) -> bool {
        self.code == INTERNAL
    }

    pub(super) fn body(&self) -> Value {
        json!({ "__type": self.code, "message": self.message })
    }
}

impl std::fmt::Display for AwsError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}: {}", self.code, self.message)
    }
}

/// The members of a request.
pub(super) struct Request(Value);

impl Request {
    pub(super) fn parse(body: &[u8]) -> Result<Self, AwsError> {
        let body: &[u8] = if body.is_empty() { b"{}" } else { body };
        match serde_json::from_slice(body) {
            Ok(value @ Value::Object(_)) => Ok(Self(value)),
            _ => Err(AwsError::new("SerializationException", "the body is not a JSON object")),
        }
    }

    pub(super) fn member(&self, name: &str) -> Option<&Value> {
        self.0.get(name).filter(|value| !value.is_null())
    }

    pub(super) fn text(&self, name: &str) -> Result<Option<&str>, AwsError> {
        match self.member(name) {
            None => Ok(None),
            Some(Value::String(text)) => Ok(Some(text)),
            Some(_) => Err(AwsError::validation(format!("{name} must be a string"))),
        }
    }

    pub(super) fn required_text(&self, name: &str) -> Result<&str, AwsError> {
        self.text(name)?
            .ok_or_else(|| AwsError::validation(format!("{name} is required")))
    }

    pub(super) fn integer(&self, name: &str) -> Result<Option<i64>, AwsError> {
        match self.member(name) {
            None => Ok(None),
            Some(value) => value
                .as_i64()
                .map(Some)
                .ok_or_else(|| AwsError::validation(format!("{name} must be a whole number"))),
        }
    }

    pub(super) fn texts(&self, name: &str) -> Result<Option<Vec<&str>>, AwsError> {
        let wrong = || AwsError::validation(format!("{name} must be a list of strings"));
        match self.member(name) {
            None => Ok(None),
            Some(value) => {
                let items = value.as_array().ok_or_else(wrong)?;
                items
                    .iter()
                    .map(|item| item.as_str().ok_or_else(wrong))
                    .collect::<Result<Vec<_>, _>>()
                    .map(Some)
            }
        }
    }

    pub(super) fn text_map(&self, name: &str) -> Result<BTreeMap<&str, &str>, AwsError> {
        let wrong = || AwsError::validation(format!("{name} must map strings to strings"));
        match self.member(name) {
            None => Ok(BTreeMap::new()),
            Some(value) => {
                let entries = value.as_object().ok_or_else(wrong)?;
                entries
                    .iter()
                    .map(|(key, value)| Ok((key.as_str(), value.as_str().ok_or_else(wrong)?)))
                    .collect()
            }
        }
    }

    pub(super) fn blob(&self, name: &str) -> Result<Vec<u8>, AwsError> {
        STANDARD
            .decode(self.required_text(name)?)
            .map_err(|_| AwsError::new("SerializationException", format!("{name} is not base64")))
    }
}

/// A blob as the JSON protocols write it.
pub(super) fn blob(bytes: &[u8]) -> Value {
    STANDARD.encode(bytes).into()
}

/// An instant as the JSON protocols write it: seconds, with a fraction.
#[expect(
    clippy::cast_precision_loss,
    reason = "milliseconds of any real date fit the 53 bits exactly"
)]
pub(super) fn instant(millis: i64) -> Value {
    (millis as f64 / 1000.0).into()
}
