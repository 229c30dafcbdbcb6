//! Many at once.

use futures_util::future::join_all;
use serde_json::json;
use tripsage_tests::{Api, User};

use super::{group, join};

async fn crowd(api: &Api, count: usize) -> Vec<User> {
    let mut crowd = Vec::new();
    for n in 0..count {
        crowd.push(api.user(&format!("traveller-{n}")).await);
    }
    crowd
}

/// How many stand in the group: as it counts itself, and as its rows say.
async fn count(organizer: &User, path: &str) -> (u64, usize) {
    let group = organizer.get(path).await.expect(200);
    let counted = group.data()["current_members_count"].as_u64().unwrap();
    (counted, group.data()["members"].as_array().unwrap().len())
}

#[tokio::test]
async fn of_sixty_four_who_join_at_once_as_many_get_in_as_there_are_places() {
    let api = Api::start().await;
    let alice = api.user("alice").await;
    // The organizer has one of the eleven.
    let path = group(&alice, json!({ "max_members": 11 })).await;
    let crowd = crowd(&api, 64).await;
    let target = format!("{path}/join");
    let answers = join_all(crowd.iter().map(|user| user.post(&target, json!({})))).await;
    let (mut joined, mut refused) = (0, 0);
    for answer in answers {
        match answer.status {
            201 => joined += 1,
            _ => {
                answer.refused(400, "GROUP_FULL");
                refused += 1;
            }
        }
    }
    assert_eq!((joined, refused), (10, 54));
    assert_eq!(count(&alice, &path).await, (11, 11));
}

#[tokio::test]
async fn who_joins_twice_at_once_has_one_place() {
    let api = Api::start().await;
    let (alice, bob) = (api.user("alice").await, api.user("bob").await);
    let path = group(&alice, json!({})).await;
    let target = format!("{path}/join");
    let answers = join_all((0..8).map(|_| bob.post(&target, json!({})))).await;
    let joined = answers.iter().filter(|answer| answer.status == 201).count();
    assert_eq!(joined, 1);
    for answer in answers.into_iter().filter(|answer| answer.status != 201) {
        answer.refused(409, "ALREADY_EXISTS");
    }
    assert_eq!(count(&alice, &path).await, (2, 2));
}

#[tokio::test]
async fn coming_going_and_editing_at_once_keep_the_count() {
    let api = Api::start().await;
    let alice = api.user("alice").await;
    let path = group(&alice, json!({ "max_members": 20 })).await;
    let crowd = crowd(&api, 24).await;
    for user in &crowd[..10] {
        join(user, &path).await;
    }
    let (coming, going) = (format!("{path}/join"), format!("{path}/leave"));
    let moves = join_all(crowd.iter().enumerate().map(|(n, user)| {
        let target = if n < 10 { &going } else { &coming };
        user.post(target, json!({}))
    }));
    let shrink = alice.patch(&path, json!({ "max_members": 12 }));
    let (moves, shrink) = tokio::join!(moves, shrink);
    assert!(moves.iter().all(|answer| matches!(answer.status, 200 | 201 | 400)));
    assert!(matches!(shrink.status, 200 | 400), "{}", shrink.text);
    let (counted, rows) = count(&alice, &path).await;
    assert_eq!(counted, rows as u64);
    let most = if shrink.status == 200 { 12 } else { 20 };
    assert!(counted <= most, "{counted} of {most}");
}

#[tokio::test]
async fn a_place_is_given_once_whichever_way_somebody_comes() {
    let api = Api::start().await;
    let alice = api.user("alice").await;
    let path = group(&alice, json!({ "max_members": 3 })).await;
    let crowd = crowd(&api, 12).await;
    for user in &crowd[..6] {
        let body = json!({ "traveler_id": user.id });
        alice.post(&format!("{path}/invite"), body).await.expect(201);
    }
    let (accept, join) = (format!("{path}/invitation/accept"), format!("{path}/join"));
    let answers = join_all(crowd.iter().enumerate().map(|(n, user)| {
        let target = if n < 6 { &accept } else { &join };
        user.post(target, json!({}))
    }))
    .await;
    let inside = answers.iter().filter(|answer| answer.status < 300).count();
    assert_eq!(inside, 2);
    for answer in answers.into_iter().filter(|answer| answer.status >= 300) {
        answer.refused(400, "GROUP_FULL");
    }
    assert_eq!(count(&alice, &path).await, (3, 3));
}
