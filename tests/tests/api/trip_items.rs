use serde_json::{Value, json};
use tripsage_tests::{Answer, Api, User};

pub(crate) fn flight() -> Value {
    json!({
        "type": "flight",
        "title": "To Tokyo",
        "details": { "carrier": "Swiss", "flight_number": "LX160", "origin": "zrh", "destination": "NRT", "cabin": "economy", "seats": ["12A"] },
        "start": { "local_time": "2027-04-01T13:00", "time_zone": "europe/zurich" },
        "end": { "local_time": "2027-04-02T08:55", "time_zone": "Asia/Tokyo" },
        "cost": { "amount": 899.9, "currency": "chf" },
        "status": "booked",
        "booking_reference": "X1Y2Z3",
        "url": "https://example.org/booking",
    })
}

pub(crate) async fn add(user: &User, items: &str, body: Value) -> String {
    user.post(items, body).await.expect(201).text_of("id")
}

/// Titles of a list of items.
pub(crate) fn titles(answer: &Answer) -> Vec<String> {
    let list = answer.data().as_array().unwrap();
    list.iter()
        .map(|item| item["title"].as_str().unwrap().to_owned())
        .collect()
}

#[tokio::test]
async fn an_item_is_made_read_changed_and_removed() {
    let api = Api::start().await;
    let alice = api.user("alice").await;
    let trip = format!("/api/v1/trips/{}", alice.trip("Japan").await);
    let made = alice.post(&format!("{trip}/items"), flight()).await.expect(201);
    let path = format!("{trip}/items/{}", made.text_of("id"));
    assert_eq!((made.header("location"), made.header("etag")), (path.as_str(), "\"1\""));
    assert_eq!(
        made.data()["start"],
        json!({"local_time": "2027-04-01T13:00:00", "time_zone": "Europe/Zurich",
            "instant": "2027-04-01T11:00:00Z", "utc_offset": "+02:00"})
    );
    assert_eq!(made.data()["cost"], json!({ "amount": "899.90", "currency": "CHF" }));
    assert_eq!(made.data()["details"]["origin"], "ZRH");
    assert_eq!(alice.get(&path).await.expect(200).data(), made.data());
    assert_eq!(alice.get(&trip).await.expect(200).data()["item_count"], 1);

    // A patch reaches into an object, and leaves the rest of it.
    let patch = json!({"details": {"seats": ["14C"], "cabin": null}, "end": {"local_time": "2027-04-02T09:30"}, "notes": "Window"});
    let patched = alice.patch(&path, patch).await.expect(200);
    assert_eq!(
        (patched.header("etag"), &patched.data()["details"]["seats"]),
        ("\"2\"", &json!(["14C"]))
    );
    assert_eq!(patched.data()["details"].get("cabin"), None);
    assert_eq!(patched.data()["end"]["instant"], "2027-04-02T00:30:00Z");
    let same = alice.patch(&path, json!({ "notes": "Window" })).await.expect(200);
    assert_eq!(same.header("etag"), "\"2\"", "nothing changed");
    // A put replaces a field as a whole.
    let put = json!({"type": "note", "start": {"date": "2027-04-03"}, "end": null});
    let replaced = alice.put(&path, put).await.expect(200);
    assert_eq!(
        (&replaced.data()["details"], &replaced.data()["end"]),
        (&json!({}), &Value::Null)
    );
    assert_eq!(replaced.data()["start"], json!({ "date": "2027-04-03" }));
    assert_eq!(replaced.data()["notes"], "Window");

    let gone = alice.delete(&path).await.expect(200);
    assert_eq!(gone.data()["sequence"], 5);
    alice.get(&path).await.refused(404, "NOT_FOUND");
    alice.delete(&path).await.refused(404, "NOT_FOUND");
    assert_eq!(alice.get(&trip).await.expect(200).data()["item_count"], 0);
}

#[tokio::test]
async fn what_breaks_a_rule_is_refused_with_its_field() {
    let api = Api::start().await;
    let alice = api.user("alice").await;
    let items = format!("/api/v1/trips/{}/items", alice.trip("Japan").await);
    let with = |fields: Value| {
        let mut body = flight();
        for (name, value) in fields.as_object().unwrap() {
            body[name] = value.clone();
        }
        body
    };
    let time = |local: &str, zone: &str| json!({ "local_time": local, "time_zone": zone });
    for (body, field) in [
        (json!({}), "type"),
        (json!({ "type": "flight" }), "title"),
        (with(json!({ "type": "cruise" })), "type"),
        (with(json!({ "title": "" })), "title"),
        (with(json!({ "title": "a\u{202e}b" })), "title"),
        (with(json!({ "owner": "me" })), "owner"),
        (
            with(json!({ "start": time("2027-04-01T13:00", "Mars/Olympus") })),
            "start.time_zone",
        ),
        (
            with(json!({ "start": { "local_time": "2027-04-01T13:00" } })),
            "start.time_zone",
        ),
        (
            with(json!({ "start": time("2027-04-01T13:00:00Z", "UTC") })),
            "start.local_time",
        ),
        (
            with(json!({ "start": time("2027-03-28T02:30", "Europe/Zurich") })),
            "start.local_time",
        ),
        (
            with(json!({ "start": time("2027-02-30T02:30", "Europe/Zurich") })),
            "start.local_time",
        ),
        (
            with(json!({ "start": { "date": "2027-04-01", "time_zone": "UTC" } })),
            "start.time_zone",
        ),
        (with(json!({ "start": { "date": "2027-04-01" } })), "end"),
        (with(json!({ "start": null })), "start"),
        (with(json!({ "end": time("2027-04-01T19:59", "Asia/Tokyo") })), "end"),
        (
            with(json!({ "cost": { "amount": "-1", "currency": "EUR" } })),
            "cost.amount",
        ),
        (
            with(json!({ "cost": { "amount": "1.999", "currency": "EUR" } })),
            "cost.amount",
        ),
        (with(json!({ "cost": { "amount": "1" } })), "cost.currency"),
        (with(json!({ "url": "javascript:alert(1)" })), "url"),
        (with(json!({ "status": "done" })), "status"),
        (with(json!({ "notes": "n".repeat(2001) })), "notes"),
        (with(json!({ "details": { "origin": "Zurich" } })), "details.origin"),
        (with(json!({ "details": { "cuisine": "thai" } })), "details.cuisine"),
        (with(json!({ "location": {} })), "location.name"),
        (
            with(json!({ "location": { "coordinates": { "latitude": 91, "longitude": 0 } } })),
            "location.coordinates",
        ),
    ] {
        alice.post(&items, body).await.refused_field(field);
    }
    let path = format!("{items}/{}", add(&alice, &items, flight()).await);
    alice
        .patch(&path, json!({ "title": null }))
        .await
        .refused_field("title");
    alice
        .patch(&path, json!({ "position": 1 }))
        .await
        .refused_field("position");
    alice
        .patch(&path, json!({ "start": null }))
        .await
        .refused_field("start");
    alice
        .put(&path, json!({ "type": "meal", "details": { "seats": ["1"] } }))
        .await
        .refused_field("details.seats");
    for query in [
        "type=x",
        "status=x",
        "date=x",
        "from=2027-02-30",
        "per_page=0",
        "unknown=1",
    ] {
        alice
            .get(&format!("{items}?{query}"))
            .await
            .refused(400, "VALIDATION_ERROR");
    }
}

#[tokio::test]
async fn an_item_belongs_to_its_trip_and_its_members() {
    let api = Api::start().await;
    let (alice, bob) = (api.user("alice").await, api.user("bob").await);
    let trip = format!("/api/v1/trips/{}", alice.trip("Japan").await);
    let other = format!("/api/v1/trips/{}", alice.trip("Peru").await);
    let id = add(&alice, &format!("{trip}/items"), flight()).await;
    alice
        .get(&format!("{other}/items/{id}"))
        .await
        .refused(404, "NOT_FOUND");
    alice
        .patch(&format!("{other}/items/{id}"), json!({ "title": "x" }))
        .await
        .refused(404, "NOT_FOUND");
    alice
        .delete(&format!("{other}/items/{id}"))
        .await
        .refused(404, "NOT_FOUND");
    alice
        .get(&format!("{trip}/items/not-an-id"))
        .await
        .refused(404, "NOT_FOUND");
    let path = format!("{trip}/items/{id}");
    for answer in [
        bob.get(&path).await,
        bob.get(&format!("{trip}/items")).await,
        bob.post(&format!("{trip}/items"), flight()).await,
        bob.patch(&path, json!({ "title": "x" })).await,
        bob.put(&path, json!({ "title": "x" })).await,
        bob.delete(&path).await,
        bob.post(&format!("{trip}/items/reorder"), json!({ "item_ids": [id] }))
            .await,
        bob.get(&format!("{trip}/preferences")).await,
        bob.put(&format!("{trip}/preferences"), json!({})).await,
        bob.get(&format!("{trip}/versions")).await,
        bob.get(&format!("{trip}/versions/1")).await,
        bob.get(&format!("{trip}/versions/1/diff")).await,
        bob.post(&format!("{trip}/versions/1/restore"), json!({})).await,
        bob.get(&format!("{trip}/changes")).await,
        bob.get(&format!("{trip}/itinerary")).await,
        bob.get(&format!("{trip}/summary")).await,
        bob.get(&format!("{trip}/calendar.ics")).await,
        bob.get(&format!("{trip}?include=items,members")).await,
    ] {
        answer.refused(404, "NOT_FOUND");
    }
    alice.delete(&trip).await.expect(200);
    alice.get(&path).await.refused(404, "NOT_FOUND");
}

#[tokio::test]
async fn a_list_is_in_order_and_filtered() {
    let api = Api::start().await;
    let alice = api.user("alice").await;
    let items = format!("/api/v1/trips/{}/items", alice.trip("Japan").await);
    let note =
        |title: &str, start: Value, end: Value| json!({"type": "note", "title": title, "start": start, "end": end});
    let at = |local: &str, zone: &str| json!({ "local_time": local, "time_zone": zone });
    for body in [
        note("undated", Value::Null, Value::Null),
        note("nine in Tokyo", at("2027-04-02T09:00", "Asia/Tokyo"), Value::Null),
        note("one in London", at("2027-04-02T01:30", "Europe/London"), Value::Null),
        note("all day", json!({"date": "2027-04-02"}), Value::Null),
        note("long", json!({"date": "2027-04-01"}), json!({"date": "2027-04-03"})),
    ] {
        add(&alice, &items, body).await;
    }
    add(&alice, &items, flight()).await;
    let list = |query: &str| {
        let (alice, path) = (alice.clone(), format!("{items}?{query}"));
        async move { titles(&alice.get(&path).await.expect(200)) }
    };
    let all = [
        "long",
        "To Tokyo",
        "all day",
        "nine in Tokyo",
        "one in London",
        "undated",
    ];
    assert_eq!(list("").await, all);
    assert_eq!(list("type=flight").await, ["To Tokyo"]);
    assert_eq!(list("status=booked").await, ["To Tokyo"]);
    assert_eq!(list("date=2027-04-03").await, ["long"]);
    assert_eq!(
        list("from=2027-04-02&type=note").await,
        ["long", "all day", "nine in Tokyo", "one in London"]
    );
    assert_eq!(list("to=2027-04-01").await, ["long", "To Tokyo"]);
    assert_eq!(list("page=2&per_page=4").await, ["one in London", "undated"]);
    let (mut seen, mut cursor) = (Vec::new(), String::new());
    loop {
        let page = alice.get(&format!("{items}?per_page=2{cursor}")).await.expect(200);
        assert_eq!(page.body["pagination"]["total"], 6);
        seen.extend(titles(&page));
        match page.body["pagination"]["next_cursor"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => break,
        }
    }
    assert_eq!(seen, all);
}

#[tokio::test]
async fn items_are_put_into_another_order() {
    let api = Api::start().await;
    let alice = api.user("alice").await;
    let items = format!("/api/v1/trips/{}/items", alice.trip("Japan").await);
    let mut ids = Vec::new();
    for (title, day) in [("a", 1), ("b", 1), ("c", 1), ("d", 2), ("e", 2)] {
        let body = json!({"type": "note", "title": title, "start": {"date": format!("2027-04-0{day}")}});
        ids.push(add(&alice, &items, body).await);
    }
    let reorder = |order: &[usize]| {
        let order: Vec<&String> = order.iter().map(|index| &ids[*index]).collect();
        let (alice, path, body) = (alice.clone(), format!("{items}/reorder"), json!({ "item_ids": order }));
        async move { alice.post(&path, body).await }
    };
    assert_eq!(
        titles(&reorder(&[2, 0, 1]).await.expect(200)),
        ["c", "a", "b", "d", "e"]
    );
    assert_eq!(
        titles(&reorder(&[4, 3, 2, 1, 0]).await.expect(200)),
        ["c", "b", "a", "e", "d"]
    );
    assert_eq!(titles(&alice.get(&items).await), ["c", "b", "a", "e", "d"]);
    for wrong in [&[0, 1][..], &[0, 1, 2, 3], &[0, 0, 1, 2], &[0, 1, 2, 2, 3, 4], &[]] {
        reorder(wrong).await.refused_field("item_ids");
    }
    let path = format!("{items}/reorder");
    alice
        .post(&path, json!({ "item_ids": ["x"] }))
        .await
        .refused_field("item_ids[0]");
    alice.post(&path, json!({})).await.refused_field("item_ids");
    let foreign = json!({ "item_ids": ["3f2b8a52-6c1e-4a52-9d3e-0c5b1f7a9e10"] });
    alice.post(&path, foreign).await.refused_field("item_ids");
}
