use serde_json::json;
use tripsage_tests::Api;

#[tokio::test]
async fn a_trip_is_made_read_changed_deleted_and_restored() {
    let api = Api::start().await;
    let alice = api.user("alice").await;
    let made = alice
        .post(
            "/api/v1/trips",
            json!({
                "title": "Spring in Japan",
                "start_date": "2027-04-01",
                "end_date": "2027-04-14",
                "destinations": ["Tokyo", { "name": "Kyoto", "country": "jp", "coordinates": { "latitude": 35.0, "longitude": 135.8 } }],
                "tags": ["food", "Food", "temples"],
            }),
        )
        .await
        .expect(201);
    let id = made.text_of("id");
    assert_eq!(made.header("location"), format!("/api/v1/trips/{id}"));
    assert_eq!(
        (made.header("etag"), &made.data()["duration_days"]),
        ("\"1\"", &json!(14))
    );
    assert_eq!(made.data()["destinations"][1]["country"], "JP");
    assert_eq!(made.data()["tags"], json!(["food", "temples"]));

    let path = format!("/api/v1/trips/{id}");
    let read = alice.get(&path).await.expect(200);
    assert_eq!(read.data(), made.data());

    let renamed = alice.put(&path, json!({ "title": "Kyoto" })).await.expect(200);
    assert_eq!(
        (renamed.data()["title"].as_str(), renamed.header("etag")),
        (Some("Kyoto"), "\"2\"")
    );
    assert_eq!(
        renamed.data()["tags"],
        json!(["food", "temples"]),
        "what is not given stays"
    );
    let cleared = alice
        .patch(&path, json!({ "description": null, "status": "booked" }))
        .await
        .expect(200);
    assert_eq!(cleared.data()["status"], "booked");
    alice
        .patch(&path, json!({ "status": "planning" }))
        .await
        .refused(409, "CONFLICT");

    alice.delete(&path).await.expect(200);
    alice.get(&path).await.refused(404, "NOT_FOUND");
    assert_eq!(alice.get("/api/v1/trips").await.expect(200).data(), &json!([]));
    assert_eq!(
        alice.get("/api/v1/trips?deleted=true").await.expect(200).data()[0]["id"],
        id
    );
    alice.post(&format!("{path}/restore"), json!({})).await.expect(200);
    assert_eq!(alice.get(&path).await.expect(200).data()["title"], "Kyoto");
}

#[tokio::test]
async fn a_read_costs_one_call_of_each_store() {
    let api = Api::start().await;
    let alice = api.user("alice").await;
    let id = alice.trip("Japan").await;
    api.forget_calls();
    alice.get(&format!("/api/v1/trips/{id}")).await.expect(200);
    assert_eq!(api.calls(), (vec!["GetItem".to_owned()], 1));
    api.forget_calls();
    alice.get("/api/v1/trips").await.expect(200);
    assert_eq!(api.calls(), (vec!["Query".to_owned()], 1));
    api.forget_calls();
    let patch = json!({ "title": "Peru" });
    alice.patch(&format!("/api/v1/trips/{id}"), patch).await.expect(200);
    let calls = ["GetItem", "TransactWriteItems"].map(str::to_owned).to_vec();
    assert_eq!(api.calls(), (calls, 1));
    api.forget_calls();
    alice.trip("Peru").await;
    assert_eq!(api.calls(), (vec!["TransactWriteItems".to_owned()], 1));
}
