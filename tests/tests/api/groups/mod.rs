//! Groups that travel together.

mod deciding;
mod joining;
mod lists;
mod matching;
mod people;
mod races;

use serde_json::{Value, json};
use tripsage_tests::{Api, User};

const GROUPS: &str = "/api/v1/travel-groups";

/// A group with these fields instead of, or beside, the usual ones.
fn body(fields: Value) -> Value {
    let mut body = json!({
        "name": "Temples and noodles", "destination": "Kyoto, Japan", "start_date": "2027-04-01",
        "end_date": "2027-04-14", "description": "Slowly through the old capital", "group_type": "interest_based",
        "max_members": 10, "activity_tags": ["food", "temples"],
    });
    for (name, value) in fields.as_object().unwrap() {
        body[name] = value.clone();
    }
    body
}

/// Makes a group; gives its path.
pub(crate) async fn group(organizer: &User, fields: Value) -> String {
    let made = organizer.post(GROUPS, body(fields)).await.expect(201);
    format!("{GROUPS}/{}", made.text_of("id"))
}

pub(crate) async fn join(user: &User, path: &str) {
    user.post(&format!("{path}/join"), json!({})).await.expect(201);
}

async fn is_woman(user: &User) {
    user.patch("/api/v1/users/me", json!({ "gender": "woman" }))
        .await
        .expect(200);
}

#[tokio::test]
async fn a_group_is_made_read_changed_deleted_and_restored() {
    let api = Api::start().await;
    let (alice, bob) = (api.user("alice").await, api.user("bob").await);
    let made = alice.post("/api/travel-groups", body(json!({}))).await.expect(201);
    let id = made.text_of("id");
    let path = format!("{GROUPS}/{id}");
    assert_eq!((made.header("location"), made.header("etag")), (path.as_str(), "\"1\""));
    let data = made.data();
    assert_eq!(data["current_members_count"], 1);
    assert_eq!(data["free_places"], 9);
    assert_eq!(data["created_by_traveler_id"], alice.id);
    assert_eq!(
        (&data["is_member"], &data["user_role"]),
        (&json!(true), &json!("organizer"))
    );
    assert_eq!(data["members"][0]["username"], "alice");

    let read = bob.get(&path).await.expect(200);
    assert_eq!(
        (&read.data()["is_member"], &read.data()["user_role"]),
        (&json!(false), &Value::Null)
    );
    let open = api.get(&path).await.expect(200);
    assert_eq!(open.data()["members"], json!([]), "who is not signed in sees no names");
    assert_eq!(open.data()["organizer_id"], Value::Null);

    let put = alice.put(&path, json!({ "name": "Nara" })).await.expect(200);
    assert_eq!((&put.data()["name"], put.header("etag")), (&json!("Nara"), "\"2\""));
    assert_eq!(
        put.data()["activity_tags"],
        json!(["food", "temples"]),
        "what is not given stays"
    );
    let cleared = alice.patch(&path, json!({ "description": null })).await.expect(200);
    assert_eq!(cleared.data()["description"], Value::Null);
    assert_eq!(bob.get(&path).await.expect(200).data()["name"], "Nara");

    bob.put(&path, json!({ "name": "Osaka" }))
        .await
        .refused(403, "INSUFFICIENT_PERMISSIONS");
    bob.delete(&path).await.refused(403, "INSUFFICIENT_PERMISSIONS");
    alice.delete(&path).await.expect(200);
    for user in [&alice, &bob] {
        user.get(&path).await.refused(404, "NOT_FOUND");
        user.post(&format!("{path}/join"), json!({}))
            .await
            .refused(404, "NOT_FOUND");
    }
    bob.post(&format!("{path}/restore"), json!({}))
        .await
        .refused(404, "NOT_FOUND");
    alice.post(&format!("{path}/restore"), json!({})).await.expect(200);
    alice
        .post(&format!("{path}/restore"), json!({}))
        .await
        .refused(409, "CONFLICT");
    assert_eq!(alice.get(&path).await.expect(200).data()["name"], "Nara");
}

#[tokio::test]
async fn a_deleted_group_can_be_restored_for_thirty_days_and_then_it_is_gone() {
    let api = Api::start().await;
    let (alice, bob) = (api.user("alice").await, api.user("bob").await);
    let path = group(&alice, json!({ "start_date": "2029-01-01", "end_date": "2029-01-02" })).await;
    join(&bob, &path).await;
    alice.delete(&path).await.expect(200);
    api.advance(jiff::SignedDuration::from_hours(30 * 24) + jiff::SignedDuration::from_secs(2));
    alice
        .post(&format!("{path}/restore"), json!({}))
        .await
        .refused(404, "NOT_FOUND");
    let report = api.run_job(tripsage_tests::Job::PurgeGroups).await.unwrap();
    assert_eq!((report.done, report.failed), (1, 0));
    let left = api.dump().await;
    let left: Vec<String> = left
        .iter()
        .map(|row| format!("{row:?}"))
        .filter(|row| row.contains("MEMBERSHIP#") || row.contains("GROUP#"))
        .collect();
    assert_eq!(left, Vec::<String>::new());
}

#[tokio::test]
async fn bad_fields_are_named() {
    let api = Api::start().await;
    let alice = api.user("alice").await;
    let missing = alice
        .post(GROUPS, json!({ "name": "n" }))
        .await
        .refused_field("destination");
    assert!(missing.body["message"].as_str().unwrap().contains("destination"));
    for (field, fields) in [
        ("name", json!({ "name": " " })),
        ("start_date", json!({ "start_date": "tomorrow" })),
        ("end_date", json!({ "end_date": "2027-03-31" })),
        (
            "end_date",
            json!({ "start_date": "2020-01-01", "end_date": "2020-01-02" }),
        ),
        ("max_members", json!({ "max_members": 1 })),
        ("max_members", json!({ "max_members": 101 })),
        ("group_type", json!({ "group_type": "secret" })),
        ("activity_tags", json!({ "activity_tags": vec!["x"; 10_000] })),
        ("min_sbt_reputation_score", json!({ "min_sbt_reputation_score": 101 })),
        ("organizer_id", json!({ "organizer_id": alice.id })),
    ] {
        alice.post(GROUPS, body(fields)).await.refused_field(field);
    }
    let path = group(&alice, json!({})).await;
    alice
        .patch(&path, json!({ "end_date": "2027-03-01" }))
        .await
        .refused_field("end_date");
    alice
        .get(&format!("{GROUPS}/nonexistent-id"))
        .await
        .refused(404, "NOT_FOUND");
    alice.get(&format!("{GROUPS}?sort=best")).await.refused_field("sort");
    alice.get(&format!("{GROUPS}?type=secret")).await.refused_field("type");
    alice
        .get(&format!("{GROUPS}/matching?start_date=2027-01-01"))
        .await
        .refused_field("end_date");
}

#[tokio::test]
async fn a_repeated_request_makes_one_group() {
    let api = Api::start().await;
    let alice = api.user("alice").await;
    let mut ids = std::collections::BTreeSet::new();
    for _ in 0..3 {
        let request = alice
            .request(reqwest::Method::POST, GROUPS)
            .header("idempotency-key", "once")
            .json(&body(json!({})));
        ids.insert(tripsage_tests::Answer::of(request).await.expect(201).text_of("id"));
    }
    assert_eq!(ids.len(), 1);
    let own = alice.get(&format!("{GROUPS}/memberships")).await.expect(200);
    assert_eq!(own.data()["memberships"].as_array().unwrap().len(), 1);
}
