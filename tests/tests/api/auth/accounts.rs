use serde_json::json;
use tripsage_tests::Api;

use super::{PASSWORD, email, login, register, verify_email};

#[tokio::test]
async fn somebody_registers_and_signs_in_as_the_seed_clients_do() {
    let api = Api::start().await;
    let body =
        json!({ "email": "test@example.com", "password": PASSWORD, "username": "testuser", "full_name": "Test User" });
    let made = api.post("/api/auth/register", body).await.expect(201);
    assert_eq!(made.data()["user"]["username"], "testuser");
    assert_eq!(made.data()["user"]["email_verified"], false);
    assert_eq!(made.data()["tokens"]["access"], made.data()["access_token"]);
    assert_eq!(made.data()["tokens"]["refresh"], made.data()["refresh_token"]);
    assert_eq!(
        (&made.data()["token_type"], &made.data()["expires_in"]),
        (&json!("bearer"), &json!(900))
    );
    assert!(!made.text.contains("hash"), "{}", made.text);

    for body in [
        json!({ "email": "test@example.com", "password": PASSWORD }),
        json!({ "email": "TEST@example.com", "password": PASSWORD, "remember_me": false }),
        json!({ "username": "TestUser", "password": PASSWORD }),
        json!({ "username": "test@example.com", "password": PASSWORD }),
    ] {
        let signed_in = api.post("/api/auth/login", body).await.expect(200);
        let token = signed_in.text_of("access_token");
        let me = tripsage_tests::Answer::of(api.request(reqwest::Method::GET, "/api/auth/me").bearer_auth(token)).await;
        assert_eq!(me.expect(200).data()["full_name"], "Test User");
    }
    api.get("/api/auth/me").await.refused(401, "MISSING_AUTHORIZATION");
}

#[tokio::test]
async fn an_address_and_a_username_belong_to_one_account() {
    let api = Api::start().await;
    register(&api, "ann").await;
    for (mail, name) in [("ANN@example.com", "other"), ("other@example.com", "ANN")] {
        let body = json!({ "email": mail, "username": name, "password": PASSWORD });
        let refused = api.post("/api/v1/auth/register", body).await;
        let refused = refused.refused(409, "ALREADY_EXISTS");
        assert_eq!(refused.body["message"], "the e-mail address or the username is taken");
    }
    // Of many at the same time, one gets it.
    let attempts = (0..8).map(|_| {
        let body = json!({ "email": email("eve"), "username": "eve", "password": PASSWORD });
        api.post("/api/v1/auth/register", body)
    });
    let mut statuses: Vec<u16> = join_all(attempts).await.iter().map(|a| a.status).collect();
    statuses.sort_unstable();
    assert_eq!(statuses, [vec![201], vec![409; 7]].concat());
}

#[tokio::test]
async fn every_violation_of_a_registration_is_named() {
    let api = Api::start().await;
    let body = json!({
        "email": "ann@", "username": "a b", "password": "short", "password_confirm": "other",
        "full_name": "", "display_name": "a\u{202E}b",
    });
    let refused = api.post("/api/v1/auth/register", body).await;
    for field in [
        "email",
        "username",
        "password",
        "password_confirm",
        "full_name",
        "display_name",
    ] {
        refused.clone().refused_field(field);
    }
    for (password, rule) in [
        ("password1", "common"),
        ("ann@example.com", "common"),
        ("Test12!", "min_length"),
    ] {
        let body = json!({ "email": "ann@example.com", "username": "ann", "password": password });
        let refused = api.post("/api/v1/auth/register", body).await.refused_field("password");
        assert_eq!(refused.body["details"]["field_errors"][0]["rule"], rule, "{password}");
    }
    let body = json!({ "email": "ann@example.com", "username": "ann", "password": PASSWORD, "role": "admin" });
    api.post("/api/v1/auth/register", body).await.refused_field("role");
    let both = json!({ "email": "ann@example.com", "username": "ann", "password": PASSWORD });
    api.post("/api/v1/auth/login", both).await.refused_field("username");
    api.post("/api/v1/auth/login", json!({ "password": PASSWORD }))
        .await
        .refused_field("email");
}

#[tokio::test]
async fn a_session_says_whether_it_is_valid() {
    let api = Api::start().await;
    let ann = register(&api, "ann").await;
    verify_email(&api, "ann").await.expect(200);
    let valid = ann.get(&api, "/api/v1/auth/session/validate").await.expect(200);
    assert_eq!(valid.header("cache-control"), "private, max-age=30");
    assert_eq!(
        (
            &valid.data()["valid"],
            &valid.data()["email"],
            &valid.data()["expires_in_minutes"]
        ),
        (&json!(true), &json!("ann@example.com"), &json!(14 * 24 * 60))
    );
    ann.post(&api, "/api/v1/auth/logout", json!({})).await.expect(200);
    ann.get(&api, "/api/v1/auth/session/validate")
        .await
        .refused(401, "INVALID_CREDENTIAL");
}

#[tokio::test]
async fn a_password_is_changed_by_who_knows_it_and_the_other_sign_ins_end() {
    let api = Api::start().await;
    let here = register(&api, "ann").await;
    let there = super::SignedIn::of(&login(&api, "ann", PASSWORD).await.expect(200));
    let path = "/api/v1/auth/password/change";
    let new = "correct horse battery";
    here.post(
        &api,
        path,
        json!({ "current_password": "Wrong123!", "new_password": new }),
    )
    .await
    .refused_field("current_password");
    here.post(
        &api,
        path,
        json!({ "current_password": PASSWORD, "new_password": "password1" }),
    )
    .await
    .refused_field("new_password");
    here.post(&api, path, json!({ "current_password": PASSWORD, "new_password": new }))
        .await
        .expect(200);
    here.get(&api, "/api/v1/auth/me").await.expect(200);
    there
        .get(&api, "/api/v1/auth/me")
        .await
        .refused(401, "INVALID_CREDENTIAL");
    super::refresh(&api, &there.refresh)
        .await
        .refused(401, "INVALID_CREDENTIAL");
    login(&api, "ann", PASSWORD).await.refused(401, "LOGIN_FAILED");
    login(&api, "ann", new).await.expect(200);
}

pub(super) async fn join_all<T: Send + 'static, F>(futures: impl IntoIterator<Item = F>) -> Vec<T>
where
    F: Future<Output = T>,
{
    let mut pending: Vec<_> = futures.into_iter().map(Box::pin).collect();
    let mut done: Vec<Option<T>> = pending.iter().map(|_| None).collect();
    std::future::poll_fn(|context| {
        for (future, result) in pending.iter_mut().zip(&mut done) {
            if result.is_none()
                && let std::task::Poll::Ready(value) = future.as_mut().poll(context)
            {
                *result = Some(value);
            }
        }
        if done.iter().all(Option::is_some) {
            std::task::Poll::Ready(())
        } else {
            std::task::Poll::Pending
        }
    })
    .await;
    done.into_iter().flatten().collect()
}
