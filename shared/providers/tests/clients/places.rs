use tripsage_domain::{
    place::{PlaceSearch, PriceLevel},
    service::Service,
    trip::Coordinates,
};
use tripsage_providers::{Fault, Refusal};

use crate::stub::{Answer, Stub, access, soon};

const LONDON: Coordinates = Coordinates {
    latitude: 51.5,
    longitude: -0.12,
};

#[tokio::test]
async fn a_search_names_the_fields_that_it_pays_for() {
    let stub = Stub::always(Answer::ok(include_str!("../../fixtures/places/search.json"))).await;
    let search = PlaceSearch::Text {
        query: "museums in London".to_owned(),
        near: Some((LONDON, 5_000)),
    };
    let found = stub
        .providers()
        .places()
        .search(&access(), &search, Some("page1"), soon())
        .await
        .unwrap();
    assert_eq!(
        (found.places.len(), found.dropped, found.next_page.as_deref()),
        (2, 2, Some("page2"))
    );
    let museum = &found.places[0];
    assert_eq!(
        (museum.price_level, museum.operational, museum.rating),
        (Some(PriceLevel::Free), Some(true), Some(4.7))
    );
    assert_eq!(
        (found.places[1].price_level, found.places[1].operational),
        (None, Some(false))
    );
    let asked = &stub.asked()[0];
    assert_eq!(asked.line, "POST /v1/places:searchText");
    assert_eq!(asked.header("x-goog-api-key"), "duffel_test_0123456789abcdef");
    let mask = asked.header("x-goog-fieldmask");
    assert!(
        mask.starts_with("places.id,places.displayName,") && !mask.contains(' ') && !mask.contains("reviews"),
        "{mask}"
    );
    assert_eq!(asked.body["locationBias"]["circle"]["radius"], 5_000.0);
    assert_eq!(
        (asked.body["pageToken"].as_str(), asked.body["textQuery"].as_str()),
        (Some("page1"), Some("museums in London"))
    );
}

#[tokio::test]
async fn nearby_search_stays_within_its_circle() {
    let stub = Stub::always(Answer::ok("{}")).await;
    let search = PlaceSearch::Nearby {
        center: LONDON,
        radius_m: 80_000,
        types: vec!["museum".to_owned()],
    };
    let found = stub
        .providers()
        .places()
        .search(&access(), &search, None, soon())
        .await
        .unwrap();
    assert_eq!((found.places.len(), found.next_page), (0, None));
    let asked = &stub.asked()[0];
    assert_eq!(asked.line, "POST /v1/places:searchNearby");
    assert_eq!(asked.body["locationRestriction"]["circle"]["radius"], 50_000.0);
    assert_eq!(asked.body["includedTypes"][0], "museum");
}

#[tokio::test]
async fn details_have_hours() {
    let stub = Stub::always(Answer::ok(include_str!("../../fixtures/places/details.json"))).await;
    let providers = stub.providers();
    let details = providers.places().details(&access(), "ChIJ1", soon()).await.unwrap();
    assert_eq!(
        (details.periods.len(), details.periods[0].open, details.periods[0].close),
        (2, (0, 600), Some((0, 1_020)))
    );
    assert_eq!((details.periods[1].open, details.periods[1].close), ((1, 0), None));
    assert_eq!(details.wheelchair_accessible, Some(true));
    for id in ["", "../v1/places/x", "a b", "x?y", &"x".repeat(301)] {
        let error = providers.places().details(&access(), id, soon()).await.unwrap_err();
        assert!(
            matches!(
                error.fault,
                Fault::Refused {
                    refusal: Refusal::NotFound,
                    ..
                }
            ),
            "{id}"
        );
    }
    assert_eq!(stub.asked().len(), 1);
}

#[tokio::test]
async fn a_key_that_google_does_not_know_is_an_invalid_argument_to_it() {
    let error = |status: &str, reason: &str| {
        format!(r#"{{"error":{{"code":1,"message":"m","status":"{status}","details":[{{"reason":"{reason}"}}]}}}}"#)
    };
    for (code, body, name) in [
        (400, error("INVALID_ARGUMENT", "API_KEY_INVALID"), "key_refused"),
        (403, error("PERMISSION_DENIED", "SERVICE_DISABLED"), "key_refused"),
        (400, error("INVALID_ARGUMENT", "OTHER"), "refused"),
        (400, "<html>".to_owned(), "refused"),
        (404, error("NOT_FOUND", ""), "refused"),
        (429, error("RESOURCE_EXHAUSTED", ""), "rate_limited"),
        (500, error("INTERNAL", ""), "unavailable"),
    ] {
        let stub = Stub::always(Answer::status(code, body)).await;
        let error = stub
            .providers()
            .probe(Service::GooglePlaces, &access(), soon())
            .await
            .unwrap_err();
        assert_eq!(error.fault.name(), name, "{code}");
        assert_eq!(stub.asked()[0].header("x-goog-fieldmask"), "places.id");
    }
}
