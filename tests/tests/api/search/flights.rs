use jiff::SignedDuration;
use reqwest::Method;
use serde_json::{Value, json};
use tripsage_sandboxes::{Effect, Fault, Provider};
use tripsage_tests::{Answer, Api};

use super::{FLIGHTS, asked, column, flights, number, report, traveller};
use crate::keys::{duffel, stored};

#[tokio::test]
async fn offers_are_found_scored_and_read_again() {
    let api = Api::start().await;
    let (alice, _) = traveller(&api, "alice").await;
    let found = alice.post(FLIGHTS, flights("lhr", "JFK")).await.expect(200);
    let data = found.data();
    let offers = data["offers"].as_array().unwrap();
    assert!(offers.len() > 1, "{}", found.text);
    let best = &offers[0];
    assert!(
        best["total_price"].is_string() && number(&best["total_price"]) > 0.0,
        "{best}"
    );
    assert_eq!((&best["bookable"], &best["live_mode"]), (&json!(true), &json!(false)));
    assert_eq!(best["outbound_segments"][0]["origin"], "LHR");
    assert_eq!(best["outbound_segments"][0]["departure_time_zone"], "Europe/London");
    let parts: f64 = best["score_parts"]
        .as_array()
        .unwrap()
        .iter()
        .map(|part| number(&part["value"]) * number(&part["weight"]))
        .sum();
    assert!(
        (parts - number(&best["score"])).abs() < 0.002,
        "the score is the sum of its parts: {best}"
    );
    let scores: Vec<f64> = column(&data["offers"], "score").into_iter().map(number).collect();
    assert!(scores.is_sorted_by(|a, b| a >= b), "{scores:?}");
    let duffel = report(data, "duffel");
    assert_eq!((&duffel["status"], &duffel["cached"]), (&json!("ok"), &json!(false)));
    assert_eq!(data["search_parameters"]["origin"], "LHR");
    assert!(data["search_parameters"].get("page").is_none());

    let id = found.text_of("search_id");
    let again = alice
        .get(&format!("{FLIGHTS}/{id}?sort_by=price&per_page=2"))
        .await
        .expect(200);
    assert_eq!(
        (&again.data()["search_id"], &again.data()["cached"]),
        (&json!(id), &json!(true))
    );
    let prices: Vec<f64> = column(&again.data()["offers"], "total_price")
        .into_iter()
        .map(number)
        .collect();
    assert!(prices.len() == 2 && prices[0] <= prices[1], "{prices:?}");
    assert_eq!(again.data()["min_price"], again.data()["offers"][0]["total_price"]);
    let bob = api.user("bob").await;
    bob.get(&format!("{FLIGHTS}/{id}")).await.refused(404, "NOT_FOUND");
    alice
        .get(&format!("{FLIGHTS}/{}", alice.id))
        .await
        .refused(404, "NOT_FOUND");

    let offer = best["id"].as_str().unwrap();
    let read = alice.get(&format!("/api/v1/search/offers/{offer}")).await.expect(200);
    assert_eq!(
        (&read.data()["id"], &read.data()["total_price"]),
        (&best["id"], &best["total_price"])
    );
    assert!(
        !read.data()["available_services"].as_array().unwrap().is_empty(),
        "{}",
        read.text
    );
    alice
        .get("/api/v1/search/offers/off_unknown")
        .await
        .refused(404, "NOT_FOUND");
    alice
        .get("/api/v1/search/offers/..%2Forders")
        .await
        .refused(404, "NOT_FOUND");
}

#[tokio::test]
async fn returns_and_several_cities_and_days_around() {
    let api = Api::start().await;
    let (alice, _) = traveller(&api, "alice").await;
    let mut body = flights("LHR", "JFK");
    body["return_date"] = json!("2027-06-08");
    body["passengers"] = json!([{ "type": "adult" }, { "age": 7 }, { "type": "infant", "age": 1 }]);
    body["cabin_class"] = json!("business");
    let found = alice.post(FLIGHTS, body).await.expect(200);
    let offer = &found.data()["offers"][0];
    assert_eq!(offer["return_segments"][0]["origin"], "JFK", "{offer}");
    assert_eq!(offer["passengers"].as_array().unwrap().len(), 3);
    assert_eq!(offer["cabin_class"], "business");
    assert!(offer["total_duration"].as_u64() > Some(600));

    let segments = json!({ "segments": [
        { "origin": "LHR", "destination": "JFK", "departure_date": "2027-06-01" },
        { "origin": "JFK", "destination": "LAX", "departure_date": "2027-06-05" },
        { "origin": "LAX", "destination": "LHR", "departure_date": "2027-06-09" },
    ] });
    let found = alice.post(FLIGHTS, segments).await.expect(200);
    assert_eq!(
        found.data()["offers"][0]["slices"].as_array().unwrap().len(),
        3,
        "{}",
        found.text
    );

    api.forget_calls();
    let mut body = flights("LGW", "BCN");
    body["flexible_dates"] = json!(true);
    body["per_page"] = json!(100);
    let found = alice.post(FLIGHTS, body).await.expect(200);
    let mut days: Vec<&str> = column(&found.data()["offers"], "outbound_segments")
        .into_iter()
        .map(|segments| &segments[0]["departure_date"].as_str().unwrap()[..10])
        .collect();
    days.sort_unstable();
    days.dedup();
    assert_eq!(days, ["2027-05-31", "2027-06-01", "2027-06-02"]);
    let searches = api.sandboxes().calls(Provider::Duffel);
    assert_eq!(
        searches
            .iter()
            .filter(|call| call.path.starts_with("/air/offer_requests"))
            .count(),
        3
    );

    let none = alice.post(FLIGHTS, flights("PVD", "RAI")).await.expect(200);
    assert_eq!(
        (&none.data()["total_results"], &none.data()["offers"]),
        (&json!(0), &json!([]))
    );
}

#[tokio::test]
async fn filters_and_sorting_work_on_what_was_found() {
    let api = Api::start().await;
    let (alice, _) = traveller(&api, "alice").await;
    let all = alice.post(FLIGHTS, flights("LHR", "JFK")).await.expect(200);
    let (found, currency) = (&all.data()["found"], &all.data()["currency"]);
    let limit = number(&all.data()["min_price"]) + 0.01;
    api.forget_calls();
    let mut body = flights("LHR", "JFK");
    body["max_price"] = json!(format!("{limit:.2}"));
    body["currency"] = currency.clone();
    let cheap = alice.post(FLIGHTS, body.clone()).await.expect(200);
    assert!(
        cheap.data()["total_results"].as_u64() < found.as_u64(),
        "{}",
        cheap.text
    );
    assert_eq!(
        (&cheap.data()["found"], &cheap.data()["min_price"]),
        (found, &all.data()["min_price"])
    );
    body["currency"] = json!("JPY");
    body["max_price"] = json!(1);
    let foreign = alice.post(FLIGHTS, body).await.expect(200);
    assert_eq!(&foreign.data()["total_results"], found);
    assert!(foreign.data()["notices"][0].as_str().unwrap().contains("JPY"));
    let mut body = flights("LHR", "JFK");
    body["excluded_airlines"] = json!(["zz"]);
    let without = alice.post(FLIGHTS, body).await.expect(200);
    for airlines in column(&without.data()["offers"], "airlines") {
        assert!(!airlines.as_array().unwrap().contains(&json!("ZZ")));
    }
    assert_eq!(asked(&api, Provider::Duffel), 0, "nobody is asked for a filter");
    let mut body = flights("LHR", "JFK");
    body.as_object_mut()
        .unwrap()
        .extend([("per_page".to_owned(), json!(1)), ("page".to_owned(), json!(2))]);
    let page = alice.post(FLIGHTS, body).await.expect(200);
    assert_eq!(page.body["pagination"]["page"], 2, "{}", page.text);
    assert_eq!(page.data()["offers"][0]["id"], all.data()["offers"][1]["id"]);
}

#[tokio::test]
async fn bad_questions_name_their_field() {
    let api = Api::start().await;
    let (alice, _) = traveller(&api, "alice").await;
    for (change, field) in [
        (json!({ "origin": "XQZ" }), "origin"),
        (json!({ "destination": "LHR" }), "destination"),
        (json!({ "departure_date": "2020-01-01" }), "departure_date"),
        (json!({ "return_date": "2027-05-31" }), "return_date"),
        (json!({ "adults": 10 }), "adults"),
        (json!({ "adults": 1, "infants": 2 }), "infants"),
        (json!({ "currency": "XXQ" }), "currency"),
        (json!({ "cabin_class": "hold" }), "cabin_class"),
        (json!({ "sort_by": "luck" }), "sort_by"),
        (json!({ "given_name": "Alice" }), "given_name"),
    ] {
        let mut body = flights("LHR", "JFK");
        body.as_object_mut()
            .unwrap()
            .extend(change.as_object().unwrap().clone());
        alice.post(FLIGHTS, body).await.refused_field(field);
    }
    assert_eq!(asked(&api, Provider::Duffel), 0);
}

#[tokio::test]
async fn a_key_that_is_missing_or_refused_is_named() {
    let api = Api::start().await;
    let alice = api.user("alice").await;
    let missing = alice
        .post(FLIGHTS, flights("LHR", "JFK"))
        .await
        .refused(409, "KEY_REQUIRED");
    assert_eq!(missing.body["details"]["context"]["service"], "duffel");

    let key = stored(&alice, "duffel", "duffel_test_refused_0123456789abcdef").await;
    let refused = alice
        .post(FLIGHTS, flights("LHR", "JFK"))
        .await
        .refused(400, "KEY_REFUSED");
    assert_eq!(refused.body["details"]["context"]["key_id"], key);
    assert_eq!(
        alice.get("/api/v1/keys").await.expect(200).data()[0]["status"],
        "refused"
    );
    alice
        .post(FLIGHTS, flights("LHR", "JFK"))
        .await
        .refused(409, "KEY_REQUIRED");

    stored(&alice, "duffel", &duffel("good")).await;
    alice.post(FLIGHTS, flights("LHR", "JFK")).await.expect(200);
}

#[tokio::test]
async fn what_duffel_limits_or_fails_is_passed_on() {
    let api = Api::start().await;
    let (alice, _) = traveller(&api, "alice").await;
    let limited = Effect::Answer {
        status: 429,
        headers: vec![("retry-after".to_owned(), "17".to_owned())],
        body: "{}".to_owned(),
    };
    api.sandboxes().fail(Provider::Duffel, Fault::new(limited));
    let answer = alice
        .post(FLIGHTS, flights("LHR", "JFK"))
        .await
        .refused(429, "RATE_LIMIT_EXCEEDED");
    let seconds: u64 = answer.header("retry-after").parse().unwrap();
    assert!((1..=60).contains(&seconds), "{seconds}");
    let reports = answer.body["details"]["context"]["providers"].clone();
    assert_eq!(
        report(&json!({ "providers": reports }), "duffel")["status"],
        "rate_limited"
    );

    for (name, effect) in [
        ("error", Effect::status(503)),
        ("malformed", Effect::Malformed),
        ("huge", Effect::Huge(6_000_000)),
        ("reset", Effect::Reset),
    ] {
        let (user, _) = traveller(&api, name).await;
        api.sandboxes().fail(Provider::Duffel, Fault::new(effect));
        let answer = user
            .post(FLIGHTS, flights("LHR", "JFK"))
            .await
            .refused(503, "PROVIDER_UNAVAILABLE");
        assert!(!answer.header("retry-after").is_empty(), "{name}");
        api.forget_calls();
        user.post(FLIGHTS, flights("LHR", "JFK")).await.expect(200);
    }
    let (carol, _) = traveller(&api, "carol").await;
    let found = carol.post(FLIGHTS, flights("LGW", "LHR")).await.expect(200);
    let offer = found.data()["offers"][0]["id"].as_str().unwrap();
    carol
        .get(&format!("/api/v1/search/offers/{offer}"))
        .await
        .refused(409, "OFFER_GONE");
}

#[tokio::test]
async fn an_old_answer_is_given_while_duffel_is_down() {
    let api = Api::start().await;
    let (alice, _) = traveller(&api, "alice").await;
    let id = alice
        .post(FLIGHTS, flights("LHR", "JFK"))
        .await
        .expect(200)
        .text_of("search_id");
    api.sandboxes().stop(Provider::Duffel).await;
    api.advance(SignedDuration::from_mins(6));
    let old = alice.get(&format!("{FLIGHTS}/{id}")).await.expect(200);
    assert_eq!(
        (&old.data()["stale"], &old.data()["cached"]),
        (&json!(true), &json!(true)),
        "{}",
        old.text
    );
    let duffel = report(old.data(), "duffel");
    assert_eq!((&duffel["status"], &duffel["stale"]), (&json!("failed"), &json!(true)));
    assert!(old.data()["made_at"].as_str().unwrap() < api.now().to_string().as_str());
    assert!(old.data()["total_results"].as_u64() > Some(0));
    api.advance(SignedDuration::from_mins(30));
    let later = alice.get(&format!("{FLIGHTS}/{id}")).await;
    later.refused(503, "PROVIDER_UNAVAILABLE");
}

#[tokio::test]
async fn a_search_of_a_day_that_is_over_says_so() {
    let api = Api::start().await;
    let (alice, _) = traveller(&api, "alice").await;
    let today = api.now().to_zoned(jiff::tz::TimeZone::UTC).date();
    let mut body = flights("LHR", "JFK");
    body["departure_date"] = json!(today.tomorrow().unwrap().to_string());
    let id = alice.post(FLIGHTS, body).await.expect(200).text_of("search_id");
    api.advance(SignedDuration::from_hours(72));
    alice.get(&format!("{FLIGHTS}/{id}")).await.refused(409, "CONFLICT");
}

#[tokio::test]
async fn an_access_token_that_may_read_searches_may_search() {
    let api = Api::start().await;
    let (alice, _) = traveller(&api, "alice").await;
    let token = async |scope: &str| {
        let body = json!({ "name": scope, "scopes": [scope] });
        alice
            .post("/api/v1/auth/tokens", body)
            .await
            .expect(201)
            .text_of("token")
    };
    let post = async |token: &str, path: &str, body: Value| {
        Answer::of(api.request(Method::POST, path).bearer_auth(token).json(&body)).await
    };
    let reader = token("search:read").await;
    post(&reader, FLIGHTS, flights("LHR", "JFK")).await.expect(200);
    let saved = json!({ "name": "n", "kind": "flights", "parameters": flights("LHR", "JFK") });
    post(&reader, "/api/v1/search/saved", saved.clone())
        .await
        .refused(403, "INSUFFICIENT_SCOPE");
    post(&token("search:write").await, "/api/v1/search/saved", saved)
        .await
        .expect(201);
    let other = token("trips:write").await;
    post(&other, FLIGHTS, flights("LHR", "JFK"))
        .await
        .refused(403, "INSUFFICIENT_SCOPE");
}
