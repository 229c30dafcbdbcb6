//! Holds functions to their roles, so that a test that passes here does not fail on AWS for want of a permission.
//!
//! A function says who it is by its session token, which on AWS belongs to its role. A [proxy](crate::proxy) asks here
//! before it passes a request on. Requests without such a token, those of tests and tools, are not held to anything.
//!
//! Of KMS it knows the calls that name their key and their encryption context, as the vault's do. Not here: policies of
//! resources.

use std::collections::BTreeMap;

use hyper::{Method, header::HeaderMap};
use serde_json::{Value, json};

use crate::template::{Access, Function, Grants, Place, Stack};

const HEADER: &str = "x-amz-security-token";

/// Parts of an encryption context that conditions of the template ask about.
const CONTEXT_KEYS: [(&str, &str); 2] = [
    ("kms:EncryptionContext:purpose", "purpose"),
    ("kms:EncryptionContext:stage", "stage"),
];

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
            Some(("TrentService", operation)) => self.kms(operation, &body),
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

    fn kms(&self, operation: &str, body: &Value) -> Vec<Access> {
        let access = |action: &str, key: &str, context: &str| {
            let key = body[key].as_str().unwrap_or_default();
            let resource = match key.starts_with("arn:") {
                true => key.to_owned(),
                false => self.place.arn("kms", &format!("key/{key}")),
            };
            let context = &body[context];
            let given = |(condition, name): (&'static str, &str)| Some((condition, context[name].as_str()?.to_owned()));
            Access {
                action: format!("kms:{action}"),
                resource,
                context: CONTEXT_KEYS.into_iter().filter_map(given).collect(),
            }
        };
        match operation {
            "ReEncrypt" => vec![
                access("ReEncryptFrom", "SourceKeyId", "SourceEncryptionContext"),
                access("ReEncryptTo", "DestinationKeyId", "DestinationEncryptionContext"),
            ],
            other => vec![access(other, "KeyId", "EncryptionContext")],
        }
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

#[cfg(test)]
mod tests {
    use hyper::header::HeaderValue;

    use super::*;
    use crate::Template;

    /// Whether the project's template lets a function do this.
    fn may(function: &str, target: &str, body: &Value) -> bool {
        let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../template.yaml");
        let place = Place::local("dev");
        let stack = Template::load(&path)
            .unwrap()
            .resolve(&BTreeMap::new(), &place)
            .unwrap();
        let mut headers = HeaderMap::new();
        headers.insert(HEADER, HeaderValue::from_str(&format!("role-of-{function}")).unwrap());
        let path = if target.is_empty() {
            "/v2/email/outbound-emails"
        } else {
            "/"
        };
        if !target.is_empty() {
            headers.insert("x-amz-target", HeaderValue::from_str(target).unwrap());
        }
        let refused = Roles::of(&stack, &place).refuse(&Method::POST, path, &headers, body.to_string().as_bytes());
        refused.is_none()
    }

    fn key(partition: &str) -> Value {
        json!({ "pk": { "S": partition }, "sk": { "S": "x" } })
    }

    #[test]
    fn tables_are_for_those_who_need_them() {
        let on = |table: &str| json!({ "TableName": format!("tripsage-dev-{table}"), "Key": key("USER#1") });
        for (function, operation, table, expected) in [
            ("trips", "GetItem", "IdentityTable", true),
            ("trips", "UpdateItem", "TravelTable", true),
            ("trips", "UpdateItem", "IdentityTable", false),
            ("trips", "Scan", "TravelTable", false),
            ("auth", "UpdateItem", "IdentityTable", true),
            ("auth", "GetItem", "TravelTable", false),
            ("platform", "DeleteItem", "OperationsTable", false),
            ("nobody", "Scan", "TravelTable", true),
        ] {
            let target = format!("DynamoDB_20120810.{operation}");
            assert_eq!(
                may(function, &target, &on(table)),
                expected,
                "{function} {operation} {table}"
            );
        }
    }

    #[test]
    fn a_transaction_needs_the_permission_of_each_of_its_parts() {
        let transaction = |table: &str| {
            json!({ "TransactItems": [
                { "Put": { "TableName": "tripsage-dev-TravelTable", "Item": key("TRIP#1") } },
                { "Delete": { "TableName": format!("tripsage-dev-{table}"), "Key": key("TRIP#1") } },
            ] })
        };
        let target = "DynamoDB_20120810.TransactWriteItems";
        assert!(may("trips", target, &transaction("TravelTable")));
        assert!(!may("trips", target, &transaction("IdentityTable")));
        let batch = |table: &str| json!({ "RequestItems": { format!("tripsage-dev-{table}"): { "Keys": [] } } });
        assert!(may("trips", "DynamoDB_20120810.BatchGetItem", &batch("IdentityTable")));
        assert!(!may(
            "trips",
            "DynamoDB_20120810.BatchGetItem",
            &batch("OperationsTable")
        ));
        assert!(!may("trips", "DynamoDB_20120810.BatchWriteItem", &batch("TravelTable")));
    }

    #[test]
    fn only_the_auth_function_writes_the_public_keys() {
        let put = |partition: &str| json!({ "TableName": "tripsage-dev-IdentityTable", "Item": key(partition) });
        for (function, partition, expected) in [
            ("auth", "SIGNING", true),
            ("users", "SIGNING", false),
            ("users", "USER#1", true),
        ] {
            let allowed = may(function, "DynamoDB_20120810.PutItem", &put(partition));
            assert_eq!(allowed, expected, "{function} {partition}");
        }
    }

    #[test]
    fn secrets_and_mails_too() {
        for (function, secret, expected) in [
            ("auth", "SigningSecret", true),
            ("trips", "SigningSecret", false),
            ("trips", "UpstashSecret", true),
        ] {
            let body = json!({ "SecretId": format!("tripsage-dev-{secret}") });
            assert_eq!(
                may(function, "secretsmanager.GetSecretValue", &body),
                expected,
                "{function} {secret}"
            );
            assert!(
                !may(function, "secretsmanager.PutSecretValue", &body),
                "{function} {secret}"
            );
        }
        for (function, from, expected) in [
            ("trips", "no-reply@example.com", true),
            ("trips", "ceo@example.com", false),
            ("platform", "no-reply@example.com", false),
        ] {
            assert_eq!(
                may(function, "", &json!({ "FromEmailAddress": from })),
                expected,
                "{function} {from}"
            );
        }
    }

    #[test]
    fn keys_are_sealed_and_opened_for_their_purpose_and_stage_only() {
        let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../template.yaml");
        let stack = Template::load(&path)
            .unwrap()
            .resolve(&BTreeMap::new(), &Place::local("dev"))
            .unwrap();
        let id = |name: &str| {
            let key = stack.keys.iter().find(|key| key.logical_id == name).unwrap();
            Place::local("dev").arn("kms", &format!("key/{}", key.key_id))
        };
        let (own, data) = (id("ProviderKeysKey"), id("DataKey"));
        let right = json!({ "purpose": "byok", "stage": "dev", "user": "x" });
        for (function, operation, key, context, expected) in [
            ("keys", "Encrypt", &own, right.clone(), true),
            ("keys", "Decrypt", &own, right.clone(), true),
            ("keys", "Decrypt", &own, json!({}), false),
            (
                "keys",
                "Decrypt",
                &own,
                json!({ "purpose": "other", "stage": "dev" }),
                false,
            ),
            (
                "keys",
                "Decrypt",
                &own,
                json!({ "purpose": "byok", "stage": "prod" }),
                false,
            ),
            ("keys", "Encrypt", &data, right.clone(), false),
            ("keys", "GenerateDataKey", &own, right.clone(), false),
            ("search", "Decrypt", &own, right.clone(), true),
            ("search", "Encrypt", &own, right.clone(), false),
            ("bookings", "Decrypt", &own, right.clone(), true),
            ("scheduler", "Encrypt", &own, right.clone(), false),
            ("trips", "Decrypt", &own, right.clone(), false),
            ("users", "Decrypt", &own, right.clone(), false),
        ] {
            let body = json!({ "KeyId": key, "EncryptionContext": context });
            let allowed = may(function, &format!("TrentService.{operation}"), &body);
            assert_eq!(allowed, expected, "{function} {operation} {context}");
        }
        for (function, stage, expected) in [
            ("scheduler", "dev", true),
            ("scheduler", "prod", false),
            ("keys", "dev", false),
        ] {
            let context = json!({ "purpose": "byok", "stage": stage });
            let body = json!({
                "SourceKeyId": own, "SourceEncryptionContext": right,
                "DestinationKeyId": own, "DestinationEncryptionContext": context,
            });
            assert_eq!(
                may(function, "TrentService.ReEncrypt", &body),
                expected,
                "{function} {stage}"
            );
        }
    }

    #[test]
    fn what_iam_knows_and_this_does_not_is_refused() {
        let text =
            std::fs::read_to_string(std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../template.yaml"));
        let text = text.unwrap();
        for (right, wrong, expected) in [
            (
                "\"ForAnyValue:StringEquals\"",
                "StringLike",
                "StringLike is not supported",
            ),
            ("- Effect: Deny", "- Effect: Perhaps", "must be Allow or Deny"),
            (
                "Role: !GetAtt AuthRole.Arn",
                "Role: arn:aws:iam::1:role/x",
                "is not the Arn of a role of this template",
            ),
        ] {
            let template = Template::parse(&text.replace(right, wrong)).unwrap();
            let error = template
                .resolve(&BTreeMap::new(), &Place::local("dev"))
                .unwrap_err()
                .to_string();
            assert!(error.contains(expected) && error.lines().count() == 1, "{error}");
        }
    }
}
