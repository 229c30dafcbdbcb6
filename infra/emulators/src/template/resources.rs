//! The resources that have a local stand-in.

use std::collections::BTreeMap;

use aws_lc_rs::digest::{SHA256, digest};
use serde::Deserialize;
use serde_json::{Value, json};

use super::intrinsics::{Resolver, scalar};
use super::{Grants, Place, TemplateError, grants};

/// A DynamoDB table.
#[derive(Debug, Clone)]
pub struct Table {
    /// Its id in the template.
    pub logical_id: String,
    /// The name that `Ref` gives.
    pub name: String,
    /// The body of the `CreateTable` request that makes it.
    pub create: Value,
    /// The attribute that holds the time of expiry, when the table has one.
    pub time_to_live: Option<String>,
}

/// A Secrets Manager secret.
#[derive(Debug, Clone)]
pub struct Secret {
    /// Its id in the template.
    pub logical_id: String,
    /// Its name.
    pub name: String,
    /// What `Ref` gives.
    pub arn: String,
    /// What it holds when it is made.
    pub source: SecretSource,
}

/// What a secret holds when it is made.
#[derive(Debug, Clone)]
pub enum SecretSource {
    /// This text.
    Literal(String),
    /// Something random.
    Generated(GeneratedSecret),
}

/// The properties of `GenerateSecretString`, with the defaults of CloudFormation.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "PascalCase", default, deny_unknown_fields)]
pub struct GeneratedSecret {
    /// Number of characters.
    pub password_length: usize,
    /// Characters that must not occur.
    pub exclude_characters: String,
    /// No `a` to `z`.
    pub exclude_lowercase: bool,
    /// No `A` to `Z`.
    pub exclude_uppercase: bool,
    /// No digits.
    pub exclude_numbers: bool,
    /// No punctuation.
    pub exclude_punctuation: bool,
    /// Spaces may occur.
    pub include_space: bool,
    /// At least one of each kind that may occur.
    pub require_each_included_type: bool,
    /// A JSON object to which the generated text is added under `generate_string_key`.
    pub secret_string_template: Option<String>,
    /// See `secret_string_template`.
    pub generate_string_key: Option<String>,
}

impl Default for GeneratedSecret {
    fn default() -> Self {
        Self {
            password_length: 32,
            exclude_characters: String::new(),
            exclude_lowercase: false,
            exclude_uppercase: false,
            exclude_numbers: false,
            exclude_punctuation: false,
            include_space: false,
            require_each_included_type: true,
            secret_string_template: None,
            generate_string_key: None,
        }
    }
}

/// A symmetric KMS key.
#[derive(Debug, Clone)]
pub struct Key {
    /// Its id in the template.
    pub logical_id: String,
    /// The key id that `Ref` gives.
    pub key_id: String,
    /// Names of the form `alias/...`.
    pub aliases: Vec<String>,
    /// Whether AWS rotates it every year.
    pub rotation: bool,
}

/// A Lambda function.
#[derive(Debug, Clone)]
pub struct Function {
    /// Its id in the template.
    pub logical_id: String,
    /// The name of its binary, which is also the name of its crate.
    pub binary: String,
    /// `Globals` and its own variables.
    pub environment: BTreeMap<String, String>,
    /// What its role lets it do; `None` when the template leaves the role to SAM.
    pub grants: Option<Grants>,
}

pub(super) fn tables(resolver: &Resolver) -> Result<Vec<Table>, TemplateError> {
    let mut tables = Vec::new();
    for (id, resource) in resolver.resources("AWS::DynamoDB::Table")? {
        let at = format!("Resources.{id}.Properties");
        let properties = resolver.resolve(&at, &resource["Properties"])?;
        let name = resolver.text(&at, &json!({ "Ref": id }))?;
        let mut create = json!({ "TableName": name, "BillingMode": "PAY_PER_REQUEST" });
        for required in ["AttributeDefinitions", "KeySchema"] {
            let value = properties
                .get(required)
                .ok_or_else(|| TemplateError::new(&at, format!("{required} is missing")))?;
            create[required] = value.clone();
        }
        for optional in ["GlobalSecondaryIndexes", "LocalSecondaryIndexes"] {
            if let Some(value) = properties.get(optional) {
                create[optional] = value.clone();
            }
        }
        if let Some(view) = properties["StreamSpecification"].get("StreamViewType") {
            create["StreamSpecification"] = json!({ "StreamEnabled": true, "StreamViewType": view });
        }
        let expiry = &properties["TimeToLiveSpecification"];
        let enabled = scalar(&expiry["Enabled"]).is_some_and(|flag| flag == "true");
        let time_to_live = if enabled {
            expiry["AttributeName"].as_str().map(str::to_owned)
        } else {
            None
        };
        tables.push(Table {
            logical_id: id.to_owned(),
            name,
            create,
            time_to_live,
        });
    }
    Ok(tables)
}

pub(super) fn secrets(resolver: &Resolver) -> Result<Vec<Secret>, TemplateError> {
    let mut secrets = Vec::new();
    for (id, resource) in resolver.resources("AWS::SecretsManager::Secret")? {
        let at = format!("Resources.{id}.Properties");
        let properties = resolver.resolve(&at, &resource["Properties"])?;
        let name = match properties.get("Name").and_then(scalar) {
            Some(name) => name,
            None => format!("{}-{id}", resolver.place.stack),
        };
        let source = match (properties.get("SecretString"), properties.get("GenerateSecretString")) {
            (Some(value), None) => SecretSource::Literal(
                scalar(value).ok_or_else(|| TemplateError::new(format!("{at}.SecretString"), "must be text"))?,
            ),
            (None, Some(rule)) => SecretSource::Generated(
                serde_json::from_value(rule.clone())
                    .map_err(|error| TemplateError::new(format!("{at}.GenerateSecretString"), error.to_string()))?,
            ),
            (None, None) => SecretSource::Generated(GeneratedSecret::default()),
            (Some(_), Some(_)) => {
                return Err(TemplateError::new(
                    at,
                    "SecretString and GenerateSecretString exclude each other",
                ));
            }
        };
        let arn = secret_arn(resolver.place, &name);
        secrets.push(Secret {
            logical_id: id.to_owned(),
            name,
            arn,
            source,
        });
    }
    Ok(secrets)
}

pub(super) fn keys(resolver: &Resolver) -> Result<Vec<Key>, TemplateError> {
    let mut keys = Vec::new();
    for (id, resource) in resolver.resources("AWS::KMS::Key")? {
        let at = format!("Resources.{id}");
        let rotation = match resource["Properties"].get("EnableKeyRotation") {
            Some(value) => resolver.text(&format!("{at}.Properties.EnableKeyRotation"), value)? == "true",
            None => false,
        };
        let key_id = resolver.text(&at, &json!({ "Ref": id }))?;
        keys.push(Key {
            logical_id: id.to_owned(),
            key_id,
            aliases: Vec::new(),
            rotation,
        });
    }
    for (id, resource) in resolver.resources("AWS::KMS::Alias")? {
        let at = format!("Resources.{id}.Properties");
        let target = resolver.text(&format!("{at}.TargetKeyId"), &resource["Properties"]["TargetKeyId"])?;
        let key = keys
            .iter_mut()
            .find(|key| target == key.key_id || target.ends_with(&format!("key/{}", key.key_id)))
            .ok_or_else(|| TemplateError::new(format!("{at}.TargetKeyId"), "is not a key of this template"))?;
        key.aliases
            .push(resolver.text(&format!("{at}.AliasName"), &resource["Properties"]["AliasName"])?);
    }
    Ok(keys)
}

pub(super) fn functions(resolver: &Resolver) -> Result<Vec<Function>, TemplateError> {
    let shared = &resolver.globals("Function")["Environment"]["Variables"];
    let mut functions = Vec::new();
    for (id, resource) in resolver.resources("AWS::Serverless::Function")? {
        let at = format!("Resources.{id}");
        let mut environment = BTreeMap::new();
        let own = &resource["Properties"]["Environment"]["Variables"];
        for (place, variables) in [("Globals.Function", shared), (at.as_str(), own)] {
            for (name, value) in variables.as_object().into_iter().flatten() {
                let at = format!("{place}.Environment.Variables.{name}");
                let value = resolver.resolve(&at, value)?;
                if value.is_null() {
                    environment.remove(name);
                    continue;
                }
                let text = scalar(&value).ok_or_else(|| TemplateError::new(at, "must be text"))?;
                environment.insert(name.clone(), text);
            }
        }
        let binary = binary(resource).ok_or_else(|| {
            TemplateError::new(
                &at,
                "names no binary: set Metadata.BuildProperties.Binary or a CodeUri that ends in it",
            )
        })?;
        functions.push(Function {
            logical_id: id.to_owned(),
            binary,
            environment,
            grants: grants::of(resolver, &at, resource)?,
        });
    }
    Ok(functions)
}

/// `functions/trips` and `target/lambda/trips/bootstrap.zip` both name the binary `trips`.
fn binary(function: &Value) -> Option<String> {
    if let Some(binary) = function["Metadata"]["BuildProperties"]["Binary"].as_str() {
        return Some(binary.to_owned());
    }
    let uri = function["Properties"]["CodeUri"].as_str()?;
    let folder = uri.strip_suffix("/bootstrap.zip").unwrap_or(uri).trim_end_matches('/');
    let name = folder.rsplit('/').next()?;
    (!name.is_empty() && name != ".").then(|| name.to_owned())
}

/// The ARN of a secret. AWS adds six random characters; here they follow from the name, so that the ARN is known
/// before the secret exists and stays the same when the data directory is thrown away.
pub(crate) fn secret_arn(place: &Place, name: &str) -> String {
    let suffix: String = identifier(name).chars().take(6).collect();
    place.arn("secretsmanager", &format!("secret:{name}-{suffix}"))
}

/// An identifier in the form of a UUID that follows from `seed`.
pub(crate) fn identifier(seed: &str) -> String {
    let hash = digest(&SHA256, seed.as_bytes());
    let hex: String = hash
        .as_ref()
        .iter()
        .take(16)
        .map(|byte| format!("{byte:02x}"))
        .collect();
    format!(
        "{}-{}-{}-{}-{}",
        &hex[..8],
        &hex[8..12],
        &hex[12..16],
        &hex[16..20],
        &hex[20..]
    )
}
