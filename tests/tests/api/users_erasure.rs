//! Erasure of accounts and purging of trips, checked in what is stored afterwards.

use std::collections::BTreeMap;

use jiff::SignedDuration;
use serde_json::{Value, json};
use tripsage_store::personal_data::Entity;
use tripsage_tests::{Api, Dumped, Fault, Job, PASSWORD, Report, User};

use crate::users_data::{Trips, share, use_everything};

const ME: &str = "/api/v1/users/me";
const MONTH: SignedDuration = SignedDuration::from_hours(30 * 24);

fn count(rows: &[Dumped]) -> BTreeMap<Entity, usize> {
    let mut counts = BTreeMap::new();
    for row in rows {
        *counts.entry(row.entity).or_default() += 1;
    }
    counts
}

fn receipts(rows: &[Dumped]) -> Vec<&Value> {
    let receipts = rows.iter().filter(|row| row.entity == Entity::ErasureReceipt);
    receipts.map(|row| &row.item).collect()
}

/// Insists that nothing that is stored tells of somebody.
#[track_caller]
fn nothing_left(rows: &[Dumped], user: &User, canary: &str) {
    for row in rows {
        let text = row.item.to_string().to_lowercase();
        for trace in [user.id.as_str(), user.email.as_str(), user.name.as_str(), canary] {
            assert!(
                !text.contains(&trace.to_lowercase()),
                "{trace} in {:?} {text}",
                row.entity
            );
        }
    }
}

async fn deleted(api: &Api, name: &str, friend: &User, canary: &str) -> (User, Trips) {
    let user = api.registered(name).await;
    let trips = use_everything(api, &user, friend, canary).await;
    user.post("/api/v1/users/me/export", json!({})).await.expect(201);
    user.delete_with(ME, json!({ "password": PASSWORD })).await.expect(200);
    (user, trips)
}

#[tokio::test]
async fn nothing_is_left_of_an_erased_account() {
    let api = Api::start().await;
    let friend = api.user("benoit").await;
    let (ann, trips) = deleted(&api, "sentinel", &friend, "CanaryOfAnn").await;
    api.advance(MONTH - SignedDuration::from_secs(1));
    assert_eq!(api.run_job(Job::EraseAccounts).await.unwrap(), Report::default());
    // Until then the trip that both plan is as it was.
    let together = format!("/api/v1/trips/{}", trips.together);
    assert_eq!(
        friend.get(&together).await.expect(200).text_of("permission_level"),
        "edit"
    );

    api.advance(SignedDuration::from_secs(1));
    assert_eq!(api.run_job(Job::EraseAccounts).await.unwrap().done, 1);
    let rows = api.dump().await;
    nothing_left(&rows, &ann, "CanaryOfAnn");
    let receipts = receipts(&rows);
    assert_eq!(receipts.len(), 1);
    assert_eq!(receipts[0]["action"]["S"], "account.erased");
    assert_eq!(receipts[0]["rows"]["M"]["profile"]["N"], "1");
    let audit = rows.iter().filter(|row| row.entity == Entity::Audit);
    let pseudonymous = audit.filter(|row| row.item["ip"]["S"] == "").count();
    assert!(pseudonymous > 10, "the trail is kept");

    // What others plan with them stays, in their hands; what they showed to others is gone.
    let inherited = friend.get(&together).await.expect(200);
    assert_eq!(inherited.text_of("permission_level"), "owner");
    assert_eq!(inherited.text_of("user_id"), friend.id);
    for gone in [&trips.shown, &trips.alone] {
        friend
            .get(&format!("/api/v1/trips/{gone}"))
            .await
            .refused(404, "NOT_FOUND");
    }
    for stays in [&trips.theirs, &trips.left] {
        let read = friend.get(&format!("/api/v1/trips/{stays}")).await.expect(200);
        assert_eq!(
            (&read.data()["collaborator_count"], read.text_of("description")),
            (&json!(0), "edited".to_owned())
        );
    }
    // Names are free again.
    api.get("/api/v1/users/sentinel").await.refused(404, "NOT_FOUND");
    let again = api.registered("sentinel").await;
    assert_ne!(again.id, ann.id);
    assert_eq!(api.run_job(Job::EraseAccounts).await.unwrap(), Report::default());
}

#[tokio::test]
async fn an_erasure_that_is_cut_off_anywhere_ends_the_same() {
    let whole = Api::start().await;
    let friend = whole.user("benoit").await;
    let (ann, _) = deleted(&whole, "sentinel", &friend, "CanaryOfAnn").await;
    whole.advance(MONTH);
    assert_eq!(whole.run_job(Job::EraseAccounts).await.unwrap().done, 1);
    let expected = whole.dump().await;
    nothing_left(&expected, &ann, "CanaryOfAnn");

    let cut = Api::start().await;
    let friend = cut.user("benoit").await;
    let (ann, _) = deleted(&cut, "sentinel", &friend, "CanaryOfAnn").await;
    cut.advance(MONTH);
    let mut cuts = 0;
    loop {
        // Not an error that is worth another try: the run ends with it. Each run gets one call further than the last.
        cut.forget_calls();
        cut.cloud()
            .dynamodb()
            .fault(Fault::aws(400, "ValidationException").nth(cuts + 1));
        match cut.run_job(Job::EraseAccounts).await {
            Ok(report) => {
                assert!(report.done <= 1);
                break;
            }
            Err(_) => cuts += 1,
        }
        assert!(cuts < 500, "it never ends");
    }
    assert!(cuts > 10, "{cuts}");
    cut.forget_calls();
    cut.run_job(Job::EraseAccounts).await.unwrap();
    let found = cut.dump().await;
    nothing_left(&found, &ann, "CanaryOfAnn");
    assert_eq!(count(&found), count(&expected));
    assert_eq!(receipts(&found)[0]["rows"], receipts(&expected)[0]["rows"]);
}

#[tokio::test]
async fn a_deleted_trip_is_purged_when_it_can_no_longer_be_brought_back() {
    let api = Api::start().await;
    let (ann, ben) = (api.user("annlee").await, api.user("benoit").await);
    let (purged, restored) = (ann.trip("PurgedCanary").await, ann.trip("Restored").await);
    share(&ann, &purged, &ben, "edit").await;
    for trip in [&purged, &restored] {
        ann.delete(&format!("/api/v1/trips/{trip}")).await.expect(200);
    }
    api.advance(MONTH - SignedDuration::from_hours(1));
    let restore = format!("/api/v1/trips/{restored}/restore");
    ann.post(&restore, json!({})).await.expect(200);
    api.advance(SignedDuration::from_hours(1));
    // The last moment in which it could be brought back.
    assert_eq!(api.run_job(Job::PurgeTrips).await.unwrap(), Report::default());
    api.advance(SignedDuration::from_secs(1));
    assert_eq!(api.run_job(Job::PurgeTrips).await.unwrap().done, 1);
    let rows = api.dump().await;
    let trips = rows.iter().filter(|row| !matches!(row.entity, Entity::Audit));
    for row in trips {
        let text = row.item.to_string();
        assert!(!text.contains(&purged) && !text.contains("PurgedCanary"), "{text}");
    }
    ann.get(&format!("/api/v1/trips/{restored}")).await.expect(200);
    assert!(
        !rows.iter().any(|row| row.entity == Entity::Due),
        "nothing is left to do"
    );
}

#[tokio::test]
async fn the_next_account_is_erased_although_one_fails() {
    let api = Api::start().await;
    let friend = api.user("benoit").await;
    let mut users = Vec::new();
    for name in ["erase-one", "erase-two"] {
        users.push(deleted(&api, name, &friend, name).await.0);
    }
    api.advance(MONTH);
    api.forget_calls();
    // The list is the first call; the second begins the first account.
    api.cloud()
        .dynamodb()
        .fault(Fault::aws(400, "ValidationException").nth(2));
    api.run_job(Job::EraseAccounts).await.unwrap_err();
    let receipts_now = receipts(&api.dump().await).len();
    assert_eq!(receipts_now, 1);
    assert_eq!(api.run_job(Job::EraseAccounts).await.unwrap().done, 1);
    let rows = api.dump().await;
    for user in &users {
        nothing_left(&rows, user, &user.email);
    }
}
