//! What travellers write for others.

mod erasure;
mod inputs;
mod lists;
mod parts;
mod remix;
mod routes;
mod writing;

use serde_json::{Value, json};
use tripsage_tests::User;

/// The body of the first seed that asks for itineraries, word for word.
pub fn seed() -> Value {
    json!({
        "title": "3-Day Tokyo Adventure",
        "destination": "Tokyo, Japan",
        "duration_days": 3,
        "budget_range": "medium",
        "activity_tags": ["cultural", "food"],
        "description": "Experience authentic Tokyo",
    })
}

/// The seed's body with other fields.
pub fn with(fields: &Value) -> Value {
    let mut body = seed();
    body.as_object_mut()
        .unwrap()
        .extend(fields.as_object().unwrap().clone());
    body
}

/// Makes an itinerary; gives its path.
pub async fn made(user: &User, fields: &Value) -> String {
    let made = user.post("/api/v1/itineraries", with(fields)).await.expect(201);
    format!("/api/v1/itineraries/{}", made.text_of("id"))
}

/// Lets somebody publish an itinerary with one of everything, and keep a draft; `canary` is in every text.
pub async fn use_itineraries(user: &User, canary: &str) {
    let points = json!([{ "lat": 1, "lng": 2, "name": canary }, { "lat": 1, "lng": 3 }]);
    let fields = json!({
        "title": canary, "description": canary, "destination": canary, "activity_tags": [canary],
        "travel_companions": [{ "name": canary }], "trip_journey": canary, "route_waypoints": points,
    });
    let path = made(user, &fields).await;
    for (kind, part) in [
        ("days", json!({ "day_number": 1, "title": canary })),
        ("businesses", json!({ "name": canary })),
        ("hidden-gems", json!({ "name": canary })),
        ("safety-alerts", json!({ "alert_type": "t", "title": canary })),
    ] {
        user.post(&format!("{path}/{kind}"), part).await.expect(201);
    }
    let draft = json!({ "title": canary, "status": "draft" });
    made(user, &draft).await;
    let deleted = made(user, &draft).await;
    user.delete(&deleted).await.expect(200);
}
