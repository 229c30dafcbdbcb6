//! Identity: accounts, sign-ins and every credential.
//!
//! This function alone reads the signing key and the other secrets of credentials; the rest of the product verifies
//! access tokens with the public keys that it publishes. A password, a code, a link or a token is never stored or
//! logged, only what is needed to recognise it.

mod access_tokens;
mod account;
mod bodies;
mod email;
mod issue_token;
mod key_material;
mod login;
mod mailed_links;
mod me;
mod otp;
mod password;
mod provider_accounts;
mod provider_sign_in;
mod providers;
mod rate_classes;
mod refresh;
mod refresh_token;
mod register;
mod sessions;
mod sign_in;
mod signing_keys;
mod well_known;

use std::{sync::Arc, time::Duration};

use axum::Router;
use jiff::Timestamp;
use tripsage_domain::user::{MIN_PASSWORD_LENGTH, Password};
use tripsage_hasher::Hasher;
use tripsage_http::{ApiError, Context, Edge, EdgeOptions, describe, operations};
use tripsage_runtime::Runtime;
use tripsage_store::Db;
use utoipa::openapi::OpenApi;

use crate::{
    key_material::KeyMaterial,
    providers::KnownKeys,
    signing_keys::{Published, SigningKeys},
};

/// What the handlers work with.
#[derive(Clone)]
pub(crate) struct App {
    pub(crate) edge: Edge,
    pub(crate) db: Db,
    pub(crate) material: Arc<KeyMaterial>,
    pub(crate) hasher: Hasher,
    pub(crate) google_keys: Arc<KnownKeys>,
    published: Arc<Published>,
}

/// How long an answer takes at least that must not tell whether an account exists: longer than handing a mail over.
const SAME_FOR_ALL: Duration = Duration::from_millis(400);

impl App {
    fn new(runtime: &Runtime, edge: Edge) -> Self {
        Self {
            db: edge.db().clone(),
            edge,
            material: Arc::new(KeyMaterial::new(runtime)),
            hasher: Hasher::default(),
            google_keys: Arc::new(KnownKeys::default()),
            published: Arc::new(Published::default()),
        }
    }

    /// The keys that sign and verify at `now`.
    pub(crate) async fn signing_keys(&self, now: Timestamp) -> Result<SigningKeys, ApiError> {
        let entropy = &*self.edge.runtime().ports().entropy;
        SigningKeys::load(&self.material, &self.db, entropy, now, &self.published).await
    }

    /// The hash of a new password.
    pub(crate) async fn hash(&self, context: &Context, password: &Password) -> Result<String, ApiError> {
        let hash = self.hasher.hash(password, &*context.ports.entropy).await;
        hash.map_err(ApiError::internal)
    }

    /// Characters that a new password has at least.
    pub(crate) fn min_password(&self) -> Result<usize, ApiError> {
        match self.edge.runtime().config().optional("PASSWORD_MIN_LENGTH") {
            None => Ok(MIN_PASSWORD_LENGTH),
            Some(text) => text
                .parse()
                .map_err(|_| ApiError::internal("PASSWORD_MIN_LENGTH is not a number")),
        }
    }

    /// Does something that takes longer when an account exists, and does not let it show.
    pub(crate) async fn in_even_time<T>(&self, work: impl Future<Output = T>) -> T {
        let (result, ()) = tokio::join!(work, tokio::time::sleep(SAME_FOR_ALL));
        result
    }
}

operations!(App: [
    register::register,
    login::login,
    issue_token::issue_token,
    refresh::refresh_tokens,
    me::get_authenticated_user,
    me::validate_session,
    sessions::logout,
    sessions::logout_all,
    sessions::list_sessions,
    sessions::delete_session,
    email::verify_email,
    email::resend_verification,
    password::forgot_password,
    password::reset_password,
    password::change_password,
    provider_sign_in::login_with_provider,
    provider_sign_in::finish_provider_sign_in,
    provider_accounts::connect_provider,
    provider_accounts::disconnect_provider,
    otp::request_otp,
    otp::verify_otp,
    access_tokens::list_access_tokens,
    access_tokens::create_access_token,
    access_tokens::delete_access_token,
    well_known::get_jwks,
    well_known::get_openid_configuration,
]);

/// The routes, with the edge around them.
pub fn router(runtime: &Runtime) -> Router {
    let options = EdgeOptions {
        rate_class: rate_classes::of,
        ..EdgeOptions::default()
    };
    let edge = Edge::new(runtime, options);
    edge.serve(routes().with_state(App::new(runtime, edge.clone())))
}

/// The description of the operations.
pub fn openapi() -> OpenApi {
    // A schema of a path parameter alone is not collected from the operations.
    #[derive(utoipa::OpenApi)]
    #[openapi(components(schemas(provider_sign_in::ProviderName)))]
    struct Parameters;
    let mut document = document();
    document.merge(<Parameters as utoipa::OpenApi>::openapi());
    describe(document)
}
