use jiff::SignedDuration;
use serde_json::json;
use tripsage_tests::{Answer, Api};

use super::{accounts::join_all, email, last_mail, register};

async fn request(api: &Api, name: &str) -> Answer {
    api.post("/api/v1/auth/otp/request", json!({ "email": email(name) }))
        .await
}

async fn verify(api: &Api, name: &str, code: &str) -> Answer {
    let body = json!({ "email": email(name), "otp": code });
    api.post("/api/v1/auth/otp/verify", body).await
}

fn code(api: &Api, name: &str) -> String {
    let text = last_mail(api, &email(name));
    let digits = |word: &&str| word.len() == 7 && word[..6].bytes().all(|b| b.is_ascii_digit());
    text.split_whitespace().find(digits).unwrap()[..6].to_owned()
}

fn other(code: &str) -> &'static str {
    if code == "000000" { "111111" } else { "000000" }
}

#[tokio::test]
async fn of_many_who_know_the_code_one_signs_in() {
    let api = Api::start().await;
    register(&api, "ann").await;
    request(&api, "ann").await.expect(202);
    let code = code(&api, "ann");
    let answers = join_all((0..50).map(|_| verify(&api, "ann", &code))).await;
    let signed_in: Vec<_> = answers.iter().filter(|answer| answer.status == 200).collect();
    assert_eq!(signed_in.len(), 1);
    assert!(answers.iter().all(|answer| matches!(answer.status, 200 | 400)));
    let token = signed_in[0].text_of("access_token");
    let me = api.request(reqwest::Method::GET, "/api/v1/auth/me").bearer_auth(token);
    Answer::of(me).await.expect(200);
    verify(&api, "ann", &code).await.refused(400, "INVALID_TOKEN");
}

#[tokio::test]
async fn a_code_can_be_tried_five_times() {
    let api = Api::start().await;
    register(&api, "ann").await;
    request(&api, "ann").await.expect(202);
    let right = code(&api, "ann");
    for _ in 0..4 {
        verify(&api, "ann", other(&right)).await.refused(400, "INVALID_TOKEN");
    }
    join_all((0..50).map(|_| verify(&api, "ann", other(&right)))).await;
    verify(&api, "ann", &right).await.refused(400, "INVALID_TOKEN");
    for malformed in ["", "12345", "1234567", "12345a", "١٢٣٤٥٦"] {
        verify(&api, "ann", malformed).await.refused_field("otp");
    }
}

#[tokio::test]
async fn a_code_works_for_five_minutes_and_a_new_one_replaces_it() {
    let api = Api::start().await;
    register(&api, "ann").await;
    request(&api, "ann").await.expect(202);
    let first = code(&api, "ann");
    let refused = request(&api, "ann").await.refused(429, "RATE_LIMIT_EXCEEDED");
    assert_eq!(refused.header("retry-after"), "60");
    api.advance(SignedDuration::from_secs(60));
    request(&api, "ann").await.expect(202);
    let second = code(&api, "ann");
    if first != second {
        verify(&api, "ann", &first).await.refused(400, "INVALID_TOKEN");
    }
    api.advance(SignedDuration::from_secs(300));
    verify(&api, "ann", &second).await.refused(400, "INVALID_TOKEN");
    for _ in 0..3 {
        api.advance(SignedDuration::from_secs(60));
        request(&api, "ann").await.expect(202);
    }
    api.advance(SignedDuration::from_secs(60));
    request(&api, "ann").await.refused(429, "RATE_LIMIT_EXCEEDED");
    api.advance(SignedDuration::from_hours(1));
    request(&api, "ann").await.expect(202);
    let code = code(&api, "ann");
    let signed_in = verify(&api, "ann", &code).await.expect(200);
    assert_eq!(signed_in.data()["user"]["username"], "ann");
}
