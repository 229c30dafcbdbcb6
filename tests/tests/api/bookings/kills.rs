//! The process stops at any of its calls; then the same request comes again, or a job.
//!
//! Every call of DynamoDB, KMS and Duffel is a place to stop: a call is held for ever, the request is dropped there, and
//! the world goes on without it. The calls of a request follow each other, so holding each one in turn stops it after
//! every step that it can have done.

use std::time::Duration;

use axum::body::Body;
use serde_json::{Value, json};
use tower::ServiceExt;
use tripsage_sandboxes::Provider;
use tripsage_tests::{Api, Job, User};

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

/// A process of the function that answers one request, until it is dropped.
fn process(api: &Api, user: &User, path: &str, body: &Value) -> impl Future<Output = u16> + Send + 'static {
    let duffel = api.sandboxes().url(Provider::Duffel);
    let router = bookings::router(&api.runtime_with("bookings", &[("DUFFEL_URL", duffel)]));
    let request = http::Request::post(path)
        .header("authorization", format!("Bearer {}", user.token))
        .header("idempotency-key", "k")
        .header("content-type", "application/json")
        .body(Body::from(body.to_string()))
        .unwrap();
    async move {
        let Ok(response) = router.oneshot(request).await;
        response.status().as_u16()
    }
}

/// Starts a process with a request, and kills it at the nth call there; `false`: it was through before.
async fn killed(api: &Api, place: Where, nth: u64, user: &User, path: &str, body: &Value) -> bool {
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
    let process = tokio::spawn(process(api, user, path, body));
    let was_killed = loop {
        if held() {
            break true;
        }
        if process.is_finished() {
            break false;
        }
        tokio::time::sleep(Duration::from_millis(3)).await;
    };
    process.abort();
    let _ = process.await;
    api.cloud().dynamodb().reset();
    api.cloud().aws().reset();
    api.sandboxes().reset();
    was_killed
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
        let was_killed = killed(api, place, nth, &user, BOOKINGS, &body).await;
        if was_killed && then == Then::SameRequest {
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
        was_killed
    })
    .await;
    assert!(stops > 30, "{stops}");
}

#[tokio::test]
async fn a_stay_is_booked_once_or_not_at_all_wherever_the_process_stops() {
    let api = Api::start().await;
    let api = &api;
    let stops = sweep(async |place, nth, then| {
        let name = format!("u{place:?}{nth}{then:?}").to_lowercase();
        let (user, token) = traveller(api, &name).await;
        let rate = super::stays::rate(api, &token).await;
        let body = super::stays::stay(&rate);
        let was_killed = killed(api, place, nth, &user, BOOKINGS, &body).await;
        if was_killed && then == Then::SameRequest {
            api.advance(minutes(1));
            let again = post(&user, BOOKINGS, "k", &body).await;
            assert!(again.status < 500, "{name}: {}", again.text);
        }
        five_minutes(api).await;
        let (booking, made) = (the_booking(&user).await, api.sandboxes().duffel().stays(&token).len());
        match booking["status"].as_str() {
            Some("booked") => assert_eq!(made, 1, "{name}: {booking}"),
            Some("failed") => assert_eq!(made, 0, "{name}: {booking}"),
            None if then == Then::Job => assert_eq!(made, 0, "{name}"),
            other => panic!("{name}: {other:?} {booking}"),
        }
        was_killed
    })
    .await;
    assert!(stops > 20, "{stops}");
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
        let was_killed = killed(api, place, nth, &user, &path, &json!({})).await;
        if was_killed && then == Then::SameRequest {
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
        was_killed
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
        let was_killed = killed(api, place, nth, &user, &path, &body).await;
        if was_killed && then == Then::SameRequest {
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
        was_killed
    })
    .await;
    assert!(stops > 20, "{stops}");
}

#[tokio::test]
async fn who_was_overtaken_while_it_stalled_changes_nothing_any_more() {
    let api = Api::start().await;
    // Each write of the first attempt stalls once, until the second attempt is through.
    for nth in 1..=4 {
        let name = format!("user-{nth}");
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
