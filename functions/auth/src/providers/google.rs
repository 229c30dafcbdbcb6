use jiff::{SignedDuration, Timestamp};
use jsonwebtoken::{Algorithm, DecodingKey, Validation, jwk::JwkSet};
use reqwest::Client;
use serde::Deserialize;
use tokio::sync::Mutex;
use tripsage_domain::user::Email;
use tripsage_http::{ApiError, Context};

use super::{Person, Registered, TokenAnswer};

/// Clocks of two machines differ by no more, in seconds.
const LEEWAY: i64 = 5;

/// The provider's keys are fetched again when one is not known, and not more often than this.
const PATIENCE: SignedDuration = SignedDuration::from_secs(10);

/// The provider's keys are fetched again after this long.
const FRESH: SignedDuration = SignedDuration::from_hours(1);

/// The keys of Google, as this process knows them.
#[derive(Default)]
pub(crate) struct KnownKeys(Mutex<Option<(JwkSet, Timestamp)>>);

#[derive(Deserialize)]
#[serde(untagged)]
enum Audience {
    One(String),
    Many(Vec<String>),
}

#[derive(Deserialize)]
struct Claims {
    iss: String,
    aud: Audience,
    azp: Option<String>,
    exp: i64,
    iat: i64,
    nonce: String,
    sub: String,
    email: Option<String>,
    #[serde(default)]
    email_verified: bool,
    name: Option<String>,
}

/// Reads who somebody is out of Google's ID token (OpenID Connect Core, section 3.1.3.7).
pub(super) async fn identify(
    http: &Client,
    registered: &Registered,
    answer: TokenAnswer,
    nonce: &str,
    known: &KnownKeys,
    context: &Context,
) -> Result<Person, ApiError> {
    let token = answer
        .id_token
        .ok_or_else(|| registered.refused("there is no ID token"))?;
    let header = jsonwebtoken::decode_header(&token).map_err(|error| registered.refused(error))?;
    let kid = header.kid.ok_or_else(|| registered.refused("there is no kid"))?;
    if header.alg != Algorithm::RS256 {
        return Err(registered.refused("the algorithm is not RS256"));
    }
    let key = known
        .find(http, registered, &kid, context.now)
        .await?
        .ok_or_else(|| registered.refused("the key is not known"))?;
    let mut validation = Validation::new(Algorithm::RS256);
    // The library checks the signature; names and times are checked below, exactly and with our clock.
    validation.validate_exp = false;
    validation.validate_aud = false;
    validation.required_spec_claims.clear();
    let claims = jsonwebtoken::decode::<Claims>(&token, &key, &validation)
        .map_err(|error| registered.refused(error))?
        .claims;
    let wrong = check(&claims, registered, nonce, context.now);
    if let Some(claim) = wrong {
        return Err(registered.refused(format!("{claim} is wrong")));
    }
    let address = claims.email.filter(|_| claims.email_verified);
    let email = address.and_then(|address| Email::parse(&address).ok());
    Ok(Person {
        label: email
            .as_ref()
            .map_or_else(|| claims.sub.clone(), |email| email.as_str().to_owned()),
        subject: claims.sub,
        email,
        name: claims.name,
    })
}

/// The name of the first claim that is wrong.
fn check(claims: &Claims, registered: &Registered, nonce: &str, now: Timestamp) -> Option<&'static str> {
    let client = &registered.client.client_id;
    let now = now.as_second();
    let for_us = match &claims.aud {
        Audience::One(audience) => audience == client,
        Audience::Many(audiences) => audiences.iter().all(|audience| audience == client) && !audiences.is_empty(),
    };
    let issuer = &registered.addresses.issuer;
    // Google has two ways to write itself.
    let by_them = claims.iss == *issuer || issuer.strip_prefix("https://") == Some(&claims.iss);
    let checks = [
        ("iss", by_them),
        ("aud", for_us),
        ("azp", claims.azp.as_ref().is_none_or(|azp| azp == client)),
        ("exp", claims.exp + LEEWAY > now),
        ("iat", claims.iat - LEEWAY <= now),
        ("nonce", claims.nonce == nonce),
        ("sub", !claims.sub.is_empty() && claims.sub.len() <= 255),
    ];
    checks.into_iter().find(|(_, holds)| !holds).map(|(claim, _)| claim)
}

impl KnownKeys {
    async fn find(
        &self,
        http: &Client,
        registered: &Registered,
        kid: &str,
        now: Timestamp,
    ) -> Result<Option<DecodingKey>, ApiError> {
        // Held while fetching, so that requests at the same time cause one call.
        let mut known = self.0.lock().await;
        let usable = known.as_ref().is_some_and(|(set, read)| {
            let age = now.duration_since(*read);
            age < if set.find(kid).is_some() { FRESH } else { PATIENCE }
        });
        if !usable {
            let url = format!("{}/oauth2/v3/certs", registered.addresses.identity);
            *known = Some((registered.ask(http.get(url)).await?, now));
        }
        let key = known.as_ref().and_then(|(set, _)| set.find(kid));
        Ok(key.and_then(|key| DecodingKey::from_jwk(key).ok()))
    }
}
