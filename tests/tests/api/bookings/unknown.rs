//! Orders of which it is not known at once whether they exist.

use std::time::Duration;

use serde_json::{Value, json};
use tripsage_sandboxes::{Effect, Fault, Provider};
use tripsage_store::personal_data::Entity;
use tripsage_tests::{Api, Job, User};

use super::{BOOKINGS, adult, asked, events, items, minutes, offer, order, orders, post, traveller};

fn fail(api: &Api, effect: Effect, method: &str, path: &str) {
    api.sandboxes()
        .fail(Provider::Duffel, Fault::new(effect).on(method, path));
}

async fn status(user: &User, booking: &str) -> String {
    user.get(&format!("{BOOKINGS}/{booking}"))
        .await
        .expect(200)
        .text_of("status")
}

#[tokio::test]
async fn a_lost_answer_is_looked_for_and_never_ordered_again() {
    let api = Api::start().await;
    let (ann, token) = traveller(&api, "ann").await;
    let trip = ann.trip("New York").await;
    let offer = offer(&api, &token, "LHR", "JFK", adult()).await;
    fail(&api, Effect::LoseReply, "POST", "/air/orders");
    let mut body = order(&offer);
    body["trip_id"] = trip.as_str().into();
    let answer = post(&ann, BOOKINGS, "k", &body).await.expect(201);
    assert_eq!(
        events(&ann, &answer.text_of("id")).await,
        [
            "offer.priced",
            "order.sending",
            "outcome.unknown",
            "order.created",
            "booking.confirmed",
            "trip.attached"
        ]
    );
    assert_eq!((asked(&api, "POST", "/air/orders"), orders(&api, &token).len()), (1, 1));
    assert_eq!(items(&ann, &trip).await.len(), 1);
}

#[tokio::test]
async fn fifty_of_fifty_unknown_outcomes_are_looked_for_first() {
    let api = Api::start().await;
    for index in 0..50 {
        let (user, token) = traveller(&api, &format!("user-{index}")).await;
        let offer = offer(&api, &token, "LHR", "JFK", adult()).await;
        api.sandboxes().reset();
        let executed = index % 2 == 0;
        let effect = if executed { Effect::LoseReply } else { Effect::Reset };
        fail(&api, effect, "POST", "/air/orders");
        let answer = post(&user, BOOKINGS, "k", &order(&offer)).await;
        assert_eq!(answer.status, if executed { 201 } else { 202 }, "{}", answer.text);
        let calls = api.sandboxes().calls(Provider::Duffel);
        let sent: Vec<&str> = calls.iter().map(|call| call.method.as_str()).collect();
        let first = sent.iter().position(|method| *method == "POST").unwrap();
        assert_eq!(sent.iter().filter(|method| **method == "POST").count(), 1, "{index}");
        assert!(
            calls[first + 1].path.starts_with("/air/orders?offer_id="),
            "{index}: the next step is a look"
        );
        assert_eq!(orders(&api, &token).len(), usize::from(executed));
    }
}

#[tokio::test]
async fn an_order_that_never_arrived_fails_within_five_minutes() {
    let api = Api::start().await;
    let (ann, token) = traveller(&api, "ann").await;
    let offer = offer(&api, &token, "LHR", "JFK", adult()).await;
    fail(&api, Effect::Reset, "POST", "/air/orders");
    let answer = post(&ann, BOOKINGS, "k", &order(&offer)).await.expect(202);
    let id = answer.text_of("id");
    assert_eq!(
        (answer.text_of("status"), answer.text_of("under_way")),
        ("pending".to_owned(), "ordering".to_owned())
    );
    api.sandboxes().reset();
    for _ in 0..2 {
        api.advance(minutes(1));
        api.run_job(Job::SettleBookings).await.unwrap();
        assert_eq!(status(&ann, &id).await, "pending", "too early to believe it");
    }
    api.advance(minutes(1));
    api.run_job(Job::SettleBookings).await.unwrap();
    assert_eq!(status(&ann, &id).await, "failed");
    let booking = ann.get(&format!("{BOOKINGS}/{id}")).await.expect(200);
    assert_eq!(booking.data()["failure"]["reason"], "not_ordered");
    assert_eq!(asked(&api, "POST", "/air/orders"), 0);
    // Looked for once more, then nothing is left.
    api.advance(minutes(61));
    assert_eq!(api.run_job(Job::SettleBookings).await.unwrap().done, 1);
    api.advance(minutes(60 * 24));
    assert_eq!(api.run_job(Job::SettleBookings).await.unwrap().done, 0);
    // The idempotency key stands for that booking; another one orders anew.
    post(&ann, BOOKINGS, "k", &order(&offer))
        .await
        .refused(409, "NOT_ORDERED");
    assert_eq!(orders(&api, &token), Vec::<Value>::new());
}

#[tokio::test]
async fn an_order_that_was_accepted_is_waited_for() {
    let api = Api::start().await;
    let (ann, token) = traveller(&api, "ann").await;
    let trip = ann.trip("New York").await;
    let offer = offer(&api, &token, "LHR", "JFK", adult()).await;
    fail(
        &api,
        Effect::Accept(Some(Duration::from_secs(600))),
        "POST",
        "/air/orders",
    );
    let mut body = order(&offer);
    body["trip_id"] = trip.as_str().into();
    let id = post(&ann, BOOKINGS, "k", &body).await.expect(202).text_of("id");
    for _ in 0..9 {
        api.advance(minutes(1));
        api.run_job(Job::SettleBookings).await.unwrap();
    }
    assert_eq!(
        status(&ann, &id).await,
        "pending",
        "an order that was accepted is never believed to be absent"
    );
    api.advance(minutes(20));
    api.run_job(Job::SettleBookings).await.unwrap();
    assert_eq!(status(&ann, &id).await, "booked");
    assert_eq!((asked(&api, "POST", "/air/orders"), orders(&api, &token).len()), (1, 1));
    assert_eq!(items(&ann, &trip).await.len(), 1);
}

#[tokio::test]
async fn what_nobody_can_find_out_is_parked_where_a_person_sees_it() {
    let api = Api::start().await;
    let (ann, token) = traveller(&api, "ann").await;
    let offer = offer(&api, &token, "LHR", "JFK", adult()).await;
    fail(&api, Effect::Accept(None), "POST", "/air/orders");
    let id = post(&ann, BOOKINGS, "k", &order(&offer))
        .await
        .expect(202)
        .text_of("id");
    for _ in 0..110 {
        api.advance(minutes(15));
        api.run_job(Job::SettleBookings).await.unwrap();
    }
    assert_eq!(status(&ann, &id).await, "needs_review");
    assert_eq!(events(&ann, &id).await.last().unwrap(), "booking.parked");
    let parked = async || {
        let rows = api.dump().await;
        let due = rows
            .iter()
            .filter(|row| row.entity == Entity::Due && row.item["pk"]["S"] == "DUE#REVIEW");
        due.map(|row| row.item["id"]["S"].as_str().unwrap().to_owned())
            .collect::<Vec<_>>()
    };
    assert_eq!(parked().await, std::slice::from_ref(&id));
    let listed = ann.get(&format!("{BOOKINGS}?status=needs_review")).await.expect(200);
    assert_eq!(listed.data()[0]["id"], json!(id));
    assert_eq!(asked(&api, "POST", "/air/orders"), 1);
    // Its owner has settled it with the provider.
    let path = format!("{BOOKINGS}/{id}");
    ann.patch(&path, json!({ "status": "booked" }))
        .await
        .refused(409, "CONFLICT");
    let settled = ann
        .patch(&path, json!({ "status": "failed", "notes": "called them" }))
        .await
        .expect(200);
    assert_eq!(settled.text_of("status"), "failed");
    assert_eq!(parked().await, Vec::<String>::new());
}

#[tokio::test]
async fn a_provider_that_cannot_be_asked_costs_time_and_nothing_else() {
    let api = Api::start().await;
    let (ann, token) = traveller(&api, "ann").await;
    let offer = offer(&api, &token, "LHR", "JFK", adult()).await;
    fail(&api, Effect::LoseReply, "POST", "/air/orders");
    fail(&api, Effect::status(500), "GET", "/air/orders");
    let id = post(&ann, BOOKINGS, "k", &order(&offer))
        .await
        .expect(202)
        .text_of("id");
    api.sandboxes().stop(Provider::Duffel).await;
    for _ in 0..6 {
        api.advance(minutes(1));
        api.run_job(Job::SettleBookings).await.unwrap();
    }
    assert_eq!(
        status(&ann, &id).await,
        "pending",
        "nothing is believed of who does not answer"
    );
    api.sandboxes().start_again(Provider::Duffel).await.unwrap();
    api.sandboxes().reset();
    api.advance(minutes(20));
    api.run_job(Job::SettleBookings).await.unwrap();
    assert_eq!(status(&ann, &id).await, "booked");
    assert_eq!(orders(&api, &token).len(), 1);
}

#[tokio::test]
async fn without_the_vault_nothing_is_ordered_and_nothing_is_lost() {
    let api = Api::start().await;
    let (ann, token) = traveller(&api, "ann").await;
    let offer = offer(&api, &token, "LHR", "JFK", adult()).await;
    let broken = || tripsage_tests::Fault::aws(500, "KMSInternalException").operation("Decrypt");
    api.cloud().aws().fault(broken());
    post(&ann, BOOKINGS, "k", &order(&offer))
        .await
        .refused(503, "DEPENDENCY_UNAVAILABLE");
    assert_eq!(asked(&api, "POST", "/air/orders"), 0);
    api.cloud().aws().reset();
    fail(&api, Effect::Reset, "GET", "/air/orders");
    fail(&api, Effect::LoseReply, "POST", "/air/orders");
    let id = post(&ann, BOOKINGS, "k", &order(&offer))
        .await
        .expect(202)
        .text_of("id");
    api.sandboxes().reset();
    api.cloud().aws().fault(broken());
    api.advance(minutes(5));
    api.run_job(Job::SettleBookings).await.unwrap();
    assert_eq!(status(&ann, &id).await, "pending");
    api.cloud().aws().reset();
    api.advance(minutes(5));
    api.run_job(Job::SettleBookings).await.unwrap();
    assert_eq!(status(&ann, &id).await, "booked");
}
