use axum::extract::State;
use serde::Deserialize;
use tripsage_domain::{
    ids::KeyId,
    key::Status,
    validation::{Checks, Rule},
};
use tripsage_http::{ApiError, Caller, Context, Envelope, Errors, Path, Query, Reply};
use utoipa::IntoParams;

use crate::{App, key_body, key_body::KeyResponse};

/// Which keys to list.
#[derive(Debug, Clone, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct ListKeys {
    /// Only keys for this service.
    service: Option<String>,
    /// Only keys with this status.
    status: Option<String>,
}

fn status(name: &str) -> Result<Status, Rule> {
    let known = Status::ALL.into_iter().find(|status| status.name() == name);
    known.ok_or_else(|| {
        let names = Status::ALL.map(Status::name).join(", ");
        Rule::new("one_of", format!("must be one of {names}"))
    })
}

/// The caller's keys, newest first; there are at most 50.
#[utoipa::path(get, path = "/api/v1/keys", operation_id = "listKeys", tag = "keys",
    security(("bearer" = [])), params(ListKeys),
    responses((status = 200, description = "The keys", body = Envelope<Vec<KeyResponse>>), Errors))]
pub(crate) async fn list_keys(
    State(app): State<App>,
    caller: Caller,
    context: Context,
    Query(query): Query<ListKeys>,
) -> Result<Reply<Vec<KeyResponse>>, ApiError> {
    let mut checks = Checks::default();
    let service = checks.optional("service", query.service.as_deref(), key_body::service);
    let status = checks.optional("status", query.status.as_deref(), status);
    checks.finish()?;
    let keyring = app.db.list_provider_keys(caller.user).await?;
    if keyring.guard.lock(context.now).is_some() {
        app.unlock(&caller, &context).await?;
    }
    let mut keys: Vec<_> = keyring.keys.into_iter().map(|key| key.item).collect();
    keys.retain(|key| service.is_none_or(|service| key.service == service.name()));
    keys.retain(|key| status.is_none_or(|status| key.status(context.now) == status));
    keys.sort_by_key(|key| std::cmp::Reverse((key.created_at, key.id)));
    let shown = keys.iter().map(|key| app.show(caller.user, key, context.now));
    Ok(Reply::ok("Keys found", shown.collect()))
}

/// One of the caller's keys.
#[utoipa::path(get, path = "/api/v1/keys/{key_id}", operation_id = "getKey", tag = "keys",
    security(("bearer" = [])), params(("key_id" = String, Path, format = Uuid)),
    responses((status = 200, description = "The key", body = Envelope<KeyResponse>), Errors))]
pub(crate) async fn get_key(
    State(app): State<App>,
    caller: Caller,
    context: Context,
    Path(id): Path<KeyId>,
) -> Result<Reply<KeyResponse>, ApiError> {
    let key = app.find_key(&caller, id).await?;
    Ok(Reply::ok("Key found", app.show(caller.user, &key.item, context.now)).etag(key.version))
}
