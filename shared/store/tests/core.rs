//! What every repository builds on: conditions, lost replies, labels, idempotent claims. Also run against AWS's own
//! DynamoDB Local: see `infra/emulators/conformance/dynamodb.sh`.

#![allow(clippy::unwrap_used, clippy::expect_used, missing_docs, reason = "tests")]

use jiff::SignedDuration;
use serde::{Deserialize, Serialize};
use tripsage_domain::{
    audit::{Action, Record, Source},
    ids::{AuditId, TripId, UserId},
    ports::Clock,
};
use tripsage_emulators::proxy::{Effect, Fault};
use tripsage_store::{
    Condition, Db, StoreError, Transaction, Write,
    audit::TrailFilter,
    idempotency::{ATTEMPT_LIMIT, Claimed, Remembered},
    keys::{self, Digest},
};
use tripsage_testkit::TestCloud;

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Thing {
    text: String,
}

fn thing(text: &str) -> Thing {
    Thing { text: text.to_owned() }
}

struct Setting {
    cloud: TestCloud,
    db: Db,
    key: keys::Key,
    other: keys::Key,
}

async fn setting() -> Setting {
    let cloud = TestCloud::start().await;
    let runtime = cloud.runtime("trips");
    let entropy = &*runtime.ports().entropy;
    let key = || keys::trip(TripId::random(entropy));
    Setting {
        db: Db::new(&runtime),
        key: key(),
        other: key(),
        cloud,
    }
}

#[tokio::test]
async fn an_insert_demands_that_there_is_nothing_and_a_replacement_the_version_that_was_read() {
    let s = setting().await;
    let insert = |text| Write::insert("it", s.key.clone(), &thing(text)).unwrap();
    let replace = |text, version| Write::replace("it", s.key.clone(), &thing(text), version).unwrap();
    let refused = |result: Result<(), StoreError>| assert!(result.unwrap_err().is_conflict("it"));
    refused(s.db.commit(replace("a", 1)).await);
    s.db.commit(insert("a")).await.unwrap();
    refused(s.db.commit(insert("b")).await);
    s.db.commit(replace("b", 1)).await.unwrap();
    refused(s.db.commit(replace("c", 1)).await);
    refused(
        s.db.commit(Write::remove("it", s.key.clone(), Condition::Version(1)))
            .await,
    );
    s.db.commit(Write::remove("it", s.key.clone(), Condition::Version(2)))
        .await
        .unwrap();
    s.db.commit(insert("d")).await.unwrap();
}

#[tokio::test]
async fn a_transaction_happens_whole_or_not_at_all_and_names_the_write_that_failed() {
    let s = setting().await;
    s.db.commit(Write::insert("first", s.key.clone(), &thing("a")).unwrap())
        .await
        .unwrap();
    let both = || {
        Transaction::default()
            .with(Write::insert("second", s.other.clone(), &thing("b")).unwrap())
            .with(Write::insert("first", s.key.clone(), &thing("c")).unwrap())
    };
    assert!(s.db.commit(both()).await.unwrap_err().is_conflict("first"));
    s.db.commit(Write::insert("second", s.other.clone(), &thing("b")).unwrap())
        .await
        .unwrap();
    assert!(
        s.db.commit(both()).await.unwrap_err().is_conflict("second"),
        "the first that failed is named"
    );
    s.db.commit(Transaction::default()).await.unwrap();
}

#[tokio::test]
async fn of_many_inserts_at_once_one_wins() {
    let s = setting().await;
    let tasks: Vec<_> = (0..64)
        .map(|n| {
            let (db, key) = (s.db.clone(), s.key.clone());
            tokio::spawn(async move {
                db.commit(Write::insert("it", key, &thing(&n.to_string())).unwrap())
                    .await
            })
        })
        .collect();
    let mut won = 0;
    for task in tasks {
        match task.await.unwrap() {
            Ok(()) => won += 1,
            Err(error) => assert!(error.is_conflict("it"), "{error}"),
        }
    }
    assert_eq!(won, 1);
}

#[tokio::test]
async fn a_write_whose_reply_got_lost_has_happened_once() {
    let s = setting().await;
    let lose = |operation| {
        s.cloud
            .cloud
            .dynamodb()
            .fault(Fault::new(Effect::LoseReply).operation(operation).nth(1))
    };
    lose("PutItem");
    s.db.commit(Write::insert("it", s.key.clone(), &thing("a")).unwrap())
        .await
        .unwrap();
    lose("TransactWriteItems");
    let both = Transaction::default()
        .with(Write::replace("it", s.key.clone(), &thing("b"), 1).unwrap())
        .with(Write::insert("other", s.other.clone(), &thing("c")).unwrap());
    s.db.commit(both).await.unwrap();
    s.db.commit(Write::replace("it", s.key.clone(), &thing("d"), 2).unwrap())
        .await
        .unwrap();
}

#[tokio::test]
async fn what_goes_wrong_is_told_apart() {
    let s = setting().await;
    let dynamodb = s.cloud.cloud.dynamodb();
    let write = || Write::insert("it", s.key.clone(), &thing("a")).unwrap();
    dynamodb.fault(Fault::aws(400, "ProvisionedThroughputExceededException"));
    assert!(matches!(s.db.commit(write()).await, Err(StoreError::Throttled(_))));
    dynamodb.reset();
    dynamodb.fault(Fault::aws(400, "TransactionInProgressException"));
    let both = Transaction::default()
        .with(write())
        .with(Write::insert("other", s.other.clone(), &thing("b")).unwrap());
    assert!(matches!(s.db.commit(both).await, Err(StoreError::Throttled(_))));
    dynamodb.reset();
    dynamodb.fault(Fault::new(Effect::Reset));
    assert!(matches!(s.db.commit(write()).await, Err(StoreError::Unavailable(_))));
    dynamodb.reset();
    s.db.ping().await.unwrap();
}

#[tokio::test]
async fn a_claim_is_held_by_one_attempt_until_its_deadline() {
    let s = setting().await;
    let scope = Digest::of(&[b"alice", b"/trips", b"key"]);
    let payload = Digest::of(&[b"{}"]);
    let claim = |attempt: &str| {
        s.db.claim(scope.clone(), &payload, attempt.to_owned(), s.cloud.clock.now())
    };
    let Claimed::Go(first) = claim("first").await.unwrap() else {
        panic!("nobody holds it")
    };
    assert!(!first.resumed);
    assert_eq!(claim("second").await.unwrap(), Claimed::Running);
    let other =
        s.db.claim(
            scope.clone(),
            &Digest::of(&[b"x"]),
            "third".to_owned(),
            s.cloud.clock.now(),
        )
        .await
        .unwrap();
    assert_eq!(other, Claimed::OtherPayload);

    s.cloud.clock.advance(ATTEMPT_LIMIT + SignedDuration::from_secs(1));
    let Claimed::Go(second) = claim("second").await.unwrap() else {
        panic!("the first is overdue")
    };
    assert_eq!(
        (second.resumed, &second.seed),
        (false, &first.seed),
        "both would make the same ids"
    );
    let write = |claim| Transaction::from(Write::insert("it", s.key.clone(), &thing("a")).unwrap()).fenced(Some(claim));
    assert!(
        s.db.commit(write(&first)).await.unwrap_err().is_conflict("attempt"),
        "it was overtaken"
    );
    s.db.commit(write(&second)).await.unwrap();

    let answer = Remembered {
        status: 201,
        headers: Vec::new(),
        body: "{}".to_owned(),
    };
    assert!(s.db.remember(&first, &answer).await.unwrap_err().is_conflict("attempt"));
    s.db.release(&second).await.unwrap();
    s.cloud.clock.advance(ATTEMPT_LIMIT + SignedDuration::from_secs(1));
    let Claimed::Go(third) = claim("third").await.unwrap() else {
        panic!("the second is overdue")
    };
    assert!(third.resumed, "an effect is not forgotten by a release");
    s.db.remember(&third, &answer).await.unwrap();
    assert_eq!(claim("fourth").await.unwrap(), Claimed::Answered(answer));
    s.cloud.clock.advance(SignedDuration::from_hours(24));
    assert!(matches!(claim("fifth").await.unwrap(), Claimed::Go(claim) if !claim.resumed));
}

#[tokio::test]
async fn the_audit_trail_is_each_users_own_and_newest_first() {
    let s = setting().await;
    let runtime = s.cloud.runtime("users");
    let (db, entropy) = (Db::new(&runtime), &*runtime.ports().entropy);
    let (alice, bob) = (UserId::random(entropy), UserId::random(entropy));
    for (user, target) in [(alice, "trip/1"), (bob, "trip/2"), (alice, "trip/3")] {
        let record = Record {
            id: AuditId::random(entropy),
            user,
            at: s.cloud.clock.now(),
            action: Action::TripCreated,
            target: target.to_owned(),
            source: Source::default(),
        };
        db.commit(Transaction::default().audited(&record).unwrap())
            .await
            .unwrap();
        s.cloud.clock.advance(SignedDuration::from_secs(1));
    }
    let page = db.search_audit(alice, &TrailFilter::default(), 1, None).await.unwrap();
    assert_eq!(page.items[0].target, "trip/3");
    let rest = db
        .search_audit(alice, &TrailFilter::default(), 10, page.next)
        .await
        .unwrap();
    assert_eq!(
        rest.items.iter().map(|row| row.target.as_str()).collect::<Vec<_>>(),
        ["trip/1"]
    );
}
