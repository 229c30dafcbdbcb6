use std::collections::BTreeSet;

use serde_json::json;
use tripsage_tests::{Api, User};

use super::{GROUPS, body, group, is_woman, join};

/// Names of the groups on a page.
async fn names(user: &User, query: &str) -> Vec<String> {
    let page = user.get(&format!("{GROUPS}?{query}")).await.expect(200);
    assert_eq!(
        page.body["pagination"],
        page.data()["pagination"],
        "mirrored inside data"
    );
    let groups = page.data()["groups"].as_array().unwrap();
    groups
        .iter()
        .map(|group| group["name"].as_str().unwrap().to_owned())
        .collect()
}

#[tokio::test]
async fn every_filter_finds_what_has_it_and_they_combine() {
    let api = Api::start().await;
    let alice = api.user("alice").await;
    is_woman(&alice).await;
    for fields in [
        json!({ "name": "Noodles", "activity_tags": ["food"] }),
        json!({ "name": "Women of Kyoto", "group_type": "women_only", "activity_tags": ["Food", "hiking"] }),
        json!({ "name": "Kyoto in mind", "destination": "Lisbon, Portugal", "group_type": "location_based" }),
        json!({ "name": "Safely", "group_type": "safety_focused", "activity_tags": ["hiking"], "start_date": "2027-03-10", "end_date": "2027-03-12" }),
    ] {
        api.advance(jiff::SignedDuration::from_secs(1));
        group(&alice, fields).await;
    }
    let sorted = async |query: &str| {
        let mut names = names(&alice, query).await;
        names.sort();
        names
    };
    assert_eq!(
        names(&alice, "").await,
        ["Safely", "Kyoto in mind", "Women of Kyoto", "Noodles"]
    );
    assert_eq!(
        sorted("search=kyoto").await,
        ["Kyoto in mind", "Noodles", "Safely", "Women of Kyoto"]
    );
    assert_eq!(
        sorted("destination=kyoto").await,
        ["Noodles", "Safely", "Women of Kyoto"]
    );
    assert_eq!(sorted("search=kyoto%20mind").await, ["Kyoto in mind"]);
    assert_eq!(sorted("type=location_based").await, ["Kyoto in mind"]);
    assert_eq!(
        sorted("activity=FOOD").await,
        ["Kyoto in mind", "Noodles", "Women of Kyoto"]
    );
    assert_eq!(sorted("activity=hiking").await, ["Safely", "Women of Kyoto"]);
    assert_eq!(sorted("women_safe=true").await, ["Safely", "Women of Kyoto"]);
    assert_eq!(
        sorted("women_safe=true&activity=food&destination=japan").await,
        ["Women of Kyoto"]
    );
    assert_eq!(sorted("search=nowhere").await, Vec::<String>::new());
    assert_eq!(names(&alice, "sort=starting_soon&per_page=1").await, ["Safely"]);
}

#[tokio::test]
async fn journeys_that_are_over_are_left_out_unless_asked_for() {
    let api = Api::start().await;
    let alice = api.user("alice").await;
    group(&alice, json!({ "name": "Soon" })).await;
    group(
        &alice,
        json!({ "name": "Later", "start_date": "2028-01-01", "end_date": "2028-01-02" }),
    )
    .await;
    api.advance(jiff::SignedDuration::from_hours(24 * 200));
    assert_eq!(names(&alice, "").await, ["Later"]);
    assert_eq!(names(&alice, "sort=starting_soon").await, ["Later"]);
    assert_eq!(names(&alice, "include_ended=true").await.len(), 2);
}

#[tokio::test]
async fn a_list_follows_what_is_written() {
    let api = Api::start().await;
    let (alice, bob) = (api.user("alice").await, api.user("bob").await);
    let path = group(&alice, json!({ "name": "Before" })).await;
    assert_eq!(names(&bob, "").await, ["Before"]);
    alice
        .patch(&path, json!({ "name": "After", "activity_tags": ["surfing"] }))
        .await
        .expect(200);
    assert_eq!(names(&bob, "").await, ["After"], "a read after a write shows it");
    assert_eq!(names(&bob, "activity=surfing").await, ["After"]);
    assert_eq!(names(&bob, "activity=food").await, Vec::<String>::new());
    alice.delete(&path).await.expect(200);
    assert_eq!(names(&bob, "").await, Vec::<String>::new());
    alice.post(&format!("{path}/restore"), json!({})).await.expect(200);
    assert_eq!(names(&bob, "").await, ["After"]);
    api.forget_calls();
    names(&bob, "").await;
    assert_eq!(
        api.calls().0,
        Vec::<String>::new(),
        "a page that is kept costs the table nothing"
    );
}

#[tokio::test]
async fn the_list_learns_of_members_from_the_stream() {
    let api = Api::start().await;
    let (alice, bob) = (api.user("alice").await, api.user("bob").await);
    let small = group(&alice, json!({ "name": "Small", "max_members": 2 })).await;
    api.advance(jiff::SignedDuration::from_secs(1));
    group(&alice, json!({ "name": "Large" })).await;
    assert_eq!(names(&bob, "sort=popular").await, ["Large", "Small"]);
    join(&bob, &small).await;
    api.project().await;
    api.advance(jiff::SignedDuration::from_secs(301));
    assert_eq!(names(&bob, "sort=popular").await, ["Small", "Large"]);
    assert_eq!(names(&bob, "has_availability=true").await, ["Large"]);
    bob.post(&format!("{small}/leave"), json!({})).await.expect(200);
    assert!(api.project_twice().await > 0);
    api.advance(jiff::SignedDuration::from_secs(301));
    assert_eq!(names(&bob, "has_availability=true").await.len(), 2);
}

#[tokio::test]
async fn a_walk_sees_every_group_once_while_others_are_made() {
    let api = Api::start().await;
    let alice = api.user("alice").await;
    let mut expected = BTreeSet::new();
    for n in 0..23 {
        let name = format!("Group {n}");
        alice.post(GROUPS, body(json!({ "name": name }))).await.expect(201);
        expected.insert(name);
    }
    for sort in ["newest", "popular", "starting_soon"] {
        let (mut seen, mut cursor) = (Vec::new(), String::new());
        loop {
            let page = alice
                .get(&format!("{GROUPS}?activity=food&sort={sort}&per_page=5{cursor}"))
                .await
                .expect(200);
            let groups = page.data()["groups"].as_array().unwrap();
            seen.extend(groups.iter().map(|group| group["name"].as_str().unwrap().to_owned()));
            let late = body(json!({ "name": "late", "activity_tags": ["food"] }));
            alice.post(GROUPS, late).await.expect(201);
            match page.body["pagination"]["next_cursor"].as_str() {
                Some(next) => cursor = format!("&cursor={next}"),
                None => break,
            }
        }
        let found: Vec<_> = seen.iter().filter(|name| *name != "late").cloned().collect();
        assert_eq!(found.len(), 23, "{sort}: {seen:?}");
        assert_eq!(found.into_iter().collect::<BTreeSet<_>>(), expected);
    }
    alice
        .get(&format!("{GROUPS}?cursor=rubbish"))
        .await
        .refused(400, "INVALID_CURSOR");
}
