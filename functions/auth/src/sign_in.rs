//! Beginning a sign-in, and the tokens that belong to it.

use std::time::Duration;

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use http::header;
use jiff::{SignedDuration, Timestamp};
use tripsage_domain::{
    audit::Action,
    ids::{SessionId, random_uuid},
    principal::Credential,
    session::{ACCESS_LIFE, FULL_LIFE, IDLE_LIFE, MAX_SESSIONS, SHORT_LIFE},
};
use tripsage_http::{AccessClaims, ApiError, Context, Reply, SetCookies, csrf_digest};
use tripsage_store::{
    Loaded, StoreError, Transaction, credentials::SessionRow, sessions::SESSION_CHANGED, users::UserRow,
};

use crate::{
    App,
    bodies::{SignedInBody, TokenPair, UserBody},
    key_material::KeyPurpose,
    refresh_token::RefreshToken,
};

/// How somebody proves who they are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Method {
    Password,
    OneTimeCode,
    Provider(tripsage_domain::user::Provider),
}

impl Method {
    const fn name(self) -> &'static str {
        match self {
            Self::Password => "password",
            Self::OneTimeCode => "otp",
            Self::Provider(provider) => provider.name(),
        }
    }
}

/// How long a sign-in may last.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Remember {
    /// For weeks, while it is used.
    Yes,
    /// For a day.
    No,
}

/// A new sign-in of `user`, not stored yet.
pub(crate) fn new_session(context: &Context, user: &UserRow, method: Method, remember: Remember) -> SessionRow {
    let now = context.now;
    let (full, idle) = match remember {
        Remember::Yes => (FULL_LIFE, IDLE_LIFE),
        Remember::No => (SHORT_LIFE, SHORT_LIFE),
    };
    SessionRow {
        id: SessionId::random(&*context.ports.entropy),
        user: user.id,
        counter: 1,
        rotated_at: now,
        created_at: now,
        ends_at: now + full,
        idle_ends_at: now + idle,
        revoked_at: None,
        method: method.name().to_owned(),
        ip: context.source.ip.clone(),
        user_agent: context.source.user_agent.clone(),
        expires_at: (now + full).as_second(),
    }
}

/// The same sign-in after one more rotation.
pub(crate) fn rotated(session: &SessionRow, context: &Context) -> SessionRow {
    SessionRow {
        counter: session.counter + 1,
        rotated_at: context.now,
        idle_ends_at: session.ends_at.min(context.now + IDLE_LIFE),
        ip: context.source.ip.clone(),
        user_agent: context.source.user_agent.clone(),
        ..session.clone()
    }
}

/// A sign-in with its tokens.
pub(crate) struct SignedIn {
    pub(crate) body: SignedInBody,
    ends_in: Duration,
}

impl App {
    /// Begins a sign-in together with the other writes of `transaction`. The oldest sign-ins end when there are too many.
    pub(crate) async fn begin_session(
        &self,
        context: &Context,
        session: &SessionRow,
        transaction: Transaction,
        action: Action,
    ) -> Result<(), StoreError> {
        let target = format!("session/{}", session.id);
        let transaction =
            transaction
                .inserting_session(session)?
                .audited(&context.record(session.user, action, target))?;
        for _ in 0..3 {
            let surplus = surplus(self.db.list_sessions(session.user, context.now).await?);
            let mut transaction = transaction.clone();
            for old in &surplus {
                transaction = transaction.revoking_session(old, context.now)?;
            }
            match self.db.commit(transaction).await {
                // One of the oldest was refreshed or ended at the same time; look again.
                Err(error) if error.is_conflict(SESSION_CHANGED) => {}
                Err(error) => return Err(error),
                Ok(()) => {
                    for old in surplus {
                        self.announce_end(old.item.id).await;
                    }
                    return Ok(());
                }
            }
        }
        Err(StoreError::Throttled("sign-ins keep changing".to_owned()))
    }

    /// Tells every process that a sign-in has ended.
    pub(crate) async fn announce_end(&self, session: SessionId) {
        self.edge.announce_revocation(&Credential::Session(session)).await;
    }

    /// Signs somebody in who has proved who they are.
    pub(crate) async fn sign_in(
        &self,
        context: &Context,
        user: &UserRow,
        (method, remember): (Method, Remember),
        transaction: Transaction,
        action: Action,
    ) -> Result<SignedIn, ApiError> {
        let session = new_session(context, user, method, remember);
        self.begin_session(context, &session, transaction, action).await?;
        self.tokens(context, user, &session).await
    }

    /// The tokens of a sign-in as it is now.
    pub(crate) async fn tokens(
        &self,
        context: &Context,
        user: &UserRow,
        session: &SessionRow,
    ) -> Result<SignedIn, ApiError> {
        let now = context.now;
        let key = self.material.mac_key(now).await?;
        let refresh = RefreshToken {
            user: user.id,
            session: session.id,
            counter: session.counter,
        };
        let refresh_token = refresh.write(&key)?;
        let csrf_token = URL_SAFE_NO_PAD.encode(key.mac(KeyPurpose::CsrfToken, &[session.id.uuid().as_bytes()])?);
        let access_token =
            self.signing_keys(now)
                .await?
                .signing
                .sign(&self.claims(context, user, session, &csrf_token))?;
        let body = SignedInBody {
            user: UserBody::from(user),
            access_token: access_token.clone(),
            refresh_token: refresh_token.clone(),
            token_type: "bearer",
            expires_in: ACCESS_LIFE.as_secs(),
            tokens: TokenPair {
                access: access_token,
                refresh: refresh_token,
            },
            csrf_token,
        };
        let ends_in = until(now, session.ends_at.min(session.idle_ends_at));
        Ok(SignedIn { body, ends_in })
    }

    fn claims(&self, context: &Context, user: &UserRow, session: &SessionRow, csrf: &str) -> AccessClaims {
        let issuer = self.edge.runtime().config().public_url.clone();
        let issued = context.now.as_second();
        AccessClaims {
            iss: issuer.clone(),
            aud: issuer,
            sub: user.id,
            client_id: "tripsage".to_owned(),
            iat: issued,
            nbf: issued,
            exp: issued + ACCESS_LIFE.as_secs(),
            jti: random_uuid(&*context.ports.entropy).to_string(),
            sid: session.id,
            role: user.role.clone(),
            email_verified: user.email_verified,
            csrf: csrf_digest(csrf),
        }
    }
}

/// The oldest of the sign-ins that last, as many as have to end before one more begins.
fn surplus(mut sessions: Vec<Loaded<SessionRow>>) -> Vec<Loaded<SessionRow>> {
    sessions.sort_by_key(|session| session.item.rotated_at);
    let surplus = (sessions.len() + 1).saturating_sub(MAX_SESSIONS);
    sessions.truncate(surplus);
    sessions
}

fn until(now: Timestamp, end: Timestamp) -> Duration {
    let left: SignedDuration = end.duration_since(now);
    Duration::from_secs(u64::try_from(left.as_secs()).unwrap_or(0))
}

/// The cookie with the refresh token.
pub(crate) const REFRESH_COOKIE: &str = "__Host-refresh_token";
const ACCESS_COOKIE: &str = "__Host-auth_token";
const CSRF_COOKIE: &str = "__Host-csrf";

impl SignedIn {
    /// Adds the tokens to an answer, for browsers as cookies too.
    pub(crate) fn reply(self, reply: fn(&'static str, SignedInBody) -> Reply<SignedInBody>) -> Reply<SignedInBody> {
        let access_life = Duration::from_secs(ACCESS_LIFE.as_secs().unsigned_abs());
        let cookies = SetCookies::default()
            .http_only(ACCESS_COOKIE, &self.body.access_token, access_life)
            .http_only(REFRESH_COOKIE, &self.body.refresh_token, self.ends_in)
            .readable(CSRF_COOKIE, &self.body.csrf_token, self.ends_in);
        with_cookies(reply("Signed in", self.body).secret(), &cookies)
    }
}

/// Adds cookies to an answer.
pub(crate) fn with_cookies<T: serde::Serialize>(reply: Reply<T>, cookies: &SetCookies) -> Reply<T> {
    cookies.values().fold(reply, |reply, value| {
        reply.header(header::SET_COOKIE, value.to_str().unwrap_or_default())
    })
}

/// Takes the cookies of a sign-in away.
pub(crate) fn without_tokens() -> SetCookies {
    SetCookies::default()
        .clear(ACCESS_COOKIE)
        .clear(REFRESH_COOKIE)
        .clear(CSRF_COOKIE)
}
