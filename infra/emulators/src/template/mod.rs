//! The SAM template as the local cloud reads it.
//!
//! The template is the only place where tables, secrets, keys, functions and routes are defined. This module turns it
//! into a [`Stack`]: the resources with every intrinsic function resolved to what it names on the laptop.
//!
//! It is not a validator (`sam validate --lint` is): it reports what keeps it from understanding a resource that it
//! needs, and ignores resource types that have no local stand-in.

mod event_sources;
mod grants;
mod intrinsics;
mod resources;
mod routes;
mod yaml;

use std::collections::BTreeMap;
use std::fmt;
use std::path::Path;

use serde_json::Value;

pub use event_sources::EventSource;
pub use grants::{Access, Grants};
use intrinsics::Resolver;
pub(crate) use resources::secret_arn;
pub use resources::{Function, GeneratedSecret, Key, Secret, SecretSource, Table};
pub use routes::{Route, RouteTable};

/// A template that was read and is well-formed, with its intrinsic functions still in place.
#[derive(Debug, Clone)]
pub struct Template {
    document: Value,
}

/// What a template defines, for one set of parameters.
#[derive(Debug, Clone)]
pub struct Stack {
    /// DynamoDB tables.
    pub tables: Vec<Table>,
    /// Secrets Manager secrets.
    pub secrets: Vec<Secret>,
    /// KMS keys with their aliases.
    pub keys: Vec<Key>,
    /// Lambda functions.
    pub functions: Vec<Function>,
    /// Which streams feed which functions.
    pub event_sources: Vec<EventSource>,
    /// The routes of the HTTP API, over all functions.
    pub routes: RouteTable,
}

/// Where a stack lives: the values behind `AWS::Region`, `AWS::AccountId` and `AWS::StackName`.
#[derive(Debug, Clone)]
pub struct Place {
    /// For example `eu-west-1`.
    pub region: String,
    /// Twelve digits.
    pub account: String,
    /// Prefix of the names that CloudFormation would generate.
    pub stack: String,
}

impl Place {
    /// The place of the local stack of one stage.
    pub fn local(stage: &str) -> Self {
        Self {
            region: "eu-west-1".into(),
            account: "000000000000".into(),
            stack: format!("tripsage-{stage}"),
        }
    }

    /// The Amazon Resource Name of something in this place.
    pub fn arn(&self, service: &str, resource: &str) -> String {
        format!("arn:aws:{service}:{}:{}:{resource}", self.region, self.account)
    }
}

/// Why a template cannot be used: where, and what is wrong there. Displays as one line.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub struct TemplateError {
    at: String,
    reason: String,
}

impl TemplateError {
    fn new(at: impl Into<String>, reason: impl Into<String>) -> Self {
        Self {
            at: at.into(),
            reason: reason.into().replace('\n', " "),
        }
    }
}

impl fmt::Display for TemplateError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.at, self.reason)
    }
}

impl Template {
    /// Reads a template file.
    ///
    /// # Errors
    /// When the file cannot be read or is not a CloudFormation document.
    pub fn load(path: &Path) -> Result<Self, TemplateError> {
        let at = path.display().to_string();
        let text = std::fs::read_to_string(path).map_err(|error| TemplateError::new(&at, error.to_string()))?;
        Self::parse(&text).map_err(|error| TemplateError::new(at, error.to_string()))
    }

    /// Reads a template from its text.
    ///
    /// # Errors
    /// When the text is not YAML or has no `Resources`.
    pub fn parse(text: &str) -> Result<Self, TemplateError> {
        let document = yaml::parse(text)?;
        match document.get("Resources") {
            Some(Value::Object(resources)) if !resources.is_empty() => Ok(Self { document }),
            Some(_) => Err(TemplateError::new(
                "Resources",
                "must be a mapping with at least one resource",
            )),
            None => Err(TemplateError::new("Resources", "is missing")),
        }
    }

    /// Resolves everything that the local cloud needs. `parameters` override the defaults in the template.
    ///
    /// # Errors
    /// When a parameter is unknown, missing or not allowed, a reference leads nowhere, or a resource lacks what
    /// defines it.
    pub fn resolve(&self, parameters: &BTreeMap<String, String>, place: &Place) -> Result<Stack, TemplateError> {
        let resolver = Resolver::new(&self.document, parameters, place)?;
        let functions = resources::functions(&resolver)?;
        let tables = resources::tables(&resolver)?;
        Ok(Stack {
            event_sources: event_sources::of(&resolver, &functions, &tables)?,
            tables,
            secrets: resources::secrets(&resolver)?,
            keys: resources::keys(&resolver)?,
            routes: routes::of(&resolver, &functions)?,
            functions,
        })
    }

    /// The whole template, with intrinsic functions in their long forms, for tests that hold it to rules.
    pub fn document(&self) -> &Value {
        &self.document
    }

    /// Whether the template has a parameter of this name.
    pub fn has_parameter(&self, name: &str) -> bool {
        self.document["Parameters"].get(name).is_some()
    }
}

#[cfg(test)]
mod tests;
