use axum::{
    Json,
    extract::State,
    response::{IntoResponse, Response},
};
use http::header;
use serde::Serialize;
use tripsage_http::{ApiError, Context, Errors};
use utoipa::ToSchema;

use crate::App;

/// A public key (RFC 8037).
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct PublicKey {
    /// Always `OKP`.
    kty: &'static str,
    /// Always `Ed25519`.
    crv: &'static str,
    /// Always `EdDSA`.
    alg: &'static str,
    /// Always `sig`.
    #[serde(rename = "use")]
    usage: &'static str,
    /// Its id.
    kid: String,
    /// The key itself.
    x: String,
}

/// The public keys that verify access tokens (RFC 7517).
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct KeySet {
    /// Newest first.
    keys: Vec<PublicKey>,
}

/// Shared caches may keep the documents this long; a new key is published for longer before it signs.
const CACHEABLE: [(header::HeaderName, &str); 1] = [(header::CACHE_CONTROL, "public, max-age=300")];

/// The public keys that verify access tokens.
#[utoipa::path(get, path = "/.well-known/jwks.json", operation_id = "getJwks", tag = "auth",
    responses((status = 200, description = "The keys", body = KeySet), Errors))]
pub(crate) async fn get_jwks(State(app): State<App>, context: Context) -> Result<Response, ApiError> {
    let published = app.signing_keys(context.now).await?.published;
    let keys = published
        .into_iter()
        .map(|key| PublicKey {
            kty: "OKP",
            crv: "Ed25519",
            alg: "EdDSA",
            usage: "sig",
            kid: key.kid,
            x: key.x,
        })
        .collect();
    Ok((CACHEABLE, Json(KeySet { keys })).into_response())
}

/// Where everything is (RFC 8414).
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ServerMetadata {
    /// Who issues the tokens.
    issuer: String,
    /// Where tokens are given.
    token_endpoint: String,
    /// Where the public keys are.
    jwks_uri: String,
    /// What tokens are given for.
    grant_types_supported: [&'static str; 2],
    /// There is no authorization endpoint.
    response_types_supported: [&'static str; 0],
    /// Every user is the same to every client.
    subject_types_supported: [&'static str; 1],
    /// How access tokens are signed.
    id_token_signing_alg_values_supported: [&'static str; 1],
    /// Clients need no secret.
    token_endpoint_auth_methods_supported: [&'static str; 1],
}

/// Where everything is that a client of OAuth 2.0 needs to know.
#[utoipa::path(get, path = "/.well-known/openid-configuration", operation_id = "getOpenidConfiguration", tag = "auth",
    responses((status = 200, description = "The addresses", body = ServerMetadata)))]
pub(crate) async fn get_openid_configuration(State(app): State<App>) -> Response {
    let issuer = app.edge.runtime().config().public_url.clone();
    let body = ServerMetadata {
        token_endpoint: format!("{issuer}/api/v1/auth/token"),
        jwks_uri: format!("{issuer}/.well-known/jwks.json"),
        issuer,
        grant_types_supported: ["password", "refresh_token"],
        response_types_supported: [],
        subject_types_supported: ["public"],
        id_token_signing_alg_values_supported: ["EdDSA"],
        token_endpoint_auth_methods_supported: ["none"],
    };
    (CACHEABLE, Json(body)).into_response()
}
