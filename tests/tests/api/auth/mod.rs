//! Identity: accounts, sign-ins, credentials.

mod access_tokens;
mod accounts;
mod browsers;
mod enumeration;
mod forged;
mod lockout;
mod mailed_links;
mod one_time_codes;
mod providers;
mod refresh;
mod sessions;
mod signing_keys;
mod token_endpoint;

use reqwest::Method;
use serde_json::{Value, json};
use tripsage_tests::{Answer, Api};

const PASSWORD: &str = "Test123!";

/// Somebody who has signed in through the front door.
struct SignedIn {
    access: String,
    refresh: String,
    csrf: String,
}

impl SignedIn {
    #[track_caller]
    fn of(answer: &Answer) -> Self {
        Self {
            access: answer.text_of("access_token"),
            refresh: answer.text_of("refresh_token"),
            csrf: answer.text_of("csrf_token"),
        }
    }

    async fn send(&self, api: &Api, method: Method, path: &str, body: Option<Value>) -> Answer {
        let request = api.request(method, path).bearer_auth(&self.access);
        Answer::of(match body {
            Some(body) => request.json(&body),
            None => request,
        })
        .await
    }

    async fn get(&self, api: &Api, path: &str) -> Answer {
        self.send(api, Method::GET, path, None).await
    }

    async fn post(&self, api: &Api, path: &str, body: Value) -> Answer {
        self.send(api, Method::POST, path, Some(body)).await
    }

    async fn delete(&self, api: &Api, path: &str) -> Answer {
        self.send(api, Method::DELETE, path, None).await
    }
}

/// Registers `<name>@example.com`.
async fn register(api: &Api, name: &str) -> SignedIn {
    let body = json!({ "email": email(name), "username": name, "password": PASSWORD, "full_name": "Test User" });
    SignedIn::of(&api.post("/api/auth/register", body).await.expect(201))
}

async fn login(api: &Api, name: &str, password: &str) -> Answer {
    let body = json!({ "email": email(name), "password": password });
    api.post("/api/v1/auth/login", body).await
}

async fn refresh(api: &Api, token: &str) -> Answer {
    api.post("/api/v1/auth/refresh", json!({ "refresh_token": token }))
        .await
}

fn email(name: &str) -> String {
    format!("{name}@example.com")
}

/// The text of the last mail to an address.
#[track_caller]
fn last_mail(api: &Api, to: &str) -> String {
    let mails = api.cloud().mails();
    let mail = mails.into_iter().rev().find(|mail| mail.to == [to]);
    mail.unwrap_or_else(|| panic!("a mail to {to}")).text.unwrap()
}

/// The token of the link in the last mail to an address.
#[track_caller]
fn mailed_token(api: &Api, to: &str) -> String {
    let text = last_mail(api, to);
    let (_, rest) = text.split_once("#token=").expect("a link");
    rest.split_whitespace().next().unwrap().to_owned()
}

async fn verify_email(api: &Api, name: &str) -> Answer {
    let token = mailed_token(api, &email(name));
    api.post("/api/v1/auth/verify-email", json!({ "token": token })).await
}
