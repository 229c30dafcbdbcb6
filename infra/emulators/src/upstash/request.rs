//! The three ways to write a command over HTTP, brought to one form: a list of byte strings, the name first.

use serde_json::Value;

/// A command and its arguments.
pub(super) type Command = Vec<Vec<u8>>;

/// The query string, with the token taken out: what remains are arguments.
#[derive(Default)]
pub(super) struct Query {
    pub(super) token: Option<Vec<u8>>,
    arguments: Vec<Vec<u8>>,
}

impl Query {
    pub(super) fn parse(query: Option<&str>) -> Self {
        let mut parsed = Self::default();
        for pair in query.unwrap_or_default().split('&').filter(|pair| !pair.is_empty()) {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            let (name, value) = (decode(name, true), decode(value, true));
            if name == b"_token" {
                parsed.token = Some(value);
                continue;
            }
            parsed.arguments.push(name);
            // `?NX` is a flag; an argument that is the empty string cannot be told from it.
            if !value.is_empty() {
                parsed.arguments.push(value);
            }
        }
        parsed
    }
}

/// `/set/key/value`, or `/set/key` with the value as the raw body, followed by the query's arguments.
pub(super) fn from_path(path: &str, body: &[u8], query: Query) -> Command {
    let mut command: Command = path
        .trim_start_matches('/')
        .split('/')
        .map(|segment| decode(segment, false))
        .collect();
    if !body.is_empty() {
        command.push(body.to_vec());
    }
    command.extend(query.arguments);
    command
}

/// `["SET", "key", "value", "EX", 100]`
pub(super) fn from_json(body: &[u8]) -> Result<Command, &'static str> {
    let value: Value = serde_json::from_slice(body).map_err(|_| "ERR failed to parse command")?;
    command(value).ok_or("ERR failed to parse command")
}

/// `[["SET", "key", "value"], ["GET", "key"]]`
pub(super) fn list_from_json(body: &[u8]) -> Result<Vec<Command>, &'static str> {
    const MALFORMED: &str = "ERR failed to parse pipeline request";
    let rows: Vec<Value> = serde_json::from_slice(body).map_err(|_| MALFORMED)?;
    if rows.is_empty() {
        return Err("ERR empty pipeline request");
    }
    rows.into_iter().map(|row| command(row).ok_or(MALFORMED)).collect()
}

fn command(value: Value) -> Option<Command> {
    let Value::Array(items) = value else {
        return None;
    };
    if !matches!(items.first(), Some(Value::String(name)) if !name.is_empty()) {
        return None;
    }
    items
        .into_iter()
        .map(|item| match item {
            Value::String(text) => Some(text.into_bytes()),
            Value::Number(number) => Some(number.to_string().into_bytes()),
            Value::Bool(flag) => Some(flag.to_string().into_bytes()),
            Value::Null | Value::Array(_) | Value::Object(_) => None,
        })
        .collect()
}

/// Percent-decoding to bytes; a stray `%` stands for itself. In a query `+` is a space.
fn decode(text: &str, plus_is_space: bool) -> Vec<u8> {
    let bytes = text.as_bytes();
    let mut decoded = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while let Some(&byte) = bytes.get(at) {
        let escape = (byte == b'%').then(|| bytes.get(at + 1..at + 3)).flatten();
        match escape.and_then(hex_pair) {
            Some(value) => {
                decoded.push(value);
                at += 3;
            }
            None => {
                decoded.push(if byte == b'+' && plus_is_space { b' ' } else { byte });
                at += 1;
            }
        }
    }
    decoded
}

fn hex_pair(pair: &[u8]) -> Option<u8> {
    let digit = |byte: u8| char::from(byte).to_digit(16);
    let value = digit(*pair.first()?)? * 16 + digit(*pair.get(1)?)?;
    u8::try_from(value).ok()
}
