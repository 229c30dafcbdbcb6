//! Orders that are held, and paid later.

use serde_json::{Value, json};
use tripsage_sandboxes::{Effect, Fault, Provider};
use tripsage_tests::{Api, Job, User};

use super::{BOOKINGS, adult, asked, events, items, minutes, offer, order, orders, post, traveller};

/// A held order in a trip: its booking, and the trip.
pub(super) async fn held(api: &Api, user: &User, token: &str) -> (String, String) {
    let trip = user.trip("Newark").await;
    let offer = offer(api, token, "JFK", "EWR", adult()).await;
    let mut body = order(&offer);
    body["type"] = "hold".into();
    body["trip_id"] = trip.as_str().into();
    let answer = post(user, BOOKINGS, &format!("hold-{trip}"), &body).await.expect(201);
    (answer.text_of("id"), trip)
}

fn fail(api: &Api, effect: Effect, method: &str, path: &str) {
    api.sandboxes()
        .fail(Provider::Duffel, Fault::new(effect).on(method, path));
}

#[tokio::test]
async fn a_held_order_is_paid_once() {
    let api = Api::start().await;
    let (ann, token) = traveller(&api, "ann").await;
    let (id, trip) = held(&api, &ann, &token).await;
    let path = format!("{BOOKINGS}/{id}");
    let booking = ann.get(&path).await.expect(200);
    assert_eq!(booking.text_of("status"), "held");
    for (field, hours) in [("payment_required_by", 72), ("price_guarantee_expires_at", 48)] {
        let at: jiff::Timestamp = booking.text_of(field).parse().unwrap();
        assert_eq!(at, api.now() + jiff::SignedDuration::from_hours(hours), "{field}");
    }
    assert_eq!(items(&ann, &trip).await[0]["status"], "planned");

    let pay = format!("{path}/pay");
    ann.post(&pay, json!({})).await.refused(400, "INVALID_IDEMPOTENCY_KEY");
    let other = json!({ "expected_total": { "amount": "1.00", "currency": "USD" } });
    let refused = post(&ann, &pay, "cheap", &other).await.refused(409, "PRICE_CHANGED");
    assert_eq!(refused.body["details"]["context"]["new"], booking.data()["price"]);
    assert_eq!(asked(&api, "POST", "/air/payments"), 0);

    let mut attempts = tokio::task::JoinSet::new();
    for index in 0..20 {
        let (ann, pay) = (ann.clone(), pay.clone());
        // Some with the same key, some with others.
        attempts.spawn(async move { post(&ann, &pay, &format!("pay-{}", index % 4), &json!({})).await });
    }
    for answer in attempts.join_all().await {
        let code = answer.body["code"].as_str().unwrap_or_default().to_owned();
        let known = matches!(code.as_str(), "CONFLICT" | "EDIT_CONFLICT" | "REQUEST_IN_PROGRESS");
        assert!(
            answer.status == 200 || (answer.status == 409 && known),
            "{}",
            answer.text
        );
    }
    assert_eq!(asked(&api, "POST", "/air/payments"), 1);
    assert_eq!(ann.get(&path).await.expect(200).text_of("status"), "booked");
    assert_eq!(items(&ann, &trip).await[0]["status"], "booked");
    let log = events(&ann, &id).await;
    assert_eq!(log[log.len() - 2..], ["payment.sending", "payment.succeeded"]);
    post(&ann, &pay, "again", &json!({})).await.refused(409, "CONFLICT");
    api.advance(minutes(60 * 24 * 5));
    api.run_job(Job::SettleBookings).await.unwrap();
    assert_eq!(ann.get(&path).await.expect(200).text_of("status"), "booked");
}

#[tokio::test]
async fn a_hold_expires_when_the_order_says_so() {
    let api = Api::start().await;
    let (ann, token) = traveller(&api, "ann").await;
    let (id, trip) = held(&api, &ann, &token).await;
    api.advance(minutes(60 * 71));
    assert_eq!(
        api.run_job(Job::SettleBookings).await.unwrap().done,
        0,
        "not before its time"
    );
    api.advance(minutes(61));
    // By the clock it is over; as long as the order cannot be read, that is not said.
    fail(&api, Effect::Reset, "GET", "/air/orders");
    api.run_job(Job::SettleBookings).await.unwrap();
    let path = format!("{BOOKINGS}/{id}");
    assert_eq!(ann.get(&path).await.expect(200).text_of("status"), "held");
    api.sandboxes().reset();
    api.advance(minutes(20));
    api.run_job(Job::SettleBookings).await.unwrap();
    assert_eq!(ann.get(&path).await.expect(200).text_of("status"), "expired");
    assert_eq!(events(&ann, &id).await.last().unwrap(), "booking.expired");
    assert_eq!(items(&ann, &trip).await[0]["status"], "cancelled");
    post(&ann, &format!("{path}/pay"), "late", &json!({}))
        .await
        .refused(409, "CONFLICT");
    post(&ann, &format!("{path}/cancel"), "late", &json!({}))
        .await
        .refused(409, "CONFLICT");
}

#[tokio::test]
async fn a_payment_whose_answer_is_lost_is_looked_for() {
    let api = Api::start().await;
    let (ann, token) = traveller(&api, "ann").await;
    let (id, _) = held(&api, &ann, &token).await;
    let path = format!("{BOOKINGS}/{id}");
    fail(&api, Effect::LoseReply, "POST", "/air/payments");
    let paid = post(&ann, &format!("{path}/pay"), "k", &json!({})).await.expect(200);
    assert_eq!(paid.text_of("status"), "booked");
    assert_eq!(asked(&api, "POST", "/air/payments"), 1);

    api.sandboxes().reset();
    let (id, trip) = held(&api, &ann, &token).await;
    let path = format!("{BOOKINGS}/{id}");
    fail(&api, Effect::Reset, "POST", "/air/payments");
    let unknown = post(&ann, &format!("{path}/pay"), "k2", &json!({})).await.expect(202);
    assert_eq!(
        (unknown.text_of("status"), unknown.text_of("under_way")),
        ("held".to_owned(), "paying".to_owned())
    );
    post(&ann, &format!("{path}/pay"), "k3", &json!({}))
        .await
        .refused(409, "CONFLICT");
    api.sandboxes().reset();
    for _ in 0..4 {
        api.advance(minutes(1));
        api.run_job(Job::SettleBookings).await.unwrap();
    }
    let booking = ann.get(&path).await.expect(200);
    assert_eq!(
        (booking.text_of("status"), &booking.data()["under_way"]),
        ("held".to_owned(), &Value::Null)
    );
    assert_eq!(events(&ann, &id).await.last().unwrap(), "payment.not_made");
    post(&ann, &format!("{path}/pay"), "k4", &json!({})).await.expect(200);
    assert_eq!(items(&ann, &trip).await[0]["status"], "booked");
    assert_eq!(orders(&api, &token).len(), 2);
}
