//! KMS with symmetric keys.
//!
//! Encryption is real: AES-256-GCM over the plaintext with the encryption context as associated data, so a wrong context
//! or a changed byte is refused as on AWS. A blob names the key and the version of its material; versions are kept for
//! ever. Not here: asymmetric and HMAC keys, grants, key policies, imported material, multi-region keys, `DryRun`. A key
//! whose rotation is switched on says so, and rotates when it is asked to, never by itself.

mod blob;
mod keys;

use std::collections::BTreeMap;
use std::path::PathBuf;

use serde_json::{Value, json};

use super::error::{AwsError, Request, blob as encode, instant};
use super::random;
use super::state::State;
use crate::StartError;
use crate::clock::Clock;
use crate::template::{self, Place};
use keys::{Key, Keys};

const MAX_PLAINTEXT: usize = 4096;
const DEFAULT_ROTATION_DAYS: i64 = 365;
const ALGORITHM: &str = "SYMMETRIC_DEFAULT";

/// KMS.
pub struct Kms {
    keys: State<Keys>,
    place: Place,
    clock: Clock,
}

impl Kms {
    pub(super) fn open(file: Option<PathBuf>, place: Place, clock: Clock) -> Result<Self, StartError> {
        Ok(Self {
            keys: State::open(file)?,
            place,
            clock,
        })
    }

    /// Makes a key of the template and its aliases, unless they are there already.
    pub(crate) fn ensure(&self, key: &template::Key) -> Result<(), AwsError> {
        let now = (self.clock)();
        let complete =
            |keys: &Keys| keys.find(&key.key_id, now).is_ok() && key.aliases.iter().all(|alias| keys.has_alias(alias));
        if self.keys.read(complete) {
            return Ok(());
        }
        self.keys.change(|keys| {
            if keys.find(&key.key_id, now).is_err() {
                let mut made = Key::new(&self.place, key.key_id.clone(), &key.logical_id, now)?;
                made.rotation_days = key.rotation.then_some(DEFAULT_ROTATION_DAYS);
                keys.insert(made);
            }
            for alias in key.aliases.iter() {
                if !keys.has_alias(alias) {
                    keys.add_alias(alias, &key.key_id, now)?;
                }
            }
            Ok(())
        })
    }

    pub(super) fn call(&self, operation: &str, request: &Request) -> Result<Value, AwsError> {
        match operation {
            "Encrypt" => self.encrypt(request),
            "Decrypt" => self.decrypt(request),
            "ReEncrypt" => self.re_encrypt(request),
            "GenerateDataKey" => self.generate_data_key(request, true),
            "GenerateDataKeyWithoutPlaintext" => self.generate_data_key(request, false),
            "CreateKey" => self.create_key(request),
            "DescribeKey" => self.with_key(request, |key| Ok(json!({ "KeyMetadata": key.metadata(&self.place) }))),
            "CreateAlias" => self.keys.change(|keys| {
                let target = request.required_text("TargetKeyId")?;
                keys.add_alias(request.required_text("AliasName")?, target, (self.clock)())?;
                Ok(json!({}))
            }),
            "EnableKey" => self.change_key(request, |key, _| key.set_enabled(true).map(|()| json!({}))),
            "DisableKey" => self.change_key(request, |key, _| key.set_enabled(false).map(|()| json!({}))),
            "ScheduleKeyDeletion" => self.change_key(request, |key, now| {
                let days = request.integer("PendingWindowInDays")?.unwrap_or(30);
                let at = key.schedule_deletion(days, now)?;
                Ok(json!({
                    "KeyId": key.arn,
                    "DeletionDate": instant(at),
                    "KeyState": key.state(),
                    "PendingWindowInDays": days,
                }))
            }),
            "CancelKeyDeletion" => {
                self.change_key(request, |key, _| key.cancel_deletion().map(|()| json!({ "KeyId": key.arn })))
            }
            "EnableKeyRotation" => self.change_key(request, |key, _| {
                let days = request.integer("RotationPeriodInDays")?.unwrap_or(DEFAULT_ROTATION_DAYS);
                if !(90..=2560).contains(&days) {
                    return Err(AwsError::validation("RotationPeriodInDays must be between 90 and 2560"));
                }
                key.usable()?;
                key.rotation_days = Some(days);
                Ok(json!({}))
            }),
            "DisableKeyRotation" => self.change_key(request, |key, _| {
                key.usable()?;
                key.rotation_days = None;
                Ok(json!({}))
            }),
            "GetKeyRotationStatus" => self.with_key(request, |key| Ok(key.rotation_status())),
            "RotateKeyOnDemand" => {
                self.change_key(request, |key, now| key.rotate(now).map(|()| json!({ "KeyId": key.arn })))
            }
            "ListKeyRotations" => self.with_key(request, |key| {
                let rotations = key.versions.iter().skip(1).map(|version| {
                    json!({ "KeyId": key.arn, "RotationDate": instant(version.created_at), "RotationType": "ON_DEMAND" })
                });
                Ok(json!({ "Rotations": rotations.collect::<Vec<_>>(), "Truncated": false }))
            }),
            other => Err(AwsError::unknown_operation(&format!("TrentService.{other}"))),
        }
    }

    fn encrypt(&self, request: &Request) -> Result<Value, AwsError> {
        let plaintext = request.blob("Plaintext")?;
        if plaintext.is_empty() || plaintext.len() > MAX_PLAINTEXT {
            return Err(AwsError::validation(format!(
                "Plaintext must have 1 to {MAX_PLAINTEXT} bytes"
            )));
        }
        let context = request.text_map("EncryptionContext")?;
        self.with_key(request, |key| {
            let sealed = seal(key, &context, &plaintext)?;
            Ok(json!({ "CiphertextBlob": encode(&sealed), "KeyId": key.arn, "EncryptionAlgorithm": ALGORITHM }))
        })
    }

    fn decrypt(&self, request: &Request) -> Result<Value, AwsError> {
        let context = request.text_map("EncryptionContext")?;
        let (plaintext, arn) = self.unseal(&request.blob("CiphertextBlob")?, request.text("KeyId")?, &context)?;
        Ok(json!({ "Plaintext": encode(&plaintext), "KeyId": arn, "EncryptionAlgorithm": ALGORITHM }))
    }

    fn re_encrypt(&self, request: &Request) -> Result<Value, AwsError> {
        let source = request.text_map("SourceEncryptionContext")?;
        let destination = request.text_map("DestinationEncryptionContext")?;
        let blob = request.blob("CiphertextBlob")?;
        let (plaintext, source_arn) = self.unseal(&blob, request.text("SourceKeyId")?, &source)?;
        self.keys.read(|keys| {
            let key = keys.find(request.required_text("DestinationKeyId")?, (self.clock)())?;
            let sealed = seal(key, &destination, &plaintext)?;
            Ok(json!({
                "CiphertextBlob": encode(&sealed),
                "SourceKeyId": source_arn,
                "KeyId": key.arn,
                "SourceEncryptionAlgorithm": ALGORITHM,
                "DestinationEncryptionAlgorithm": ALGORITHM,
            }))
        })
    }

    fn generate_data_key(&self, request: &Request, with_plaintext: bool) -> Result<Value, AwsError> {
        let length = match (request.text("KeySpec")?, request.integer("NumberOfBytes")?) {
            (Some("AES_256"), None) => 32,
            (Some("AES_128"), None) => 16,
            (None, Some(bytes @ 1..=1024)) => usize::try_from(bytes).unwrap_or_default(),
            _ => {
                return Err(AwsError::validation(
                    "give either KeySpec or NumberOfBytes from 1 to 1024",
                ));
            }
        };
        let context = request.text_map("EncryptionContext")?;
        let mut data_key = vec![0; length];
        random::fill(&mut data_key)?;
        self.with_key(request, |key| {
            let sealed = seal(key, &context, &data_key)?;
            let mut answer = json!({ "CiphertextBlob": encode(&sealed), "KeyId": key.arn });
            if with_plaintext {
                answer["Plaintext"] = encode(&data_key);
            }
            Ok(answer)
        })
    }

    fn create_key(&self, request: &Request) -> Result<Value, AwsError> {
        let symmetric = request.text("KeySpec")?.is_none_or(|spec| spec == ALGORITHM)
            && request.text("KeyUsage")?.is_none_or(|usage| usage == "ENCRYPT_DECRYPT");
        if !symmetric {
            return Err(AwsError::new(
                "UnsupportedOperationException",
                "only symmetric keys for encryption are here",
            ));
        }
        let description = request.text("Description")?.unwrap_or_default();
        let key = Key::new(&self.place, random::uuid()?, description, (self.clock)())?;
        let metadata = key.metadata(&self.place);
        self.keys.change(|keys| {
            keys.insert(key);
            Ok(json!({ "KeyMetadata": metadata }))
        })
    }

    /// Opens a blob. The key that it names must be usable and, when the caller expects one, the expected one.
    fn unseal(
        &self,
        ciphertext: &[u8],
        expected: Option<&str>,
        context: &BTreeMap<&str, &str>,
    ) -> Result<(Vec<u8>, String), AwsError> {
        let invalid = || AwsError::new("InvalidCiphertextException", "the ciphertext cannot be decrypted");
        let header = blob::parse(ciphertext).ok_or_else(invalid)?;
        let now = (self.clock)();
        self.keys.read(|keys| {
            let key = keys.by_id(header.key_id, now).ok_or_else(invalid)?;
            if let Some(expected) = expected
                && keys.find(expected, now)?.id != key.id
            {
                return Err(AwsError::new(
                    "IncorrectKeyException",
                    "the ciphertext was encrypted under another key",
                ));
            }
            key.usable()?;
            let version = key.versions.iter().find(|version| version.version == header.version);
            let material = version.ok_or_else(invalid)?.bytes()?;
            let plaintext = blob::open(&header, &material, context)?.ok_or_else(invalid)?;
            Ok((plaintext, key.arn.clone()))
        })
    }

    fn with_key<R>(&self, request: &Request, look: impl FnOnce(&Key) -> Result<R, AwsError>) -> Result<R, AwsError> {
        let id = request.required_text("KeyId")?;
        self.keys.read(|keys| look(keys.find(id, (self.clock)())?))
    }

    fn change_key<R>(
        &self,
        request: &Request,
        change: impl FnOnce(&mut Key, i64) -> Result<R, AwsError>,
    ) -> Result<R, AwsError> {
        let (id, now) = (request.required_text("KeyId")?, (self.clock)());
        self.keys.change(|keys| change(keys.find_mut(id, now)?, now))
    }
}

fn seal(key: &Key, context: &BTreeMap<&str, &str>, plaintext: &[u8]) -> Result<Vec<u8>, AwsError> {
    let material = key.usable()?.current()?;
    blob::seal(&key.id, material.version, &material.bytes()?, context, plaintext)
}
