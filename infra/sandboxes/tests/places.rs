//! Google Places: searches, details, field masks and keys.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "the whole crate is a test"
)]

mod support;

use reqwest::Method;
use serde_json::{Value, json};
use support::{Answer, Lab};
use tripsage_sandboxes::Provider;

const KEY: &str = "AIzaSandbox0123456789";

async fn search(lab: &Lab, operation: &str, mask: &str, body: Value) -> Answer {
    let request = lab.request(Provider::Places, Method::POST, &format!("/v1/places:{operation}"));
    Answer::of(
        request
            .header("x-goog-api-key", KEY)
            .header("x-goog-fieldmask", mask)
            .json(&body),
    )
    .await
}

#[track_caller]
fn refused(answer: &Answer, code: u16, status: &str) {
    assert_eq!(answer.status, code);
    assert_eq!(
        (&answer.body["error"]["code"], &answer.body["error"]["status"]),
        (&json!(code), &json!(status))
    );
    assert!(answer.body["error"]["message"].is_string());
}

#[tokio::test]
async fn keys_are_checked() {
    let lab = Lab::start().await;
    let post = || {
        lab.request(Provider::Places, Method::POST, "/v1/places:searchText")
            .header("x-goog-fieldmask", "*")
    };
    let body = json!({ "textQuery": "museums in Lisbon" });
    refused(&Answer::of(post().json(&body)).await, 403, "PERMISSION_DENIED");
    for (key, code, status) in [
        ("wrong", 403, "PERMISSION_DENIED"),
        ("AIzaInvalid", 400, "INVALID_ARGUMENT"),
        ("AIzaSandboxExhausted", 429, "RESOURCE_EXHAUSTED"),
    ] {
        refused(
            &Answer::of(post().header("x-goog-api-key", key).json(&body)).await,
            code,
            status,
        );
    }
}

#[tokio::test]
async fn only_fields_of_the_mask_are_answered() {
    let lab = Lab::start().await;
    let body = json!({ "textQuery": "museums in Lisbon", "pageSize": 3 });
    refused(
        &search(&lab, "searchText", "", body.clone()).await,
        400,
        "INVALID_ARGUMENT",
    );
    let answer = search(&lab, "searchText", "places.id,places.displayName.text", body).await;
    let places = answer.body["places"].as_array().unwrap();
    assert_eq!(places.len(), 3);
    for place in places {
        assert_eq!(place.as_object().unwrap().len(), 2);
        assert_eq!(place["displayName"].as_object().unwrap().len(), 1);
        assert!(place["displayName"]["text"].as_str().unwrap().ends_with("Museum"));
    }
    assert!(answer.body.get("nextPageToken").is_none(), "it was not asked for");
}

#[tokio::test]
async fn pages_follow_each_other() {
    let lab = Lab::start().await;
    let mut body = json!({ "textQuery": "things in Lisbon", "pageSize": 20 });
    let mut seen = std::collections::BTreeSet::new();
    for page in 0..3 {
        let answer = search(&lab, "searchText", "places.id,nextPageToken", body.clone()).await;
        seen.extend(
            answer.body["places"]
                .as_array()
                .unwrap()
                .iter()
                .map(|place| place["id"].to_string()),
        );
        assert_eq!(answer.body["nextPageToken"].is_string(), page < 2);
        body["pageToken"] = answer.body["nextPageToken"].clone();
    }
    assert_eq!(seen.len(), 60);
    body["pageToken"] = json!("x");
    refused(&search(&lab, "searchText", "*", body).await, 400, "INVALID_ARGUMENT");
    let nowhere = json!({ "textQuery": "museums in Atlantis" });
    assert_eq!(search(&lab, "searchText", "places.id", nowhere).await.body, json!({}));
}

#[tokio::test]
async fn nearby_and_details() {
    let lab = Lab::start().await;
    let circle =
        |radius: f64| json!({ "circle": { "center": { "latitude": 35.68, "longitude": 139.76 }, "radius": radius } });
    let body =
        json!({ "includedTypes": ["restaurant"], "rankPreference": "DISTANCE", "locationRestriction": circle(5000.0) });
    let answer = search(&lab, "searchNearby", "*", body).await;
    let place = answer.body["places"][0].clone();
    assert!(place["types"].as_array().unwrap().contains(&json!("restaurant")));
    assert!(place["priceLevel"].as_str().unwrap().starts_with("PRICE_LEVEL_"));
    let far = json!({ "locationRestriction": circle(50_001.0) });
    refused(&search(&lab, "searchNearby", "*", far).await, 400, "INVALID_ARGUMENT");
    refused(
        &search(&lab, "searchNearby", "*", json!({})).await,
        400,
        "INVALID_ARGUMENT",
    );

    let get = |id: &str| {
        let request = lab.request(Provider::Places, Method::GET, &format!("/v1/places/{id}"));
        Answer::of(
            request
                .header("x-goog-api-key", KEY)
                .header("x-goog-fieldmask", "id,location,rating"),
        )
    };
    let details = get(place["id"].as_str().unwrap()).await;
    assert_eq!(
        details.body,
        json!({ "id": place["id"], "location": place["location"], "rating": place["rating"] })
    );
    refused(&get("ChIJnothing").await, 400, "INVALID_ARGUMENT");
    refused(&get("ChIJ0000000000abcdefghijklm").await, 404, "NOT_FOUND");
}
