use futures_util::future::join_all;
use reqwest::Method;
use serde_json::json;
use tripsage_domain::{
    ids::ItemId,
    money::{Currency, Money},
    trip::{Details, Item, ItemStatus, LocalTime, Plan, When, Zone},
};
use tripsage_store::{Db, trips::TripChange};
use tripsage_tests::{Answer, Api, Fault, User};

/// Something that tests plan on a day of a trip, counted from 0.
pub(crate) struct Planned(pub(crate) Plan, i32);

impl Planned {
    fn new(title: &str, details: Details, day: i32) -> Self {
        let plan = Plan {
            title: title.to_owned(),
            description: None,
            details,
            location: None,
            start: None,
            end: None,
            cost: Some(Money::parse_decimal("120.00", Currency::parse("EUR").unwrap()).unwrap()),
            status: ItemStatus::Booked,
            booking_reference: Some("REF123".to_owned()),
            url: None,
            notes: Some("a secret note".to_owned()),
            flexible: false,
        };
        Self(plan, day)
    }

    /// A train at half past nine.
    pub(crate) fn train(day: i32) -> Self {
        let details = Details::Transport {
            mode: None,
            provider: None,
            from: None,
            to: None,
            seats: vec!["12A".to_owned()],
        };
        Self::new("Train", details, day)
    }

    /// A dinner at half past nine.
    pub(crate) fn dinner(day: i32) -> Self {
        let details = Details::Meal {
            meal: None,
            cuisine: None,
        };
        Self::new("Dinner", details, day)
    }
}

/// Adds items to a trip, a few at a time.
pub(crate) async fn plan(api: &Api, user: &User, trip: &str, planned: &[Planned]) {
    let runtime = api.runtime("trips");
    let db = Db::new(&runtime);
    let id = trip.parse().unwrap();
    let actor = user.id.parse().unwrap();
    for some in planned.chunks(40) {
        let before = db.find_trip(id).await.unwrap().unwrap();
        let added = isize::try_from(some.len()).unwrap();
        let after = before.replanned(actor, added, api.now()).unwrap();
        let mut change = TripChange::new(Some(&before), after, "item.added", actor, api.now());
        for Planned(plan, day) in some {
            let date = before.content.start_date + jiff::Span::new().days(*day);
            let zone = Zone::parse("Asia/Tokyo").unwrap();
            let start = LocalTime::new(date.at(9, 30, 0, 0), zone, false).unwrap();
            let plan = Plan {
                start: Some(When::Time(start)),
                ..plan.clone()
            };
            let item = Item::new(ItemId::random(&*runtime.ports().entropy), &before, plan, api.now());
            change.push_item(None, Some(&item)).unwrap();
        }
        db.commit_trip(change).await.unwrap();
    }
}

/// The items of a trip, in order.
pub(crate) async fn items(api: &Api, trip: &str) -> Vec<Item> {
    let db = Db::new(&api.runtime("trips"));
    let found = db.find_trip_with_items(trip.parse().unwrap()).await.unwrap();
    found.unwrap().1
}

#[tokio::test]
async fn a_copy_is_the_callers_own_at_another_time_with_nothing_booked() {
    let api = Api::start().await;
    let (alice, ben, cleo) = (api.user("alice").await, api.user("ben").await, api.user("cleo").await);
    let trip = alice.trip("Japan").await;
    plan(&api, &alice, &trip, &[Planned::train(1), Planned::dinner(3)]).await;
    let path = format!("/api/v1/trips/{trip}");
    alice.patch(&path, json!({ "status": "booked" })).await.expect(200);
    let body = json!({ "usernames": ["ben"], "permission_level": "view" });
    alice.post(&format!("{path}/share"), body).await.expect(200);

    let copy = ben
        .post(&format!("{path}/duplicate"), json!({ "start_date": "2028-02-20" }))
        .await
        .expect(201);
    let data = copy.data();
    assert_eq!(
        (&data["title"], &data["start_date"], &data["end_date"], &data["status"]),
        (
            &json!("Copy of Japan"),
            &json!("2028-02-20"),
            &json!("2028-03-04"),
            &json!("planning")
        )
    );
    assert_eq!(
        (
            &data["user_id"],
            &data["permission_level"],
            &data["collaborator_count"],
            &data["item_count"]
        ),
        (&json!(ben.id), &json!("owner"), &json!(0), &json!(2))
    );
    let id = copy.text_of("id");
    assert_eq!(copy.header("location"), format!("/api/v1/trips/{id}"));
    alice
        .get(&format!("/api/v1/trips/{id}"))
        .await
        .refused(404, "NOT_FOUND");
    let (original, copied) = (items(&api, &trip).await, items(&api, &id).await);
    assert_eq!(copied[0].plan.start.as_ref().unwrap().date().to_string(), "2028-02-21");
    for (one, other) in original.iter().zip(&copied) {
        assert_ne!(one.id, other.id);
        assert_eq!(
            (&one.plan.title, &one.plan.cost, &one.plan.notes),
            (&other.plan.title, &other.plan.cost, &other.plan.notes)
        );
        assert_eq!(
            (other.plan.status, &other.plan.booking_reference),
            (ItemStatus::Planned, &None)
        );
    }
    let titled = ben
        .post(&format!("{path}/duplicate"), json!({ "title": "Ours" }))
        .await
        .expect(201);
    assert_eq!(
        (&titled.data()["title"], &titled.data()["start_date"]),
        (&json!("Ours"), &json!("2027-04-01"))
    );

    cleo.post(&format!("{path}/duplicate"), json!({}))
        .await
        .refused(404, "NOT_FOUND");
    for (body, field) in [
        (json!({ "title": "" }), "title"),
        (json!({ "title": "x".repeat(101) }), "title"),
        (json!({ "start_date": "2028-13-01" }), "start_date"),
        (json!({ "user_id": alice.id }), "user_id"),
    ] {
        ben.post(&format!("{path}/duplicate"), body).await.refused_field(field);
    }
}

#[tokio::test]
async fn a_trip_with_many_items_is_copied_whole_and_its_history_holds_together() {
    let api = Api::start().await;
    let alice = api.user("alice").await;
    let trip = alice.trip(&"J".repeat(100)).await;
    let planned: Vec<Planned> = (0..200).map(|n| Planned::train(n % 14)).collect();
    plan(&api, &alice, &trip, &planned).await;
    let copy = alice
        .post(&format!("/api/v1/trips/{trip}/duplicate"), json!({}))
        .await
        .expect(201);
    assert_eq!(copy.data()["title"].as_str().unwrap().chars().count(), 100);
    let id = copy.text_of("id");
    assert_eq!(items(&api, &id).await.len(), 200);
    assert_eq!(copy.data()["item_count"], 200);
    let sequence = copy.data()["sequence"].as_u64().unwrap();
    assert!(sequence > 1, "the items did not fit into one version");
    let path = format!("/api/v1/trips/{id}/versions");
    let versions = alice.get(&path).await.expect(200).data().as_array().unwrap().clone();
    assert_eq!(versions.len() as u64, sequence);
    for pair in versions.windows(2) {
        assert_eq!(pair[0]["previous_hash"], pair[1]["hash"]);
    }
    // It can be changed like any other.
    let renamed = alice
        .put(&format!("/api/v1/trips/{id}"), json!({ "title": "Another" }))
        .await
        .expect(200);
    assert_eq!(renamed.data()["sequence"].as_u64().unwrap(), sequence + 1);
}

#[tokio::test]
async fn the_same_request_makes_one_copy() {
    let api = Api::start().await;
    let alice = api.user("alice").await;
    let trip = alice.trip("Japan").await;
    plan(&api, &alice, &trip, &[Planned::train(0)]).await;
    let path = format!("/api/v1/trips/{trip}/duplicate");
    let repeat = || {
        let request = alice.request(Method::POST, &path).header("idempotency-key", "one");
        Answer::of(request.json(&json!({})))
    };
    let first = repeat().await.expect(201).text_of("id");
    let answers = join_all((0..5).map(|_| repeat())).await;
    assert!(answers.iter().all(|answer| answer.text_of("id") == first));
    assert_eq!(alice.get("/api/v1/trips").await.data().as_array().unwrap().len(), 2);
}

#[tokio::test]
async fn a_copy_that_fails_half_way_is_not_there_and_can_be_asked_for_again() {
    let api = Api::start().await;
    let alice = api.user("alice").await;
    let trip = alice.trip("Japan").await;
    let planned: Vec<Planned> = (0..130).map(|n| Planned::train(n % 14)).collect();
    plan(&api, &alice, &trip, &planned).await;
    let path = format!("/api/v1/trips/{trip}/duplicate");
    let repeat = || {
        let request = alice.request(Method::POST, &path).header("idempotency-key", "one");
        Answer::of(request.json(&json!({})))
    };
    api.forget_calls();
    // An error that the SDK does not try again.
    let refusal = Fault::aws(400, "ValidationException").operation("TransactWriteItems");
    api.cloud().dynamodb().fault(refusal.nth(2));
    repeat().await.refused(503, "DATABASE_UNAVAILABLE");
    api.forget_calls();
    assert_eq!(alice.get("/api/v1/trips").await.data().as_array().unwrap().len(), 1);
    repeat().await.refused(409, "REQUEST_IN_PROGRESS");
    api.advance(jiff::SignedDuration::from_secs(31));
    let copy = repeat().await.expect(201);
    assert_eq!(items(&api, &copy.text_of("id")).await.len(), 130);
    assert_eq!(alice.get("/api/v1/trips").await.data().as_array().unwrap().len(), 2);
}
