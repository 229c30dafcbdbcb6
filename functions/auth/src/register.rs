use axum::extract::State;
use serde::Deserialize;
use tripsage_domain::{
    audit::Action,
    ids::UserId,
    principal::Role,
    user::{Email, Password, Username, profile},
    validation::{Checks, Invalid},
};
use tripsage_http::{ApiError, Code, Context, Envelope, Errors, Json, Reply};
use tripsage_store::{
    StoreError, Transaction,
    keys::Purpose,
    users::{EMAIL_TAKEN, PasswordRow, USERNAME_TAKEN, UserRow},
};
use utoipa::ToSchema;

use crate::{
    App,
    bodies::SignedInBody,
    sign_in::{Method, Remember},
};

/// Somebody who wants an account.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct RegisterRequest {
    /// Where mails go.
    #[schema(example = "test@example.com")]
    email: String,
    /// 3 to 50 letters, digits, `-` and `_`.
    #[schema(example = "testuser")]
    username: String,
    /// At least 8 characters.
    #[schema(example = "Test123!", format = Password)]
    password: String,
    /// The same once more, if the client asks for it twice.
    #[schema(format = Password)]
    password_confirm: Option<String>,
    /// Their full name; not public.
    #[schema(example = "Test User")]
    full_name: Option<String>,
    /// The name that others see.
    display_name: Option<String>,
}

struct Registration {
    email: Email,
    username: Username,
    password: Password,
    full_name: Option<String>,
    display_name: Option<String>,
}

impl RegisterRequest {
    fn checked(self, min_password: usize) -> Result<Registration, Invalid> {
        let mut checks = Checks::default();
        let email = checks.take("email", Email::parse(&self.email));
        let username = checks.take("username", Username::parse(&self.username));
        let names = [self.email.as_str(), self.username.as_str()];
        let password = checks.take("password", Password::choose(&self.password, min_password, &names));
        let equal = self.password_confirm.is_none_or(|again| again == self.password);
        checks.ensure(equal, "password_confirm", "equal", "must be the same as `password`");
        let full_name = checks.optional("full_name", self.full_name.as_deref(), profile::full_name);
        let display_name = checks.optional("display_name", self.display_name.as_deref(), profile::display_name);
        checks.build(|| {
            Some(Registration {
                email: email?,
                username: username?,
                password: password?,
                full_name,
                display_name,
            })
        })
    }
}

/// Makes an account and signs in.
///
/// A mail with a link confirms the address. That an address or a username is taken is one answer: which of them it
/// was is not told.
#[utoipa::path(post, path = "/api/v1/auth/register", operation_id = "register", tag = "auth",
    request_body = RegisterRequest,
    responses((status = 201, description = "The account", body = Envelope<SignedInBody>), Errors))]
pub(crate) async fn register(
    State(app): State<App>,
    context: Context,
    Json(request): Json<RegisterRequest>,
) -> Result<Reply<SignedInBody>, ApiError> {
    let registration = request.checked(app.min_password()?)?;
    let user = new_user(&context, &registration);
    let password = PasswordRow {
        hash: app.hash(&context, &registration.password).await?,
        changed_at: context.now,
    };
    let transaction = Transaction::default().inserting_user(&user, Some(&password), None)?;
    let how = (Method::Password, Remember::Yes);
    let session = crate::sign_in::new_session(&context, &user, how.0, how.1);
    app.begin_session(&context, &session, transaction, Action::UserCreated)
        .await
        .map_err(taken)?;
    // The account is there whether or not the mail can be sent; it can be asked for again.
    if let Err(error) = app.mail_link(&context, &user, Purpose::VerifyEmail).await {
        tracing::warn!(code = error.code().name(), "a new address was not written to");
    }
    let signed_in = app.tokens(&context, &user, &session).await?;
    Ok(signed_in.reply(Reply::created))
}

fn new_user(context: &Context, registration: &Registration) -> UserRow {
    UserRow {
        id: UserId::from_uuid(context.new_id("user")),
        email: registration.email.as_str().to_owned(),
        email_verified: false,
        username: registration.username.as_str().to_owned(),
        display_name: registration.display_name.clone(),
        full_name: registration.full_name.clone(),
        bio: None,
        avatar_url: None,
        travel_style: None,
        travel_interests: Vec::new(),
        gender: None,
        role: Role::User.name().to_owned(),
        created_at: context.now,
        updated_at: context.now,
        suspended_at: None,
        deletion_due: None,
    }
}

fn taken(error: StoreError) -> ApiError {
    if error.is_conflict(EMAIL_TAKEN) || error.is_conflict(USERNAME_TAKEN) {
        ApiError::new(Code::AlreadyExists).message("the e-mail address or the username is taken")
    } else {
        error.into()
    }
}
