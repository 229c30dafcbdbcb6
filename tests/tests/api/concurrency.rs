use reqwest::Method;
use serde_json::json;
use tripsage_tests::{Answer, Api};

const TRIPS: &str = "/api/v1/trips";

#[tokio::test]
async fn a_stale_version_is_refused_and_a_current_one_is_not() {
    let api = Api::start().await;
    let alice = api.user("alice").await;
    let path = format!("{TRIPS}/{}", alice.trip("Japan").await);
    let patch = |tag: &str, title: &str| {
        let request = alice
            .request(Method::PATCH, &path)
            .header("if-match", tag)
            .json(&json!({ "title": title }));
        Answer::of(request)
    };
    patch("\"1\"", "Peru").await.expect(200);
    let stale = patch("\"1\"", "Chile").await.refused(412, "PRECONDITION_FAILED");
    assert_eq!(stale.body["details"]["context"]["current_version"], 2);
    patch("\"9\", \"2\"", "Chile").await.expect(200);
    patch("*", "Cuba").await.expect(200);
    let cached = Answer::of(alice.request(Method::GET, &path).header("if-none-match", "\"4\""))
        .await
        .expect(304);
    assert_eq!((cached.text.as_str(), cached.header("etag")), ("", "\"4\""));
    Answer::of(alice.request(Method::GET, &path).header("if-none-match", "\"3\""))
        .await
        .expect(200);
}

#[tokio::test]
async fn of_two_edits_with_the_same_version_one_wins() {
    let api = Api::start().await;
    let alice = api.user("alice").await;
    let path = format!("{TRIPS}/{}", alice.trip("Japan").await);
    for round in 1..=10 {
        let edit = |title: &str| {
            let tag = format!("\"{round}\"");
            Answer::of(
                alice
                    .request(Method::PATCH, &path)
                    .header("if-match", tag)
                    .json(&json!({ "title": title })),
            )
        };
        let (a, b) = (format!("a{round}"), format!("b{round}"));
        let (one, other) = tokio::join!(edit(&a), edit(&b));
        let mut statuses = [one.status, other.status];
        statuses.sort_unstable();
        assert_eq!(statuses, [200, 412]);
    }
}

#[tokio::test]
async fn fifty_writers_on_one_trip_lose_nothing() {
    let api = Api::start().await;
    let alice = api.user("alice").await;
    let id = alice.trip("Japan").await;
    let writers: Vec<_> = (0..50)
        .map(|n| {
            let (alice, path) = (alice.clone(), format!("{TRIPS}/{id}"));
            tokio::spawn(async move { alice.patch(&path, json!({ "title": format!("t{n}") })).await })
        })
        .collect();
    let mut done: u64 = 0;
    for writer in writers {
        let answer = writer.await.unwrap();
        match answer.status {
            200 => done += 1,
            _ => drop(answer.refused(409, "EDIT_CONFLICT")),
        }
    }
    assert!(done > 0);
    let trip = alice.get(&format!("{TRIPS}/{id}")).await.expect(200);
    assert_eq!(
        trip.data()["sequence"].as_u64(),
        Some(1 + done),
        "each edit that was acknowledged is one version"
    );
}

#[tokio::test]
async fn a_walk_over_pages_sees_everything_that_is_there_all_along_exactly_once() {
    let api = Api::start().await;
    let alice = api.user("alice").await;
    let mut expected = Vec::new();
    for n in 0..25 {
        expected.push(alice.trip(&format!("Trip {n:02}")).await);
        api.advance(jiff::SignedDuration::from_millis(5));
    }
    for sort in ["created", "-created", "title", "-title", "start_date", "updated"] {
        let (mut seen, mut cursor) = (Vec::new(), String::new());
        loop {
            let page = alice.get(&format!("{TRIPS}?per_page=4&sort={sort}{cursor}&tag=")).await;
            assert_eq!(page.status, 400, "an empty tag is no tag");
            let page = alice
                .get(&format!("{TRIPS}?per_page=4&sort={sort}&q=trip{cursor}"))
                .await
                .expect(200);
            seen.extend(
                page.data()
                    .as_array()
                    .unwrap()
                    .iter()
                    .map(|trip| trip["id"].as_str().unwrap().to_owned()),
            );
            alice.trip("Trip in between").await;
            match page.body["pagination"]["next_cursor"].as_str() {
                Some(next) => cursor = format!("&cursor={next}"),
                None => break,
            }
        }
        for id in &expected {
            assert_eq!(seen.iter().filter(|other| *other == id).count(), 1, "{sort}");
        }
    }
    let second = alice
        .get(&format!("{TRIPS}?page=2&per_page=10&sort=title"))
        .await
        .expect(200);
    assert_eq!(
        (
            second.body["pagination"]["page"].as_u64(),
            second.data().as_array().unwrap().len()
        ),
        (Some(2), 10)
    );
}

#[tokio::test]
async fn a_cursor_is_good_for_its_own_list_and_caller_only() {
    let api = Api::start().await;
    let (alice, bob) = (api.user("alice").await, api.user("bob").await);
    for user in [&alice, &bob] {
        for n in 0..3 {
            user.trip(&format!("Trip {n}")).await;
        }
    }
    let first = alice.get(&format!("{TRIPS}?per_page=1")).await.expect(200);
    let cursor = first.body["pagination"]["next_cursor"].as_str().unwrap().to_owned();
    let with = |query: &str| format!("{TRIPS}?per_page=1&cursor={cursor}{query}");
    alice.get(&with("")).await.expect(200);
    bob.get(&with("")).await.refused(400, "INVALID_CURSOR");
    alice.get(&with("&status=booked")).await.refused(400, "INVALID_CURSOR");
    alice.get(&with("&sort=title")).await.refused(400, "INVALID_CURSOR");
    for index in 0..cursor.len() {
        let mut changed = cursor.clone().into_bytes();
        changed[index] = if changed[index] == b'A' { b'B' } else { b'A' };
        let changed = String::from_utf8(changed).unwrap();
        // The last character holds bits that no byte is made of.
        if changed[..changed.len() - 1] != cursor[..cursor.len() - 1] {
            alice
                .get(&format!("{TRIPS}?per_page=1&cursor={changed}"))
                .await
                .refused(400, "INVALID_CURSOR");
        }
    }
    api.advance(jiff::SignedDuration::from_hours(25));
    alice.get(&with("")).await.refused(400, "INVALID_CURSOR");
}
