use axum::extract::State;
use serde::Deserialize;
use tripsage_domain::audit::Action;
use tripsage_http::{ApiError, Caller, Code, Context, Envelope, Errors, Json, Reply};
use tripsage_store::{Transaction, keys::Purpose, users::UserRow};
use utoipa::ToSchema;

use crate::{
    App,
    bodies::{Nothing, UserBody},
    mailed_links::LinkOutcome,
};

/// The token of a mailed link.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct VerifyEmailRequest {
    /// The token.
    token: String,
}

/// Confirms an e-mail address with the token that was mailed to it.
#[utoipa::path(post, path = "/api/v1/auth/verify-email", operation_id = "verifyEmail", tag = "auth",
    request_body = VerifyEmailRequest,
    responses((status = 200, description = "The address is confirmed", body = Envelope<UserBody>), Errors))]
pub(crate) async fn verify_email(
    State(app): State<App>,
    context: Context,
    Json(request): Json<VerifyEmailRequest>,
) -> Result<Reply<UserBody>, ApiError> {
    let link = app.open_link(&context, &request.token, Purpose::VerifyEmail).await?;
    let user = UserRow {
        email_verified: true,
        updated_at: context.now,
        ..link.user.item.clone()
    };
    let record = context.record(user.id, Action::EmailVerified, format!("user/{}", user.id));
    let transaction = Transaction::default()
        .using_link(user.id, Purpose::VerifyEmail, &link.row)
        .replacing_user(&link.user, &user)?
        .audited(&record)?;
    match app.db.commit(transaction).await {
        Err(error) if error.is_conflict("link") => Err(ApiError::new(Code::InvalidToken)),
        Err(error) => Err(error.into()),
        Ok(()) => Ok(Reply::ok("E-mail address confirmed", UserBody::from(&user))),
    }
}

/// Mails the caller another link to confirm their address; the links before it stop working.
#[utoipa::path(post, path = "/api/v1/auth/verify-email/resend", operation_id = "resendVerification", tag = "auth",
    security(("bearer" = [])),
    responses((status = 202, description = "The mail is on its way", body = Envelope<Nothing>), Errors))]
pub(crate) async fn resend_verification(
    State(app): State<App>,
    caller: Caller,
    context: Context,
) -> Result<Reply<Nothing>, ApiError> {
    let user = app.load_caller(&caller).await?.item;
    if user.email_verified {
        return Err(ApiError::new(Code::Conflict).message("the e-mail address is confirmed already"));
    }
    match app.mail_link(&context, &user, Purpose::VerifyEmail).await? {
        LinkOutcome::Made => Ok(Reply::accepted("Mail sent", Nothing {})),
        LinkOutcome::TooSoon(delay) => Err(ApiError::new(Code::RateLimited)
            .message("a mail was sent a moment ago")
            .retry_after(delay.unsigned_abs())),
    }
}
