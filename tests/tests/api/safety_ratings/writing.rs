use futures_util::future::join_all;
use serde_json::json;
use tripsage_tests::{Answer, Api};

use super::{itinerary, rate, rated};

#[tokio::test]
async fn a_rating_says_what_was_said() {
    let api = Api::start().await;
    let (author, alice) = (api.user("author").await, api.user("alice").await);
    let id = itinerary(&author).await;
    let fields = json!({
        "overall_safety_score": 5, "rating_type": "women_safety", "detailed_feedback": "Calm streets\nat night",
        "accommodation_safety": 4, "route_safety": 3, "community_safety": 2, "women_safety_score": 1,
        "experience_date": "2026-01-15", "photo_ipfs_hashes": ["QmYwAPJzv5CZsnA625s3Xf2nemtYgPpHdWEz79ojWnPbdG"],
        "safety_alert_filed": true,
    });
    let answer = rate(&alice, &id, &fields).await.expect(201);
    let data = answer.data().clone();
    for (name, value) in fields.as_object().unwrap() {
        assert_eq!(data[name], *value, "{name}");
    }
    assert_eq!(
        (&data["itinerary_id"], &data["traveler_id"]),
        (&json!(id), &json!(alice.id))
    );
    assert_eq!(
        data["verified_traveler"], true,
        "the address of a user of the tests is confirmed"
    );
    assert_eq!(data["helpful_count"], 0);
    let path = format!("/api/v1/safety-ratings/{}", answer.text_of("id"));
    assert_eq!(
        (answer.header("location"), answer.header("etag")),
        (path.as_str(), "\"1\"")
    );
    let read = api.get(&path).await.expect(200);
    assert_eq!(read.data()["detailed_feedback"], "Calm streets\nat night");
}

#[tokio::test]
async fn one_traveller_has_one_rating_of_an_itinerary() {
    let api = Api::start().await;
    let (author, alice) = (api.user("author").await, api.user("alice").await);
    let id = itinerary(&author).await;
    let first = rate(&alice, &id, &json!({ "route_safety": 2 })).await.expect(201);
    let second = rate(&alice, &id, &json!({ "overall_safety_score": 1 }))
        .await
        .expect(200);
    assert_eq!(first.text_of("id"), second.text_of("id"));
    assert_eq!(second.data()["overall_safety_score"], 1);
    assert_eq!(
        second.data()["route_safety"],
        json!(null),
        "the later one says all of it"
    );
    let shortcut = format!("/api/itineraries/{id}/rating");
    let third = alice
        .post(&shortcut, json!({ "overall_safety_score": 3 }))
        .await
        .expect(200);
    assert_eq!(
        (third.text_of("id"), &third.data()["overall_safety_score"]),
        (first.text_of("id"), &json!(3))
    );
    let listed = api
        .get(&format!("/api/safety-ratings?itinerary_id={id}"))
        .await
        .expect(200);
    assert_eq!(
        (
            listed.data().as_array().unwrap().len(),
            &listed.body["pagination"]["total"]
        ),
        (1, &json!(1))
    );
}

#[tokio::test]
async fn twenty_ratings_at_once_are_one() {
    let api = Api::start().await;
    let (author, alice) = (api.user("author").await, api.user("alice").await);
    let id = itinerary(&author).await;
    let answers = join_all((0..20).map(|n| {
        let (alice, id) = (&alice, &id);
        async move { rate(alice, id, &json!({ "overall_safety_score": n % 5 + 1 })).await }
    }))
    .await;
    let made = answers.iter().filter(|answer| answer.status == 201).count();
    let changed = answers.iter().filter(|answer| answer.status == 200).count();
    assert_eq!(
        (made, changed),
        (1, 19),
        "{:?}",
        answers.iter().map(|a| a.status).collect::<Vec<_>>()
    );
    let own = alice.get("/api/safety-ratings/user/ratings").await.expect(200);
    let [rating] = own.data().as_array().unwrap().as_slice() else {
        panic!("{}", own.text);
    };
    api.project().await;
    let all = api.get(&format!("/api/safety-ratings/{id}")).await.expect(200);
    assert_eq!(all.data()["aggregates"]["count"], 1);
    let score = rating["overall_safety_score"].to_string();
    assert_eq!(all.data()["aggregates"]["distribution"][&score], 1);
}

#[tokio::test]
async fn what_cannot_be_a_rating_is_refused_with_the_name_of_the_field() {
    let api = Api::start().await;
    let (author, alice) = (api.user("author").await, api.user("alice").await);
    let id = itinerary(&author).await;
    for (fields, field) in [
        (json!({ "overall_safety_score": 0 }), "overall_safety_score"),
        (json!({ "overall_safety_score": 6 }), "overall_safety_score"),
        (json!({ "overall_safety_score": -1 }), "overall_safety_score"),
        (json!({ "overall_safety_score": 4.5 }), "overall_safety_score"),
        (json!({ "overall_safety_score": null }), "overall_safety_score"),
        (json!({ "itinerary_id": null }), "itinerary_id"),
        (json!({ "itinerary_id": "x" }), "itinerary_id"),
        (json!({ "women_safety_score": 6 }), "women_safety_score"),
        (json!({ "accommodation_safety": 0 }), "accommodation_safety"),
        (json!({ "rating_type": "food" }), "rating_type"),
        (json!({ "experience_date": "2099-01-01" }), "experience_date"),
        (json!({ "experience_date": "yesterday" }), "experience_date"),
        (json!({ "detailed_feedback": "x".repeat(5001) }), "detailed_feedback"),
        (
            json!({ "photo_ipfs_hashes": vec!["QmYwAPJzv5CZsnA625s3Xf2nemt"; 11] }),
            "photo_ipfs_hashes",
        ),
        (
            json!({ "photo_ipfs_hashes": ["https://example.com/x.jpg"] }),
            "photo_ipfs_hashes",
        ),
        (json!({ "verified_traveler": true }), "verified_traveler"),
        (json!({ "helpful_votes": 99 }), "helpful_votes"),
    ] {
        let refused = rate(&alice, &id, &fields).await.refused_field(field);
        assert!(
            refused.body["message"].as_str().unwrap().contains(field),
            "{}",
            refused.text
        );
    }
    let missing = "3f2b8a52-6c1e-4a52-9d3e-0c5b1f7a9e10";
    rate(&alice, missing, &json!({})).await.refused(404, "NOT_FOUND");
    rate(&author, &id, &json!({}))
        .await
        .refused(403, "INSUFFICIENT_PERMISSIONS");
    let shortcut = format!("/api/v1/itineraries/{id}/rating");
    let other = json!({ "overall_safety_score": 3, "itinerary_id": missing });
    alice.post(&shortcut, other).await.refused_field("itinerary_id");
    let anonymous = api.post(&shortcut, json!({ "overall_safety_score": 3 })).await;
    anonymous.refused(401, "MISSING_AUTHORIZATION");
}

#[tokio::test]
async fn its_author_changes_a_rating_and_nobody_else() {
    let api = Api::start().await;
    let (author, alice, bob) = (api.user("author").await, api.user("alice").await, api.user("bob").await);
    let path = rated(
        &alice,
        &itinerary(&author).await,
        &json!({ "detailed_feedback": "good", "route_safety": 3 }),
    )
    .await;
    for user in [&bob, &author] {
        user.put(&path, json!({ "overall_safety_score": 1 }))
            .await
            .refused(403, "INSUFFICIENT_PERMISSIONS");
        user.patch(&path, json!({ "overall_safety_score": 1 }))
            .await
            .refused(403, "INSUFFICIENT_PERMISSIONS");
        user.delete(&path).await.refused(403, "INSUFFICIENT_PERMISSIONS");
    }
    let put = alice.put(&path, json!({ "overall_safety_score": 2 })).await.expect(200);
    assert_eq!(
        (&put.data()["overall_safety_score"], &put.data()["route_safety"]),
        (&json!(2), &json!(3))
    );
    assert_eq!(put.header("etag"), "\"2\"");
    let patched = alice
        .patch(&path, json!({ "route_safety": null, "rating_type": "route" }))
        .await
        .expect(200);
    assert_eq!(
        (&patched.data()["route_safety"], &patched.data()["rating_type"]),
        (&json!(null), &json!("route"))
    );
    alice
        .patch(&path, json!({ "overall_safety_score": null }))
        .await
        .refused_field("overall_safety_score");
    alice
        .patch(&path, json!({ "community_safety": 9 }))
        .await
        .refused_field("community_safety");
    let other = "3f2b8a52-6c1e-4a52-9d3e-0c5b1f7a9e10";
    alice
        .patch(&path, json!({ "itinerary_id": other }))
        .await
        .refused_field("itinerary_id");
    let stale = alice.request(reqwest::Method::PUT, &path).header("if-match", "\"1\"");
    Answer::of(stale.json(&json!({ "overall_safety_score": 5 })))
        .await
        .expect(412);
    let read = bob.get(&path).await.expect(200);
    assert_eq!(read.data()["overall_safety_score"], 2);
    assert_eq!(alice.get(&path).await.expect(200).header("etag"), "\"3\"");
}

#[tokio::test]
async fn what_is_deleted_is_gone_and_can_be_said_anew() {
    let api = Api::start().await;
    let (author, alice) = (api.user("author").await, api.user("alice").await);
    let moderator = api.user_with_role("moderator", "moderator").await;
    let id = itinerary(&author).await;
    for deleter in [&alice, &moderator] {
        let path = rated(&alice, &id, &json!({})).await;
        author.post(&format!("{path}/helpful"), json!({})).await.expect(200);
        api.project().await;
        deleter.delete(&path).await.expect(200);
        api.project().await;
        alice.delete(&path).await.refused(404, "NOT_FOUND");
        alice.get(&path).await.refused(404, "NOT_FOUND");
        author
            .post(&format!("{path}/helpful"), json!({}))
            .await
            .refused(404, "NOT_FOUND");
        let all = api.get(&format!("/api/safety-ratings/{id}")).await.expect(200);
        assert_eq!(all.data()["ratings"], json!([]));
        assert_eq!(all.data()["aggregates"]["count"], 0);
        assert_eq!(all.data()["aggregates"]["mean"], json!(null));
        let own = alice.get("/api/safety-ratings/user/ratings").await.expect(200);
        assert_eq!(own.data(), &json!([]));
        let gone = path.rsplit('/').next().unwrap().to_owned();
        let rows = api.dump().await;
        let left = rows
            .iter()
            .filter(|row| row.item["pk"].as_str().unwrap_or_default().contains(&gone));
        assert_eq!(left.count(), 0, "neither the rating nor the votes on it");
    }
}
