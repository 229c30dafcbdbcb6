//! How safe travellers say that itineraries are.

mod counted;
mod lists;
mod writing;

use serde_json::{Value, json};
use tripsage_tests::{Answer, User};

use crate::itineraries::made;

/// Makes a published itinerary; gives its id.
async fn itinerary(user: &User) -> String {
    let path = made(user, &json!({})).await;
    path.rsplit('/').next().unwrap().to_owned()
}

async fn rate(user: &User, itinerary: &str, fields: &Value) -> Answer {
    let mut body = json!({ "itinerary_id": itinerary, "overall_safety_score": 4 });
    body.as_object_mut()
        .unwrap()
        .extend(fields.as_object().unwrap().clone());
    user.post("/api/safety-ratings", body).await
}

/// Rates; gives the path of the rating.
pub(crate) async fn rated(user: &User, itinerary: &str, fields: &Value) -> String {
    let rating = rate(user, itinerary, fields).await.expect(201);
    format!("/api/safety-ratings/{}", rating.text_of("id"))
}
