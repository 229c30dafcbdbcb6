use jiff::SignedDuration;
use serde_json::json;
use tripsage_tests::Api;

use super::{PASSWORD, accounts::join_all, email, last_mail, login, mailed_token, refresh, register, verify_email};

const FORGOT: &str = "/api/v1/auth/password/forgot";
const RESET: &str = "/api/v1/auth/password/reset";

#[tokio::test]
async fn an_address_is_confirmed_once_with_the_mailed_token() {
    let api = Api::start().await;
    let ann = register(&api, "ann").await;
    let text = last_mail(&api, "ann@example.com");
    assert!(text.contains(&format!("{}/verify-email#token=", api.url())), "{text}");
    ann.post(&api, "/api/v1/auth/verify-email/resend", json!({}))
        .await
        .refused(429, "RATE_LIMIT_EXCEEDED");
    let first = mailed_token(&api, "ann@example.com");
    api.advance(SignedDuration::from_secs(61));
    ann.post(&api, "/api/v1/auth/verify-email/resend", json!({}))
        .await
        .expect(202);
    let verify = |token: &str| api.post("/api/v1/auth/verify-email", json!({ "token": token }));
    verify(&first).await.refused(400, "INVALID_TOKEN");

    let done = verify_email(&api, "ann").await.expect(200);
    assert_eq!(done.data()["email_verified"], true);
    verify_email(&api, "ann").await.refused(400, "INVALID_TOKEN");
    for token in ["", "x", "AAAA", &"A".repeat(64), &"A".repeat(100_000)] {
        verify(token).await.refused(400, "INVALID_TOKEN");
    }
    ann.post(&api, "/api/v1/auth/verify-email/resend", json!({}))
        .await
        .refused(409, "CONFLICT");
    let me = ann.get(&api, "/api/v1/auth/me").await.expect(200);
    assert_eq!(me.data()["email_verified"], true);
}

#[tokio::test]
async fn a_forgotten_password_is_reset_once_and_every_sign_in_ends() {
    let api = Api::start().await;
    let ann = register(&api, "ann").await;
    let confirm = mailed_token(&api, &email("ann"));
    api.post(FORGOT, json!({ "email": email("ann") })).await.expect(202);
    let token = mailed_token(&api, &email("ann"));
    let reset = |token: &str, new: &str| api.post(RESET, json!({ "token": token, "new_password": new }));
    // A token for one purpose is none for another, and no access token.
    reset(&confirm, "correct horse").await.refused(400, "INVALID_TOKEN");
    reset(&token, "password1").await.refused_field("new_password");
    let answers = join_all((0..6).map(|_| reset(&token, "correct horse"))).await;
    let mut statuses: Vec<u16> = answers.iter().map(|answer| answer.status).collect();
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 400, 400, 400, 400, 400]);
    reset(&token, "another horse").await.refused(400, "INVALID_TOKEN");

    ann.get(&api, "/api/v1/auth/me")
        .await
        .refused(401, "INVALID_CREDENTIAL");
    refresh(&api, &ann.refresh).await.refused(401, "INVALID_CREDENTIAL");
    login(&api, "ann", PASSWORD).await.refused(401, "LOGIN_FAILED");
    login(&api, "ann", "correct horse").await.expect(200);
}

#[tokio::test]
async fn a_reset_ends_the_personal_access_tokens_too() {
    let api = Api::start().await;
    let ann = api.registered("ann").await;
    let body = json!({ "name": "cli", "scopes": ["trips:read"] });
    let token = ann.post("/api/v1/auth/tokens", body).await.expect(201).text_of("token");
    let program = ann.with_token(&token);
    program.get("/api/v1/trips").await.expect(200);
    api.post(FORGOT, json!({ "email": email("ann") })).await.expect(202);
    let link = mailed_token(&api, &email("ann"));
    api.post(RESET, json!({ "token": link, "new_password": "another horse" }))
        .await
        .expect(200);
    program.get("/api/v1/trips").await.refused(401, "INVALID_CREDENTIAL");
}

#[tokio::test]
async fn a_reset_link_works_for_half_an_hour() {
    let api = Api::start().await;
    register(&api, "ann").await;
    api.post(FORGOT, json!({ "email": email("ann") })).await.expect(202);
    let token = mailed_token(&api, &email("ann"));
    api.advance(SignedDuration::from_mins(30));
    api.post(RESET, json!({ "token": token, "new_password": "correct horse" }))
        .await
        .refused(400, "INVALID_TOKEN");
}

#[tokio::test]
async fn a_signed_in_user_learns_that_a_mail_cannot_be_sent() {
    let api = Api::start_with(&[("MAIL_FROM", "")]).await;
    let ann = register(&api, "ann").await;
    api.advance(SignedDuration::from_secs(61));
    let refused = ann.post(&api, "/api/v1/auth/verify-email/resend", json!({})).await;
    let refused = refused.refused(503, "DEPENDENCY_UNAVAILABLE");
    assert_ne!(refused.header("retry-after"), "");
    api.post(FORGOT, json!({ "email": email("ann") })).await.expect(202);
}
