use reqwest::Method;
use serde_json::json;
use tripsage_tests::{Answer, Api};

use super::{PASSWORD, email, register};

fn cookies(answer: &Answer) -> Vec<String> {
    let values = answer.headers.get_all("set-cookie").iter();
    values.map(|value| value.to_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn cookies_are_bound_to_the_host_and_hidden_from_scripts() {
    let api = Api::start().await;
    register(&api, "ann").await;
    let answer = api
        .post(
            "/api/v1/auth/login",
            json!({ "email": email("ann"), "password": PASSWORD }),
        )
        .await
        .expect(200);
    let set = cookies(&answer);
    assert_eq!(set.len(), 3);
    for cookie in &set {
        assert!(cookie.starts_with("__Host-"), "{cookie}");
        for attribute in ["Path=/", "Secure", "SameSite=Strict"] {
            assert!(cookie.contains(attribute), "{cookie}");
        }
        assert!(!cookie.contains("Domain") && cookie.len() <= 4096, "{cookie}");
        assert_eq!(
            cookie.contains("HttpOnly"),
            !cookie.starts_with("__Host-csrf="),
            "{cookie}"
        );
    }
}

#[tokio::test]
async fn a_browser_signs_in_writes_with_its_csrf_token_refreshes_and_signs_out() {
    let api = Api::start().await;
    let ann = register(&api, "ann").await;
    let jar = format!("__Host-auth_token={}; __Host-refresh_token={}", ann.access, ann.refresh);
    let own = api.url().to_owned();
    let logout = |csrf: Option<&str>, origin: Option<&str>| {
        let mut request = api
            .request(Method::POST, "/api/v1/auth/logout-all")
            .header("cookie", &jar);
        if let Some(csrf) = csrf {
            request = request.header("x-csrf-token", csrf);
        }
        if let Some(origin) = origin {
            request = request.header("origin", origin);
        }
        Answer::of(request)
    };
    logout(None, Some(&own)).await.refused(403, "CSRF_REFUSED");
    logout(Some("x"), Some(&own)).await.refused(403, "CSRF_REFUSED");
    logout(Some(&ann.csrf), Some("https://evil.example"))
        .await
        .refused(403, "CSRF_REFUSED");
    logout(Some(&ann.csrf), Some("null")).await.refused(403, "CSRF_REFUSED");

    let refresh = api
        .request(Method::POST, "/api/v1/auth/refresh")
        .header("cookie", &jar)
        .header("origin", "https://app.example.com");
    let next = Answer::of(refresh).await.expect(200);
    assert_eq!(next.text_of("csrf_token"), ann.csrf);
    assert_eq!(cookies(&next).len(), 3);

    let out = logout(Some(&ann.csrf), Some("https://app.example.com"))
        .await
        .expect(200);
    assert!(cookies(&out).iter().all(|cookie| cookie.contains("Max-Age=0")));
}

#[tokio::test]
async fn another_site_cannot_sign_a_browser_in() {
    let api = Api::start().await;
    register(&api, "ann").await;
    let body = json!({ "email": email("ann"), "password": PASSWORD });
    for (name, value) in [
        ("origin", "https://evil.example"),
        ("origin", "null"),
        ("sec-fetch-site", "cross-site"),
    ] {
        let request = api
            .request(Method::POST, "/api/v1/auth/login")
            .header(name, value)
            .json(&body);
        Answer::of(request).await.refused(403, "CSRF_REFUSED");
    }
    let plain = api
        .request(Method::POST, "/api/v1/auth/login")
        .header("content-type", "text/plain")
        .body(body.to_string());
    Answer::of(plain).await.refused(415, "UNSUPPORTED_MEDIA_TYPE");
}
