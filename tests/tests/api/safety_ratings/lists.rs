use std::collections::BTreeSet;

use serde_json::{Value, json};
use tripsage_tests::{Api, User};

use super::{itinerary, rate, rated};

fn ids(list: &Value) -> Vec<String> {
    let entries = list.as_array().unwrap().iter();
    entries.map(|entry| entry["id"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn the_filters_of_the_seed_and_all_of_them_together() {
    let api = Api::start().await;
    let author = api.user("author").await;
    let (one, other) = (itinerary(&author).await, itinerary(&author).await);
    let types = ["overall", "accommodation", "route", "community", "women_safety"];
    let mut said = Vec::new();
    for n in 0..10_usize {
        let user = api.user(&format!("user{n}")).await;
        for id in [&one, &other] {
            let (kind, score) = (types[n % 5], (n + usize::from(id == &other)) % 5 + 1);
            let answer = rate(
                &user,
                id,
                &json!({ "rating_type": kind, "overall_safety_score": score }),
            )
            .await;
            said.push((answer.expect(201).text_of("id"), id.clone(), kind, score));
        }
    }
    type Said<'a> = (String, String, &'a str, usize);
    let expected = |includes: &dyn Fn(&Said<'_>) -> bool| -> BTreeSet<String> {
        said.iter()
            .filter(|rating| includes(rating))
            .map(|rating| rating.0.clone())
            .collect()
    };
    for (query, wanted) in [
        (String::new(), expected(&|_| true)),
        (
            "type=accommodation".to_owned(),
            expected(&|rating| rating.2 == "accommodation"),
        ),
        ("min_score=4".to_owned(), expected(&|rating| rating.3 >= 4)),
        ("min_score=3.5".to_owned(), expected(&|rating| rating.3 >= 4)),
        (
            "min_score=4&type=route".to_owned(),
            expected(&|rating| rating.3 >= 4 && rating.2 == "route"),
        ),
        (
            format!("min_score=2&type=route&itinerary_id={one}&sort=highest"),
            expected(&|rating| rating.3 >= 2 && rating.2 == "route" && rating.1 == one),
        ),
    ] {
        let answer = api
            .get(&format!("/api/safety-ratings?per_page=100&{query}"))
            .await
            .expect(200);
        let found: BTreeSet<String> = ids(answer.data()).into_iter().collect();
        assert_eq!(found, wanted, "{query}");
    }
    let path = format!("/api/safety-ratings/{one}?min_score=4&type=accommodation");
    let of_one = api.get(&path).await.expect(200);
    let found: BTreeSet<String> = ids(&of_one.data()["ratings"]).into_iter().collect();
    assert_eq!(
        found,
        expected(&|rating| rating.3 >= 4 && rating.2 == "accommodation" && rating.1 == one)
    );
    for (query, field) in [
        ("min_score=0", "min_score"),
        ("min_score=6", "min_score"),
        ("min_score=NaN", "min_score"),
        ("type=food", "type"),
        ("sort=prettiest", "sort"),
        ("itinerary_id=x", "itinerary_id"),
        ("per_page=0", "per_page"),
        ("page=51", "page"),
        ("colour=red", "colour"),
    ] {
        api.get(&format!("/api/safety-ratings?{query}"))
            .await
            .refused_field(field);
    }
    api.get("/api/safety-ratings?cursor=x")
        .await
        .refused(400, "INVALID_CURSOR");
}

async fn walked(api: &Api, path: &str) -> Vec<Value> {
    let (mut found, mut cursor) = (Vec::new(), String::new());
    loop {
        let answer = api.get(&format!("{path}&per_page=3{cursor}")).await.expect(200);
        found.extend(answer.data().as_array().unwrap().clone());
        let Some(next) = answer.body["pagination"]["next_cursor"].as_str() else {
            assert_eq!(answer.body["pagination"]["has_more"], false);
            return found;
        };
        cursor = format!("&cursor={next}");
    }
}

#[tokio::test]
async fn a_walk_shows_each_once_in_order() {
    let api = Api::start().await;
    let author = api.user("author").await;
    let id = itinerary(&author).await;
    let mut users: Vec<User> = Vec::new();
    for n in 0..11 {
        let user = api.user(&format!("user{n}")).await;
        rated(&user, &id, &json!({ "overall_safety_score": n % 5 + 1 })).await;
        api.advance(jiff::SignedDuration::from_secs(1));
        users.push(user);
    }
    let newest = walked(&api, &format!("/api/safety-ratings?itinerary_id={id}")).await;
    let by: Vec<&str> = newest
        .iter()
        .map(|rating| rating["traveler_id"].as_str().unwrap())
        .collect();
    let expected: Vec<&str> = users.iter().rev().map(|user| user.id.as_str()).collect();
    assert_eq!(by, expected);
    for path in [
        "/api/safety-ratings?sort=highest".to_owned(),
        format!("/api/safety-ratings?sort=highest&itinerary_id={id}"),
    ] {
        let highest = walked(&api, &path).await;
        let scores: Vec<u64> = highest
            .iter()
            .map(|rating| rating["overall_safety_score"].as_u64().unwrap())
            .collect();
        assert_eq!(scores.len(), 11);
        assert!(scores.is_sorted_by(|a, b| a >= b), "{scores:?}");
    }
    let page = api
        .get(&format!("/api/safety-ratings?itinerary_id={id}&page=2&per_page=5"))
        .await
        .expect(200);
    let on_page: Vec<&str> = page
        .data()
        .as_array()
        .unwrap()
        .iter()
        .map(|rating| rating["traveler_id"].as_str().unwrap())
        .collect();
    assert_eq!(on_page, expected[5..10]);
    assert_eq!(page.body["pagination"]["total"], 11);
    assert_eq!(page.body["pagination"]["total_pages"], 3);
}

#[tokio::test]
async fn what_is_said_of_what_is_not_to_be_seen_is_not_to_be_seen() {
    let api = Api::start().await;
    let (author, alice, bob) = (api.user("author").await, api.user("alice").await, api.user("bob").await);
    let moderator = api.user_with_role("moderator", "moderator").await;
    let (id, other) = (itinerary(&author).await, itinerary(&author).await);
    let path = rated(&alice, &id, &json!({})).await;
    let shown = rated(&alice, &other, &json!({})).await;
    author
        .patch(&format!("/api/itineraries/{id}"), json!({ "is_published": false }))
        .await
        .expect(200);
    let listed = api.get("/api/safety-ratings").await.expect(200);
    assert_eq!(ids(listed.data()), [shown.rsplit('/').next().unwrap()]);
    assert!(listed.body["pagination"].get("total").is_none(), "{}", listed.text);
    for hidden in [
        format!("/api/safety-ratings?itinerary_id={id}"),
        format!("/api/safety-ratings/{id}"),
        path.clone(),
    ] {
        bob.get(&hidden).await.refused(404, "NOT_FOUND");
        api.get(&hidden).await.refused(404, "NOT_FOUND");
    }
    rate(&bob, &id, &json!({})).await.refused(404, "NOT_FOUND");
    bob.post(&format!("{path}/helpful"), json!({}))
        .await
        .refused(404, "NOT_FOUND");
    bob.delete(&path).await.refused(404, "NOT_FOUND");
    moderator.get(&path).await.expect(200);
    let own = alice.get("/api/safety-ratings/user/ratings").await.expect(200);
    assert_eq!(
        (ids(own.data()).len(), &own.body["pagination"]["total"]),
        (2, &json!(2))
    );
    alice
        .patch(&path, json!({ "overall_safety_score": 2 }))
        .await
        .expect(200);
    alice.delete(&path).await.expect(200);
    author
        .patch(&format!("/api/itineraries/{id}"), json!({ "is_published": true }))
        .await
        .expect(200);
    let again = api.get(&format!("/api/safety-ratings/{id}")).await.expect(200);
    assert_eq!(again.data()["ratings"], json!([]));
}
