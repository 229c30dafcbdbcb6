//! Stays: quoted, booked and cancelled at the sandbox.

use serde_json::{Value, json};
use tripsage_sandboxes::{Effect, Fault, Provider};
use tripsage_tests::{Answer, Api, Job};

use super::{BOOKINGS, asked, events, items, minutes, post, traveller};

/// The cheapest rate of a hotel in London in some weeks, found with this key.
pub(super) async fn rate(api: &Api, token: &str) -> Value {
    let url = api.sandboxes().url(Provider::Duffel);
    let send = async |path: String, data: Value| {
        let request = reqwest::Client::new().post(format!("{url}{path}")).bearer_auth(token);
        let answer = Answer::of(request.header("duffel-version", "v2").json(&json!({ "data": data }))).await;
        assert!(answer.status < 300, "{}", answer.text);
        answer.body["data"].clone()
    };
    let center = json!({ "latitude": 51.5072, "longitude": -0.1276 });
    let search = json!({
        "check_in_date": "2027-04-05", "check_out_date": "2027-04-08", "rooms": 1, "guests": [{ "type": "adult" }],
        "location": { "radius": 10, "geographic_coordinates": center },
    });
    let found = send("/stays/search".to_owned(), search).await;
    let result = found["results"][0]["id"].as_str().unwrap().to_owned();
    let rates = send(
        format!("/stays/search_results/{result}/actions/fetch_all_rates"),
        json!({}),
    )
    .await;
    let rooms = rates["accommodation"]["rooms"].as_array().unwrap().clone();
    let all = rooms.iter().flat_map(|room| room["rates"].as_array().unwrap());
    let refundable = |rate: &&Value| !rate["cancellation_timeline"].as_array().unwrap().is_empty();
    all.into_iter()
        .find(refundable)
        .expect("a rate that can be cancelled")
        .clone()
}

pub(super) fn stay(rate: &Value) -> Value {
    json!({
        "kind": "accommodation", "rate_id": rate["id"], "guests": [{ "given_name": "Amelia", "family_name": "Earhart" }],
        "email": "canary-guest@example.com", "phone_number": "+442080160509",
        "expected_total": { "amount": rate["total_amount"], "currency": rate["total_currency"] },
    })
}

#[tokio::test]
async fn a_stay_is_booked_and_cancelled_by_its_timeline() {
    let api = Api::start().await;
    let (ann, token) = traveller(&api, "ann").await;
    let trip = ann.trip("London").await;
    let rate = rate(&api, &token).await;
    let mut body = stay(&rate);
    body["trip_id"] = trip.as_str().into();
    let mut wrong = body.clone();
    wrong["expected_total"]["amount"] = "1.00".into();
    post(&ann, BOOKINGS, "k", &wrong).await.refused(409, "PRICE_CHANGED");
    assert_eq!(asked(&api, "POST", "/stays/bookings"), 0);

    let answer = post(&ann, BOOKINGS, "k", &body).await.expect(201);
    let (id, booking) = (answer.text_of("id"), answer.data());
    assert_eq!(
        (&booking["kind"], &booking["status"]),
        (&json!("accommodation"), &json!("booked"))
    );
    let made = api.sandboxes().duffel().stays(&token);
    assert_eq!(
        (made.len(), &booking["confirmation_number"]),
        (1, &made[0]["reference"])
    );
    assert_eq!(booking["price"]["amount"], rate["total_amount"]);
    assert_eq!(
        (&booking["start"]["date"], &booking["end"]["date"]),
        (&json!("2027-04-05"), &json!("2027-04-08"))
    );
    let item = items(&ann, &trip).await.remove(0);
    assert_eq!(
        (&item["type"], &item["status"]),
        (&json!("accommodation"), &json!("booked"))
    );
    assert_eq!(item["booking_reference"], booking["confirmation_number"]);
    assert!(
        !api.dump()
            .await
            .iter()
            .any(|row| row.item.to_string().contains("canary-guest"))
    );

    let path = format!("{BOOKINGS}/{id}/cancel");
    let quoted = ann.post(&path, json!({})).await.expect(200).data()["cancellation"].clone();
    assert_eq!(
        quoted["refund"]["amount"],
        rate["cancellation_timeline"][0]["refund_amount"]
    );
    let confirm = json!({ "confirm": true, "quote_id": quoted["quote_id"] });
    let done = post(&ann, &path, "yes", &confirm).await.expect(200);
    assert_eq!(done.text_of("status"), "cancelled");
    assert_eq!(api.sandboxes().duffel().stays(&token)[0]["status"], "cancelled");
    assert_eq!(items(&ann, &trip).await[0]["status"], "cancelled");
    post(&ann, &path, "again", &confirm).await.refused(409, "CONFLICT");
}

#[tokio::test]
async fn a_stay_whose_answer_is_lost_is_looked_for() {
    let api = Api::start().await;
    let (ann, token) = traveller(&api, "ann").await;
    let rate = rate(&api, &token).await;
    let lost = Fault::new(Effect::LoseReply).on("POST", "/stays/bookings");
    api.sandboxes().fail(Provider::Duffel, lost);
    let answer = post(&ann, BOOKINGS, "k", &stay(&rate)).await.expect(201);
    assert!(
        events(&ann, &answer.text_of("id"))
            .await
            .contains(&"outcome.unknown".to_owned())
    );
    assert_eq!(api.sandboxes().duffel().stays(&token).len(), 1);

    api.sandboxes().reset();
    let (ben, token) = traveller(&api, "ben").await;
    let rate = self::rate(&api, &token).await;
    api.sandboxes().fail(
        Provider::Duffel,
        Fault::new(Effect::Reset).on("POST", "/stays/bookings"),
    );
    let id = post(&ben, BOOKINGS, "k", &stay(&rate)).await.expect(202).text_of("id");
    api.sandboxes().reset();
    for _ in 0..4 {
        api.advance(minutes(1));
        api.run_job(Job::SettleBookings).await.unwrap();
    }
    assert_eq!(
        ben.get(&format!("{BOOKINGS}/{id}")).await.expect(200).text_of("status"),
        "failed"
    );
    assert_eq!(api.sandboxes().duffel().stays(&token), Vec::<Value>::new());
}

#[tokio::test]
async fn what_is_wrong_with_a_stay_is_named() {
    let api = Api::start().await;
    let (ann, token) = traveller(&api, "ann").await;
    let rate = rate(&api, &token).await;
    for (field, value) in [
        ("guests", json!([])),
        ("guests", Value::Null),
        ("email", json!("x")),
        ("phone_number", json!("020")),
        ("rate_id", json!("a/b")),
        ("passengers", json!([])),
        ("price", json!({ "amount": "1.00", "currency": "USD" })),
    ] {
        let mut body = stay(&rate);
        body[field] = value;
        post(&ann, BOOKINGS, &format!("with-{field}"), &body)
            .await
            .refused_field(field);
    }
    let mut body = stay(&rate);
    body["rate_id"] = "rat_0000nothing".into();
    post(&ann, BOOKINGS, "gone", &body).await.refused(409, "OFFER_GONE");
    assert_eq!(asked(&api, "POST", "/stays/bookings"), 0);
}
