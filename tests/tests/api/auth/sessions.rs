use serde_json::json;
use tripsage_tests::Api;

use super::{PASSWORD, SignedIn, login, refresh, register};

#[tokio::test]
async fn sign_ins_are_listed_and_each_can_be_ended() {
    let api = Api::start().await;
    let here = register(&api, "ann").await;
    let there = SignedIn::of(&login(&api, "ann", PASSWORD).await.expect(200));
    let list = here.get(&api, "/api/v1/auth/sessions").await.expect(200);
    let sessions = list.data().as_array().unwrap().clone();
    assert_eq!(sessions.len(), 2);
    let other = sessions.iter().find(|session| session["current"] == false).unwrap();
    assert_eq!(
        (&other["method"], &other["ip"]),
        (&json!("password"), &json!("127.0.0.1"))
    );
    let path = format!("/api/v1/auth/sessions/{}", other["id"].as_str().unwrap());

    let stranger = register(&api, "eve").await;
    stranger.delete(&api, &path).await.refused(404, "NOT_FOUND");
    here.delete(&api, "/api/v1/auth/sessions/x")
        .await
        .refused(404, "NOT_FOUND");
    here.delete(&api, &path).await.expect(200);
    here.delete(&api, &path).await.refused(404, "NOT_FOUND");
    there
        .get(&api, "/api/v1/auth/me")
        .await
        .refused(401, "INVALID_CREDENTIAL");
    refresh(&api, &there.refresh).await.refused(401, "INVALID_CREDENTIAL");
    here.get(&api, "/api/v1/auth/me").await.expect(200);
}

#[tokio::test]
async fn logging_out_ends_one_sign_in_and_logging_out_everywhere_all() {
    let api = Api::start().await;
    let first = register(&api, "ann").await;
    let second = SignedIn::of(&login(&api, "ann", PASSWORD).await.expect(200));
    let third = SignedIn::of(&login(&api, "ann", PASSWORD).await.expect(200));
    let out = first.post(&api, "/api/v1/auth/logout", json!({})).await.expect(200);
    assert_eq!(out.headers.get_all("set-cookie").iter().count(), 3);
    first
        .get(&api, "/api/v1/trips")
        .await
        .refused(401, "INVALID_CREDENTIAL");
    refresh(&api, &first.refresh).await.refused(401, "INVALID_CREDENTIAL");

    let out = second
        .post(&api, "/api/v1/auth/logout-all", json!({}))
        .await
        .expect(200);
    assert_eq!(out.data()["ended"], 2);
    for signed_in in [second, third] {
        signed_in
            .get(&api, "/api/v1/auth/me")
            .await
            .refused(401, "INVALID_CREDENTIAL");
        refresh(&api, &signed_in.refresh)
            .await
            .refused(401, "INVALID_CREDENTIAL");
    }
}

#[tokio::test]
async fn the_fifty_first_sign_in_ends_the_oldest() {
    let api = Api::start().await;
    let oldest = register(&api, "ann").await;
    let mut newest = None;
    for _ in 0..50 {
        api.advance(jiff::SignedDuration::from_secs(1));
        newest = Some(login(&api, "ann", PASSWORD).await.expect(200));
    }
    oldest
        .get(&api, "/api/v1/auth/me")
        .await
        .refused(401, "INVALID_CREDENTIAL");
    let newest = SignedIn::of(&newest.unwrap());
    let list = newest.get(&api, "/api/v1/auth/sessions").await.expect(200);
    assert_eq!(list.data().as_array().unwrap().len(), 50);
}

#[tokio::test]
async fn without_redis_a_sign_in_that_ended_is_refused_within_five_seconds() {
    let api = Api::start().await;
    let ann = register(&api, "ann").await;
    ann.get(&api, "/api/v1/trips").await.expect(200);
    api.cloud()
        .upstash()
        .fault(tripsage_tests::Fault::new(tripsage_tests::Effect::Reset));
    ann.post(&api, "/api/v1/auth/logout", json!({})).await.expect(200);
    api.advance(jiff::SignedDuration::from_secs(5));
    for path in ["/api/v1/trips", "/api/v1/auth/me"] {
        ann.get(&api, path).await.refused(401, "INVALID_CREDENTIAL");
    }
}
