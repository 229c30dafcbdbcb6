//! What travellers ask and tell one another about an itinerary.

mod counted;
mod lists;
mod threads;

use serde_json::{Value, json};
use tripsage_tests::{Answer, User};

use crate::itineraries::made;

/// Makes a published itinerary; gives its id.
async fn itinerary(user: &User) -> String {
    let path = made(user, &json!({})).await;
    path.rsplit('/').next().unwrap().to_owned()
}

async fn tell(user: &User, itinerary: &str, fields: &Value) -> Answer {
    let mut body = json!({
        "itinerary_id": itinerary, "intel_type": "tip", "title": "Early train", "content": "Take the one at six",
    });
    body.as_object_mut()
        .unwrap()
        .extend(fields.as_object().unwrap().clone());
    user.post("/api/travel-intel", body).await
}

/// Tells something; gives its id.
pub(crate) async fn told(user: &User, itinerary: &str, fields: &Value) -> String {
    tell(user, itinerary, fields).await.expect(201).text_of("id")
}

pub(crate) fn path(id: &str) -> String {
    format!("/api/travel-intel/{id}")
}

/// Lets somebody say something of a friend's itinerary in every way there is.
pub(crate) async fn use_remarks(user: &User, friend: &User, canary: &str) {
    let id = itinerary(friend).await;
    let rating = json!({ "overall_safety_score": 4, "detailed_feedback": canary });
    user.post(&format!("/api/itineraries/{id}/rating"), rating)
        .await
        .expect(201);
    let one = told(user, &id, &json!({ "content": canary })).await;
    let response = json!({ "response_status": canary });
    user.post(&format!("{}/respond", path(&one)), response)
        .await
        .expect(200);
}
