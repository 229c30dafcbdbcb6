//! Safety settings as clients write and read them, and what of them is sealed.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use tripsage_domain::{
    safety_settings::{BloodGroup, Contact, MAX_CONTACTS, MAX_SEALED, Redacted, Sealed, phone},
    text::TextRule,
    validation::{Checks, Invalid, Violation},
};
use tripsage_http::{ApiError, present};
use tripsage_runtime::{ExposeSecret, SecretString};
use tripsage_store::safety_settings::SafetySettingsRow;
use utoipa::ToSchema;

use super::fields::{LINE, Private, removable, word};

/// What people write about their health.
const HEALTH: TextRule = TextRule::multiline(1, 1000);

/// Somebody to call in an emergency.
#[derive(Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ContactFields {
    /// Who.
    #[schema(max_length = 100, example = "Mia")]
    name: String,
    /// Their number.
    #[schema(example = "+49 30 1234512")]
    phone: String,
}

/// A change of safety settings: what is not given stays as it is, `null` removes it. Beside the two switches everything is
/// sealed; altogether it has at most 4096 bytes.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct SettingsFields {
    /// Whether groups of women only are wished for.
    #[schema(value_type = Option<bool>)]
    women_only_group_preference: Option<Private<bool>>,
    /// Whether groups may see where the caller is.
    #[schema(value_type = Option<bool>)]
    location_sharing_enabled: Option<Private<bool>>,
    /// Whom to call; at most two.
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = Option<Vec<ContactFields>>, max_items = 2)]
    emergency_contacts: Option<Option<Private<Vec<ContactFields>>>>,
    /// What a doctor should know.
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = Option<String>, max_length = 1000)]
    medical_conditions: Option<Option<Private<String>>>,
    /// What the caller takes.
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = Option<String>, max_length = 1000)]
    medications: Option<Option<Private<String>>>,
    /// What the caller must not be given.
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = Option<String>, max_length = 1000)]
    allergies: Option<Option<Private<String>>>,
    /// `A+`, `A-`, `B+`, `B-`, `AB+`, `AB-`, `O+` or `O-`.
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = Option<String>)]
    blood_group: Option<Option<Private<String>>>,
    /// Who insures the caller.
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = Option<String>, max_length = 100)]
    insurance_provider: Option<Option<Private<String>>>,
    /// Under what number.
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = Option<String>, max_length = 100)]
    insurance_id: Option<Option<Private<String>>>,
}

impl SettingsFields {
    /// Whether anything is given that is sealed.
    pub(super) fn touches_sealed(&self) -> bool {
        self.emergency_contacts.is_some() || self.texts().iter().any(|text| text.is_some())
    }

    /// Whether everything is given that is sealed, so that what was sealed before does not matter.
    pub(super) fn replaces_sealed(&self) -> bool {
        self.emergency_contacts.is_some() && self.texts().iter().all(|text| text.is_some())
    }

    fn texts(&self) -> [&Option<Option<Private<String>>>; 6] {
        [
            &self.medical_conditions,
            &self.medications,
            &self.allergies,
            &self.blood_group,
            &self.insurance_provider,
            &self.insurance_id,
        ]
    }

    /// The two switches, as they will be.
    pub(super) fn switches(&self, known: &SafetySettingsRow) -> (bool, bool) {
        let given = |switch: &Option<Private<bool>>| switch.as_ref().map(|switch| switch.0);
        (
            given(&self.women_only_group_preference).unwrap_or(known.women_only_group_preference),
            given(&self.location_sharing_enabled).unwrap_or(known.location_sharing_enabled),
        )
    }

    /// What is to be sealed with these changes.
    pub(super) fn onto(&self, known: &Sealed) -> Result<Sealed, Invalid> {
        let mut checks = Checks::default();
        let c = &mut checks;
        let contacts = match &self.emergency_contacts {
            None => Some(known.contacts.clone()),
            Some(given) => {
                let given = given.as_ref().map(|given| given.0.as_slice()).unwrap_or_default();
                contacts(c, given)
            }
        };
        let text = |rule: TextRule| move |text: Private<String>| rule.parse(&text.0);
        let sealed = Sealed {
            contacts: contacts.unwrap_or_default(),
            medical_conditions: removable(
                c,
                "medical_conditions",
                self.medical_conditions.clone(),
                known.medical_conditions.as_ref(),
                text(HEALTH),
            ),
            medications: removable(
                c,
                "medications",
                self.medications.clone(),
                known.medications.as_ref(),
                text(HEALTH),
            ),
            allergies: removable(
                c,
                "allergies",
                self.allergies.clone(),
                known.allergies.as_ref(),
                text(HEALTH),
            ),
            blood_group: removable(
                c,
                "blood_group",
                self.blood_group.clone(),
                known.blood_group.as_ref(),
                |name| word(&name.0),
            ),
            insurance_provider: removable(
                c,
                "insurance_provider",
                self.insurance_provider.clone(),
                known.insurance_provider.as_ref(),
                text(LINE),
            ),
            insurance_id: removable(
                c,
                "insurance_id",
                self.insurance_id.clone(),
                known.insurance_id.as_ref(),
                text(LINE),
            ),
        };
        checks.finish()?;
        Ok(sealed)
    }
}

fn contacts(checks: &mut Checks, given: &[ContactFields]) -> Option<Vec<Contact>> {
    let bounded = given.len() <= MAX_CONTACTS;
    let message = format!("must have at most {MAX_CONTACTS} entries");
    checks.ensure(bounded, "emergency_contacts", "max_items", message);
    let contacts = given.iter().take(MAX_CONTACTS).enumerate().map(|(index, contact)| {
        let field = |name: &str| format!("emergency_contacts[{index}].{name}");
        let name = checks.take(&field("name"), LINE.parse(&contact.name));
        let phone = checks.take(&field("phone"), phone(&contact.phone));
        Some(Contact {
            name: name?,
            phone: phone?,
        })
    });
    contacts.collect()
}

/// What is sealed, as JSON. Renaming a field makes it unreadable in what was sealed before.
#[derive(Serialize, Deserialize)]
struct SealedJson {
    contacts: Vec<ContactFields>,
    medical_conditions: Option<String>,
    medications: Option<String>,
    allergies: Option<String>,
    blood_group: Option<BloodGroup>,
    insurance_provider: Option<String>,
    insurance_id: Option<String>,
}

/// What KMS is given.
///
/// # Errors
/// 400 when it is too much.
pub(super) fn to_secret(sealed: &Sealed) -> Result<SecretString, ApiError> {
    let contacts = sealed.contacts.iter().cloned().map(|contact| ContactFields {
        name: contact.name,
        phone: contact.phone,
    });
    let json = SealedJson {
        contacts: contacts.collect(),
        medical_conditions: sealed.medical_conditions.clone(),
        medications: sealed.medications.clone(),
        allergies: sealed.allergies.clone(),
        blood_group: sealed.blood_group,
        insurance_provider: sealed.insurance_provider.clone(),
        insurance_id: sealed.insurance_id.clone(),
    };
    let text = serde_json::to_string(&json).map_err(|_| ApiError::internal("settings"))?;
    if text.len() > MAX_SEALED {
        let message = format!("is too long: with all else that is sealed it must have at most {MAX_SEALED} bytes");
        return Err(Invalid::from(Violation::new("medical_conditions", "max_length", message)).into());
    }
    Ok(SecretString::from(text))
}

/// What KMS has given back.
///
/// # Errors
/// When it is nothing that was sealed here; what it is is not repeated.
pub(super) fn from_secret(secret: &SecretString) -> Result<Sealed, ApiError> {
    let json: SealedJson =
        serde_json::from_str(secret.expose_secret()).map_err(|_| ApiError::internal("sealed settings"))?;
    let contacts = json.contacts.into_iter().map(|contact| Contact {
        name: contact.name,
        phone: contact.phone,
    });
    Ok(Sealed {
        contacts: contacts.collect(),
        medical_conditions: json.medical_conditions,
        medications: json.medications,
        allergies: json.allergies,
        blood_group: json.blood_group,
        insurance_provider: json.insurance_provider,
        insurance_id: json.insurance_id,
    })
}

/// Safety settings. Of what is sealed they say only that it is there.
#[derive(Serialize, ToSchema)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "two switches, and of each field whether there is anything in it"
)]
pub(crate) struct SettingsResponse {
    /// Whether groups of women only are wished for.
    women_only_group_preference: bool,
    /// Whether groups may see where the caller is.
    location_sharing_enabled: bool,
    /// Whom to call: initials, country codes and last digits.
    #[schema(max_items = 2)]
    emergency_contacts: Vec<ContactFields>,
    /// Whether there is anything that a doctor should know.
    has_medical_conditions: bool,
    /// Whether the caller takes anything.
    has_medications: bool,
    /// Whether there is anything that the caller must not be given.
    has_allergies: bool,
    /// Whether the blood group is known.
    has_blood_group: bool,
    /// Whether it is known who insures the caller.
    has_insurance_provider: bool,
    /// Whether it is known under what number.
    has_insurance_id: bool,
    /// When the settings changed.
    #[schema(value_type = Option<String>, format = DateTime)]
    updated_at: Option<Timestamp>,
}

impl From<&SafetySettingsRow> for SettingsResponse {
    fn from(row: &SafetySettingsRow) -> Self {
        let shown = Redacted::from(&row.redacted);
        let contacts = shown.contacts.into_iter().map(|contact| ContactFields {
            name: contact.name,
            phone: contact.phone,
        });
        Self {
            women_only_group_preference: row.women_only_group_preference,
            location_sharing_enabled: row.location_sharing_enabled,
            emergency_contacts: contacts.collect(),
            has_medical_conditions: shown.has_medical_conditions,
            has_medications: shown.has_medications,
            has_allergies: shown.has_allergies,
            has_blood_group: shown.has_blood_group,
            has_insurance_provider: shown.has_insurance_provider,
            has_insurance_id: shown.has_insurance_id,
            updated_at: row.updated_at,
        }
    }
}

/// Safety settings in full.
#[derive(Serialize, ToSchema)]
pub(crate) struct RevealedSettings {
    /// Whether groups of women only are wished for.
    women_only_group_preference: bool,
    /// Whether groups may see where the caller is.
    location_sharing_enabled: bool,
    /// Whom to call.
    #[schema(max_items = 2)]
    emergency_contacts: Vec<ContactFields>,
    /// What a doctor should know.
    medical_conditions: Option<String>,
    /// What the caller takes.
    medications: Option<String>,
    /// What the caller must not be given.
    allergies: Option<String>,
    /// The blood group.
    #[schema(value_type = Option<String>)]
    blood_group: Option<BloodGroup>,
    /// Who insures the caller.
    insurance_provider: Option<String>,
    /// Under what number.
    insurance_id: Option<String>,
}

impl RevealedSettings {
    pub(super) fn new(row: &SafetySettingsRow, sealed: Sealed) -> Self {
        let contacts = sealed.contacts.into_iter().map(|contact| ContactFields {
            name: contact.name,
            phone: contact.phone,
        });
        Self {
            women_only_group_preference: row.women_only_group_preference,
            location_sharing_enabled: row.location_sharing_enabled,
            emergency_contacts: contacts.collect(),
            medical_conditions: sealed.medical_conditions,
            medications: sealed.medications,
            allergies: sealed.allergies,
            blood_group: sealed.blood_group,
            insurance_provider: sealed.insurance_provider,
            insurance_id: sealed.insurance_id,
        }
    }
}
