use serde_json::{Value, json};
use tripsage_tests::Api;

use super::{GROUPS, body, group, is_woman, join};

#[tokio::test]
async fn who_joins_belongs_to_it_once_and_can_leave() {
    let api = Api::start().await;
    let (alice, bob) = (api.user("alice").await, api.user("bob").await);
    let path = group(&alice, json!({})).await;
    let joined = bob.post(&format!("{path}/join"), json!({})).await.expect(201);
    assert_eq!(joined.data()["join_status"], "accepted");
    bob.post(&format!("{path}/join"), json!({}))
        .await
        .refused(409, "ALREADY_EXISTS");
    let seen = bob.get(&path).await.expect(200);
    assert_eq!(seen.data()["current_members_count"], 2);
    assert_eq!(
        (&seen.data()["is_member"], &seen.data()["user_role"]),
        (&json!(true), &json!("member"))
    );
    let own = bob.get(&format!("{GROUPS}/memberships")).await.expect(200);
    assert_eq!(own.data()["memberships"][0]["group"]["name"], "Temples and noodles");

    bob.post(&format!("{path}/leave"), json!({})).await.expect(200);
    bob.post(&format!("{path}/leave"), json!({}))
        .await
        .refused(404, "NOT_FOUND");
    assert_eq!(bob.get(&path).await.expect(200).data()["current_members_count"], 1);
    let own = bob.get(&format!("{GROUPS}/memberships")).await.expect(200);
    assert_eq!(own.data()["memberships"], json!([]));
    join(&bob, &path).await;
}

#[tokio::test]
async fn the_organizer_hands_over_before_they_leave() {
    let api = Api::start().await;
    let (alice, bob) = (api.user("alice").await, api.user("bob").await);
    let carol = api.user("carol").await;
    let path = group(&alice, json!({})).await;
    join(&bob, &path).await;
    let refused = alice.post(&format!("{path}/leave"), json!({})).await;
    let refused = refused.refused(400, "ORGANIZER_CANNOT_LEAVE");
    assert!(refused.body["message"].as_str().unwrap().contains("hand it over"));

    let organizer = format!("{path}/organizer");
    alice
        .put(&organizer, json!({ "username": "carol" }))
        .await
        .refused(404, "NOT_FOUND");
    bob.put(&organizer, json!({ "username": "bob" }))
        .await
        .refused(403, "INSUFFICIENT_PERMISSIONS");
    let handed = alice.put(&organizer, json!({ "username": "bob" })).await.expect(200);
    assert_eq!(handed.data()["organizer_id"], bob.id);
    assert_eq!(handed.data()["created_by_traveler_id"], Value::Null);
    assert_eq!(handed.data()["user_role"], "moderator");
    alice
        .put(&path, json!({ "name": "Mine" }))
        .await
        .refused(403, "INSUFFICIENT_PERMISSIONS");
    bob.put(&path, json!({ "name": "Mine" })).await.expect(200);
    alice.post(&format!("{path}/leave"), json!({})).await.expect(200);
    assert_eq!(carol.get(&path).await.expect(200).data()["current_members_count"], 1);
}

#[tokio::test]
async fn a_full_group_takes_nobody_until_somebody_leaves() {
    let api = Api::start().await;
    let (alice, bob) = (api.user("alice").await, api.user("bob").await);
    let carol = api.user("carol").await;
    let path = group(&alice, json!({ "max_members": 2 })).await;
    join(&bob, &path).await;
    carol
        .post(&format!("{path}/join"), json!({}))
        .await
        .refused(400, "GROUP_FULL");
    alice.patch(&path, json!({ "max_members": 3 })).await.expect(200);
    join(&carol, &path).await;
    alice
        .patch(&path, json!({ "max_members": 2 }))
        .await
        .refused_field("max_members");
    carol.post(&format!("{path}/leave"), json!({})).await.expect(200);
    alice.patch(&path, json!({ "max_members": 2 })).await.expect(200);
}

#[tokio::test]
async fn what_a_group_requires_is_said() {
    let api = Api::start().await;
    let (alice, bob) = (api.user("alice").await, api.user("bob").await);
    let unmet = |answer: tripsage_tests::Answer, requirement: &str| {
        let answer = answer.refused(400, "REQUIREMENT_UNMET");
        assert_eq!(answer.body["details"]["context"]["requirement"], requirement);
    };
    unmet(
        alice.post(GROUPS, body(json!({ "group_type": "women_only" }))).await,
        "women_only",
    );
    is_woman(&alice).await;
    let women = group(&alice, json!({ "group_type": "women_only" })).await;
    assert_eq!(alice.get(&women).await.expect(200).data()["is_women_only"], true);
    unmet(bob.post(&format!("{women}/join"), json!({})).await, "women_only");
    let seen = bob.get(&women).await.expect(200);
    assert_eq!(
        (&seen.data()["members"], &seen.data()["members_visible"]),
        (&json!([]), &json!(false))
    );
    bob.get(&format!("{women}/members"))
        .await
        .refused(403, "INSUFFICIENT_PERMISSIONS");
    is_woman(&bob).await;
    join(&bob, &women).await;
    assert_eq!(
        bob.get(&women).await.expect(200).data()["members"]
            .as_array()
            .unwrap()
            .len(),
        2
    );
    let public = api.get("/api/v1/users/alice").await.expect(200);
    assert!(!public.text.contains("gender"), "nobody else is told");

    let known = group(&alice, json!({ "require_identity_verification": true })).await;
    api.post(
        "/api/v1/auth/register",
        json!({ "email": "new@example.com", "username": "newbie", "password": tripsage_tests::PASSWORD }),
    )
    .await
    .expect(201);
    let login = json!({ "email": "new@example.com", "password": tripsage_tests::PASSWORD });
    let token = api
        .post("/api/v1/auth/login", login)
        .await
        .expect(200)
        .text_of("access_token");
    let newbie = bob.with_token(&token);
    unmet(
        newbie.post(&format!("{known}/join"), json!({})).await,
        "identity_verification",
    );
    join(&bob, &known).await;

    let famous = body(json!({ "min_sbt_reputation_score": 30 }));
    unmet(alice.post(GROUPS, famous).await, "reputation");
}

#[tokio::test]
async fn a_journey_that_is_over_takes_nobody() {
    let api = Api::start().await;
    let (alice, bob) = (api.user("alice").await, api.user("bob").await);
    let path = group(&alice, json!({})).await;
    api.advance(jiff::SignedDuration::from_hours(24 * 200));
    bob.post(&format!("{path}/join"), json!({}))
        .await
        .refused(409, "CONFLICT");
    let invite = json!({ "username": "bob" });
    alice
        .post(&format!("{path}/invite"), invite)
        .await
        .refused(409, "CONFLICT");
    assert_eq!(bob.get(&path).await.expect(200).data()["is_active"], false);
}
