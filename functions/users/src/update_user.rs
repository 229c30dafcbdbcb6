use axum::extract::State;
use tripsage_domain::audit::Action;
use tripsage_http::{ApiError, Caller, Code, Context, Envelope, Errors, IfMatch, Json, Reply};
use tripsage_store::{
    StoreError, Transaction,
    users::{USER_CHANGED, USERNAME_TAKEN, UserRow},
};

use crate::{
    App,
    profile_body::{UpdateUser, UserResponse},
};

/// Attempts at a change when something else is changed at the same time.
const ATTEMPTS: u32 = 5;

/// The caller's own account.
#[utoipa::path(get, path = "/api/v1/users/me", operation_id = "getCurrentUser", tag = "users",
    security(("bearer" = [])),
    responses((status = 200, description = "The account", body = Envelope<UserResponse>), Errors))]
pub(crate) async fn get_current_user(State(app): State<App>, caller: Caller) -> Result<Reply<UserResponse>, ApiError> {
    let user = app.find_user(caller.user).await?;
    Ok(Reply::ok("User found", user.item.into()).etag(user.version))
}

/// Replaces the fields that are given and keeps the others.
#[utoipa::path(put, path = "/api/v1/users/me", operation_id = "replaceCurrentUser", tag = "users",
    security(("bearer" = [])), request_body = UpdateUser,
    responses((status = 200, description = "The account", body = Envelope<UserResponse>), Errors))]
pub(crate) async fn replace_current_user(
    State(app): State<App>,
    caller: Caller,
    context: Context,
    if_match: IfMatch,
    Json(request): Json<UpdateUser>,
) -> Result<Reply<UserResponse>, ApiError> {
    update(&app, &caller, &context, &if_match, request).await
}

/// Changes some fields: a JSON merge patch.
#[utoipa::path(patch, path = "/api/v1/users/me", operation_id = "patchCurrentUser", tag = "users",
    security(("bearer" = [])), request_body = UpdateUser,
    responses((status = 200, description = "The account", body = Envelope<UserResponse>), Errors))]
pub(crate) async fn patch_current_user(
    State(app): State<App>,
    caller: Caller,
    context: Context,
    if_match: IfMatch,
    Json(request): Json<UpdateUser>,
) -> Result<Reply<UserResponse>, ApiError> {
    update(&app, &caller, &context, &if_match, request).await
}

async fn update(
    app: &App,
    caller: &Caller,
    context: &Context,
    if_match: &IfMatch,
    request: UpdateUser,
) -> Result<Reply<UserResponse>, ApiError> {
    let patch = request.into_patch()?;
    for _ in 0..ATTEMPTS {
        let user = app.find_user(caller.user).await?;
        if_match.check(user.version)?;
        let changed = patch.clone().apply(&user.item, context.now);
        if changed == user.item {
            return Ok(Reply::ok("Nothing changed", changed.into()).etag(user.version));
        }
        let record = context.record(caller.user, Action::UserUpdated, format!("user/{}", caller.user));
        let transaction = Transaction::default()
            .replacing_user(&user, &changed)?
            .audited(&record)?;
        match app.db.commit(transaction.fenced(context.claim())).await {
            Ok(()) => {
                let name = |row: &UserRow| (row.username.clone(), row.display_name.clone());
                if name(&user.item) != name(&changed) {
                    itineraries::forget_creator(&app.edge, caller.user).await;
                }
                return Ok(Reply::ok("User updated", changed.into()).etag(user.version + 1));
            }
            Err(StoreError::Conflict(USERNAME_TAKEN)) => {
                let error = ApiError::new(Code::AlreadyExists).message("this username is taken");
                return Err(error.fact("field", "username"));
            }
            Err(StoreError::Conflict(USER_CHANGED)) => {}
            Err(error) => return Err(error.into()),
        }
    }
    Err(ApiError::new(Code::EditConflict))
}
