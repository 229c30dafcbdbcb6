use jiff::SignedDuration;
use serde_json::json;
use tripsage_store::personal_data::Entity;
use tripsage_tests::{Api, Job, PASSWORD, User};

use super::{itinerary, path, told};

#[tokio::test]
async fn the_numbers_of_an_itinerary_are_exact() {
    let api = Api::start().await;
    let (author, alice) = (api.user("author").await, api.user("alice").await);
    let id = itinerary(&author).await;
    let stats = format!("/api/travel-intel/stats/{id}");
    let zero = api.get(&stats).await.expect(200);
    assert_eq!(zero.data()["total"], 0);
    assert_eq!(zero.data()["by_type"]["tip"], 0);
    let warning = told(
        &alice,
        &id,
        &json!({ "intel_type": "warning", "severity_level": "critical" }),
    )
    .await;
    told(&alice, &id, &json!({ "intel_type": "tip", "parent_intel_id": warning })).await;
    let question = told(
        &alice,
        &id,
        &json!({ "intel_type": "question", "severity_level": "critical" }),
    )
    .await;
    let gone = told(&alice, &id, &json!({ "severity_level": "critical" })).await;
    alice.delete(&path(&gone)).await.expect(200);
    alice
        .patch(
            &path(&question),
            json!({ "severity_level": "low", "intel_type": "update" }),
        )
        .await
        .expect(200);
    author
        .post(
            &format!("{}/respond", path(&warning)),
            json!({ "response_status": "ok" }),
        )
        .await
        .expect(200);
    api.project_twice().await;
    let counted = api.get(&stats).await.expect(200);
    let by_type = json!({
        "question": 0, "update": 1, "warning": 1, "recommendation": 0, "local_insight": 0, "tip": 1,
    });
    let expected = json!({ "total": 3, "by_type": by_type, "critical_count": 1, "resolved_count": 1 });
    assert_eq!(counted.data(), &expected);
}

async fn vote(user: &User, one: &str, word: &str) -> (i64, i64) {
    let answer = user.post(&format!("{}/{word}", path(one)), json!({})).await.expect(200);
    let count = |name: &str| answer.data()[name].as_i64().unwrap();
    (count("helpful_count"), count("unhelpful_count"))
}

#[tokio::test]
async fn a_traveller_has_one_vote_and_what_helps_comes_first() {
    let api = Api::start().await;
    let (author, alice, bob) = (api.user("author").await, api.user("alice").await, api.user("bob").await);
    let id = itinerary(&author).await;
    let (one, other) = (told(&alice, &id, &json!({})).await, told(&alice, &id, &json!({})).await);
    assert_eq!(vote(&bob, &one, "helpful").await, (1, 0));
    assert_eq!(vote(&bob, &one, "helpful").await, (1, 0));
    api.project_twice().await;
    assert_eq!(vote(&bob, &other, "helpful").await, (1, 0));
    api.project().await;
    assert_eq!(vote(&bob, &other, "unhelpful").await, (0, 1));
    api.project().await;
    alice
        .post(&format!("{}/helpful", path(&one)), json!({}))
        .await
        .refused(403, "INSUFFICIENT_PERMISSIONS");
    api.advance(SignedDuration::from_secs(5));
    let listed = bob
        .get(&format!("/api/travel-intel?itinerary_id={id}&sort=helpful"))
        .await
        .expect(200);
    let shown: Vec<_> = listed
        .data()
        .as_array()
        .unwrap()
        .iter()
        .map(|intel| {
            (
                intel["id"].as_str().unwrap(),
                intel["helpful_votes"].as_i64().unwrap(),
                &intel["user_vote"],
            )
        })
        .collect();
    let (helpful, unhelpful) = (json!("helpful"), json!("unhelpful"));
    assert_eq!(shown, [(one.as_str(), 1, &helpful), (other.as_str(), 0, &unhelpful)]);
}

#[tokio::test]
async fn who_is_erased_takes_their_words_along_and_answers_of_others_stay() {
    let api = Api::start().await;
    let (author, bob) = (api.user("author").await, api.user("bob").await);
    let alice = api.registered("alice").await;
    let id = itinerary(&author).await;
    let one = told(&alice, &id, &json!({ "content": "ErasedCanary" })).await;
    let reply = told(&bob, &id, &json!({ "parent_intel_id": one })).await;
    alice
        .post(
            &format!("{}/respond", path(&one)),
            json!({ "response_status": "ErasedCanary" }),
        )
        .await
        .expect(200);
    bob.post(&format!("{}/helpful", path(&one)), json!({}))
        .await
        .expect(200);
    let own = itinerary(&alice).await;
    let question = told(&bob, &own, &json!({ "intel_type": "question" })).await;
    let response = json!({ "response_status": "ErasedCanary" });
    alice
        .post(&format!("{}/respond", path(&question)), response)
        .await
        .expect(200);
    alice
        .delete_with("/api/v1/users/me", json!({ "password": PASSWORD }))
        .await
        .expect(200);
    api.advance(SignedDuration::from_hours(31 * 24));
    assert_eq!(api.run_job(Job::EraseAccounts).await.unwrap().done, 1);
    let kept = |entity: Entity| matches!(entity, Entity::Audit | Entity::Idempotency);
    for row in api.dump().await.iter().filter(|row| !kept(row.entity)) {
        let text = row.item.to_string();
        assert!(!text.contains("ErasedCanary") && !text.contains(&alice.id), "{text}");
    }
    let thread = bob.get(&path(&one)).await.expect(200);
    assert_eq!(
        (&thread.data()["intel"]["deleted"], &thread.data()["replies"][0]["id"]),
        (&json!(true), &json!(reply))
    );
    let mine = bob.get(&path(&question)).await.expect(200);
    assert_eq!(mine.data()["intel"]["response_status"], json!(null));
}
