use axum::extract::State;
use serde::Deserialize;
use tripsage_domain::{
    audit::Action,
    user::Password,
    validation::{Checks, Invalid},
};
use tripsage_http::{ApiError, Context, Envelope, Errors, Json, Reply};
use tripsage_store::Transaction;
use utoipa::ToSchema;

use crate::{
    App,
    account::Login,
    bodies::SignedInBody,
    sign_in::{Method, Remember},
};

/// Somebody who wants to sign in.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct LoginRequest {
    /// The e-mail address of the account; this or `username`.
    #[schema(example = "test@example.com")]
    email: Option<String>,
    /// The username of the account, or its e-mail address.
    username: Option<String>,
    /// The password.
    #[schema(example = "Test123!", format = Password)]
    password: String,
    /// `false` on a device of somebody else: the sign-in ends after a day. Otherwise it lasts for weeks.
    #[serde(default = "yes")]
    #[schema(default = true)]
    remember_me: bool,
}

fn yes() -> bool {
    true
}

impl LoginRequest {
    fn checked(self) -> Result<(Login, Password, Remember), Invalid> {
        let mut checks = Checks::default();
        let one = self.email.is_none() || self.username.is_none();
        checks.ensure(one, "username", "exclusive", "must not be given together with `email`");
        let login = match self.username {
            Some(username) => checks.take("username", Login::parse(&username)),
            None => checks.required("email", self.email.as_deref(), Login::parse),
        };
        let password = checks.take("password", Password::parse(&self.password));
        let remember = if self.remember_me { Remember::Yes } else { Remember::No };
        checks.build(|| Some((login?, password?, remember)))
    }
}

/// Signs in with e-mail address or username, and password.
///
/// After five failures in a quarter of an hour the account makes everybody wait, longer each time. Unknown accounts
/// answer as known ones do.
#[utoipa::path(post, path = "/api/v1/auth/login", operation_id = "login", tag = "auth",
    request_body = LoginRequest,
    responses((status = 200, description = "Signed in", body = Envelope<SignedInBody>), Errors))]
pub(crate) async fn login(
    State(app): State<App>,
    context: Context,
    Json(request): Json<LoginRequest>,
) -> Result<Reply<SignedInBody>, ApiError> {
    let (login, password, remember) = request.checked()?;
    let user = app.check_login(&context, &login, &password).await?.item;
    let how = (Method::Password, remember);
    let signed_in = app
        .sign_in(&context, &user, how, Transaction::default(), Action::LoginSuccess)
        .await?;
    Ok(signed_in.reply(Reply::ok))
}
