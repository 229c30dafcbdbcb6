//! What is kept in the cache is never older than what was written, erased or decided since.

use jiff::SignedDuration;
use serde_json::{Value, json};
use tripsage_tests::{Api, Effect, Fault, Job, PASSWORD, User};

use crate::{
    itineraries::made,
    women_safety::{ROOT as SAFETY, moderator, profile, verified},
};

const GROUPS: &str = "/api/v1/travel-groups";

async fn group(organizer: &User, fields: Value) -> String {
    let mut body = json!({
        "name": "Temples and noodles", "destination": "Kyoto, Japan", "start_date": "2029-04-01",
        "end_date": "2029-04-14", "description": "Slowly through the old capital", "group_type": "interest_based",
        "max_members": 2, "activity_tags": ["food"],
    });
    body.as_object_mut()
        .unwrap()
        .extend(fields.as_object().unwrap().clone());
    let made = organizer.post(GROUPS, body).await.expect(201);
    format!("{GROUPS}/{}", made.text_of("id"))
}

/// How many belong to each listed group.
async fn members(api: &Api, query: &str) -> Vec<Value> {
    let page = api.get(&format!("{GROUPS}?{query}")).await.expect(200);
    let groups = page.data()["groups"].as_array().unwrap();
    groups
        .iter()
        .map(|group| group["current_members_count"].clone())
        .collect()
}

#[tokio::test]
async fn lists_of_groups_count_whoever_comes_and_goes_at_once() {
    let api = Api::start().await;
    let (alice, bob) = (api.user("alice").await, api.user("bob").await);
    let path = group(&alice, json!({ "requires_approval": true, "max_members": 3 })).await;
    let of_bob = format!("{path}/members/{}", bob.id);
    let post = async |user: &User, path: String, body: Value| {
        let answer = user.post(&path, body).await;
        assert!(answer.status < 300, "{}", answer.text);
        members(&api, "").await
    };
    assert_eq!(members(&api, "").await, [1]);
    assert_eq!(post(&bob, format!("{path}/join"), json!({})).await, [1], "a request");
    assert_eq!(post(&alice, format!("{of_bob}/approve"), json!({})).await, [2]);
    assert_eq!(post(&bob, format!("{path}/leave"), json!({})).await, [1]);
    let invite = json!({ "username": "bob" });
    assert_eq!(post(&alice, format!("{path}/invite"), invite.clone()).await, [1]);
    assert_eq!(post(&bob, format!("{path}/invitation/accept"), json!({})).await, [2]);
    alice.delete(&of_bob).await.expect(200);
    assert_eq!(members(&api, "").await, [1], "removed");
    assert_eq!(post(&alice, format!("{path}/invite"), invite).await, [1]);
    assert_eq!(post(&bob, format!("{path}/invitation/accept"), json!({})).await, [2]);
    assert_eq!(post(&alice, format!("{of_bob}/block"), json!({})).await, [1]);
}

#[tokio::test]
async fn a_list_of_groups_with_a_place_left_follows_the_projector() {
    let api = Api::start().await;
    let (alice, bob) = (api.user("alice").await, api.user("bob").await);
    let path = group(&alice, json!({})).await;
    let free = "has_availability=true";
    assert_eq!(members(&api, free).await, [1]);
    bob.post(&format!("{path}/join"), json!({})).await.expect(201);
    assert_eq!(
        members(&api, free).await,
        [2],
        "the catalogue does not know yet, the group does"
    );
    api.project().await;
    members(&api, free).await;
    // What moves in the catalogue counts three seconds later.
    api.advance(SignedDuration::from_secs(4));
    assert_eq!(members(&api, free).await, [] as [i64; 0], "there is no place left");
    bob.post(&format!("{path}/leave"), json!({})).await.expect(200);
    members(&api, free).await;
    api.project().await;
    members(&api, free).await;
    api.advance(SignedDuration::from_secs(4));
    assert_eq!(members(&api, free).await, [1]);
    api.forget_calls();
    members(&api, free).await;
    assert_eq!(
        api.calls().0,
        Vec::<String>::new(),
        "it is kept when nothing moves any more"
    );
}

/// Somebody whose words are on every page that is kept, and these pages.
async fn sentinel(api: &Api) -> (User, Vec<String>) {
    let moderator = moderator(api).await;
    let user = api.registered("sentinel").await;
    let guide = user
        .post(&format!("{SAFETY}/guides"), profile("Sentinel"))
        .await
        .expect(201);
    let verify = json!({ "verification_level": "gold" });
    moderator
        .post(&format!("{SAFETY}/guides/{}/verify", guide.text_of("id")), verify)
        .await
        .expect(200);
    let group = group(&user, json!({ "name": "Sentinel and friends" })).await;
    let fields = json!({ "title": "Sentinel in Tokyo", "activity_tags": ["sentinel"] });
    let itinerary = made(&user, &fields).await;
    let pages = [
        group,
        itinerary,
        format!("{GROUPS}?search=sentinel"),
        format!("{SAFETY}/guides"),
        "/api/v1/itineraries".to_owned(),
        "/api/v1/itineraries/leaderboard".to_owned(),
    ];
    (user, pages.into())
}

/// Whether any of the pages names the sentinel.
async fn naming<'a>(api: &Api, pages: &'a [String]) -> Vec<&'a String> {
    let mut naming = Vec::new();
    for page in pages {
        if api.get(page).await.text.to_lowercase().contains("sentinel") {
            naming.push(page);
        }
    }
    naming
}

async fn deleted(api: &Api, user: &User) {
    user.delete_with("/api/v1/users/me", json!({ "password": PASSWORD }))
        .await
        .expect(200);
    api.advance(SignedDuration::from_hours(31 * 24));
}

#[tokio::test]
async fn who_is_erased_is_on_no_page_any_more() {
    let api = Api::start().await;
    let (user, pages) = sentinel(&api).await;
    api.project().await;
    deleted(&api, &user).await;
    assert_eq!(naming(&api, &pages).await.len(), pages.len(), "every page is kept");
    assert_eq!(api.run_job(Job::EraseAccounts).await.unwrap().done, 1);
    assert_eq!(naming(&api, &pages).await, Vec::<&String>::new());
}

#[tokio::test]
async fn an_account_is_erased_without_redis() {
    let api = Api::start().await;
    let (user, pages) = sentinel(&api).await;
    deleted(&api, &user).await;
    naming(&api, &pages).await;
    api.cloud().upstash().fault(Fault::new(Effect::Reset));
    let report = api.run_job(Job::EraseAccounts).await.unwrap();
    assert_eq!((report.done, report.failed), (1, 0));
    api.forget_calls();
    api.advance(SignedDuration::from_hours(2));
    assert_eq!(naming(&api, &pages).await, Vec::<&String>::new());
}

#[tokio::test]
async fn what_is_purged_is_on_no_page_any_more() {
    let api = Api::start().await;
    let (user, pages) = sentinel(&api).await;
    let (group, itinerary) = (&pages[0], &pages[1]);
    assert_eq!(naming(&api, &pages).await.len(), pages.len());
    for path in [group, itinerary] {
        user.delete(path).await.expect(200);
    }
    let guides = format!("{SAFETY}/guides");
    let gone: Vec<String> = pages.iter().filter(|page| **page != guides).cloned().collect();
    assert_eq!(naming(&api, &gone).await, Vec::<&String>::new());
    api.advance(SignedDuration::from_hours(31 * 24));
    assert_eq!(naming(&api, &gone).await, Vec::<&String>::new());
    for job in [Job::PurgeGroups, Job::PurgeItineraries] {
        assert_eq!(api.run_job(job).await.unwrap().done, 1, "{job:?}");
    }
    assert_eq!(naming(&api, &gone).await, Vec::<&String>::new());
}

#[tokio::test]
async fn a_decision_about_a_guide_shows_at_once() {
    let api = Api::start().await;
    let moderator = moderator(&api).await;
    let (_, guide) = verified(&api, &moderator, "asha").await;
    let listed = async || {
        let page = api.get(&format!("{SAFETY}/guides")).await.expect(200);
        page.data()["guides"].as_array().unwrap().len()
    };
    assert_eq!(listed().await, 1);
    let path = format!("{SAFETY}/guides/{guide}");
    let reason = json!({ "reason": "Complaints" });
    moderator.post(&format!("{path}/suspend"), reason).await.expect(200);
    assert_eq!(listed().await, 0);
    moderator
        .post(&format!("{path}/reinstate"), json!({}))
        .await
        .expect(200);
    assert_eq!(listed().await, 1);
}

#[tokio::test]
async fn what_is_counted_of_an_itinerary_shows_when_it_is_counted() {
    let api = Api::start().await;
    let (alice, bob) = (api.user("alice").await, api.user("bob").await);
    let path = made(&alice, &json!({})).await;
    let id = path.rsplit('/').next().unwrap();
    let shown = async || api.get(&path).await.expect(200).data().clone();
    let before = shown().await;
    let rating = json!({ "overall_safety_score": 4 });
    bob.post(&format!("{path}/rating"), rating).await.expect(201);
    shown().await;
    api.project().await;
    let rated = shown().await;
    assert_ne!(rated, before, "a rating");
    let intel = json!({
        "itinerary_id": id, "intel_type": "warning", "title": "Flooded", "content": "The path along the river",
        "severity_level": "critical",
    });
    let told = bob.post("/api/v1/travel-intel", intel).await.expect(201).text_of("id");
    api.project().await;
    let warned = shown().await;
    assert_ne!(warned, rated, "intel");
    bob.delete(&format!("/api/v1/travel-intel/{told}")).await.expect(200);
    api.project().await;
    assert_ne!(shown().await, warned, "no more");
}

#[tokio::test]
async fn whoever_is_called_otherwise_or_not_at_all_is_so_on_every_page() {
    let api = Api::start().await;
    let alice = api.registered("alice").await;
    let pages = [
        made(&alice, &json!({})).await,
        "/api/v1/itineraries".to_owned(),
        "/api/v1/itineraries/leaderboard".to_owned(),
    ];
    let creators = async || {
        let mut names = Vec::new();
        for page in &pages {
            let shown = api.get(page).await.expect(200);
            let data = shown.data();
            let one = [data, &data[0], &data["top_itineraries"][0]];
            let creator = one.into_iter().find(|one| one["title"].is_string()).unwrap();
            names.push(creator["creator"]["username"].clone());
        }
        names
    };
    assert_eq!(creators().await, ["alice", "alice", "alice"]);
    let renamed = json!({ "username": "alicia" });
    alice.patch("/api/v1/users/me", renamed).await.expect(200);
    assert_eq!(creators().await, ["alicia", "alicia", "alicia"]);
    alice
        .delete_with("/api/v1/users/me", json!({ "password": PASSWORD }))
        .await
        .expect(200);
    assert_eq!(creators().await, [Value::Null, Value::Null, Value::Null]);
}
