use reqwest::Method;
use serde_json::{Value, json};
use tripsage_tests::{Answer, Api, Effect, Fault, User};

const TRIPS: &str = "/api/v1/trips";

fn trip(title: &str) -> Value {
    json!({ "title": title, "start_date": "2027-04-01", "end_date": "2027-04-02", "destinations": ["Tokyo"] })
}

async fn create(user: &User, key: &str, body: &Value) -> Answer {
    Answer::of(
        user.request(Method::POST, TRIPS)
            .header("idempotency-key", key)
            .json(body),
    )
    .await
}

async fn count(user: &User) -> usize {
    user.get(TRIPS).await.expect(200).data().as_array().unwrap().len()
}

#[tokio::test]
async fn a_repeated_request_is_answered_from_memory() {
    let api = Api::start().await;
    let (alice, bob) = (api.user("alice").await, api.user("bob").await);
    let first = create(&alice, "k1", &trip("Japan")).await.expect(201);
    let again = create(&alice, "k1", &trip("Japan")).await.expect(201);
    assert_eq!(
        (first.text, first.headers["etag"].clone()),
        (again.text.clone(), again.headers["etag"].clone())
    );
    assert_eq!(again.header("idempotency-replayed"), "true");
    assert_eq!(again.header("location"), first.headers["location"].to_str().unwrap());
    create(&alice, "k1", &trip("Peru"))
        .await
        .refused(422, "IDEMPOTENCY_KEY_REUSED");
    assert_ne!(
        create(&bob, "k1", &trip("Japan")).await.expect(201).text,
        again.text,
        "keys are each user's own"
    );
    assert_eq!((count(&alice).await, count(&bob).await), (1, 1));
    api.advance(jiff::SignedDuration::from_hours(25));
    create(&alice, "k1", &trip("Peru")).await.expect(201);
    assert_eq!(count(&alice).await, 2);
}

#[tokio::test]
async fn a_hundred_identical_requests_at_once_make_one_trip() {
    let api = Api::start().await;
    let alice = api.user("alice").await;
    let tasks: Vec<_> = (0..100)
        .map(|_| {
            let alice = alice.clone();
            tokio::spawn(async move { create(&alice, "same", &trip("Japan")).await })
        })
        .collect();
    let mut made = 0;
    for task in tasks {
        let answer = task.await.unwrap();
        match answer.status {
            201 => made += 1,
            _ => assert_ne!(answer.refused(409, "REQUEST_IN_PROGRESS").header("retry-after"), ""),
        }
    }
    assert!(made >= 1);
    assert_eq!(count(&alice).await, 1);
}

#[tokio::test]
async fn refusals_are_not_remembered() {
    let api = Api::start().await;
    let alice = api.user("alice").await;
    create(&alice, "k", &json!({ "title": "" }))
        .await
        .refused(400, "VALIDATION_ERROR");
    create(&alice, "k", &trip("Japan")).await.expect(201);
    for key in [" ", "a b", &"x".repeat(256), "caf\u{e9}"] {
        let request = alice
            .request(Method::POST, TRIPS)
            .header("idempotency-key", key.as_bytes());
        Answer::of(request.json(&trip("Japan")))
            .await
            .refused(400, "INVALID_IDEMPOTENCY_KEY");
    }
    create(&alice, &"x".repeat(255), &trip("Peru")).await.expect(201);
}

#[tokio::test]
async fn an_answer_that_got_lost_after_the_work_was_done_is_given_at_the_next_attempt() {
    let api = Api::start().await;
    let alice = api.user("alice").await;
    // The trip is made, and no attempt to say so gets through.
    let lost = Fault::new(Effect::LoseReply).operation("TransactWriteItems").first(3);
    api.cloud().dynamodb().fault(lost);
    create(&alice, "k", &trip("Japan"))
        .await
        .refused(503, "DATABASE_UNAVAILABLE");
    api.forget_calls();
    assert_eq!(count(&alice).await, 1, "the work was done");
    create(&alice, "k", &trip("Japan"))
        .await
        .refused(409, "REQUEST_IN_PROGRESS");
    api.advance(jiff::SignedDuration::from_secs(31));
    create(&alice, "k", &trip("Japan")).await.expect(201);
    assert_eq!(count(&alice).await, 1);
}

#[tokio::test]
async fn an_attempt_that_was_overtaken_changes_nothing() {
    let api = Api::start().await;
    let alice = api.user("alice").await;
    // The first attempt stalls before it writes; the clock runs past its deadline; a second attempt does the work.
    let stall = Effect::Delay(std::time::Duration::from_millis(1500));
    api.cloud()
        .dynamodb()
        .fault(Fault::new(stall).operation("TransactWriteItems").nth(1));
    let first = {
        let alice = alice.clone();
        tokio::spawn(async move { create(&alice, "k", &trip("Japan")).await })
    };
    tokio::time::sleep(std::time::Duration::from_millis(400)).await;
    api.advance(jiff::SignedDuration::from_secs(31));
    let second = create(&alice, "k", &trip("Japan")).await.expect(201);
    let first = first.await.unwrap();
    assert_eq!(first.status, 409, "{}", first.text);
    assert_eq!(count(&alice).await, 1);
    assert_eq!(create(&alice, "k", &trip("Japan")).await.expect(201).text, second.text);
}
