use axum::extract::State;
use jiff::Timestamp;
use serde::Serialize;
use tripsage_domain::{audit::Action, ids::SessionId, principal::Principal};
use tripsage_http::{ApiError, Caller, Code, Context, Envelope, Errors, Path, Reply};
use tripsage_store::{StoreError, Transaction, credentials::SessionRow};
use utoipa::ToSchema;

use crate::{
    App,
    bodies::Nothing,
    sign_in::{with_cookies, without_tokens},
};

/// One sign-in.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct SessionBody {
    /// Its id.
    #[schema(format = Uuid)]
    id: String,
    /// Whether this request belongs to it.
    current: bool,
    /// `password`, `otp`, `github` or `google`.
    #[schema(example = "password")]
    method: String,
    /// Address of the client when it last refreshed.
    ip: String,
    /// What the client called itself when it last refreshed.
    user_agent: String,
    /// When it began.
    #[schema(value_type = String, format = DateTime)]
    created_at: Timestamp,
    /// When it last refreshed.
    #[schema(value_type = String, format = DateTime)]
    last_seen_at: Timestamp,
    /// When it ends unless it is refreshed.
    #[schema(value_type = String, format = DateTime)]
    expires_at: Timestamp,
}

impl SessionBody {
    fn new(row: SessionRow, caller: &Principal) -> Self {
        Self {
            id: row.id.to_string(),
            current: caller.session() == Some(row.id),
            method: row.method,
            ip: row.ip,
            user_agent: row.user_agent,
            created_at: row.created_at,
            last_seen_at: row.rotated_at,
            expires_at: row.ends_at.min(row.idle_ends_at),
        }
    }
}

/// Lists the caller's sign-ins that last, the most recently seen first.
#[utoipa::path(get, path = "/api/v1/auth/sessions", operation_id = "listSessions", tag = "auth",
    security(("bearer" = [])),
    responses((status = 200, description = "The sign-ins", body = Envelope<Vec<SessionBody>>), Errors))]
pub(crate) async fn list_sessions(
    State(app): State<App>,
    caller: Caller,
    context: Context,
) -> Result<Reply<Vec<SessionBody>>, ApiError> {
    let mut sessions = app.db.list_sessions(caller.user, context.now).await?;
    sessions.sort_by_key(|session| std::cmp::Reverse((session.item.rotated_at, session.item.id)));
    let bodies = sessions
        .into_iter()
        .map(|session| SessionBody::new(session.item, &caller))
        .collect();
    Ok(Reply::ok("Sign-ins", bodies))
}

/// Ends one of the caller's sign-ins: its tokens are refused from now on.
#[utoipa::path(delete, path = "/api/v1/auth/sessions/{session_id}", operation_id = "deleteSession", tag = "auth",
    security(("bearer" = [])), params(("session_id" = String, Path, format = Uuid)),
    responses((status = 200, description = "It has ended", body = Envelope<Nothing>), Errors))]
pub(crate) async fn delete_session(
    State(app): State<App>,
    caller: Caller,
    context: Context,
    Path(id): Path<SessionId>,
) -> Result<Reply<Nothing>, ApiError> {
    if app.end_session(&context, &caller, id, Action::SessionRevoked).await? {
        Ok(Reply::ok("Sign-in ended", Nothing {}))
    } else {
        Err(ApiError::not_found("sign-in"))
    }
}

/// Signs out: ends the sign-in to which the access token belongs, and takes the cookies away.
#[utoipa::path(post, path = "/api/v1/auth/logout", operation_id = "logout", tag = "auth",
    security(("bearer" = [])),
    responses((status = 200, description = "Signed out", body = Envelope<Nothing>), Errors))]
pub(crate) async fn logout(
    State(app): State<App>,
    caller: Caller,
    context: Context,
) -> Result<Reply<Nothing>, ApiError> {
    let session = caller.session().ok_or_else(|| ApiError::new(Code::InsufficientScope))?;
    app.end_session(&context, &caller, session, Action::Logout).await?;
    Ok(with_cookies(Reply::ok("Signed out", Nothing {}), &without_tokens()))
}

/// How many sign-ins have ended.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct LoggedOutEverywhere {
    /// How many.
    ended: usize,
}

/// Signs out everywhere.
#[utoipa::path(post, path = "/api/v1/auth/logout-all", operation_id = "logoutAll", tag = "auth",
    security(("bearer" = [])),
    responses((status = 200, description = "Signed out everywhere", body = Envelope<LoggedOutEverywhere>), Errors))]
pub(crate) async fn logout_all(
    State(app): State<App>,
    caller: Caller,
    context: Context,
) -> Result<Reply<LoggedOutEverywhere>, ApiError> {
    let record = context.record(caller.user, Action::Logout, format!("user/{}", caller.user));
    app.db.commit(Transaction::default().audited(&record)?).await?;
    let ended = app.end_sessions(&context, caller.user, None).await?;
    let reply = Reply::ok("Signed out everywhere", LoggedOutEverywhere { ended });
    Ok(with_cookies(reply, &without_tokens()))
}

impl App {
    /// Ends a sign-in of the caller; `false` when they have no such sign-in that lasts.
    async fn end_session(
        &self,
        context: &Context,
        caller: &Principal,
        id: SessionId,
        action: Action,
    ) -> Result<bool, ApiError> {
        let record = context.record(caller.user, action, format!("session/{id}"));
        for _ in 0..5 {
            let session = self.db.load_session(caller.user, id).await?;
            let Some(session) = session.filter(|session| session.item.is_live(context.now)) else {
                return Ok(false);
            };
            let transaction = Transaction::default()
                .revoking_session(&session, context.now)?
                .audited(&record)?;
            match self.db.commit(transaction).await {
                Ok(()) => {
                    self.announce_end(id).await;
                    return Ok(true);
                }
                // It was refreshed, or ended, at the same time.
                Err(StoreError::Conflict(_)) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Err(StoreError::Throttled("the sign-in keeps changing".to_owned()).into())
    }

    /// Ends every sign-in of a user but `except`.
    pub(crate) async fn end_sessions(
        &self,
        context: &Context,
        user: tripsage_domain::ids::UserId,
        except: Option<SessionId>,
    ) -> Result<usize, ApiError> {
        let ended = self.db.revoke_sessions(user, except, context.now).await?;
        for session in &ended {
            self.announce_end(*session).await;
        }
        Ok(ended.len())
    }
}
