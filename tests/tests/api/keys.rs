//! Users' own provider keys, as their owners see them.

use jiff::SignedDuration;
use reqwest::Method;
use serde_json::{Value, json};
use tripsage_tests::{Answer, Api, Effect, Fault, PASSWORD, User};

pub(crate) const KEYS: &str = "/api/v1/keys";

/// A key that the sandbox of Duffel takes; it ends in these characters.
pub(crate) fn duffel(end: &str) -> String {
    format!("duffel_test_{end:x>20}")
}

/// Stores a key without asking its service; gives its id.
pub(crate) async fn stored(user: &User, service: &str, key: &str) -> String {
    let body = json!({ "name": "mine", "service": service, "key": key, "validate": false });
    user.post(KEYS, body).await.expect(201).text_of("id")
}

fn key_of(service: &str) -> String {
    match service {
        "duffel" => duffel("abcd"),
        "google_places" => format!("AIza{:x>35}", "abcd"),
        "openweather" => format!("{:0>32}", "abcd"),
        _ => format!("{:x>24}", "abcd"),
    }
}

#[tokio::test]
async fn a_key_goes_in_and_only_a_hint_comes_back() {
    let api = Api::start().await;
    let ann = api.user("ann").await;
    let mut ids = Vec::new();
    for service in ["duffel", "google_places", "openweather", "duffel_webhook"] {
        let body = json!({
            "name": "My account", "service": service, "key": key_of(service), "description": "For work",
            "expires_at": "2028-01-01T00:00:00Z", "daily_limit": 100, "validate": false,
        });
        let answer = ann.post(KEYS, body).await.expect(201);
        let id = answer.text_of("id");
        assert_eq!(answer.header("location"), format!("{KEYS}/{id}"));
        assert_eq!(answer.header("etag"), "\"1\"");
        let read = ann.get(&format!("{KEYS}/{id}")).await.expect(200);
        assert_eq!(read.data(), answer.data(), "what is stored is what was said");
        let key = read.data();
        assert_eq!(key["hint"], "********abcd");
        assert_eq!(
            (&key["status"], &key["is_valid"]),
            (&json!("unverified"), &json!(false))
        );
        assert_eq!((&key["version"], &key["usage_count"]), (&json!(1), &json!(0)));
        assert_eq!(
            (&key["is_expired"], &key["expires_in_days"]),
            (&json!(false), &json!(303))
        );
        assert!(!answer.text.contains(&key_of(service)) && !read.text.contains(&key_of(service)));
        let webhook = format!("{}/api/v1/webhooks/duffel?account={}.{id}", api.url(), ann.id);
        let shown = key["webhook_url"].as_str();
        assert_eq!(shown, (service == "duffel_webhook").then_some(webhook.as_str()));
        ids.push(id);
    }
    let listed = async |query: &str| {
        let answer = ann.get(&format!("{KEYS}{query}")).await.expect(200);
        let ids = answer.data().as_array().unwrap().iter();
        ids.map(|key| key["service"].as_str().unwrap().to_owned())
            .collect::<Vec<_>>()
    };
    assert_eq!(listed("").await.len(), 4);
    assert_eq!(listed("?service=duffel").await, ["duffel"]);
    assert_eq!(
        listed("?service=flights").await,
        ["duffel"],
        "the name of older clients"
    );
    assert_eq!(listed("?status=unverified&service=openweather").await, ["openweather"]);
    assert_eq!(listed("?status=refused").await, Vec::<String>::new());
    ann.get(&format!("{KEYS}?status=broken")).await.refused_field("status");
    ann.get(&format!("{KEYS}?service=openai"))
        .await
        .refused_field("service");

    // Its time is over: nothing else happens to it.
    api.advance(SignedDuration::from_hours(24 * 304));
    assert_eq!(listed("?status=expired").await.len(), 4);
    ann.delete(&format!("{KEYS}/{}", ids[0])).await.expect(200);
    ann.get(&format!("{KEYS}/{}", ids[0])).await.refused(404, "NOT_FOUND");
    ann.delete(&format!("{KEYS}/{}", ids[0]))
        .await
        .refused(404, "NOT_FOUND");
    assert_eq!(listed("").await.len(), 3);
}

#[tokio::test]
async fn what_is_wrong_is_named_and_never_repeated() {
    let api = Api::start().await;
    let ann = api.user("ann").await;
    let good = json!({ "name": "n", "service": "duffel", "key": duffel("abcd"), "validate": false });
    for (field, value) in [
        ("name", json!("")),
        ("name", json!("x".repeat(256))),
        ("service", json!("openai")),
        ("service", json!(7)),
        ("key", Value::Null),
        ("key", json!("short")),
        ("key", json!("duffel_prod_sentinelsentinel")),
        ("key", json!("duffel_test_sentinel sentinel")),
        ("key", json!("sentinel".repeat(600))),
        ("key", json!(1234567890123_u64)),
        ("key", json!(["sentinel-in-a-list"])),
        ("description", json!("x".repeat(1001))),
        ("expires_at", json!("2027-03-03T09:59:59Z")),
        ("expires_at", json!("tomorrow")),
        ("daily_limit", json!(0)),
        ("daily_limit", json!(1_000_001)),
        ("user_id", json!("3f2b8a52-6c1e-4a52-9d3e-0c5b1f7a9e10")),
        ("status", json!("active")),
    ] {
        let mut body = good.clone();
        body[field] = value.clone();
        let answer = ann.post(KEYS, body).await.refused_field(field);
        assert!(
            !answer.text.contains("sentinel") && !answer.text.contains("1234567890"),
            "{}",
            answer.text
        );
    }
    assert_eq!(ann.get(KEYS).await.expect(200).data(), &json!([]));
    let answer = ann
        .post(KEYS, json!({ "name": "", "service": "x", "daily_limit": 0 }))
        .await;
    assert_eq!(
        answer.body["errors"].as_array().unwrap().len(),
        4,
        "all at once: {}",
        answer.text
    );

    let id = stored(&ann, "duffel", &duffel("abcd")).await;
    let rotate = format!("{KEYS}/{id}/rotate");
    for wrong in ["0123456789abcdef0123456789abcdef", "short"] {
        ann.post(&rotate, json!({ "new_key": wrong }))
            .await
            .refused_field("new_key");
    }
    ann.patch(&format!("{KEYS}/{id}"), json!({ "key": duffel("efgh") }))
        .await
        .refused_field("key");
    ann.patch(&format!("{KEYS}/{id}"), json!({ "service": "openweather" }))
        .await
        .refused_field("service");
    ann.get(&format!("{KEYS}/usage?days=91")).await.refused_field("days");
}

#[tokio::test]
async fn what_is_said_about_a_key_can_be_changed() {
    let api = Api::start().await;
    let ann = api.user("ann").await;
    let id = stored(&ann, "duffel", &duffel("abcd")).await;
    let path = format!("{KEYS}/{id}");
    let patch = json!({ "name": "Other", "description": "d", "daily_limit": 5, "expires_at": "2028-01-01T00:00:00Z" });
    let answer = ann.patch(&path, patch).await.expect(200);
    assert_eq!(
        (answer.data()["name"].as_str(), answer.header("etag")),
        (Some("Other"), "\"2\"")
    );
    let cleared = json!({ "description": null, "daily_limit": null, "expires_at": null });
    let answer = ann.patch(&path, cleared.clone()).await.expect(200);
    assert_eq!(
        (&answer.data()["name"], &answer.data()["daily_limit"]),
        (&json!("Other"), &Value::Null)
    );
    let again = ann.patch(&path, cleared).await.expect(200);
    assert_eq!(
        (again.header("etag"), again.body["message"].as_str()),
        ("\"3\"", Some("Nothing changed"))
    );
    for (method, target) in [(Method::PATCH, path.clone()), (Method::DELETE, path.clone())] {
        let request = ann
            .request(method, &target)
            .header("if-match", "\"1\"")
            .json(&json!({ "name": "x" }));
        Answer::of(request).await.refused(412, "PRECONDITION_FAILED");
    }
    assert_eq!(ann.get(&path).await.expect(200).data()["hint"], "********abcd");
}

#[tokio::test]
async fn a_key_is_nobody_elses() {
    let api = Api::start().await;
    let (ann, eve) = (api.user("ann").await, api.user_with_role("eve", "admin").await);
    let id = stored(&ann, "duffel", &duffel("abcd")).await;
    let path = format!("{KEYS}/{id}");
    let new = json!({ "new_key": duffel("evil"), "validate": false });
    eve.get(&path).await.refused(404, "NOT_FOUND");
    eve.patch(&path, json!({ "name": "x" })).await.refused(404, "NOT_FOUND");
    eve.post(&format!("{path}/rotate"), new).await.refused(404, "NOT_FOUND");
    eve.post(&format!("{path}/validate"), json!({}))
        .await
        .refused(404, "NOT_FOUND");
    eve.get(&format!("{path}/usage")).await.refused(404, "NOT_FOUND");
    eve.delete(&path).await.refused(404, "NOT_FOUND");
    assert_eq!(eve.get(KEYS).await.expect(200).data(), &json!([]));
    assert_eq!(eve.get(&format!("{KEYS}/audit")).await.expect(200).data(), &json!([]));
    ann.get(&path).await.expect(200);
    // A program with a token of the owner's is not the owner.
    let body = json!({ "name": "t", "scopes": ["trips:read", "trips:write", "profile:read", "profile:write"] });
    let token = ann.post("/api/v1/auth/tokens", body).await.expect(201).text_of("token");
    ann.with_token(&token)
        .get(KEYS)
        .await
        .refused(403, "INSUFFICIENT_SCOPE");
}

#[tokio::test]
async fn the_secret_of_a_webhook_may_follow_its_address() {
    let api = Api::start().await;
    let ann = api.user("ann").await;
    let answer = ann
        .post(KEYS, json!({ "name": "hook", "service": "duffel_webhook" }))
        .await
        .expect(201);
    assert_eq!(
        (&answer.data()["status"], &answer.data()["version"]),
        (&json!("needs_reentry"), &json!(0))
    );
    assert!(answer.text_of("webhook_url").contains(&answer.text_of("id")));
    let rotate = format!("{KEYS}/{}/rotate", answer.text_of("id"));
    let entered = ann
        .post(&rotate, json!({ "new_key": "QKfUULLQh+8SegYmIsF6kA==" }))
        .await
        .expect(200);
    assert_eq!(
        (&entered.data()["status"], &entered.data()["version"]),
        (&json!("unverified"), &json!(1))
    );
    assert_eq!(
        (&entered.data()["hint"], &entered.data()["previous_version"]),
        (&json!("********kA=="), &Value::Null)
    );
}

#[tokio::test]
async fn rotation_keeps_the_key_before() {
    let api = Api::start().await;
    let ann = api.user("ann").await;
    let id = stored(&ann, "duffel", &duffel("abcd")).await;
    let new = json!({ "new_key": duffel("efgh"), "validate": false });
    let answer = ann.post(&format!("{KEYS}/{id}/rotate"), new).await.expect(200);
    let key = answer.data();
    assert_eq!((&key["version"], &key["previous_version"]), (&json!(2), &json!(1)));
    assert_eq!((&key["hint"], answer.header("etag")), (&json!("********efgh"), "\"2\""));
    assert!(!answer.text.contains(&duffel("efgh")));
}

#[tokio::test]
async fn there_are_fifty_keys_at_most() {
    let api = Api::start().await;
    let ann = api.user("ann").await;
    let create = async || {
        ann.post(KEYS, json!({ "name": "n", "service": "duffel_webhook" }))
            .await
    };
    let mut last = String::new();
    for number in 0..50 {
        // So many in one go would be suspicious.
        if number % 4 == 0 {
            api.advance(SignedDuration::from_mins(10));
        }
        last = create().await.expect(201).text_of("id");
    }
    create().await.refused(409, "CONFLICT");
    assert_eq!(ann.get(KEYS).await.expect(200).data().as_array().unwrap().len(), 50);
    ann.delete(&format!("{KEYS}/{last}")).await.expect(200);
    api.advance(SignedDuration::from_mins(10));
    let (one, other) = tokio::join!(create(), create());
    let mut statuses = [one.status, other.status];
    statuses.sort_unstable();
    assert_eq!(statuses, [201, 409], "the last place is taken once");
}

#[tokio::test]
async fn suspicious_use_locks_the_keys_and_tells_their_owner() {
    let api = Api::start().await;
    let ann = api.registered("ann").await;
    let create = async |user: &User| {
        user.post(KEYS, json!({ "name": "n", "service": "duffel_webhook" }))
            .await
    };
    let mails = api.cloud().mails().len();
    let mut id = String::new();
    for _ in 0..5 {
        id = create(&ann).await.expect(201).text_of("id");
    }
    let refused = create(&ann).await.refused(403, "KEYS_LOCKED");
    assert_eq!(
        refused.body["details"]["context"]["locked_until"],
        "2027-03-04T10:00:00Z"
    );
    let path = format!("{KEYS}/{id}");
    ann.patch(&path, json!({ "name": "x" }))
        .await
        .refused(403, "KEYS_LOCKED");
    ann.delete(&path).await.refused(403, "KEYS_LOCKED");
    let new = json!({ "new_key": "QKfUULLQh+8SegYmIsF6kA==" });
    ann.post(&format!("{path}/rotate"), new)
        .await
        .refused(403, "KEYS_LOCKED");
    let raw = json!({ "service": "duffel", "key": duffel("abcd") });
    ann.post(&format!("{KEYS}/validate"), raw)
        .await
        .refused(403, "KEYS_LOCKED");
    assert_eq!(
        ann.get(KEYS).await.expect(200).data().as_array().unwrap().len(),
        5,
        "they can be looked at"
    );
    let sent = api.cloud().mails();
    assert_eq!(sent.len(), mails + 1, "one mail, however often it is tried");
    assert_eq!(sent.last().unwrap().to, [ann.email.as_str()]);
    assert!(sent.last().unwrap().text.as_deref().unwrap().contains("locked"));
    let usage = ann.get(&format!("{KEYS}/usage")).await.expect(200);
    assert_eq!(usage.data()["locked_until"], "2027-03-04T10:00:00Z");

    // Who can sign in anew is not somebody with a stolen session.
    api.advance(SignedDuration::from_secs(60));
    let login = json!({ "email": ann.email, "password": PASSWORD });
    let answer = api.post("/api/v1/auth/login", login).await.expect(200);
    let fresh = ann.with_token(&answer.text_of("access_token"));
    create(&ann).await.refused(403, "KEYS_LOCKED");
    create(&fresh).await.expect(201);
    create(&ann).await.expect(201);
    let trail = ann.get(&format!("{KEYS}/audit?per_page=100")).await.expect(200);
    let actions: Vec<&str> = trail
        .data()
        .as_array()
        .unwrap()
        .iter()
        .map(|entry| entry["action"].as_str().unwrap())
        .collect();
    for (action, times) in [("key.created", 7), ("key.locked", 1), ("key.unlocked", 1)] {
        assert_eq!(
            actions.iter().filter(|found| **found == action).count(),
            times,
            "{action}"
        );
    }
}

#[tokio::test]
async fn a_lock_ends_after_a_day() {
    let api = Api::start().await;
    let ann = api.user("ann").await;
    let validate = async || {
        let body = json!({ "service": "openweather", "key": "not one at all" });
        ann.post(&format!("{KEYS}/validate"), body).await
    };
    for _ in 0..10 {
        assert_eq!(validate().await.expect(200).data()["status"], "format_error");
    }
    validate().await.refused(403, "KEYS_LOCKED");
    api.advance(SignedDuration::from_hours(24));
    validate().await.expect(200);
}

#[tokio::test]
async fn each_kind_of_operation_has_a_limit_of_its_own() {
    let api = Api::start_with(&[("KEY_OPERATIONS_PER_MINUTE", "2")]).await;
    let ann = api.user("ann").await;
    let create = async || {
        ann.post(KEYS, json!({ "name": "n", "service": "duffel_webhook" }))
            .await
    };
    let id = create().await.expect(201).text_of("id");
    create().await.expect(201);
    let refused = create().await.refused(429, "RATE_LIMIT_EXCEEDED");
    assert!(
        refused
            .header("ratelimit-policy")
            .starts_with("\"keys_create\";q=2;w=60")
    );
    assert!(!refused.header("retry-after").is_empty());
    ann.patch(&format!("{KEYS}/{id}"), json!({ "name": "x" }))
        .await
        .expect(200);
    ann.get(KEYS).await.expect(200);
    // Without Redis the table counts: what is limited stays limited.
    api.cloud().upstash().fault(Fault::new(Effect::Reset));
    let mut last = create().await;
    for _ in 0..3 {
        last = create().await;
    }
    last.refused(429, "RATE_LIMIT_EXCEEDED");
}

#[tokio::test]
async fn a_repeated_request_stores_one_key_and_keeps_nothing_that_helps_to_guess_it() {
    let api = Api::start().await;
    let ann = api.user("ann").await;
    let body = json!({ "name": "n", "service": "duffel", "key": duffel("abcd"), "validate": false }).to_string();
    let send = async |body: &str| {
        let request = ann
            .request(Method::POST, KEYS)
            .header("idempotency-key", "b8f5c3d0-once");
        Answer::of(request.header("content-type", "application/json").body(body.to_owned())).await
    };
    let first = send(&body).await.expect(201);
    let again = send(&body).await.expect(201);
    assert_eq!(first.data(), again.data());
    assert_eq!(again.header("idempotency-replayed"), "true");
    assert_eq!(ann.get(KEYS).await.expect(200).data().as_array().unwrap().len(), 1);
    send(&body.replace("abcd", "abce"))
        .await
        .refused(422, "IDEMPOTENCY_KEY_REUSED");
    let digest = tripsage_store::keys::Digest::of(&[KEYS.as_bytes(), body.as_bytes()]).to_string();
    for row in api.dump().await {
        assert!(
            !row.item.to_string().contains(&digest),
            "a bare digest of the body is stored"
        );
    }
}

#[tokio::test]
async fn a_rotation_whose_answer_got_lost_is_not_done_twice() {
    let api = Api::start().await;
    let ann = api.user("ann").await;
    let id = stored(&ann, "duffel", &duffel("abcd")).await;
    let body = json!({ "new_key": duffel("efgh"), "validate": false });
    let rotate = async || {
        let request = ann
            .request(Method::POST, &format!("{KEYS}/{id}/rotate"))
            .header("idempotency-key", "b8f5c3d0-rotate");
        Answer::of(request.json(&body)).await
    };
    api.forget_calls();
    // What is done lately is noted first; then the rotation, whose answer nobody gets. A fault that strikes hides the
    // request from those after it.
    for _ in 0..3 {
        let lost = Fault::new(Effect::LoseReply).operation("TransactWriteItems").nth(2);
        api.cloud().dynamodb().fault(lost);
    }
    rotate().await.refused(503, "DATABASE_UNAVAILABLE");
    api.forget_calls();
    let done = ann.get(&format!("{KEYS}/{id}")).await.expect(200);
    assert_eq!(done.data()["version"], 2, "the work was done");
    api.advance(SignedDuration::from_secs(31));
    let again = rotate().await.expect(200);
    let key = again.data();
    assert_eq!((&key["version"], &key["previous_version"]), (&json!(2), &json!(1)));
    assert_eq!(ann.get(&format!("{KEYS}/{id}")).await.expect(200).data(), key);
}
