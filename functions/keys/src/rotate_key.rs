use axum::extract::State;
use tripsage_domain::{audit::Action, ids::KeyId, key::Operation};
use tripsage_http::{ApiError, Caller, Code, Context, Envelope, Errors, IfMatch, Json, Path, Reply};
use tripsage_store::{
    StoreError, Transaction,
    provider_keys::{KEY_CHANGED, KeyRow},
};

use crate::{
    ATTEMPTS, App,
    key_body::{KeyResponse, RotateKey},
};

/// Replaces a key. The one before it is kept, and used again should the service refuse the new one, until the new one
/// has been used successfully or was validated.
#[utoipa::path(post, path = "/api/v1/keys/{key_id}/rotate", operation_id = "rotateKey", tag = "keys",
    security(("bearer" = [])), params(("key_id" = String, Path, format = Uuid)), request_body = RotateKey,
    responses((status = 200, description = "The key", body = Envelope<KeyResponse>), Errors))]
pub(crate) async fn rotate_key(
    State(app): State<App>,
    caller: Caller,
    context: Context,
    if_match: IfMatch,
    Path(id): Path<KeyId>,
    Json(request): Json<RotateKey>,
) -> Result<Reply<KeyResponse>, ApiError> {
    let key = app.find_key(&caller, id).await?;
    if context.resumed() {
        // An earlier attempt at this very request has rotated it; asked again, it would push out the version before.
        app.bump(&caller).await;
        return Ok(rotated(&app, &caller, &context, &key.item, key.version));
    }
    let service = key.item.service()?;
    if_match.check(key.version)?;
    let secret = request
        .new_key
        .parse(service)
        .map_err(|rule| ApiError::field("new_key", rule.rule, rule.message))?;
    app.begin(&caller, &context, Operation::Rotate).await?;
    let validate = request.validate.unwrap_or(true);
    let standing = app.admit(caller.user, service, &secret, validate, context.now).await?;
    for _ in 0..ATTEMPTS {
        let key = app.find_key(&caller, id).await?;
        if_match.check(key.version)?;
        let version = key.item.newest + 1;
        let mut sealed = app
            .vault
            .seal(caller.user, service, id, version, &secret, context.now)
            .await?;
        sealed.standing = standing;
        let mut new = key.item.clone();
        new.enter(sealed, context.now);
        let record = context.record(caller.user, Action::KeyRotated, format!("key/{id}/{service}"));
        let transaction = Transaction::default()
            .changing_provider_key(caller.user, &key, &new)?
            .audited(&record)?;
        match app.commit(transaction.fenced(context.claim())).await {
            Err(StoreError::Conflict(KEY_CHANGED)) => {}
            result => {
                result?;
                app.bump(&caller).await;
                return Ok(rotated(&app, &caller, &context, &new, key.version + 1));
            }
        }
    }
    Err(ApiError::new(Code::EditConflict))
}

fn rotated(app: &App, caller: &Caller, context: &Context, row: &KeyRow, version: u64) -> Reply<KeyResponse> {
    Reply::ok("Key rotated", app.show(caller.user, row, context.now)).etag(version)
}
