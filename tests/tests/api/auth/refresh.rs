use jiff::SignedDuration;
use tripsage_tests::{Api, Effect, Fault};

use super::{SignedIn, accounts::join_all, refresh, register};

const REFUSED: (u16, &str) = (401, "INVALID_CREDENTIAL");

#[tokio::test]
async fn twenty_refreshes_at_once_give_one_successor() {
    let api = Api::start().await;
    let ann = register(&api, "ann").await;
    let mut current = ann.refresh;
    for _ in 0..5 {
        let answers = join_all((0..20).map(|_| refresh(&api, &current))).await;
        let mut successors: Vec<_> = answers
            .into_iter()
            .map(|answer| answer.expect(200).text_of("refresh_token"))
            .collect();
        successors.sort();
        successors.dedup();
        assert_eq!(successors.len(), 1);
        assert_ne!(successors[0], current);
        current = successors.remove(0);
    }
    let last = SignedIn::of(&refresh(&api, &current).await.expect(200));
    let sessions = last.get(&api, "/api/v1/auth/sessions").await.expect(200);
    assert_eq!(sessions.data().as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn a_parent_is_forgiven_for_half_a_minute_and_then_ends_the_family() {
    let api = Api::start().await;
    let ann = register(&api, "ann").await;
    let first = SignedIn::of(&refresh(&api, &ann.refresh).await.expect(200));
    api.advance(SignedDuration::from_secs(30));
    let again = refresh(&api, &ann.refresh).await.expect(200);
    assert_eq!(again.text_of("refresh_token"), first.refresh);
    assert_eq!(again.text_of("csrf_token"), ann.csrf);

    api.advance(SignedDuration::from_secs(2));
    let refused = refresh(&api, &ann.refresh).await.refused(REFUSED.0, REFUSED.1);
    assert_eq!(refused.header("set-cookie"), "");
    refresh(&api, &first.refresh).await.refused(REFUSED.0, REFUSED.1);
    first.get(&api, "/api/v1/auth/me").await.refused(REFUSED.0, REFUSED.1);
}

#[tokio::test]
async fn a_grandparent_ends_the_family_at_once() {
    let api = Api::start().await;
    let ann = register(&api, "ann").await;
    let first = refresh(&api, &ann.refresh).await.expect(200).text_of("refresh_token");
    let second = refresh(&api, &first).await.expect(200).text_of("refresh_token");
    refresh(&api, &ann.refresh).await.refused(REFUSED.0, REFUSED.1);
    refresh(&api, &second).await.refused(REFUSED.0, REFUSED.1);
}

#[tokio::test]
async fn a_sign_in_ends_when_it_is_not_used_and_after_thirty_days() {
    let api = Api::start().await;
    let day = SignedDuration::from_hours(24);
    let idle = register(&api, "idle").await;
    let mut busy = register(&api, "busy").await.refresh;
    for _ in 0..29 {
        api.advance(day);
        busy = refresh(&api, &busy).await.expect(200).text_of("refresh_token");
    }
    refresh(&api, &idle.refresh).await.refused(REFUSED.0, REFUSED.1);
    api.advance(day);
    refresh(&api, &busy).await.refused(REFUSED.0, REFUSED.1);
}

#[tokio::test]
async fn what_is_no_refresh_token_is_refused() {
    let api = Api::start().await;
    let ann = register(&api, "ann").await;
    let flipped = format!("A{}", &ann.refresh[1..]);
    let tail = format!("{}A", &ann.refresh[..ann.refresh.len() - 1]);
    for token in [
        "",
        "x",
        &ann.access,
        &flipped,
        &tail,
        &ann.refresh[4..],
        &ann.refresh.repeat(300),
    ] {
        assert_eq!(refresh(&api, token).await.status, 401, "{token}");
    }
    refresh(&api, &ann.refresh).await.expect(200);
    api.post("/api/v1/auth/refresh", serde_json::json!({}))
        .await
        .refused(401, "MISSING_AUTHORIZATION");
}

#[tokio::test]
async fn a_lost_answer_costs_nobody_their_sign_in() {
    let api = Api::start().await;
    let mut current = register(&api, "ann").await.refresh;
    for _ in 0..10 {
        // DynamoDB does the rotation, and its answer is lost.
        api.forget_calls();
        api.cloud()
            .dynamodb()
            .fault(Fault::new(Effect::LoseReply).operation("PutItem").nth(1));
        let first = refresh(&api, &current).await.expect(200).text_of("refresh_token");
        // Our answer is lost too, and the client asks again.
        assert_eq!(
            refresh(&api, &current).await.expect(200).text_of("refresh_token"),
            first
        );
        current = first;
    }
}
