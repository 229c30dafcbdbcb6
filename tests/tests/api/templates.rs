use serde_json::{Value, json};
use tripsage_tests::{Api, User};

use crate::copies::{Planned, plan};

const PATH: &str = "/api/v1/trips/templates";

async fn template(user: &User, body: Value) -> String {
    user.post(PATH, body).await.expect(201).text_of("id")
}

fn weekend(visibility: &str) -> Value {
    json!({ "title": visibility, "duration_days": 3, "destinations": ["Zurich"], "visibility": visibility })
}

#[tokio::test]
async fn a_template_is_made_changed_used_and_deleted() {
    let api = Api::start().await;
    let alice = api.user("alice").await;
    let made = alice
        .post(
            PATH,
            json!({
                "title": "A weekend",
                "duration_days": 3,
                "destinations": ["Zurich", { "name": "Bern", "country": "ch" }],
                "tags": ["city"],
                "travelers": 2,
            }),
        )
        .await
        .expect(201);
    let id = made.text_of("id");
    let path = format!("{PATH}/{id}");
    assert_eq!(made.header("location"), path);
    assert_eq!(made.data()["visibility"], "private");
    assert_eq!(alice.get(&path).await.expect(200).data(), made.data());

    let changed = alice
        .put(&path, json!({ "duration_days": 4, "description": "Trams" }))
        .await
        .expect(200);
    assert_eq!(
        (
            &changed.data()["duration_days"],
            &changed.data()["title"],
            changed.header("etag")
        ),
        (&json!(4), &json!("A weekend"), "\"2\"")
    );
    let stale = alice
        .request(reqwest::Method::PUT, &path)
        .header("if-match", "\"1\"")
        .json(&json!({ "title": "Late" }));
    tripsage_tests::Answer::of(stale)
        .await
        .refused(412, "PRECONDITION_FAILED");

    let trip = alice
        .post(&format!("{path}/instantiate"), json!({ "start_date": "2028-02-27" }))
        .await
        .expect(201);
    let data = trip.data();
    assert_eq!(
        (
            &data["title"],
            &data["start_date"],
            &data["end_date"],
            &data["travelers"]
        ),
        (
            &json!("A weekend"),
            &json!("2028-02-27"),
            &json!("2028-03-01"),
            &json!(2)
        )
    );
    assert_eq!(data["permission_level"], "owner");

    alice.delete(&path).await.expect(200);
    alice.get(&path).await.refused(404, "NOT_FOUND");
    alice.delete(&path).await.refused(404, "NOT_FOUND");
    assert_eq!(alice.get(PATH).await.data(), &json!([]));
    alice
        .get(&format!("/api/v1/trips/{}", trip.text_of("id")))
        .await
        .expect(200);
}

#[tokio::test]
async fn a_template_of_a_trip_keeps_the_plan_and_nothing_of_its_travellers() {
    let api = Api::start().await;
    let (alice, ben) = (api.user("alice").await, api.user("ben").await);
    let trip = alice.trip("Japan").await;
    plan(&api, &alice, &trip, &[Planned::train(1), Planned::dinner(2)]).await;
    let body = json!({ "trip_id": trip, "visibility": "public", "title": "Fourteen days" });
    ben.post(PATH, body.clone()).await.refused(404, "NOT_FOUND");
    let made = alice.post(PATH, body).await.expect(201);
    let items = made.data()["items"].as_array().unwrap();
    assert_eq!(items.len(), 2);
    assert_eq!(
        (&items[0]["day"], &items[0]["start_time"], &items[0]["time_zone"]),
        (&json!(2), &json!("09:30:00"), &json!("Asia/Tokyo"))
    );
    for private in ["REF", "12A", "secret note"] {
        assert!(!made.text.contains(private), "{private}: {}", made.text);
    }
    // Somebody else makes a trip of it.
    let id = made.text_of("id");
    let instance = ben
        .post(
            &format!("{PATH}/{id}/instantiate"),
            json!({ "start_date": "2028-01-01", "title": "Ours" }),
        )
        .await
        .expect(201);
    assert_eq!(
        (&instance.data()["title"], &instance.data()["item_count"]),
        (&json!("Ours"), &json!(2))
    );
    let items = crate::copies::items(&api, &instance.text_of("id")).await;
    assert_eq!(items[0].plan.start.as_ref().unwrap().date().to_string(), "2028-01-02");
}

#[tokio::test]
async fn who_sees_changes_and_uses_a_template() {
    let api = Api::start().await;
    let (alice, ben) = (api.user("alice").await, api.user("ben").await);
    let start = json!({ "start_date": "2028-01-01" });
    for (visibility, seen) in [("private", false), ("shared", true), ("public", true)] {
        let id = template(&alice, weekend(visibility)).await;
        let path = format!("{PATH}/{id}");
        let (read, write) = if seen {
            ((200, 201), (403, "INSUFFICIENT_PERMISSIONS"))
        } else {
            ((404, 404), (404, "NOT_FOUND"))
        };
        ben.get(&path).await.expect(read.0);
        ben.post(&format!("{path}/instantiate"), start.clone())
            .await
            .expect(read.1);
        ben.put(&path, json!({ "title": "Mine" }))
            .await
            .refused(write.0, write.1);
        ben.delete(&path).await.refused(write.0, write.1);
        api.get(&path).await.refused(401, "MISSING_AUTHORIZATION");
    }
    let titles = |answer: tripsage_tests::Answer| -> Vec<String> {
        let list = answer.data().as_array().unwrap().clone();
        list.iter()
            .map(|one| one["title"].as_str().unwrap().to_owned())
            .collect()
    };
    assert_eq!(titles(ben.get(PATH).await), ["public"]);
    assert_eq!(
        titles(ben.get(&format!("{PATH}?scope=mine")).await),
        Vec::<String>::new()
    );
    let mut all = titles(alice.get(PATH).await);
    all.sort();
    assert_eq!(all, ["private", "public", "shared"]);
    assert_eq!(titles(alice.get(&format!("{PATH}?scope=public")).await), ["public"]);

    // What is not public any more is not listed any more.
    let id = alice.get(&format!("{PATH}?scope=public")).await.data()[0]["id"]
        .as_str()
        .unwrap()
        .to_owned();
    let path = format!("{PATH}/{id}");
    alice.put(&path, json!({ "visibility": "private" })).await.expect(200);
    assert_eq!(titles(ben.get(PATH).await), Vec::<String>::new());
    alice
        .put(&path, json!({ "visibility": "public", "title": "Again" }))
        .await
        .expect(200);
    assert_eq!(titles(ben.get(PATH).await), ["Again"]);
}

#[tokio::test]
async fn the_list_goes_on_without_gaps_or_repetitions() {
    let api = Api::start().await;
    let (alice, ben) = (api.user("alice").await, api.user("ben").await);
    let mut expected = Vec::new();
    for number in 0..9 {
        let owner = if number % 2 == 0 { &alice } else { &ben };
        expected.push(template(owner, weekend("public")).await);
        api.advance(jiff::SignedDuration::from_secs(1));
    }
    expected.reverse();
    let (mut seen, mut next) = (Vec::new(), format!("{PATH}?per_page=2"));
    loop {
        let page = alice.get(&next).await.expect(200);
        let ids = page.data().as_array().unwrap().clone();
        seen.extend(ids.iter().map(|one| one["id"].as_str().unwrap().to_owned()));
        let Some(cursor) = page.body["pagination"]["next_cursor"].as_str() else {
            break;
        };
        next = format!("{PATH}?per_page=2&cursor={cursor}");
    }
    assert_eq!(seen, expected);
    ben.get(&next).await.refused(400, "INVALID_CURSOR");
}

#[tokio::test]
async fn a_user_has_a_bounded_number_of_templates() {
    let api = Api::start().await;
    let alice = api.user("alice").await;
    let mut last = String::new();
    for _ in 0..100 {
        last = template(&alice, weekend("private")).await;
    }
    alice.post(PATH, weekend("private")).await.refused(409, "CONFLICT");
    alice.delete(&format!("{PATH}/{last}")).await.expect(200);
    template(&alice, weekend("private")).await;
}

#[tokio::test]
async fn what_no_template_can_be_is_refused_field_by_field() {
    let api = Api::start().await;
    let alice = api.user("alice").await;
    let empty = alice.post(PATH, json!({})).await;
    for field in ["title", "duration_days", "destinations"] {
        empty.clone().refused_field(field);
    }
    for (body, field) in [
        (json!({ "duration_days": 0 }), "duration_days"),
        (json!({ "duration_days": 367 }), "duration_days"),
        (json!({ "visibility": "everybody" }), "visibility"),
        (
            json!({ "destinations": [{ "name": "Bern", "arrival_date": "2027-04-01" }] }),
            "destinations[0]",
        ),
        (json!({ "owner_id": "me" }), "owner_id"),
        (json!({ "trip_id": "x" }), "trip_id"),
        (
            json!({ "trip_id": "3f2b8a52-6c1e-4a52-9d3e-0c5b1f7a9e10", "duration_days": 3 }),
            "duration_days",
        ),
    ] {
        alice.post(PATH, body).await.refused_field(field);
    }
    let id = template(&alice, weekend("private")).await;
    let path = format!("{PATH}/{id}/instantiate");
    alice.post(&path, json!({})).await.refused_field("start_date");
    alice
        .post(&path, json!({ "start_date": "2027-02-30" }))
        .await
        .refused_field("start_date");
    alice
        .put(&format!("{PATH}/{id}"), json!({ "destinations": [] }))
        .await
        .refused_field("destinations");
    alice.get(&format!("{PATH}?scope=theirs")).await.refused_field("scope");
}
