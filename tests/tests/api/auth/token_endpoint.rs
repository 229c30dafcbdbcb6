use reqwest::RequestBuilder;
use serde_json::json;
use tripsage_tests::{Answer, Api};

use super::{PASSWORD, email, register};

fn with_form(request: RequestBuilder, form: &[(&str, &str)]) -> RequestBuilder {
    let body = form_urlencoded::Serializer::new(String::new())
        .extend_pairs(form)
        .finish();
    request
        .header("content-type", "application/x-www-form-urlencoded")
        .body(body)
}

async fn token(api: &Api, form: &[(&str, &str)]) -> Answer {
    Answer::of(with_form(
        api.request(reqwest::Method::POST, "/api/v1/auth/token"),
        form,
    ))
    .await
}

#[tokio::test]
async fn tokens_are_given_as_oauth_has_it() {
    let api = Api::start().await;
    register(&api, "ann").await;
    let mail = email("ann");
    // Swagger UI sends an empty scope and its client's credentials too.
    let form = [
        ("grant_type", "password"),
        ("username", mail.as_str()),
        ("password", PASSWORD),
        ("scope", ""),
        ("client_id", ""),
    ];
    let request = api.request(reqwest::Method::POST, "/api/v1/auth/token");
    let given = Answer::of(with_form(request.basic_auth("", Some("")), &form))
        .await
        .expect(200);
    assert_eq!(
        (&given.body["token_type"], &given.body["expires_in"]),
        (&json!("Bearer"), &json!(900))
    );
    assert_eq!(
        (given.header("cache-control"), given.header("pragma")),
        ("no-store", "no-cache")
    );
    assert_eq!(given.header("set-cookie"), "");
    let refresh = given.body["refresh_token"].as_str().unwrap();
    let form = [("grant_type", "refresh_token"), ("refresh_token", refresh)];
    let next = token(&api, &form).await.expect(200);
    assert_ne!(next.body["refresh_token"], refresh);
}

#[tokio::test]
async fn errors_are_those_of_oauth() {
    let api = Api::start().await;
    register(&api, "ann").await;
    for (form, status, error) in [
        (vec![], 400, "invalid_request"),
        (vec![("grant_type", "password")], 400, "invalid_request"),
        (vec![("grant_type", "refresh_token")], 400, "invalid_request"),
        (
            vec![("grant_type", "client_credentials")],
            400,
            "unsupported_grant_type",
        ),
        (
            vec![("grant_type", "password"), ("grant_type", "password")],
            400,
            "invalid_request",
        ),
        (
            vec![
                ("grant_type", "password"),
                ("username", "ann"),
                ("password", "Wrong123!"),
            ],
            400,
            "invalid_grant",
        ),
        (
            vec![("grant_type", "refresh_token"), ("refresh_token", "x")],
            400,
            "invalid_grant",
        ),
    ] {
        let refused = token(&api, &form).await.expect(status);
        assert_eq!(refused.body["error"], error, "{form:?}");
        assert!(refused.body["error_description"].is_string());
        assert_eq!(refused.header("cache-control"), "no-store");
    }
    for _ in 0..6 {
        token(
            &api,
            &[
                ("grant_type", "password"),
                ("username", "bob"),
                ("password", "Wrong123!"),
            ],
        )
        .await;
    }
    let slow = token(
        &api,
        &[
            ("grant_type", "password"),
            ("username", "bob"),
            ("password", "Wrong123!"),
        ],
    )
    .await;
    assert_eq!((slow.status, &slow.body["error"]), (429, &json!("slow_down")));
    assert_ne!(slow.header("retry-after"), "");
}
