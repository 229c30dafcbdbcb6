use std::{collections::BTreeSet, sync::Arc, time::Duration};

use jiff::SignedDuration;
use reqwest::Method;
use serde_json::{Value, json};
use tripsage_tests::{Answer, Api};

use crate::trip_items::{add, flight, titles};

#[tokio::test]
async fn a_full_trip_takes_no_more_and_is_reordered_in_steps() {
    let api = Api::start().await;
    let alice = api.user("alice").await;
    let trip = format!("/api/v1/trips/{}", alice.trip("Japan").await);
    let items = format!("{trip}/items");
    let mut ids = Vec::new();
    for n in 0..200 {
        ids.push(add(&alice, &items, json!({"type": "note", "title": format!("n{n}")})).await);
    }
    alice
        .post(&items, json!({"type": "note", "title": "more"}))
        .await
        .refused(409, "CONFLICT");
    ids.reverse();
    let reordered = alice
        .post(&format!("{items}/reorder"), json!({ "item_ids": ids }))
        .await
        .expect(200);
    assert_eq!(titles(&reordered)[..2], ["n199", "n198"]);
    let read = alice.get(&trip).await.expect(200);
    assert_eq!(
        (&read.data()["sequence"], &read.data()["item_count"]),
        (&json!(201 + 5), &json!(200))
    );
    // And back to a trip without any, in one request.
    let restored = alice
        .post(&format!("{trip}/versions/1/restore"), json!({}))
        .await
        .expect(200);
    assert_eq!(
        (&restored.data()["items"], &restored.data()["item_count"]),
        (&json!([]), &json!(0))
    );
    let back = alice
        .post(&format!("{trip}/versions/206/restore"), json!({}))
        .await
        .expect(200);
    assert_eq!(back.data()["items"].as_array().unwrap().len(), 200);
    assert_eq!(back.data()["items"][0]["title"], "n199");
}

#[tokio::test]
async fn fifty_items_made_at_once_are_all_kept() {
    let api = Arc::new(Api::start().await);
    let alice = api.user("alice").await;
    let trip = format!("/api/v1/trips/{}", alice.trip("Japan").await);
    let writers: Vec<_> = (0..50)
        .map(|n| {
            let (api, alice, path) = (Arc::clone(&api), alice.clone(), format!("{trip}/items"));
            tokio::spawn(async move {
                let body = json!({"type": "note", "title": format!("n{n}")});
                loop {
                    let request = alice
                        .request(Method::POST, &path)
                        .header("idempotency-key", n.to_string());
                    let answer = Answer::of(request.json(&body)).await;
                    if answer.status == 201 {
                        return answer.text_of("id");
                    }
                    // Too busy, by its own word or by the machine's: a client comes again, and makes no second one.
                    assert!(matches!(answer.status, 409 | 503), "{}", answer.text);
                    assert_ne!(answer.header("retry-after"), "");
                    api.advance(SignedDuration::from_secs(1));
                    tokio::time::sleep(Duration::from_millis(50)).await;
                }
            })
        })
        .collect();
    let mut ids = BTreeSet::new();
    for writer in writers {
        ids.insert(writer.await.unwrap());
    }
    let read = alice.get(&format!("{trip}?include=items")).await.expect(200);
    assert_eq!(
        (&read.data()["item_count"], &read.data()["sequence"]),
        (&json!(50), &json!(51))
    );
    let kept = read.data()["items"].as_array().unwrap();
    let kept: BTreeSet<String> = kept
        .iter()
        .map(|item| item["id"].as_str().unwrap().to_owned())
        .collect();
    assert_eq!(kept, ids);
}

#[tokio::test]
async fn no_edit_of_an_item_is_lost() {
    let api = Api::start().await;
    let alice = api.user("alice").await;
    let items = format!("/api/v1/trips/{}/items", alice.trip("Japan").await);
    let path = format!("{items}/{}", add(&alice, &items, flight()).await);
    let patch = |tag: &str, body: Value| {
        let request = alice.request(Method::PATCH, &path).header("if-match", tag).json(&body);
        Answer::of(request)
    };
    patch("\"1\"", json!({ "title": "a" })).await.expect(200);
    let stale = patch("\"1\"", json!({ "title": "b" }))
        .await
        .refused(412, "PRECONDITION_FAILED");
    assert_eq!(stale.body["details"]["context"]["current_version"], 2);
    Answer::of(alice.request(Method::DELETE, &path).header("if-match", "\"1\""))
        .await
        .refused(412, "PRECONDITION_FAILED");
    // Without a tag, two edits of different fields both happen; with one, one of them wins.
    let (one, other) = tokio::join!(
        alice.patch(&path, json!({ "title": "c" })),
        alice.patch(&path, json!({ "notes": "d" }))
    );
    (one.expect(200), other.expect(200));
    let read = alice.get(&path).await.expect(200);
    assert_eq!(
        (&read.data()["title"], &read.data()["notes"], read.header("etag")),
        (&json!("c"), &json!("d"), "\"4\"")
    );
    let (one, other) = tokio::join!(
        patch("\"4\"", json!({ "title": "e" })),
        patch("\"4\"", json!({ "title": "f" }))
    );
    let mut statuses = [one.status, other.status];
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 412]);
    let unchanged = Answer::of(alice.request(Method::GET, &path).header("if-none-match", "\"5\"")).await;
    unchanged.expect(304);
}

#[tokio::test]
async fn an_item_is_made_once_however_often_it_is_asked_for() {
    let api = Api::start().await;
    let alice = api.user("alice").await;
    let items = format!("/api/v1/trips/{}/items", alice.trip("Japan").await);
    let ask = || {
        Answer::of(
            alice
                .request(Method::POST, &items)
                .header("idempotency-key", "one")
                .json(&flight()),
        )
    };
    let first = ask().await.expect(201).text_of("id");
    assert_eq!(ask().await.expect(201).text_of("id"), first);
    assert_eq!(alice.get(&items).await.expect(200).data().as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn reads_and_writes_of_items_cost_what_they_should() {
    let api = Api::start().await;
    let alice = api.user("alice").await;
    let trip = format!("/api/v1/trips/{}", alice.trip("Japan").await);
    let items = format!("{trip}/items");
    let path = format!("{items}/{}", add(&alice, &items, flight()).await);
    for (read, calls) in [
        (path.clone(), &["BatchGetItem"][..]),
        (items.clone(), &["Query"]),
        (format!("{trip}?include=items,members"), &["Query"]),
        (format!("{trip}?include=members"), &["GetItem"]),
        (format!("{trip}/preferences"), &["GetItem"]),
        (format!("{trip}/itinerary"), &["Query"]),
        (format!("{trip}/summary"), &["Query"]),
        (format!("{trip}/calendar.ics"), &["Query"]),
        (format!("{trip}/versions"), &["GetItem", "Query"]),
        (format!("{trip}/changes?since=1"), &["GetItem", "Query"]),
        (format!("{trip}/changes?since=2"), &["GetItem"]),
        (format!("{trip}/versions/1"), &["Query", "Query"]),
    ] {
        api.forget_calls();
        alice.get(&read).await.expect(200);
        assert_eq!(
            api.calls(),
            (calls.iter().map(|call| (*call).to_owned()).collect(), 1),
            "{read}"
        );
    }
    api.forget_calls();
    alice.patch(&path, json!({ "title": "x" })).await.expect(200);
    assert_eq!(
        api.calls(),
        (vec!["BatchGetItem".to_owned(), "TransactWriteItems".to_owned()], 1)
    );
    api.forget_calls();
    alice.post(&items, flight()).await.expect(201);
    assert_eq!(
        api.calls(),
        (vec!["GetItem".to_owned(), "TransactWriteItems".to_owned()], 1)
    );
}
