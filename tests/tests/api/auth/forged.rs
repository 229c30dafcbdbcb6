use aws_lc_rs::{
    hmac,
    signature::{Ed25519KeyPair, KeyPair},
};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use serde_json::{Value, json};
use tripsage_tests::{Answer, Api};

use super::{email, mailed_token, register};

fn encode(value: &Value) -> String {
    URL_SAFE_NO_PAD.encode(value.to_string())
}

fn decode(part: &str) -> Value {
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(part).unwrap()).unwrap()
}

/// The same object with other, or without, some members.
fn changed(object: &Value, changes: &[(&str, Value)]) -> Value {
    let mut object = object.clone();
    for (name, value) in changes {
        if value.is_null() {
            object.as_object_mut().unwrap().remove(*name);
        } else {
            object[*name] = value.clone();
        }
    }
    object
}

/// A key that the product trusts, so that a token is refused for what it says and not for its signature.
struct Trusted {
    key: Ed25519KeyPair,
    header: Value,
}

impl Trusted {
    fn sign_text(&self, header: &str, claims: &str) -> String {
        let signed = format!("{}.{}", URL_SAFE_NO_PAD.encode(header), URL_SAFE_NO_PAD.encode(claims));
        let signature = self.key.sign(signed.as_bytes());
        format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature))
    }

    fn sign(&self, claims: &Value) -> String {
        self.sign_text(&self.header.to_string(), &claims.to_string())
    }

    fn sign_with(&self, header: &[(&str, Value)], claims: &Value) -> String {
        self.sign_text(&changed(&self.header, header).to_string(), &claims.to_string())
    }
}

async fn me(api: &Api, token: &str) -> Answer {
    Answer::of(api.request(reqwest::Method::GET, "/api/v1/auth/me").bearer_auth(token)).await
}

#[tokio::test]
async fn forged_tokens_are_refused_without_a_word() {
    let api = Api::start().await;
    let ann = register(&api, "ann").await;
    me(&api, &ann.access).await.expect(200);
    // The harness publishes this key beside the product's own.
    let trusted = Trusted {
        key: Ed25519KeyPair::from_seed_unchecked(&[9; 32]).unwrap(),
        header: json!({ "typ": "at+jwt", "alg": "EdDSA", "kid": "test" }),
    };
    let parts: Vec<&str> = ann.access.split('.').collect();
    let (header, good, signature) = (decode(parts[0]), decode(parts[1]), parts[2]);
    me(&api, &trusted.sign(&good)).await.expect(200);

    let now = api.now().as_second();
    let with = |changes: &[(&str, Value)]| trusted.sign(&changed(&good, changes));
    let reheaded =
        |changes: &[(&str, Value)]| format!("{}.{}.{signature}", encode(&changed(&header, changes)), parts[1]);
    let unsigned = |alg: &str| format!("{}.{}.", encode(&changed(&header, &[("alg", json!(alg))])), parts[1]);
    let flip = |index: usize| {
        let mut bytes: Vec<Vec<u8>> = parts.iter().map(|part| URL_SAFE_NO_PAD.decode(part).unwrap()).collect();
        let middle = bytes[index].len() / 2;
        bytes[index][middle] ^= 1;
        bytes
            .iter()
            .map(|part| URL_SAFE_NO_PAD.encode(part))
            .collect::<Vec<_>>()
            .join(".")
    };
    let symmetric = {
        let signed = format!("{}.{}", encode(&changed(&header, &[("alg", json!("HS256"))])), parts[1]);
        let public = trusted.key.public_key().as_ref().to_vec();
        let key = hmac::Key::new(hmac::HMAC_SHA256, &public);
        format!(
            "{signed}.{}",
            URL_SAFE_NO_PAD.encode(hmac::sign(&key, signed.as_bytes()))
        )
    };
    let duplicate = trusted.sign_text(
        &trusted.header.to_string(),
        &good
            .to_string()
            .replacen('{', "{\"sub\":\"00000000-0000-4000-8000-000000000000\",", 1),
    );
    let stranger = Trusted {
        key: Ed25519KeyPair::from_seed_unchecked(&[1; 32]).unwrap(),
        header: trusted.header.clone(),
    };
    let forged = [
        ("alg none", unsigned("none")),
        ("alg None", unsigned("None")),
        ("alg nOnE", unsigned("nOnE")),
        ("HS256 with the public key", symmetric),
        ("another algorithm", reheaded(&[("alg", json!("ES256"))])),
        ("an empty signature", format!("{}.{}.", parts[0], parts[1])),
        ("a flipped bit in the header", flip(0)),
        ("a flipped bit in the claims", flip(1)),
        ("a flipped bit in the signature", flip(2)),
        (
            "an unknown crit",
            trusted.sign_with(&[("crit", json!(["x"])), ("x", json!(1))], &good),
        ),
        ("a foreign kid", trusted.sign_with(&[("kid", json!("foreign"))], &good)),
        (
            "a jku",
            trusted.sign_with(&[("jku", json!("https://evil.example/jwks.json"))], &good),
        ),
        (
            "an x5u",
            trusted.sign_with(&[("x5u", json!("https://evil.example/x5u"))], &good),
        ),
        ("a jwk", trusted.sign_with(&[("jwk", json!({ "kty": "OKP" }))], &good)),
        ("another typ", trusted.sign_with(&[("typ", json!("JWT"))], &good)),
        ("a foreign key", stranger.sign(&good)),
        ("no exp", with(&[("exp", Value::Null)])),
        ("no iss", with(&[("iss", Value::Null)])),
        ("no aud", with(&[("aud", Value::Null)])),
        ("no sub", with(&[("sub", Value::Null)])),
        ("another iss", with(&[("iss", json!("https://evil.example"))])),
        ("another aud", with(&[("aud", json!("https://evil.example"))])),
        (
            "several aud",
            with(&[("aud", json!([api.url(), "https://evil.example"]))]),
        ),
        ("nbf in an hour", with(&[("nbf", json!(now + 3600))])),
        ("exp six seconds ago", with(&[("exp", json!(now - 6))])),
        ("iat in an hour", with(&[("iat", json!(now + 3600))])),
        (
            "another session",
            with(&[("sid", json!("3f2b8a52-6c1e-4a52-9d3e-0c5b1f7a9e10"))]),
        ),
        ("an unknown role", with(&[("role", json!("root"))])),
        ("a refresh token", ann.refresh.clone()),
        ("a mailed token", mailed_token(&api, &email("ann"))),
        (
            "an ID token",
            trusted.sign_with(
                &[("typ", json!("JWT"))],
                &json!({ "iss": api.url(), "aud": "tripsage", "sub": good["sub"], "exp": now + 900, "iat": now }),
            ),
        ),
        ("a duplicate claim", duplicate),
        ("two dots more", format!("{}..", ann.access)),
        ("16 KB", format!("{}{}", ann.access, "A".repeat(16 * 1024))),
    ];
    assert!(forged.len() >= 30);
    for (what, token) in forged {
        let answer = me(&api, &token).await;
        assert_eq!(answer.status, 401, "{what}: {}", answer.text);
        assert_eq!(answer.body["code"], "INVALID_CREDENTIAL", "{what}");
        assert_eq!(
            answer.body["details"],
            json!({ "field_errors": [], "context": {} }),
            "{what}"
        );
    }
    super::refresh(&api, &ann.access)
        .await
        .refused(401, "INVALID_CREDENTIAL");
    me(&api, &ann.access).await.expect(200);
}

#[tokio::test]
async fn a_token_expires_after_fifteen_minutes() {
    let api = Api::start().await;
    let ann = register(&api, "ann").await;
    api.advance(jiff::SignedDuration::from_secs(904));
    me(&api, &ann.access).await.expect(200);
    api.advance(jiff::SignedDuration::from_secs(2));
    me(&api, &ann.access).await.refused(401, "INVALID_CREDENTIAL");
}
