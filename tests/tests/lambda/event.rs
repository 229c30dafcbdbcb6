//! The event that API Gateway sends for an operation of the description.

use serde_json::{Map, Value, json};
use tripsage_emulators::template::RouteTable;

use crate::examples::example;

const HOST: &str = "a1b2c3d4e5.execute-api.eu-west-1.amazonaws.com";
const SOURCE: &str = "203.0.113.7";
const AGENT: &str = "curl/8.5.0";

/// One operation of the description.
pub struct Operation<'a> {
    pub method: String,
    path: &'a str,
    pub definition: &'a Value,
}

/// Every operation.
pub fn operations(document: &Value) -> Vec<Operation<'_>> {
    let mut operations = Vec::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        for (method, definition) in item.as_object().unwrap() {
            if definition.get("operationId").is_some() {
                operations.push(Operation {
                    method: method.to_uppercase(),
                    path,
                    definition,
                });
            }
        }
    }
    operations
}

impl Operation<'_> {
    /// The binary that answers it.
    pub fn function(&self) -> &str {
        self.definition["tags"][0]
            .as_str()
            .expect("an operation is tagged with its function")
    }

    /// The name of its file in `events/`.
    pub fn file(&self) -> String {
        let id = self.definition["operationId"].as_str().unwrap();
        format!("{}-{id}.json", self.function())
    }

    /// Whether it asks for a credential.
    pub fn is_protected(&self) -> bool {
        self.definition["security"].as_array().is_some_and(|ways| {
            !ways.is_empty()
                && ways
                    .iter()
                    .all(|way| way.as_object().is_some_and(|way| !way.is_empty()))
        })
    }

    /// Whether the description knows of this status.
    pub fn answers_with(&self, status: u64) -> bool {
        self.definition["responses"].get(status.to_string()).is_some()
    }

    /// The event.
    pub fn event(&self, document: &Value, routes: &RouteTable) -> Value {
        let path = self.raw_path(document);
        let route = routes
            .find(&self.method, &path)
            .expect("the template routes every operation");
        assert_eq!(
            route.function,
            self.function(),
            "{} {path} leads to its own function",
            self.method
        );
        let key = route.key();
        let mut event = json!({
            "version": "2.0",
            "routeKey": key,
            "rawPath": path,
            "rawQueryString": self.query(document),
            "headers": {
                "accept": "*/*",
                "host": HOST,
                "user-agent": AGENT,
                "x-amzn-trace-id": "Root=1-67b6c1a0-5d2f3a4b6c7d8e9f0a1b2c3d",
                "x-forwarded-for": SOURCE,
                "x-forwarded-port": "443",
                "x-forwarded-proto": "https",
            },
            "requestContext": {
                "accountId": "123456789012",
                "apiId": "a1b2c3d4e5",
                "domainName": HOST,
                "domainPrefix": "a1b2c3d4e5",
                "http": {
                    "method": self.method,
                    "path": path,
                    "protocol": "HTTP/1.1",
                    "sourceIp": SOURCE,
                    "userAgent": AGENT,
                },
                "requestId": "G1x2YhJ3DoEEMZg=",
                "routeKey": key,
                "stage": "$default",
                "time": "03/Mar/2027:10:00:00 +0000",
                "timeEpoch": 1_804_068_000_000_u64,
            },
            "isBase64Encoded": false,
        });
        if let Some((before, _)) = route.path.split_once("{proxy+}") {
            event["pathParameters"] = json!({ "proxy": path.strip_prefix(before) });
        }
        if let Some((kind, body)) = self.body(document) {
            event["headers"]["content-type"] = kind.into();
            event["headers"]["content-length"] = body.len().to_string().into();
            event["body"] = body.into();
        }
        event
    }

    fn parameters(&self, place: &str) -> impl Iterator<Item = (&str, &Value)> {
        let parameters = self.definition["parameters"].as_array().into_iter().flatten();
        let chosen = parameters.filter(move |parameter| parameter["in"] == place && parameter["required"] == true);
        chosen.map(|parameter| (parameter["name"].as_str().unwrap(), parameter))
    }

    fn raw_path(&self, document: &Value) -> String {
        self.parameters("path")
            .fold(self.path.to_owned(), |path, (name, parameter)| {
                path.replace(&format!("{{{name}}}"), &value(document, parameter))
            })
    }

    fn query(&self, document: &Value) -> String {
        let pairs = self
            .parameters("query")
            .map(|(name, parameter)| (name.to_owned(), value(document, parameter)));
        encoded(pairs)
    }

    fn body(&self, document: &Value) -> Option<(String, String)> {
        let (kind, content) = self.definition["requestBody"]["content"].as_object()?.iter().next()?;
        let example = match content.get("example") {
            Some(given) => given.clone(),
            None => example(document, &content["schema"]),
        };
        let text = match &example {
            Value::Object(fields) if kind == "application/x-www-form-urlencoded" => encoded(form(fields)),
            example => example.to_string(),
        };
        Some((kind.clone(), text))
    }
}

fn value(document: &Value, parameter: &Value) -> String {
    let given = parameter.get("example").cloned();
    plain(&given.unwrap_or_else(|| example(document, &parameter["schema"])))
}

fn plain(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

fn form(fields: &Map<String, Value>) -> impl Iterator<Item = (String, String)> {
    let given = fields.iter().filter(|(_, value)| !value.is_null());
    given.map(|(name, value)| (name.clone(), plain(value)))
}

fn encoded(pairs: impl Iterator<Item = (String, String)>) -> String {
    let mut text = form_urlencoded::Serializer::new(String::new());
    text.extend_pairs(pairs);
    text.finish()
}
