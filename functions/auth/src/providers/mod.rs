//! Identity providers: what differs between them is data, and how they say who somebody is.

mod github;
mod google;

use std::time::Duration;

use reqwest::{RequestBuilder, Response};
use serde::{Deserialize, de::DeserializeOwned};
use tripsage_domain::user::{Email, Provider};
use tripsage_http::{ApiError, Code, Context};
use tripsage_runtime::{ExposeSecret, SecretString, Stage};
use url::Url;

use crate::App;

pub(crate) use google::KnownKeys;

/// Who somebody is, as their provider says.
pub(crate) struct Person {
    /// The provider's own immutable id of the account.
    pub(crate) subject: String,
    /// What the account is called there.
    pub(crate) label: String,
    /// Their e-mail address, when the provider says that it is theirs.
    pub(crate) email: Option<Email>,
    /// Their name.
    pub(crate) name: Option<String>,
}

#[derive(Deserialize)]
struct Client {
    client_id: String,
    client_secret: SecretString,
}

/// The secret of the OAuth clients: `{"github": {"client_id", "client_secret"}, "google": {...}}`.
#[derive(Deserialize)]
struct Clients {
    github: Option<Client>,
    google: Option<Client>,
}

/// Where a provider is.
struct Addresses {
    authorize: String,
    token: String,
    /// Base of what says who somebody is.
    identity: String,
    /// Who issues ID tokens.
    issuer: String,
}

impl Addresses {
    /// The real addresses, or all of them under the one of a stand-in.
    fn new(provider: Provider, stand_in: Option<&str>) -> Self {
        let (authorize, token, identity, issuer) = match provider {
            Provider::Github => (
                ("https://github.com", "/login/oauth/authorize"),
                ("https://github.com", "/login/oauth/access_token"),
                "https://api.github.com",
                "https://github.com",
            ),
            Provider::Google => (
                ("https://accounts.google.com", "/o/oauth2/v2/auth"),
                ("https://oauth2.googleapis.com", "/token"),
                "https://www.googleapis.com",
                "https://accounts.google.com",
            ),
        };
        let at = |(host, path): (&str, &str)| format!("{}{path}", stand_in.unwrap_or(host));
        Self {
            authorize: at(authorize),
            token: at(token),
            identity: at((identity, "")),
            issuer: at((issuer, "")),
        }
    }
}

/// A provider with which this product is registered.
pub(crate) struct Registered {
    provider: Provider,
    client: Client,
    addresses: Addresses,
    redirect_uri: String,
}

/// What a token endpoint answers.
#[derive(Deserialize)]
struct TokenAnswer {
    access_token: Option<String>,
    id_token: Option<String>,
}

impl App {
    /// The provider, as the operator has set it up.
    ///
    /// # Errors
    /// 404 when they have not.
    pub(crate) async fn registered(&self, context: &Context, provider: Provider) -> Result<Registered, ApiError> {
        let missing = || {
            let message = format!("signing in with {} is not set up here", provider.name());
            ApiError::new(Code::NotFound).message(message)
        };
        let secret = self
            .material
            .secret("OAUTH_SECRET", Stage::Current, context.now)
            .await?;
        let secret = secret.ok_or_else(missing)?;
        let clients: Clients = serde_json::from_str(secret.value.expose_secret())
            .map_err(|_| ApiError::internal("the secret of the OAuth clients is not as described"))?;
        let config = self.edge.runtime().config();
        let (client, variable) = match provider {
            Provider::Github => (clients.github, "GITHUB_URL"),
            Provider::Google => (clients.google, "GOOGLE_URL"),
        };
        Ok(Registered {
            provider,
            client: client.ok_or_else(missing)?,
            addresses: Addresses::new(provider, config.optional(variable)),
            redirect_uri: format!("{}/api/v1/auth/{}/callback", config.public_url, provider.name()),
        })
    }

    /// Exchanges the code with which somebody came back, and asks who they are.
    pub(crate) async fn identify(
        &self,
        context: &Context,
        registered: &Registered,
        code: &str,
        proof: &Proof,
    ) -> Result<Person, ApiError> {
        let http = self.edge.runtime().clients().http();
        let form = form_urlencoded::Serializer::new(String::new())
            .append_pair("grant_type", "authorization_code")
            .append_pair("code", code)
            .append_pair("redirect_uri", &registered.redirect_uri)
            .append_pair("client_id", &registered.client.client_id)
            .append_pair("client_secret", registered.client.client_secret.expose_secret())
            .append_pair("code_verifier", &proof.verifier)
            .finish();
        let request = http
            .post(&registered.addresses.token)
            .header("accept", "application/json")
            .header("content-type", "application/x-www-form-urlencoded")
            .body(form);
        let answer: TokenAnswer = registered.ask(request).await?;
        match registered.provider {
            Provider::Github => github::identify(http, registered, answer).await,
            Provider::Google => {
                google::identify(http, registered, answer, &proof.nonce, &self.google_keys, context).await
            }
        }
    }
}

/// What shows a provider, and us, that the one who comes back is the one who left. Derived from the state, so that
/// nothing of it is stored.
pub(crate) struct Proof {
    /// Of which the provider was given the digest (PKCE).
    pub(crate) verifier: String,
    /// Which the ID token has to repeat.
    pub(crate) nonce: String,
}

impl Registered {
    /// Where to send a browser.
    pub(crate) fn authorization_url(&self, state: &str, challenge: &str, nonce: &str) -> Result<String, ApiError> {
        let scope = match self.provider {
            Provider::Github => "read:user user:email",
            Provider::Google => "openid email profile",
        };
        let mut url = Url::parse(&self.addresses.authorize).map_err(ApiError::internal)?;
        url.query_pairs_mut()
            .append_pair("response_type", "code")
            .append_pair("client_id", &self.client.client_id)
            .append_pair("redirect_uri", &self.redirect_uri)
            .append_pair("scope", scope)
            .append_pair("state", state)
            .append_pair("code_challenge", challenge)
            .append_pair("code_challenge_method", "S256")
            .append_pair("nonce", nonce);
        Ok(url.into())
    }

    /// The provider did not accept what the browser brought back, or said nothing that can be trusted.
    fn refused(&self, cause: impl ToString) -> ApiError {
        ApiError::new(Code::InvalidToken)
            .message(format!("{} did not confirm the sign-in", self.provider.name()))
            .because(cause)
    }

    fn unavailable(&self, cause: impl ToString) -> ApiError {
        ApiError::new(Code::DependencyUnavailable)
            .message(format!("{} does not answer", self.provider.name()))
            .retry_after(Duration::from_secs(10))
            .because(cause)
    }

    /// Sends a request to the provider, and reads its answer.
    async fn ask<T: DeserializeOwned>(&self, request: RequestBuilder) -> Result<T, ApiError> {
        let sent: Result<Response, _> = request.send().await;
        let response = sent.map_err(|error| self.unavailable(error.without_url()))?;
        let status = response.status();
        if status.is_server_error() || status.as_u16() == 429 {
            return Err(self.unavailable(status));
        }
        if !status.is_success() {
            return Err(self.refused(status));
        }
        response.json().await.map_err(|error| self.refused(error.without_url()))
    }
}
