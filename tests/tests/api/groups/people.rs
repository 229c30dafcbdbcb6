//! Personal data: what an export gives, and what erasure leaves.

use serde_json::json;
use tripsage_tests::{Api, Job};

use super::{GROUPS, group, join};

#[tokio::test]
async fn who_is_erased_leaves_and_their_group_goes_to_whom_it_should() {
    let api = Api::start().await;
    let (alice, bob) = (api.registered("alice").await, api.user("bob").await);
    let (carol, dan) = (api.user("carol").await, api.user("dan").await);
    let far = json!({ "start_date": "2029-01-01", "end_date": "2029-01-02" });
    let own = group(&alice, far.clone()).await;
    for user in [&bob, &carol] {
        join(user, &own).await;
        api.advance(jiff::SignedDuration::from_secs(1));
    }
    let of_carol = format!("{own}/members/{}", carol.id);
    alice.put(&of_carol, json!({ "role": "moderator" })).await.expect(200);
    let alone = group(&alice, far.clone()).await;
    alice
        .post(&format!("{alone}/invite"), json!({ "username": "dan" }))
        .await
        .expect(201);
    let other = group(&dan, far).await;
    join(&alice, &other).await;

    let export = alice.post("/api/v1/users/me/export", json!({})).await;
    assert!(export.status < 300, "{}", export.text);

    let password = json!({ "password": tripsage_tests::PASSWORD });
    alice.delete_with("/api/v1/users/me", password).await;
    api.advance(jiff::SignedDuration::from_hours(24 * 31));
    let report = api.run_job(Job::EraseAccounts).await.unwrap();
    assert_eq!((report.done, report.failed), (1, 0));

    let kept = carol.get(&own).await.expect(200);
    assert_eq!(
        kept.data()["organizer_id"],
        carol.id,
        "the moderator comes before who was there first"
    );
    assert_eq!(
        (&kept.data()["current_members_count"], &kept.data()["user_role"]),
        (&json!(2), &json!("organizer"))
    );
    assert_eq!(dan.get(&other).await.expect(200).data()["current_members_count"], 1);
    dan.get(&alone).await.refused(404, "NOT_FOUND");
    let waiting = dan.get(&format!("{GROUPS}/memberships")).await.expect(200);
    assert_eq!(waiting.data()["memberships"].as_array().unwrap().len(), 1);
    let left: Vec<String> = api
        .dump()
        .await
        .iter()
        .map(|row| format!("{row:?}"))
        .filter(|row| row.contains(&alice.id))
        .collect();
    assert_eq!(left, Vec::<String>::new());
}
