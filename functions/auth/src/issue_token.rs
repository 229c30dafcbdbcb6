//! The token endpoint of OAuth 2.0 (RFC 6749), for tools that know nothing else. Its bodies and errors are the
//! standard's, not the envelope.

use axum::{
    Json,
    extract::State,
    response::{IntoResponse, Response},
};
use http::{HeaderValue, StatusCode, header};
use serde::{Deserialize, Serialize};
use tripsage_domain::{audit::Action, user::Password};
use tripsage_http::{ApiError, Code, Context, Form};
use tripsage_store::Transaction;
use utoipa::ToSchema;

use crate::{
    App,
    account::Login,
    sign_in::{Method, Remember, SignedIn},
};

/// A token request; what it has besides this is ignored, as the standard demands.
#[derive(Deserialize, ToSchema)]
pub(crate) struct TokenRequest {
    /// `password` or `refresh_token`.
    #[schema(example = "password")]
    grant_type: Option<String>,
    /// E-mail address or username, for `password`.
    username: Option<String>,
    /// For `password`.
    #[schema(format = Password)]
    password: Option<String>,
    /// For `refresh_token`.
    refresh_token: Option<String>,
}

/// Tokens.
#[derive(Serialize, ToSchema)]
pub(crate) struct TokenResponse {
    access_token: String,
    /// Always `Bearer`.
    token_type: &'static str,
    /// Seconds until the access token expires.
    expires_in: i64,
    refresh_token: String,
}

/// Why there are none.
#[derive(Serialize, ToSchema)]
pub(crate) struct TokenError {
    /// `invalid_request`, `invalid_grant`, `unsupported_grant_type`, `slow_down` or `temporarily_unavailable`.
    error: &'static str,
    /// What is wrong, for people.
    error_description: String,
}

/// Gives tokens for a password or a refresh token, as OAuth 2.0 has it.
#[utoipa::path(post, path = "/api/v1/auth/token", operation_id = "issueToken", tag = "auth",
    request_body(content = TokenRequest, content_type = "application/x-www-form-urlencoded"),
    responses((status = 200, description = "Tokens", body = TokenResponse),
              (status = 400, description = "No tokens", body = TokenError),
              (status = 429, description = "Too many attempts", body = TokenError),
              (status = 503, description = "Try again later", body = TokenError)))]
pub(crate) async fn issue_token(
    State(app): State<App>,
    context: Context,
    request: Result<Form<TokenRequest>, ApiError>,
) -> Response {
    let granted = match request {
        Ok(Form(request)) => grant(&app, &context, request).await,
        Err(error) => Err(refused("invalid_request", error.body("").message)),
    };
    let mut response = match granted {
        Ok(signed_in) => Json(TokenResponse {
            access_token: signed_in.body.access_token,
            token_type: "Bearer",
            expires_in: signed_in.body.expires_in,
            refresh_token: signed_in.body.refresh_token,
        })
        .into_response(),
        Err(response) => response,
    };
    let headers = response.headers_mut();
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(header::PRAGMA, HeaderValue::from_static("no-cache"));
    response
}

async fn grant(app: &App, context: &Context, request: TokenRequest) -> Result<SignedIn, Response> {
    let missing = |name: &str| refused("invalid_request", format!("{name} is required"));
    match request.grant_type.as_deref() {
        Some("password") => {
            let username = request.username.ok_or_else(|| missing("username"))?;
            let password = request.password.ok_or_else(|| missing("password"))?;
            let invalid = |rule: tripsage_domain::validation::Rule| refused("invalid_request", rule.message);
            let login = Login::parse(&username).map_err(invalid)?;
            let password = Password::parse(&password).map_err(invalid)?;
            let user = app
                .check_login(context, &login, &password)
                .await
                .map_err(translated)?
                .item;
            let how = (Method::Password, Remember::Yes);
            app.sign_in(context, &user, how, Transaction::default(), Action::LoginSuccess)
                .await
                .map_err(translated)
        }
        Some("refresh_token") => {
            let token = request.refresh_token.ok_or_else(|| missing("refresh_token"))?;
            app.refresh(context, &token).await.map_err(translated)
        }
        Some(_) => Err(refused(
            "unsupported_grant_type",
            "grant_type must be password or refresh_token".to_owned(),
        )),
        None => Err(missing("grant_type")),
    }
}

fn refused(error: &'static str, error_description: String) -> Response {
    let body = TokenError {
        error,
        error_description,
    };
    (StatusCode::BAD_REQUEST, Json(body)).into_response()
}

/// The standard's name for an error. Status and `Retry-After` stay, but that bad credentials are 400.
fn translated(error: ApiError) -> Response {
    let name = match error.code() {
        Code::LoginFailed | Code::InvalidCredential => {
            return refused("invalid_grant", "the credentials are not valid".to_owned());
        }
        Code::RateLimited => "slow_down",
        Code::DatabaseUnavailable | Code::DependencyUnavailable => "temporarily_unavailable",
        // A defect of ours is logged and answered by the edge.
        _ => return error.into_response(),
    };
    let body = TokenError {
        error: name,
        error_description: error.body("").message,
    };
    let status = error.code().status();
    let retry_after = error.into_response().headers_mut().remove(header::RETRY_AFTER);
    let mut response = (status, Json(body)).into_response();
    if let Some(after) = retry_after {
        response.headers_mut().insert(header::RETRY_AFTER, after);
    }
    response
}
