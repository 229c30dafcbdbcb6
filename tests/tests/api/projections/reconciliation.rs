//! Counts that have gone wrong.

use jiff::SignedDuration;
use serde_json::{Value, json};
use tripsage_domain::ids::ItineraryId;
use tripsage_tests::{Api, Job};

use super::{Crowd, published};

fn key(itinerary: ItineraryId) -> Value {
    json!({ "pk": { "S": format!("ITINERARY#{itinerary}") }, "sk": { "S": "ITINERARY#STANDING" } })
}

#[tokio::test]
async fn planted_drift_is_found_mended_and_reported() {
    let api = Api::start().await;
    let alice = api.user("alice").await;
    let crowd = Crowd::of(&api);
    let (right, wrong) = (published(&alice).await, published(&alice).await);
    for itinerary in [right, wrong] {
        crowd.vote_for(itinerary, 7).await;
        crowd.look(crowd.somebody(), itinerary).await;
    }
    api.project().await;
    let (good, mut planted) = (crowd.counts(wrong).await, json!({}));
    for (name, number) in [("upvotes", 70), ("downvotes", -3), ("views", 0)] {
        planted[name] = json!({ "N": number.to_string() });
    }
    api.overwrite("CommunityTable", &key(wrong), "counts", &json!({ "M": planted }))
        .await;
    assert_eq!(crowd.counts(wrong).await.upvotes, 70);

    // What has just changed may be on its way to being counted.
    let report = api.run_job(Job::Reconcile).await.unwrap();
    assert_eq!((report.done, report.failed), (0, 0));
    api.advance(SignedDuration::from_mins(16));
    let report = api.run_job(Job::Reconcile).await.unwrap();
    assert_eq!((report.done, report.failed), (1, 0));
    let told = serde_json::to_value(report.reconciliation).unwrap();
    assert_eq!((&told["discrepancies_found"], &told["errors"]), (&json!(1), &json!([])));
    assert_eq!(crowd.counts(wrong).await, good);
    let standing = &crowd.db.find_itinerary_cards(&[wrong]).await.unwrap()[0].standing;
    assert_eq!(standing.listing.as_ref().unwrap().measures(), standing.measures());
    api.advance(SignedDuration::from_secs(1));
    let again = api.run_job(Job::Reconcile).await.unwrap();
    assert_eq!((again.done, again.failed), (0, 0), "all is well");

    let reports = crowd.db.list_reconciliations().await.unwrap();
    let found: Vec<_> = reports
        .iter()
        .map(|row| (row.discrepancies_found, row.discrepancies_fixed))
        .collect();
    assert_eq!(found, [(0, 0), (1, 1), (0, 0)]);
    let mended = &reports[1];
    assert!(mended.completed_at >= Some(mended.started_at) && mended.tables_checked >= 2 && mended.errors.is_empty());
}

#[tokio::test]
async fn a_change_that_is_not_counted_yet_is_not_counted_twice() {
    let api = Api::start().await;
    let alice = api.user("alice").await;
    let (crowd, itinerary) = (Crowd::of(&api), published(&alice).await);
    crowd.vote_for(itinerary, 3).await;
    api.run_job(Job::Reconcile).await.unwrap();
    api.project().await;
    assert_eq!(crowd.counts(itinerary).await.upvotes, 3);
}

#[tokio::test]
async fn what_was_given_up_is_redriven_by_a_recount() {
    let api = Api::start().await;
    let alice = api.user("alice").await;
    let (crowd, itinerary) = (Crowd::of(&api), published(&alice).await);
    crowd.vote_for(itinerary, 5).await;
    // Nobody ever delivers these.
    assert!(api.take_records().await.len() >= 5);
    assert_eq!(crowd.counts(itinerary).await.upvotes, 0);
    api.advance(SignedDuration::from_hours(6));
    assert_eq!(api.run_job(Job::Reconcile).await.unwrap().done, 1);
    assert_eq!(crowd.counts(itinerary).await.upvotes, 5);
}
