//! What somebody keeps for an emergency: one row, in which everything about their health and their people is a ciphertext.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use tripsage_domain::{
    ids::UserId,
    safety_settings::{Masked, Redacted},
};

use crate::{Db, Loaded, StoreError, Transaction, Write, keys};

/// Label of the write that loses when the settings have changed meanwhile.
pub const SAFETY_SETTINGS_CHANGED: &str = "safety_settings";

/// Safety settings as they are stored.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SafetySettingsRow {
    /// Whether groups of women only are wished for.
    pub women_only_group_preference: bool,
    /// Whether groups may see where they are.
    pub location_sharing_enabled: bool,
    /// What there is in the ciphertext.
    pub redacted: RedactedRow,
    /// The ciphertext; `None` when there is nothing in it.
    pub sealed: Option<SealedRow>,
    /// When they changed.
    pub updated_at: Option<Timestamp>,
}

/// What is shown of what is sealed.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each says of one field whether there is anything in it"
)]
pub struct RedactedRow {
    emergency_contacts: Vec<(String, String)>,
    has_medical_conditions: bool,
    has_medications: bool,
    has_allergies: bool,
    has_blood_group: bool,
    has_insurance_provider: bool,
    has_insurance_id: bool,
}

/// What KMS has made of the fields, and with what key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SealedRow {
    /// In base64.
    pub ciphertext: String,
    /// ARN of the KMS key.
    pub kms_key: String,
}

impl From<&Redacted> for RedactedRow {
    fn from(redacted: &Redacted) -> Self {
        let contacts = redacted.contacts.iter();
        Self {
            emergency_contacts: contacts.map(|one| (one.name.clone(), one.phone.clone())).collect(),
            has_medical_conditions: redacted.has_medical_conditions,
            has_medications: redacted.has_medications,
            has_allergies: redacted.has_allergies,
            has_blood_group: redacted.has_blood_group,
            has_insurance_provider: redacted.has_insurance_provider,
            has_insurance_id: redacted.has_insurance_id,
        }
    }
}

impl From<&RedactedRow> for Redacted {
    fn from(row: &RedactedRow) -> Self {
        let contacts = row.emergency_contacts.iter().cloned();
        Self {
            contacts: contacts.map(|(name, phone)| Masked { name, phone }).collect(),
            has_medical_conditions: row.has_medical_conditions,
            has_medications: row.has_medications,
            has_allergies: row.has_allergies,
            has_blood_group: row.has_blood_group,
            has_insurance_provider: row.has_insurance_provider,
            has_insurance_id: row.has_insurance_id,
        }
    }
}

impl Db {
    /// AP-219: the safety settings of a user; version 0: they have none yet.
    ///
    /// # Errors
    /// When DynamoDB does not answer.
    pub async fn find_safety_settings(&self, user: UserId) -> Result<Loaded<SafetySettingsRow>, StoreError> {
        let found = self.get::<SafetySettingsRow>(&keys::safety_settings(user)).await?;
        Ok(found.unwrap_or(Loaded {
            item: SafetySettingsRow::default(),
            version: 0,
        }))
    }

    /// AP-219: whether a user wishes for groups of women only.
    ///
    /// # Errors
    /// When DynamoDB does not answer.
    pub async fn women_only_preference(&self, user: UserId) -> Result<bool, StoreError> {
        let settings = self.find_safety_settings(user).await?;
        Ok(settings.item.women_only_group_preference)
    }
}

impl Transaction {
    /// AP-219: safety settings in the place of those that were read. Conflict: [`SAFETY_SETTINGS_CHANGED`].
    ///
    /// # Errors
    /// When the row cannot be expressed in DynamoDB's types.
    pub fn replacing_safety_settings(
        user: UserId,
        before: &Loaded<SafetySettingsRow>,
        after: &SafetySettingsRow,
    ) -> Result<Self, StoreError> {
        let key = keys::safety_settings(user);
        Ok(Self::from(match before.version {
            0 => Write::insert(SAFETY_SETTINGS_CHANGED, key, after)?,
            version => Write::replace(SAFETY_SETTINGS_CHANGED, key, after, version)?,
        }))
    }
}
