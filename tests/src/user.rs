use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use jiff::SignedDuration;
use reqwest::{Method, RequestBuilder};
use serde_json::Value;
use tripsage_domain::ids::{SessionId, UserId};
use tripsage_http::AccessClaims;
use tripsage_store::{
    Db, Transaction,
    credentials::{KeyringRow, PublicKeyRow, SessionRow},
    users::UserRow,
};

use crate::{Answer, Api};

const SEED: [u8; 32] = [9; 32];
const KID: &str = "test";

/// The password of everybody who has registered.
pub const PASSWORD: &str = "correct horse battery";

/// Somebody who is signed in.
#[derive(Clone)]
pub struct User {
    /// Their id.
    pub id: String,
    /// Their username.
    pub name: String,
    /// Their e-mail address.
    pub email: String,
    /// Their access token.
    pub token: String,
    http: reqwest::Client,
    url: String,
}

impl Api {
    /// Publishes a key of the tests' own beside the auth function's, so that users need not register to be signed in.
    pub(crate) async fn publish_key(&self) {
        // The auth function publishes its own key first, and then leaves the keyring alone.
        self.get("/.well-known/jwks.json").await.expect(200);
        let db = Db::new(&self.runtime("auth"));
        let old = db.load_keyring().await.unwrap().unwrap();
        let key = Ed25519KeyPair::from_seed_unchecked(&SEED).unwrap();
        let mut keyring: KeyringRow = old.item;
        keyring.keys.push(PublicKeyRow {
            kid: KID.to_owned(),
            x: URL_SAFE_NO_PAD.encode(key.public_key().as_ref()),
        });
        db.replace_keyring(Some(old.version), &keyring).await.unwrap();
    }

    /// Somebody new, signed in, with a confirmed address `<name>@example.com`.
    pub async fn user(&self, name: &str) -> User {
        self.user_with_role(name, "user").await
    }

    /// Somebody new with this role on the product, signed in.
    pub async fn user_with_role(&self, name: &str, role: &str) -> User {
        let runtime = self.runtime("auth");
        let db = Db::new(&runtime);
        let entropy = &*runtime.ports().entropy;
        let key = Ed25519KeyPair::from_seed_unchecked(&SEED).unwrap();
        let now = self.now();
        let (id, sid) = (UserId::random(entropy), SessionId::random(entropy));
        let email = format!("{name}@example.com");
        let user = UserRow {
            id,
            email: email.clone(),
            email_verified: true,
            username: name.to_owned(),
            display_name: Some(name.to_owned()),
            full_name: None,
            bio: None,
            avatar_url: None,
            travel_style: None,
            travel_interests: Vec::new(),
            gender: None,
            role: role.to_owned(),
            created_at: now,
            updated_at: now,
            suspended_at: None,
            deletion_due: None,
        };
        let session = SessionRow {
            id: sid,
            user: id,
            counter: 1,
            rotated_at: now,
            created_at: now,
            // Tests move the clock, by months when it has to be.
            ends_at: now + SignedDuration::from_hours(24 * 400),
            idle_ends_at: now + SignedDuration::from_hours(24 * 400),
            revoked_at: None,
            method: "password".to_owned(),
            ip: "127.0.0.1".to_owned(),
            user_agent: String::new(),
            expires_at: (now + SignedDuration::from_hours(24 * 400)).as_second(),
        };
        let transaction = Transaction::default()
            .inserting_user(&user, None, None)
            .unwrap()
            .inserting_session(&session)
            .unwrap();
        db.commit(transaction).await.unwrap();
        let claims = AccessClaims {
            iss: self.url().to_owned(),
            aud: self.url().to_owned(),
            sub: id,
            client_id: "tripsage".to_owned(),
            iat: now.as_second(),
            nbf: now.as_second(),
            // Tests move the clock; what expiry does has tests of its own.
            exp: (now + SignedDuration::from_hours(24 * 400)).as_second(),
            jti: sid.to_string(),
            sid,
            role: role.to_owned(),
            email_verified: true,
            csrf: String::new(),
        };
        let token = sign(&claims, &key);
        User {
            id: id.to_string(),
            name: name.to_owned(),
            email,
            token,
            http: self.http.clone(),
            url: self.url().to_owned(),
        }
    }
}

impl Api {
    /// Somebody new who has registered, with the confirmed address `<name>@example.com` and [`PASSWORD`]. Their access
    /// token lasts for 15 minutes.
    pub async fn registered(&self, name: &str) -> User {
        let email = format!("{name}@example.com");
        let body = serde_json::json!({ "email": email, "username": name, "password": PASSWORD, "full_name": name });
        self.post("/api/v1/auth/register", body).await.expect(201);
        let mails = self.cloud().mails();
        let mail = mails
            .iter()
            .rfind(|mail| mail.to == [email.as_str()])
            .expect("a mail to them");
        let (_, token) = mail.text.as_deref().unwrap().split_once("#token=").unwrap();
        let token = serde_json::json!({ "token": token.lines().next() });
        self.post("/api/v1/auth/verify-email", token).await.expect(200);
        let login = serde_json::json!({ "email": email, "password": PASSWORD });
        let answer = self.post("/api/v1/auth/login", login).await.expect(200);
        User {
            id: answer.data()["user"]["id"].as_str().unwrap().to_owned(),
            name: name.to_owned(),
            email,
            token: answer.text_of("access_token"),
            http: self.http.clone(),
            url: self.url().to_owned(),
        }
    }
}

fn sign(claims: &AccessClaims, key: &Ed25519KeyPair) -> String {
    let header = serde_json::json!({ "typ": "at+jwt", "alg": "EdDSA", "kid": KID }).to_string();
    let body = serde_json::to_vec(claims).unwrap();
    let signed = format!("{}.{}", URL_SAFE_NO_PAD.encode(header), URL_SAFE_NO_PAD.encode(body));
    format!("{signed}.{}", URL_SAFE_NO_PAD.encode(key.sign(signed.as_bytes())))
}

impl User {
    /// A request with their token, to be completed and sent.
    pub fn request(&self, method: Method, path: &str) -> RequestBuilder {
        self.http
            .request(method, format!("{}{path}", self.url))
            .bearer_auth(&self.token)
    }

    /// Reads.
    pub async fn get(&self, path: &str) -> Answer {
        Answer::of(self.request(Method::GET, path)).await
    }

    /// Posts.
    pub async fn post(&self, path: &str, body: Value) -> Answer {
        Answer::of(self.request(Method::POST, path).json(&body)).await
    }

    /// Puts.
    pub async fn put(&self, path: &str, body: Value) -> Answer {
        Answer::of(self.request(Method::PUT, path).json(&body)).await
    }

    /// Patches.
    pub async fn patch(&self, path: &str, body: Value) -> Answer {
        Answer::of(self.request(Method::PATCH, path).json(&body)).await
    }

    /// Deletes.
    pub async fn delete(&self, path: &str) -> Answer {
        Answer::of(self.request(Method::DELETE, path)).await
    }

    /// Deletes, with a body.
    pub async fn delete_with(&self, path: &str, body: Value) -> Answer {
        Answer::of(self.request(Method::DELETE, path).json(&body)).await
    }

    /// The same person with another credential.
    pub fn with_token(&self, token: &str) -> Self {
        Self {
            token: token.to_owned(),
            ..self.clone()
        }
    }

    /// Makes a trip with this title; gives its id.
    pub async fn trip(&self, title: &str) -> String {
        let body = serde_json::json!({
            "title": title, "start_date": "2027-04-01", "end_date": "2027-04-14", "destinations": ["Tokyo", "Kyoto"],
        });
        self.post("/api/v1/trips", body).await.expect(201).text_of("id")
    }
}
