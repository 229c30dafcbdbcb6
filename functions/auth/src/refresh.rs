use axum::extract::State;
use http::HeaderMap;
use serde::Deserialize;
use tripsage_domain::{
    audit::Action,
    session::{Refresh, judge},
};
use tripsage_http::{ApiError, Code, Context, Envelope, Errors, OptionalJson, Reply, cookie};
use tripsage_store::{Loaded, StoreError, Transaction, credentials::SessionRow, users::UserRow};
use utoipa::ToSchema;

use crate::{
    App,
    bodies::SignedInBody,
    refresh_token::RefreshToken,
    sign_in::{REFRESH_COOKIE, SignedIn, rotated},
};

/// A refresh token, unless it comes in a cookie.
#[derive(Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct RefreshRequest {
    /// The refresh token; without it, the cookie counts.
    refresh_token: Option<String>,
}

/// Exchanges a refresh token for the next pair of tokens.
///
/// Each refresh token works once. For 30 seconds after that it is answered with the same successor, so that two tabs
/// and a lost answer do no harm; later, or when an even older one comes back, the whole sign-in ends.
#[utoipa::path(post, path = "/api/v1/auth/refresh", operation_id = "refreshTokens", tag = "auth",
    request_body(content = Option<RefreshRequest>),
    responses((status = 200, description = "The next tokens", body = Envelope<SignedInBody>), Errors))]
pub(crate) async fn refresh_tokens(
    State(app): State<App>,
    context: Context,
    headers: HeaderMap,
    OptionalJson(request): OptionalJson<RefreshRequest>,
) -> Result<Reply<SignedInBody>, ApiError> {
    let presented = request
        .refresh_token
        .as_deref()
        .or_else(|| cookie(&headers, REFRESH_COOKIE))
        .ok_or_else(|| ApiError::new(Code::MissingAuthorization).message("a refresh token is required"))?;
    let signed_in = app.refresh(&context, presented).await?;
    Ok(signed_in.reply(Reply::ok))
}

fn refused() -> ApiError {
    ApiError::new(Code::InvalidCredential)
}

/// A lost race is judged again; after one, the token has become the parent, or the sign-in has ended.
const RACES: usize = 4;

impl App {
    /// The next tokens after the presented one.
    ///
    /// # Errors
    /// 401 unless the token is the current one or its immediate parent, and the user and the sign-in are still good.
    pub(crate) async fn refresh(&self, context: &Context, presented: &str) -> Result<SignedIn, ApiError> {
        let token = self.read_refresh_token(context, presented).await?.ok_or_else(refused)?;
        for _ in 0..RACES {
            let (session, user) = tokio::try_join!(
                self.db.load_session(token.user, token.session),
                self.db.find_user(token.user)
            )?;
            let session = session
                .filter(|session| session.item.is_live(context.now))
                .ok_or_else(refused)?;
            let user = user
                .map(|user| user.item)
                .filter(UserRow::is_active)
                .ok_or_else(refused)?;
            let row = &session.item;
            let next = match judge(token.counter, row.counter, row.rotated_at, context.now) {
                Refresh::Rotate => rotated(row, context),
                Refresh::Repeat => return self.tokens(context, &user, row).await,
                Refresh::Unknown => return Err(refused()),
                Refresh::Reused => {
                    if self.end_stolen(context, &session).await? {
                        return Err(refused());
                    }
                    continue;
                }
            };
            match self.db.rotate_session(session.version, &next).await {
                Ok(()) => return self.tokens(context, &user, &next).await,
                Err(StoreError::Conflict(_)) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Err(refused())
    }

    async fn read_refresh_token(&self, context: &Context, text: &str) -> Result<Option<RefreshToken>, ApiError> {
        let Some((token, mac)) = RefreshToken::read(text) else {
            return Ok(None);
        };
        if token.is_by(&self.material.mac_key(context.now).await?, &mac)? {
            return Ok(Some(token));
        }
        match self.material.previous_mac_key(context.now).await? {
            Some(key) if token.is_by(&key, &mac)? => Ok(Some(token)),
            _ => Ok(None),
        }
    }

    /// Ends a sign-in of which somebody has a copy; `false` when it has just changed.
    async fn end_stolen(&self, context: &Context, session: &Loaded<SessionRow>) -> Result<bool, ApiError> {
        let row = &session.item;
        let record = context.record(row.user, Action::TokenReuse, format!("session/{}", row.id));
        let transaction = Transaction::default()
            .revoking_session(session, context.now)?
            .audited(&record)?;
        match self.db.commit(transaction).await {
            Ok(()) => {
                self.announce_end(row.id).await;
                Ok(true)
            }
            Err(StoreError::Conflict(_)) => Ok(false),
            Err(error) => Err(error.into()),
        }
    }
}
