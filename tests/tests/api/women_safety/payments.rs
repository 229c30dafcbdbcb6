//! Whether guides were paid, as they say.

use jiff::SignedDuration;
use reqwest::Method;
use serde_json::{Value, json};
use tripsage_tests::{Answer, Api, User};

use super::{ROOT, booked, moderator, step, verified};

async fn pay(user: &User, booking: &str, status: &str) -> Answer {
    let body = json!({ "payment_status": status });
    user.post(&format!("{ROOT}/bookings/{booking}/payment"), body).await
}

#[tokio::test]
async fn a_booking_is_paid_once_it_is_confirmed_and_refunded_once_it_was_paid() {
    let api = Api::start().await;
    let moderator = moderator(&api).await;
    let (asha, guide) = verified(&api, &moderator, "asha").await;
    let ann = api.user("ann").await;
    let booking = booked(&api, &ann, &guide, 10, 12).await;
    let path = format!("{ROOT}/bookings/{booking}");
    let state = async || {
        let shown = ann.get(&path).await.expect(200);
        (shown.text_of("payment_status"), shown.data()["refund_due"] == true)
    };
    assert_eq!(state().await, ("unpaid".to_owned(), false));
    for status in ["paid", "refunded", "unpaid"] {
        pay(&asha, &booking, status).await.refused(409, "CONFLICT");
    }
    step(&asha, &booking, "confirm").await.expect(200);
    pay(&asha, &booking, "refunded").await.refused(409, "CONFLICT");
    api.advance(SignedDuration::from_secs(60));
    let paid = pay(&asha, &booking, "paid").await.expect(200);
    assert_eq!(
        (paid.text_of("payment_status"), paid.header("etag")),
        ("paid".to_owned(), "\"3\"")
    );
    for status in ["paid", "unpaid"] {
        pay(&asha, &booking, status).await.refused(409, "CONFLICT");
    }
    let cancelled = step(&ann, &booking, "cancel").await.expect(200);
    assert_eq!(
        (&cancelled.data()["status"], &cancelled.data()["refund_due"]),
        (&json!("cancelled"), &json!(true))
    );
    let refunded = pay(&asha, &booking, "refunded").await.expect(200);
    assert_eq!(state().await, ("refunded".to_owned(), false));
    let events = refunded.data()["events"].as_array().unwrap().iter();
    let log: Vec<(&Value, &Value, &Value)> = events
        .map(|event| (&event["status"], &event["payment_status"], &event["actor"]))
        .collect();
    let word = |text: &str| json!(text);
    let (pending, confirmed, cancelled) = (word("pending"), word("confirmed"), word("cancelled"));
    let (paid, refunded_to, traveler, guided) = (word("paid"), word("refunded"), word("traveler"), word("guide"));
    assert_eq!(
        log,
        [
            (&pending, &Value::Null, &traveler),
            (&confirmed, &Value::Null, &guided),
            (&confirmed, &paid, &guided),
            (&cancelled, &Value::Null, &traveler),
            (&cancelled, &refunded_to, &guided),
        ]
    );
    let confirmed_at = refunded.data()["confirmation_date"].as_str().unwrap();
    assert_eq!(
        confirmed_at,
        refunded.data()["events"][1]["at"],
        "a payment is no confirmation"
    );
    let trail = asha.get("/api/v1/users/me/activity?per_page=100").await.expect(200);
    for action in ["guide.booking.paid", "guide.booking.refunded"] {
        assert!(trail.text.contains(action), "{action}");
    }
}

#[tokio::test]
async fn the_guide_says_whether_they_were_paid_and_nobody_else() {
    let api = Api::start().await;
    let moderator = moderator(&api).await;
    let (asha, guide) = verified(&api, &moderator, "asha").await;
    let (ann, eve) = (api.user("ann").await, api.user("eve").await);
    let booking = booked(&api, &ann, &guide, 1, 1).await;
    step(&asha, &booking, "confirm").await.expect(200);
    pay(&ann, &booking, "paid")
        .await
        .refused(403, "INSUFFICIENT_PERMISSIONS");
    for stranger in [&eve, &moderator] {
        pay(stranger, &booking, "paid").await.refused(404, "NOT_FOUND");
    }
    let path = format!("{ROOT}/bookings/{booking}/payment");
    let body = json!({ "payment_status": "paid" });
    api.post(&path, body.clone())
        .await
        .refused(401, "MISSING_AUTHORIZATION");
    asha.post(&path, json!({})).await.refused_field("payment_status");
    pay(&asha, &booking, "stolen").await.refused_field("payment_status");
    let more = json!({ "payment_status": "paid", "amount": 1 });
    asha.post(&path, more).await.refused_field("amount");
    let stale = asha.request(Method::POST, &path).header("if-match", "\"1\"");
    Answer::of(stale.json(&body)).await.refused(412, "PRECONDITION_FAILED");

    // Of those who come at the same time one is told that it is paid already.
    let tries = (0..4).map(|_| {
        let (asha, booking) = (asha.clone(), booking.clone());
        tokio::spawn(async move { pay(&asha, &booking, "paid").await.status })
    });
    let mut statuses = Vec::new();
    for attempt in tries.collect::<Vec<_>>() {
        statuses.push(attempt.await.unwrap());
    }
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 409, 409, 409]);
    // What is paid can still be carried out, and be given back after that.
    api.advance(SignedDuration::from_hours(26));
    let completed = step(&asha, &booking, "complete").await.expect(200);
    assert_eq!(completed.text_of("payment_status"), "paid");
    for _ in 0..2 {
        let request = asha.request(Method::POST, &path).header("idempotency-key", "once");
        let refunded = Answer::of(request.json(&json!({ "payment_status": "refunded" })));
        assert_eq!(refunded.await.expect(200).text_of("payment_status"), "refunded");
    }
}
