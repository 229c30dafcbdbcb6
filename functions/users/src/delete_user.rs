use std::time::Duration;

use axum::extract::State;
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use tripsage_domain::{audit::Action, lockout::Turn, principal::Credential, user::Password, validation::Checks};
use tripsage_hasher::Comparison;
use tripsage_http::{ApiError, Caller, Code, Context, Envelope, Errors, Json, Reply};
use tripsage_runtime::Mail;
use tripsage_store::{
    StoreError, Transaction,
    due::DueRow,
    keys::{DueList, email_digest},
    users::{USER_CHANGED, UserRow},
};
use utoipa::ToSchema;

use crate::{App, signed_in};

/// How long a deleted account waits for its erasure.
const WINDOW: SignedDuration = SignedDuration::from_hours(30 * 24);

/// A sign-in with a one-time code proves who is asking for this long.
const FRESH: SignedDuration = SignedDuration::from_mins(5);

/// Attempts when something else is changed at the same time.
const ATTEMPTS: u32 = 5;

/// Proof that it is the user who asks.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct DeleteUser {
    /// The password. It is not needed within five minutes of a sign-in with a one-time code.
    #[schema(format = Password)]
    password: Option<String>,
}

/// An account that will be erased.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct DeletedUser {
    /// When everything about it is erased.
    #[schema(value_type = String, format = DateTime)]
    erased_at: Timestamp,
}

/// Deletes the caller's account: at once it is hidden and every sign-in and token of it ends; after 30 days it is
/// erased.
///
/// Until then nothing of what it shares with others changes. With the erasure its trips pass to whoever plans them with
/// it, and those that nobody else plans are erased.
#[utoipa::path(delete, path = "/api/v1/users/me", operation_id = "deleteCurrentUser", tag = "users",
    security(("bearer" = [])), request_body = DeleteUser,
    responses((status = 200, description = "It is deleted", body = Envelope<DeletedUser>), Errors))]
pub(crate) async fn delete_current_user(
    State(app): State<App>,
    caller: Caller,
    context: Context,
    Json(request): Json<DeleteUser>,
) -> Result<Reply<DeletedUser>, ApiError> {
    signed_in(&caller)?;
    app.prove(&caller, &context, request.password).await?;
    let (user, is_new) = app.mark_deleted(&caller, &context).await?;
    let due = user
        .deletion_due
        .ok_or_else(|| ApiError::internal("no date of erasure"))?;
    app.end_access(&caller, context.now).await?;
    if is_new {
        itineraries::forget_creator(&app.edge, caller.user).await;
        app.mail_receipt(&user, due).await;
    }
    Ok(Reply::ok("Account deleted", DeletedUser { erased_at: due }))
}

impl App {
    /// Lets only the user themselves go on. Whatever is wrong, the answer is the same.
    async fn prove(&self, caller: &Caller, context: &Context, password: Option<String>) -> Result<(), ApiError> {
        let mut checks = Checks::default();
        let password = checks.optional("password", password, |text| Password::parse(&text));
        checks.finish()?;
        let refused = || {
            ApiError::new(Code::Forbidden)
                .message("confirm with your password, or sign in with a one-time code and try again at once")
        };
        let Some(password) = password else {
            let session = caller.session().ok_or_else(refused)?;
            let session = self.db.find_session(caller.user, session).await?;
            let fresh = |at: Timestamp| context.now.duration_since(at) < FRESH;
            return match session {
                Some(session) if session.method == "otp" && fresh(session.created_at) => Ok(()),
                _ => Err(refused()),
            };
        };
        let user = self.find_user(caller.user).await?.item;
        let account = email_digest(&user.email()?);
        let nonce = context.new_id("password attempt").to_string();
        if let Turn::Wait(delay) = self.db.count_password_attempt(&account, &nonce, context.now).await? {
            let delay = Duration::try_from(delay).unwrap_or_default();
            return Err(ApiError::new(Code::RateLimited).retry_after(delay));
        }
        let known = self.db.find_password(caller.user).await?.ok_or_else(refused)?;
        let compared = self.hasher.compare(&password, Some(&known.item.hash)).await;
        if compared.map_err(ApiError::internal)? == Comparison::Different {
            return Err(refused());
        }
        Ok(self.db.forget_password_attempts(&account).await?)
    }

    /// Says when the account is erased; a request whose predecessor was cut off finds that said already.
    async fn mark_deleted(&self, caller: &Caller, context: &Context) -> Result<(UserRow, bool), ApiError> {
        for _ in 0..ATTEMPTS {
            let user = self.find_user(caller.user).await?;
            if user.item.deletion_due.is_some() {
                return Ok((user.item, false));
            }
            let due = context.now + WINDOW;
            let deleted = UserRow {
                deletion_due: Some(due),
                updated_at: context.now,
                ..user.item.clone()
            };
            let record = context.record(caller.user, Action::UserDeleted, format!("user/{}", caller.user));
            let transaction = Transaction::default()
                .replacing_user(&user, &deleted)?
                .with(DueRow::new(due, caller.user.uuid()).scheduled(DueList::Erasure)?)
                .audited(&record)?;
            match self.db.commit(transaction).await {
                Ok(()) => return Ok((deleted, true)),
                Err(StoreError::Conflict(USER_CHANGED)) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Err(ApiError::new(Code::EditConflict))
    }

    /// Ends every sign-in and every token; the caller's own last, so that a request that is cut off can be sent again.
    async fn end_access(&self, caller: &Caller, now: Timestamp) -> Result<(), ApiError> {
        let tokens = self.db.remove_access_tokens(caller.user).await?;
        let mut ended: Vec<_> = tokens.into_iter().map(|id| Credential::Token(id, Vec::new())).collect();
        let own = caller.session();
        let others = self.db.revoke_sessions(caller.user, own, now).await?;
        let last = self.db.revoke_sessions(caller.user, None, now).await?;
        ended.extend(others.into_iter().chain(last).map(Credential::Session));
        for credential in &ended {
            self.edge.announce_revocation(credential).await;
        }
        Ok(())
    }

    /// Tells the user by mail. That a mail cannot be sent must not keep an account alive.
    async fn mail_receipt(&self, user: &UserRow, due: Timestamp) {
        let date = due.strftime("%Y-%m-%d");
        let mail = Mail {
            to: user.email.clone(),
            subject: "Your TripSage account is deleted".to_owned(),
            text: format!(
                "Hello {},\n\nyour TripSage account is deleted: nobody can sign in to it or find it any more.\n\
                 On {date} (UTC) everything about it will be erased. Trips that others plan with you will stay with \
                 them.\n\nIf it was not you who deleted it, answer to this mail before that day.\n",
                user.username
            ),
        };
        if let Err(error) = self.edge.runtime().clients().mailer().send(&mail).await {
            tracing::error!(%error, "the mail about a deleted account was not sent");
        }
    }
}
