use jiff::SignedDuration;
use reqwest::Method;
use serde_json::{Value, json};
use tripsage_tests::{Answer, Api, User};

use crate::copies::{Planned, plan};

/// Makes a link; gives its id and its token.
async fn link(user: &User, trip: &str, body: Value) -> (String, String) {
    let made = user
        .post(&format!("/api/v1/trips/{trip}/links"), body)
        .await
        .expect(201);
    (made.text_of("id"), made.text_of("token"))
}

async fn open(api: &Api, token: &str) -> Answer {
    api.get(&format!("/api/v1/shared/{token}")).await
}

async fn open_with(api: &Api, token: &str, passphrase: &str) -> Answer {
    let request = api.request(Method::GET, &format!("/api/v1/shared/{token}"));
    Answer::of(request.header("x-link-passphrase", passphrase)).await
}

#[tokio::test]
async fn a_link_shows_the_trip_to_whoever_has_it_until_it_is_revoked() {
    let api = Api::start().await;
    let alice = api.user("alice").await;
    let trip = alice.trip("Japan").await;
    let (id, token) = link(&alice, &trip, json!({ "label": "Parents" })).await;
    let seen = open(&api, &token).await.expect(200);
    assert_eq!(seen.data()["title"], "Japan");
    assert_eq!(seen.header("cache-control"), "no-store");
    assert!(seen.header("x-robots-tag").contains("noindex"));
    for hidden in ["alice", "members", &alice.id, &trip] {
        assert!(!seen.text.contains(hidden), "{hidden}: {}", seen.text);
    }
    let listed = alice.get(&format!("/api/v1/trips/{trip}/links")).await.expect(200);
    let row = &listed.data()[0];
    assert_eq!(
        (&row["label"], &row["is_active"], &row["has_passphrase"]),
        (&json!("Parents"), &json!(true), &json!(false))
    );
    assert_eq!(row["last_used_at"], "2027-03-03T10:00:00Z");
    assert!(!listed.text.contains(&token[40..]));
    assert!(row.get("digest").is_none());

    alice
        .delete(&format!("/api/v1/trips/{trip}/links/{id}"))
        .await
        .expect(200);
    open(&api, &token).await.refused(404, "NOT_FOUND");
    alice
        .delete(&format!("/api/v1/trips/{trip}/links/{id}"))
        .await
        .refused(404, "NOT_FOUND");
}

#[tokio::test]
async fn every_miss_is_the_same() {
    let api = Api::start().await;
    let alice = api.user("alice").await;
    let trip = alice.trip("Japan").await;
    let (_, good) = link(&alice, &trip, json!({})).await;
    let ends = json!({ "expires_at": "2027-03-04T10:00:00Z" });
    let (_, expiring) = link(&alice, &trip, ends).await;
    let (revoked_id, revoked) = link(&alice, &trip, json!({})).await;
    alice
        .delete(&format!("/api/v1/trips/{trip}/links/{revoked_id}"))
        .await
        .expect(200);
    open(&api, &expiring).await.expect(200);
    api.advance(SignedDuration::from_hours(24));
    let other_secret = format!("{}{}", &good[..60], "A".repeat(good.len() - 60));
    let other_trip = format!("AAAA{}", &good[4..]);
    let mut bodies = Vec::new();
    for miss in [
        &expiring,
        &revoked,
        &other_secret,
        &other_trip,
        &"x".to_owned(),
        &good[1..].to_owned(),
    ] {
        let mut answer = open(&api, miss).await.refused(404, "NOT_FOUND");
        answer.body["request_id"] = Value::Null;
        bodies.push(answer.body);
    }
    assert!(bodies.windows(2).all(|pair| pair[0] == pair[1]), "{bodies:?}");
    alice.delete(&format!("/api/v1/trips/{trip}")).await.expect(200);
    open(&api, &good).await.refused(404, "NOT_FOUND");
}

#[tokio::test]
async fn a_passphrase_is_needed_where_there_is_one() {
    let api = Api::start_with(&[("READS_PER_MINUTE", "30")]).await;
    let alice = api.user("alice").await;
    let trip = alice.trip("Japan").await;
    let body = json!({ "passphrase": "cherry blossom" });
    let (_, token) = link(&alice, &trip, body).await;
    let refused = open(&api, &token).await.refused(403, "INSUFFICIENT_PERMISSIONS");
    assert_eq!(refused.body["details"]["context"]["passphrase_required"], true);
    assert!(!refused.text.contains("Japan"));
    open_with(&api, &token, "cherry pie please").await.expect(403);
    open_with(&api, &token, "cherry blossom").await.expect(200);
    // Guessing is bounded.
    let mut last = 0;
    for _ in 0..12 {
        last = open_with(&api, &token, "another guess").await.status;
    }
    assert_eq!(last, 429);
}

#[tokio::test]
async fn what_a_link_shows_is_chosen_when_it_is_made() {
    let api = Api::start().await;
    let alice = api.user("alice").await;
    let trip = alice.trip("Japan").await;
    plan(&api, &alice, &trip, &[Planned::train(1)]).await;
    let (_, token) = link(&alice, &trip, json!({ "sections": { "members": true } })).await;
    let seen = open(&api, &token).await;
    assert_eq!(seen.data()["members"], json!(["alice"]));
    assert_eq!(seen.data()["items"][0]["title"], "Train");
    for hidden in ["secret note", "120.00", "REF123", "12A"] {
        assert!(!seen.text.contains(hidden), "{hidden}: {}", seen.text);
    }
    let sections = json!({ "sections": { "costs": true, "notes": true } });
    let (_, token) = link(&alice, &trip, sections).await;
    let seen = open(&api, &token).await;
    assert!(seen.text.contains("secret note") && seen.text.contains("120.00"));
    assert!(!seen.text.contains("REF123"), "a reference is for the travellers");
    let (_, token) = link(&alice, &trip, json!({ "sections": { "itinerary": false } })).await;
    assert_eq!(open(&api, &token).await.data().get("items"), None);
    let path = format!("/api/v1/trips/{trip}/links");
    for (body, field) in [
        (json!({ "label": "" }), "label"),
        (json!({ "passphrase": "short" }), "passphrase"),
        (json!({ "passphrase": "password1" }), "passphrase"),
        (json!({ "expires_at": "2027-03-03T10:00:00Z" }), "expires_at"),
        (json!({ "expires_at": "2029-01-01T00:00:00Z" }), "expires_at"),
        (json!({ "expires_at": "tomorrow" }), "expires_at"),
        (
            json!({ "sections": { "itinerary": false, "costs": true } }),
            "sections.itinerary",
        ),
        (json!({ "sections": { "secrets": true } }), "sections.secrets"),
        (json!({ "token": "mine" }), "token"),
    ] {
        alice.post(&path, body).await.refused_field(field);
    }
}

#[tokio::test]
async fn links_are_for_who_may_share_and_end_with_that_right() {
    let api = Api::start().await;
    let (alice, ada, ed) = (api.user("alice").await, api.user("ada").await, api.user("edd").await);
    let trip = alice.trip("Japan").await;
    for (user, level) in [(&ada, "admin"), (&ed, "edit")] {
        let body = json!({ "usernames": [user.name], "permission_level": level });
        alice
            .post(&format!("/api/v1/trips/{trip}/share"), body)
            .await
            .expect(200);
    }
    let path = format!("/api/v1/trips/{trip}/links");
    ed.post(&path, json!({})).await.refused(403, "INSUFFICIENT_PERMISSIONS");
    ed.get(&path).await.refused(403, "INSUFFICIENT_PERMISSIONS");
    api.user("out").await.get(&path).await.refused(404, "NOT_FOUND");
    let (id, token) = link(&ada, &trip, json!({})).await;
    ed.delete(&format!("{path}/{id}"))
        .await
        .refused(403, "INSUFFICIENT_PERMISSIONS");
    open(&api, &token).await.expect(200);
    alice
        .put(
            &format!("/api/v1/trips/{trip}/collaborators/{}", ada.id),
            json!({ "permission_level": "edit" }),
        )
        .await
        .expect(200);
    open(&api, &token).await.refused(404, "NOT_FOUND");
    assert_eq!(alice.get(&path).await.data()[0]["is_active"], false);
}

#[tokio::test]
async fn a_trip_has_a_bounded_number_of_links_and_shows_each_secret_once() {
    let api = Api::start().await;
    let alice = api.user("alice").await;
    let trip = alice.trip("Japan").await;
    let path = format!("/api/v1/trips/{trip}/links");
    let repeat = || {
        let request = alice.request(Method::POST, &path).header("idempotency-key", "one");
        Answer::of(request.json(&json!({})))
    };
    repeat().await.expect(201);
    repeat().await.refused(409, "SECRET_SHOWN_ONCE");
    for _ in 1..20 {
        link(&alice, &trip, json!({})).await;
    }
    alice.post(&path, json!({})).await.refused(409, "CONFLICT");
    assert_eq!(alice.get(&path).await.data().as_array().unwrap().len(), 20);
}
