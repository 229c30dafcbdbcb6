use std::time::Instant;

use axum::extract::State;
use http::header;
use serde::Serialize;
use tripsage_http::{ApiError, Caller, Code, Context, Envelope, Errors, Reply};
use tripsage_store::{Loaded, users::UserRow};
use utoipa::ToSchema;

use crate::{App, bodies::UserBody};

/// Says who the caller is.
#[utoipa::path(get, path = "/api/v1/auth/me", operation_id = "getAuthenticatedUser", tag = "auth",
    security(("bearer" = [])),
    responses((status = 200, description = "The caller", body = Envelope<UserBody>), Errors))]
pub(crate) async fn get_authenticated_user(
    State(app): State<App>,
    caller: Caller,
) -> Result<Reply<UserBody>, ApiError> {
    let user = app.load_caller(&caller).await?;
    Ok(Reply::ok("The signed-in user", UserBody::from(&user.item)))
}

/// A sign-in that is good.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ValidSession {
    /// Always `true`; a sign-in that is not good is answered with 401.
    valid: bool,
    /// The user.
    #[schema(format = Uuid)]
    user_id: String,
    /// Their e-mail address.
    email: String,
    /// Their role.
    #[schema(example = "user")]
    role: String,
    /// Minutes until the sign-in ends unless it is refreshed.
    expires_in_minutes: i64,
    /// For people.
    message: &'static str,
    /// How long it took to find out.
    response_time_ms: f64,
}

/// Says whether the sign-in is good, and how long it lasts.
#[utoipa::path(get, path = "/api/v1/auth/session/validate", operation_id = "validateSession", tag = "auth",
    security(("bearer" = [])),
    responses((status = 200, description = "It is good", body = Envelope<ValidSession>), Errors))]
pub(crate) async fn validate_session(
    State(app): State<App>,
    caller: Caller,
    context: Context,
) -> Result<Reply<ValidSession>, ApiError> {
    let begun = Instant::now();
    let refused = || ApiError::new(Code::InvalidCredential);
    let session = caller.session().ok_or_else(refused)?;
    let (user, session) = tokio::try_join!(app.load_caller(&caller), async {
        Ok(app.db.find_session(caller.user, session).await?)
    })?;
    let session = session.filter(|row| row.is_live(context.now)).ok_or_else(refused)?;
    let left = session.ends_at.min(session.idle_ends_at).duration_since(context.now);
    let body = ValidSession {
        valid: true,
        user_id: user.item.id.to_string(),
        email: user.item.email,
        role: user.item.role,
        expires_in_minutes: left.as_mins(),
        message: "The session is valid",
        response_time_ms: begun.elapsed().as_secs_f64() * 1000.0,
    };
    Ok(Reply::ok("The session is valid", body).header(header::CACHE_CONTROL, "private, max-age=30"))
}

impl App {
    /// The caller's row.
    ///
    /// # Errors
    /// 401 when there is none any more, or the account may not be used.
    pub(crate) async fn load_caller(&self, caller: &Caller) -> Result<Loaded<UserRow>, ApiError> {
        self.db
            .find_user(caller.user)
            .await?
            .filter(|user| user.item.is_active())
            .ok_or_else(|| ApiError::new(Code::InvalidCredential))
    }
}
