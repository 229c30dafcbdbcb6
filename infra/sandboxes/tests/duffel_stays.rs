//! Stays: searched, quoted, booked and cancelled.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "the whole crate is a test"
)]

mod support;

use serde_json::{Value, json};
use support::{HOUR, Lab, TOKEN, amount};

fn wanted() -> Value {
    json!({
        "check_in_date": "2027-06-01", "check_out_date": "2027-06-04", "rooms": 1,
        "guests": [{ "type": "adult" }, { "type": "child", "age": 5 }],
        "location": { "radius": 5, "geographic_coordinates": { "latitude": 38.7, "longitude": -9.14 } },
    })
}

#[tokio::test]
async fn hotels_are_the_same_every_time() {
    let lab = Lab::start().await;
    let first = lab.post("/stays/search", wanted()).await.data(200);
    let second = lab.post("/stays/search", wanted()).await.data(200);
    let ids = |search: &Value| -> Vec<Value> {
        let results = search["results"].as_array().unwrap().iter();
        results.map(|result| result["accommodation"]["id"].clone()).collect()
    };
    assert!(ids(&first).len() >= 4);
    assert_eq!(ids(&first), ids(&second));
    let named = json!({
        "check_in_date": "2027-06-01", "check_out_date": "2027-06-04", "rooms": 1, "guests": [{ "type": "adult" }],
        "accommodation": { "ids": [ids(&first)[0]], "fetch_rates": true },
    });
    let named = lab.post("/stays/search", named).await.data(200);
    assert_eq!(ids(&named), [ids(&first)[0].clone()]);
    assert_eq!(
        named["results"][0]["accommodation"]["rooms"][0]["rates"]
            .as_array()
            .unwrap()
            .len(),
        3
    );
}

#[tokio::test]
async fn from_the_search_to_the_cancellation() {
    let lab = Lab::start().await;
    let search = lab.post("/stays/search", wanted()).await.data(200);
    let result = &search["results"][0];
    let path = format!(
        "/stays/search_results/{}/actions/fetch_all_rates",
        result["id"].as_str().unwrap()
    );
    let rates = lab.post(&path, json!({})).await.data(200);
    let rates = rates["accommodation"]["rooms"][0]["rates"].as_array().unwrap().clone();
    assert_eq!(rates[0]["total_amount"], result["cheapest_rate_total_amount"]);
    assert_eq!(rates[0]["cancellation_timeline"], json!([]));
    let refund = &rates[1]["cancellation_timeline"][0];
    assert_eq!(refund["refund_amount"], rates[1]["total_amount"]);
    assert_eq!(refund["before"], "2027-05-30T00:00:00.000000Z");

    let quote = lab
        .post("/stays/quotes", json!({ "rate_id": rates[1]["id"] }))
        .await
        .data(201);
    assert_eq!(quote["total_amount"], rates[1]["total_amount"]);
    let booking = json!({
        "quote_id": quote["id"], "email": "ada@example.com", "phone_number": "+442080160509",
        "guests": [{ "given_name": "Ada", "family_name": "Lovelace" }],
    });
    let booked = lab.post("/stays/bookings", booking.clone()).await.data(201);
    assert_eq!(
        (&booked["status"], &booked["live_mode"]),
        (&json!("confirmed"), &json!(false))
    );
    assert!(amount(&booked["total_amount"]) > 100.0);
    lab.post("/stays/bookings", booking)
        .await
        .refused(422, "invalid_state_error", "duplicate_booking");
    let cancel = format!("/stays/bookings/{}/actions/cancel", booked["id"].as_str().unwrap());
    assert_eq!(lab.post(&cancel, json!({})).await.data(200)["status"], "cancelled");
    lab.post(&cancel, json!({}))
        .await
        .refused(422, "invalid_state_error", "already_cancelled");
    assert_eq!(lab.get("/stays/bookings").await.data(200).as_array().unwrap().len(), 1);
    assert_eq!(lab.sandboxes.duffel().stays(TOKEN).len(), 1);
}

#[tokio::test]
async fn what_is_wrong_or_too_late_is_refused() {
    let lab = Lab::start().await;
    let mut lost = wanted();
    lost["location"]["geographic_coordinates"]["latitude"] = json!(91);
    let answer = lab.post("/stays/search", lost).await;
    let error = answer.refused(422, "validation_error", "validation_required");
    assert_eq!(error["source"]["field"], "latitude");
    let answer = lab
        .post_as("duffel_test_nostays_0123456789", "/stays/search", wanted())
        .await;
    answer.refused(403, "invalid_request_error", "unavailable_feature");

    let search = lab.post("/stays/search", wanted()).await.data(200);
    let path = format!(
        "/stays/search_results/{}/actions/fetch_all_rates",
        search["results"][0]["id"].as_str().unwrap()
    );
    let rates = lab.post(&path, json!({})).await.data(200);
    let rate = json!({ "rate_id": rates["accommodation"]["rooms"][0]["rates"][0]["id"] });
    let quote = lab.post("/stays/quotes", rate.clone()).await.data(201);
    lab.advance(HOUR);
    assert_eq!(lab.post("/stays/quotes", rate).await.status, 422);
    let booking = json!({
        "quote_id": quote["id"], "email": "ada@example.com", "phone_number": "+442080160509",
        "guests": [{ "given_name": "Ada", "family_name": "Lovelace" }],
    });
    lab.post("/stays/bookings", booking)
        .await
        .refused(422, "invalid_state_error", "quote_expired");
}
