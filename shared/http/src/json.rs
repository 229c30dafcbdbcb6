use std::{collections::HashSet, fmt};

use axum::extract::FromRequest;
use bytes::Bytes;
use http::{HeaderMap, header};
use http_body_util::{BodyExt, LengthLimitError, Limited};
use serde::{
    Deserialize,
    de::{self, DeserializeOwned, DeserializeSeed, MapAccess, SeqAccess, Visitor},
};

use crate::{ApiError, Code, FieldError};

/// The largest body that any operation reads, in bytes.
pub(crate) const MAX_BODY: usize = 256 * 1024;

/// Arrays and objects within each other at most.
const MAX_DEPTH: usize = 32;

/// A JSON body, read strictly: an object, of the right media type, at most 256 KB and 32 levels, in valid UTF-8
/// throughout, without duplicate or unknown fields.
#[derive(Debug, Clone, Copy)]
pub struct Json<T>(pub T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequest<S> for Json<T> {
    type Rejection = ApiError;

    async fn from_request(request: axum::extract::Request, _: &S) -> Result<Self, ApiError> {
        let (parts, body) = request.into_parts();
        expect_media_type(&parts.headers, &["application/json", "application/merge-patch+json"])?;
        parse(&read_body(body).await?).map(Self)
    }
}

/// Like [`Json`], for an operation whose body may be left out altogether.
#[derive(Debug, Clone, Copy)]
pub struct OptionalJson<T>(pub T);

impl<T: DeserializeOwned + Default, S: Send + Sync> FromRequest<S> for OptionalJson<T> {
    type Rejection = ApiError;

    async fn from_request(request: axum::extract::Request, _: &S) -> Result<Self, ApiError> {
        let (parts, body) = request.into_parts();
        let bytes = read_body(body).await?;
        if bytes.is_empty() {
            return Ok(Self(T::default()));
        }
        expect_media_type(&parts.headers, &["application/json"])?;
        parse(&bytes).map(Self)
    }
}

/// Refuses bodies that are not of one of these media types, and compressed ones.
pub(crate) fn expect_media_type(headers: &HeaderMap, accepted: &[&str]) -> Result<(), ApiError> {
    let refuse = |message: String| Err(ApiError::new(Code::UnsupportedMediaType).message(message));
    if headers.contains_key(header::CONTENT_ENCODING) {
        return refuse("a body must not be compressed".to_owned());
    }
    let value = headers
        .get(header::CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default();
    let essence = value.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    if accepted.contains(&essence.as_str()) {
        Ok(())
    } else {
        refuse(format!("Content-Type must be {}", accepted[0]))
    }
}

/// Reads a whole body, up to the limit.
pub(crate) async fn read_body(body: axum::body::Body) -> Result<Bytes, ApiError> {
    match Limited::new(body, MAX_BODY).collect().await {
        Ok(collected) => Ok(collected.to_bytes()),
        Err(error) if error.is::<LengthLimitError>() => Err(ApiError::new(Code::TooLarge)),
        Err(error) => Err(ApiError::new(Code::MalformedJson)
            .message("the body did not arrive whole")
            .because(error)),
    }
}

/// Reads a value strictly; see [`Json`].
pub(crate) fn parse<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, ApiError> {
    let malformed = |message: String| ApiError::new(Code::MalformedJson).message(message);
    let text = std::str::from_utf8(bytes).map_err(|_| malformed("the body is not valid UTF-8".to_owned()))?;
    if text.trim_ascii().is_empty() {
        return Err(malformed("a JSON body is required".to_owned()));
    }
    let mut scan = serde_json::Deserializer::from_str(text);
    let outermost = Scan { depth: 0 }
        .deserialize(&mut scan)
        .and_then(|outermost| scan.end().map(|()| outermost))
        .map_err(|error| malformed(format!("the body is not acceptable JSON: {error}")))?;
    // serde would take an array for a struct.
    if outermost != Outermost::Object {
        return Err(malformed("the body must be a JSON object".to_owned()));
    }
    serde_path_to_error::deserialize(&mut serde_json::Deserializer::from_str(text)).map_err(field_error)
}

/// Reads a value that was made of one which [`Json`] has accepted, such as a merged patch.
///
/// # Errors
/// 400 that names the field and the rule.
pub fn read_value<T: DeserializeOwned>(value: serde_json::Value) -> Result<T, ApiError> {
    serde_path_to_error::deserialize(value).map_err(field_error)
}

/// Turns serde's error into one that names the field and the rule.
fn field_error(error: serde_path_to_error::Error<serde_json::Error>) -> ApiError {
    let path = match error.path().to_string() {
        path if path == "." => String::new(),
        path => path,
    };
    let text = error.inner().to_string();
    // serde_json appends the position.
    let text = text.split(" at line ").next().unwrap_or_default().to_owned();
    let named = |prefix: &str| text.strip_prefix(prefix)?.split('`').next();
    let (field, rule, message) = if let Some(name) = named("missing field `") {
        let field = if path.is_empty() {
            name.to_owned()
        } else {
            format!("{path}.{name}")
        };
        (field, "required", "is required".to_owned())
    } else if let Some(name) = named("unknown field `") {
        // Here the path leads to the field itself.
        let field = if path.is_empty() { name.to_owned() } else { path };
        (field, "unknown", "is not a known field".to_owned())
    } else {
        let field = if path.is_empty() { "body".to_owned() } else { path };
        (field, "type", format!("is not valid: {text}"))
    };
    let mut error = ApiError::new(Code::Validation);
    error.add_field_error(FieldError {
        field,
        rule: rule.into(),
        message,
    });
    error
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Outermost {
    Object,
    Other,
}

/// Walks a whole document, also where the target type would skip it: serde checks neither depth nor duplicates in
/// what it ignores.
#[derive(Clone, Copy)]
struct Scan {
    depth: usize,
}

impl Scan {
    fn deeper<E: de::Error>(self) -> Result<Self, E> {
        if self.depth >= MAX_DEPTH {
            return Err(E::custom(format_args!("nested deeper than {MAX_DEPTH} levels")));
        }
        Ok(Self { depth: self.depth + 1 })
    }
}

impl<'de> DeserializeSeed<'de> for Scan {
    type Value = Outermost;

    fn deserialize<D: serde::Deserializer<'de>>(self, deserializer: D) -> Result<Outermost, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Scan {
    type Value = Outermost;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_unit<E>(self) -> Result<Outermost, E> {
        Ok(Outermost::Other)
    }

    fn visit_bool<E>(self, _: bool) -> Result<Outermost, E> {
        Ok(Outermost::Other)
    }

    fn visit_i64<E>(self, _: i64) -> Result<Outermost, E> {
        Ok(Outermost::Other)
    }

    fn visit_u64<E>(self, _: u64) -> Result<Outermost, E> {
        Ok(Outermost::Other)
    }

    fn visit_f64<E>(self, _: f64) -> Result<Outermost, E> {
        Ok(Outermost::Other)
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<Outermost, E> {
        if text.contains('\0') {
            Err(E::custom("a text must not contain NUL"))
        } else {
            Ok(Outermost::Other)
        }
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Outermost, A::Error> {
        let inner = self.deeper()?;
        while seq.next_element_seed(inner)?.is_some() {}
        Ok(Outermost::Other)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Outermost, A::Error> {
        let inner = self.deeper()?;
        let mut seen = HashSet::new();
        while let Some(name) = map.next_key::<String>()? {
            if seen.contains(&name) {
                return Err(de::Error::custom(format_args!(
                    "duplicate field `{}`",
                    name.escape_debug()
                )));
            }
            seen.insert(name);
            map.next_value_seed(inner)?;
        }
        Ok(Outermost::Object)
    }
}

/// A field of a merge patch (RFC 7396): absent means unchanged, `null` means cleared.
pub fn present<'de, T: Deserialize<'de>, D: serde::Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<Option<T>>, D::Error> {
    Option::<T>::deserialize(deserializer).map(Some)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    #[expect(dead_code, reason = "only whether it can be read matters")]
    struct Body {
        name: String,
        count: Option<u32>,
    }

    fn refusal(bytes: &[u8]) -> (Code, String) {
        let error = parse::<Body>(bytes).unwrap_err();
        (error.code(), error.body("").message)
    }

    #[test]
    fn what_is_not_a_strict_json_object_is_refused() {
        let deep = format!("{{\"name\":\"a\",\"x\":{}1{}}}", "[".repeat(40), "]".repeat(40));
        let bodies: [&[u8]; 22] = [
            b"",
            b"   ",
            b"null",
            b"[]",
            b"[\"a\", 1]",
            b"1",
            b"\"a\"",
            b"{",
            b"invalid json{",
            b"{\"name\":\"a\"} x",
            b"\xEF\xBB\xBF{\"name\":\"a\"}",
            b"{\"name\":\"\xFF\"}",
            b"{\"name\":\"a\",\"x\":\"\xFF\"}",
            b"{\"name\":\"\\ud800\"}",
            b"{\"name\":\"a\\u0000\"}",
            b"{\"name\":\"a\",\"name\":\"b\"}",
            b"{\"name\":\"a\",\"x\":{\"y\":1,\"y\":2}}",
            b"{\"name\":NaN}",
            b"{\"name\":\"a\",\"count\":1e999}",
            b"{\"name\":\"a\",}",
            b"\xFE\xFF\x00{",
            deep.as_bytes(),
        ];
        for body in bodies {
            assert_eq!(
                refusal(body).0,
                Code::MalformedJson,
                "{}",
                String::from_utf8_lossy(body)
            );
        }
    }

    #[test]
    fn a_wrong_field_is_named_with_its_rule() {
        for (body, message) in [
            ("{}", "name: is required"),
            ("{\"name\":\"a\",\"role\":\"admin\"}", "role: is not a known field"),
            ("{\"name\":\"a\",\"__proto__\":1}", "__proto__: is not a known field"),
        ] {
            assert_eq!(
                refusal(body.as_bytes()),
                (Code::Validation, message.to_owned()),
                "{body}"
            );
        }
        for body in [
            "{\"name\":1}",
            "{\"name\":\"a\",\"count\":-1}",
            "{\"name\":\"a\",\"count\":1.0}",
            "{\"name\":\"a\",\"count\":\"1\"}",
        ] {
            assert_eq!(refusal(body.as_bytes()).0, Code::Validation, "{body}");
        }
        assert!(parse::<Body>(b"{\"name\":\"a\",\"count\":4294967295}").is_ok());
    }
}
