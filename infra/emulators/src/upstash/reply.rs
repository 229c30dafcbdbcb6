//! A Redis answer and its two encodings: JSON as Upstash maps it, and RESP2.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

/// What a command answers, in RESP2 terms.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Reply {
    Nil,
    Integer(i64),
    Status(String),
    Bulk(Vec<u8>),
    Array(Vec<Reply>),
    Error(String),
}

impl Reply {
    pub(super) fn ok() -> Self {
        Self::Status("OK".to_owned())
    }

    pub(super) fn bulk(bytes: impl Into<Vec<u8>>) -> Self {
        Self::Bulk(bytes.into())
    }

    pub(super) fn count(count: usize) -> Self {
        Self::Integer(i64::try_from(count).unwrap_or(i64::MAX))
    }

    pub(super) fn flag(set: bool) -> Self {
        Self::Integer(i64::from(set))
    }

    pub(super) fn optional(value: Option<Vec<u8>>) -> Self {
        value.map_or(Self::Nil, Self::Bulk)
    }

    pub(super) fn strings(items: impl IntoIterator<Item = Vec<u8>>) -> Self {
        Self::Array(items.into_iter().map(Self::Bulk).collect())
    }

    /// The object of the answer: `{"result": ..}` or `{"error": ".."}`.
    pub(super) fn envelope(&self, base64: bool) -> Value {
        match self {
            Self::Error(message) => json!({ "error": message }),
            result => json!({ "result": result.value(base64) }),
        }
    }

    fn value(&self, base64: bool) -> Value {
        match self {
            Self::Nil => Value::Null,
            Self::Integer(number) => json!(number),
            Self::Status(text) => string(text.as_bytes(), base64),
            Self::Bulk(bytes) => string(bytes, base64),
            Self::Array(items) => items.iter().map(|item| item.value(base64)).collect(),
            Self::Error(message) => json!(message),
        }
    }

    /// Appends the RESP2 form.
    pub(super) fn write_resp2(&self, out: &mut Vec<u8>) {
        match self {
            Self::Nil => out.extend_from_slice(b"$-1\r\n"),
            Self::Integer(number) => out.extend_from_slice(format!(":{number}\r\n").as_bytes()),
            Self::Status(text) => out.extend_from_slice(format!("+{text}\r\n").as_bytes()),
            Self::Error(text) => out.extend_from_slice(format!("-{text}\r\n").as_bytes()),
            Self::Bulk(bytes) => write_bulk(bytes, out),
            Self::Array(items) => {
                out.extend_from_slice(format!("*{}\r\n", items.len()).as_bytes());
                for item in items {
                    item.write_resp2(out);
                }
            }
        }
    }
}

/// Appends one RESP2 bulk string: also the form in which a command's arguments travel.
pub(super) fn write_bulk(bytes: &[u8], out: &mut Vec<u8>) {
    out.extend_from_slice(format!("${}\r\n", bytes.len()).as_bytes());
    out.extend_from_slice(bytes);
    out.extend_from_slice(b"\r\n");
}

/// Upstash leaves the exact string `OK` readable, wherever it stands, even when it is a stored value.
fn string(bytes: &[u8], base64: bool) -> Value {
    if base64 && bytes != b"OK" {
        Value::String(STANDARD.encode(bytes))
    } else {
        Value::String(String::from_utf8_lossy(bytes).into_owned())
    }
}
