//! Signing in with GitHub and Google, against a stand-in for both.

use aws_lc_rs::{
    digest,
    rand::SystemRandom,
    rsa::KeySize,
    signature::{KeyPair, RSA_PKCS1_SHA256, RsaKeyPair},
};
use axum::{
    Json, Router,
    extract::State,
    http::{HeaderMap, StatusCode, header},
    routing::{get, post},
};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use jiff::SignedDuration;
use reqwest::Method;
use serde_json::{Value, json};
use std::{collections::HashMap, sync::Arc};
use tripsage_tests::{Answer, Api};

use super::{SignedIn, accounts::join_all, register, verify_email};

fn pack(value: &Value) -> String {
    URL_SAFE_NO_PAD.encode(value.to_string())
}

fn unpack(text: &str) -> Value {
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(text).unwrap_or_default()).unwrap_or_default()
}

fn id_token(key: &RsaKeyPair, header: &Value, claims: &Value) -> String {
    let signed = format!("{}.{}", pack(header), pack(claims));
    let mut signature = vec![0; key.public_modulus_len()];
    key.sign(
        &RSA_PKCS1_SHA256,
        &SystemRandom::new(),
        signed.as_bytes(),
        &mut signature,
    )
    .unwrap();
    format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature))
}

/// The token endpoint: checks the client, the code and its verifier (PKCE).
async fn tokens(State(key): State<Arc<RsaKeyPair>>, body: String) -> (StatusCode, Json<Value>) {
    let form: HashMap<String, String> = form_urlencoded::parse(body.as_bytes()).into_owned().collect();
    let code = unpack(&form["code"]);
    let challenge = URL_SAFE_NO_PAD.encode(digest::digest(&digest::SHA256, form["code_verifier"].as_bytes()));
    let good = form["client_secret"] == "hush"
        && code["challenge"] == challenge
        && code["redirect_uri"] == form["redirect_uri"].as_str();
    if !good {
        return (StatusCode::BAD_REQUEST, Json(json!({ "error": "invalid_grant" })));
    }
    let header = json!({ "alg": "RS256", "kid": code["kid"].as_str().unwrap_or("key") });
    let mut token = id_token(&key, &header, &code["claims"]);
    if code["tampered"] == true {
        token = format!("{}AAAA", &token[..token.len() - 4]);
    }
    let access = pack(&code["person"]);
    (
        StatusCode::OK,
        Json(json!({ "access_token": access, "id_token": token })),
    )
}

fn bearer(headers: &HeaderMap) -> Value {
    let value = headers[header::AUTHORIZATION].to_str().unwrap();
    unpack(value.strip_prefix("Bearer ").unwrap())
}

/// Starts the stand-in; gives its address. It keeps nothing: codes and access tokens say what they are for.
async fn stand_in() -> String {
    let key = Arc::new(RsaKeyPair::generate(KeySize::Rsa2048).unwrap());
    // RSAPublicKey in DER: the modulus of 256 bytes is at a fixed place.
    let public = key.public_key().as_ref().to_vec();
    assert_eq!(public.len(), 270);
    let keys = json!({ "keys": [{
        "kty": "RSA", "kid": "key", "alg": "RS256", "use": "sig",
        "n": URL_SAFE_NO_PAD.encode(&public[9..265]), "e": "AQAB",
    }]});
    let app = Router::new()
        .route("/login/oauth/access_token", post(tokens))
        .route("/token", post(tokens))
        .route(
            "/user",
            get(async |headers: HeaderMap| Json(bearer(&headers)["user"].clone())),
        )
        .route(
            "/user/emails",
            get(async |headers: HeaderMap| Json(bearer(&headers)["emails"].clone())),
        )
        .route("/oauth2/v3/certs", get(async move || Json(keys.clone())))
        .with_state(key);
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async { axum::serve(listener, app).await.unwrap() });
    url
}

async fn start() -> (Api, String) {
    start_at(&stand_in().await).await
}

async fn start_at(stand_in: &str) -> (Api, String) {
    let api = Api::start_with(&[("GITHUB_URL", stand_in), ("GOOGLE_URL", stand_in)]).await;
    let environment = api.cloud().environment("auth").unwrap();
    let clients = json!({ "client_id": "us", "client_secret": "hush" });
    let request = reqwest::Client::new()
        .post(&environment["AWS_ENDPOINT_URL_SECRETS_MANAGER"])
        .header("x-amz-target", "secretsmanager.PutSecretValue")
        .header("content-type", "application/x-amz-json-1.1")
        .body(
            json!({
                "SecretId": environment["OAUTH_SECRET"],
                "SecretString": json!({ "github": clients, "google": clients }).to_string(),
                "ClientRequestToken": "1f8fad5b-d9cb-469f-a165-70867728950e",
            })
            .to_string(),
        );
    Answer::of(request).await.expect(200);
    (api, stand_in.to_owned())
}

/// A browser that was sent to a provider.
#[derive(Clone)]
struct Trip {
    provider: &'static str,
    cookie: String,
    query: HashMap<String, String>,
}

impl Trip {
    #[track_caller]
    fn of(provider: &'static str, answer: &Answer, url: &str) -> Self {
        let cookie = answer.header("set-cookie");
        assert!(cookie.starts_with("__Host-oauth_state="), "{cookie}");
        assert!(
            cookie.contains("HttpOnly") && cookie.contains("SameSite=Lax"),
            "{cookie}"
        );
        let (_, query) = url.split_once('?').unwrap();
        let query: HashMap<String, String> = form_urlencoded::parse(query.as_bytes()).into_owned().collect();
        assert_eq!(query["code_challenge_method"], "S256");
        assert!(query["state"].len() >= 22);
        Self {
            provider,
            cookie: cookie.split(';').next().unwrap().to_owned(),
            query,
        }
    }

    async fn login(api: &Api, provider: &'static str) -> Self {
        let answer = api.get(&format!("/api/auth/{provider}/login")).await.expect(302);
        let url = answer.header("location").to_owned();
        Self::of(provider, &answer, &url)
    }

    async fn connect(api: &Api, provider: &'static str, user: &SignedIn) -> Self {
        let answer = user
            .get(api, &format!("/api/v1/auth/{provider}/connect"))
            .await
            .expect(200);
        let url = answer.text_of("authorization_url");
        Self::of(provider, &answer, &url)
    }

    fn code(&self, extra: &Value) -> String {
        let mut code = json!({ "challenge": self.query["code_challenge"], "redirect_uri": self.query["redirect_uri"] });
        code.as_object_mut().unwrap().extend(extra.as_object().unwrap().clone());
        pack(&code)
    }

    async fn back(&self, api: &Api, code: &str) -> Answer {
        let path = format!(
            "/api/v1/auth/{}/callback?code={code}&state={}",
            self.provider, self.query["state"]
        );
        Answer::of(api.request(Method::GET, &path).header("cookie", &self.cookie)).await
    }

    async fn back_as(&self, api: &Api, person: &Value) -> Answer {
        self.back(api, &self.code(&json!({ "person": person }))).await
    }
}

fn github(id: u64, login: &str, email: &str, verified: bool) -> Value {
    json!({
        "user": { "id": id, "login": login, "name": "Ann Lee", "avatar_url": "https://example.com/a.png" },
        "emails": [{ "email": email, "primary": true, "verified": verified, "visibility": null }],
    })
}

#[tokio::test]
async fn somebody_new_gets_an_account_and_is_recognised_by_their_id() {
    let (api, _) = start().await;
    register(&api, "annlee").await;
    let person = github(7, "annlee", "ann@lee.example", true);
    let first = Trip::login(&api, "github")
        .await
        .back_as(&api, &person)
        .await
        .expect(200);
    let user = &first.data()["user"];
    assert_eq!(
        (&user["email"], &user["email_verified"]),
        (&json!("ann@lee.example"), &json!(true))
    );
    assert!(
        user["username"].as_str().unwrap().starts_with("annlee-"),
        "the name is taken"
    );
    assert_eq!(first.headers.get_all("set-cookie").iter().count(), 4);
    // The same account under another name and address is the same person; another account is not.
    let renamed = github(7, "other", "other@lee.example", true);
    let second = Trip::login(&api, "github")
        .await
        .back_as(&api, &renamed)
        .await
        .expect(200);
    assert_eq!(second.data()["user"]["id"], user["id"]);
    let stranger = github(8, "annlee", "else@lee.example", true);
    let third = Trip::login(&api, "github")
        .await
        .back_as(&api, &stranger)
        .await
        .expect(200);
    assert_ne!(third.data()["user"]["id"], user["id"]);

    let only = SignedIn::of(&first);
    only.post(&api, "/api/v1/auth/github/disconnect", json!({}))
        .await
        .refused(409, "CONFLICT");
}

#[tokio::test]
async fn a_round_trip_works_once_in_time_in_one_browser_with_one_provider() {
    let (api, _) = start().await;
    let person = github(7, "annlee", "ann@lee.example", true);
    let trip = Trip::login(&api, "github").await;
    let other = Trip::login(&api, "github").await;
    let refused = |answer: Answer| answer.refused(400, "INVALID_TOKEN");

    let foreign_browser = Trip {
        cookie: other.cookie.clone(),
        ..trip.clone()
    };
    refused(foreign_browser.back_as(&api, &person).await);
    let no_cookie = Trip {
        cookie: "a=b".to_owned(),
        ..trip.clone()
    };
    refused(no_cookie.back_as(&api, &person).await);
    let mixed_up = Trip {
        provider: "google",
        ..trip.clone()
    };
    refused(mixed_up.back_as(&api, &person).await);
    let mut unknown = trip.clone();
    unknown.query.insert("state".to_owned(), "A".repeat(43));
    refused(unknown.back_as(&api, &person).await);

    let answers = join_all((0..5).map(|_| trip.back_as(&api, &person))).await;
    let mut statuses: Vec<u16> = answers.iter().map(|answer| answer.status).collect();
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 400, 400, 400, 400]);
    refused(trip.back_as(&api, &person).await);

    // A code that was made for another round trip does not fit this one's verifier.
    let third = Trip::login(&api, "github").await;
    let stolen = other.code(&json!({ "person": person }));
    refused(third.back(&api, &stolen).await);

    let late = Trip::login(&api, "github").await;
    api.advance(SignedDuration::from_mins(10));
    refused(late.back_as(&api, &person).await);

    let cancelled = Trip::login(&api, "github").await;
    let path = format!(
        "/api/v1/auth/github/callback?error=access_denied&state={}",
        cancelled.query["state"]
    );
    refused(Answer::of(api.request(Method::GET, &path).header("cookie", &cancelled.cookie)).await);
    api.get("/api/v1/auth/github/callback")
        .await
        .refused(400, "INVALID_TOKEN");
    api.get("/api/v1/auth/myspace/login").await.refused(404, "NOT_FOUND");
}

#[tokio::test]
async fn accounts_are_connected_by_themselves_only_when_both_sides_confirmed_the_address() {
    let (api, _) = start().await;
    let ann = register(&api, "ann").await;
    let vouched = github(7, "ann", "ann@example.com", true);
    let arrive = async |person: &Value| Trip::login(&api, "github").await.back_as(&api, person).await;
    arrive(&vouched).await.refused(409, "ALREADY_EXISTS");
    let unconfirmed = arrive(&github(7, "ann", "ann@example.com", false))
        .await
        .refused(409, "CONFLICT");
    let unknown = arrive(&github(9, "eve", "eve@example.com", false))
        .await
        .refused(409, "CONFLICT");
    assert_eq!(unconfirmed.body["message"], unknown.body["message"]);

    verify_email(&api, "ann").await.expect(200);
    let signed_in = arrive(&vouched).await.expect(200);
    let me = ann.get(&api, "/api/v1/auth/me").await.expect(200);
    assert_eq!(signed_in.data()["user"]["id"], me.data()["id"]);

    // There is a password left, so the account can be disconnected; then it can be connected again.
    ann.post(&api, "/api/v1/auth/github/disconnect", json!({}))
        .await
        .expect(200);
    ann.post(&api, "/api/v1/auth/github/disconnect", json!({}))
        .await
        .refused(404, "NOT_FOUND");
}

#[tokio::test]
async fn a_signed_in_user_connects_an_account_that_is_nobody_elses() {
    let (api, _) = start().await;
    let (ann, bob) = (register(&api, "ann").await, register(&api, "bob").await);
    let person = github(7, "octo", "octo@lee.example", false);
    let connected = Trip::connect(&api, "github", &ann)
        .await
        .back_as(&api, &person)
        .await
        .expect(200);
    assert_eq!(
        (&connected.data()["provider"], &connected.data()["label"]),
        (&json!("github"), &json!("octo"))
    );
    Trip::connect(&api, "github", &bob)
        .await
        .back_as(&api, &person)
        .await
        .refused(409, "ALREADY_EXISTS");
    let signed_in = Trip::login(&api, "github")
        .await
        .back_as(&api, &person)
        .await
        .expect(200);
    assert_eq!(signed_in.data()["user"]["username"], "ann");
    api.get("/api/v1/auth/github/connect")
        .await
        .refused(401, "MISSING_AUTHORIZATION");
}

#[tokio::test]
async fn an_id_token_is_checked_in_every_part() {
    let (api, stand_in) = start().await;
    let now = api.now().as_second();
    let claims = |nonce: &str| {
        json!({
            "iss": stand_in, "aud": "us", "azp": "us", "sub": "g-1", "exp": now + 600, "iat": now, "nonce": nonce,
            "email": "ann@lee.example", "email_verified": true, "name": "Ann Lee",
        })
    };
    let arrive = async |claims_change: &[(&str, Value)], code_change: Value| {
        let trip = Trip::login(&api, "google").await;
        let mut claims = claims(&trip.query["nonce"]);
        for (name, value) in claims_change {
            if value.is_null() {
                claims.as_object_mut().unwrap().remove(*name);
            } else {
                claims[*name] = value.clone();
            }
        }
        let mut extra = json!({ "claims": claims });
        extra
            .as_object_mut()
            .unwrap()
            .extend(code_change.as_object().unwrap().clone());
        trip.back(&api, &trip.code(&extra)).await
    };
    for change in [
        ("iss", json!("https://evil.example")),
        ("aud", json!("them")),
        ("aud", json!(["us", "them"])),
        ("azp", json!("them")),
        ("exp", json!(now - 6)),
        ("iat", json!(now + 60)),
        ("nonce", json!("another")),
        ("nonce", Value::Null),
        ("exp", Value::Null),
        ("sub", Value::Null),
        ("sub", json!("")),
    ] {
        let answer = arrive(std::slice::from_ref(&change), json!({})).await;
        assert_eq!(
            (answer.status, answer.body["code"].as_str()),
            (400, Some("INVALID_TOKEN")),
            "{change:?}"
        );
    }
    arrive(&[], json!({ "tampered": true }))
        .await
        .refused(400, "INVALID_TOKEN");
    arrive(&[], json!({ "kid": "unknown" }))
        .await
        .refused(400, "INVALID_TOKEN");
    arrive(&[("email_verified", json!(false))], json!({}))
        .await
        .refused(409, "CONFLICT");
    let first = arrive(&[], json!({})).await.expect(200);
    let again = arrive(&[("email", json!("new@lee.example")), ("azp", Value::Null)], json!({})).await;
    assert_eq!(again.expect(200).data()["user"]["id"], first.data()["user"]["id"]);
}

#[tokio::test]
async fn a_provider_that_is_not_set_up_or_does_not_answer_is_said_to_be() {
    let api = Api::start().await;
    let refused = api.get("/api/v1/auth/google/login").await.refused(404, "NOT_FOUND");
    assert_eq!(refused.body["message"], "signing in with google is not set up here");

    let (api, _) = start_at("http://127.0.0.1:9").await;
    let person = github(7, "octo", "octo@lee.example", true);
    let refused = Trip::login(&api, "github").await.back_as(&api, &person).await;
    let refused = refused.refused(503, "DEPENDENCY_UNAVAILABLE");
    assert_ne!(refused.header("retry-after"), "");
    assert!(!refused.text.contains("127.0.0.1:9"), "{}", refused.text);
}
