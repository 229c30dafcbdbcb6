use futures_util::future::join_all;
use jiff::SignedDuration;
use serde_json::json;
use tripsage_sandboxes::Provider;
use tripsage_tests::{Api, Job};

use super::{ACTIVITIES, FLIGHTS, STAYS, asked, flights, stays, traveller};
use crate::keys::{duffel, stored};

fn decrypts(api: &Api) -> usize {
    let calls = api.cloud().aws().calls().into_iter();
    calls
        .filter(|call| call.operation.as_deref() == Some("Decrypt"))
        .count()
}

#[tokio::test]
async fn a_cached_search_costs_one_round_trip_and_nothing_else() {
    let api = Api::start().await;
    let (alice, _) = traveller(&api, "alice").await;
    for (path, body, provider) in [
        (FLIGHTS, flights("LHR", "JFK"), Provider::Duffel),
        (STAYS, stays(), Provider::AirbnbMcp),
        (ACTIVITIES, json!({ "destination": "Kyoto" }), Provider::Places),
    ] {
        let first = alice.post(path, body.clone()).await.expect(200);
        assert!(asked(&api, provider) > 0, "{}", first.text);
        api.forget_calls();
        let again = alice.post(path, body).await.expect(200);
        assert_eq!(again.data()["cached"], true, "{}", again.text);
        assert_eq!(api.calls(), (Vec::new(), 1), "{path}: 1 of Upstash, 0 of DynamoDB");
        assert_eq!(
            (decrypts(&api), asked(&api, Provider::Duffel), asked(&api, provider)),
            (0, 0, 0),
            "{path}"
        );
    }
}

#[tokio::test]
async fn what_the_scheduler_has_warmed_is_found_in_the_same_round_trip() {
    let api = Api::start().await;
    // The scheduler is another process: it shares nothing with the function but Redis.
    for _ in 0..8 {
        let report = api.run_job(Job::WarmCache).await.unwrap();
        assert!(report.done >= 9 && report.failed == 0, "{report:?}");
        api.advance(SignedDuration::from_secs(300));
    }
    api.forget_calls();
    for city in ["kyoto-jp", "paris-fr", "zurich-ch"] {
        let found = api
            .get(&format!("/api/v1/destinations/{city}/weather"))
            .await
            .expect(200);
        assert_eq!(found.data()["cached"], true, "{city}");
    }
    assert_eq!(api.calls(), (Vec::new(), 3), "foreseen, and looked up with the limit");
    assert_eq!(asked(&api, Provider::OpenMeteo), 0);
    api.run_job(Job::WarmCache).await.unwrap();
    let (alice, _) = traveller(&api, "alice").await;
    let found = alice
        .post(ACTIVITIES, json!({ "destination": "London" }))
        .await
        .expect(200);
    assert_eq!(
        (&found.data()["cached"], asked(&api, Provider::Places)),
        (&json!(true), 0)
    );
}

#[tokio::test]
async fn warming_goes_on_when_providers_do_not_answer() {
    let api = Api::start().await;
    api.sandboxes().stop(Provider::OpenMeteo).await;
    let report = api.run_job(Job::WarmCache).await.unwrap();
    assert!(report.failed >= 1 && report.done >= 1, "{report:?}");
}

#[tokio::test]
async fn many_who_ask_at_once_ask_duffel_once() {
    let api = Api::start().await;
    let (alice, _) = traveller(&api, "alice").await;
    let answers = join_all((0..60).map(|_| alice.post(FLIGHTS, flights("LHR", "JFK")))).await;
    for answer in answers {
        answer.expect(200);
    }
    let searches = api.sandboxes().calls(Provider::Duffel);
    let made = searches
        .iter()
        .filter(|call| call.path.starts_with("/air/offer_requests"));
    assert_eq!(made.count(), 1);
}

#[tokio::test]
async fn offers_of_one_account_are_not_shown_to_another() {
    let api = Api::start().await;
    let (alice, _) = traveller(&api, "alice").await;
    let (bob, _) = traveller(&api, "bob").await;
    alice.post(FLIGHTS, flights("LHR", "JFK")).await.expect(200);
    let his = bob.post(FLIGHTS, flights("LHR", "JFK")).await.expect(200);
    assert_eq!(his.data()["cached"], false);
    // Another key is another account, at once; the newest is the one that is used.
    api.advance(SignedDuration::from_secs(1));
    stored(&alice, "duffel", &duffel("other")).await;
    let anew = alice.post(FLIGHTS, flights("LHR", "JFK")).await.expect(200);
    assert_eq!(anew.data()["cached"], false, "{}", anew.text);
    // Places are found with the stage's key: everybody shares them.
    alice
        .post(ACTIVITIES, json!({ "destination": "Kyoto" }))
        .await
        .expect(200);
    let shared = bob
        .post(ACTIVITIES, json!({ "destination": "kyoto-jp" }))
        .await
        .expect(200);
    assert_eq!(shared.data()["cached"], true);
}

#[tokio::test]
async fn a_warm_search_sees_a_lock_and_another_version_of_its_key_at_once() {
    let api = Api::start().await;
    let (alice, key) = traveller(&api, "alice").await;
    let search = async || alice.post(FLIGHTS, flights("LHR", "JFK")).await;
    search().await.expect(200);
    assert_eq!(search().await.expect(200).data()["cached"], true);
    let new = json!({ "new_key": duffel("other"), "validate": false });
    alice.post(&format!("/api/v1/keys/{key}/rotate"), new).await.expect(200);
    assert_eq!(search().await.expect(200).data()["cached"], false);
    assert_eq!(search().await.expect(200).data()["cached"], true);

    for number in 0..10 {
        let tried = json!({ "service": "duffel", "key": duffel(&format!("{number}")) });
        alice.post("/api/v1/keys/validate", tried).await.expect(200);
    }
    // The locked key counts for nothing, and the stage has none.
    search().await.refused(409, "KEY_REQUIRED");
}

#[tokio::test]
async fn prices_are_asked_for_again_after_five_minutes() {
    let api = Api::start().await;
    let (alice, _) = traveller(&api, "alice").await;
    alice.post(FLIGHTS, flights("LHR", "JFK")).await.expect(200);
    api.advance(SignedDuration::from_secs(299));
    assert_eq!(
        alice.post(FLIGHTS, flights("LHR", "JFK")).await.expect(200).data()["cached"],
        true
    );
    api.advance(SignedDuration::from_secs(2));
    assert_eq!(
        alice.post(FLIGHTS, flights("LHR", "JFK")).await.expect(200).data()["cached"],
        false
    );
}

#[tokio::test]
async fn without_redis_searches_are_answered_all_the_same() {
    use tripsage_tests::{Effect, Fault};
    let api = Api::start().await;
    let (alice, _) = traveller(&api, "alice").await;
    api.cloud().upstash().fault(Fault::new(Effect::Reset));
    alice.post(FLIGHTS, flights("LHR", "JFK")).await.expect(200);
    let found = alice.post(FLIGHTS, flights("LHR", "JFK")).await.expect(200);
    assert!(found.data()["total_results"].as_u64() > Some(0));
}

#[tokio::test]
async fn without_kms_no_key_is_opened_and_the_rest_works() {
    use tripsage_tests::Fault;
    let api = Api::start().await;
    let (alice, _) = traveller(&api, "alice").await;
    api.cloud()
        .aws()
        .fault(Fault::aws(500, "KMSInternalException").operation("Decrypt"));
    let answer = alice
        .post(FLIGHTS, flights("LHR", "JFK"))
        .await
        .refused(503, "DEPENDENCY_UNAVAILABLE");
    assert!(!answer.header("retry-after").is_empty());
    alice
        .post(ACTIVITIES, json!({ "destination": "Kyoto" }))
        .await
        .expect(200);
    let found = alice.post(STAYS, stays()).await.expect(200);
    assert_eq!(super::report(found.data(), "duffel")["status"], "failed");
}
