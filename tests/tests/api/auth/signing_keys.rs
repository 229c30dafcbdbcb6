use jiff::SignedDuration;
use serde_json::{Value, json};
use tripsage_tests::{Answer, Api};

use super::{PASSWORD, SignedIn, login, register};

async fn kids(api: &Api) -> Vec<String> {
    let answer = api.get("/.well-known/jwks.json").await.expect(200);
    assert_eq!(answer.header("cache-control"), "public, max-age=300");
    let keys = answer.body["keys"].as_array().unwrap().clone();
    for key in &keys {
        assert_eq!(
            (&key["kty"], &key["crv"], &key["alg"], &key["use"]),
            (&json!("OKP"), &json!("Ed25519"), &json!("EdDSA"), &json!("sig"))
        );
        assert_eq!(key.as_object().unwrap().len(), 6, "public members only: {key}");
    }
    keys.iter().map(|key| key["kid"].as_str().unwrap().to_owned()).collect()
}

fn kid(token: &str) -> String {
    use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
    let header = URL_SAFE_NO_PAD.decode(token.split('.').next().unwrap()).unwrap();
    let header: Value = serde_json::from_slice(&header).unwrap();
    assert_eq!((&header["typ"], &header["alg"]), (&json!("at+jwt"), &json!("EdDSA")));
    header["kid"].as_str().unwrap().to_owned()
}

/// Puts a new value of the signing secret, as an operator does.
async fn rotate(api: &Api) {
    let environment = api.cloud().environment("auth").unwrap();
    let request = reqwest::Client::new()
        .post(&environment["AWS_ENDPOINT_URL_SECRETS_MANAGER"])
        .header("x-amz-target", "secretsmanager.PutSecretValue")
        .header("content-type", "application/x-amz-json-1.1")
        .body(
            json!({
                "SecretId": environment["SIGNING_SECRET"],
                "SecretString": "another value of the signing secret",
                "ClientRequestToken": "0f8fad5b-d9cb-469f-a165-70867728950e",
            })
            .to_string(),
        );
    Answer::of(request).await.expect(200);
}

#[tokio::test]
async fn a_rotated_key_is_published_before_it_signs_and_no_token_is_lost() {
    let api = Api::start().await;
    let ann = register(&api, "ann").await;
    let old = kid(&ann.access);
    assert_eq!(kids(&api).await, std::slice::from_ref(&old));
    rotate(&api).await;
    let minute = SignedDuration::from_mins(1);
    let mut live: Vec<(usize, SignedIn)> = vec![(0, ann)];
    let mut signed_by = Vec::new();
    for passed in 1..=40 {
        api.advance(minute);
        // Every token of the last fifteen minutes is good, whichever key signed it, here and in another function.
        live.retain(|(born, _)| passed - born < 15);
        for (_, signed_in) in &live {
            signed_in.get(&api, "/api/v1/auth/me").await.expect(200);
            signed_in.get(&api, "/api/v1/trips").await.expect(200);
        }
        let signed_in = SignedIn::of(&login(&api, "ann", PASSWORD).await.expect(200));
        let kid = kid(&signed_in.access);
        assert!(kids(&api).await.contains(&kid), "what signs is published");
        signed_by.push(kid);
        live.push((passed, signed_in));
    }
    let new = signed_by.last().unwrap().clone();
    assert_ne!(new, old);
    assert_eq!(kids(&api).await, std::slice::from_ref(&new), "the old key is withdrawn");
    let switched = signed_by.iter().position(|kid| *kid == new).unwrap();
    assert!((10..=16).contains(&switched), "after {switched} minutes");
    assert!(signed_by[switched..].iter().all(|kid| *kid == new));
}

#[tokio::test]
async fn the_documents_lead_to_each_other() {
    let api = Api::start().await;
    let document = api.get("/.well-known/openid-configuration").await.expect(200);
    let uri = document.body["jwks_uri"].as_str().unwrap();
    assert_eq!(uri, format!("{}/.well-known/jwks.json", api.url()));
    assert_eq!(document.body["issuer"], api.url());
    assert_eq!(kids(&api).await.len(), 1);
}
