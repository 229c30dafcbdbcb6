use serde_json::{Value, json};
use tripsage_tests::{Api, User};

use super::{GROUPS, group, is_woman, join};

async fn matches(user: &User, query: &str) -> Vec<Value> {
    let page = user.get(&format!("{GROUPS}/matching?{query}")).await.expect(200);
    assert_eq!(page.body["pagination"]["per_page"], 15);
    page.data()["matched_groups"].as_array().unwrap().clone()
}

fn names(matches: &[Value]) -> Vec<&str> {
    matches.iter().map(|found| found["name"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn groups_that_suit_come_with_a_score_and_reasons() {
    let api = Api::start().await;
    let (alice, bob) = (api.user("alice").await, api.user("bob").await);
    assert!(
        matches(&bob, "").await.is_empty(),
        "without interests nothing is shared"
    );
    let interests = json!({ "travel_interests": ["Food", "street art"], "travel_style": "slow" });
    bob.patch("/api/v1/users/me", interests).await.expect(200);
    group(
        &alice,
        json!({ "name": "Best", "activity_tags": ["food", "Street-Art"], "travel_style": "Slow" }),
    )
    .await;
    group(
        &alice,
        json!({ "name": "Some", "activity_tags": ["food", "temples"], "travel_style": "fast" }),
    )
    .await;
    group(&alice, json!({ "name": "None", "activity_tags": ["golf"] })).await;
    let found = matches(&bob, "").await;
    assert_eq!(names(&found), ["Best", "Some"]);
    assert_eq!((&found[0]["score"], &found[1]["score"]), (&json!(100), &json!(42)));
    let kinds: Vec<_> = found[0]["reasons"]
        .as_array()
        .unwrap()
        .iter()
        .map(|reason| reason["kind"].clone())
        .collect();
    assert_eq!(kinds, ["interests", "style"]);
    assert_eq!(found[0]["reasons"][0]["interests"], json!(["food", "Street-Art"]));

    let wished = "start_date=2027-04-10&end_date=2027-04-20&destination=kyoto&interests=golf";
    let found = matches(&bob, wished).await;
    assert_eq!(found.len(), 3, "the request adds an interest");
    let best = found.iter().find(|found| found["name"] == "Best").unwrap();
    let reasons = best["reasons"].as_array().unwrap();
    let of = |kind: &str| reasons.iter().find(|reason| reason["kind"] == kind).unwrap();
    assert_eq!(of("dates")["overlap_days"], 5);
    assert!(of("destination")["text"].as_str().unwrap().contains("Kyoto"));
    assert_eq!(matches(&bob, wished).await, found, "the order is always the same");
}

#[tokio::test]
async fn what_cannot_be_joined_is_no_match() {
    let api = Api::start().await;
    let (alice, bob) = (api.user("alice").await, api.user("bob").await);
    is_woman(&alice).await;
    let interests = json!({ "travel_interests": ["food"] });
    bob.patch("/api/v1/users/me", interests).await.expect(200);
    let joined = group(&alice, json!({ "name": "Joined" })).await;
    join(&bob, &joined).await;
    let full = group(&alice, json!({ "name": "Full", "max_members": 2 })).await;
    join(&api.user("carol").await, &full).await;
    group(&alice, json!({ "name": "Women", "is_women_only": true })).await;
    group(&alice, json!({ "name": "Open" })).await;
    assert_eq!(names(&matches(&bob, "").await), ["Open"]);
    assert_eq!(
        names(&matches(&bob, "women_only=true").await),
        ["Open"],
        "a wish does not make a woman"
    );
    is_woman(&bob).await;
    assert_eq!(names(&matches(&bob, "").await), ["Open"], "women only if preferred");
    assert_eq!(matches(&bob, "women_only=true").await.len(), 2);
    let settings = json!({ "women_only_group_preference": true });
    bob.put("/api/v1/women-safety/settings", settings).await.expect(200);
    assert_eq!(matches(&bob, "").await.len(), 2, "as the safety settings say");
}
