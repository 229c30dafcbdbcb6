use axum::extract::State;
use jiff::Timestamp;
use tripsage_domain::{
    audit::Action,
    ids::KeyId,
    validation::{Checks, Invalid},
};
use tripsage_http::{ApiError, Caller, Code, Context, Envelope, Errors, IfMatch, Json, Path, Reply};
use tripsage_store::{
    StoreError, Transaction,
    provider_keys::{KEY_CHANGED, KeyRow},
};

use crate::{
    ATTEMPTS, App,
    key_body::{self, KeyResponse, UpdateKey},
};

#[derive(Clone)]
struct Patch {
    name: Option<String>,
    description: Option<Option<String>>,
    ends_at: Option<Option<Timestamp>>,
    daily_limit: Option<Option<u32>>,
}

impl UpdateKey {
    fn checked(self, now: Timestamp) -> Result<Patch, Invalid> {
        let mut checks = Checks::default();
        let name = checks.optional("name", self.name, |text| key_body::NAME.parse(&text));
        let description = self
            .description
            .map(|text| checks.optional("description", text, |text| key_body::DESCRIPTION.parse(&text)));
        let ends_at = self
            .expires_at
            .map(|text| checks.optional("expires_at", text, |text| key_body::future(&text, now)));
        let daily_limit = self
            .daily_limit
            .map(|limit| checks.optional("daily_limit", limit, key_body::daily_limit));
        checks.finish()?;
        Ok(Patch {
            name,
            description,
            ends_at,
            daily_limit,
        })
    }
}

impl Patch {
    fn apply(self, row: &KeyRow, now: Timestamp) -> KeyRow {
        let mut new = row.clone();
        new.name = self.name.unwrap_or(new.name);
        new.description = self.description.unwrap_or(new.description);
        new.ends_at = self.ends_at.unwrap_or(new.ends_at);
        new.daily_limit = self.daily_limit.unwrap_or(new.daily_limit);
        if new != *row {
            new.updated_at = now;
        }
        new
    }
}

/// Changes what is said about a key: a JSON merge patch.
#[utoipa::path(patch, path = "/api/v1/keys/{key_id}", operation_id = "updateKey", tag = "keys",
    security(("bearer" = [])), params(("key_id" = String, Path, format = Uuid)), request_body = UpdateKey,
    responses((status = 200, description = "The key", body = Envelope<KeyResponse>), Errors))]
pub(crate) async fn update_key(
    State(app): State<App>,
    caller: Caller,
    context: Context,
    if_match: IfMatch,
    Path(id): Path<KeyId>,
    Json(request): Json<UpdateKey>,
) -> Result<Reply<KeyResponse>, ApiError> {
    let patch = request.checked(context.now)?;
    app.ensure_unlocked(&caller, &context).await?;
    for _ in 0..ATTEMPTS {
        let key = app.find_key(&caller, id).await?;
        if_match.check(key.version)?;
        let changed = patch.clone().apply(&key.item, context.now);
        let shown = app.show(caller.user, &changed, context.now);
        if changed == key.item {
            return Ok(Reply::ok("Nothing changed", shown).etag(key.version));
        }
        let record = context.record(caller.user, Action::KeyUpdated, format!("key/{id}/{}", changed.service));
        let transaction = Transaction::default()
            .changing_provider_key(caller.user, &key, &changed)?
            .audited(&record)?;
        match app.commit(transaction).await {
            Err(StoreError::Conflict(KEY_CHANGED)) => {}
            result => {
                result?;
                app.bump(&caller).await;
                return Ok(Reply::ok("Key updated", shown).etag(key.version + 1));
            }
        }
    }
    Err(ApiError::new(Code::EditConflict))
}
