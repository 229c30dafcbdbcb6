//! Votes on itineraries.

use std::time::Duration;

use futures_util::future::join_all;
use reqwest::Method;
use serde_json::{Value, json};
use tripsage_store::personal_data::Entity;
use tripsage_tests::{Answer, Api, Job, User};

use crate::itineraries::made;

async fn votes(user: &User, path: &str) -> Value {
    let found = user.get(path).await.expect(200);
    let data = found.data();
    json!([data["upvotes"], data["downvotes"], data["voteCount"]])
}

#[tokio::test]
async fn a_vote_is_cast_switched_and_taken_back() {
    let api = Api::start().await;
    let (alice, bob) = (api.user("alice").await, api.user("bob").await);
    let path = made(&alice, &json!({})).await;
    for (step, told) in [
        (
            "upvote",
            json!({ "user_vote": "up", "upvotes": 1, "downvotes": 0, "voteCount": 1 }),
        ),
        (
            "downvote",
            json!({ "user_vote": "down", "upvotes": 0, "downvotes": 1, "voteCount": -1 }),
        ),
        (
            "downvote",
            json!({ "user_vote": null, "upvotes": 0, "downvotes": 0, "voteCount": 0 }),
        ),
        (
            "upvote",
            json!({ "user_vote": "up", "upvotes": 1, "downvotes": 0, "voteCount": 1 }),
        ),
        (
            "upvote",
            json!({ "user_vote": null, "upvotes": 0, "downvotes": 0, "voteCount": 0 }),
        ),
        (
            "downvote",
            json!({ "user_vote": "down", "upvotes": 0, "downvotes": 1, "voteCount": -1 }),
        ),
    ] {
        let answer = bob.post(&format!("{path}/{step}"), json!({})).await.expect(200);
        assert_eq!(answer.data(), &told, "{step}");
        api.project().await;
    }
    assert_eq!(votes(&alice, &path).await, json!([0, 1, -1]));
    let withdrawn = bob.delete(&format!("{path}/vote")).await.expect(200);
    assert_eq!(withdrawn.data()["user_vote"], Value::Null);
    let again = bob.delete(&format!("{path}/vote")).await.expect(200);
    assert_eq!(again.data()["upvotes"], 0, "there is nothing left to take back");
    api.project_twice().await;
    api.run_job(Job::Rank).await.unwrap();
}

/// Votes as a careful client does: with a key, again when the product is too busy, each time a little later. An attempt whose answer got lost is
/// not taken back by the next.
async fn voted(voter: &User, path: &str) -> Answer {
    for attempt in 1..=50 {
        let request = voter.request(Method::POST, path).header("idempotency-key", "once");
        let answer = Answer::of(request.json(&json!({}))).await;
        let is_busy = answer.status == 503 || answer.body["code"] == "REQUEST_IN_PROGRESS";
        if !is_busy {
            return answer;
        }
        tokio::time::sleep(Duration::from_millis(200) * attempt.min(10)).await;
    }
    panic!("always busy");
}

#[tokio::test]
async fn two_hundred_votes_at_once_are_two_hundred() {
    let api = Api::start().await;
    let alice = api.user("alice").await;
    let path = made(&alice, &json!({})).await;
    let mut voters = Vec::new();
    for number in 0..200 {
        voters.push(api.user(&format!("voter{number}")).await);
    }
    let upvote = format!("{path}/upvote");
    for answer in join_all(voters.iter().map(|voter| voted(voter, &upvote))).await {
        assert_eq!(answer.expect(200).data()["user_vote"], "up");
    }
    assert!(api.project_twice().await >= 200);
    assert_eq!(votes(&alice, &path).await, json!([200, 0, 200]));
}

#[tokio::test]
async fn a_user_who_votes_many_times_at_once_has_one_vote() {
    let api = Api::start().await;
    let (alice, bob) = (api.user("alice").await, api.user("bob").await);
    let path = made(&alice, &json!({})).await;
    let vote = |number: usize| {
        let (bob, path) = (&bob, &path);
        async move {
            let way = if number.is_multiple_of(2) { "upvote" } else { "downvote" };
            bob.post(&format!("{path}/{way}"), json!({})).await
        }
    };
    for answer in join_all((0..10).map(vote)).await {
        if answer.status != 200 {
            answer.refused(409, "EDIT_CONFLICT");
        }
    }
    api.project().await;
    let found = votes(&alice, &path).await;
    let total = found[0].as_i64().unwrap() + found[1].as_i64().unwrap();
    assert!((0..=1).contains(&total), "{found}");
    let switched = bob.delete(&format!("{path}/vote")).await.expect(200);
    assert_eq!(
        (&switched.data()["upvotes"], &switched.data()["downvotes"]),
        (&json!(0), &json!(0))
    );
}

#[tokio::test]
async fn who_may_not_vote_is_told_why() {
    let api = Api::start().await;
    let (alice, bob) = (api.user("alice").await, api.user("bob").await);
    let path = made(&alice, &json!({})).await;
    let draft = made(&alice, &json!({ "is_published": false })).await;
    for way in ["upvote", "downvote"] {
        let own = alice.post(&format!("{path}/{way}"), json!({})).await;
        let own = own.refused(403, "INSUFFICIENT_PERMISSIONS");
        assert_eq!(own.body["message"], "you cannot vote on your own itinerary");
        api.post(&format!("{path}/{way}"), json!({})).await.expect(401);
        bob.post(&format!("{draft}/{way}"), json!({}))
            .await
            .refused(404, "NOT_FOUND");
        bob.post(&format!("/api/v1/itineraries/nonsense/{way}"), json!({}))
            .await
            .refused(404, "NOT_FOUND");
    }
    bob.delete(&format!("{draft}/vote")).await.refused(404, "NOT_FOUND");
    alice.delete(&path).await.expect(200);
    bob.post(&format!("{path}/upvote"), json!({}))
        .await
        .refused(404, "NOT_FOUND");
}

#[tokio::test]
async fn a_repeated_request_does_not_take_its_own_vote_back() {
    let api = Api::start().await;
    let (alice, bob) = (api.user("alice").await, api.user("bob").await);
    let path = made(&alice, &json!({})).await;
    let upvote = || async {
        let request = bob.request(Method::POST, &format!("{path}/upvote"));
        Answer::of(request.header("idempotency-key", "one").json(&json!({}))).await
    };
    let first = upvote().await.expect(200);
    assert_eq!(upvote().await.expect(200).data(), first.data());
    assert_eq!(first.data()["user_vote"], "up");
    api.project().await;
    assert_eq!(votes(&alice, &path).await, json!([1, 0, 1]));
}

#[tokio::test]
async fn the_vote_of_somebody_who_is_erased_is_taken_back() {
    let api = Api::start().await;
    let (alice, bob) = (api.user("alice").await, api.registered("bob").await);
    let path = made(&alice, &json!({})).await;
    bob.post(&format!("{path}/upvote"), json!({})).await.expect(200);
    api.project().await;
    assert_eq!(votes(&alice, &path).await, json!([1, 0, 1]));
    bob.delete_with("/api/v1/users/me", json!({ "password": tripsage_tests::PASSWORD }))
        .await
        .expect(200);
    api.advance(jiff::SignedDuration::from_hours(24 * 31));
    assert_eq!(api.run_job(Job::EraseAccounts).await.unwrap().done, 1);
    api.project().await;
    let alice = api.user("alice2").await;
    assert_eq!(votes(&alice, &path).await, json!([0, 0, 0]));
    let rows = api.dump().await;
    let mine = rows
        .iter()
        .filter(|row| matches!(row.entity, Entity::Vote | Entity::Voted | Entity::Traveller));
    let left: Vec<_> = mine.filter(|row| row.item.to_string().contains(&bob.id)).collect();
    assert!(left.is_empty(), "{left:?}");
}

#[tokio::test]
async fn votes_make_a_proof_score_with_its_reasons() {
    let api = Api::start().await;
    let (alice, bob) = (api.user("alice").await, api.user("bob").await);
    let path = made(&alice, &json!({})).await;
    let before = alice.get(&path).await.expect(200).data().clone();
    // A verified e-mail address; a description of 26 characters.
    assert_eq!(
        (&before["identity_score"], &before["quality_score"]),
        (&json!(10.0), &json!(1.5))
    );
    assert_eq!(before["community_score"], 0.0);
    bob.post(&format!("{path}/upvote"), json!({})).await.expect(200);
    bob.post(&format!("{path}/view"), json!({})).await.expect(200);
    api.project().await;
    let after = bob.get(&path).await.expect(200).data().clone();
    // All votes are for it, and nobody has been seen more often.
    assert_eq!(after["community_score"], 14.0);
    let parts = [
        "identity_score",
        "travel_history_score",
        "community_score",
        "safety_score_component",
        "quality_score",
    ];
    let sum: f64 = parts.iter().map(|part| after[part].as_f64().unwrap()).sum();
    assert!((after["proof_score"].as_f64().unwrap() - sum).abs() < 0.01, "{after}");
    let reasons = &after["score_explanations"]["community"];
    assert_eq!(
        (&reasons["score"], &reasons["max"], &reasons["percentage"]),
        (&json!(14.0), &json!(20.0), &json!(70.0))
    );
    assert_eq!(
        reasons["details"]["upvote_ratio"],
        json!({ "score": 8.0, "max": 8.0, "value": 1 })
    );
    assert_eq!(reasons["summary"], "Fair; what would bring most: more comments");
}
