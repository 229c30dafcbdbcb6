use serde_json::json;
use tripsage_sandboxes::{Effect, Fault, Provider};
use tripsage_tests::Api;

use super::{ACTIVITIES, asked, column, number, report};

#[tokio::test]
async fn things_to_do_are_found_filtered_and_read() {
    let api = Api::start().await;
    let alice = api.user("alice").await;
    let found = alice
        .post(ACTIVITIES, json!({ "destination": "Kyoto", "categories": ["culture"] }))
        .await
        .expect(200);
    let data = found.data();
    assert_eq!(report(data, "google_places")["status"], "ok");
    let activities = data["activities"].as_array().unwrap();
    assert!(!activities.is_empty(), "{}", found.text);
    let one = &activities[0];
    assert_eq!(
        (&one["provider"], &one["attribution"]["text"]),
        (&json!("google_places"), &json!("Google Maps"))
    );
    assert!(one["distance_km"].is_number());

    api.forget_calls();
    let body = json!({ "destination": "kyoto-jp", "categories": ["culture"], "rating": 4, "sort_by": "rating" });
    let good = alice.post(ACTIVITIES, body).await.expect(200);
    let ratings: Vec<f64> = column(&good.data()["activities"], "rating")
        .into_iter()
        .map(number)
        .collect();
    assert!(
        ratings.is_sorted_by(|a, b| a >= b) && ratings.iter().all(|rating| *rating >= 4.0),
        "{ratings:?}"
    );
    assert_eq!(asked(&api, Provider::Places), 0);

    let id = one["id"].as_str().unwrap();
    let read = alice.get(&format!("{ACTIVITIES}/{id}")).await.expect(200);
    assert_eq!((&read.data()["id"], &read.data()["name"]), (&one["id"], &one["name"]));
    alice
        .get(&format!("{ACTIVITIES}/nowhere"))
        .await
        .refused(404, "NOT_FOUND");
    alice.post(ACTIVITIES, json!({})).await.refused_field("destination");
    alice
        .post(ACTIVITIES, json!({ "destination": "Kyoto", "categories": ["x"] }))
        .await
        .refused_field("categories[0]");
}

#[tokio::test]
async fn what_google_limits_is_passed_on() {
    let api = Api::start().await;
    let alice = api.user("alice").await;
    let limited = Effect::Answer {
        status: 429,
        headers: Vec::new(),
        body: json!({ "error": { "code": 429, "status": "RESOURCE_EXHAUSTED", "message": "theirs" } }).to_string(),
    };
    api.sandboxes().fail(Provider::Places, Fault::new(limited));
    let answer = alice
        .post(ACTIVITIES, json!({ "destination": "Kyoto" }))
        .await
        .refused(429, "RATE_LIMIT_EXCEEDED");
    assert!(!answer.header("retry-after").is_empty());
    assert!(!answer.text.contains("theirs"), "a provider's own words are not told");
}
