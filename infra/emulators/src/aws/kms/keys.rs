//! Keys, their aliases, their states and their material.

use std::collections::BTreeMap;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::super::error::{AwsError, instant};
use super::super::random;
use crate::template::Place;

const DAY_MS: i64 = 24 * 60 * 60 * 1000;

#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(super) struct Keys {
    keys: BTreeMap<String, Key>,
    /// `alias/name` to key id.
    aliases: BTreeMap<String, String>,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Key {
    pub(super) id: String,
    pub(super) arn: String,
    description: String,
    created_at: i64,
    enabled: bool,
    /// When a key that is pending deletion ceases to exist.
    deleted_at: Option<i64>,
    /// Days between automatic rotations, while they are switched on.
    pub(super) rotation_days: Option<i64>,
    /// Every version there ever was: what an old one sealed stays readable.
    pub(super) versions: Vec<Material>,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Material {
    pub(super) version: u32,
    pub(super) created_at: i64,
    bytes: String,
}

impl Material {
    fn new(version: u32, created_at: i64) -> Result<Self, AwsError> {
        Ok(Self {
            version,
            created_at,
            bytes: STANDARD.encode(random::bytes::<32>()?),
        })
    }

    pub(super) fn bytes(&self) -> Result<Vec<u8>, AwsError> {
        STANDARD
            .decode(&self.bytes)
            .map_err(|_| AwsError::internal("damaged key material"))
    }
}

impl Key {
    pub(super) fn new(place: &Place, id: String, description: &str, now: i64) -> Result<Self, AwsError> {
        Ok(Self {
            arn: place.arn("kms", &format!("key/{id}")),
            id,
            description: description.to_owned(),
            created_at: now,
            enabled: true,
            deleted_at: None,
            rotation_days: None,
            versions: vec![Material::new(1, now)?],
        })
    }

    /// Refuses unless the key may be used for cryptography.
    pub(super) fn usable(&self) -> Result<&Self, AwsError> {
        self.not_pending_deletion()?;
        match self.enabled {
            true => Ok(self),
            false => Err(AwsError::new("DisabledException", format!("{} is disabled.", self.arn))),
        }
    }

    pub(super) fn current(&self) -> Result<&Material, AwsError> {
        self.versions
            .last()
            .ok_or_else(|| AwsError::internal("a key without material"))
    }

    pub(super) fn rotate(&mut self, now: i64) -> Result<(), AwsError> {
        self.usable()?;
        let next = Material::new(self.current()?.version + 1, now)?;
        self.versions.push(next);
        Ok(())
    }

    pub(super) fn set_enabled(&mut self, enabled: bool) -> Result<(), AwsError> {
        self.not_pending_deletion()?;
        self.enabled = enabled;
        Ok(())
    }

    pub(super) fn schedule_deletion(&mut self, days: i64, now: i64) -> Result<i64, AwsError> {
        self.not_pending_deletion()?;
        if !(7..=30).contains(&days) {
            return Err(AwsError::validation("PendingWindowInDays must be between 7 and 30"));
        }
        let at = now + days * DAY_MS;
        self.deleted_at = Some(at);
        Ok(at)
    }

    pub(super) fn cancel_deletion(&mut self) -> Result<(), AwsError> {
        if self.deleted_at.take().is_none() {
            let message = format!("{} is not pending deletion.", self.arn);
            return Err(AwsError::new("KMSInvalidStateException", message));
        }
        // As on AWS, the key comes back disabled.
        self.enabled = false;
        Ok(())
    }

    pub(super) fn not_pending_deletion(&self) -> Result<(), AwsError> {
        match self.deleted_at {
            None => Ok(()),
            Some(_) => Err(AwsError::new(
                "KMSInvalidStateException",
                format!("{} is pending deletion.", self.arn),
            )),
        }
    }

    pub(super) fn state(&self) -> &'static str {
        match (self.deleted_at, self.enabled) {
            (Some(_), _) => "PendingDeletion",
            (None, true) => "Enabled",
            (None, false) => "Disabled",
        }
    }

    pub(super) fn metadata(&self, place: &Place) -> Value {
        let mut metadata = json!({
            "AWSAccountId": place.account,
            "KeyId": self.id,
            "Arn": self.arn,
            "CreationDate": instant(self.created_at),
            "Enabled": self.state() == "Enabled",
            "Description": self.description,
            "KeyUsage": "ENCRYPT_DECRYPT",
            "KeyState": self.state(),
            "Origin": "AWS_KMS",
            "KeyManager": "CUSTOMER",
            "KeySpec": "SYMMETRIC_DEFAULT",
            "CustomerMasterKeySpec": "SYMMETRIC_DEFAULT",
            "EncryptionAlgorithms": ["SYMMETRIC_DEFAULT"],
            "MultiRegion": false,
        });
        if let Some(at) = self.deleted_at {
            metadata["DeletionDate"] = instant(at);
        }
        metadata
    }

    pub(super) fn rotation_status(&self) -> Value {
        let mut status = json!({ "KeyId": self.arn, "KeyRotationEnabled": self.rotation_days.is_some() });
        if let Some(days) = self.rotation_days {
            status["RotationPeriodInDays"] = days.into();
            status["NextRotationDate"] = instant(self.created_at + days * DAY_MS);
        }
        status
    }

    fn exists_at(&self, now: i64) -> bool {
        self.deleted_at.is_none_or(|at| now < at)
    }
}

impl Keys {
    pub(super) fn insert(&mut self, key: Key) {
        self.keys.insert(key.id.clone(), key);
    }

    /// A key by id, ARN, alias or ARN of an alias.
    pub(super) fn find(&self, name: &str, now: i64) -> Result<&Key, AwsError> {
        self.by_id(self.id_of(name), now).ok_or_else(|| unknown(name))
    }

    pub(super) fn find_mut(&mut self, name: &str, now: i64) -> Result<&mut Key, AwsError> {
        let id = self.id_of(name).to_owned();
        self.keys
            .get_mut(&id)
            .filter(|key| key.exists_at(now))
            .ok_or_else(|| unknown(name))
    }

    pub(super) fn by_id(&self, id: &str, now: i64) -> Option<&Key> {
        self.keys.get(id).filter(|key| key.exists_at(now))
    }

    pub(super) fn add_alias(&mut self, alias: &str, key: &str, now: i64) -> Result<(), AwsError> {
        let well_formed = alias
            .strip_prefix("alias/")
            .is_some_and(|name| !name.is_empty() && !name.starts_with("aws/"));
        if !well_formed {
            return Err(AwsError::new(
                "InvalidAliasNameException",
                format!("{alias} is not a valid alias"),
            ));
        }
        let key = self.find(key, now)?;
        key.not_pending_deletion()?;
        let id = key.id.clone();
        if self.aliases.contains_key(alias) {
            return Err(AwsError::new("AlreadyExistsException", format!("{alias} exists")));
        }
        self.aliases.insert(alias.to_owned(), id);
        Ok(())
    }

    pub(super) fn has_alias(&self, alias: &str) -> bool {
        self.aliases.contains_key(alias)
    }

    fn id_of<'a>(&'a self, name: &'a str) -> &'a str {
        let name = match name.strip_prefix("arn:aws:kms:") {
            // region:account:key/ID or region:account:alias/NAME
            Some(rest) => rest.splitn(3, ':').nth(2).unwrap_or(name),
            None => name,
        };
        match self.aliases.get(name) {
            Some(id) => id,
            None => name.strip_prefix("key/").unwrap_or(name),
        }
    }
}

fn unknown(name: &str) -> AwsError {
    let kind = if name.contains("alias/") { "Alias" } else { "Key" };
    AwsError::new("NotFoundException", format!("{kind} '{name}' does not exist"))
}
