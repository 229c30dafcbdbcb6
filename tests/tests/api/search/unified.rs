use serde_json::{Value, json};
use tripsage_tests::Api;

use super::{UNIFIED, column, number, report, traveller};

pub(super) fn whole() -> Value {
    json!({
        "query": "tea ceremony", "destination": "Tokyo", "origin": "LHR",
        "start_date": "2027-06-01", "end_date": "2027-06-04", "per_page": 100,
    })
}

#[tokio::test]
async fn everything_about_a_place_is_found_at_once() {
    let api = Api::start().await;
    let (alice, _) = traveller(&api, "alice").await;
    let found = alice.post(UNIFIED, whole()).await.expect(200);
    let data = found.data();
    for kind in ["destination", "flight", "accommodation", "activity"] {
        assert!(
            data["results_by_type"][kind].as_u64() > Some(0),
            "{kind}: {}",
            found.text
        );
    }
    let scores: Vec<f64> = column(&data["results"], "relevance_score")
        .into_iter()
        .map(number)
        .collect();
    assert!(scores.is_sorted_by(|a, b| a >= b), "{scores:?}");
    let links = column(&data["results"], "link");
    for kind in [
        "/api/v1/destinations/",
        "/api/v1/search/accommodations/duffel_",
        "/api/v1/search/activities/",
        "/api/v1/search/offers/",
    ] {
        let link = links
            .iter()
            .find_map(|link| link.as_str().filter(|link| link.starts_with(kind)));
        alice.get(link.unwrap_or_else(|| panic!("{kind}"))).await.expect(200);
    }
    let mut body = whole();
    body["sort_by"] = json!("price");
    body["types"] = json!(["flight"]);
    let cheap = alice.post(UNIFIED, body).await.expect(200);
    assert_eq!(cheap.data()["cached"], true, "{}", cheap.text);
    let prices: Vec<f64> = column(&cheap.data()["results"], "price")
        .into_iter()
        .map(|price| number(&price["amount"]))
        .collect();
    assert!(prices.is_sorted(), "{prices:?}");
}

#[tokio::test]
async fn what_is_missing_for_a_kind_is_named() {
    let api = Api::start().await;
    let (alice, _) = traveller(&api, "alice").await;
    let found = alice.post(UNIFIED, json!({ "query": "Kyoto" })).await.expect(200);
    assert_eq!(found.data()["results"][0]["id"], "kyoto-jp", "{}", found.text);
    assert_eq!(report(found.data(), "airbnb")["status"], "skipped");
    assert!(
        report(found.data(), "duffel")["message"]
            .as_str()
            .unwrap()
            .contains("origin")
    );
    assert_eq!(report(found.data(), "google_places")["status"], "ok");
    alice.post(UNIFIED, json!({})).await.refused_field("query");
    alice
        .post(UNIFIED, json!({ "query": "x", "types": ["car"] }))
        .await
        .refused_field("types[0]");
    let mut body = whole();
    body["start_date"] = json!("2020-01-01");
    alice.post(UNIFIED, body).await.refused_field("start_date");
}
