//! Orders that do not come about, each for its own reason.

use serde_json::{Value, json};
use tripsage_sandboxes::{Effect, Fault, Provider};
use tripsage_tests::Api;

use super::{BOOKINGS, adult, asked, events, minutes, offer, order, orders, passenger, post, traveller};

#[tokio::test]
async fn each_failure_has_its_own_answer_and_no_order() {
    let api = Api::start().await;
    let (ann, token) = traveller(&api, "ann").await;
    for (origin, destination, status, code, reason) in [
        ("LHR", "LGW", 422, "SUPPLIER_REFUSED", "supplier_refused"),
        ("LGW", "LHR", 409, "OFFER_GONE", "offer_unavailable"),
        ("LGW", "STN", 422, "INSUFFICIENT_BALANCE", "insufficient_balance"),
    ] {
        let offer = offer(&api, &token, origin, destination, adult()).await;
        let key = format!("{origin}-{destination}");
        let answer = post(&ann, BOOKINGS, &key, &order(&offer)).await.refused(status, code);
        let id = answer.body["details"]["context"]["booking_id"]
            .as_str()
            .unwrap()
            .to_owned();
        let booking = ann.get(&format!("{BOOKINGS}/{id}")).await.expect(200);
        assert_eq!(
            (&booking.data()["status"], &booking.data()["failure"]["reason"]),
            (&json!("failed"), &json!(reason))
        );
        assert_eq!(events(&ann, &id).await.last().unwrap(), "booking.failed");
        // The same again says the same, and orders nothing.
        let before = asked(&api, "POST", "/air/orders");
        post(&ann, BOOKINGS, &key, &order(&offer)).await.refused(status, code);
        assert_eq!(asked(&api, "POST", "/air/orders"), before);
    }
    assert_eq!(orders(&api, &token), Vec::<Value>::new());
}

#[tokio::test]
async fn an_offer_that_has_expired_or_never_was_is_gone() {
    let api = Api::start().await;
    let (ann, token) = traveller(&api, "ann").await;
    let offer = offer(&api, &token, "LHR", "JFK", adult()).await;
    api.advance(minutes(31));
    post(&ann, BOOKINGS, "k", &order(&offer))
        .await
        .refused(409, "OFFER_GONE");
    assert_eq!(asked(&api, "POST", "/air/orders"), 0);
    let mut unknown = order(&offer);
    unknown["offer_id"] = "off_0000nothing".into();
    post(&ann, BOOKINGS, "other", &unknown).await.refused(409, "OFFER_GONE");
}

#[tokio::test]
async fn another_price_is_shown_with_the_difference_and_nothing_is_ordered() {
    let api = Api::start().await;
    let (ann, token) = traveller(&api, "ann").await;
    let offer = offer(&api, &token, "LHR", "JFK", adult()).await;
    let mut body = order(&offer);
    let total: f64 = offer["total_amount"].as_str().unwrap().parse().unwrap();
    body["expected_total"]["amount"] = format!("{:.2}", total - 10.0).into();
    let answer = post(&ann, BOOKINGS, "k", &body).await.refused(409, "PRICE_CHANGED");
    let facts = &answer.body["details"]["context"];
    assert_eq!(facts["old"]["amount"], body["expected_total"]["amount"]);
    assert_eq!(facts["new"]["amount"], offer["total_amount"]);
    assert_eq!(
        facts["difference"],
        json!({ "amount": "10.00", "currency": offer["total_currency"] })
    );
    assert_eq!(asked(&api, "POST", "/air/orders"), 0);
    assert_eq!(
        ann.get(BOOKINGS).await.expect(200).data(),
        &json!([]),
        "nothing is kept of it"
    );
    body["expected_total"]["amount"] = format!("{:.2}", total + 1.0).into();
    let lower = post(&ann, BOOKINGS, "k", &body).await.refused(409, "PRICE_CHANGED");
    assert_eq!(lower.body["details"]["context"]["difference"]["amount"], "-1.00");
    body["expected_total"]["amount"] = offer["total_amount"].clone();
    post(&ann, BOOKINGS, "k", &body).await.expect(201);
}

/// What is made of a request that would be right.
type Change = &'static dyn Fn(&mut Value);

#[tokio::test]
async fn what_is_wrong_with_a_request_is_named() {
    let api = Api::start().await;
    let (ann, token) = traveller(&api, "ann").await;
    let found = offer(&api, &token, "LHR", "JFK", adult()).await;
    let changed = |change: &dyn Fn(&mut Value)| {
        let mut body = order(&found);
        change(&mut body);
        body
    };
    let cases: [(&str, Change); 16] = [
        ("kind", &|body| body["kind"] = "cruise".into()),
        ("offer_id", &|body| body["offer_id"] = "../orders".into()),
        ("offer_id", &|body| body["offer_id"] = Value::Null),
        ("type", &|body| body["type"] = "later".into()),
        ("type", &|body| body["type"] = "hold".into()),
        ("passengers", &|body| body["passengers"] = json!([])),
        ("passengers", &|body| {
            body["passengers"] = json!([passenger("A", "1987-07-24"), passenger("B", "1987-07-24")]);
        }),
        ("passengers", &|body| {
            body["passengers"] = vec![passenger("A", "1987-07-24"); 10].into()
        }),
        ("passengers[0].born_on", &|body| {
            body["passengers"][0]["born_on"] = "2019-01-01".into()
        }),
        ("passengers[0].title", &|body| {
            body["passengers"][0]["title"] = "sir".into()
        }),
        ("passengers[0].phone_number", &|body| {
            body["passengers"][0]["phone_number"] = "0800".into()
        }),
        ("passengers[0].email", &|body| {
            body["passengers"][0]["email"] = "x".into()
        }),
        ("passengers[0].id", &|body| {
            body["passengers"][0]["id"] = "pas_other".into()
        }),
        ("expected_total.currency", &|body| {
            body["expected_total"]["currency"] = "XXQ".into()
        }),
        ("title", &|body| body["title"] = "mine".into()),
        ("status", &|body| body["status"] = "booked".into()),
    ];
    for (index, (field, change)) in cases.into_iter().enumerate() {
        let answer = post(&ann, BOOKINGS, &format!("k{index}"), &changed(change)).await;
        answer.refused_field(field);
    }
    assert_eq!(asked(&api, "POST", "/air/orders"), 0);
    let path = BOOKINGS;
    ann.post(path, order(&found))
        .await
        .refused(400, "INVALID_IDEMPOTENCY_KEY");
    post(&ann, path, &"k".repeat(256), &order(&found))
        .await
        .refused(400, "INVALID_IDEMPOTENCY_KEY");
    let mut body = order(&found);
    body["user_id"] = "x".into();
    post(&ann, path, "unknown", &body).await.refused_field("user_id");
    // None of it has used the key up.
    post(&ann, path, "k0", &order(&found)).await.expect(201);
}

#[tokio::test]
async fn bookings_want_a_key_of_ones_own_and_a_trip_that_one_may_edit() {
    let api = Api::start().await;
    let (ann, token) = traveller(&api, "ann").await;
    let offer = offer(&api, &token, "LHR", "JFK", adult()).await;
    let ben = api.user("ben").await;
    post(&ben, BOOKINGS, "k", &order(&offer))
        .await
        .refused(409, "KEY_REQUIRED");
    let trip = ben.trip("Theirs").await;
    let mut body = order(&offer);
    body["trip_id"] = trip.as_str().into();
    post(&ann, BOOKINGS, "k", &body).await.refused(404, "NOT_FOUND");
    let share = json!({ "usernames": ["ann"], "permission_level": "view" });
    ben.post(&format!("/api/v1/trips/{trip}/share"), share)
        .await
        .expect(200);
    post(&ann, BOOKINGS, "k", &body)
        .await
        .refused(403, "INSUFFICIENT_PERMISSIONS");
    assert_eq!(asked(&api, "POST", "/air/orders"), 0);
    let share = json!({ "permission_level": "edit" });
    ben.put(&format!("/api/v1/trips/{trip}/collaborators/{}", ann.id), share)
        .await
        .expect(200);
    post(&ann, BOOKINGS, "k", &body).await.expect(201);
}

#[tokio::test]
async fn a_key_that_the_provider_refuses_is_marked() {
    let api = Api::start().await;
    let (ann, token) = traveller(&api, "ann").await;
    let offer = offer(&api, &token, "LHR", "JFK", adult()).await;
    api.sandboxes().fail(
        Provider::Duffel,
        Fault::new(Effect::status(401)).on("GET", "/air/offers"),
    );
    post(&ann, BOOKINGS, "k", &order(&offer))
        .await
        .refused(400, "KEY_REFUSED");
    let keys = ann.get("/api/v1/keys").await.expect(200);
    assert_eq!(keys.data()[0]["status"], "refused");
    api.sandboxes().reset();
    post(&ann, BOOKINGS, "k", &order(&offer))
        .await
        .refused(409, "KEY_REQUIRED");
}

#[tokio::test]
async fn who_is_turned_away_at_the_door_may_order_with_the_same_key_again() {
    let api = Api::start().await;
    let (ann, token) = traveller(&api, "ann").await;
    let found = offer(&api, &token, "LHR", "JFK", adult()).await;
    let full = Fault::new(Effect::status(429)).on("POST", "/air/orders");
    api.sandboxes().fail(Provider::Duffel, full);
    let refused = post(&ann, BOOKINGS, "k", &order(&found))
        .await
        .refused(429, "RATE_LIMIT_EXCEEDED");
    assert!(refused.headers.contains_key("retry-after"));
    let kept = ann.get(BOOKINGS).await.expect(200);
    assert_eq!(kept.data()[0]["failure"]["reason"], "not_sent");
    api.sandboxes().reset();
    let mut other = order(&found);
    other["passengers"][0]["given_name"] = "Beryl".into();
    post(&ann, BOOKINGS, "k", &other)
        .await
        .refused(422, "IDEMPOTENCY_KEY_REUSED");
    let booked = post(&ann, BOOKINGS, "k", &order(&found)).await.expect(201);
    assert_eq!(booked.data()["id"], kept.data()[0]["id"]);
    assert_eq!(orders(&api, &token).len(), 1);
    assert_eq!(
        events(&ann, &booked.text_of("id")).await,
        [
            "offer.priced",
            "order.sending",
            "booking.failed",
            "offer.priced",
            "order.sending",
            "order.created",
            "booking.confirmed"
        ]
    );
}
