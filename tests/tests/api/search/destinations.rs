use serde_json::json;
use tripsage_sandboxes::Provider;
use tripsage_tests::Api;

use super::{asked, report};
use crate::keys::stored;

/// A key that the sandbox of OpenWeather takes.
const OPENWEATHER: &str = "5a4d00000000000000000000000000aa";

#[tokio::test]
async fn destinations_and_airports_are_open_to_all_and_ask_nobody() {
    let api = Api::start().await;
    api.forget_calls();
    let found = api
        .post("/api/v1/search/destinations", json!({ "query": "Kyoto" }))
        .await
        .expect(200);
    let kyoto = &found.data()["destinations"][0];
    assert_eq!(
        (
            &kyoto["id"],
            &kyoto["country_code"],
            &kyoto["currency"],
            &kyoto["timezone"]
        ),
        (&json!("kyoto-jp"), &json!("JP"), &json!("JPY"), &json!("Asia/Tokyo"))
    );
    assert!(kyoto["attribution"]["text"].as_str().unwrap().contains("GeoNames"));
    assert!(
        kyoto.get("rating").is_none(),
        "nobody rates cities under an open licence"
    );
    let body = json!({ "query": "Japan", "capitals_only": true });
    let capital = api.post("/api/v1/search/destinations", body).await.expect(200);
    assert_eq!(
        (
            &capital.data()["total_results"],
            &capital.data()["destinations"][0]["id"]
        ),
        (&json!(1), &json!("tokyo-jp"))
    );
    let none = api
        .post("/api/v1/search/destinations", json!({ "query": "xyzzyx" }))
        .await
        .expect(200);
    assert_eq!(none.data()["destinations"], json!([]));

    let read = api.get("/api/v1/destinations/kyoto-jp").await.expect(200);
    assert_eq!(read.data()["name"], "Kyoto");
    assert!(
        read.data()["airports"]
            .as_array()
            .unwrap()
            .iter()
            .any(|airport| airport["iata_code"] == "ITM"),
        "{}",
        read.text
    );
    api.get("/api/v1/destinations/atlantis").await.refused(404, "NOT_FOUND");

    let popular = api
        .get("/api/v1/destinations/popular?continent=europe&limit=5")
        .await
        .expect(200);
    let destinations = popular.data()["destinations"].as_array().unwrap();
    assert!(destinations.len() == 5 && destinations.iter().all(|one| one["continent"] == "europe"));
    assert!(popular.data()["basis"].as_str().unwrap().contains("by hand"));

    let airports = api.get("/api/v1/airports?q=z%C3%BCri").await.expect(200);
    assert_eq!(airports.data()["results"][0]["iata_code"], "ZRH");
    assert_eq!(api.calls().0, Vec::<String>::new());
    for (path, field) in [
        ("/api/v1/airports", "q"),
        ("/api/v1/airports?q=", "q"),
        ("/api/v1/airports?q=z&limit=51", "limit"),
        ("/api/v1/destinations/popular?continent=atlantis", "continent"),
        ("/api/v1/destinations/kyoto-jp/weather?days=17", "days"),
    ] {
        api.get(path).await.refused_field(field);
    }
    for (body, field) in [
        (json!({}), "query"),
        (json!({ "query": "x", "country": "XQ" }), "country"),
        (json!({ "query": "x", "page": 51 }), "page"),
    ] {
        api.post("/api/v1/search/destinations", body).await.refused_field(field);
    }
}

#[tokio::test]
async fn suggestions_are_for_those_who_are_signed_in() {
    let api = Api::start().await;
    api.get("/api/v1/search/suggest?query=zur")
        .await
        .refused(401, "MISSING_AUTHORIZATION");
    let alice = api.user("alice").await;
    let found = alice.get("/api/v1/search/suggest?query=zur").await.expect(200);
    let suggestions = found.data().as_array().unwrap();
    assert!(
        suggestions
            .iter()
            .any(|one| one["id"] == "zurich-ch" && one["type"] == "destination"),
        "{}",
        found.text
    );
    assert!(
        suggestions
            .iter()
            .any(|one| one["id"] == "ZRH" && one["type"] == "airport")
    );
    let found = alice.get("/api/v1/search/suggest?query=jfk").await.expect(200);
    assert_eq!(found.data()[0]["id"], "JFK", "{}", found.text);
}

#[tokio::test]
async fn the_weather_is_cached_for_an_hour_and_named_after_its_source() {
    let api = Api::start().await;
    let path = "/api/v1/destinations/kyoto-jp/weather";
    let found = api.get(&format!("{path}?days=3")).await.expect(200);
    assert_eq!(found.data()["days"].as_array().unwrap().len(), 3, "{}", found.text);
    assert_eq!(
        (&found.data()["provider"], &found.data()["cached"]),
        (&json!("open_meteo"), &json!(false))
    );
    assert_eq!(found.data()["attribution"]["licence"], "CC BY 4.0");
    api.forget_calls();
    let again = api.get(&format!("{path}?days=16")).await.expect(200);
    assert_eq!(
        (&again.data()["cached"], again.data()["days"].as_array().unwrap().len()),
        (&json!(true), 16)
    );
    assert_eq!((api.calls(), asked(&api, Provider::OpenMeteo)), ((Vec::new(), 1), 0));

    api.advance(jiff::SignedDuration::from_secs(3601));
    api.sandboxes().stop(Provider::OpenMeteo).await;
    let old = api.get(path).await.expect(200);
    assert_eq!(old.data()["stale"], true);
    let none = api
        .get("/api/v1/destinations/paris-fr/weather")
        .await
        .refused(503, "PROVIDER_UNAVAILABLE");
    assert!(!none.header("retry-after").is_empty());
    api.get("/api/v1/destinations/paris-fr").await.expect(200);
}

#[tokio::test]
async fn who_has_a_key_of_openweather_is_answered_by_it() {
    let api = Api::start().await;
    let alice = api.user("alice").await;
    let path = "/api/v1/destinations/kyoto-jp/weather";
    assert_eq!(alice.get(path).await.expect(200).data()["provider"], "open_meteo");
    stored(&alice, "openweather", OPENWEATHER).await;
    let own = alice.get(path).await.expect(200);
    assert_eq!(own.data()["provider"], "openweather", "{}", own.text);
    assert_eq!(
        own.data()["attribution"]["text"],
        "Weather data provided by OpenWeather"
    );
    api.sandboxes().stop(Provider::OpenWeather).await;
    api.advance(jiff::SignedDuration::from_hours(12));
    let other = alice.get(path).await.expect(200);
    assert_eq!(other.data()["provider"], "open_meteo", "{}", other.text);
    assert_eq!(report(other.data(), "openweather")["status"], "failed");
}
