//! Holds functions to their roles, so that a test that passes here does not fail on AWS for want of a permission.
//!
//! A function says who it is by its session token, which on AWS belongs to its role. A [proxy](crate::proxy) asks here
//! before it passes a request on. Requests without such a token, those of tests and tools, are not held to anything.
//!
//! Not here: KMS, and policies of resources.

use std::collections::BTreeMap;

use hyper::{Method, header::HeaderMap};
use serde_json::{Value, json};

use crate::template::{Access, Function, Grants, Place, Stack};

const HEADER: &str = "x-amz-security-token";

/// What each function may do.
#[derive(Debug)]
pub(crate) struct Roles {
    grants: BTreeMap<String, Grants>,
    /// ARNs by the names and ARNs that requests use.
    secrets: BTreeMap<String, String>,
    place: Place,
}

/// The session token of a function.
pub(crate) fn session_token(function: &Function) -> String {
    format!("role-of-{}", function.binary)
}

impl Roles {
    pub(crate) fn of(stack: &Stack, place: &Place) -> Self {
        let grants = stack.functions.iter().filter_map(|function| {
            let grants = function.grants.clone()?;
            Some((session_token(function), grants))
        });
        let secrets = stack.secrets.iter().flat_map(|secret| {
            let arn = || secret.arn.clone();
            [(secret.name.clone(), arn()), (arn(), arn())]
        });
        Self {
            grants: grants.collect(),
            secrets: secrets.collect(),
            place: place.clone(),
        }
    }

    /// The body of the refusal, when the function that sends this request may not.
    pub(crate) fn refuse(&self, method: &Method, path: &str, headers: &HeaderMap, body: &[u8]) -> Option<String> {
        let token = headers.get(HEADER)?.to_str().ok()?;
        let grants = self.grants.get(token)?;
        let target = headers.get("x-amz-target").and_then(|value| value.to_str().ok());
        let body: Value = serde_json::from_slice(body).unwrap_or_default();
        let accesses = match target.and_then(|target| target.split_once('.')) {
            Some(("secretsmanager", operation)) => self.secret(operation, &body),
            Some((service, operation)) if service.starts_with("DynamoDB") => self.dynamodb(operation, &body),
            None if method == Method::POST && path == "/v2/email/outbound-emails" => {
                return self.mail(token, grants, &body);
            }
            _ => Vec::new(),
        };
        let denied = accesses.into_iter().find(|access| !grants.allow(access))?;
        Some(refusal(token, &denied))
    }

    fn dynamodb(&self, operation: &str, body: &Value) -> Vec<Access> {
        let one =
            |operation: &str, request: &Value| self.on_table(operation, &request["TableName"], leading_key(request));
        match operation {
            "TransactWriteItems" | "TransactGetItems" => {
                let items = body["TransactItems"].as_array().into_iter().flatten();
                let actions = items.filter_map(Value::as_object).flatten();
                actions
                    .map(|(action, request)| one(&item_operation(action), request))
                    .collect()
            }
            "BatchGetItem" | "BatchWriteItem" => {
                let tables = body["RequestItems"].as_object().into_iter().flatten();
                tables
                    .map(|(table, _)| self.on_table(operation, &json!(table), None))
                    .collect()
            }
            operation => vec![one(operation, body)],
        }
    }

    fn on_table(&self, operation: &str, table: &Value, leading_key: Option<&str>) -> Access {
        let table = table.as_str().unwrap_or_default();
        let context = leading_key.map(|key| ("dynamodb:LeadingKeys", key.to_owned()));
        Access {
            action: format!("dynamodb:{operation}"),
            resource: self.place.arn("dynamodb", &format!("table/{table}")),
            context: context.into_iter().collect(),
        }
    }

    fn secret(&self, operation: &str, body: &Value) -> Vec<Access> {
        let id = body["SecretId"].as_str().unwrap_or_default();
        vec![Access {
            action: format!("secretsmanager:{operation}"),
            resource: self.secrets.get(id).cloned().unwrap_or_else(|| id.to_owned()),
            context: BTreeMap::new(),
        }]
    }

    /// SES takes the most specific identity that is verified: the address or its domain. Either will do here.
    fn mail(&self, token: &str, grants: &Grants, body: &Value) -> Option<String> {
        let from = body["FromEmailAddress"].as_str().unwrap_or_default();
        let domain = from.rsplit('@').next().unwrap_or_default();
        let access = |identity: &str| Access {
            action: "ses:SendEmail".to_owned(),
            resource: self.place.arn("ses", &format!("identity/{identity}")),
            context: BTreeMap::from([("ses:FromAddress", from.to_owned())]),
        };
        let allowed = grants.allow(&access(from)) || grants.allow(&access(domain));
        (!allowed).then(|| refusal(token, &access(domain)))
    }
}

/// `Put` in a transaction is `PutItem` to IAM; `ConditionCheck` is `ConditionCheckItem`.
fn item_operation(action: &str) -> String {
    format!("{action}Item")
}

/// The partition that is written to or read; unknown for a query.
fn leading_key(request: &Value) -> Option<&str> {
    ["Key", "Item"]
        .into_iter()
        .find_map(|place| request[place]["pk"]["S"].as_str())
}

fn refusal(token: &str, denied: &Access) -> String {
    tracing::error!(
        role = token,
        action = denied.action,
        resource = denied.resource,
        "denied by template.yaml"
    );
    let message = format!(
        "{token} is not authorized to perform {} on {}",
        denied.action, denied.resource
    );
    json!({ "__type": "AccessDeniedException", "message": message }).to_string()
}
