use axum::extract::State;
use serde::Deserialize;
use tripsage_domain::{
    audit::Action,
    principal::Credential,
    user::{Email, Password},
    validation::{Checks, Invalid},
};
use tripsage_http::{ApiError, Caller, Code, Context, Envelope, Errors, Json, Reply};
use tripsage_store::{
    Loaded, Transaction,
    keys::{Purpose, email_digest},
    users::{PasswordRow, UserRow},
};
use utoipa::ToSchema;

use crate::{App, bodies::Nothing, mailed_links::LinkOutcome};

/// Whose password was forgotten.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ForgotPasswordRequest {
    /// The e-mail address of the account.
    #[schema(example = "test@example.com")]
    email: String,
}

/// Mails a link to choose a new password, if there is an account with this address. The answer is the same if not.
#[utoipa::path(post, path = "/api/v1/auth/password/forgot", operation_id = "forgotPassword", tag = "auth",
    request_body = ForgotPasswordRequest,
    responses((status = 202, description = "If there is such an account, the mail is on its way",
               body = Envelope<Nothing>), Errors))]
pub(crate) async fn forgot_password(
    State(app): State<App>,
    context: Context,
    Json(request): Json<ForgotPasswordRequest>,
) -> Result<Reply<Nothing>, ApiError> {
    let mut checks = Checks::default();
    let email = checks.take("email", Email::parse(&request.email));
    let email = checks.build(|| email)?;
    app.in_even_time(app.mail_reset(&context, &email)).await?;
    Ok(Reply::accepted(
        "If there is an account with this address, a mail is on its way",
        Nothing {},
    ))
}

impl App {
    async fn mail_reset(&self, context: &Context, email: &Email) -> Result<(), ApiError> {
        let digest = email_digest(email);
        let (id, user) = self.find_by_email(email).await?;
        let (outcome, token) = self.make_link(context, id, &digest, Purpose::ResetPassword).await?;
        if let (Some(user), LinkOutcome::Made) = (user, outcome)
            && let Err(error) = self.send_link(&user, Purpose::ResetPassword, &token).await
        {
            // Saying so would tell that the account exists.
            tracing::error!(code = error.code().name(), "a mail with a reset link was not sent");
        }
        Ok(())
    }
}

/// The token of a mailed link, and what the password is to be.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ResetPasswordRequest {
    /// The token.
    token: String,
    /// The new password.
    #[schema(format = Password)]
    new_password: String,
    /// The same once more, if the client asks for it twice.
    #[schema(format = Password)]
    new_password_confirm: Option<String>,
}

/// Chooses a new password with the token that was mailed. Every sign-in and every personal access token ends; nobody is
/// signed in by it.
#[utoipa::path(post, path = "/api/v1/auth/password/reset", operation_id = "resetPassword", tag = "auth",
    request_body = ResetPasswordRequest,
    responses((status = 200, description = "The password is changed", body = Envelope<Nothing>), Errors))]
pub(crate) async fn reset_password(
    State(app): State<App>,
    context: Context,
    Json(request): Json<ResetPasswordRequest>,
) -> Result<Reply<Nothing>, ApiError> {
    let link = app.open_link(&context, &request.token, Purpose::ResetPassword).await?;
    let user = &link.user.item;
    let confirm = request.new_password_confirm.as_deref();
    let password = app.chosen_password(user, &request.new_password, confirm)?;
    let transaction = Transaction::default().using_link(user.id, Purpose::ResetPassword, &link.row);
    let old = app.db.find_password(user.id).await?;
    app.set_password(
        &context,
        user,
        old.as_ref(),
        &password,
        (transaction, Action::PasswordReset),
    )
    .await?;
    app.db.forget_password_attempts(&email_digest(&user.email()?)).await?;
    app.end_sessions(&context, user.id, None).await?;
    // Who resets a password may have lost the account to somebody, who may have made tokens with it.
    for token in app.db.remove_access_tokens(user.id).await? {
        app.edge
            .announce_revocation(&Credential::Token(token, Vec::new()))
            .await;
    }
    Ok(Reply::ok("Password changed", Nothing {}))
}

/// The password as it is, and as it is to be.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ChangePasswordRequest {
    /// The password as it is.
    #[schema(format = Password)]
    current_password: String,
    /// The password as it is to be.
    #[schema(format = Password)]
    new_password: String,
    /// The same once more, if the client asks for it twice.
    #[schema(format = Password)]
    new_password_confirm: Option<String>,
}

/// Changes the caller's password. Every other sign-in ends.
#[utoipa::path(post, path = "/api/v1/auth/password/change", operation_id = "changePassword", tag = "auth",
    security(("bearer" = [])), request_body = ChangePasswordRequest,
    responses((status = 200, description = "The password is changed", body = Envelope<Nothing>), Errors))]
pub(crate) async fn change_password(
    State(app): State<App>,
    caller: Caller,
    context: Context,
    Json(request): Json<ChangePasswordRequest>,
) -> Result<Reply<Nothing>, ApiError> {
    let user = app.load_caller(&caller).await?;
    let Some(old) = app.db.find_password(caller.user).await? else {
        return Err(ApiError::new(Code::Conflict)
            .message("the account has no password; choose one with the link of POST /api/v1/auth/password/forgot"));
    };
    let confirm = request.new_password_confirm.as_deref();
    let password = app.chosen_password(&user.item, &request.new_password, confirm)?;
    let wrong = || ApiError::field("current_password", "wrong", "is not the current password");
    let current = Password::parse(&request.current_password).map_err(|_| wrong())?;
    if !app.has_password(&context, &user, &current).await? {
        return Err(wrong());
    }
    let transaction = (Transaction::default(), Action::PasswordChange);
    app.set_password(&context, &user.item, Some(&old), &password, transaction)
        .await?;
    app.end_sessions(&context, caller.user, caller.session()).await?;
    Ok(Reply::ok("Password changed", Nothing {}))
}

impl App {
    fn chosen_password(&self, user: &UserRow, text: &str, confirm: Option<&str>) -> Result<Password, ApiError> {
        Ok(checked_password(user, text, confirm, self.min_password()?)?)
    }

    async fn set_password(
        &self,
        context: &Context,
        user: &UserRow,
        old: Option<&Loaded<PasswordRow>>,
        password: &Password,
        (transaction, action): (Transaction, Action),
    ) -> Result<(), ApiError> {
        let row = PasswordRow {
            hash: self.hash(context, password).await?,
            changed_at: context.now,
        };
        let transaction = transaction
            .replacing_password(user.id, old, &row)?
            .audited(&context.record(user.id, action, format!("user/{}", user.id)))?;
        match self.db.commit(transaction).await {
            Err(error) if error.is_conflict("link") => Err(ApiError::new(Code::InvalidToken)),
            other => Ok(other?),
        }
    }
}

fn checked_password(user: &UserRow, text: &str, confirm: Option<&str>, min: usize) -> Result<Password, Invalid> {
    let mut checks = Checks::default();
    let password = checks.take(
        "new_password",
        Password::choose(text, min, &[&user.email, &user.username]),
    );
    let equal = confirm.is_none_or(|again| again == text);
    checks.ensure(
        equal,
        "new_password_confirm",
        "equal",
        "must be the same as `new_password`",
    );
    checks.build(|| password)
}
