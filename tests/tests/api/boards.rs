//! Who and what is ahead.

use jiff::SignedDuration;
use serde_json::{Value, json};
use tripsage_tests::{Api, Job, User};

use crate::itineraries::made;

const BASE: &str = "/api/v1/itineraries";

fn id(path: &str) -> Value {
    json!(path.rsplit('/').next().unwrap())
}

fn ids(list: &Value) -> Vec<Value> {
    list.as_array()
        .unwrap()
        .iter()
        .map(|entry| entry["id"].clone())
        .collect()
}

async fn list(api: &Api, path: &str) -> Vec<Value> {
    ids(api.get(&format!("{BASE}/{path}")).await.expect(200).data())
}

async fn upvoted(user: &User, path: &str) {
    user.post(&format!("{path}/upvote"), json!({})).await.expect(200);
}

#[tokio::test]
async fn a_stack_that_was_never_ranked_has_a_leaderboard() {
    let api = Api::start().await;
    let empty = api.get(&format!("{BASE}/leaderboard")).await.expect(200);
    let [itineraries, travelers] = ["top_itineraries", "top_travelers"].map(|list| empty.data()[list].clone());
    assert_eq!((itineraries, travelers), (json!([]), json!([])));
    let (alice, bob) = (api.user("alice").await, api.user("bob").await);
    let first = made(&alice, &json!({})).await;
    let second = made(&bob, &json!({ "trip_highlights": "The fish market at dawn" })).await;
    let third = made(&alice, &json!({})).await;
    made(&alice, &json!({ "is_published": false })).await;
    let board = api.get(&format!("{BASE}/leaderboard")).await.expect(200).data().clone();
    let found = ids(&board["top_itineraries"]);
    assert_eq!((found.len(), &found[0]), (3, &id(&second)), "{board}");
    assert!(found.contains(&id(&first)) && found.contains(&id(&third)));
    let leader = &board["top_travelers"][0];
    assert_eq!(
        (&leader["id"], &leader["username"], &leader["itinerary_count"]),
        (&json!(alice.id), &json!("alice"), &json!(2))
    );
    assert!(leader["total_credibility_score"].as_f64().unwrap() > 20.0, "{leader}");
    assert_eq!((&board["timeframe"], &board["limit"]), (&json!("all"), &json!(20)));
    let one = api
        .get(&format!("{BASE}/leaderboard?timeframe=week&limit=1"))
        .await
        .expect(200);
    assert_eq!(ids(&one.data()["top_itineraries"]), [id(&second)]);
    assert_eq!(one.data()["top_travelers"].as_array().unwrap().len(), 1);
    bob.delete(&second).await.expect(200);
    let board = api.get(&format!("{BASE}/leaderboard")).await.expect(200);
    assert!(
        !ids(&board.data()["top_itineraries"]).contains(&id(&second)),
        "gone at once"
    );
}

#[tokio::test]
async fn a_leaderboard_is_of_its_time() {
    let api = Api::start().await;
    let alice = api.user("alice").await;
    let old = made(&alice, &json!({})).await;
    api.advance(SignedDuration::from_hours(24 * 8));
    let new = made(&alice, &json!({})).await;
    let top = async |timeframe: &str| {
        let board = api
            .get(&format!("{BASE}/leaderboard?timeframe={timeframe}"))
            .await
            .expect(200);
        ids(&board.data()["top_itineraries"])
    };
    assert_eq!(top("week").await, [id(&new)]);
    assert_eq!(top("month").await, [id(&new), id(&old)]);
    assert_eq!(api.run_job(Job::Rank).await.unwrap().done, 2);
    api.advance(SignedDuration::from_hours(24 * 23));
    assert_eq!(api.run_job(Job::Rank).await.unwrap().done, 2);
    assert_eq!(top("month").await, [id(&new)]);
    assert_eq!(top("all").await.len(), 2);
    api.get(&format!("{BASE}/leaderboard?timeframe=year"))
        .await
        .refused_field("timeframe");
    for list in [
        "leaderboard",
        "featured",
        "rising-stars",
        "most-requested",
        "trending-tags",
    ] {
        for limit in ["0", "51"] {
            let path = format!("{BASE}/{list}?limit={limit}");
            api.get(&path).await.refused_field("limit");
        }
        api.get(&format!("{BASE}/{list}?limit=x")).await.refused_field("limit");
        api.get(&format!("{BASE}/{list}?order=x")).await.refused_field("order");
    }
}

#[tokio::test]
async fn what_is_seen_most_is_asked_for_most_and_what_is_new_rises() {
    let api = Api::start().await;
    let (alice, bob) = (api.user("alice").await, api.user("bob").await);
    let old = made(&alice, &json!({})).await;
    for session in ["a", "b", "c"] {
        api.post(&format!("{old}/view"), json!({ "session_id": session }))
            .await
            .expect(200);
    }
    api.project().await;
    api.advance(SignedDuration::from_hours(24 * 31));
    let (quiet, seen) = (made(&alice, &json!({})).await, made(&alice, &json!({})).await);
    bob.post(&format!("{seen}/view"), json!({})).await.expect(200);
    api.project().await;
    api.advance(SignedDuration::from_secs(10));
    assert_eq!(
        list(&api, "most-requested").await,
        [&old, &seen, &quiet].map(|path| id(path))
    );
    assert_eq!(list(&api, "rising-stars").await, [&seen, &quiet].map(|path| id(path)));
    assert_eq!(list(&api, "most-requested?limit=1").await, [id(&old)]);
}

#[tokio::test]
async fn an_administrator_features_an_itinerary_and_no_longer() {
    let api = Api::start().await;
    let (alice, admin) = (api.user("alice").await, api.user_with_role("root", "admin").await);
    let moderator = api.user_with_role("moderator", "moderator").await;
    let (first, second) = (made(&alice, &json!({})).await, made(&alice, &json!({})).await);
    assert_eq!(list(&api, "featured").await, Vec::<Value>::new());
    for user in [&alice, &moderator] {
        user.post(&format!("{first}/feature"), json!({}))
            .await
            .refused(403, "INSUFFICIENT_PERMISSIONS");
    }
    for path in [&second, &first] {
        let featured = admin.post(&format!("{path}/feature"), json!({})).await.expect(200);
        assert_eq!(featured.data()["is_featured"], true);
        api.advance(SignedDuration::from_secs(5));
    }
    assert_eq!(
        list(&api, "featured").await,
        [id(&first), id(&second)],
        "the latest comes first"
    );
    assert_eq!(api.get(&first).await.expect(200).data()["is_featured"], true);
    let trail = admin.get("/api/v1/users/activity").await;
    if trail.status == 200 {
        assert!(trail.text.contains("itinerary.featured"), "{}", trail.text);
    }
    let ended = admin.post(&format!("{first}/feature"), json!({})).await.expect(200);
    assert_eq!(
        (&ended.data()["is_featured"], &ended.data()["featured_at"]),
        (&json!(false), &Value::Null)
    );
    assert_eq!(list(&api, "featured").await, [id(&second)], "at once");
    let draft = made(&alice, &json!({ "is_published": false })).await;
    admin
        .post(&format!("{draft}/feature"), json!({}))
        .await
        .refused(404, "NOT_FOUND");
    // What is featured stays so when its owner edits it.
    alice
        .patch(&second, json!({ "title": "Another title" }))
        .await
        .expect(200);
    assert_eq!(list(&api, "featured").await, [id(&second)]);
}

#[tokio::test]
async fn tags_of_the_last_day_are_talked_about() {
    let api = Api::start().await;
    let (alice, bob) = (api.user("alice").await, api.user("bob").await);
    let food = made(&alice, &json!({ "activity_tags": ["food"] })).await;
    let both = made(&alice, &json!({ "activity_tags": ["food", "hiking"] })).await;
    upvoted(&bob, &food).await;
    let found = api.get(&format!("{BASE}/trending-tags")).await.expect(200);
    assert_eq!(
        found.data()["trending_tags"],
        json!([{ "tag": "food", "points": 2, "count": 2 }, { "tag": "hiking", "points": 1, "count": 1 }])
    );
    assert_eq!(ids(&found.data()["trending_itineraries"]), [id(&both), id(&food)]);
    let one = api.get(&format!("{BASE}/trending-tags?limit=1")).await.expect(200);
    assert_eq!(one.data()["trending_tags"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn ranking_measures_everybody_by_the_first_anew() {
    let api = Api::start().await;
    let (alice, bob) = (api.user("alice").await, api.user("bob").await);
    let (small, large) = (made(&alice, &json!({})).await, made(&bob, &json!({})).await);
    api.post(&format!("{small}/view"), json!({ "session_id": "s" }))
        .await
        .expect(200);
    for number in 0..10 {
        let session = format!("s{number}");
        api.post(&format!("{large}/view"), json!({ "session_id": session }))
            .await
            .expect(200);
    }
    api.project().await;
    let views = async |path: &str| {
        let user = api.user(&format!("u{}", rand(path))).await;
        let found = user.get(path).await.expect(200);
        found.data()["score_explanations"]["community"]["details"]["views"]["score"].clone()
    };
    assert_eq!((views(&small).await, views(&large).await), (json!(6.0), json!(6.0)));
    api.run_job(Job::Rank).await.unwrap();
    api.advance(SignedDuration::from_secs(700));
    assert_eq!((views(&small).await, views(&large).await), (json!(0.6), json!(6.0)));
}

fn rand(path: &str) -> String {
    use std::sync::atomic::{AtomicUsize, Ordering};
    static NEXT: AtomicUsize = AtomicUsize::new(0);
    let number = NEXT.fetch_add(1, Ordering::Relaxed);
    format!("{number}{}", &path[path.len() - 4..])
}

#[tokio::test]
async fn warm_boards_cost_their_readers_no_database() {
    let api = Api::start().await;
    let alice = api.user("alice").await;
    made(&alice, &json!({})).await;
    api.run_job(Job::WarmCache).await.unwrap();
    for list in [
        "leaderboard",
        "featured",
        "rising-stars",
        "most-requested",
        "trending-tags",
    ] {
        api.forget_calls();
        api.get(&format!("{BASE}/{list}")).await.expect(200);
        assert_eq!(api.calls().0, Vec::<String>::new(), "{list}");
    }
}
