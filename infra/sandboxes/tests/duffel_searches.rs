//! Searching for flights in Duffel's test mode.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "the whole crate is a test"
)]

mod support;

use reqwest::Method;
use serde_json::{Value, json};
use support::{Answer, Lab, MINUTE, OTHER, TOKEN, amount, cheapest, slice};
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
async fn amelia_earhart_pays_a_tenth_less() {
    let lab = Lab::start().await;
    let search = lab.search("LHR", "JFK").await;
    let offer = cheapest(&search);
    let path = format!("/air/offers/{}", offer["id"].as_str().unwrap());
    let passenger = format!("{path}/passengers/{}", offer["passengers"][0]["id"].as_str().unwrap());
    let data = json!({ "data": {
        "given_name": "Amelia", "family_name": "Earhart",
        "loyalty_programme_accounts": [{ "airline_iata_code": "ZZ", "account_number": "1234567890" }],
    } });
    let patched = Answer::of(lab.duffel(TOKEN, Method::PATCH, &passenger).json(&data)).await;
    assert_eq!(patched.data(200)["family_name"], "Earhart");
    let cheaper = lab.get(&path).await.data(200);
    let ratio = amount(&cheaper["total_amount"]) / amount(&offer["total_amount"]);
    assert!((ratio - 0.9).abs() < 0.001, "{ratio}");
}
