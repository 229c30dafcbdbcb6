//! What owners are told.

use jiff::SignedDuration;
use serde_json::json;
use tripsage_domain::votes::{Ballot, Vote};
use tripsage_store::personal_data::Entity;
use tripsage_tests::{Api, Job, PASSWORD};

use super::{Crowd, published};

/// What is kept for users, as (kind, number of votes).
async fn told(api: &Api) -> Vec<(String, String)> {
    let rows = api.dump().await;
    let mut told: Vec<_> = rows
        .iter()
        .filter(|row| row.entity == Entity::Notification)
        .map(|row| {
            let text = |value: &serde_json::Value| value.as_str().unwrap_or_default().to_owned();
            (
                text(&row.item["kind"]["S"]),
                text(&row.item["about"]["M"]["count"]["N"]),
            )
        })
        .collect();
    told.sort();
    told
}

#[tokio::test]
async fn an_owner_is_told_of_the_first_vote_and_of_every_tenth_once() {
    let api = Api::start().await;
    let alice = api.user("alice").await;
    let (crowd, itinerary) = (Crowd::of(&api), published(&alice).await);
    let (first, tenth) = (
        ("vote".to_owned(), "1".to_owned()),
        ("vote".to_owned(), "10".to_owned()),
    );
    crowd.vote_for(itinerary, 1).await;
    api.project_twice().await;
    assert_eq!(told(&api).await, std::slice::from_ref(&first));
    let somebody = crowd.somebody();
    crowd.vote_for(itinerary, 8).await;
    for _ in 0..3 {
        crowd.vote(somebody, itinerary, Ballot::Toggle(Vote::Up)).await;
        api.project().await;
    }
    assert_eq!(told(&api).await, [first, tenth]);
    api.advance(SignedDuration::from_hours(91 * 24));
    assert_eq!(told(&api).await, [], "for 90 days");
}

#[tokio::test]
async fn whoever_has_left_is_told_nothing_and_counted_no_more() {
    let api = Api::start().await;
    let alice = api.registered("alice").await;
    let (crowd, itinerary) = (Crowd::of(&api), published(&alice).await);
    api.project().await;
    crowd.vote_for(itinerary, 1).await;
    let password = json!({ "password": PASSWORD });
    alice.delete_with("/api/v1/users/me", password).await.expect(200);
    api.project().await;
    assert_eq!(crowd.counts(itinerary).await.upvotes, 1, "they may come back");
    assert_eq!(told(&api).await, []);
    api.advance(SignedDuration::from_hours(31 * 24));
    api.run_job(Job::EraseAccounts).await.unwrap();
    // Erasing the itinerary tells the projector that its author has one less.
    api.project().await;
    let rows = api.dump().await;
    let text = json!(rows.iter().map(|row| row.item.to_string()).collect::<Vec<_>>()).to_string();
    assert!(!text.contains(&alice.id), "{text}");
}

#[tokio::test]
async fn organizers_and_those_who_are_let_in_are_told_and_the_catalogue_follows() {
    let api = Api::start().await;
    let (alice, bob, carol) = (api.user("alice").await, api.user("bob").await, api.user("carol").await);
    let body = json!({
        "name": "Temples and noodles", "destination": "Kyoto, Japan", "start_date": "2027-04-01",
        "end_date": "2027-04-14", "max_members": 10, "activity_tags": ["food", "temples"],
    });
    let made = alice.post("/api/v1/travel-groups", body).await.expect(201);
    let id = made.text_of("id");
    let path = format!("/api/v1/travel-groups/{id}");
    bob.post(&format!("{path}/join"), json!({})).await.expect(201);
    carol.post(&format!("{path}/join"), json!({})).await.expect(201);
    let crowd = Crowd::of(&api);
    let members = async || {
        let standing = crowd.db.find_group_standing(id.parse().unwrap()).await.unwrap();
        standing.unwrap().item.members
    };
    api.project_twice().await;
    assert_eq!(members().await, 3);
    let joined = ("group_member".to_owned(), String::new());
    assert_eq!(
        told(&api).await,
        [joined.clone(), joined.clone()],
        "alice, of bob and of carol"
    );
    carol.post(&format!("{path}/leave"), json!({})).await.expect(200);
    let invitation = json!({ "username": "carol", "role": "member" });
    alice.post(&format!("{path}/invite"), invitation).await.expect(201);
    api.project().await;
    assert_eq!(members().await, 2);
    let invited = ("group_invitation".to_owned(), String::new());
    assert_eq!(
        told(&api).await,
        [invited, joined.clone(), joined],
        "carol, of the group"
    );
}
