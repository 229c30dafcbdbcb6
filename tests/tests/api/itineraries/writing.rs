use futures_util::future::join_all;
use serde_json::json;
use tripsage_tests::{Answer, Api, Effect, Fault};

use super::{made, seed, with};

#[tokio::test]
async fn the_seed_makes_an_itinerary_that_everybody_sees() {
    let api = Api::start().await;
    let alice = api.user("alice").await;
    let made = alice.post("/api/itineraries", seed()).await.expect(201);
    let data = made.data();
    assert_eq!(
        (&data["title"], &data["destination"]),
        (&json!("3-Day Tokyo Adventure"), &json!("Tokyo, Japan"))
    );
    assert_eq!(
        (&data["duration_days"], &data["budget_range"]),
        (&json!(3), &json!("medium"))
    );
    assert_eq!(
        (&data["status"], &data["is_published"], &data["has_gps"]),
        (&json!("published"), &json!(true), &json!(false))
    );
    assert_eq!(
        data["creator"],
        json!({ "id": alice.id, "username": "alice", "display_name": "alice" })
    );
    let id = made.text_of("id");
    assert_eq!(made.header("location"), format!("/api/v1/itineraries/{id}"));
    for prefix in ["/api", "/api/v1"] {
        let read = api.get(&format!("{prefix}/itineraries/{id}")).await.expect(200);
        assert_eq!(read.data(), data);
    }
}

#[tokio::test]
async fn what_is_missing_is_named() {
    let api = Api::start().await;
    let alice = api.user("alice").await;
    let refused = alice.post("/api/itineraries", json!({ "title": "Test" })).await;
    let refused = refused.refused_field("destination");
    assert!(
        refused.body["message"].as_str().unwrap().contains("destination"),
        "{}",
        refused.text
    );
    api.post("/api/itineraries", seed()).await.expect(401);
    let malformed = alice
        .request(reqwest::Method::POST, "/api/itineraries")
        .header("content-type", "application/json")
        .body("invalid json{");
    Answer::of(malformed).await.refused(400, "MALFORMED_JSON");
    api.get("/api/itineraries/nonexistent-id")
        .await
        .refused(404, "NOT_FOUND");
}

#[tokio::test]
async fn a_draft_is_for_its_owner_alone() {
    let api = Api::start().await;
    let (alice, bob) = (api.user("alice").await, api.user("bob").await);
    let admin = api.user_with_role("root", "admin").await;
    let path = made(&alice, &json!({ "is_published": false })).await;
    assert_eq!(alice.get(&path).await.expect(200).data()["status"], "draft");
    for parts in ["", "/days", "/route", "/businesses", "/hidden-gems", "/safety-alerts"] {
        let path = format!("{path}{parts}");
        api.get(&path).await.refused(404, "NOT_FOUND");
        bob.get(&path).await.refused(404, "NOT_FOUND");
        admin.get(&path).await.refused(404, "NOT_FOUND");
    }
    for user in [&bob, &admin] {
        user.put(&path, json!({ "title": "Mine now" }))
            .await
            .refused(404, "NOT_FOUND");
        user.delete(&path).await.refused(404, "NOT_FOUND");
        user.post(&format!("{path}/publish"), json!({}))
            .await
            .refused(404, "NOT_FOUND");
    }
    let published = alice.post(&format!("{path}/publish"), json!({})).await.expect(200);
    assert_eq!(published.data()["status"], "published");
    api.get(&path).await.expect(200);
    alice.post(&format!("{path}/unpublish"), json!({})).await.expect(200);
    api.get(&path).await.refused(404, "NOT_FOUND");
    let again = alice.patch(&path, json!({ "status": "published" })).await.expect(200);
    assert_eq!(again.data()["published_at"], published.data()["published_at"]);
    bob.get(&path).await.expect(200);
}

#[tokio::test]
async fn only_its_owner_changes_what_is_published() {
    let api = Api::start().await;
    let (alice, bob) = (api.user("alice").await, api.user("bob").await);
    let moderator = api.user_with_role("mona", "moderator").await;
    let path = made(&alice, &json!({})).await;
    for user in [&bob, &moderator] {
        user.put(&path, json!({ "title": "Mine now" }))
            .await
            .refused(403, "INSUFFICIENT_PERMISSIONS");
        user.patch(&path, json!({ "title": "Mine now" }))
            .await
            .refused(403, "INSUFFICIENT_PERMISSIONS");
        user.post(&format!("{path}/unpublish"), json!({}))
            .await
            .refused(403, "INSUFFICIENT_PERMISSIONS");
        user.post(&format!("{path}/days"), json!({ "day_number": 1, "title": "d" }))
            .await
            .expect(403);
        user.delete(&format!("{path}/route")).await.expect(403);
    }
    bob.delete(&path).await.refused(403, "INSUFFICIENT_PERMISSIONS");
    moderator.delete(&path).await.expect(200);
    alice.get(&path).await.refused(404, "NOT_FOUND");
    alice
        .post(&format!("{path}/restore"), json!({}))
        .await
        .refused(403, "INSUFFICIENT_PERMISSIONS");
    moderator.post(&format!("{path}/restore"), json!({})).await.expect(200);
    api.get(&path).await.expect(200);
    let trail = moderator.get("/api/v1/users/me/activity").await.expect(200);
    assert!(trail.text.contains("itinerary.removed"), "{}", trail.text);
}

#[tokio::test]
async fn a_read_after_a_change_shows_the_change() {
    let api = Api::start().await;
    let alice = api.user("alice").await;
    let path = made(&alice, &json!({})).await;
    for number in 0..5 {
        api.get(&path).await.expect(200);
        let title = format!("Tokyo, take {number}");
        let put = alice.put(&path, json!({ "title": title })).await.expect(200);
        assert_eq!(put.data()["budget_range"], "medium", "what is not given stays");
        assert_eq!(api.get(&path).await.expect(200).data()["title"], json!(title));
    }
    alice.delete(&path).await.expect(200);
    api.get(&path).await.refused(404, "NOT_FOUND");
    alice.post(&format!("{path}/restore"), json!({})).await.expect(200);
    assert_eq!(api.get(&path).await.expect(200).data()["title"], "Tokyo, take 4");
}

#[tokio::test]
async fn a_cached_read_asks_no_database() {
    let api = Api::start().await;
    let alice = api.user("alice").await;
    let path = made(&alice, &json!({})).await;
    api.get(&path).await.expect(200);
    api.forget_calls();
    let many = join_all((0..50).map(|_| api.get(&path))).await;
    assert!(many.iter().all(|answer| answer.status == 200));
    assert_eq!(api.calls().0, Vec::<String>::new());
}

#[tokio::test]
async fn without_redis_it_is_read_all_the_same() {
    let api = Api::start().await;
    let alice = api.user("alice").await;
    let path = made(&alice, &json!({})).await;
    api.cloud().upstash().fault(Fault::new(Effect::Reset));
    alice.get(&path).await.expect(200);
}

#[tokio::test]
async fn fields_are_replaced_merged_and_removed() {
    let api = Api::start().await;
    let alice = api.user("alice").await;
    let full = json!({
        "tagline": "Old and new", "regions": ["Asakusa", "asakusa", "Ueno"], "start_date": "2027-04-01",
        "end_date": "2027-04-03", "difficulty_level": "easy", "budget_amount": 1299.99, "budget_currency": "eur",
        "travel_style": "slow", "travel_companions": [{ "name": "Bo", "role": "cook", "traveler_id": "7", "username": "bo" }],
        "starting_point_gps": "35.71,139.79", "ending_point_gps": { "latitude": 35.6, "longitude": 139.7 },
        "best_season": "spring", "women_safe_certified": true, "trip_highlights": "h", "trip_journey": "j",
        "day_by_day_plan": "d", "safety_tips": "s", "hidden_gems": "g", "unique_highlights": "u",
        "screenshots": ["https://example.com/a.png"], "categories": ["city"], "demo_url": "https://example.com/film",
        "route_map_url": "https://example.com/map", "is_remixed": false,
    });
    let path = made(&alice, &full).await;
    let read = alice.get(&path).await.expect(200);
    let data = read.data();
    assert_eq!(data["regions"], json!(["Asakusa", "Ueno"]));
    assert_eq!(
        (&data["budget_amount"], &data["budget_currency"]),
        (&json!("1299.99"), &json!("EUR"))
    );
    assert_eq!(
        data["starting_point_gps"],
        json!({ "latitude": 35.71, "longitude": 139.79 })
    );
    assert_eq!(data["travel_companions"], json!([{ "name": "Bo", "role": "cook" }]));
    assert_eq!(data["duration_days"], 3);
    let longer = alice
        .patch(&path, json!({ "end_date": "2027-04-05", "tagline": null }))
        .await
        .expect(200);
    assert_eq!(
        (&longer.data()["duration_days"], &longer.data()["tagline"]),
        (&json!(5), &json!(null))
    );
    let undated = json!({ "start_date": null, "end_date": null });
    assert_eq!(
        alice.patch(&path, undated).await.expect(200).data()["duration_days"],
        json!(null)
    );
    alice
        .patch(&path, json!({ "destination": null }))
        .await
        .refused_field("destination");
    let same = alice.get(&path).await.expect(200);
    let version = same.header("etag").to_owned();
    let nothing = alice
        .put(&path, json!({ "title": same.data()["title"] }))
        .await
        .expect(200);
    assert_eq!(
        nothing.header("etag"),
        version,
        "what changes nothing is no new version"
    );
}

#[tokio::test]
async fn a_stale_version_is_refused() {
    let api = Api::start().await;
    let alice = api.user("alice").await;
    let path = made(&alice, &json!({})).await;
    let put = |tag: &'static str| {
        let request = alice.request(reqwest::Method::PUT, &path).header("if-match", tag);
        Answer::of(request.json(&json!({ "title": format!("For {tag}") })))
    };
    put("\"1\"").await.expect(200);
    put("\"1\"").await.refused(412, "PRECONDITION_FAILED");
    assert_eq!(put("\"2\"").await.expect(200).header("etag"), "\"3\"");
}

#[tokio::test]
async fn the_same_request_makes_one_itinerary() {
    let api = Api::start().await;
    let alice = api.user("alice").await;
    let send = || {
        let request = alice.request(reqwest::Method::POST, "/api/v1/itineraries");
        Answer::of(request.header("idempotency-key", "once").json(&seed()))
    };
    let (one, two) = (send().await.expect(201), send().await.expect(201));
    assert_eq!(one.text_of("id"), two.text_of("id"));
    let own = alice.get("/api/v1/itineraries/mine").await.expect(200);
    assert_eq!(own.data().as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn own_itineraries_are_listed_with_drafts() {
    let api = Api::start().await;
    let (alice, bob) = (api.user("alice").await, api.user("bob").await);
    made(&bob, &json!({})).await;
    let mut paths = Vec::new();
    for number in 0..5 {
        api.advance(jiff::SignedDuration::from_secs(1));
        let fields = json!({ "title": format!("Number {number}"), "is_published": number % 2 == 0 });
        paths.push(made(&alice, &fields).await);
    }
    alice.delete(&paths[4]).await.expect(200);
    let titles = async |query: &str| {
        let (mut titles, mut cursor) = (Vec::new(), String::new());
        loop {
            let answer = alice
                .get(&format!("/api/v1/itineraries/mine?per_page=2{query}{cursor}"))
                .await
                .expect(200);
            let listed = answer.data().as_array().unwrap().clone();
            titles.extend(listed.iter().map(|entry| entry["title"].as_str().unwrap().to_owned()));
            match answer.body["pagination"]["next_cursor"].as_str() {
                Some(next) => cursor = format!("&cursor={next}"),
                None => return titles,
            }
        }
    };
    assert_eq!(titles("").await, ["Number 3", "Number 2", "Number 1", "Number 0"]);
    assert_eq!(titles("&status=draft").await, ["Number 3", "Number 1"]);
    assert_eq!(titles("&status=published").await, ["Number 2", "Number 0"]);
    assert_eq!(titles("&status=deleted").await, ["Number 4"]);
    alice
        .get("/api/v1/itineraries/mine?status=lost")
        .await
        .refused_field("status");
}

#[tokio::test]
async fn what_was_deleted_can_be_brought_back_for_thirty_days() {
    let api = Api::start().await;
    let alice = api.user("alice").await;
    let path = made(&alice, &with(&json!({}))).await;
    alice
        .post(&format!("{path}/restore"), json!({}))
        .await
        .refused(409, "CONFLICT");
    alice.delete(&path).await.expect(200);
    api.advance(jiff::SignedDuration::from_hours(30 * 24));
    alice.post(&format!("{path}/restore"), json!({})).await.expect(200);
    alice.delete(&path).await.expect(200);
    api.advance(jiff::SignedDuration::from_hours(30 * 24) + jiff::SignedDuration::from_secs(1));
    alice
        .post(&format!("{path}/restore"), json!({}))
        .await
        .refused(404, "NOT_FOUND");
}
