use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use tripsage_domain::{
    ids::UserId,
    key::{MAX_DAILY_LIMIT, Status, is_over},
    service::Service,
    text::TextRule,
    validation::Rule,
};
use tripsage_http::present;
use tripsage_store::provider_keys::KeyRow;
use utoipa::ToSchema;

use crate::key_text::KeyText;

/// Characters of a name.
pub(crate) const NAME: TextRule = TextRule::line(1, 255);

/// Characters of a description.
pub(crate) const DESCRIPTION: TextRule = TextRule::multiline(1, 1000);

/// A key that is to be stored.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct CreateKey {
    /// What to call it.
    #[schema(min_length = 1, max_length = 255, example = "My Duffel account")]
    pub(crate) name: String,
    /// The service it is for: `duffel`, `duffel_webhook`, `google_places` or `openweather`.
    #[schema(example = "duffel")]
    pub(crate) service: String,
    /// The key itself. It is never shown again. For `duffel_webhook` it may be left out at first: Duffel gives the secret
    /// once the webhook is made, and for that the address is needed which the answer holds.
    #[schema(value_type = Option<String>, format = Password, min_length = 8, max_length = 4096)]
    pub(crate) key: Option<KeyText>,
    /// What it is for.
    #[schema(max_length = 1000)]
    pub(crate) description: Option<String>,
    /// When it ends.
    #[schema(format = DateTime)]
    pub(crate) expires_at: Option<String>,
    /// Uses a day after which searches and bookings are refused.
    #[schema(minimum = 1, maximum = 1_000_000)]
    pub(crate) daily_limit: Option<u32>,
    /// Whether the service is asked about it first. Without that it is `unverified` until its first use.
    #[schema(default = true)]
    pub(crate) validate: Option<bool>,
}

/// Changes of a key: a JSON merge patch. The key itself is replaced by rotation.
#[derive(Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct UpdateKey {
    /// What to call it.
    #[schema(min_length = 1, max_length = 255)]
    pub(crate) name: Option<String>,
    /// What it is for.
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = Option<String>, max_length = 1000)]
    pub(crate) description: Option<Option<String>>,
    /// When it ends.
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub(crate) expires_at: Option<Option<String>>,
    /// Uses a day after which searches and bookings are refused.
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = Option<u32>, minimum = 1, maximum = 1_000_000)]
    pub(crate) daily_limit: Option<Option<u32>>,
}

/// What replaces a key.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct RotateKey {
    /// The new key.
    #[schema(value_type = String, format = Password, min_length = 8, max_length = 4096)]
    pub(crate) new_key: KeyText,
    /// Whether the service is asked about it first.
    #[schema(default = true)]
    pub(crate) validate: Option<bool>,
}

/// An instant to come.
pub(crate) fn future(text: &str, now: Timestamp) -> Result<Timestamp, Rule> {
    let at: Timestamp = text
        .parse()
        .map_err(|_| Rule::new("instant", "must be an instant such as 2027-03-03T10:00:00Z"))?;
    if at > now {
        Ok(at)
    } else {
        Err(Rule::new("future", "must be in the future"))
    }
}

/// A limit on uses a day.
pub(crate) fn daily_limit(limit: u32) -> Result<u32, Rule> {
    if (1..=MAX_DAILY_LIMIT).contains(&limit) {
        Ok(limit)
    } else {
        Err(Rule::new("range", format!("must be between 1 and {MAX_DAILY_LIMIT}")))
    }
}

/// The service of this name.
pub(crate) fn service(name: &str) -> Result<Service, Rule> {
    name.parse()
        .map_err(|error: tripsage_domain::service::UnknownService| Rule::new("one_of", error.to_string()))
}

/// A stored key, without the key.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct KeyResponse {
    /// Its id.
    #[schema(format = Uuid)]
    id: String,
    /// What its owner calls it.
    name: String,
    /// The service it is for.
    #[schema(example = "duffel")]
    service: String,
    /// What it is for.
    description: Option<String>,
    /// What is shown of it: a mask, and the last four characters when it has at least 16.
    #[schema(example = "********x9Qz")]
    hint: String,
    /// `active`, `unverified`, `refused` by its service, `expired`, or `needs_reentry`: it has to be entered (again).
    #[schema(example = "active")]
    status: &'static str,
    /// Whether its service has accepted it and it has not ended.
    is_valid: bool,
    /// Number of the version that is used; 0 when none was entered.
    version: u32,
    /// Number of the version before, which is kept until the newest one has been used successfully.
    previous_version: Option<u32>,
    /// When it was made.
    #[schema(value_type = String, format = DateTime)]
    created_at: Timestamp,
    /// When it was changed.
    #[schema(value_type = String, format = DateTime)]
    updated_at: Timestamp,
    /// When it ends.
    #[schema(value_type = Option<String>, format = DateTime)]
    expires_at: Option<Timestamp>,
    /// Whether it has ended.
    is_expired: bool,
    /// Whole days until it ends.
    expires_in_days: Option<i64>,
    /// When it was last decrypted.
    #[schema(value_type = Option<String>, format = DateTime)]
    last_used: Option<Timestamp>,
    /// When its service last accepted it.
    #[schema(value_type = Option<String>, format = DateTime)]
    last_validated: Option<Timestamp>,
    /// How often it was decrypted.
    usage_count: u64,
    /// Uses a day after which searches and bookings are refused.
    daily_limit: Option<u32>,
    /// For `duffel_webhook`: the address to give to Duffel.
    #[serde(skip_serializing_if = "Option::is_none")]
    webhook_url: Option<String>,
}

impl KeyResponse {
    pub(crate) fn new(public_url: &str, user: UserId, row: &KeyRow, now: Timestamp) -> Self {
        let status = row.status(now);
        let shown = row.current().or(row.sealed.first());
        let version = shown.map_or(0, |sealed| sealed.version);
        let webhook = row.service == Service::DuffelWebhook.name();
        Self {
            id: row.id.to_string(),
            name: row.name.clone(),
            service: row.service.clone(),
            description: row.description.clone(),
            hint: row.hint.clone(),
            status: status.name(),
            is_valid: status == Status::Active,
            version,
            previous_version: row
                .sealed
                .iter()
                .map(|sealed| sealed.version)
                .find(|other| *other < version),
            created_at: row.created_at,
            updated_at: row.updated_at,
            expires_at: row.ends_at,
            is_expired: is_over(row.ends_at, now),
            expires_in_days: row.ends_at.map(|at| at.duration_since(now).as_hours().div_euclid(24)),
            last_used: row.last_used,
            last_validated: row.last_validated,
            usage_count: row.uses,
            daily_limit: row.daily_limit,
            webhook_url: webhook.then(|| format!("{public_url}/api/v1/webhooks/duffel?account={user}.{}", row.id)),
        }
    }
}
