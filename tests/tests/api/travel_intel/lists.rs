use std::collections::BTreeSet;

use jiff::SignedDuration;
use serde_json::{Value, json};
use tripsage_tests::Api;

use super::{itinerary, path, tell, told};

fn ids(list: &Value) -> Vec<String> {
    let entries = list.as_array().unwrap().iter();
    entries.map(|entry| entry["id"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn the_filters_of_the_seed_and_all_of_them_together() {
    let api = Api::start().await;
    let (author, alice) = (api.user("author").await, api.user("alice").await);
    let (id, other) = (itinerary(&author).await, itinerary(&author).await);
    let types = [
        "question",
        "update",
        "warning",
        "recommendation",
        "local_insight",
        "tip",
    ];
    let severities = ["low", "medium", "high", "critical"];
    let mut said = Vec::new();
    for n in 0..12_usize {
        let (kind, severity) = (types[n % 6], severities[n % 4]);
        let one = told(&alice, &id, &json!({ "intel_type": kind, "severity_level": severity })).await;
        if n % 3 == 0 {
            let response = json!({ "response_status": "done" });
            author
                .post(&format!("{}/respond", path(&one)), response)
                .await
                .expect(200);
        }
        said.push((one, kind, severity, n % 3 == 0));
    }
    told(&alice, &other, &json!({})).await;
    for (query, wanted) in [
        ("", (|_| true) as fn(&(String, &str, &str, bool)) -> bool),
        ("&type=tip", |said| said.1 == "tip"),
        ("&severity=critical", |said| said.2 == "critical"),
        ("&status=resolved", |said| said.3),
        ("&status=open&type=question", |said| !said.3 && said.1 == "question"),
        (
            "&type=recommendation&severity=critical&status=resolved&sort=critical",
            |said| said.1 == "recommendation" && said.2 == "critical" && said.3,
        ),
    ] {
        let answer = api
            .get(&format!("/api/travel-intel?itinerary_id={id}{query}&per_page=100"))
            .await
            .expect(200);
        let found: BTreeSet<String> = ids(answer.data()).into_iter().collect();
        let expected: BTreeSet<String> = said
            .iter()
            .filter(|said| wanted(said))
            .map(|said| said.0.clone())
            .collect();
        assert_eq!(found, expected, "{query}");
        assert_eq!(answer.body["pagination"]["total"], expected.len(), "{query}");
    }
    let missing = api
        .get("/api/travel-intel?type=tip")
        .await
        .refused_field("itinerary_id");
    assert!(missing.body["message"].as_str().unwrap().contains("itinerary_id"));
    for (query, field) in [
        ("itinerary_id=x", "itinerary_id"),
        ("type=rumour", "type"),
        ("severity=mild", "severity"),
        ("status=done", "status"),
        ("sort=prettiest", "sort"),
        ("colour=red", "colour"),
    ] {
        api.get(&format!("/api/travel-intel?{query}"))
            .await
            .refused_field(field);
    }
    api.get(&format!("/api/travel-intel?itinerary_id={id}&per_page=101"))
        .await
        .refused_field("per_page");
    let nothing = "3f2b8a52-6c1e-4a52-9d3e-0c5b1f7a9e10";
    api.get(&format!("/api/travel-intel?itinerary_id={nothing}"))
        .await
        .refused(404, "NOT_FOUND");
}

#[tokio::test]
async fn a_walk_shows_each_once_in_order_while_others_write() {
    let api = Api::start().await;
    let (author, alice) = (api.user("author").await, api.user("alice").await);
    let id = itinerary(&author).await;
    let severities = ["low", "critical", "medium", "high"];
    let mut newest = Vec::new();
    for n in 0..10_usize {
        newest.insert(
            0,
            told(&alice, &id, &json!({ "severity_level": severities[n % 4] })).await,
        );
        api.advance(SignedDuration::from_secs(1));
    }
    let list = format!("/api/travel-intel?itinerary_id={id}&per_page=3");
    for (sort, expected) in [("newest", Some(&newest)), ("critical", None)] {
        let (mut found, mut cursor) = (Vec::new(), String::new());
        loop {
            let answer = alice.get(&format!("{list}&sort={sort}{cursor}")).await.expect(200);
            found.extend(answer.data().as_array().unwrap().clone());
            api.advance(SignedDuration::from_secs(1));
            told(
                &alice,
                &id,
                &json!({ "title": "Meanwhile", "severity_level": "critical" }),
            )
            .await;
            match answer.body["pagination"]["next_cursor"].as_str() {
                Some(next) => cursor = format!("&cursor={next}"),
                None => break,
            }
        }
        // What came during this walk or the one before is after, or before, all that this one is held to.
        found.retain(|intel| intel["title"] != "Meanwhile");
        let order = ids(&json!(found));
        assert_eq!(order.iter().collect::<BTreeSet<_>>().len(), 10, "{sort}: {order:?}");
        match expected {
            Some(expected) => assert_eq!(&order, expected),
            None => {
                let rank = |intel: &Value| {
                    ["low", "medium", "high", "critical"]
                        .iter()
                        .position(|name| intel["severity_level"] == *name)
                };
                assert!(found.iter().map(rank).is_sorted_by(|a, b| a >= b), "{found:?}");
            }
        }
    }
}

#[tokio::test]
async fn the_replies_of_a_thread_come_in_pages() {
    let api = Api::start().await;
    let (author, alice) = (api.user("author").await, api.user("alice").await);
    let id = itinerary(&author).await;
    let one = told(&alice, &id, &json!({})).await;
    for _ in 0..5 {
        told(&author, &id, &json!({ "parent_intel_id": one })).await;
    }
    let first = api.get(&format!("{}?per_page=3", path(&one))).await.expect(200);
    assert_eq!(first.data()["replies"].as_array().unwrap().len(), 3);
    let cursor = first.body["pagination"]["next_cursor"].as_str().unwrap();
    let rest = api
        .get(&format!("{}?per_page=3&cursor={cursor}", path(&one)))
        .await
        .expect(200);
    let all: BTreeSet<String> = [&first, &rest]
        .into_iter()
        .flat_map(|page| ids(&page.data()["replies"]))
        .collect();
    assert_eq!(all.len(), 5);
}

#[tokio::test]
async fn what_is_said_of_what_is_not_to_be_seen_is_not_to_be_seen() {
    let api = Api::start().await;
    let (author, alice, bob) = (api.user("author").await, api.user("alice").await, api.user("bob").await);
    let id = itinerary(&author).await;
    let one = told(&alice, &id, &json!({})).await;
    author.delete(&format!("/api/itineraries/{id}")).await.expect(200);
    for hidden in [
        format!("/api/travel-intel?itinerary_id={id}"),
        format!("/api/travel-intel/stats/{id}"),
        path(&one),
    ] {
        bob.get(&hidden).await.refused(404, "NOT_FOUND");
        api.get(&hidden).await.refused(404, "NOT_FOUND");
    }
    tell(&bob, &id, &json!({})).await.refused(404, "NOT_FOUND");
    bob.post(&format!("{}/helpful", path(&one)), json!({}))
        .await
        .refused(404, "NOT_FOUND");
    alice.get(&path(&one)).await.expect(200);
    let own = alice.get("/api/travel-intel/user/intel").await.expect(200);
    assert_eq!(ids(own.data()), [one.as_str()]);
    alice.delete(&path(&one)).await.expect(200);
}
