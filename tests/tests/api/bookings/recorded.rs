//! Bookings that were made elsewhere.

use reqwest::Method;
use serde_json::{Value, json};
use tripsage_tests::{Answer, Api};

use super::{BOOKINGS, cancelling::booked, events, items, post, traveller};

fn stay(trip: &str) -> Value {
    json!({
        "kind": "accommodation", "recorded": true, "trip_id": trip, "title": "Flat in Shibuya", "place": "Tokyo",
        "start": { "local_time": "2027-04-01T15:00:00", "time_zone": "Asia/Tokyo" },
        "end": { "local_time": "2027-04-05T10:00:00", "time_zone": "Asia/Tokyo" },
        "price": { "amount": "48000", "currency": "JPY" }, "confirmation_number": "HMABCD1234", "status": "saved",
        "guests": [{ "given_name": "Ann", "family_name": "Lee" }],
    })
}

#[tokio::test]
async fn what_was_bought_elsewhere_stands_in_the_trip() {
    let api = Api::start().await;
    let ann = api.user("ann").await;
    let trip = ann.trip("Tokyo").await;
    let answer = post(&ann, BOOKINGS, "k", &stay(&trip)).await.expect(201);
    let (id, booking) = (answer.text_of("id"), answer.data());
    assert_eq!(
        (&booking["source"], &booking["status"], &booking["live_mode"]),
        (&json!("recorded"), &json!("saved"), &Value::Null)
    );
    assert_eq!(booking["price"], json!({ "amount": "48000", "currency": "JPY" }));
    assert_eq!(booking["start"]["instant"], "2027-04-01T06:00:00Z");
    let item = items(&ann, &trip).await.remove(0);
    assert_eq!(
        (&item["type"], &item["status"]),
        (&json!("accommodation"), &json!("idea"))
    );
    assert_eq!(
        (&item["booking_reference"], &item["cost"]),
        (&json!("HMABCD1234"), &booking["price"])
    );
    assert_eq!(
        post(&ann, BOOKINGS, "k", &stay(&trip)).await.expect(201).data(),
        booking
    );
    assert_eq!(items(&ann, &trip).await.len(), 1);

    let path = format!("{BOOKINGS}/{id}");
    let changed = ann
        .patch(&path, json!({ "status": "booked", "end": { "date": "x" } }))
        .await;
    changed.refused_field("end.date");
    ann.patch(&path, json!({ "end": { "date": "2027-04-04" } }))
        .await
        .refused_field("end");
    let update = json!({
        "status": "booked", "place": null, "price": { "amount": "50000", "currency": "JPY" }, "notes": "key box 12",
    });
    let request = ann
        .request(Method::PATCH, &path)
        .header("if-match", "\"9\"")
        .json(&update);
    Answer::of(request).await.refused(412, "PRECONDITION_FAILED");
    let request = ann
        .request(Method::PATCH, &path)
        .header("if-match", "\"1\"")
        .json(&update);
    let answer = Answer::of(request).await.expect(200);
    assert_eq!(
        (answer.text_of("status"), answer.header("etag")),
        ("booked".to_owned(), "\"2\"")
    );
    let item = items(&ann, &trip).await.remove(0);
    assert_eq!(
        (&item["status"], &item["cost"]["amount"]),
        (&json!("booked"), &json!("50000"))
    );
    assert_eq!((&item["location"], &item["notes"]), (&Value::Null, &Value::Null));
    ann.put(&path, json!({ "status": "saved" }))
        .await
        .refused(409, "CONFLICT");
    ann.post(&format!("{path}/cancel"), json!({}))
        .await
        .refused(409, "CONFLICT");
    ann.put(&path, json!({ "status": "cancelled" })).await.expect(200);
    assert_eq!(items(&ann, &trip).await[0]["status"], "cancelled");
    ann.put(&path, json!({ "status": "booked" }))
        .await
        .refused(409, "CONFLICT");
    ann.put(&path, json!({})).await.expect(400);
    assert_eq!(
        events(&ann, &id).await,
        ["booking.recorded", "booking.confirmed", "booking.cancelled"]
    );
}

#[tokio::test]
async fn what_a_provider_sold_moves_by_the_providers_word() {
    let api = Api::start().await;
    let (ann, token) = traveller(&api, "ann").await;
    let (id, _) = booked(&api, &ann, &token, "LHR", "JFK").await;
    let path = format!("{BOOKINGS}/{id}");
    for change in [
        json!({ "status": "cancelled" }),
        json!({ "status": "failed" }),
        json!({ "price": { "amount": "1.00", "currency": "USD" } }),
        json!({ "title": "mine" }),
        json!({ "confirmation_number": "X" }),
    ] {
        ann.patch(&path, change).await.refused(409, "CONFLICT");
    }
    let noted = ann.patch(&path, json!({ "notes": "window seat" })).await.expect(200);
    assert_eq!(
        (noted.text_of("notes"), noted.text_of("status")),
        ("window seat".to_owned(), "booked".to_owned())
    );
    ann.patch(&path, json!({ "order_id": "ord_1" }))
        .await
        .refused_field("order_id");
    let ben = api.user("ben").await;
    ben.patch(&path, json!({ "notes": "x" }))
        .await
        .refused(404, "NOT_FOUND");
    ben.post(&format!("{path}/pay"), json!({}))
        .await
        .refused(404, "NOT_FOUND");
    ben.post(&format!("{path}/cancel"), json!({}))
        .await
        .refused(404, "NOT_FOUND");
}

#[tokio::test]
async fn an_activity_is_only_ever_written_down() {
    let api = Api::start().await;
    let ann = api.user("ann").await;
    let body = json!({ "kind": "activity", "title": "Tea ceremony", "start": { "date": "2027-04-02" } });
    let answer = post(&ann, BOOKINGS, "k", &body).await.expect(201);
    assert_eq!(
        (answer.text_of("status"), answer.text_of("source")),
        ("booked".to_owned(), "recorded".to_owned())
    );
    let refused = json!({ "kind": "activity", "title": "Tea", "recorded": false });
    post(&ann, BOOKINGS, "k2", &refused).await.refused_field("recorded");
    for (field, value) in [
        ("offer_id", json!("off_1")),
        ("passengers", json!([])),
        ("rate_id", json!("rat_1")),
    ] {
        let mut body = body.clone();
        body[field] = value;
        post(&ann, BOOKINGS, &format!("with-{field}"), &body)
            .await
            .refused_field(field);
    }
    post(&ann, BOOKINGS, "k3", &json!({ "kind": "activity" }))
        .await
        .refused_field("title");
}

#[tokio::test]
async fn a_hundred_identical_records_are_one() {
    let api = Api::start().await;
    let ann = api.user("ann").await;
    let trip = ann.trip("Tokyo").await;
    let mut attempts = tokio::task::JoinSet::new();
    for _ in 0..100 {
        let (ann, body) = (ann.clone(), stay(&trip));
        attempts.spawn(async move { post(&ann, BOOKINGS, "same", &body).await });
    }
    for answer in attempts.join_all().await {
        assert!(
            answer.status == 201 || answer.body["code"] == "REQUEST_IN_PROGRESS",
            "{}",
            answer.text
        );
    }
    assert_eq!(items(&ann, &trip).await.len(), 1);
    assert_eq!(ann.get(BOOKINGS).await.expect(200).data().as_array().unwrap().len(), 1);
}
