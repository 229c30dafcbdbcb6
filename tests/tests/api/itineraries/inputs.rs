use serde_json::{Value, json};
use tripsage_tests::Api;

use super::{made, with};

#[tokio::test]
async fn what_is_wrong_is_refused_with_its_field() {
    let api = Api::start().await;
    let alice = api.user("alice").await;
    let path = made(&alice, &json!({})).await;
    let tags: Vec<String> = (0..10_000).map(|number| format!("tag{number}")).collect();
    let many = |count: usize| vec!["x"; count];
    let cases: Vec<(Value, &str)> = vec![
        (json!({ "title": "Test" }), "title"),
        (json!({ "title": "x".repeat(201) }), "title"),
        (json!({ "title": 7 }), "title"),
        (json!({ "description": "" }), "description"),
        (json!({ "description": "x".repeat(10_001) }), "description"),
        (json!({ "destination": "  " }), "destination"),
        (json!({ "destination": "a\u{202e}b" }), "destination"),
        (json!({ "tagline": "x".repeat(301) }), "tagline"),
        (
            json!({ "start_date": "2027-04-02", "end_date": "2027-04-01" }),
            "end_date",
        ),
        (json!({ "start_date": "2027-02-30" }), "start_date"),
        (json!({ "start_date": "tomorrow" }), "start_date"),
        (
            json!({ "start_date": "2027-04-01", "end_date": "2027-04-02", "duration_days": 9 }),
            "duration_days",
        ),
        (json!({ "duration_days": 0 }), "duration_days"),
        (json!({ "duration_days": 367 }), "duration_days"),
        (json!({ "duration_days": -1 }), "duration_days"),
        (json!({ "difficulty_level": "impossible" }), "difficulty_level"),
        (json!({ "budget_amount": -1 }), "budget_amount"),
        (json!({ "budget_amount": "-0.01" }), "budget_amount"),
        (json!({ "budget_amount": "a lot" }), "budget_amount"),
        (
            json!({ "budget_amount": 1, "budget_currency": "XXQ" }),
            "budget_currency",
        ),
        (json!({ "budget_range": "free" }), "budget_range"),
        (json!({ "activity_tags": tags }), "activity_tags"),
        (json!({ "activity_tags": ["a#b"] }), "activity_tags"),
        (json!({ "activity_tags": [""] }), "activity_tags"),
        (json!({ "regions": many(21) }), "regions"),
        (json!({ "categories": many(21) }), "categories"),
        (json!({ "screenshots": many(21) }), "screenshots"),
        (json!({ "screenshots": ["http://example.com/a.png"] }), "screenshots[0]"),
        (json!({ "demo_url": "javascript:alert(1)" }), "demo_url"),
        (json!({ "starting_point_gps": "91,0" }), "starting_point_gps"),
        (
            json!({ "ending_point_gps": { "latitude": 0, "longitude": 181 } }),
            "ending_point_gps",
        ),
        (
            json!({ "travel_companions": [{ "role": "cook" }] }),
            "travel_companions[0].name",
        ),
        (json!({ "trip_journey": "x".repeat(5001) }), "trip_journey"),
        (json!({ "status": "featured" }), "status"),
        (json!({ "status": "draft", "is_published": true }), "status"),
        (json!({ "is_featured": true }), "is_featured"),
        (json!({ "user_id": "7" }), "user_id"),
        (json!({ "proof_score": 100 }), "proof_score"),
    ];
    for (fields, field) in cases {
        alice
            .post("/api/v1/itineraries", with(&fields))
            .await
            .refused_field(field);
        alice.put(&path, fields).await.refused_field(field);
    }
    let sources = [
        (json!({ "is_remixed": true }), "is_remixed"),
        (json!({ "remixed_from_ids": ["7"] }), "remixed_from_ids"),
        (
            json!({ "remixed_from_ids": ["3f2b8a52-6c1e-4a52-9d3e-0c5b1f7a9e10"] }),
            "remixed_from_ids[0]",
        ),
    ];
    for (fields, field) in sources {
        alice
            .post("/api/v1/itineraries", with(&fields))
            .await
            .refused_field(field);
    }
    let large = json!({ "trip_journey": "x".repeat(300_000) });
    alice
        .post("/api/v1/itineraries", with(&large))
        .await
        .refused(413, "PAYLOAD_TOO_LARGE");
    assert_eq!(
        alice
            .get("/api/v1/itineraries/mine")
            .await
            .expect(200)
            .data()
            .as_array()
            .unwrap()
            .len(),
        1
    );
}
