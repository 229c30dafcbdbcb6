//! Providers off one by one: the rest is answered, and who failed is named.

use serde_json::json;
use tripsage_sandboxes::{Effect, Fault, Provider};
use tripsage_tests::Api;

use super::{ACTIVITIES, FLIGHTS, STAYS, UNIFIED, asked, flights, report, stays, traveller, unified::whole};

#[tokio::test]
async fn sandboxes_off_one_by_one() {
    let api = Api::start().await;
    for (provider, name, missing, left) in [
        (
            Provider::Duffel,
            "duffel",
            "flight",
            ["destination", "accommodation", "activity"],
        ),
        (
            Provider::AirbnbMcp,
            "airbnb",
            "",
            ["flight", "accommodation", "activity"],
        ),
        (
            Provider::Places,
            "google_places",
            "activity",
            ["destination", "flight", "accommodation"],
        ),
        (Provider::OpenMeteo, "", "", ["flight", "accommodation", "activity"]),
        (Provider::OpenWeather, "", "", ["flight", "accommodation", "activity"]),
    ] {
        // Somebody new, so that nothing is in the cache but what belongs to the stage.
        let (user, _) = traveller(
            &api,
            &format!("without-{}", provider.variable().to_lowercase().replace('_', "-")),
        )
        .await;
        api.sandboxes().stop(provider).await;
        let mut body = whole();
        body["query"] = json!(format!("museum {}", user.name.len()));
        let found = user.post(UNIFIED, body).await.expect(200);
        let data = found.data();
        for kind in left {
            assert!(
                data["results_by_type"][kind].as_u64() > Some(0),
                "{name} off, {kind}: {}",
                found.text
            );
        }
        assert!(data["results_by_type"].get(missing).is_none());
        for report in data["providers"].as_array().unwrap() {
            let expected = if report["provider"] == name { "failed" } else { "ok" };
            assert_eq!(report["status"], expected, "{report}");
        }
        api.sandboxes().start_again(provider).await.unwrap();
        // Whoever failed is left alone for a while.
        api.advance(jiff::SignedDuration::from_mins(40));
    }
}

#[tokio::test]
async fn one_of_two_is_enough_and_none_is_not() {
    let api = Api::start().await;
    let (alice, _) = traveller(&api, "alice").await;
    api.sandboxes().stop(Provider::AirbnbMcp).await;
    let found = alice.post(STAYS, stays()).await.expect(200);
    assert_eq!(report(found.data(), "duffel")["status"], "ok", "{}", found.text);
    let airbnb = report(found.data(), "airbnb");
    assert_eq!((&airbnb["status"], &airbnb["count"]), (&json!("failed"), &json!(0)));
    assert!(airbnb["message"].is_string() && airbnb["retry_after_seconds"].is_number());

    let (bob, _) = traveller(&api, "bob").await;
    api.sandboxes().stop(Provider::AirbnbMcp).await;
    api.sandboxes().stop(Provider::Duffel).await;
    let none = bob.post(STAYS, stays()).await.refused(503, "DEPENDENCY_UNAVAILABLE");
    assert!(!none.header("retry-after").is_empty());
    assert_eq!(
        none.body["details"]["context"]["providers"].as_array().unwrap().len(),
        2
    );

    api.sandboxes().start_again(Provider::AirbnbMcp).await.unwrap();
    api.sandboxes().start_again(Provider::Duffel).await.unwrap();
    let carol = api.user("carol").await;
    let found = carol.post(STAYS, stays()).await.expect(200);
    assert_eq!(
        report(found.data(), "duffel")["status"],
        "not_configured",
        "homes without a key: {}",
        found.text
    );
}

#[tokio::test]
async fn who_is_slow_does_not_hold_the_others_up() {
    let api = Api::start().await;
    let (alice, _) = traveller(&api, "alice").await;
    let slow = Fault::new(Effect::Delay(std::time::Duration::from_secs(30)));
    api.sandboxes().fail(Provider::Duffel, slow);
    let begun = std::time::Instant::now();
    let found = alice.post(STAYS, stays()).await.expect(200);
    assert!(
        begun.elapsed() < std::time::Duration::from_secs(8),
        "{:?}",
        begun.elapsed()
    );
    assert_eq!(report(found.data(), "duffel")["status"], "timed_out", "{}", found.text);
    assert_eq!(report(found.data(), "airbnb")["status"], "ok");
}

#[tokio::test]
async fn nobody_elses_search_suffers_from_a_refused_key() {
    let api = Api::start().await;
    let alice = api.user("alice").await;
    crate::keys::stored(&alice, "duffel", "duffel_test_refused_0123456789abcdef").await;
    let (bob, _) = traveller(&api, "bob").await;
    let found = alice.post(STAYS, stays()).await.expect(200);
    let duffel = report(found.data(), "duffel");
    assert_eq!(duffel["status"], "key_refused", "{}", found.text);
    assert!(duffel["key_id"].is_string());
    bob.post(FLIGHTS, flights("LHR", "JFK")).await.expect(200);
    alice
        .post(ACTIVITIES, json!({ "destination": "Kyoto" }))
        .await
        .expect(200);
}

#[tokio::test]
async fn an_administrator_ends_the_rest_of_a_provider_that_is_well_again() {
    let api = Api::start_with(&[("READS_PER_MINUTE", "1000")]).await;
    let (alice, _) = traveller(&api, "alice").await;
    let admin = api.user_with_role("root", "admin").await;
    api.sandboxes().fail(Provider::Duffel, Fault::new(Effect::status(503)));
    let search = async |day: usize| {
        let mut body = flights("LHR", "JFK");
        body["departure_date"] = json!(format!("2027-06-{day:02}"));
        alice.post(FLIGHTS, body).await
    };
    // Every search is asked more than once.
    for day in 1..=21 {
        search(day).await.refused(503, "PROVIDER_UNAVAILABLE");
    }
    api.sandboxes().reset();
    api.forget_calls();
    search(22).await.refused(503, "PROVIDER_UNAVAILABLE");
    assert_eq!(asked(&api, Provider::Duffel), 0, "left alone, though it is well again");

    admin.post("/api/v1/integrations/refresh", json!({})).await.expect(200);
    search(22).await.expect(200);
    assert!(asked(&api, Provider::Duffel) > 0, "at once");
}
