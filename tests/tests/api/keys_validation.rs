//! What a service says about a key, and what is made of it.

use jiff::SignedDuration;
use serde_json::{Value, json};
use tripsage_sandboxes::{Effect, Fault, Provider};
use tripsage_tests::{Api, User};

use crate::keys::{KEYS, duffel};

const REFUSED: &str = "duffel_test_refused_0123456789";

async fn validate(user: &User, key: &str) -> Value {
    let body = json!({ "service": "duffel", "key": key });
    user.post(&format!("{KEYS}/validate"), body)
        .await
        .expect(200)
        .data()
        .clone()
}

fn asked(api: &Api) -> usize {
    api.sandboxes().calls(Provider::Duffel).len()
}

fn verdict(answer: &Value) -> (&str, bool, bool) {
    let flag = |name: &str| answer[name].as_bool().unwrap();
    (answer["status"].as_str().unwrap(), flag("is_valid"), flag("cached"))
}

#[tokio::test]
async fn a_key_is_tried_and_the_answer_is_kept_for_five_minutes() {
    let api = Api::start().await;
    let ann = api.user("ann").await;
    assert_eq!(verdict(&validate(&ann, &duffel("abcd")).await), ("valid", true, false));
    assert_eq!(verdict(&validate(&ann, &duffel("abcd")).await), ("valid", true, true));
    assert_eq!(asked(&api), 1);
    assert_eq!(verdict(&validate(&ann, REFUSED).await), ("invalid", false, false));
    assert_eq!(verdict(&validate(&ann, REFUSED).await), ("invalid", false, true));
    assert_eq!(asked(&api), 2);
    assert_eq!(
        verdict(&validate(&ann, "duffel_tset_0123456789012345").await),
        ("format_error", false, false)
    );
    assert_eq!(asked(&api), 2, "what cannot be a key is not sent anywhere");
    api.advance(SignedDuration::from_secs(300));
    assert_eq!(verdict(&validate(&ann, &duffel("abcd")).await), ("valid", true, false));
    assert_eq!(asked(&api), 3);
    let webhook = json!({ "service": "duffel_webhook", "key": "QKfUULLQh+8SegYmIsF6kA==" });
    let answer = ann.post(&format!("{KEYS}/validate"), webhook).await.expect(200);
    assert_eq!(
        (verdict(answer.data()), asked(&api)),
        (("valid", true, false), 3),
        "nobody can be asked"
    );
    assert_eq!(ann.get(KEYS).await.expect(200).data(), &json!([]), "nothing is stored");
}

#[tokio::test]
async fn every_service_can_be_asked() {
    let api = Api::start().await;
    let ann = api.user("ann").await;
    for (service, key) in [
        ("duffel", duffel("abcd")),
        ("google_places", format!("AIzaSandbox{:x>28}", "abcd")),
        ("openweather", format!("5a4d{:0>28}", "abcd")),
    ] {
        let body = json!({ "name": "n", "service": service, "key": key });
        let answer = ann.post(KEYS, body).await.expect(201);
        assert_eq!(answer.data()["status"], "active", "{service}");
    }
}

#[tokio::test]
async fn what_the_service_refuses_is_not_stored() {
    let api = Api::start().await;
    let ann = api.user("ann").await;
    let good = json!({ "name": "n", "service": "duffel", "key": duffel("abcd") });
    let answer = ann.post(KEYS, good.clone()).await.expect(201);
    let key = answer.data();
    assert_eq!((&key["status"], &key["is_valid"]), (&json!("active"), &json!(true)));
    assert_eq!(key["last_validated"], "2027-03-03T10:00:00Z");
    let bad = json!({ "name": "n", "service": "duffel", "key": REFUSED });
    let refused = ann.post(KEYS, bad).await.refused(400, "KEY_REFUSED");
    assert_eq!(refused.body["details"]["context"]["service"], "duffel");
    let rotate = format!("{KEYS}/{}/rotate", answer.text_of("id"));
    ann.post(&rotate, json!({ "new_key": REFUSED }))
        .await
        .refused(400, "KEY_REFUSED");
    assert_eq!(ann.get(KEYS).await.expect(200).data(), &json!([key]));
    let rotated = ann
        .post(&rotate, json!({ "new_key": duffel("efgh") }))
        .await
        .expect(200);
    let key = rotated.data();
    assert_eq!(
        (&key["status"], &key["previous_version"]),
        (&json!("active"), &json!(1))
    );
}

#[tokio::test]
async fn a_service_that_says_nothing_is_named_and_holds_nobody_up() {
    let api = Api::start().await;
    let ann = api.user("ann").await;
    let body = json!({ "name": "n", "service": "duffel", "key": duffel("abcd") });
    api.sandboxes().stop(Provider::Duffel).await;
    assert_eq!(
        verdict(&validate(&ann, &duffel("abcd")).await),
        ("service_error", false, false)
    );
    let refused = ann
        .post(KEYS, body.clone())
        .await
        .refused(503, "DEPENDENCY_UNAVAILABLE");
    assert_eq!(refused.body["details"]["context"]["service"], "duffel");
    assert!(!refused.header("retry-after").is_empty());
    assert_eq!(ann.get(KEYS).await.expect(200).data(), &json!([]));
    let mut unasked = body.clone();
    unasked["validate"] = json!(false);
    let stored = ann.post(KEYS, unasked).await.expect(201);
    assert_eq!(stored.data()["status"], "unverified");
    api.sandboxes().start_again(Provider::Duffel).await.unwrap();
    let path = format!("{KEYS}/{}", stored.text_of("id"));
    let answer = ann.post(&format!("{path}/validate"), json!({})).await.expect(200);
    assert_eq!(verdict(answer.data()), ("valid", true, false));
    assert_eq!(ann.get(&path).await.expect(200).data()["status"], "active");

    // A provider's own words go to nobody.
    let words = Effect::Answer {
        status: 429,
        headers: vec![("retry-after".to_owned(), "7".to_owned())],
        body: "{\"errors\":[{\"message\":\"words of the provider\"}]}".to_owned(),
    };
    api.sandboxes().fail(Provider::Duffel, Fault::new(words));
    let limited = validate(&ann, &duffel("ijkl")).await;
    assert_eq!(verdict(&limited), ("rate_limited", false, false));
    assert!(limited["retry_after_seconds"].as_u64().unwrap() >= 1 && !limited.to_string().contains("words"));
}

#[tokio::test]
async fn a_stored_key_is_tried_without_being_opened_too_often() {
    let api = Api::start().await;
    let ann = api.user("ann").await;
    let body = json!({ "name": "n", "service": "duffel", "key": duffel("abcd"), "expires_at": "2027-03-04T10:00:00Z" });
    let id = ann.post(KEYS, body).await.expect(201).text_of("id");
    let path = format!("{KEYS}/{id}");
    let decrypts = || {
        let calls = api.cloud().aws().calls().into_iter();
        calls
            .filter(|call| call.operation.as_deref() == Some("Decrypt"))
            .count()
    };
    let tried = async || {
        ann.post(&format!("{path}/validate"), json!({}))
            .await
            .expect(200)
            .data()
            .clone()
    };
    assert_eq!((verdict(&tried().await), decrypts()), (("valid", true, true), 0));
    api.advance(SignedDuration::from_secs(300));
    assert_eq!((verdict(&tried().await), decrypts()), (("valid", true, false), 1));
    assert_eq!((verdict(&tried().await), decrypts()), (("valid", true, true), 1));
    // Its owner has revoked it at the service.
    api.advance(SignedDuration::from_secs(300));
    api.sandboxes()
        .fail(Provider::Duffel, Fault::new(Effect::status(401)).first(1));
    assert_eq!(verdict(&tried().await), ("invalid", false, false));
    assert_eq!(ann.get(&path).await.expect(200).data()["status"], "refused");
    // And has enabled it again.
    api.advance(SignedDuration::from_secs(300));
    assert_eq!(verdict(&tried().await), ("valid", true, false));
    assert_eq!(ann.get(&path).await.expect(200).data()["status"], "active");
    api.advance(SignedDuration::from_hours(24));
    assert_eq!(verdict(&tried().await), ("expired", false, false));
    let trail = ann.get(&format!("{KEYS}/audit?per_page=100")).await.expect(200);
    let entries = trail.data().as_array().unwrap();
    let of = |action: &str| entries.iter().filter(|entry| entry["action"] == action).count();
    assert_eq!((of("key.used"), of("key.validated"), of("key.refused")), (3, 6, 1));
}

#[tokio::test]
async fn each_operation_makes_the_calls_that_it_must() {
    let api = Api::start().await;
    let ann = api.user("ann").await;
    let body = json!({ "name": "n", "service": "duffel", "key": duffel("abcd"), "validate": false });
    // The first one also notes the KMS key.
    let id = ann.post(KEYS, body.clone()).await.expect(201).text_of("id");
    let calls = || {
        let (tables, redis) = api.calls();
        let kms = api.cloud().aws().calls().into_iter().filter_map(|call| call.operation);
        let kms: Vec<_> = kms.filter(|name| name != "GetSecretValue").collect();
        api.forget_calls();
        (tables, redis, kms)
    };
    calls();
    ann.get(KEYS).await.expect(200);
    assert_eq!(calls(), (vec!["Query".to_owned()], 1, vec![]));
    ann.get(&format!("{KEYS}/{id}")).await.expect(200);
    assert_eq!(calls(), (vec!["GetItem".to_owned()], 1, vec![]));
    ann.post(KEYS, body).await.expect(201);
    // What was done lately, that this is done now, and the key; one more command makes void what depends on it.
    let tables = ["GetItem", "TransactWriteItems", "TransactWriteItems"]
        .map(str::to_owned)
        .to_vec();
    assert_eq!(calls(), (tables, 2, vec!["Encrypt".to_owned()]));
}
