use reqwest::{RequestBuilder, header::HeaderMap};
use serde_json::Value;

/// What the product answered.
#[derive(Debug, Clone)]
pub struct Answer {
    /// HTTP status.
    pub status: u16,
    /// Headers.
    pub headers: HeaderMap,
    /// The body as JSON; `Null` when it is none.
    pub body: Value,
    /// The body as text.
    pub text: String,
}

impl Answer {
    /// Sends the request.
    pub async fn of(request: RequestBuilder) -> Self {
        let response = request.send().await.expect("the product answers");
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        let text = String::from_utf8_lossy(&response.bytes().await.expect("the body arrives")).into_owned();
        let body = serde_json::from_str(&text).unwrap_or(Value::Null);
        Self {
            status,
            headers,
            body,
            text,
        }
    }

    /// Insists on a status.
    #[track_caller]
    pub fn expect(self, status: u16) -> Self {
        assert_eq!(self.status, status, "{}", self.text);
        self
    }

    /// Insists on an error: its status and its code.
    #[track_caller]
    pub fn refused(self, status: u16, code: &str) -> Self {
        assert_eq!(
            (self.status, self.body["code"].as_str()),
            (status, Some(code)),
            "{}",
            self.text
        );
        assert_eq!(self.body["status"], "error");
        assert_eq!(self.body["success"], false);
        self
    }

    /// Insists on a validation error of this field.
    #[track_caller]
    pub fn refused_field(self, field: &str) -> Self {
        let answer = self.refused(400, "VALIDATION_ERROR");
        let errors = answer.body["details"]["field_errors"]
            .as_array()
            .expect("field errors")
            .clone();
        assert!(
            errors.iter().any(|error| error["field"] == field),
            "{field}: {}",
            answer.text
        );
        answer
    }

    /// The result of a success.
    #[track_caller]
    pub fn data(&self) -> &Value {
        assert_eq!(self.body["success"], true, "{}", self.text);
        &self.body["data"]
    }

    /// A text of the result.
    #[track_caller]
    pub fn text_of(&self, field: &str) -> String {
        self.data()[field]
            .as_str()
            .unwrap_or_else(|| panic!("{field} in {}", self.text))
            .to_owned()
    }

    /// A header, empty when it is not there.
    pub fn header(&self, name: &str) -> &str {
        self.headers
            .get(name)
            .and_then(|value| value.to_str().ok())
            .unwrap_or_default()
    }
}
