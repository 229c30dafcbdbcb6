use std::collections::BTreeMap;

use axum::extract::State;
use jiff::{Timestamp, ToSpan, civil::Date};
use serde::{Deserialize, Serialize};
use tripsage_domain::{
    ids::KeyId,
    key::{EXPIRING, MAX_KEYS, is_over},
};
use tripsage_http::{ApiError, Caller, Context, Envelope, Errors, Path, Query, Reply};
use tripsage_store::provider_keys::{KeyUseRow, day_of};
use utoipa::{IntoParams, ToSchema};

use crate::App;

/// Days of usage that can be asked for.
const MAX_DAYS: u16 = 90;

/// Days of usage, unless the request says otherwise.
const DAYS: u16 = 30;

/// How far back to look.
#[derive(Debug, Clone, Copy, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct UsageQuery {
    /// Days, today (UTC) included.
    #[param(minimum = 1, maximum = 90, default = 30)]
    days: Option<u16>,
}

impl UsageQuery {
    /// The first day.
    fn from(self, now: Timestamp) -> Result<Date, ApiError> {
        let days = self.days.unwrap_or(DAYS);
        if !(1..=MAX_DAYS).contains(&days) {
            let message = format!("must be between 1 and {MAX_DAYS}");
            return Err(ApiError::field("days", "range", message));
        }
        Ok(day_of(now).saturating_sub((i64::from(days) - 1).days()))
    }
}

/// Uses of the keys for one service on one day.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ServiceDay {
    /// The day, in UTC.
    #[schema(value_type = String, format = Date)]
    day: Date,
    /// The service.
    #[schema(example = "duffel")]
    service: String,
    /// How often its keys were decrypted.
    uses: u64,
}

/// Keys for one service.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ServiceCount {
    /// The service.
    #[schema(example = "duffel")]
    service: String,
    /// How many keys.
    count: usize,
}

/// How the caller's keys are used.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct UsageResponse {
    /// How many keys there are.
    total_count: usize,
    /// How many there may be.
    max_count: u32,
    /// Keys by service.
    service_count: Vec<ServiceCount>,
    /// Keys that have ended.
    expired_count: usize,
    /// Keys that end within two weeks.
    expiring_count: usize,
    /// Until when suspicious use has locked the keys, at most.
    #[schema(value_type = Option<String>, format = DateTime)]
    locked_until: Option<Timestamp>,
    /// Uses of all these days together.
    total_uses: u64,
    /// Uses by day and service, newest day first; days without any are left out.
    days: Vec<ServiceDay>,
}

/// How the caller's keys are used: per day and service, and how many there are.
#[utoipa::path(get, path = "/api/v1/keys/usage", operation_id = "getKeysUsage", tag = "keys",
    security(("bearer" = [])), params(UsageQuery),
    responses((status = 200, description = "The usage", body = Envelope<UsageResponse>), Errors))]
pub(crate) async fn get_usage(
    State(app): State<App>,
    caller: Caller,
    context: Context,
    Query(query): Query<UsageQuery>,
) -> Result<Reply<UsageResponse>, ApiError> {
    let now = context.now;
    let from = query.from(now)?;
    let (keyring, uses) = tokio::try_join!(
        app.db.list_provider_keys(caller.user),
        app.db.list_key_uses(caller.user, from)
    )?;
    let keys = || keyring.keys.iter().map(|key| &key.item);
    let mut services: BTreeMap<&str, usize> = BTreeMap::new();
    for key in keys() {
        *services.entry(&key.service).or_default() += 1;
    }
    let expired = keys().filter(|key| is_over(key.ends_at, now)).count();
    let ending = keys().filter(|key| is_over(key.ends_at, now + EXPIRING)).count();
    let counted = |(service, count): (&str, usize)| ServiceCount {
        service: service.to_owned(),
        count,
    };
    let response = UsageResponse {
        total_count: keyring.keys.len(),
        max_count: MAX_KEYS,
        service_count: services.into_iter().map(counted).collect(),
        expired_count: expired,
        expiring_count: ending - expired,
        locked_until: keyring.guard.lock(now).map(|lock| lock.ends_at()),
        total_uses: uses.iter().map(|row| row.uses).sum(),
        days: by_service(&uses),
    };
    Ok(Reply::ok("Usage found", response))
}

fn by_service(uses: &[KeyUseRow]) -> Vec<ServiceDay> {
    let mut days: BTreeMap<(Date, &str), u64> = BTreeMap::new();
    for row in uses {
        *days.entry((row.day, &row.service)).or_default() += row.uses;
    }
    let newest_first = days.into_iter().rev();
    newest_first
        .map(|((day, service), uses)| ServiceDay {
            day,
            service: service.to_owned(),
            uses,
        })
        .collect()
}

/// Uses of one key on one day.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct KeyDay {
    /// The day, in UTC.
    #[schema(value_type = String, format = Date)]
    day: Date,
    /// How often it was decrypted.
    uses: u64,
}

/// How one key is used.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct KeyUsageResponse {
    /// The key.
    #[schema(format = Uuid)]
    key_id: String,
    /// Its service.
    #[schema(example = "duffel")]
    service: String,
    /// Uses since it was made.
    usage_count: u64,
    /// When it was last decrypted.
    #[schema(value_type = Option<String>, format = DateTime)]
    last_used: Option<Timestamp>,
    /// Uses a day after which searches and bookings are refused.
    daily_limit: Option<u32>,
    /// Uses today.
    uses_today: u64,
    /// Uses by day, newest first; days without any are left out.
    days: Vec<KeyDay>,
}

/// How one of the caller's keys is used, per day.
#[utoipa::path(get, path = "/api/v1/keys/{key_id}/usage", operation_id = "getKeyUsage", tag = "keys",
    security(("bearer" = [])), params(("key_id" = String, Path, format = Uuid), UsageQuery),
    responses((status = 200, description = "The usage", body = Envelope<KeyUsageResponse>), Errors))]
pub(crate) async fn get_key_usage(
    State(app): State<App>,
    caller: Caller,
    context: Context,
    Path(id): Path<KeyId>,
    Query(query): Query<UsageQuery>,
) -> Result<Reply<KeyUsageResponse>, ApiError> {
    let from = query.from(context.now)?;
    let key = app.find_key(&caller, id).await?.item;
    let uses = app.db.list_key_uses(caller.user, from).await?;
    let days: Vec<KeyDay> = uses
        .into_iter()
        .filter(|row| row.key == id)
        .map(|row| KeyDay {
            day: row.day,
            uses: row.uses,
        })
        .collect();
    let today = day_of(context.now);
    let response = KeyUsageResponse {
        key_id: key.id.to_string(),
        service: key.service,
        usage_count: key.uses,
        last_used: key.last_used,
        daily_limit: key.daily_limit,
        uses_today: days.iter().find(|day| day.day == today).map_or(0, |day| day.uses),
        days,
    };
    Ok(Reply::ok("Usage found", response))
}
