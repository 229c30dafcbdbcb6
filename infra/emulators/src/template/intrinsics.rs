//! Parameters, conditions and intrinsic functions.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use super::resources::{identifier, secret_arn};
use super::{Place, TemplateError};

/// Deeper nesting than this is a cycle between conditions, not a template that somebody wrote.
const MAX_DEPTH: usize = 64;

/// Resolves values of one template for one set of parameters.
pub(super) struct Resolver<'a> {
    document: &'a Value,
    parameters: BTreeMap<&'a str, String>,
    pub(super) place: &'a Place,
}

impl<'a> Resolver<'a> {
    pub(super) fn new(
        document: &'a Value,
        overrides: &BTreeMap<String, String>,
        place: &'a Place,
    ) -> Result<Self, TemplateError> {
        let empty = Map::new();
        let declared = document["Parameters"].as_object().unwrap_or(&empty);
        if let Some(unknown) = overrides.keys().find(|name| !declared.contains_key(*name)) {
            return Err(TemplateError::new(
                format!("Parameters.{unknown}"),
                "is not a parameter of this template",
            ));
        }
        let mut parameters = BTreeMap::new();
        for (name, declaration) in document["Parameters"].as_object().into_iter().flatten() {
            let at = format!("Parameters.{name}");
            let value = match overrides.get(name) {
                Some(value) => value.clone(),
                None => declaration
                    .get("Default")
                    .and_then(scalar)
                    .ok_or_else(|| TemplateError::new(&at, "has no Default and no value was given"))?,
            };
            if let Some(allowed) = declaration["AllowedValues"].as_array()
                && !allowed.iter().filter_map(scalar).any(|candidate| candidate == value)
            {
                return Err(TemplateError::new(at, format!("{value:?} is not among AllowedValues")));
            }
            parameters.insert(name.as_str(), value);
        }
        Ok(Self {
            document,
            parameters,
            place,
        })
    }

    /// Resources of one type whose condition holds: logical id and definition.
    pub(super) fn resources(&self, kind: &str) -> Result<Vec<(&'a str, &'a Value)>, TemplateError> {
        let mut found = Vec::new();
        for (id, resource) in self.document["Resources"].as_object().into_iter().flatten() {
            let at = format!("Resources.{id}");
            let resource_kind = resource["Type"]
                .as_str()
                .ok_or_else(|| TemplateError::new(&at, "has no Type"))?;
            if resource_kind == kind && self.is_created(&at, resource)? {
                found.push((id.as_str(), resource));
            }
        }
        Ok(found)
    }

    /// The `Globals` section for one kind of resource, unresolved.
    pub(super) fn globals(&self, kind: &str) -> &'a Value {
        &self.document["Globals"][kind]
    }

    fn is_created(&self, at: &str, resource: &Value) -> Result<bool, TemplateError> {
        match resource.get("Condition") {
            None => Ok(true),
            Some(Value::String(name)) => self.condition(at, name, 0),
            Some(_) => Err(TemplateError::new(at, "Condition must be the name of a condition")),
        }
    }

    /// The value with every intrinsic function replaced by its result. Properties that resolve to `AWS::NoValue` are
    /// left out.
    pub(super) fn resolve(&self, at: &str, value: &Value) -> Result<Value, TemplateError> {
        self.resolve_at(at, value, 0)
    }

    /// [`Self::resolve`] for a place that holds text: numbers and booleans become their text, as CloudFormation does.
    pub(super) fn text(&self, at: &str, value: &Value) -> Result<String, TemplateError> {
        let resolved = self.resolve(at, value)?;
        scalar(&resolved).ok_or_else(|| TemplateError::new(at, "must be text"))
    }

    fn resolve_at(&self, at: &str, value: &Value, depth: usize) -> Result<Value, TemplateError> {
        if depth > MAX_DEPTH {
            return Err(TemplateError::new(at, "is nested too deeply, or refers to itself"));
        }
        match value {
            Value::Array(items) => {
                let mut resolved = Vec::with_capacity(items.len());
                for (index, item) in items.iter().enumerate() {
                    let item = self.resolve_at(&format!("{at}[{index}]"), item, depth + 1)?;
                    if !item.is_null() {
                        resolved.push(item);
                    }
                }
                Ok(resolved.into())
            }
            Value::Object(object) => {
                if let Some((function, argument)) = intrinsic(object) {
                    return self.call(at, function, argument, depth + 1);
                }
                let mut resolved = Map::new();
                for (key, item) in object {
                    let item = self.resolve_at(&format!("{at}.{key}"), item, depth + 1)?;
                    if !item.is_null() {
                        resolved.insert(key.clone(), item);
                    }
                }
                Ok(resolved.into())
            }
            other => Ok(other.clone()),
        }
    }

    fn call(&self, at: &str, function: &str, argument: &Value, depth: usize) -> Result<Value, TemplateError> {
        let wrong = || TemplateError::new(at, format!("{function} has arguments of the wrong shape"));
        match function {
            "Ref" => self.reference(at, argument.as_str().ok_or_else(wrong)?),
            "Fn::GetAtt" => match argument.as_array().map(Vec::as_slice) {
                Some([Value::String(id), Value::String(name)]) => self.attribute(at, id, name).map(Value::from),
                _ => Err(wrong()),
            },
            "Fn::Sub" => match argument {
                Value::String(template) => self.substitute(at, template, &Map::new(), depth).map(Value::from),
                Value::Array(parts) => match parts.as_slice() {
                    [Value::String(template), Value::Object(variables)] => {
                        self.substitute(at, template, variables, depth).map(Value::from)
                    }
                    _ => Err(wrong()),
                },
                _ => Err(wrong()),
            },
            "Fn::If" => match argument.as_array().map(Vec::as_slice) {
                Some([Value::String(name), then, otherwise]) => {
                    let branch = if self.condition(at, name, depth)? {
                        then
                    } else {
                        otherwise
                    };
                    self.resolve_at(at, branch, depth)
                }
                _ => Err(wrong()),
            },
            "Fn::Join" => match argument.as_array().map(Vec::as_slice) {
                Some([Value::String(separator), items]) => {
                    let items = self.resolve_at(at, items, depth)?;
                    let items: Option<Vec<String>> = items.as_array().ok_or_else(wrong)?.iter().map(scalar).collect();
                    Ok(items.ok_or_else(wrong)?.join(separator).into())
                }
                _ => Err(wrong()),
            },
            "Fn::Equals" | "Fn::Not" | "Fn::And" | "Fn::Or" | "Condition" => {
                self.decide(at, function, argument, depth).map(Value::from)
            }
            other => Err(TemplateError::new(
                at,
                format!("{other} is not supported by the local cloud"),
            )),
        }
    }

    fn condition(&self, at: &str, name: &str, depth: usize) -> Result<bool, TemplateError> {
        if depth > MAX_DEPTH {
            return Err(TemplateError::new(format!("Conditions.{name}"), "refers to itself"));
        }
        let expression = self.document["Conditions"]
            .get(name)
            .ok_or_else(|| TemplateError::new(at, format!("condition {name} is not defined")))?;
        let at = format!("Conditions.{name}");
        match expression.as_object().and_then(intrinsic) {
            Some((function, argument)) => self.decide(&at, function, argument, depth + 1),
            None => Err(TemplateError::new(at, "must be a condition function")),
        }
    }

    fn decide(&self, at: &str, function: &str, argument: &Value, depth: usize) -> Result<bool, TemplateError> {
        let wrong = || TemplateError::new(at, format!("{function} has arguments of the wrong shape"));
        let operand = |value: &Value| match value.as_object().and_then(intrinsic) {
            Some((function, argument)) => self.decide(at, function, argument, depth + 1),
            None => Err(wrong()),
        };
        if function == "Condition" {
            return self.condition(at, argument.as_str().ok_or_else(wrong)?, depth + 1);
        }
        let operands = argument.as_array().map(Vec::as_slice).ok_or_else(wrong)?;
        match (function, operands) {
            ("Fn::Equals", [left, right]) => {
                let left = self.resolve_at(at, left, depth + 1)?;
                let right = self.resolve_at(at, right, depth + 1)?;
                Ok(scalar(&left) == scalar(&right))
            }
            ("Fn::Not", [only]) => operand(only).map(|holds| !holds),
            ("Fn::And", all) => all.iter().try_fold(true, |holds, next| Ok(operand(next)? && holds)),
            ("Fn::Or", any) => any.iter().try_fold(false, |holds, next| Ok(operand(next)? || holds)),
            _ => Err(wrong()),
        }
    }

    fn substitute(
        &self,
        at: &str,
        template: &str,
        variables: &Map<String, Value>,
        depth: usize,
    ) -> Result<String, TemplateError> {
        let mut result = String::new();
        let mut rest = template;
        while let Some(start) = rest.find("${") {
            let end = rest[start..]
                .find('}')
                .ok_or_else(|| TemplateError::new(at, "Fn::Sub has a ${ without its }"))?;
            let name = &rest[start + 2..start + end];
            result.push_str(&rest[..start]);
            rest = &rest[start + end + 1..];
            if let Some(literal) = name.strip_prefix('!') {
                result.push_str(&format!("${{{literal}}}"));
                continue;
            }
            let value = match (variables.get(name), name.split_once('.')) {
                (Some(value), _) => self.resolve_at(at, value, depth)?,
                (None, Some((id, attribute))) => self.attribute(at, id, attribute)?.into(),
                (None, None) => self.reference(at, name)?,
            };
            let text = scalar(&value).ok_or_else(|| TemplateError::new(at, format!("${{{name}}} is not text")))?;
            result.push_str(&text);
        }
        result.push_str(rest);
        Ok(result)
    }

    fn reference(&self, at: &str, name: &str) -> Result<Value, TemplateError> {
        if let Some(value) = self.parameters.get(name) {
            return Ok(value.as_str().into());
        }
        let place = self.place;
        let pseudo = match name {
            "AWS::Region" => Some(place.region.clone()),
            "AWS::AccountId" => Some(place.account.clone()),
            "AWS::StackName" => Some(place.stack.clone()),
            "AWS::StackId" => Some(place.arn("cloudformation", &format!("stack/{}/local", place.stack))),
            "AWS::Partition" => Some("aws".to_owned()),
            "AWS::URLSuffix" => Some("amazonaws.com".to_owned()),
            "AWS::NoValue" => return Ok(Value::Null),
            _ => None,
        };
        if let Some(value) = pseudo {
            return Ok(value.into());
        }
        let (kind, resource) = self.resource(at, name)?;
        let property = |property: &str| match resource["Properties"].get(property) {
            Some(value) => self.text(&format!("Resources.{name}.Properties.{property}"), value),
            None => Ok(format!("{}-{name}", place.stack)),
        };
        match kind {
            "AWS::DynamoDB::Table" => property("TableName"),
            "AWS::Serverless::Function" => property("FunctionName"),
            "AWS::Logs::LogGroup" => property("LogGroupName"),
            "AWS::IAM::Role" => property("RoleName"),
            "AWS::KMS::Alias" => property("AliasName"),
            "AWS::SecretsManager::Secret" => Ok(secret_arn(place, &property("Name")?)),
            "AWS::KMS::Key" => Ok(identifier(&format!("{}/{name}", place.stack))),
            "AWS::ApiGatewayV2::Api" => Ok("local".to_owned()),
            "AWS::ApiGatewayV2::Integration" => Ok(name.to_owned()),
            other => Err(TemplateError::new(
                at,
                format!("Ref of {name} ({other}) means nothing to the local cloud"),
            )),
        }
        .map(Value::from)
    }

    fn attribute(&self, at: &str, id: &str, attribute: &str) -> Result<String, TemplateError> {
        let (kind, resource) = self.resource(at, id)?;
        let reference = || self.text(at, &self.reference(at, id)?);
        match (kind, attribute) {
            ("AWS::DynamoDB::Table", "Arn") => Ok(self.place.arn("dynamodb", &format!("table/{}", reference()?))),
            // On AWS the label is when the stream was turned on.
            ("AWS::DynamoDB::Table", "StreamArn") => Ok(format!("{}/stream/local", self.attribute(at, id, "Arn")?)),
            ("AWS::SQS::Queue", "QueueName") => match resource["Properties"].get("QueueName") {
                Some(name) => self.text(at, name),
                None => Ok(format!("{}-{id}", self.place.stack)),
            },
            ("AWS::SQS::Queue", "Arn") => Ok(self.place.arn("sqs", &self.attribute(at, id, "QueueName")?)),
            ("AWS::Serverless::Function", "Arn") => Ok(self.place.arn("lambda", &format!("function:{}", reference()?))),
            ("AWS::KMS::Key", "Arn") => Ok(self.place.arn("kms", &format!("key/{}", reference()?))),
            ("AWS::Logs::LogGroup", "Arn") => Ok(self.place.arn("logs", &format!("log-group:{}:*", reference()?))),
            // IAM is not regional.
            ("AWS::IAM::Role", "Arn") => Ok(format!("arn:aws:iam::{}:role/{}", self.place.account, reference()?)),
            ("AWS::KMS::Key", "KeyId") | ("AWS::SecretsManager::Secret", "Id") => reference(),
            _ => Err(TemplateError::new(
                at,
                format!("attribute {attribute} of {id} ({kind}) means nothing to the local cloud"),
            )),
        }
    }

    fn resource(&self, at: &str, id: &str) -> Result<(&'a str, &'a Value), TemplateError> {
        let resource = self.document["Resources"]
            .get(id)
            .ok_or_else(|| TemplateError::new(at, format!("{id} is neither a parameter nor a resource")))?;
        if !self.is_created(&format!("Resources.{id}"), resource)? {
            return Err(TemplateError::new(
                at,
                format!("{id} is not created: its condition does not hold"),
            ));
        }
        let kind = resource["Type"]
            .as_str()
            .ok_or_else(|| TemplateError::new(format!("Resources.{id}"), "has no Type"))?;
        Ok((kind, resource))
    }
}

fn intrinsic(object: &Map<String, Value>) -> Option<(&str, &Value)> {
    let mut entries = object.iter();
    let (name, argument) = entries.next()?;
    let alone = entries.next().is_none();
    let known = name == "Ref" || name == "Condition" && argument.is_string() || name.starts_with("Fn::");
    (alone && known).then_some((name.as_str(), argument))
}

/// The text of a scalar, as CloudFormation writes it.
pub(super) fn scalar(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(flag) => Some(flag.to_string()),
        _ => None,
    }
}
