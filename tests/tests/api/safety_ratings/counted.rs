use futures_util::future::join_all;
use jiff::SignedDuration;
use serde_json::json;
use tripsage_store::personal_data::Entity;
use tripsage_tests::{Api, Job, User};

use super::{itinerary, rate, rated};

#[tokio::test]
async fn what_ratings_add_up_to_is_exact() {
    let api = Api::start().await;
    let author = api.user("author").await;
    let id = itinerary(&author).await;
    for (n, (overall, women)) in [(5, Some(4)), (4, None), (1, Some(1)), (5, Some(5))]
        .into_iter()
        .enumerate()
    {
        let user = api.user(&format!("user{n}")).await;
        rate(&user, &id, &json!({ "overall_safety_score": 2 }))
            .await
            .expect(201);
        let fields = json!({ "overall_safety_score": overall, "women_safety_score": women });
        rate(&user, &id, &fields).await.expect(200);
    }
    api.project_twice().await;
    let answer = api.get(&format!("/api/v1/safety-ratings/{id}")).await.expect(200);
    let all = &answer.data()["aggregates"];
    assert_eq!(all["distribution"], json!({ "1": 1, "2": 0, "3": 0, "4": 1, "5": 2 }));
    assert_eq!((&all["count"], &all["mean"]), (&json!(4), &json!(3.75)));
    assert_eq!(
        (&all["shrunk_mean"], &all["confidence"]),
        (&json!(3.611), &json!(0.444))
    );
    assert_eq!(all["women_safety"], json!({ "count": 3, "mean": 3.333 }));
    assert_eq!(all["route_safety"], json!({ "count": 0, "mean": null }));
    assert_eq!(all["verified"]["count"], 4);
    assert_eq!(answer.data()["ratings"].as_array().unwrap().len(), 4);
}

async fn helpful(user: &User, path: &str, word: &str) -> (i64, i64) {
    let answer = user.post(&format!("{path}/{word}"), json!({})).await.expect(200);
    assert_eq!(answer.data()["user_vote"], word);
    let count = |name: &str| answer.data()[name].as_i64().unwrap();
    (count("helpful_count"), count("unhelpful_count"))
}

#[tokio::test]
async fn a_traveller_has_one_vote_and_can_switch_it() {
    let api = Api::start().await;
    let (author, alice, bob) = (api.user("author").await, api.user("alice").await, api.user("bob").await);
    let path = rated(&alice, &itinerary(&author).await, &json!({})).await;
    assert_eq!(helpful(&bob, &path, "helpful").await, (1, 0));
    assert_eq!(helpful(&bob, &path, "helpful").await, (1, 0), "again is not twice");
    api.project().await;
    assert_eq!(helpful(&bob, &path, "helpful").await, (1, 0));
    assert_eq!(helpful(&author, &path, "helpful").await, (2, 0));
    api.project_twice().await;
    assert_eq!(helpful(&bob, &path, "unhelpful").await, (1, 1));
    api.project().await;
    let read = bob.get(&path).await.expect(200);
    assert_eq!(
        (&read.data()["helpful_votes"], &read.data()["unhelpful_votes"]),
        (&json!(1), &json!(1))
    );
    assert_eq!(read.data()["user_vote"], "unhelpful");
    assert_eq!(api.get(&path).await.expect(200).data()["user_vote"], json!(null));
    alice
        .post(&format!("{path}/helpful"), json!({}))
        .await
        .refused(403, "INSUFFICIENT_PERMISSIONS");
    api.post(&format!("{path}/helpful"), json!({}))
        .await
        .refused(401, "MISSING_AUTHORIZATION");
}

#[tokio::test]
async fn the_most_helpful_comes_first_once_it_is_counted() {
    let api = Api::start().await;
    let author = api.user("author").await;
    let id = itinerary(&author).await;
    let mut paths = Vec::new();
    for n in 0..3 {
        let user = api.user(&format!("user{n}")).await;
        paths.push(rated(&user, &id, &json!({})).await);
    }
    let voters = join_all((0..5).map(|n| {
        let api = &api;
        async move { api.user(&format!("voter{n}")).await }
    }))
    .await;
    join_all(voters.iter().map(|voter| helpful(voter, &paths[1], "helpful"))).await;
    helpful(&voters[0], &paths[0], "helpful").await;
    helpful(&voters[0], &paths[2], "unhelpful").await;
    api.project().await;
    // A change of an order counts some seconds later, so that walks under way see one order.
    api.advance(SignedDuration::from_secs(5));
    let listed = api
        .get(&format!("/api/safety-ratings?itinerary_id={id}&sort=helpful"))
        .await
        .expect(200);
    let order: Vec<&str> = listed
        .data()
        .as_array()
        .unwrap()
        .iter()
        .map(|rating| rating["id"].as_str().unwrap())
        .collect();
    let expected: Vec<&str> = [1, 0, 2]
        .into_iter()
        .map(|n: usize| paths[n].rsplit('/').next().unwrap())
        .collect();
    assert_eq!(order, expected);
    assert_eq!(listed.data()[0]["helpful_count"], 5);
}

#[tokio::test]
async fn who_is_erased_takes_their_ratings_along() {
    let api = Api::start().await;
    let (author, bob) = (api.user("author").await, api.user("bob").await);
    let alice = api.registered("alice").await;
    let id = itinerary(&author).await;
    let path = rated(&alice, &id, &json!({ "detailed_feedback": "ErasedCanary" })).await;
    rated(&bob, &id, &json!({ "overall_safety_score": 2 })).await;
    helpful(&bob, &path, "helpful").await;
    let confirm = json!({ "password": tripsage_tests::PASSWORD });
    alice.delete_with("/api/v1/users/me", confirm).await.expect(200);
    api.advance(SignedDuration::from_hours(31 * 24));
    assert_eq!(api.run_job(Job::EraseAccounts).await.unwrap().done, 1);
    api.project().await;
    let all = api.get(&format!("/api/safety-ratings/{id}")).await.expect(200);
    assert_eq!(
        all.data()["aggregates"]["distribution"],
        json!({ "1": 0, "2": 1, "3": 0, "4": 0, "5": 0 })
    );
    let rows = api.dump().await;
    let kept = |entity: Entity| matches!(entity, Entity::Audit | Entity::Idempotency);
    for row in rows.iter().filter(|row| !kept(row.entity)) {
        let text = row.item.to_string();
        assert!(!text.contains("ErasedCanary") && !text.contains(&alice.id), "{text}");
    }
}
