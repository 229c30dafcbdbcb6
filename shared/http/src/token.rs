use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use jiff::Timestamp;
use jsonwebtoken::{Algorithm, DecodingKey, Validation};
use serde::{Deserialize, Serialize};
use tripsage_domain::{
    ids::{SessionId, TokenId, UserId},
    principal::{Credential, Principal},
};

/// How a personal access token begins.
pub const TOKEN_PREFIX: &str = "tsp_";

/// Clocks of two machines differ by no more, in seconds.
const LEEWAY: i64 = 5;

/// No token of ours is longer.
const MAX_LENGTH: usize = 2048;

/// Claims of an access token (RFC 9068).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AccessClaims {
    /// Who issued it: the product's address.
    pub iss: String,
    /// Whom it is for: the product's address.
    pub aud: String,
    /// The user.
    pub sub: UserId,
    /// The client that it was issued to.
    pub client_id: String,
    /// When it was issued, in seconds since 1970.
    pub iat: i64,
    /// From when on it is valid.
    pub nbf: i64,
    /// When it expires.
    pub exp: i64,
    /// Its own id.
    pub jti: String,
    /// The sign-in that it belongs to.
    pub sid: SessionId,
    /// Role of the user.
    pub role: String,
    /// Whether the user's e-mail address is confirmed.
    pub email_verified: bool,
    /// Digest of the CSRF token that a browser has to send along with the cookie; see [`csrf_digest`].
    pub csrf: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Header {
    typ: String,
    alg: String,
    kid: String,
}

/// The digest of a CSRF token, as the access token carries it.
pub fn csrf_digest(token: &str) -> String {
    URL_SAFE_NO_PAD.encode(aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, token.as_bytes()))
}

/// What a presented bearer token claims to be.
pub(crate) enum Presented {
    /// An access token signed by the key with this id.
    Access { kid: String },
    /// A personal access token.
    Personal {
        user: UserId,
        token: TokenId,
        digest: String,
    },
}

/// Looks at a token without believing it.
pub(crate) fn look(token: &str) -> Option<Presented> {
    if token.len() > MAX_LENGTH {
        return None;
    }
    if let Some(body) = token.strip_prefix(TOKEN_PREFIX) {
        let bytes = URL_SAFE_NO_PAD.decode(body).ok()?;
        let (ids, secret) = bytes.split_at_checked(32)?;
        if secret.len() != 32 {
            return None;
        }
        let uuid = |part: &[u8]| uuid::Uuid::from_slice(part).ok();
        return Some(Presented::Personal {
            user: UserId::from_uuid(uuid(&ids[..16])?),
            token: TokenId::from_uuid(uuid(&ids[16..])?),
            digest: tripsage_store::keys::Digest::of(&[secret]).to_string(),
        });
    }
    let header: Header = serde_json::from_slice(&URL_SAFE_NO_PAD.decode(token.split('.').next()?).ok()?).ok()?;
    (header.typ == "at+jwt" && header.alg == "EdDSA").then_some(Presented::Access { kid: header.kid })
}

/// Verifies an access token; `None` when anything at all is wrong with it.
pub(crate) fn verify(token: &str, x: &str, issuer: &str, now: Timestamp) -> Option<AccessClaims> {
    let mut validation = Validation::new(Algorithm::EdDSA);
    // The library checks the signature; times and names are checked below, exactly and with our clock.
    validation.validate_exp = false;
    validation.validate_aud = false;
    validation.required_spec_claims.clear();
    let key = DecodingKey::from_ed_components(x).ok()?;
    let claims = jsonwebtoken::decode::<AccessClaims>(token, &key, &validation)
        .ok()?
        .claims;
    let now = now.as_second();
    let named = claims.iss == issuer && claims.aud == issuer;
    let timely = claims.exp + LEEWAY > now && claims.nbf - LEEWAY <= now && claims.iat - LEEWAY <= now;
    (named && timely).then_some(claims)
}

impl AccessClaims {
    pub(crate) fn principal(&self) -> Option<Principal> {
        Some(Principal {
            user: self.sub,
            role: self.role.parse().ok()?,
            verified: self.email_verified,
            credential: Credential::Session(self.sid),
        })
    }
}
