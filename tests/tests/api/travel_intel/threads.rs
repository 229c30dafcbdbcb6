use serde_json::json;
use tripsage_tests::{Answer, Api};

use super::{itinerary, path, tell, told};

#[tokio::test]
async fn intel_says_what_was_said() {
    let api = Api::start().await;
    let (author, alice) = (api.user("author").await, api.user("alice").await);
    let id = itinerary(&author).await;
    let fields = json!({
        "intel_type": "warning", "title": "Bridge closed", "content": "Since Monday\nuntil May", "severity_level": "critical",
        "location_name": "Old bridge", "safety_related": true, "verified_at_location": true, "urgent_flag": true,
        "photo_ipfs_hashes": ["QmYwAPJzv5CZsnA625s3Xf2nemtYgPpHdWEz79ojWnPbdG"],
    });
    let mut sent = fields.clone();
    sent["location_gps"] = json!("35.68,139.76");
    sent["observation_timestamp"] = json!("2026-01-15T09:00:00Z");
    let answer = tell(&alice, &id, &sent).await.expect(201);
    for (name, value) in fields.as_object().unwrap() {
        assert_eq!(answer.data()[name], *value, "{name}");
    }
    assert_eq!(
        answer.data()["location_gps"],
        json!({ "latitude": 35.68, "longitude": 139.76 })
    );
    assert_eq!(
        (&answer.data()["thread_depth"], &answer.data()["status"]),
        (&json!(0), &json!("open"))
    );
    let read = api.get(&path(&answer.text_of("id"))).await.expect(200);
    assert_eq!(read.data()["intel"]["content"], "Since Monday\nuntil May");
    assert_eq!(read.data()["replies"], json!([]));
    assert_eq!(
        answer.header("location"),
        format!("/api/v1/travel-intel/{}", answer.text_of("id"))
    );
}

#[tokio::test]
async fn threads_go_five_answers_deep_and_stay_with_their_itinerary() {
    let api = Api::start().await;
    let (author, alice) = (api.user("author").await, api.user("alice").await);
    let (id, other) = (itinerary(&author).await, itinerary(&author).await);
    let first = told(&alice, &id, &json!({ "intel_type": "question" })).await;
    let mut parent = first.clone();
    for depth in 1..=5 {
        let answer = tell(&author, &id, &json!({ "parent_intel_id": parent }))
            .await
            .expect(201);
        assert_eq!(answer.data()["thread_depth"], depth);
        parent = answer.text_of("id");
    }
    tell(&alice, &id, &json!({ "parent_intel_id": parent }))
        .await
        .refused_field("parent_intel_id");
    tell(&alice, &other, &json!({ "parent_intel_id": first }))
        .await
        .refused_field("parent_intel_id");
    let nothing = "3f2b8a52-6c1e-4a52-9d3e-0c5b1f7a9e10";
    tell(&alice, &id, &json!({ "parent_intel_id": nothing }))
        .await
        .refused_field("parent_intel_id");
    told(&alice, &id, &json!({ "parent_intel_id": first })).await;
    let thread = api.get(&path(&first)).await.expect(200);
    assert_eq!(thread.data()["replies"].as_array().unwrap().len(), 2);
    assert_eq!(thread.body["pagination"]["total"], 2);
    let listed = api
        .get(&format!("/api/travel-intel?itinerary_id={id}"))
        .await
        .expect(200);
    assert_eq!(listed.data().as_array().unwrap().len(), 1, "top level only");
}

#[tokio::test]
async fn what_cannot_be_intel_is_refused_with_the_name_of_the_field() {
    let api = Api::start().await;
    let (author, alice) = (api.user("author").await, api.user("alice").await);
    let id = itinerary(&author).await;
    for (fields, field) in [
        (json!({ "itinerary_id": null }), "itinerary_id"),
        (json!({ "itinerary_id": "x" }), "itinerary_id"),
        (json!({ "intel_type": null }), "intel_type"),
        (json!({ "intel_type": "rumour" }), "intel_type"),
        (json!({ "title": " " }), "title"),
        (json!({ "title": "x".repeat(201) }), "title"),
        (json!({ "content": null }), "content"),
        (json!({ "content": "x".repeat(5001) }), "content"),
        (json!({ "severity_level": "mild" }), "severity_level"),
        (json!({ "location_gps": "91,0" }), "location_gps"),
        (json!({ "location_gps": { "lat": 0, "lng": 200 } }), "location_gps"),
        (json!({ "location_gps": "here" }), "location_gps"),
        (
            json!({ "observation_timestamp": "2099-01-01T00:00:00Z" }),
            "observation_timestamp",
        ),
        (json!({ "observation_timestamp": "now" }), "observation_timestamp"),
        (
            json!({ "photo_ipfs_hashes": vec!["QmYwAPJzv5CZsnA625s3Xf2nemt"; 11] }),
            "photo_ipfs_hashes",
        ),
        (json!({ "status": "resolved" }), "status"),
        (json!({ "helpful_votes": 3 }), "helpful_votes"),
    ] {
        tell(&alice, &id, &fields).await.refused_field(field);
    }
    let missing = "3f2b8a52-6c1e-4a52-9d3e-0c5b1f7a9e10";
    tell(&alice, missing, &json!({})).await.refused(404, "NOT_FOUND");
    let body = json!({ "itinerary_id": id, "intel_type": "tip", "title": "t", "content": "c" });
    api.post("/api/travel-intel", body)
        .await
        .refused(401, "MISSING_AUTHORIZATION");
}

#[tokio::test]
async fn its_author_changes_intel_and_nobody_else() {
    let api = Api::start().await;
    let (author, alice, bob) = (api.user("author").await, api.user("alice").await, api.user("bob").await);
    let id = itinerary(&author).await;
    let one = path(&told(&alice, &id, &json!({ "location_gps": { "lat": 1, "lng": 2 } })).await);
    for user in [&bob, &author] {
        user.put(&one, json!({ "title": "t" }))
            .await
            .refused(403, "INSUFFICIENT_PERMISSIONS");
        user.patch(&one, json!({ "title": "t" }))
            .await
            .refused(403, "INSUFFICIENT_PERMISSIONS");
        user.delete(&one).await.refused(403, "INSUFFICIENT_PERMISSIONS");
    }
    let put = alice.put(&one, json!({ "title": "Late train" })).await.expect(200);
    assert_eq!(
        (&put.data()["title"], &put.data()["content"]),
        (&json!("Late train"), &json!("Take the one at six"))
    );
    let patched = alice
        .patch(&one, json!({ "location_gps": null, "severity_level": "high" }))
        .await
        .expect(200);
    assert_eq!(
        (&patched.data()["location_gps"], &patched.data()["severity_level"]),
        (&json!(null), &json!("high"))
    );
    alice
        .patch(&one, json!({ "itinerary_id": itinerary(&author).await }))
        .await
        .refused_field("itinerary_id");
    alice.patch(&one, json!({ "title": null })).await.refused_field("title");
    let resolved = alice.patch(&one, json!({ "status": "resolved" })).await.expect(200);
    assert!(resolved.data()["resolved_at"].is_string(), "{}", resolved.text);
    let stale = alice.request(reqwest::Method::PATCH, &one).header("if-match", "\"1\"");
    Answer::of(stale.json(&json!({ "title": "x" }))).await.expect(412);
    assert_eq!(bob.get(&one).await.expect(200).data()["intel"]["title"], "Late train");
}

#[tokio::test]
async fn who_is_in_charge_says_what_became_of_it() {
    let api = Api::start().await;
    let (author, alice, bob) = (api.user("author").await, api.user("alice").await, api.user("bob").await);
    let moderator = api.user_with_role("moderator", "moderator").await;
    let id = itinerary(&author).await;
    let one = path(&told(&alice, &id, &json!({ "intel_type": "question" })).await);
    let respond = format!("{one}/respond");
    bob.post(&respond, json!({ "response_status": "no" }))
        .await
        .refused(403, "INSUFFICIENT_PERMISSIONS");
    author.post(&respond, json!({})).await.refused_field("response_status");
    author
        .post(&respond, json!({ "response_status": "x", "status": "done" }))
        .await
        .refused_field("status");
    let answer = author
        .post(&respond, json!({ "response_status": "It is open again" }))
        .await
        .expect(200);
    assert_eq!(
        (&answer.data()["status"], &answer.data()["response_status"]),
        (&json!("resolved"), &json!("It is open again"))
    );
    assert_eq!(answer.data()["responder_id"], json!(author.id));
    assert!(answer.data()["resolved_at"].is_string(), "{}", answer.text);
    let later = json!({ "response_status": "Looking", "status": "in_progress" });
    let again = moderator.post(&respond, later).await.expect(200);
    assert_eq!(
        (&again.data()["resolved_at"], &again.data()["responder_id"]),
        (&json!(null), &json!(moderator.id))
    );
    alice
        .post(&respond, json!({ "response_status": "Found out", "status": "closed" }))
        .await
        .expect(200);
    let listed = api
        .get(&format!("/api/travel-intel?itinerary_id={id}&status=closed"))
        .await
        .expect(200);
    assert_eq!(listed.data().as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn what_is_deleted_is_gone_and_answers_stay() {
    let api = Api::start().await;
    let (author, alice, bob) = (api.user("author").await, api.user("alice").await, api.user("bob").await);
    let id = itinerary(&author).await;
    let (one, lonely) = (
        told(&alice, &id, &json!({ "title": "DeletedCanary" })).await,
        told(&alice, &id, &json!({})).await,
    );
    let reply = told(&bob, &id, &json!({ "parent_intel_id": one, "title": "Answer" })).await;
    bob.post(&format!("{}/helpful", path(&one)), json!({}))
        .await
        .expect(200);
    for deleted in [&one, &lonely] {
        alice.delete(&path(deleted)).await.expect(200);
        alice.delete(&path(deleted)).await.refused(404, "NOT_FOUND");
        alice
            .patch(&path(deleted), json!({ "title": "x" }))
            .await
            .refused(404, "NOT_FOUND");
        bob.post(&format!("{}/helpful", path(deleted)), json!({}))
            .await
            .refused(404, "NOT_FOUND");
        tell(&bob, &id, &json!({ "parent_intel_id": deleted }))
            .await
            .refused_field("parent_intel_id");
    }
    api.get(&path(&lonely)).await.refused(404, "NOT_FOUND");
    let thread = api.get(&path(&one)).await.expect(200);
    assert_eq!(thread.data()["intel"]["deleted"], true);
    assert_eq!(thread.data()["replies"][0]["id"], json!(reply));
    assert!(
        !thread.text.contains("DeletedCanary") && !thread.text.contains(&alice.id),
        "{}",
        thread.text
    );
    let listed = api
        .get(&format!("/api/travel-intel?itinerary_id={id}"))
        .await
        .expect(200);
    assert_eq!(listed.data(), &json!([]));
    let own = alice.get("/api/travel-intel/user/intel").await.expect(200);
    assert_eq!(own.data(), &json!([]));
    for row in api.dump().await {
        assert!(!row.item.to_string().contains("DeletedCanary"), "{}", row.item);
    }
}
