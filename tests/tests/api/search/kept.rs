//! What is remembered of searches: questions only. Their export and erasure are tested with those of everything else.

use jiff::SignedDuration;
use serde_json::json;
use tripsage_tests::Api;

use super::{ACTIVITIES, FLIGHTS, STAYS, UNIFIED, flights, stays, traveller};

const RECENT: &str = "/api/v1/search/recent";
const SAVED: &str = "/api/v1/search/saved";

#[tokio::test]
async fn searches_are_remembered_newest_first_and_once() {
    let api = Api::start().await;
    let (alice, _) = traveller(&api, "alice").await;
    for (path, body) in [
        (FLIGHTS, flights("LHR", "JFK")),
        (STAYS, stays()),
        (ACTIVITIES, json!({ "destination": "Kyoto", "query": "tea" })),
        (UNIFIED, json!({ "query": "Kyoto" })),
    ] {
        alice.post(path, body).await.expect(200);
        api.advance(SignedDuration::from_mins(20));
    }
    let mut again = flights("lhr", "jfk");
    again["sort_by"] = json!("price");
    alice.post(FLIGHTS, again).await.expect(200);
    let recent = alice.get(RECENT).await.expect(200);
    let kinds: Vec<&str> = recent
        .data()
        .as_array()
        .unwrap()
        .iter()
        .map(|one| one["kind"].as_str().unwrap())
        .collect();
    assert_eq!(
        kinds,
        ["flights", "unified", "activities", "accommodations"],
        "{}",
        recent.text
    );
    assert_eq!(recent.data()[0]["title"], "LHR → JFK, 2027-06-01");
    assert_eq!(recent.data()[0]["parameters"]["origin"], "LHR");
    let bob = api.user("bob").await;
    assert_eq!(bob.get(RECENT).await.expect(200).data(), &json!([]));
    api.advance(SignedDuration::from_hours(24 * 31));
    assert_eq!(alice.get(RECENT).await.expect(200).data(), &json!([]));
}

#[tokio::test]
async fn searches_are_saved_listed_and_removed() {
    let api = Api::start().await;
    let (alice, _) = traveller(&api, "alice").await;
    let search = alice
        .post(FLIGHTS, flights("LHR", "JFK"))
        .await
        .expect(200)
        .text_of("search_id");
    let trip = alice.trip("New York").await;
    let body = json!({ "name": "To New York", "search_id": search, "trip_id": trip });
    let saved = alice.post(SAVED, body.clone()).await.expect(201);
    assert_eq!(
        (&saved.data()["kind"], &saved.data()["trip_id"]),
        (&json!("flights"), &json!(trip))
    );
    assert_eq!(saved.data()["parameters"]["destination"], "JFK");
    alice.post(SAVED, body.clone()).await.refused(409, "ALREADY_EXISTS");
    let question = json!({ "name": "Kyoto", "kind": "accommodations", "parameters": stays() });
    api.advance(SignedDuration::from_secs(1));
    alice.post(SAVED, question).await.expect(201);
    let list = alice.get(SAVED).await.expect(200);
    let names: Vec<&str> = list
        .data()
        .as_array()
        .unwrap()
        .iter()
        .map(|one| one["name"].as_str().unwrap())
        .collect();
    assert_eq!(names, ["Kyoto", "To New York"]);

    let bob = api.user("bob").await;
    bob.post(SAVED, body).await.refused(404, "NOT_FOUND");
    let path = format!("{SAVED}/{}", saved.text_of("id"));
    bob.delete(&path).await.refused(404, "NOT_FOUND");
    alice.delete(&path).await.expect(200);
    alice.delete(&path).await.refused(404, "NOT_FOUND");
    assert_eq!(alice.get(SAVED).await.expect(200).data().as_array().unwrap().len(), 1);

    for (body, field) in [
        (
            json!({ "kind": "flights", "parameters": flights("LHR", "JFK") }),
            "name",
        ),
        (json!({ "name": "x" }), "parameters"),
        (json!({ "name": "x", "kind": "cars", "parameters": {} }), "kind"),
        (
            json!({ "name": "x", "search_id": search, "kind": "flights" }),
            "search_id",
        ),
        (
            json!({ "name": "x", "kind": "flights", "parameters": { "origin": "XQZ" } }),
            "origin",
        ),
        (
            json!({ "name": "x", "kind": "flights", "parameters": { "color": "red" } }),
            "color",
        ),
    ] {
        alice.post(SAVED, body).await.refused_field(field);
    }
}
