//! Secrets Manager: versions with their stages. No rotation schedules, no deletion, no policies.

mod generate;

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::error::{AwsError, Request, instant};
use super::random;
use super::state::State;
use crate::StartError;
use crate::clock::Clock;
use crate::template::{Place, Secret, SecretSource, secret_arn};

const CURRENT: &str = "AWSCURRENT";
const PREVIOUS: &str = "AWSPREVIOUS";

/// Secrets Manager.
pub struct SecretsManager {
    secrets: State<BTreeMap<String, Stored>>,
    place: Place,
    clock: Clock,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
struct Stored {
    arn: String,
    created_at: i64,
    changed_at: i64,
    versions: Vec<Version>,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
struct Version {
    id: String,
    content: Content,
    stages: BTreeSet<String>,
    created_at: i64,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
enum Content {
    Text(String),
    /// As base64.
    Binary(String),
}

impl SecretsManager {
    pub(super) fn open(file: Option<PathBuf>, place: Place, clock: Clock) -> Result<Self, StartError> {
        Ok(Self {
            secrets: State::open(file)?,
            place,
            clock,
        })
    }

    /// Makes a secret of the template, unless it is there already.
    pub(crate) fn ensure(&self, secret: &Secret) -> Result<(), AwsError> {
        if self.secrets.read(|secrets| secrets.contains_key(&secret.name)) {
            return Ok(());
        }
        let text = match &secret.source {
            SecretSource::Literal(text) => text.clone(),
            SecretSource::Generated(rule) => generate::generate(rule)?,
        };
        self.create(&secret.name, Some(Content::Text(text)), random::uuid()?)
            .map(|_| ())
    }

    /// Puts a new current value of a secret that exists, unless it is current already.
    pub(crate) fn set(&self, name: &str, text: &str) -> Result<(), AwsError> {
        let content = Content::Text(text.to_owned());
        let is_current = |version: &Version| version.stages.contains(CURRENT) && version.content == content;
        if self.secrets.read(|secrets| {
            secrets
                .get(name)
                .is_some_and(|secret| secret.versions.iter().any(is_current))
        }) {
            return Ok(());
        }
        self.put(name, content, random::uuid()?, &[CURRENT]).map(|_| ())
    }

    /// The current text of a secret.
    pub(crate) fn text(&self, name: &str) -> Option<String> {
        let value = self.value(name, None, None).ok()?;
        value["SecretString"].as_str().map(str::to_owned)
    }

    pub(super) fn call(&self, operation: &str, request: &Request) -> Result<Value, AwsError> {
        match operation {
            "CreateSecret" => {
                let token = version_token(request)?;
                self.create(request.required_text("Name")?, content(request)?, token)
            }
            "PutSecretValue" => {
                let content = content(request)?.ok_or_else(|| invalid("SecretString or SecretBinary must be given"))?;
                let stages = request.texts("VersionStages")?.unwrap_or_else(|| vec![CURRENT]);
                self.put(
                    request.required_text("SecretId")?,
                    content,
                    version_token(request)?,
                    &stages,
                )
            }
            "UpdateSecretVersionStage" => self.move_stage(request),
            "GetSecretValue" => {
                let id = request.required_text("SecretId")?;
                self.value(id, request.text("VersionId")?, request.text("VersionStage")?)
            }
            "BatchGetSecretValue" => self.values(request),
            "DescribeSecret" => self.describe(request.required_text("SecretId")?),
            other => Err(AwsError::unknown_operation(&format!("secretsmanager.{other}"))),
        }
    }

    fn create(&self, name: &str, content: Option<Content>, token: String) -> Result<Value, AwsError> {
        let now = (self.clock)();
        let arn = secret_arn(&self.place, name);
        self.secrets.change(|secrets| {
            if secrets.contains_key(name) {
                let message = format!("The operation failed because the secret {name} already exists.");
                return Err(AwsError::new("ResourceExistsException", message));
            }
            let mut answer = json!({ "ARN": arn, "Name": name });
            let mut versions = Vec::new();
            if let Some(content) = content {
                answer["VersionId"] = token.as_str().into();
                versions.push(Version {
                    id: token,
                    content,
                    stages: BTreeSet::from([CURRENT.into()]),
                    created_at: now,
                });
            }
            secrets.insert(
                name.to_owned(),
                Stored {
                    arn,
                    created_at: now,
                    changed_at: now,
                    versions,
                },
            );
            Ok(answer)
        })
    }

    fn put(&self, id: &str, content: Content, token: String, stages: &[&str]) -> Result<Value, AwsError> {
        let now = (self.clock)();
        self.secrets.change(|secrets| {
            let (name, secret) = find_mut(secrets, id)?;
            match secret.versions.iter().find(|version| version.id == token) {
                Some(version) if version.content == content => {}
                Some(_) => {
                    let message = format!("A version with the id {token} exists and has another content.");
                    return Err(AwsError::new("ResourceExistsException", message));
                }
                None => {
                    let version = Version {
                        id: token.clone(),
                        content,
                        stages: BTreeSet::new(),
                        created_at: now,
                    };
                    secret.versions.push(version);
                    for stage in stages {
                        secret.attach(stage, &token);
                    }
                }
            }
            secret.changed_at = now;
            let version = secret.versions.iter().find(|version| version.id == token);
            let stages = version.map(|version| version.stages.clone()).unwrap_or_default();
            Ok(json!({ "ARN": secret.arn, "Name": name, "VersionId": token, "VersionStages": stages }))
        })
    }

    fn move_stage(&self, request: &Request) -> Result<Value, AwsError> {
        let stage = request.required_text("VersionStage")?;
        let (to, from) = (request.text("MoveToVersionId")?, request.text("RemoveFromVersionId")?);
        self.secrets.change(|secrets| {
            let (name, secret) = find_mut(secrets, request.required_text("SecretId")?)?;
            let holder = secret.versions.iter().find(|version| version.stages.contains(stage));
            let holder = holder.map(|version| version.id.clone());
            if holder.as_deref() != from && holder.is_some() {
                return Err(invalid(&format!(
                    "RemoveFromVersionId is not the version that has {stage}"
                )));
            }
            match to {
                Some(to) if secret.versions.iter().any(|version| version.id == to) => secret.attach(stage, to),
                Some(to) => return Err(not_found(&format!("value for VersionId: {to}"))),
                None if stage == CURRENT => return Err(invalid("AWSCURRENT can be moved, but not removed")),
                None => secret.detach(stage),
            }
            Ok(json!({ "ARN": secret.arn, "Name": name }))
        })
    }

    fn value(&self, id: &str, version: Option<&str>, stage: Option<&str>) -> Result<Value, AwsError> {
        self.secrets.read(|secrets| {
            let (name, secret) = find(secrets, id)?;
            let stage = stage.or(if version.is_none() { Some(CURRENT) } else { None });
            let found = secret.versions.iter().find(|candidate| {
                version.is_none_or(|version| candidate.id == version)
                    && stage.is_none_or(|stage| candidate.stages.contains(stage))
            });
            let found = found.ok_or_else(|| match (version, stage) {
                (Some(version), _) => not_found(&format!("value for VersionId: {version}")),
                (None, stage) => not_found(&format!("value for staging label: {}", stage.unwrap_or(CURRENT))),
            })?;
            let mut answer = json!({
                "ARN": secret.arn,
                "Name": name,
                "VersionId": found.id,
                "VersionStages": found.stages,
                "CreatedDate": instant(found.created_at),
            });
            match &found.content {
                Content::Text(text) => answer["SecretString"] = text.as_str().into(),
                Content::Binary(base64) => answer["SecretBinary"] = base64.as_str().into(),
            }
            Ok(answer)
        })
    }

    fn values(&self, request: &Request) -> Result<Value, AwsError> {
        let ids = request
            .texts("SecretIdList")?
            .ok_or_else(|| AwsError::unknown_operation("BatchGetSecretValue without SecretIdList"))?;
        let (mut values, mut errors) = (Vec::new(), Vec::new());
        for id in ids {
            match self.value(id, None, None) {
                Ok(value) => values.push(value),
                Err(error) => {
                    let body = error.body();
                    errors.push(json!({ "SecretId": id, "ErrorCode": error.code, "Message": body["message"] }));
                }
            }
        }
        Ok(json!({ "SecretValues": values, "Errors": errors }))
    }

    fn describe(&self, id: &str) -> Result<Value, AwsError> {
        self.secrets.read(|secrets| {
            let (name, secret) = find(secrets, id)?;
            let stages: BTreeMap<&str, &BTreeSet<String>> = secret
                .versions
                .iter()
                .map(|version| (version.id.as_str(), &version.stages))
                .collect();
            Ok(json!({
                "ARN": secret.arn,
                "Name": name,
                "CreatedDate": instant(secret.created_at),
                "LastChangedDate": instant(secret.changed_at),
                "VersionIdsToStages": stages,
            }))
        })
    }
}

impl Stored {
    /// Moves a stage to a version. What loses `AWSCURRENT` becomes `AWSPREVIOUS`, and versions left without a stage are
    /// dropped, as AWS does sooner or later.
    fn attach(&mut self, stage: &str, id: &str) {
        let holder = self.versions.iter().position(|version| version.stages.contains(stage));
        self.detach(stage);
        if let Some(version) = self.versions.iter_mut().find(|version| version.id == id) {
            version.stages.insert(stage.to_owned());
        }
        if stage == CURRENT
            && let Some(holder) = holder.filter(|holder| self.versions[*holder].id != id)
        {
            self.detach(PREVIOUS);
            self.versions[holder].stages.insert(PREVIOUS.to_owned());
        }
        self.versions
            .retain(|version| !version.stages.is_empty() || version.id == id);
    }

    fn detach(&mut self, stage: &str) {
        for version in &mut self.versions {
            version.stages.remove(stage);
        }
    }
}

fn find<'a>(secrets: &'a BTreeMap<String, Stored>, id: &str) -> Result<(&'a String, &'a Stored), AwsError> {
    secrets
        .iter()
        .find(|(name, secret)| *name == id || secret.arn == id)
        .ok_or_else(|| not_found("secret."))
}

fn find_mut<'a>(secrets: &'a mut BTreeMap<String, Stored>, id: &str) -> Result<(&'a String, &'a mut Stored), AwsError> {
    secrets
        .iter_mut()
        .find(|(name, secret)| *name == id || secret.arn == id)
        .ok_or_else(|| not_found("secret."))
}

fn not_found(what: &str) -> AwsError {
    let what = if what == "secret." {
        what.to_owned()
    } else {
        format!("secret {what}")
    };
    AwsError::new(
        "ResourceNotFoundException",
        format!("Secrets Manager can't find the specified {what}"),
    )
}

fn invalid(message: &str) -> AwsError {
    AwsError::new("InvalidParameterException", message)
}

fn content(request: &Request) -> Result<Option<Content>, AwsError> {
    match (request.text("SecretString")?, request.text("SecretBinary")?) {
        (Some(text), None) => Ok(Some(Content::Text(text.to_owned()))),
        (None, Some(base64)) => Ok(Some(Content::Binary(base64.to_owned()))),
        (None, None) => Ok(None),
        (Some(_), Some(_)) => Err(invalid("SecretString and SecretBinary exclude each other")),
    }
}

fn version_token(request: &Request) -> Result<String, AwsError> {
    match request.text("ClientRequestToken")? {
        Some(token) => Ok(token.to_owned()),
        None => random::uuid(),
    }
}
