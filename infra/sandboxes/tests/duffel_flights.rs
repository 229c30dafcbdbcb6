//! Flights of Duffel's test mode, from the search to the refund.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "the whole crate is a test"
)]

mod support;

use reqwest::Method;
use serde_json::{Value, json};
use support::{Answer, HOUR, Lab, MINUTE, OTHER, TOKEN, adult, amount, cheapest, order_of, slice};
use tripsage_sandboxes::Provider;

#[tokio::test]
async fn credentials_and_headers_are_checked() {
    let lab = Lab::start().await;
    let bare = || lab.request(Provider::Duffel, Method::GET, "/air/orders");
    let answer = Answer::of(bare().header("duffel-version", "v2")).await;
    answer.refused(401, "authentication_error", "missing_authorization_header");
    let answer = Answer::of(bare().header("authorization", "Basic x")).await;
    answer.refused(401, "authentication_error", "invalid_authorization_header");
    for token in [
        "duffel_live_0123456789abcdef",
        "duffel_test_short",
        "duffel_test_refused_0123456789",
    ] {
        let answer = Answer::of(lab.duffel(token, Method::GET, "/air/orders")).await;
        answer.refused(401, "authentication_error", "access_token_not_found");
    }
    let answer = Answer::of(bare().bearer_auth(TOKEN)).await;
    answer.refused(400, "invalid_request_error", "missing_version_header");
    let versions = [("beta", "unsupported_version"), ("2", "invalid_version_header")];
    for (version, code) in versions {
        let answer = Answer::of(bare().bearer_auth(TOKEN).header("duffel-version", version)).await;
        answer.refused(400, "invalid_request_error", code);
    }
    let answer = Answer::of(
        bare()
            .bearer_auth(TOKEN)
            .header("duffel-version", "v2")
            .header("accept", "text/xml"),
    )
    .await;
    answer.refused(406, "invalid_request_error", "unsupported_format");

    let post = || lab.duffel(TOKEN, Method::POST, "/air/orders");
    let answer = Answer::of(post().body("{}")).await;
    answer.refused(400, "invalid_request_error", "missing_content_type_header");
    let answer = Answer::of(post().header("content-type", "application/json").body("{}")).await;
    answer.refused(400, "invalid_request_error", "missing_data_param");
    lab.get("/air/nothing")
        .await
        .refused(404, "invalid_request_error", "not_found");
}

#[tokio::test]
async fn thirty_searches_a_minute() {
    let lab = Lab::start().await;
    let data = json!({ "slices": [slice("PVD", "RAI", "2027-06-01")], "passengers": [{ "type": "adult" }] });
    for left in (0..30).rev() {
        let answer = lab.post("/air/offer_requests", data.clone()).await;
        assert_eq!(answer.status, 201);
        assert_eq!(answer.header("ratelimit-limit"), "30");
        assert_eq!(answer.header("ratelimit-remaining"), left.to_string());
    }
    let answer = lab.post("/air/offer_requests", data.clone()).await;
    answer.refused(429, "rate_limit_error", "rate_limit_exceeded");
    assert_eq!(answer.header("ratelimit-reset"), "Wed, 03 Mar 2027 10:01:00 GMT");
    let others = lab.post_as(OTHER, "/air/offer_requests", data.clone()).await;
    assert_eq!(others.status, 201, "each account has its own limit");
    assert_eq!(lab.get("/air/orders").await.header("ratelimit-limit"), "4000");
    lab.advance(MINUTE);
    assert_eq!(lab.post("/air/offer_requests", data).await.status, 201);
}

#[tokio::test]
async fn prices_are_those_of_the_test_mode() {
    let lab = Lab::start().await;
    for (origin, destination, expected) in [
        ("LHR", "JFK", 220.0),
        ("LGW", "BCN", 70.0),
        ("JFK", "LAX", 167.0),
        ("SYD", "SIN", 258.0),
    ] {
        let search = lab.search(origin, destination).await;
        let price = amount(&cheapest(&search)["total_amount"]);
        assert!(
            (price - expected).abs() < expected * 0.06,
            "{origin}-{destination}: {price}"
        );
    }
    for (cabin, expected) in [("premium_economy", 347.0), ("business", 1365.0), ("first", 3230.0)] {
        let data = json!({ "slices": [slice("LHR", "JFK", "2027-06-01")], "passengers": [{ "type": "adult" }], "cabin_class": cabin });
        let search = lab.post("/air/offer_requests", data).await.data(201);
        let offer = cheapest(&search);
        let price = amount(&offer["total_amount"]);
        assert!((price - expected).abs() < expected * 0.01, "{cabin}: {price}");
        assert_eq!(offer["slices"][0]["segments"][0]["passengers"][0]["cabin_class"], cabin);
    }
}

#[tokio::test]
async fn an_offer_has_what_the_documentation_says() {
    let lab = Lab::start().await;
    let search = lab.search("LHR", "JFK").await;
    assert_eq!(search["live_mode"], false);
    let offer = cheapest(&search);
    assert_eq!(offer["live_mode"], false);
    assert_eq!(offer["owner"]["name"], "Duffel Airways");
    assert_eq!(offer["created_at"], "2027-03-03T10:00:00.000000Z");
    assert_eq!(offer["expires_at"], "2027-03-03T10:30:00.000000Z");
    let parts = amount(&offer["base_amount"]) + amount(&offer["tax_amount"]);
    assert!((parts - amount(&offer["total_amount"])).abs() < 0.001);
    let segment = &offer["slices"][0]["segments"][0];
    assert_eq!(segment["departing_at"], "2027-06-01T06:00:00", "local, without a zone");
    assert_eq!(segment["origin"]["time_zone"], "Europe/London");
    assert_eq!(offer["slices"][0]["duration"], "PT7H10M");
    let arriving = segment["arriving_at"].as_str().unwrap();
    assert_eq!(arriving, "2027-06-01T08:10:00", "five hours behind London");

    // Four combinations of conditions; what is allowed costs 40.00.
    let mut combinations = std::collections::BTreeSet::new();
    for offer in search["offers"].as_array().unwrap() {
        let conditions = &offer["conditions"];
        for condition in ["change_before_departure", "refund_before_departure"] {
            let allowed = conditions[condition]["allowed"].as_bool().unwrap();
            let penalty = &conditions[condition]["penalty_amount"];
            assert_eq!(*penalty, if allowed { json!("40.00") } else { Value::Null });
        }
        combinations.insert(conditions.to_string());
    }
    assert_eq!(combinations.len(), 4);
    let again = lab.search("LHR", "JFK").await;
    assert_eq!(
        cheapest(&again)["total_amount"],
        offer["total_amount"],
        "the same every time"
    );
}

#[tokio::test]
async fn offers_are_listed_in_pages_and_sorted() {
    let lab = Lab::start().await;
    let search = lab.search("LHR", "SIN").await;
    let id = search["id"].as_str().unwrap();
    let mut path = format!("/air/offers?offer_request_id={id}&sort=total_amount&limit=5");
    let mut seen = Vec::new();
    loop {
        let answer = lab.get(&path).await;
        assert_eq!(answer.body["meta"]["limit"], 5);
        seen.extend(answer.body["data"].as_array().unwrap().clone());
        match answer.body["meta"]["after"].as_str() {
            Some(after) => path = format!("/air/offers?offer_request_id={id}&sort=total_amount&limit=5&after={after}"),
            None => break,
        }
    }
    assert_eq!(seen.len(), search["offers"].as_array().unwrap().len());
    assert!(seen.is_sorted_by_key(|offer| (amount(&offer["total_amount"]) * 100.0) as i64));
    let airlines: std::collections::BTreeSet<_> = seen
        .iter()
        .map(|offer| offer["owner"]["iata_code"].to_string())
        .collect();
    assert_eq!(airlines.len(), 4);
    let direct = lab
        .get(&format!("/air/offers?offer_request_id={id}&max_connections=0"))
        .await
        .data(200);
    let direct = direct.as_array().unwrap();
    assert!(!direct.is_empty() && direct.len() < seen.len());
    assert!(
        direct
            .iter()
            .all(|offer| offer["slices"][0]["segments"].as_array().unwrap().len() == 1)
    );
    lab.get("/air/offers?offer_request_id=orq_1&limit=201")
        .await
        .refused(404, "invalid_request_error", "not_found");
    lab.get(&format!("/air/offers?offer_request_id={id}&limit=201"))
        .await
        .refused(400, "invalid_request_error", "bad_request");
}

#[tokio::test]
async fn searches_are_validated() {
    let lab = Lab::start().await;
    let one = |slice: Value, passengers: Value| json!({ "slices": [slice], "passengers": passengers });
    let adult = || json!([{ "type": "adult" }]);
    for (data, code, pointer) in [
        (
            one(json!({ "origin": "LHR", "departure_date": "2027-06-01" }), adult()),
            "validation_required",
            "/slices/0/destination",
        ),
        (
            one(slice("LHR", "QQQ", "2027-06-01"), adult()),
            "validation_inclusion",
            "/slices/0/destination",
        ),
        (
            one(slice("LHR", "JFK", "June"), adult()),
            "validation_format",
            "/slices/0/departure_date",
        ),
        (
            one(slice("LHR", "JFK", "2027-03-01"), adult()),
            "validation_inclusion",
            "/slices/0/departure_date",
        ),
        (
            one(slice("LHR", "JFK", "2027-06-01"), json!([])),
            "validation_required",
            "/passengers",
        ),
        (
            one(slice("LHR", "JFK", "2027-06-01"), json!([{ "type": "dog" }])),
            "validation_inclusion",
            "/passengers/0/type",
        ),
        (
            one(slice("LHR", "JFK", "2027-06-01"), json!([{ "age": 1 }])),
            "validation_inclusion",
            "/passengers",
        ),
    ] {
        let answer = lab.post("/air/offer_requests", data).await;
        let error = answer.refused(422, "validation_error", code);
        assert_eq!(error["source"]["pointer"], pointer);
    }
}

#[tokio::test]
async fn several_slices_and_ages() {
    let lab = Lab::start().await;
    let data = json!({
        "slices": [slice("LON", "NYC", "2027-06-01"), slice("NYC", "LON", "2027-06-10")],
        "passengers": [{ "type": "adult" }, { "age": 7 }, { "age": 1 }],
        "cabin_class": "economy",
    });
    let family = lab.post("/air/offer_requests", data).await.data(201);
    let offer = cheapest(&family);
    assert_eq!(offer["slices"].as_array().unwrap().len(), 2);
    assert_eq!(offer["slices"][1]["segments"][0]["origin"]["iata_code"], "JFK");
    assert_eq!(offer["slices"][0]["origin_type"], "city");
    let types: Vec<&Value> = offer["passengers"]
        .as_array()
        .unwrap()
        .iter()
        .map(|passenger| &passenger["type"])
        .collect();
    assert_eq!(types, [&json!("adult"), &Value::Null, &json!("infant_without_seat")]);
    let one = amount(&cheapest(&lab.search("LHR", "JFK").await)["total_amount"]) * 2.0;
    let expected = one * 1.85;
    assert!(
        (amount(&offer["total_amount"]) - expected).abs() < 1.0,
        "a child pays 75 %, an infant 10 %"
    );
}

#[tokio::test]
async fn special_routes_of_searches() {
    let lab = Lab::start().await;
    assert_eq!(lab.search("PVD", "RAI").await["offers"], json!([]));
    let segments = |offer: &Value| offer["slices"][0]["segments"].as_array().unwrap().clone();
    for offer in lab.search("JFK", "EWR").await["offers"].as_array().unwrap() {
        assert_eq!(offer["payment_requirements"]["requires_instant_payment"], false);
        assert_eq!(
            offer["payment_requirements"]["payment_required_by"],
            "2027-03-06T10:00:00.000000Z"
        );
        assert_eq!(
            offer["payment_requirements"]["price_guarantee_expires_at"],
            "2027-03-05T10:00:00.000000Z"
        );
    }
    assert!(
        lab.search("LHR", "DXB").await["offers"]
            .as_array()
            .unwrap()
            .iter()
            .all(|offer| segments(offer).len() == 2)
    );
    let stopping = lab.search("DXB", "AMS").await;
    let only = segments(cheapest(&stopping));
    assert_eq!((only.len(), only[0]["stops"].as_array().unwrap().len()), (1, 1));
    let bare = lab.search("BTS", "MRU").await;
    assert_eq!(segments(cheapest(&bare))[0]["passengers"][0]["baggages"], json!([]));
    let offer = lab.search("BTS", "ABV").await;
    let path = format!(
        "/air/offers/{}?return_available_services=true",
        cheapest(&offer)["id"].as_str().unwrap()
    );
    assert_eq!(lab.get(&path).await.data(200)["available_services"], json!([]));
    let data = json!({ "slices": [slice("STN", "LHR", "2027-06-01")], "passengers": [{ "type": "adult" }] });
    lab.post("/air/offer_requests", data)
        .await
        .refused(504, "api_error", "gateway_timeout_error");
}

#[tokio::test]
async fn special_routes_of_orders() {
    let lab = Lab::start().await;
    let gone = lab.search("LGW", "LHR").await;
    let path = format!("/air/offers/{}", cheapest(&gone)["id"].as_str().unwrap());
    lab.get(&path)
        .await
        .refused(422, "airline_error", "offer_no_longer_available");

    let failing = lab.search("LHR", "LGW").await;
    let answer = lab.post("/air/orders", order_of(cheapest(&failing))).await;
    answer.refused(502, "airline_error", "airline_unknown");
    let poor = lab.search("LGW", "STN").await;
    let answer = lab.post("/air/orders", order_of(cheapest(&poor))).await;
    answer.refused(422, "invalid_state_error", "insufficient_balance");
    assert_eq!(lab.get("/air/orders").await.data(200), json!([]), "no order was made");

    let rising = lab.search("LHR", "STN").await;
    let offer = cheapest(&rising);
    let path = format!("/air/offers/{}", offer["id"].as_str().unwrap());
    let first = lab.get(&path).await.data(200);
    let second = lab.get(&path).await.data(200);
    assert!((amount(&second["total_amount"]) - amount(&first["total_amount"]) - 10.0).abs() < 0.001);
    let answer = lab.post("/air/orders", order_of(&first)).await;
    answer.refused(422, "invalid_state_error", "payment_amount_does_not_match_order_amount");
    lab.post("/air/orders", order_of(&second)).await.data(201);
}

#[tokio::test]
async fn an_order_is_made_once_and_only_its_account_sees_it() {
    let lab = Lab::start().await;
    let search = lab.search("LHR", "JFK").await;
    let offer = cheapest(&search);
    let mut wanted = order_of(offer);
    wanted["metadata"] = json!({ "booking": "b-1" });
    let order = lab.post("/air/orders", wanted.clone()).await.data(201);
    assert_eq!(order["type"], "instant");
    assert_eq!(order["live_mode"], false);
    assert_eq!(order["total_amount"], offer["total_amount"]);
    assert_eq!(order["payment_status"]["awaiting_payment"], false);
    assert_eq!(order["documents"][0]["type"], "electronic_ticket");
    assert_eq!(order["metadata"], json!({ "booking": "b-1" }));
    assert_eq!(order["booking_reference"].as_str().unwrap().len(), 6);
    assert!(order["passengers"][0].get("type").is_none());

    let answer = lab.post("/air/orders", wanted).await;
    answer.refused(422, "invalid_state_error", "offer_request_already_booked");
    let found = lab
        .get(&format!("/air/orders?offer_id={}", offer["id"].as_str().unwrap()))
        .await
        .data(200);
    assert_eq!(found.as_array().unwrap().len(), 1);
    assert_eq!(lab.get("/air/orders?offer_id=off_1").await.data(200), json!([]));
    let path = format!("/air/orders/{}", order["id"].as_str().unwrap());
    let foreign = Answer::of(lab.duffel(OTHER, Method::GET, &path)).await;
    foreign.refused(404, "invalid_request_error", "not_found");
    assert_eq!(lab.sandboxes.duffel().orders(TOKEN).len(), 1);
    assert!(lab.sandboxes.duffel().orders(OTHER).is_empty());

    let body = json!({ "data": { "metadata": { "note": "x" } } });
    let patched = Answer::of(lab.duffel(TOKEN, Method::PATCH, &path).json(&body))
        .await
        .data(200);
    assert_eq!(patched["metadata"], json!({ "note": "x" }), "replaced, not merged");
    let services = lab
        .post(&format!("{path}/services"), json!({ "add_services": [] }))
        .await;
    assert_eq!(
        (services.status.as_u16(), &services.body["errors"][0]["code"]),
        (400, &json!(400))
    );
}

#[tokio::test]
async fn orders_are_validated() {
    let lab = Lab::start().await;
    let search = lab.search("LHR", "JFK").await;
    let offer = cheapest(&search);
    let mut wanted = order_of(offer);
    wanted["passengers"][0]["born_on"] = json!("2020-01-01");
    wanted["passengers"][0]["phone_number"] = json!("020 8016 0509");
    wanted["passengers"][0]["gender"] = json!("female");
    wanted["passengers"][0]["family_name"] = json!("");
    let answer = lab.post("/air/orders", wanted).await;
    let pointers: Vec<String> = answer.body["errors"]
        .as_array()
        .unwrap()
        .iter()
        .map(|error| {
            error["source"]["pointer"]
                .as_str()
                .unwrap()
                .replace("/passengers/0/", "")
        })
        .collect();
    assert_eq!(answer.status, 422);
    assert_eq!(pointers, ["born_on", "gender", "family_name", "phone_number"]);

    let mut unpaid = order_of(offer);
    unpaid["payments"][0]["amount"] = json!("1.00");
    let answer = lab.post("/air/orders", unpaid).await;
    answer.refused(422, "invalid_state_error", "payment_amount_does_not_match_order_amount");
    let mut card = order_of(offer);
    card["payments"][0]["type"] = json!("card");
    lab.post("/air/orders", card)
        .await
        .refused(403, "invalid_request_error", "unavailable_feature");
    let mut held = order_of(offer);
    held["type"] = json!("pay_later");
    lab.post("/air/orders", held)
        .await
        .refused(422, "validation_error", "validation_inclusion");

    lab.advance(30 * MINUTE);
    lab.post("/air/orders", order_of(offer))
        .await
        .refused(422, "invalid_state_error", "offer_expired");
    assert_eq!(lab.get("/air/orders").await.data(200), json!([]));
}

#[tokio::test]
async fn infants_are_held_by_adults() {
    let lab = Lab::start().await;
    let data = json!({
        "slices": [slice("LHR", "JFK", "2027-06-01")],
        "passengers": [{ "type": "adult" }, { "type": "infant_without_seat" }],
        "cabin_class": "economy",
    });
    let search = lab.post("/air/offer_requests", data).await.data(201);
    let offer = cheapest(&search);
    let mut wanted = order_of(offer);
    let mut baby = adult(&offer["passengers"][1]["id"], "Byron", "Lovelace");
    baby["born_on"] = json!("2026-09-01");
    wanted["passengers"].as_array_mut().unwrap().push(baby);
    let answer = lab.post("/air/orders", wanted.clone()).await;
    answer.refused(422, "validation_error", "validation_required");
    wanted["passengers"][0]["infant_passenger_id"] = offer["passengers"][1]["id"].clone();
    lab.post("/air/orders", wanted).await.data(201);
}

#[tokio::test]
async fn bags_and_seats_cost_extra() {
    let lab = Lab::start().await;
    let search = lab.search("LHR", "JFK").await;
    let id = cheapest(&search)["id"].as_str().unwrap().to_owned();
    let offer = lab
        .get(&format!("/air/offers/{id}?return_available_services=true"))
        .await
        .data(200);
    let bag = &offer["available_services"][0];
    assert_eq!(
        (&bag["type"], &bag["total_amount"]),
        (&json!("baggage"), &json!("20.00"))
    );
    let maps = lab.get(&format!("/air/seat_maps?offer_id={id}")).await.data(200);
    let rows = maps[0]["cabins"][0]["rows"].as_array().unwrap();
    let seats = rows
        .iter()
        .flat_map(|row| row["sections"].as_array().unwrap())
        .flat_map(|section| section["elements"].as_array().unwrap())
        .filter_map(|element| element["available_services"][0]["id"].as_str());
    let seat = seats.into_iter().next().unwrap();
    let services = json!([{ "id": bag["id"], "quantity": 1 }, { "id": seat, "quantity": 1 }]);
    let priced = lab
        .post(
            &format!("/air/offers/{id}/actions/price"),
            json!({ "intended_payment_methods": [{ "type": "balance" }], "intended_services": services }),
        )
        .await
        .data(200);
    assert!((amount(&priced["total_amount"]) - amount(&offer["total_amount"]) - 40.0).abs() < 0.001);
    let mut wanted = order_of(&priced);
    wanted["services"] = services;
    let order = lab.post("/air/orders", wanted).await.data(201);
    assert_eq!(order["services"].as_array().unwrap().len(), 2);
    assert_eq!(order["total_amount"], priced["total_amount"]);
}

#[tokio::test]
async fn a_hold_is_paid_later() {
    let lab = Lab::start().await;
    let search = lab.search("JFK", "EWR").await;
    let offer = cheapest(&search);
    let mut wanted = order_of(offer);
    wanted["type"] = json!("hold");
    let answer = lab.post("/air/orders", wanted.clone()).await;
    answer.refused(422, "validation_error", "validation_inclusion");
    wanted.as_object_mut().unwrap().remove("payments");
    let order = lab.post("/air/orders", wanted).await.data(201);
    assert_eq!(order["payment_status"]["awaiting_payment"], true);
    assert_eq!(order["documents"], json!([]));
    let id = order["id"].as_str().unwrap();
    let payment = |amount: &Value| json!({ "order_id": id, "payment": { "type": "balance", "amount": amount, "currency": "GBP" } });
    let answer = lab.post("/air/payments", payment(&json!("1.00"))).await;
    answer.refused(422, "invalid_state_error", "payment_amount_does_not_match_order_amount");
    let paid = lab
        .post("/air/payments", payment(&order["total_amount"]))
        .await
        .data(201);
    assert_eq!(paid["status"], "succeeded");
    lab.post("/air/payments", payment(&order["total_amount"]))
        .await
        .refused(422, "invalid_state_error", "already_paid");
    let listed = lab.get(&format!("/air/payments?order_id={id}")).await.data(200);
    assert_eq!(listed, json!([paid]));
    assert_eq!(
        lab.get(&format!("/air/orders/{id}")).await.data(200)["payment_status"]["awaiting_payment"],
        false
    );
    assert_eq!(lab.get("/air/orders?awaiting_payment=true").await.data(200), json!([]));
}

#[tokio::test]
async fn a_hold_that_is_not_paid_ends() {
    let lab = Lab::start().await;
    let search = lab.search("JFK", "EWR").await;
    let mut wanted = order_of(cheapest(&search));
    wanted["type"] = json!("hold");
    wanted.as_object_mut().unwrap().remove("payments");
    let order = lab.post("/air/orders", wanted).await.data(201);
    lab.advance(72 * HOUR);
    let payment = json!({ "type": "balance", "amount": order["total_amount"], "currency": "GBP" });
    let answer = lab
        .post("/air/payments", json!({ "order_id": order["id"], "payment": payment }))
        .await;
    answer.refused(422, "invalid_state_error", "past_payment_required_by_date");
}

#[tokio::test]
async fn cancelling_gives_everything_back_once() {
    let lab = Lab::start().await;
    let search = lab.search("LHR", "JFK").await;
    let order = lab.post("/air/orders", order_of(cheapest(&search))).await.data(201);
    let quote = lab
        .post("/air/order_cancellations", json!({ "order_id": order["id"] }))
        .await
        .data(201);
    assert_eq!(quote["refund_amount"], order["total_amount"]);
    assert_eq!(
        (&quote["refund_to"], &quote["confirmed_at"]),
        (&json!("balance"), &Value::Null)
    );
    assert_eq!(quote["expires_at"], "2027-03-03T11:00:00.000000Z");
    let confirm = format!(
        "/air/order_cancellations/{}/actions/confirm",
        quote["id"].as_str().unwrap()
    );
    lab.advance(HOUR);
    assert_eq!(
        lab.post(&confirm, json!({})).await.status,
        422,
        "the quote stands for an hour"
    );
    let quote = lab
        .post("/air/order_cancellations", json!({ "order_id": order["id"] }))
        .await
        .data(201);
    let confirm = format!(
        "/air/order_cancellations/{}/actions/confirm",
        quote["id"].as_str().unwrap()
    );
    assert!(lab.post(&confirm, json!({})).await.data(200)["confirmed_at"].is_string());
    lab.post(&confirm, json!({}))
        .await
        .refused(422, "invalid_state_error", "already_cancelled");
    let answer = lab
        .post("/air/order_cancellations", json!({ "order_id": order["id"] }))
        .await;
    answer.refused(422, "invalid_state_error", "already_cancelled");
    let order = lab
        .get(&format!("/air/orders/{}", order["id"].as_str().unwrap()))
        .await
        .data(200);
    assert!(order["cancelled_at"].is_string());
    assert_eq!(order["cancellation"]["id"], quote["id"]);
}

#[tokio::test]
async fn refunds_of_holds_and_of_the_credit_route() {
    let lab = Lab::start().await;
    let search = lab.search("LTN", "SYD").await;
    let order = lab.post("/air/orders", order_of(cheapest(&search))).await.data(201);
    let quote = lab
        .post("/air/order_cancellations", json!({ "order_id": order["id"] }))
        .await
        .data(201);
    assert_eq!(quote["refund_to"], "airline_credits");
    assert_eq!(quote["airline_credits"].as_array().unwrap().len(), 1);

    let search = lab.search("JFK", "EWR").await;
    let mut wanted = order_of(cheapest(&search));
    wanted["type"] = json!("hold");
    wanted.as_object_mut().unwrap().remove("payments");
    let order = lab.post("/air/orders", wanted).await.data(201);
    let quote = lab
        .post("/air/order_cancellations", json!({ "order_id": order["id"] }))
        .await
        .data(201);
    assert_eq!(
        (&quote["refund_amount"], &quote["refund_to"]),
        (&json!("0.00"), &json!("awaiting_payment"))
    );
}

#[tokio::test]
async fn orders_outlive_a_restart() {
    let directory = tempfile::tempdir().unwrap();
    let data = directory.path().join("sandboxes");
    let lab = Lab::start_at(Some(&data)).await;
    let search = lab.search("LHR", "JFK").await;
    let order = lab.post("/air/orders", order_of(cheapest(&search))).await.data(201);
    lab.sandboxes.shutdown().await;
    let lab = Lab::start_at(Some(&data)).await;
    let found = lab
        .get(&format!("/air/orders/{}", order["id"].as_str().unwrap()))
        .await
        .data(200);
    assert_eq!(found, order);
    let text = std::fs::read_to_string(data.join("duffel.json")).unwrap();
    assert!(!text.contains(TOKEN), "tokens are not written down");
    let again = lab.post("/air/orders", order_of(cheapest(&search))).await;
    again.refused(422, "invalid_state_error", "offer_request_already_booked");
}
