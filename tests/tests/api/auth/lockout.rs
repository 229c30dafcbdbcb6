use jiff::SignedDuration;
use serde_json::json;
use tripsage_tests::{Answer, Api};

use super::{PASSWORD, accounts::join_all, email, login, mailed_token, register};

#[tokio::test]
async fn failures_make_everybody_wait_longer_each_time() {
    let api = Api::start().await;
    register(&api, "ann").await;
    for _ in 0..5 {
        login(&api, "ann", "Wrong123!").await.refused(401, "LOGIN_FAILED");
    }
    for wait in [30, 60, 120] {
        let refused = login(&api, "ann", PASSWORD).await.refused(429, "RATE_LIMIT_EXCEEDED");
        assert_eq!(refused.header("retry-after"), wait.to_string());
        api.advance(SignedDuration::from_secs(wait));
        login(&api, "ann", "Wrong123!").await.refused(401, "LOGIN_FAILED");
    }
    // The username names the same account.
    let by_name = json!({ "username": "ann", "password": PASSWORD });
    api.post("/api/v1/auth/login", by_name)
        .await
        .refused(429, "RATE_LIMIT_EXCEEDED");
    api.advance(SignedDuration::from_secs(240));
    login(&api, "ann", PASSWORD).await.expect(200);
    login(&api, "ann", "Wrong123!").await.refused(401, "LOGIN_FAILED");
    login(&api, "ann", PASSWORD).await.expect(200);
}

#[tokio::test]
async fn attempts_at_once_are_counted_before_they_are_compared() {
    let api = Api::start().await;
    register(&api, "ann").await;
    for name in ["ann", "nobody"] {
        let answers = join_all((0..30).map(|_| login(&api, name, "Wrong123!"))).await;
        let compared = answers.iter().filter(|answer| answer.status == 401).count();
        assert!(compared <= 5, "{compared} for {name}");
        assert!(answers.iter().all(|answer| matches!(answer.status, 401 | 429)));
    }
}

#[tokio::test]
async fn a_reset_password_ends_the_waiting() {
    let api = Api::start().await;
    register(&api, "ann").await;
    for _ in 0..5 {
        login(&api, "ann", "Wrong123!").await.refused(401, "LOGIN_FAILED");
    }
    api.post("/api/v1/auth/password/forgot", json!({ "email": email("ann") }))
        .await
        .expect(202);
    let body = json!({ "token": mailed_token(&api, &email("ann")), "new_password": "correct horse" });
    api.post("/api/v1/auth/password/reset", body).await.expect(200);
    login(&api, "ann", "correct horse").await.expect(200);
}

#[tokio::test]
async fn one_address_may_try_so_often_and_no_more_than_twice_that_without_redis() {
    let api = Api::start_with(&[("LOGINS_PER_5_MINUTES", "10")]).await;
    let attempt = |n: usize| {
        let body = json!({ "email": format!("n{n}@example.com"), "password": "Wrong123!" });
        api.post("/api/v1/auth/login", body)
    };
    let passed = |answers: Vec<Answer>| answers.iter().filter(|answer| answer.status == 401).count();
    let answers = join_all((0..25).map(attempt)).await;
    assert_eq!(passed(answers), 10);

    api.advance(SignedDuration::from_mins(11));
    api.cloud()
        .upstash()
        .fault(tripsage_tests::Fault::new(tripsage_tests::Effect::Reset));
    let answers = join_all((0..45).map(attempt)).await;
    assert!((1..=20).contains(&passed(answers)));
}
