use std::time::Duration;

use aws_lc_rs::digest;
use axum::{
    extract::State,
    response::{IntoResponse, Response},
};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use http::{HeaderMap, StatusCode, header};
use jiff::SignedDuration;
use serde::Deserialize;
use tripsage_domain::{ids::UserId, ports::Entropy, user::Provider};
use tripsage_http::{ApiError, Code, Context, Envelope, Errors, Path, Query, Reply, SetCookies, cookie};
use tripsage_store::{keys::Digest, one_time::RoundTripRow};
use utoipa::{IntoParams, ToSchema};

use crate::{
    App,
    bodies::SignedInBody,
    key_material::KeyPurpose,
    provider_accounts::Arrived,
    providers::{Proof, Registered},
    sign_in::with_cookies,
};

/// A provider, as a path names it.
#[derive(Debug, Clone, Copy, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub(crate) enum ProviderName {
    /// GitHub.
    Github,
    /// Google.
    Google,
}

impl From<ProviderName> for Provider {
    fn from(name: ProviderName) -> Self {
        match name {
            ProviderName::Github => Self::Github,
            ProviderName::Google => Self::Google,
        }
    }
}

/// How long somebody may stay at the provider.
const ROUND_TRIP: SignedDuration = SignedDuration::from_mins(10);

/// Binds a round trip to the browser that began it.
const STATE_COOKIE: &str = "__Host-oauth_state";

/// A round trip that has begun.
pub(crate) struct Departure {
    /// Where to send the browser.
    pub(crate) url: String,
    /// The cookie that has to come back with it.
    pub(crate) cookies: SetCookies,
}

fn random_text(entropy: &dyn Entropy) -> String {
    let mut bytes = [0; 32];
    entropy.fill(&mut bytes);
    URL_SAFE_NO_PAD.encode(bytes)
}

fn state_digest(state: &str) -> Digest {
    Digest::of(&[b"state", state.as_bytes()])
}

fn browser_digest(cookie: &str) -> Digest {
    Digest::of(&[b"browser", cookie.as_bytes()])
}

impl App {
    /// Begins a round trip: for `user`, who wants to connect an account, or for somebody who wants to sign in.
    pub(crate) async fn depart(
        &self,
        context: &Context,
        provider: Provider,
        user: Option<UserId>,
    ) -> Result<Departure, ApiError> {
        let registered = self.registered(context, provider).await?;
        let entropy = &*context.ports.entropy;
        let (state, browser) = (random_text(entropy), random_text(entropy));
        let proof = self.proof(context, &state).await?;
        let challenge = URL_SAFE_NO_PAD.encode(digest::digest(&digest::SHA256, proof.verifier.as_bytes()));
        let url = registered.authorization_url(&state, &challenge, &proof.nonce)?;
        let row = RoundTripRow::new(provider, user, &browser_digest(&browser), context.now, ROUND_TRIP);
        self.db.insert_round_trip(&state_digest(&state), &row).await?;
        let life = Duration::from_secs(ROUND_TRIP.as_secs().unsigned_abs());
        Ok(Departure {
            url,
            cookies: SetCookies::default().round_trip(STATE_COOKIE, &browser, life),
        })
    }

    async fn proof(&self, context: &Context, state: &str) -> Result<Proof, ApiError> {
        let key = self.material.mac_key(context.now).await?;
        let mac = |purpose| Ok::<_, ApiError>(URL_SAFE_NO_PAD.encode(key.mac(purpose, &[state.as_bytes()])?));
        Ok(Proof {
            verifier: mac(KeyPurpose::PkceVerifier)?,
            nonce: mac(KeyPurpose::Nonce)?,
        })
    }

    /// Ends a round trip; says for whom it was begun, and who came back.
    async fn arrive(
        &self,
        context: &Context,
        registered: &Registered,
        provider: Provider,
        returned: &Returned,
        browser: Option<&str>,
    ) -> Result<(Option<UserId>, crate::providers::Person), ApiError> {
        let refused = || ApiError::new(Code::InvalidToken);
        let (state, browser) = (
            returned.state.as_deref().ok_or_else(refused)?,
            browser.ok_or_else(refused)?,
        );
        let taken = self
            .db
            .take_round_trip(&state_digest(state), provider, &browser_digest(browser), context.now)
            .await?;
        let round_trip = taken.ok_or_else(refused)?;
        let Some(code) = returned.code.as_deref().filter(|_| returned.error.is_none()) else {
            return Err(refused().message(format!("the sign-in was cancelled at {}", provider.name())));
        };
        let proof = self.proof(context, state).await?;
        let person = self.identify(context, registered, code, &proof).await?;
        Ok((round_trip.user, person))
    }
}

/// Sends the browser to the provider to sign in.
#[utoipa::path(get, path = "/api/v1/auth/{provider}/login", operation_id = "loginWithProvider", tag = "auth",
    params(("provider" = ProviderName, Path)),
    responses((status = 302, description = "To the provider"), Errors))]
pub(crate) async fn login_with_provider(
    State(app): State<App>,
    context: Context,
    Path(provider): Path<ProviderName>,
) -> Result<Response, ApiError> {
    let departure = app.depart(&context, provider.into(), None).await?;
    let mut response = (StatusCode::FOUND, [(header::LOCATION, departure.url)]).into_response();
    for cookie in departure.cookies.values() {
        response.headers_mut().append(header::SET_COOKIE, cookie);
    }
    Ok(response)
}

/// What a provider sends back. It may add more, which is ignored.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct Returned {
    /// To be exchanged for tokens.
    code: Option<String>,
    /// The state that was sent.
    state: Option<String>,
    /// Why there is no code.
    error: Option<String>,
}

/// Where the provider sends the browser back to: signs in, or connects the account for who began it.
///
/// It works once, within ten minutes, in the browser that began it.
#[utoipa::path(get, path = "/api/v1/auth/{provider}/callback", operation_id = "finishProviderSignIn", tag = "auth",
    params(("provider" = ProviderName, Path), Returned),
    responses((status = 200, description = "Signed in; or, after `connect`, the connected account",
               body = Envelope<SignedInBody>), Errors))]
pub(crate) async fn finish_provider_sign_in(
    State(app): State<App>,
    context: Context,
    headers: HeaderMap,
    Path(provider): Path<ProviderName>,
    Query(returned): Query<Returned>,
) -> Result<Response, ApiError> {
    let provider = Provider::from(provider);
    let registered = app.registered(&context, provider).await?;
    let browser = cookie(&headers, STATE_COOKIE);
    let (user, person) = app.arrive(&context, &registered, provider, &returned, browser).await?;
    let done = SetCookies::default().clear(STATE_COOKIE);
    Ok(match app.receive(&context, provider, user, &person).await? {
        Arrived::SignedIn(signed_in) => with_cookies(signed_in.reply(Reply::ok), &done).into_response(),
        Arrived::Connected(account) => with_cookies(Reply::ok("Account connected", account), &done).into_response(),
    })
}
