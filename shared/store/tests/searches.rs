//! Recent and saved searches.

#![allow(clippy::unwrap_used, clippy::expect_used, missing_docs, reason = "tests")]

use jiff::SignedDuration;
use tripsage_domain::{
    ids::{SavedSearchId, SearchId, UserId},
    ports::Clock,
};
use tripsage_store::{
    Db, StoreError, Transaction,
    searches::{MAX_RECENT, MAX_SAVED, SAVED_SEARCH, SAVED_SEARCHES_FULL, SavedSearchRow, SearchRow},
};
use tripsage_testkit::TestCloud;
use uuid::Uuid;

fn user(number: u128) -> UserId {
    UserId::from_uuid(Uuid::from_u128(number))
}

fn search(number: u128, cloud: &TestCloud) -> SearchRow {
    let id = SearchId::from_uuid(Uuid::from_u128(number));
    SearchRow::new(
        id,
        "flights",
        format!("search {number}"),
        "{}".to_owned(),
        None,
        cloud.clock.now(),
    )
}

#[tokio::test]
async fn the_newest_searches_are_remembered_and_no_more() {
    let cloud = TestCloud::start().await;
    let db = Db::new(&cloud.runtime("search"));
    for number in 0..(MAX_RECENT as u128 + 10) {
        db.remember_search(user(1), &search(number, &cloud)).await.unwrap();
        cloud.clock.advance(SignedDuration::from_secs(1));
    }
    let rows = db.list_searches(user(1), cloud.clock.now()).await.unwrap();
    assert_eq!((rows.len(), rows[0].title.as_str()), (MAX_RECENT, "search 59"));
    assert!(db.list_searches(user(2), cloud.clock.now()).await.unwrap().is_empty());
    // Made again: to the front, once.
    cloud.clock.advance(SignedDuration::from_mins(20));
    db.remember_search(user(1), &search(30, &cloud)).await.unwrap();
    let rows = db.list_searches(user(1), cloud.clock.now()).await.unwrap();
    assert_eq!((rows.len(), rows[0].title.as_str()), (MAX_RECENT, "search 30"));
    let id = rows[0].id;
    assert!(db.find_search(user(1), id, cloud.clock.now()).await.unwrap().is_some());
    assert!(db.find_search(user(2), id, cloud.clock.now()).await.unwrap().is_none());
    let later = cloud.clock.now() + SignedDuration::from_hours(24 * 31);
    assert!(db.find_search(user(1), id, later).await.unwrap().is_none());
}

#[tokio::test]
async fn saved_searches_are_bounded_whoever_is_first() {
    let cloud = TestCloud::start().await;
    let db = Db::new(&cloud.runtime("search"));
    let save = |number: u128| {
        let row = SavedSearchRow {
            id: SavedSearchId::from_uuid(Uuid::from_u128(number)),
            name: format!("saved {number}"),
            kind: "flights".to_owned(),
            parameters: "{}".to_owned(),
            trip: None,
            created_at: cloud.clock.now(),
        };
        let transaction = Transaction::inserting_saved_search(user(1), &row).unwrap();
        let db = db.clone();
        async move { db.commit(transaction).await }
    };
    for number in 0..MAX_SAVED as u128 {
        save(number).await.unwrap();
    }
    assert!(matches!(save(99).await, Err(StoreError::Conflict(SAVED_SEARCHES_FULL))));
    assert_eq!(db.list_saved_searches(user(1)).await.unwrap().len(), MAX_SAVED);
    let first = SavedSearchId::from_uuid(Uuid::from_u128(0));
    db.commit(Transaction::removing_saved_search(user(1), first))
        .await
        .unwrap();
    let again = db.commit(Transaction::removing_saved_search(user(1), first)).await;
    assert!(matches!(again, Err(StoreError::Conflict(SAVED_SEARCH))));
    save(99).await.unwrap();
}
