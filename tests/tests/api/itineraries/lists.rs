use std::collections::BTreeSet;

use jiff::SignedDuration;
use serde_json::{Value, json};
use tripsage_tests::{Answer, Api, User};

use super::made;

const LIST: &str = "/api/v1/itineraries";

fn titles(answer: &Answer) -> Vec<String> {
    let listed = answer.data().as_array().unwrap();
    listed
        .iter()
        .map(|entry| entry["title"].as_str().unwrap().to_owned())
        .collect()
}

/// Every page of a list, by cursor; and the same by number.
async fn walked(api: &Api, query: &str) -> Vec<String> {
    let (mut found, mut cursor) = (Vec::new(), String::new());
    loop {
        let answer = api.get(&format!("{LIST}?per_page=3&{query}{cursor}")).await.expect(200);
        found.extend(titles(&answer));
        let pagination = &answer.body["pagination"];
        assert_eq!(pagination["has_more"], json!(pagination["next_cursor"].is_string()));
        match pagination["next_cursor"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => break,
        }
    }
    let mut numbered = Vec::new();
    for page in 1..=found.len() / 3 + 1 {
        numbered.extend(titles(
            &api.get(&format!("{LIST}?per_page=3&page={page}&{query}"))
                .await
                .expect(200),
        ));
    }
    assert_eq!(numbered, found, "{query}");
    found
}

struct Made {
    title: String,
    fields: Value,
}

/// Itineraries of all sorts, an hour apart, the newest last.
async fn various(api: &Api, user: &User) -> Vec<Made> {
    let mut all = Vec::new();
    for number in 0..24_usize {
        api.advance(SignedDuration::from_hours(1));
        let title = format!("Journey {number} {}", ["alpha", "beta", "gamma"][number % 3]);
        let destination = ["Tokyo, Japan", "Kyoto, Japan", "São Paulo"][number % 3];
        let tag = ["food", "hiking", "art", "food"][number % 4];
        let difficulty = ["easy", "moderate"][number / 2 % 2];
        let mut fields = json!({
            "title": title, "destination": destination, "activity_tags": [tag], "difficulty_level": difficulty,
            "women_safe_certified": number % 5 < 3,
        });
        if number % 2 == 0 {
            fields["route_waypoints"] = json!([{ "lat": 1, "lng": 2 }, { "lat": 1, "lng": 3 }]);
        }
        made(user, &fields).await;
        all.push(Made { title, fields });
    }
    made(user, &json!({ "title": "Nobody sees this draft", "status": "draft" })).await;
    all
}

#[tokio::test]
async fn filters_sorts_and_pages_combine_as_brute_force_does() {
    let api = Api::start().await;
    let alice = api.user("alice").await;
    let all = various(&api, &alice).await;
    type Test = fn(&Value) -> bool;
    let tests: [(&str, Test); 9] = [
        ("destination=japan", |f| {
            f["destination"].as_str().unwrap().contains("Japan")
        }),
        ("destination=sao%20PAULO", |f| f["destination"] == "São Paulo"),
        ("search=alpha%20tokyo", |f| {
            f["title"].as_str().unwrap().contains("alpha")
        }),
        ("activity=food&activity=art", |f| {
            f["activity_tags"] != json!(["hiking"])
        }),
        ("activity=food,art", |f| f["activity_tags"] != json!(["hiking"])),
        ("activity=Hiking", |f| f["activity_tags"] == json!(["hiking"])),
        ("difficulty=moderate", |f| f["difficulty_level"] == "moderate"),
        ("women_safe=true", |f| f["women_safe_certified"] == true),
        ("has_gps=true", |f| f["route_waypoints"].is_array()),
    ];
    let matching = |tests: &[Test]| -> Vec<String> {
        let fit = all
            .iter()
            .rev()
            .filter(|made| tests.iter().all(|test| test(&made.fields)));
        fit.map(|made| made.title.clone()).collect()
    };
    assert_eq!(walked(&api, "sort=newest").await, matching(&[]));
    // How hot they are depends on what they say, too; the whole list tells in what order they come.
    let hot = walked(&api, "sort=trending").await;
    assert_eq!(hot.iter().collect::<BTreeSet<_>>(), matching(&[]).iter().collect());
    let whole = api.get(&format!("{LIST}?sort=trending&per_page=100")).await.expect(200);
    let heat = |entry: &Value| {
        let made: jiff::Timestamp = entry["created_at"].as_str().unwrap().parse().unwrap();
        entry["proof_score"].as_f64().unwrap() / 2.0 + made.as_second() as f64 / 36_000.0
    };
    let heats: Vec<f64> = whole.data().as_array().unwrap().iter().map(heat).collect();
    assert!(heats.is_sorted_by(|a, b| *a > b - 0.2), "{heats:?}");
    for (index, (one, first)) in tests.iter().enumerate() {
        assert_eq!(
            walked(&api, &format!("sort=newest&{one}")).await,
            matching(&[*first]),
            "{one}"
        );
        for (two, second) in &tests[index + 1..] {
            let named = |query: &str| query.split('=').next().unwrap().to_owned();
            if named(one) == named(two) {
                continue;
            }
            let expected = matching(&[*first, *second]);
            let query = format!("{one}&{two}");
            assert_eq!(walked(&api, &format!("sort=newest&{query}")).await, expected, "{query}");
            let hottest: Vec<String> = hot.iter().filter(|title| expected.contains(title)).cloned().collect();
            assert_eq!(
                walked(&api, &format!("sort=trending&{query}")).await,
                hottest,
                "{query}"
            );
        }
    }
}

#[tokio::test]
async fn lists_show_what_is_published_now() {
    let api = Api::start().await;
    let (alice, bob) = (api.user("alice").await, api.user("bobby").await);
    let path = made(
        &alice,
        &json!({ "title": "Walking in Lisbon", "destination": "Lisbon" }),
    )
    .await;
    made(&bob, &json!({ "title": "Eating in Porto", "destination": "Porto" })).await;
    let found = async |query: &str| titles(&api.get(&format!("{LIST}{query}")).await.expect(200));
    assert_eq!(found("/by-destination/LISBON").await, ["Walking in Lisbon"]);
    assert_eq!(found("/by-destination/nowhere").await, Vec::<String>::new());
    assert_eq!(found("?search=walking").await, ["Walking in Lisbon"]);
    alice
        .put(
            &path,
            json!({ "title": "Swimming in Cascais", "destination": "Cascais" }),
        )
        .await
        .expect(200);
    assert_eq!(found("?search=walking").await, Vec::<String>::new());
    assert_eq!(found("/by-destination/lisbon").await, Vec::<String>::new());
    assert_eq!(found("/by-destination/cascais").await, ["Swimming in Cascais"]);
    for (change, back) in [("unpublish", "publish"), ("", "restore")] {
        match change {
            "" => alice.delete(&path).await.expect(200),
            change => alice.post(&format!("{path}/{change}"), json!({})).await.expect(200),
        };
        assert_eq!(found("").await, ["Eating in Porto"]);
        assert_eq!(found("/by-destination/cascais").await, Vec::<String>::new());
        alice.post(&format!("{path}/{back}"), json!({})).await.expect(200);
        assert_eq!(found("").await.len(), 2);
    }
    let points = json!([{ "lat": 1, "lng": 2 }, { "lat": 1, "lng": 3 }]);
    assert_eq!(found("?has_gps=true").await, Vec::<String>::new());
    alice
        .put(&format!("{path}/route"), json!({ "route_waypoints": points }))
        .await
        .expect(200);
    assert_eq!(found("?has_gps=true").await, ["Swimming in Cascais"]);
    alice.delete(&format!("{path}/route")).await.expect(200);
    assert_eq!(found("?has_gps=true").await, Vec::<String>::new());
    assert_eq!(
        titles(&api.get("/api/users/bobby/itineraries").await.expect(200)),
        ["Eating in Porto"]
    );
    api.get("/api/v1/users/nobody-at-all/itineraries")
        .await
        .refused(404, "NOT_FOUND");
}

#[tokio::test]
async fn a_page_in_the_cache_asks_no_database() {
    let api = Api::start().await;
    let alice = api.user("alice").await;
    made(&alice, &json!({})).await;
    api.get(&format!("{LIST}?sort=trending&per_page=20&page=1"))
        .await
        .expect(200);
    api.forget_calls();
    api.get(&format!("{LIST}?sort=trending&per_page=20&page=1"))
        .await
        .expect(200);
    assert_eq!(api.calls(), (Vec::new(), 1));
}

#[tokio::test]
async fn what_no_list_knows_is_refused() {
    let api = Api::start().await;
    for (query, field) in [
        ("sort=random", "sort"),
        ("difficulty=hard", "difficulty"),
        ("min_score=101", "min_score"),
        ("min_score=-1", "min_score"),
        ("min_score=NaN", "min_score"),
        ("min_score=many", "min_score"),
        ("min_safety_score=5.1", "min_safety_score"),
        ("has_gps=maybe", "has_gps"),
        ("women_safe=1", "women_safe"),
        ("activity=a%23b", "activity"),
        ("activity=1,2,3,4,5,6,7,8,9,10,11", "activity"),
        ("search=%20", "search"),
        ("search=!!!", "search"),
        ("destination=", "destination"),
        ("page=0", "page"),
        ("page=51", "page"),
        ("per_page=101", "per_page"),
        ("color=blue", "color"),
        ("sort=newest&sort=top", "sort"),
    ] {
        api.get(&format!("{LIST}?{query}")).await.refused_field(field);
    }
    api.get(&format!("{LIST}/by-destination/tokyo?destination=kyoto"))
        .await
        .refused_field("destination");
    api.get(&format!("{LIST}?cursor=rubbish"))
        .await
        .refused(400, "INVALID_CURSOR");
    for (query, status) in [
        ("min_score=0.1", 200),
        ("min_safety_score=5", 200),
        ("featured=true", 200),
        ("women_safe=false", 200),
    ] {
        api.get(&format!("{LIST}?{query}")).await.expect(status);
    }
}

#[tokio::test]
async fn a_cursor_is_for_its_own_list_and_not_for_ever() {
    let api = Api::start().await;
    let alice = api.user("alice").await;
    for number in 0..3 {
        made(&alice, &json!({ "title": format!("Number {number}") })).await;
    }
    let first = api.get(&format!("{LIST}?per_page=1&sort=newest")).await.expect(200);
    let cursor = first.body["pagination"]["next_cursor"].as_str().unwrap().to_owned();
    api.get(&format!("{LIST}?per_page=1&sort=newest&cursor={cursor}"))
        .await
        .expect(200);
    api.get(&format!("{LIST}?per_page=1&sort=top&cursor={cursor}"))
        .await
        .refused(400, "INVALID_CURSOR");
    api.get(&format!("{LIST}?sort=newest&page=2&cursor={cursor}"))
        .await
        .refused_field("page");
    api.advance(SignedDuration::from_mins(11));
    api.get(&format!("{LIST}?per_page=2&sort=newest&cursor={cursor}"))
        .await
        .refused(400, "INVALID_CURSOR");
}
