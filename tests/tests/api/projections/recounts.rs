//! Everything that is counted, counted again from what was written.

use std::collections::{BTreeMap, BTreeSet};

use jiff::SignedDuration;
use serde_json::{Value, json};
use tripsage_store::personal_data::Entity;
use tripsage_tests::{Api, Dumped, Job, User};

use super::published;
use crate::{
    groups, safety_ratings, travel_intel,
    women_safety::{self, ROOT},
};

/// A community in which everything that is counted is more than nought.
async fn community(api: &Api) {
    let (alice, bob, carol) = (api.user("alice").await, api.user("bob").await, api.user("carol").await);
    let tokyo = published(&alice).await.to_string();
    published(&bob).await;

    for user in [&bob, &carol] {
        let path = format!("/api/v1/itineraries/{tokyo}");
        user.post(&format!("{path}/view"), json!({})).await.expect(200);
        user.post(&format!("{path}/upvote"), json!({})).await.expect(200);
    }
    remix(&carol, &tokyo).await;
    let scores =
        json!({ "accommodation_safety": 5, "route_safety": 2, "community_safety": 3, "women_safety_score": 4 });
    let rating = safety_ratings::rated(&bob, &tokyo, &scores).await;
    carol.post(&format!("{rating}/helpful"), json!({})).await.expect(200);
    alice.post(&format!("{rating}/unhelpful"), json!({})).await.expect(200);
    let question = json!({ "intel_type": "question", "severity_level": "critical" });
    let question = travel_intel::told(&bob, &tokyo, &question).await;
    let answer = travel_intel::told(&carol, &tokyo, &json!({ "parent_intel_id": question })).await;
    for id in [&question, &answer] {
        let path = travel_intel::path(id);
        alice.post(&format!("{path}/helpful"), json!({})).await.expect(200);
    }
    let response = json!({ "response_status": "answered" });
    alice
        .post(&format!("{}/respond", travel_intel::path(&question)), response)
        .await
        .expect(200);
    // The answer to a question outlives it, and counts.
    bob.delete(&travel_intel::path(&question)).await.expect(200);

    let group = groups::group(&alice, json!({})).await;
    groups::join(&bob, &group).await;

    let moderator = women_safety::moderator(api).await;
    let (asha, guide) = women_safety::verified(api, &moderator, "asha").await;
    women_safety::guided(api, (&asha, &guide), &carol).await;
    let (reviews, review) = (
        format!("{ROOT}/guides/{guide}/reviews"),
        json!({ "rating": 4, "safety_rating": 5 }),
    );
    let review = carol.post(&reviews, review).await.expect(201).text_of("id");
    bob.post(&format!("{reviews}/{review}/helpful"), json!({}))
        .await
        .expect(200);
    let resource = json!({ "title": "t", "description": "d", "content": "c", "category": "tips" });
    let resource = moderator.post(&format!("{ROOT}/resources"), resource).await.expect(201);
    let helpful = format!("{ROOT}/resources/{}/helpful", resource.text_of("id"));
    bob.post(&helpful, json!({})).await.expect(200);
    let view = format!("{ROOT}/resources/{}/view", resource.text_of("id"));
    bob.post(&view, json!({})).await.expect(200);
    api.project().await;
    api.advance(SignedDuration::from_mins(16));
}

async fn remix(user: &User, source: &str) {
    let prompt = json!({ "prompt": "A quiet week with my parents" });
    let remix = user
        .post(&format!("/api/v1/itineraries/{source}/remix"), prompt)
        .await
        .expect(201);
    let publish = format!("/api/v1/itineraries/{}/publish", remix.text_of("id"));
    user.post(&publish, json!({})).await.expect(200);
}

/// Runs the job; how many things it found wrong, all of which it has mended.
async fn reconciled(api: &Api) -> usize {
    let report = api.run_job(Job::Reconcile).await.unwrap();
    assert_eq!(report.failed, 0);
    api.advance(SignedDuration::from_secs(1));
    report.done
}

/// An attribute of every row of a kind, by the key of the row.
fn column(rows: &[Dumped], entity: Entity, attribute: &str) -> BTreeMap<String, Value> {
    let rows = rows.iter().filter(|row| row.entity == entity);
    rows.map(|row| (row.key().to_string(), row.item[attribute].clone()))
        .collect()
}

/// Insists that an attribute of all rows of a kind is what it was.
#[track_caller]
fn is_as_before(before: &[Dumped], after: &[Dumped], entity: Entity, attribute: &str) {
    let (before, after) = (column(before, entity, attribute), column(after, entity, attribute));
    let differing: Vec<_> = before
        .keys()
        .chain(after.keys())
        .filter(|key| before.get(*key) != after.get(*key))
        .map(|key| (key, before.get(key), after.get(key)))
        .collect();
    assert!(differing.is_empty(), "{entity:?} {attribute}: {differing:#?}");
}

/// Counts that are wrong; gives how many things they are of.
async fn miscount(api: &Api, before: &[Dumped]) -> (usize, Vec<(Entity, &'static str)>) {
    let number = |number: i64| json!({ "N": number.to_string() });
    let (counts, stars) = (json!({ "upvotes": number(70) }), [9, 0, 0, 0, 0].map(number));
    let planted = [
        (Entity::ItineraryStanding, "counts", json!({ "M": counts })),
        (Entity::RatingStanding, "helpful", number(9)),
        (Entity::RatingStanding, "unhelpful", number(-2)),
        (Entity::IntelStanding, "helpful", number(9)),
        (Entity::ResourceStanding, "helpful", number(9)),
        (Entity::ResourceStanding, "views", number(9)),
        (Entity::ReviewStanding, "helpful", number(9)),
        (Entity::Traveller, "itineraries", number(40)),
        (Entity::Traveller, "ratings", number(40)),
        (Entity::Traveller, "snaps", number(40)),
        (Entity::Group, "members", number(9)),
        (Entity::GuideStanding, "aspects", json!({ "M": {} })),
        (Entity::GuideStanding, "trips", number(9)),
        (Entity::GuideStanding, "travelers", number(9)),
        (Entity::GuideStanding, "stars", json!({ "L": stars })),
    ];
    let mut things = BTreeSet::new();
    for (entity, attribute, value) in &planted {
        let rows: Vec<&Dumped> = before.iter().filter(|row| row.entity == *entity).collect();
        assert!(!rows.is_empty(), "nothing of {entity:?}");
        for row in rows {
            assert_ne!(row.item[attribute], *value);
            api.overwrite(&row.table, &row.key(), attribute, value).await;
            things.insert(row.key().to_string());
        }
    }
    (
        things.len(),
        planted.map(|(entity, attribute, _)| (entity, attribute)).into(),
    )
}

/// Entries of the catalogue that are missing, and others that should not be there; gives of how many things.
async fn mislist(api: &Api, before: &[Dumped]) -> usize {
    let entries: Vec<&Dumped> = before
        .iter()
        .filter(|row| row.entity == Entity::CatalogueEntry)
        .collect();
    let of = |list: &str| {
        let list = format!("CATALOGUE#{list}");
        let is_there = |row: &&&Dumped| row.item["pk"]["S"].as_str().unwrap().starts_with(&list);
        entries.iter().find(is_there).copied().expect("an entry")
    };
    for list in [
        "ITINERARY#NEWEST",
        "ITINERARY#tag",
        "RATING#BY",
        "GROUP",
        "GUIDE#word",
        "INTEL#by",
    ] {
        api.uproot(of(list)).await;
    }
    for list in [
        "ITINERARY#BY000000000002",
        "RATING#BY000000000001",
        "GROUP#BY000000000003",
        "GUIDE#BY000000000001",
    ] {
        let mut stray = of(list).item.clone();
        let sk = stray["sk"]["S"].as_str().unwrap();
        stray["sk"] = json!({ "S": format!("0000000000000001{}", &sk[16..]) });
        api.plant("CommunityTable", &stray).await;
    }
    // What is left of a thing that is no more.
    let id = "00000000-0000-7000-8000-000000000000";
    let mut ghost = of("ITINERARY#NEWEST").item.clone();
    let sk = ghost["sk"]["S"].as_str().unwrap();
    ghost["sk"] = json!({ "S": format!("{}{id}", &sk[..sk.len() - id.len()]) });
    ghost["id"] = json!({ "S": id });
    api.plant("CommunityTable", &ghost).await;
    // Two are of one itinerary, and the guide's comes back with what is counted of the guide.
    6 + 4 + 1 - 2
}

#[tokio::test]
async fn everything_that_is_counted_is_counted_again_and_every_list_is_put_right() {
    let api = Api::start().await;
    community(&api).await;
    assert_eq!(reconciled(&api).await, 0, "what was counted as it came is right");
    let before = api.dump().await;
    let (miscounted, columns) = miscount(&api, &before).await;
    let mislisted = mislist(&api, &before).await;
    let mended = reconciled(&api).await;
    let after = api.dump().await;
    for (entity, attribute) in columns {
        is_as_before(&before, &after, entity, attribute);
    }
    // What was counted anew stands elsewhere now, and where it stood is forgotten.
    let elsewhere = |row: &Dumped| row.item["pk"]["S"].as_str().unwrap().contains("#BY");
    let [before, after] =
        [before, after].map(|rows| rows.into_iter().filter(|row| !elsewhere(row)).collect::<Vec<_>>());
    is_as_before(&before, &after, Entity::CatalogueEntry, "facets");
    assert_eq!(mended, miscounted + mislisted);
    assert_eq!(reconciled(&api).await, 0);
}
