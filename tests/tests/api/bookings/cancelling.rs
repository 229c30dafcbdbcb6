//! Cancelling: quoted first, then confirmed.

use serde_json::{Value, json};
use tripsage_sandboxes::{Effect, Fault, Provider};
use tripsage_tests::{Api, Job, User};

use super::{BOOKINGS, adult, asked, events, items, minutes, offer, order, orders, paying::held, post, traveller};

/// A booked flight in a trip: its booking, and the trip.
pub(super) async fn booked(api: &Api, user: &User, token: &str, from: &str, to: &str) -> (String, String) {
    let trip = user.trip("Trip").await;
    let offer = offer(api, token, from, to, adult()).await;
    let mut body = order(&offer);
    body["trip_id"] = trip.as_str().into();
    let answer = post(user, BOOKINGS, &format!("book-{trip}"), &body).await.expect(201);
    (answer.text_of("id"), trip)
}

fn fail(api: &Api, effect: Effect, method: &str, path: &str) {
    api.sandboxes()
        .fail(Provider::Duffel, Fault::new(effect).on(method, path));
}

async fn quote(user: &User, booking: &str) -> Value {
    let answer = user
        .post(&format!("{BOOKINGS}/{booking}/cancel"), json!({}))
        .await
        .expect(200);
    answer.data()["cancellation"].clone()
}

async fn confirm(user: &User, booking: &str, key: &str, quote: &Value) -> tripsage_tests::Answer {
    let body = json!({ "confirm": true, "quote_id": quote["quote_id"] });
    post(user, &format!("{BOOKINGS}/{booking}/cancel"), key, &body).await
}

#[tokio::test]
async fn what_was_quoted_is_what_comes_back() {
    let api = Api::start().await;
    let (ann, token) = traveller(&api, "ann").await;
    let (id, trip) = booked(&api, &ann, &token, "LHR", "JFK").await;
    let path = format!("{BOOKINGS}/{id}");
    let price = ann.get(&path).await.expect(200).data()["price"].clone();
    let quoted = quote(&ann, &id).await;
    assert_eq!((&quoted["refund"], &quoted["refund_to"]), (&price, &json!("balance")));
    let expires: jiff::Timestamp = quoted["expires_at"].as_str().unwrap().parse().unwrap();
    assert_eq!(expires, api.now() + minutes(60));
    assert_eq!(
        ann.get(&path).await.expect(200).text_of("status"),
        "booked",
        "a quote cancels nothing"
    );
    assert_eq!(items(&ann, &trip).await[0]["status"], "booked");

    let body = json!({ "confirm": true });
    post(&ann, &format!("{path}/cancel"), "k", &body)
        .await
        .refused_field("quote_id");
    let body = json!({ "confirm": true, "quote_id": quoted["quote_id"] });
    ann.post(&format!("{path}/cancel"), body)
        .await
        .refused(400, "INVALID_IDEMPOTENCY_KEY");
    let wrong = confirm(&ann, &id, "wrong", &json!({ "quote_id": "ore_other" }))
        .await
        .refused(409, "QUOTE_CHANGED");
    let renewed = wrong.body["details"]["context"]["quote"].clone();
    assert_ne!(renewed["quote_id"], quoted["quote_id"]);
    confirm(&ann, &id, "old", &quoted).await.refused(409, "QUOTE_CHANGED");
    let newest = quote(&ann, &id).await;
    let done = confirm(&ann, &id, "yes", &newest).await.expect(200);
    assert_eq!(done.text_of("status"), "cancelled");
    assert_eq!(confirm(&ann, &id, "yes", &newest).await.expect(200).data(), done.data());
    assert!(!orders(&api, &token)[0]["cancelled_at"].is_null());
    assert_eq!(items(&ann, &trip).await[0]["status"], "cancelled");
    let log = events(&ann, &id).await;
    assert_eq!(log[log.len() - 2..], ["cancellation.sending", "booking.cancelled"]);
    confirm(&ann, &id, "again", &newest).await.refused(409, "CONFLICT");
    ann.post(&format!("{path}/cancel"), json!({}))
        .await
        .refused(409, "CONFLICT");
}

#[tokio::test]
async fn a_quote_that_has_run_out_is_made_anew() {
    let api = Api::start().await;
    let (ann, token) = traveller(&api, "ann").await;
    let (id, _) = booked(&api, &ann, &token, "LHR", "JFK").await;
    let quoted = quote(&ann, &id).await;
    api.advance(minutes(61));
    let answer = confirm(&ann, &id, "late", &quoted).await.refused(409, "QUOTE_CHANGED");
    let renewed = answer.body["details"]["context"]["quote"].clone();
    assert_eq!(
        asked(
            &api,
            "POST",
            &format!("/air/order_cancellations/{}/actions/confirm", quoted["quote_id"])
        ),
        0
    );
    assert_eq!(
        confirm(&ann, &id, "in-time", &renewed)
            .await
            .expect(200)
            .text_of("status"),
        "cancelled"
    );
}

#[tokio::test]
async fn credits_and_holds_come_back_in_their_own_way() {
    let api = Api::start().await;
    let (ann, token) = traveller(&api, "ann").await;
    let (id, _) = booked(&api, &ann, &token, "LTN", "SYD").await;
    assert_eq!(quote(&ann, &id).await["refund_to"], "airline_credits");
    let (id, trip) = held(&api, &ann, &token).await;
    let quoted = quote(&ann, &id).await;
    assert_eq!(
        (&quoted["refund"]["amount"], &quoted["refund_to"]),
        (&json!("0.00"), &json!("awaiting_payment"))
    );
    assert_eq!(
        confirm(&ann, &id, "k", &quoted).await.expect(200).text_of("status"),
        "cancelled"
    );
    assert_eq!(items(&ann, &trip).await[0]["status"], "cancelled");
}

#[tokio::test]
async fn a_confirmation_whose_answer_is_lost_is_looked_for() {
    let api = Api::start().await;
    let (ann, token) = traveller(&api, "ann").await;
    let (id, _) = booked(&api, &ann, &token, "LHR", "JFK").await;
    let quoted = quote(&ann, &id).await;
    let path = format!(
        "/air/order_cancellations/{}/actions",
        quoted["quote_id"].as_str().unwrap()
    );
    fail(&api, Effect::LoseReply, "POST", &path);
    assert_eq!(
        confirm(&ann, &id, "k", &quoted).await.expect(200).text_of("status"),
        "cancelled"
    );

    api.sandboxes().reset();
    let (id, _) = booked(&api, &ann, &token, "LHR", "DXB").await;
    let quoted = quote(&ann, &id).await;
    fail(&api, Effect::Reset, "POST", "/air/order_cancellations/");
    let unknown = confirm(&ann, &id, "k2", &quoted).await.expect(202);
    assert_eq!(unknown.text_of("under_way"), "cancelling");
    api.sandboxes().reset();
    for _ in 0..4 {
        api.advance(minutes(1));
        api.run_job(Job::SettleBookings).await.unwrap();
    }
    let booking = ann.get(&format!("{BOOKINGS}/{id}")).await.expect(200);
    assert_eq!(
        (booking.text_of("status"), &booking.data()["under_way"]),
        ("booked".to_owned(), &Value::Null)
    );
    assert_eq!(events(&ann, &id).await.last().unwrap(), "cancellation.not_made");
    let again = quote(&ann, &id).await;
    assert_eq!(
        confirm(&ann, &id, "k3", &again).await.expect(200).text_of("status"),
        "cancelled"
    );
}
