//! Google's Places API (New): search by text, search nearby, details. The places are made up.

mod attraction;
mod mask;
mod search;

use serde_json::{Value, json};

use crate::exchange::{Answer, Asked, StandIn};

/// Keys begin so. Of these, the second has used up its quota; any other key is refused, one that Google calls invalid with
/// its own error.
const KEY: &str = "AIzaSandbox";
const EXHAUSTED: &str = "AIzaSandboxExhausted";
const INVALID: &str = "AIzaInvalid";

/// The stand-in. It remembers nothing.
#[derive(Debug, Default)]
pub(crate) struct Places;

/// An error answer.
#[derive(Debug)]
struct Refusal {
    status: u16,
    name: &'static str,
    message: String,
    reason: Option<&'static str>,
}

impl Refusal {
    fn invalid(message: impl Into<String>) -> Self {
        Self {
            status: 400,
            name: "INVALID_ARGUMENT",
            message: message.into(),
            reason: None,
        }
    }

    fn not_found() -> Self {
        Self {
            status: 404,
            name: "NOT_FOUND",
            message: "Requested entity was not found.".to_owned(),
            reason: None,
        }
    }

    fn answer(&self) -> Answer {
        let mut error = json!({ "code": self.status, "message": self.message, "status": self.name });
        if let Some(reason) = self.reason {
            error["details"] = json!([{
                "@type": "type.googleapis.com/google.rpc.ErrorInfo",
                "reason": reason,
                "domain": "googleapis.com",
                "metadata": { "service": "places.googleapis.com" },
            }]);
        }
        Answer::json(self.status, &json!({ "error": error }))
    }
}

impl StandIn for Places {
    fn answer(&self, asked: &Asked) -> Answer {
        match respond(asked, &self.credential(asked)) {
            Ok(body) => Answer::json(200, &body),
            Err(refusal) => refusal.answer(),
        }
    }

    fn credential(&self, asked: &Asked) -> String {
        let key = asked.header("x-goog-api-key").or_else(|| asked.query("key"));
        key.unwrap_or_default().to_owned()
    }
}

fn respond(asked: &Asked, key: &str) -> Result<Value, Refusal> {
    authenticate(key)?;
    match (asked.method.as_str(), asked.segments().as_slice()) {
        ("POST", ["v1", "places:searchText"]) => masked(asked, search::text(&body(asked)?)?),
        ("POST", ["v1", "places:searchNearby"]) => masked(asked, search::nearby(&body(asked)?)?),
        ("GET", ["v1", "places", id]) => masked(asked, search::details(id)?),
        _ => Err(Refusal::not_found()),
    }
}

fn masked(asked: &Asked, answer: Value) -> Result<Value, Refusal> {
    let mask = asked.header("x-goog-fieldmask").or_else(|| asked.query("$fields"));
    mask::project(&answer, mask.unwrap_or_default())
}

fn authenticate(key: &str) -> Result<(), Refusal> {
    let denied = |message: &str, reason| Refusal {
        status: 403,
        name: "PERMISSION_DENIED",
        message: message.to_owned(),
        reason,
    };
    match key {
        "" => Err(denied(
            "Method doesn't allow unregistered callers (callers without established identity).",
            None,
        )),
        key if key.starts_with(EXHAUSTED) => Err(Refusal {
            status: 429,
            name: "RESOURCE_EXHAUSTED",
            message: "Quota exceeded for quota metric 'SearchTextRequest'.".to_owned(),
            reason: Some("RATE_LIMIT_EXCEEDED"),
        }),
        key if key.starts_with(KEY) => Ok(()),
        key if key.starts_with(INVALID) => Err(Refusal {
            reason: Some("API_KEY_INVALID"),
            ..Refusal::invalid("API key not valid. Please pass a valid API key.")
        }),
        _ => Err(denied(
            "Requests to this API places.googleapis.com are blocked.",
            Some("API_KEY_SERVICE_BLOCKED"),
        )),
    }
}

fn body(asked: &Asked) -> Result<Value, Refusal> {
    let body: Option<Value> = serde_json::from_slice(&asked.body).ok();
    body.filter(Value::is_object)
        .ok_or_else(|| Refusal::invalid("Invalid JSON payload received."))
}
