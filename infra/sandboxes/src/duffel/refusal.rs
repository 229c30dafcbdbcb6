//! Errors as Duffel answers them.

use serde_json::{Value, json};

use crate::exchange::Answer;

/// An error answer: one status, one or several errors.
#[derive(Debug)]
pub(super) struct Refusal {
    status: u16,
    problems: Vec<Problem>,
}

#[derive(Debug)]
struct Problem {
    kind: &'static str,
    /// A text, but for one answer that has a number here.
    code: Value,
    message: String,
    source: Option<Value>,
}

impl Refusal {
    pub(super) fn new(status: u16, kind: &'static str, code: &str, message: impl Into<String>) -> Self {
        Self {
            status,
            problems: vec![Problem {
                kind,
                code: code.into(),
                message: message.into(),
                source: None,
            }],
        }
    }

    pub(super) fn authentication(code: &str, message: &str) -> Self {
        Self::new(401, "authentication_error", code, message)
    }

    pub(super) fn request(status: u16, code: &str, message: &str) -> Self {
        Self::new(status, "invalid_request_error", code, message)
    }

    pub(super) fn state(code: &str, message: &str) -> Self {
        Self::new(422, "invalid_state_error", code, message)
    }

    pub(super) fn airline(status: u16, code: &str, message: &str) -> Self {
        Self::new(status, "airline_error", code, message)
    }

    pub(super) fn internal() -> Self {
        Self::new(500, "api_error", "internal_server_error", "Something went wrong.")
    }

    pub(super) fn not_found() -> Self {
        Self::request(
            404,
            "not_found",
            "The resource you are trying to access does not exist.",
        )
    }

    /// What Duffel says of services for an order that is booked: the code is a number, unlike everywhere else.
    pub(super) fn with_numeric_code(status: u16, message: &str) -> Self {
        let mut refusal = Self::new(status, "invalid_request_error", "", message);
        for problem in &mut refusal.problems {
            problem.code = status.into();
        }
        refusal
    }

    pub(super) fn answer(&self, request_id: &str) -> Answer {
        let errors: Vec<Value> = self.problems.iter().map(Problem::json).collect();
        let meta = json!({ "status": self.status, "request_id": request_id });
        Answer::json(self.status, &json!({ "errors": errors, "meta": meta }))
    }
}

impl Problem {
    fn json(&self) -> Value {
        let code = self.code.as_str().unwrap_or("bad_request");
        let mut error = json!({
            "type": self.kind,
            "title": title(code),
            "message": self.message,
            "code": self.code,
            "documentation_url": "https://duffel.com/docs/api/overview/response-handling",
        });
        if let Some(source) = &self.source {
            error["source"] = source.clone();
        }
        error
    }
}

/// `offer_no_longer_available` as a title.
fn title(code: &str) -> String {
    let words = code.replace('_', " ");
    let mut letters = words.chars();
    letters
        .next()
        .map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

/// Reads a request's data and collects everything that is wrong with it.
pub(super) struct Check<'a> {
    data: &'a Value,
    problems: Vec<Problem>,
}

impl<'a> Check<'a> {
    pub(super) fn new(data: &'a Value) -> Self {
        Self {
            data,
            problems: Vec::new(),
        }
    }

    /// What is at a pointer, unless it is missing or null.
    pub(super) fn get(&self, pointer: &str) -> Option<&'a Value> {
        self.data.pointer(pointer).filter(|value| !value.is_null())
    }

    /// How many elements a list has.
    pub(super) fn count(&self, pointer: &str) -> usize {
        self.get(pointer).and_then(Value::as_array).map_or(0, Vec::len)
    }

    pub(super) fn wrong(&mut self, code: &str, pointer: &str, message: &str) {
        let field = pointer.rsplit('/').next().unwrap_or_default();
        self.problems.push(Problem {
            kind: "validation_error",
            code: code.into(),
            message: format!("Field '{field}' {message}"),
            source: Some(json!({ "field": field, "pointer": pointer })),
        });
    }

    /// A text that must be there.
    pub(super) fn text(&mut self, pointer: &str) -> String {
        match self.get(pointer) {
            Some(Value::String(text)) if !text.trim().is_empty() => text.clone(),
            Some(Value::String(_)) | None => {
                self.wrong("validation_required", pointer, "can't be blank");
                String::new()
            }
            Some(_) => {
                self.wrong("validation_format", pointer, "must be a string");
                String::new()
            }
        }
    }

    /// A text that is one of these.
    pub(super) fn one_of(&mut self, pointer: &str, choices: &[&str]) -> String {
        let text = self.text(pointer);
        if !text.is_empty() && !choices.contains(&text.as_str()) {
            self.wrong("validation_inclusion", pointer, "is not included in the list");
        }
        text
    }

    /// A date that must be there.
    pub(super) fn date(&mut self, pointer: &str) -> Option<jiff::civil::Date> {
        let text = self.text(pointer);
        let date = text.parse().ok().filter(|_| text.len() == 10);
        if date.is_none() && !text.is_empty() {
            self.wrong("validation_format", pointer, "is not a valid date");
        }
        date
    }

    /// An amount of money in its hundredths.
    pub(super) fn amount(&mut self, pointer: &str) -> i64 {
        let text = self.text(pointer);
        match super::money::parse(&text) {
            Some(amount) => amount,
            None if text.is_empty() => 0,
            None => {
                self.wrong("validation_format", pointer, "is not a valid amount");
                0
            }
        }
    }

    /// Ends the reading.
    pub(super) fn done(self) -> Result<(), Refusal> {
        if self.problems.is_empty() {
            return Ok(());
        }
        Err(Refusal {
            status: 422,
            problems: self.problems,
        })
    }
}
