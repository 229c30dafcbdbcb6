//! What the role of a function lets it do.
//!
//! Of IAM this knows what the template uses: inline policies of roles, `Allow` and `Deny`, exact actions, resources that
//! are exact or end in `*`, and the conditions `StringEquals` and `ForAnyValue:StringEquals`. Anything else is an error,
//! because a rule that is silently left out would let tests pass that fail on AWS.

use std::collections::BTreeMap;

use serde_json::Value;

use super::TemplateError;
use super::intrinsics::Resolver;

/// The statements of a role.
#[derive(Debug, Clone, Default)]
pub struct Grants {
    statements: Vec<Statement>,
}

#[derive(Debug, Clone)]
struct Statement {
    allows: bool,
    actions: Vec<String>,
    resources: Vec<String>,
    /// For each key of the request's context, the values of which it must have one.
    conditions: BTreeMap<String, Vec<String>>,
}

/// One thing that a function asks to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Access {
    /// For example `dynamodb:PutItem`.
    pub action: String,
    /// The ARN of what it is done to.
    pub resource: String,
    /// What conditions may ask about the request: `dynamodb:LeadingKeys`, `ses:FromAddress`.
    pub context: BTreeMap<&'static str, String>,
}

impl Grants {
    /// Whether a statement allows it and none denies it.
    pub fn allow(&self, access: &Access) -> bool {
        let mut applying = self.statements.iter().filter(|statement| statement.applies_to(access));
        let mut allowed = false;
        applying.all(|statement| {
            allowed |= statement.allows;
            statement.allows
        }) && allowed
    }
}

impl Statement {
    fn applies_to(&self, access: &Access) -> bool {
        let matches = |pattern: &String, text: &str| match pattern.strip_suffix('*') {
            Some(prefix) => text.starts_with(prefix),
            None => pattern == text,
        };
        self.actions.contains(&access.action)
            && self.resources.iter().any(|pattern| matches(pattern, &access.resource))
            && self.conditions.iter().all(|(key, values)| {
                let value = access.context.get(key.as_str());
                value.is_some_and(|value| values.contains(value))
            })
    }
}

/// The grants of the function whose definition this is; `None` when it names no role, so that SAM would make one.
pub(super) fn of(resolver: &Resolver, at: &str, function: &Value) -> Result<Option<Grants>, TemplateError> {
    let Some(role) = function["Properties"].get("Role") else {
        return Ok(None);
    };
    let at = format!("{at}.Properties.Role");
    let arn = resolver.text(&at, role)?;
    for (id, resource) in resolver.resources("AWS::IAM::Role")? {
        let own = resolver.text(&at, &serde_json::json!({ "Fn::GetAtt": [id, "Arn"] }))?;
        if own == arn {
            return read(resolver, id, resource).map(Some);
        }
    }
    Err(TemplateError::new(
        at,
        format!("{arn:?} is not the Arn of a role of this template"),
    ))
}

fn read(resolver: &Resolver, id: &str, role: &Value) -> Result<Grants, TemplateError> {
    let at = format!("Resources.{id}.Properties.Policies");
    let policies = resolver.resolve(&at, &role["Properties"]["Policies"])?;
    let mut statements = Vec::new();
    for policy in policies.as_array().into_iter().flatten() {
        let name = policy["PolicyName"].as_str().unwrap_or_default();
        for (index, statement) in list(&policy["PolicyDocument"]["Statement"]).iter().enumerate() {
            statements.push(read_statement(&format!("{at}.{name}.Statement[{index}]"), statement)?);
        }
    }
    Ok(Grants { statements })
}

fn read_statement(at: &str, statement: &Value) -> Result<Statement, TemplateError> {
    let texts = |name: &str| -> Result<Vec<String>, TemplateError> {
        let texts: Option<Vec<String>> = list(&statement[name])
            .iter()
            .map(|value| value.as_str().map(str::to_owned))
            .collect();
        texts
            .filter(|texts| !texts.is_empty())
            .ok_or_else(|| TemplateError::new(format!("{at}.{name}"), "must be text or a list of texts"))
    };
    let allows = match statement["Effect"].as_str() {
        Some("Allow") => true,
        Some("Deny") => false,
        _ => return Err(TemplateError::new(format!("{at}.Effect"), "must be Allow or Deny")),
    };
    let mut conditions = BTreeMap::new();
    for (operator, keys) in statement["Condition"].as_object().into_iter().flatten() {
        if operator != "StringEquals" && operator != "ForAnyValue:StringEquals" {
            let reason = format!("{operator} is not supported by the local cloud");
            return Err(TemplateError::new(format!("{at}.Condition"), reason));
        }
        for (key, values) in keys.as_object().into_iter().flatten() {
            let values = list(values)
                .iter()
                .filter_map(|value| value.as_str().map(str::to_owned));
            conditions.insert(key.clone(), values.collect());
        }
    }
    Ok(Statement {
        allows,
        actions: texts("Action")?,
        resources: texts("Resource")?,
        conditions,
    })
}

/// IAM lets a list of one be written as that one.
fn list(value: &Value) -> &[Value] {
    match value {
        Value::Array(items) => items,
        Value::Null => &[],
        one => std::slice::from_ref(one),
    }
}
