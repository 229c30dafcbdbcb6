use jiff::SignedDuration;
use serde_json::{Value, json};
use tripsage_domain::ids::TripId;
use tripsage_store::{Condition, Db, Write, keys};
use tripsage_tests::{Api, User};

use crate::trip_items::{add, flight};

/// A trip with seven versions: made, an item, another title, the item changed, a second item, the first removed, booked.
pub(crate) async fn with_history(api: &Api, alice: &User) -> (String, String, String) {
    let trip = format!("/api/v1/trips/{}", alice.trip("Japan").await);
    api.advance(SignedDuration::from_secs(60));
    let first = add(alice, &format!("{trip}/items"), flight()).await;
    api.advance(SignedDuration::from_secs(60));
    alice
        .patch(&trip, json!({"title": "Kyoto", "tags": ["food"]}))
        .await
        .expect(200);
    api.advance(SignedDuration::from_secs(60));
    alice
        .patch(&format!("{trip}/items/{first}"), json!({"title": "Out"}))
        .await
        .expect(200);
    api.advance(SignedDuration::from_secs(60));
    let second = add(
        alice,
        &format!("{trip}/items"),
        json!({"type": "meal", "title": "Sushi"}),
    )
    .await;
    api.advance(SignedDuration::from_secs(60));
    alice.delete(&format!("{trip}/items/{first}")).await.expect(200);
    api.advance(SignedDuration::from_secs(60));
    alice.patch(&trip, json!({"status": "booked"})).await.expect(200);
    (trip, first, second)
}

#[tokio::test]
async fn every_change_is_a_version_that_says_who_when_and_what() {
    let api = Api::start().await;
    let alice = api.user("alice").await;
    let (trip, first, second) = with_history(&api, &alice).await;
    let list = alice.get(&format!("{trip}/versions")).await.expect(200);
    let versions = list.data().as_array().unwrap();
    let actions: Vec<&str> = versions
        .iter()
        .map(|version| version["action"].as_str().unwrap())
        .collect();
    assert_eq!(
        actions,
        [
            "trip.updated",
            "item.deleted",
            "item.created",
            "item.updated",
            "trip.updated",
            "item.created",
            "trip.created"
        ]
    );
    assert!(
        versions
            .iter()
            .all(|version| version["verified"] == true && version["user_id"] == alice.id.as_str())
    );
    assert_eq!(
        versions[3]["changed"],
        json!([{"entity": format!("item/{first}"), "change": "updated", "fields": ["title"]}])
    );
    assert_eq!(
        versions[4]["changed"],
        json!([{"entity": "trip", "change": "updated", "fields": ["tags", "title"]}])
    );
    assert_eq!(versions[1]["changed"][0]["change"], "removed");
    assert_eq!(
        (&versions[6]["at"], &versions[5]["at"]),
        (&json!("2027-03-03T10:00:00Z"), &json!("2027-03-03T10:01:00Z"))
    );
    assert_eq!(versions[0]["previous_hash"], versions[1]["hash"]);
    assert_eq!(
        (&list.body["pagination"]["total"], versions[0]["number"].as_u64()),
        (&json!(7), Some(7))
    );

    // In pages, by cursor and by number.
    let (mut numbers, mut cursor) = (Vec::new(), String::new());
    loop {
        let page = alice
            .get(&format!("{trip}/versions?per_page=3{cursor}"))
            .await
            .expect(200);
        let page_versions = page.data().as_array().unwrap();
        assert!(
            page_versions.iter().all(|version| version["verified"] == true),
            "{}",
            page.text
        );
        numbers.extend(page_versions.iter().map(|version| version["number"].as_u64().unwrap()));
        match page.body["pagination"]["next_cursor"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => break,
        }
    }
    assert_eq!(numbers, [7, 6, 5, 4, 3, 2, 1]);
    let second_page = alice
        .get(&format!("{trip}/versions?per_page=3&page=2"))
        .await
        .expect(200);
    assert_eq!(
        (&second_page.data()[0]["number"], &second_page.data()[0]["verified"]),
        (&json!(4), &json!(true))
    );

    // The state at each of them.
    for (number, title, items) in [
        (1, "Japan", vec![]),
        (2, "Japan", vec!["To Tokyo"]),
        (3, "Kyoto", vec!["To Tokyo"]),
        (4, "Kyoto", vec!["Out"]),
        (5, "Kyoto", vec!["Out", "Sushi"]),
        (6, "Kyoto", vec!["Sushi"]),
        (7, "Kyoto", vec!["Sushi"]),
    ] {
        let state = alice.get(&format!("{trip}/versions/{number}")).await.expect(200);
        let data = state.data();
        let titles: Vec<&str> = data["items"]
            .as_array()
            .unwrap()
            .iter()
            .map(|item| item["title"].as_str().unwrap())
            .collect();
        assert_eq!(
            (data["trip"]["title"].as_str().unwrap(), titles),
            (title, items),
            "{number}"
        );
        assert_eq!(
            (&data["trip"]["sequence"], &data["version"]["number"]),
            (&json!(number), &json!(number))
        );
        assert_eq!(data["trip"]["status"], if number == 7 { "booked" } else { "planning" });
    }
    for wrong in ["0", "8", "x", "-1"] {
        alice
            .get(&format!("{trip}/versions/{wrong}"))
            .await
            .refused(404, "NOT_FOUND");
    }
    let diff = |from: u64, to: &str| {
        let (alice, path) = (alice.clone(), format!("{trip}/versions/{from}/diff{to}"));
        async move { alice.get(&path).await.expect(200).data()["changes"].clone() }
    };
    let change = |entity: &str, field: &str, old: Value, new: Value| json!({"entity": entity, "field": field, "old": old, "new": new});
    let item = format!("item/{first}");
    assert_eq!(
        diff(3, "?to=4").await,
        json!([change(&item, "title", json!("To Tokyo"), json!("Out"))])
    );
    assert_eq!(
        diff(4, "?to=3").await,
        json!([change(&item, "title", json!("Out"), json!("To Tokyo"))])
    );
    assert_eq!(
        diff(6, "").await,
        json!([change("trip", "status", json!("planning"), json!("booked"))])
    );
    assert_eq!(diff(4, "?to=4").await, json!([]));
    let all = diff(1, "").await;
    let of_second = all
        .as_array()
        .unwrap()
        .iter()
        .filter(|change| change["entity"] == format!("item/{second}"));
    assert!(of_second.count() > 3);
    for number in ["0", "8", "9223372036854775808", "18446744073709551615"] {
        alice
            .get(&format!("{trip}/versions/{number}/diff?to=1"))
            .await
            .refused(404, "NOT_FOUND");
        alice
            .get(&format!("{trip}/versions/{number}"))
            .await
            .refused(404, "NOT_FOUND");
    }
    alice
        .get(&format!("{trip}/versions/1/diff?to=8"))
        .await
        .refused(404, "NOT_FOUND");
    alice
        .get(&format!("{trip}/versions/1/diff?to=x"))
        .await
        .refused_field("to");
}

#[tokio::test]
async fn the_past_is_read_by_time() {
    let api = Api::start().await;
    let alice = api.user("alice").await;
    let (trip, ..) = with_history(&api, &alice).await;
    for (instant, title, items) in [
        ("2027-03-03T10:00:00Z", "Japan", 0),
        ("2027-03-03T10:01:59Z", "Japan", 1),
        ("2027-03-03T11:02:00%2B01:00", "Kyoto", 1),
        ("2027-03-03T10:04:00Z", "Kyoto", 2),
        ("2027-03-03T10:06:00Z", "Kyoto", 1),
    ] {
        let then = alice
            .get(&format!("{trip}?as_of={instant}&include=items"))
            .await
            .expect(200);
        let found = (
            then.data()["title"].as_str().unwrap(),
            then.data()["items"].as_array().unwrap().len(),
        );
        assert_eq!(found, (title, items), "{instant}");
    }
    alice
        .get(&format!("{trip}?as_of=2027-03-03T09:59:59Z"))
        .await
        .refused(404, "NOT_FOUND");
    alice
        .get(&format!("{trip}?as_of=2027-03-03T10:06:01Z"))
        .await
        .refused_field("as_of");
    alice
        .get(&format!("{trip}?as_of=yesterday"))
        .await
        .refused_field("as_of");
    alice
        .get(&format!("{trip}?as_of=2027-03-03T10:00:00Z&include=members"))
        .await
        .refused_field("include");
    alice
        .get(&format!("{trip}?include=secrets"))
        .await
        .refused_field("include");
    let now = alice.get(&format!("{trip}?include=members,items")).await.expect(200);
    let members = json!([{"user_id": alice.id, "permission_level": "owner", "added_at": "2027-03-03T10:00:00Z"}]);
    assert_eq!(now.data()["members"], members);
}

#[tokio::test]
async fn an_earlier_version_is_restored_as_a_new_one() {
    let api = Api::start().await;
    let alice = api.user("alice").await;
    let (trip, first, second) = with_history(&api, &alice).await;
    let restored = alice
        .post(&format!("{trip}/versions/2/restore"), json!({}))
        .await
        .expect(200);
    let data = restored.data();
    assert_eq!(
        (&data["title"], &data["tags"], &data["sequence"]),
        (&json!("Japan"), &json!([]), &json!(8))
    );
    assert_eq!(data["status"], "booked", "the status moves through its own steps only");
    assert_eq!(
        (&data["items"][0]["id"], &data["items"][0]["title"]),
        (&json!(first), &json!("To Tokyo"))
    );
    assert_eq!(data["items"].as_array().unwrap().len(), 1);
    // No tag that the item ever had stands for it as it is now.
    assert!(data["items"][0]["version"].as_u64().unwrap() > 2);
    alice
        .get(&format!("{trip}/items/{second}"))
        .await
        .refused(404, "NOT_FOUND");
    let newest = alice.get(&format!("{trip}/versions/8")).await.expect(200);
    assert_eq!(
        (
            &newest.data()["version"]["action"],
            &newest.data()["version"]["verified"]
        ),
        (&json!("version.restored"), &json!(true))
    );
    // Once more changes nothing, and the undo can be undone.
    alice
        .post(&format!("{trip}/versions/2/restore"), json!({}))
        .await
        .expect(200);
    let undone = alice
        .post(&format!("{trip}/versions/7/restore"), json!({}))
        .await
        .expect(200);
    assert_eq!(
        (&undone.data()["title"], &undone.data()["sequence"]),
        (&json!("Kyoto"), &json!(9))
    );
    assert_eq!(undone.data()["items"][0]["title"], "Sushi");
    alice
        .patch(&format!("{trip}/items/{second}"), json!({"title": "Ramen"}))
        .await
        .expect(200);
    let list = alice.get(&format!("{trip}/versions")).await.expect(200);
    assert!(
        list.data()
            .as_array()
            .unwrap()
            .iter()
            .all(|version| version["verified"] == true)
    );
    for wrong in ["0", "11", "x"] {
        alice
            .post(&format!("{trip}/versions/{wrong}/restore"), json!({}))
            .await
            .refused(404, "NOT_FOUND");
    }
}

#[tokio::test]
async fn tampering_with_the_history_shows() {
    let api = Api::start().await;
    let alice = api.user("alice").await;
    let (trip, ..) = with_history(&api, &alice).await;
    let id: TripId = trip.rsplit('/').next().unwrap().parse().unwrap();
    let db = Db::new(&api.runtime("trips"));
    let rows = db.list_versions(id, None, 10).await.unwrap();
    let row = |number: u64| rows.iter().find(|row| row.number == number).unwrap().clone();
    let verified = || {
        let (alice, path) = (alice.clone(), format!("{trip}/versions"));
        async move {
            let list = alice.get(&path).await.expect(200);
            let versions = list.data().as_array().unwrap().clone();
            let bad = versions.iter().filter(|version| version["verified"] != true);
            bad.map(|version| version["number"].as_u64().unwrap())
                .collect::<Vec<_>>()
        }
    };
    let key = |number| keys::trip_version(id, number);
    assert!(verified().await.is_empty());
    let mut forged = row(4);
    forged.action = "trip.created".to_owned();
    db.commit(Write::replace("version", key(4), &forged, 1).unwrap())
        .await
        .unwrap();
    assert_eq!(verified().await, [4], "its hash is not that of what it says");
    forged.hash = forged.computed_hash();
    db.commit(Write::replace("version", key(4), &forged, 2).unwrap())
        .await
        .unwrap();
    assert_eq!(verified().await, [5], "the next does not follow on it");
    db.commit(Write::replace("version", key(4), &row(4), 3).unwrap())
        .await
        .unwrap();
    assert!(verified().await.is_empty());
    db.commit(Write::remove("version", key(3), Condition::Present))
        .await
        .unwrap();
    assert_eq!(verified().await, [4], "one is missing");
    db.commit(Write::insert("version", key(3), &row(3)).unwrap())
        .await
        .unwrap();
    db.commit(Write::remove("version", key(7), Condition::Present))
        .await
        .unwrap();
    assert_eq!(verified().await, [6], "the newest is missing");
}
