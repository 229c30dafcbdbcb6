//! The process stops at any of its calls; then the same request comes again, or a job.
//!
//! Every call of DynamoDB, KMS and Duffel is a place to stop: a call is held for ever, the request is dropped there, and
//! the world goes on without it. The calls of a request follow each other, so holding each one in turn stops it after
//! every step that it can have done.

use std::time::Duration;

use serde_json::{Value, json};
use tripsage_sandboxes::Provider;
use tripsage_tests::{Answer, Api, Job, User};

use super::{BOOKINGS, adult, events, items, minutes, offer, order, orders, paying::held, post, traveller};

const FOR_EVER: Duration = Duration::from_secs(3600);

/// Whose calls are held.
#[derive(Debug, Clone, Copy)]
enum Where {
    DynamoDb,
    Kms,
    Duffel,
}

/// What happens after the stop.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Then {
    SameRequest,
    Job,
}

/// Sends a request and stops it at the nth call there; `false`: it was through before.
async fn stopped(api: &Api, place: Where, nth: u64, send: impl Future<Output = Answer> + Send + 'static) -> bool {
    let held = match place {
        Where::DynamoDb => {
            api.cloud().dynamodb().reset();
            let delay = tripsage_tests::Fault::new(tripsage_tests::Effect::Delay(FOR_EVER));
            api.cloud().dynamodb().fault(delay.nth(nth));
            Box::new(|| api.cloud().dynamodb().delayed() > 0) as Box<dyn Fn() -> bool>
        }
        Where::Kms => {
            api.cloud().aws().reset();
            let delay = tripsage_tests::Fault::new(tripsage_tests::Effect::Delay(FOR_EVER)).operation("Decrypt");
            api.cloud().aws().fault(delay.nth(nth));
            Box::new(|| api.cloud().aws().delayed() > 0)
        }
        Where::Duffel => {
            api.sandboxes().reset();
            let delay = tripsage_sandboxes::Fault::new(tripsage_sandboxes::Effect::Delay(FOR_EVER));
            api.sandboxes().fail(Provider::Duffel, delay.nth(nth));
            Box::new(|| api.sandboxes().delayed(Provider::Duffel) > 0)
        }
    };
    let mut request = tokio::spawn(send);
    let was_stopped = loop {
        if held() {
            break true;
        }
        if tokio::time::timeout(Duration::from_millis(3), &mut request)
            .await
            .is_ok()
        {
            break false;
        }
    };
    request.abort();
    api.cloud().dynamodb().reset();
    api.cloud().aws().reset();
    api.sandboxes().reset();
    was_stopped
}

/// Lets the jobs run for five minutes.
async fn five_minutes(api: &Api) {
    for _ in 0..5 {
        api.advance(minutes(1));
        api.run_job(Job::SettleBookings).await.unwrap();
    }
}

/// The one booking of a user; `Null`: there is none.
async fn the_booking(user: &User) -> Value {
    let answer = user.get(BOOKINGS).await.expect(200);
    let list = answer.data().as_array().unwrap();
    assert!(list.len() <= 1, "{}", answer.text);
    list.first().cloned().unwrap_or(Value::Null)
}

/// Runs a scenario with a stop at each call, until there is none left to stop at; says how many there were.
async fn sweep<F: Future<Output = bool>>(scenario: impl Fn(Where, u64, Then) -> F) -> usize {
    let mut stops = 0;
    for place in [Where::DynamoDb, Where::Kms, Where::Duffel] {
        for then in [Then::SameRequest, Then::Job] {
            for nth in 1.. {
                if !scenario(place, nth, then).await {
                    break;
                }
                stops += 1;
            }
        }
    }
    stops
}

#[tokio::test]
async fn an_order_exists_once_or_not_at_all_wherever_the_process_stops() {
    let api = Api::start().await;
    let api = &api;
    let stops = sweep(async |place, nth, then| {
        let name = format!("u{place:?}{nth}{then:?}").to_lowercase();
        let (user, token) = traveller(api, &name).await;
        let trip = user.trip("New York").await;
        let offer = offer(api, &token, "LHR", "JFK", adult()).await;
        let mut body = order(&offer);
        body["trip_id"] = trip.as_str().into();
        let (sender, sent) = (user.clone(), body.clone());
        let was_stopped = stopped(
            api,
            place,
            nth,
            async move { post(&sender, BOOKINGS, "k", &sent).await },
        )
        .await;
        if was_stopped && then == Then::SameRequest {
            post(&user, BOOKINGS, "k", &body).await;
            api.advance(minutes(1));
            let again = post(&user, BOOKINGS, "k", &body).await;
            assert!(again.status < 500, "{name}: {}", again.text);
        }
        five_minutes(api).await;
        let (booking, made) = (the_booking(&user).await, orders(api, &token).len());
        let in_trip = items(&user, &trip).await.len();
        match booking["status"].as_str() {
            Some("booked") => assert_eq!((made, in_trip), (1, 1), "{name}: {booking}"),
            Some("failed") => assert_eq!((made, in_trip), (0, 0), "{name}: {booking}"),
            None if then == Then::Job => assert_eq!((made, in_trip), (0, 0), "{name}"),
            other => panic!("{name}: {other:?} {booking}"),
        }
        was_stopped
    })
    .await;
    assert!(stops > 30, "{stops}");
}

#[tokio::test]
async fn a_hold_is_paid_once_or_not_at_all_wherever_the_process_stops() {
    let api = Api::start().await;
    let api = &api;
    let stops = sweep(async |place, nth, then| {
        let name = format!("u{place:?}{nth}{then:?}").to_lowercase();
        let (user, token) = traveller(api, &name).await;
        let (id, trip) = held(api, &user, &token).await;
        let path = format!("{BOOKINGS}/{id}/pay");
        let (sender, pay) = (user.clone(), path.clone());
        let was_stopped = stopped(
            api,
            place,
            nth,
            async move { post(&sender, &pay, "k", &json!({})).await },
        )
        .await;
        if was_stopped && then == Then::SameRequest {
            api.advance(minutes(1));
            let again = post(&user, &path, "k", &json!({})).await;
            assert!(matches!(again.status, 200 | 202), "{name}: {}", again.text);
        }
        five_minutes(api).await;
        let (booking, made) = (the_booking(&user).await, orders(api, &token));
        let paid = !made[0]["payment_status"]["awaiting_payment"].as_bool().unwrap();
        assert_eq!(booking["under_way"], Value::Null, "{name}");
        let expected = if paid {
            ("booked", "booked")
        } else {
            ("held", "planned")
        };
        let items = items(&user, &trip).await;
        let found = (
            booking["status"].as_str().unwrap(),
            items[0]["status"].as_str().unwrap(),
        );
        assert_eq!((found, made.len()), (expected, 1), "{name}");
        if !paid {
            post(&user, &path, "another", &json!({})).await.expect(200);
        }
        let log = events(&user, &id).await;
        assert_eq!(
            log.iter().filter(|event| *event == "payment.succeeded").count(),
            1,
            "{name}: {log:?}"
        );
        was_stopped
    })
    .await;
    assert!(stops > 20, "{stops}");
}

#[tokio::test]
async fn a_cancellation_is_confirmed_once_or_not_at_all_wherever_the_process_stops() {
    let api = Api::start().await;
    let api = &api;
    let stops = sweep(async |place, nth, then| {
        let name = format!("u{place:?}{nth}{then:?}").to_lowercase();
        let (user, token) = traveller(api, &name).await;
        let (id, trip) = super::cancelling::booked(api, &user, &token, "LHR", "JFK").await;
        let path = format!("{BOOKINGS}/{id}/cancel");
        let quote = user.post(&path, json!({})).await.expect(200).data()["cancellation"]["quote_id"].clone();
        let body = json!({ "confirm": true, "quote_id": quote });
        let (sender, cancel, sent) = (user.clone(), path.clone(), body.clone());
        let was_stopped = stopped(api, place, nth, async move { post(&sender, &cancel, "k", &sent).await }).await;
        if was_stopped && then == Then::SameRequest {
            api.advance(minutes(1));
            let again = post(&user, &path, "k", &body).await;
            assert!(matches!(again.status, 200 | 202), "{name}: {}", again.text);
        }
        five_minutes(api).await;
        let (booking, made) = (the_booking(&user).await, orders(api, &token));
        let cancelled = !made[0]["cancelled_at"].is_null();
        assert_eq!(booking["under_way"], Value::Null, "{name}");
        let expected = if cancelled { "cancelled" } else { "booked" };
        let items = items(&user, &trip).await;
        assert_eq!(
            (
                booking["status"].as_str().unwrap(),
                items[0]["status"].as_str().unwrap()
            ),
            (expected, expected),
            "{name}"
        );
        was_stopped
    })
    .await;
    assert!(stops > 20, "{stops}");
}

#[tokio::test]
async fn who_was_overtaken_while_it_stalled_changes_nothing_any_more() {
    let api = Api::start().await;
    // Each write of the first attempt stalls once, until the second attempt is through.
    for nth in 1..=4 {
        let name = format!("u{nth}");
        let (user, token) = traveller(&api, &name).await;
        let trip = user.trip("New York").await;
        let offer = offer(&api, &token, "LHR", "JFK", adult()).await;
        let mut body = order(&offer);
        body["trip_id"] = trip.as_str().into();
        api.cloud().dynamodb().reset();
        let stall = tripsage_tests::Fault::new(tripsage_tests::Effect::Delay(Duration::from_millis(1500)));
        api.cloud()
            .dynamodb()
            .fault(stall.operation("TransactWriteItems").nth(nth));
        let (sender, sent) = (user.clone(), body.clone());
        let first = tokio::spawn(async move { post(&sender, BOOKINGS, "k", &sent).await });
        while api.cloud().dynamodb().delayed() == 0 && !first.is_finished() {
            tokio::time::sleep(Duration::from_millis(3)).await;
        }
        api.advance(minutes(1));
        let second = post(&user, BOOKINGS, "k", &body).await;
        first.await.unwrap();
        assert!(second.status < 500, "{name}: {}", second.text);
        five_minutes(&api).await;
        let (booking, made) = (the_booking(&user).await, orders(&api, &token).len());
        assert_eq!((booking["status"].as_str(), made), (Some("booked"), 1), "{name}");
        assert_eq!(items(&user, &trip).await.len(), 1);
    }
}
