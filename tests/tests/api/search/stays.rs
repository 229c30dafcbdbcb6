use serde_json::json;
use tripsage_sandboxes::Provider;
use tripsage_tests::Api;

use super::{STAYS, asked, column, number, report, stays, traveller};

#[tokio::test]
async fn hotels_and_homes_are_found_together() {
    let api = Api::start().await;
    let (alice, _) = traveller(&api, "alice").await;
    let mut body = stays();
    body["per_page"] = json!(100);
    body["sort_by"] = json!("price");
    let found = alice.post(STAYS, body).await.expect(200);
    let data = found.data();
    for provider in ["duffel", "airbnb"] {
        assert_eq!(report(data, provider)["status"], "ok", "{}", found.text);
        assert!(report(data, provider)["count"].as_u64() > Some(0));
    }
    let listings = data["listings"].as_array().unwrap();
    let of = |source: &str| listings.iter().find(|listing| listing["source"] == source).unwrap();
    let (hotel, home) = (of("duffel"), of("airbnb"));
    assert_eq!(
        (&hotel["property_type"], &hotel["bookable"], &hotel["nights"]),
        (&json!("hotel"), &json!(true), &json!(3))
    );
    assert_eq!(
        (&home["property_type"], &home["bookable"]),
        (&json!("home"), &json!(false))
    );
    assert!(home["listing_url"].as_str().unwrap().starts_with("https://"));
    assert!(
        hotel["total_price"].is_string() && hotel["location"]["distance_to_center"].is_number(),
        "{hotel}"
    );
    let by_currency = |currency: &str| -> Vec<f64> {
        let priced = listings
            .iter()
            .filter(|listing| listing["currency"] == currency && listing["total_price"].is_string());
        priced.map(|listing| number(&listing["total_price"])).collect()
    };
    let prices = by_currency(hotel["currency"].as_str().unwrap());
    assert!(!prices.is_empty());

    let id = hotel["id"].as_str().unwrap();
    let read = alice.get(&format!("{STAYS}/{id}")).await.expect(200);
    assert!(!read.data()["rates"].as_array().unwrap().is_empty(), "{}", read.text);
    let id = home["id"].as_str().unwrap();
    let read = alice
        .get(&format!("{STAYS}/{id}?check_in=2027-06-01&check_out=2027-06-04"))
        .await
        .expect(200);
    assert_eq!(read.data()["source"], "airbnb");
    for unknown in ["nothing", "expedia_1", "duffel_", "duffel_srr_unknown"] {
        alice.get(&format!("{STAYS}/{unknown}")).await.refused(404, "NOT_FOUND");
    }
    alice
        .get(&format!("{STAYS}/{id}?check_in=2027-06-01"))
        .await
        .refused_field("check_out");
}

#[tokio::test]
async fn filters_work_on_what_was_found() {
    let api = Api::start().await;
    let (alice, _) = traveller(&api, "alice").await;
    alice.post(STAYS, stays()).await.expect(200);
    api.forget_calls();
    let mut body = stays();
    body["property_types"] = json!(["hotel"]);
    body["min_rating"] = json!(7);
    body["sort_by"] = json!("rating");
    let found = alice.post(STAYS, body).await.expect(200);
    let ratings: Vec<f64> = column(&found.data()["listings"], "rating")
        .into_iter()
        .map(number)
        .collect();
    assert!(
        ratings.is_sorted_by(|a, b| a >= b) && ratings.iter().all(|rating| *rating >= 7.0),
        "{ratings:?}"
    );
    let mut body = stays();
    body["max_distance_km"] = json!(2);
    body["sort_by"] = json!("distance");
    let near = alice.post(STAYS, body).await.expect(200);
    for location in column(&near.data()["listings"], "location") {
        assert!(number(&location["distance_to_center"]) <= 2.0);
    }
    assert_eq!(
        (asked(&api, Provider::Duffel), asked(&api, Provider::AirbnbMcp)),
        (0, 0)
    );
}

#[tokio::test]
async fn a_place_that_is_not_known_here_is_looked_up_by_name_only() {
    let api = Api::start().await;
    let (alice, _) = traveller(&api, "alice").await;
    let mut body = stays();
    body["location"] = json!("Hintertupfing");
    let found = alice.post(STAYS, body).await;
    let reports = if found.status == 200 {
        found.data().clone()
    } else {
        found.body["details"]["context"].clone()
    };
    assert_eq!(report(&reports, "duffel")["status"], "skipped", "{}", found.text);
}

#[tokio::test]
async fn bad_questions_name_their_field() {
    let api = Api::start().await;
    let (alice, _) = traveller(&api, "alice").await;
    for (change, field) in [
        (json!({ "location": "" }), "location"),
        (json!({ "check_in": "2020-01-01" }), "check_in"),
        (json!({ "check_out": "2027-06-01" }), "check_out"),
        (json!({ "adults": 0 }), "adults"),
        (json!({ "currency": "XXQ" }), "currency"),
        (json!({ "min_price": 2, "max_price": 1 }), "max_price"),
        (json!({ "bedrooms": 2 }), "bedrooms"),
    ] {
        let mut body = stays();
        body.as_object_mut()
            .unwrap()
            .extend(change.as_object().unwrap().clone());
        alice.post(STAYS, body).await.refused_field(field);
    }
}
