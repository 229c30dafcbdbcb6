use axum::extract::State;
use serde::Serialize;
use tripsage_domain::{audit::Action, ids::KeyId, key::Operation};
use tripsage_http::{ApiError, Caller, Code, Context, Envelope, Errors, IfMatch, Path, Reply};
use tripsage_store::{StoreError, Transaction, provider_keys::KEY_CHANGED};
use utoipa::ToSchema;

use crate::{ATTEMPTS, App};

/// There is nothing more to say.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Deleted {}

/// Removes a key with all its versions, at once. What was begun with it cannot use it any more.
#[utoipa::path(delete, path = "/api/v1/keys/{key_id}", operation_id = "deleteKey", tag = "keys",
    security(("bearer" = [])), params(("key_id" = String, Path, format = Uuid)),
    responses((status = 200, description = "It is removed", body = Envelope<Deleted>), Errors))]
pub(crate) async fn delete_key(
    State(app): State<App>,
    caller: Caller,
    context: Context,
    if_match: IfMatch,
    Path(id): Path<KeyId>,
) -> Result<Reply<Deleted>, ApiError> {
    match app.db.find_provider_key(caller.user, id).await {
        Err(StoreError::Corrupt(_)) => return app.delete_damaged(&caller, &context, id).await,
        found => if_match.check(found?.ok_or_else(|| ApiError::not_found("key"))?.version)?,
    }
    app.begin(&caller, &context, Operation::Delete).await?;
    for _ in 0..ATTEMPTS {
        let key = app.find_key(&caller, id).await?;
        if_match.check(key.version)?;
        let record = context.record(
            caller.user,
            Action::KeyDeleted,
            format!("key/{id}/{}", key.item.service),
        );
        let transaction = Transaction::default()
            .removing_provider_key(caller.user, &key)
            .audited(&record)?;
        match app.commit(transaction).await {
            Err(StoreError::Conflict(KEY_CHANGED)) => {}
            result => {
                result?;
                app.bump(&caller).await;
                return Ok(Reply::ok("Key deleted", Deleted {}));
            }
        }
    }
    Err(ApiError::new(Code::EditConflict))
}

impl App {
    /// Removes a key whose row cannot be read.
    async fn delete_damaged(&self, caller: &Caller, context: &Context, id: KeyId) -> Result<Reply<Deleted>, ApiError> {
        self.begin(caller, context, Operation::Delete).await?;
        let record = context.record(caller.user, Action::KeyDeleted, format!("key/{id}"));
        let removal = self.db.removing_damaged_provider_key(caller.user, id).await?;
        self.commit(removal.audited(&record)?).await?;
        self.bump(caller).await;
        Ok(Reply::ok("Key deleted", Deleted {}))
    }
}
