//! Counting round trips and injecting faults, through the AWS SDK and plain HTTP.
#![allow(clippy::unwrap_used, reason = "the whole crate is a test")]

mod support;

use std::time::{Duration, Instant};

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::config::retry::RetryConfig;
use aws_sdk_dynamodb::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_dynamodb::operation::update_item::{UpdateItemError, UpdateItemOutput};
use aws_sdk_dynamodb::types::{AttributeValue, ReturnConsumedCapacity};
use serde_json::{Value, json};
use support::{environment, start};
use tripsage_emulators::proxy::{Effect, Fault};
use tripsage_emulators::{Cloud, CloudOptions};

async fn proxied() -> Cloud {
    start(CloudOptions {
        proxied: true,
        ..CloudOptions::default()
    })
    .await
}

/// A client that tries once, so that what it meets is seen.
fn dynamodb(cloud: &Cloud) -> Client {
    let client = client!(aws_sdk_dynamodb, environment(cloud), "AWS_ENDPOINT_URL_DYNAMODB");
    Client::from_conf(
        client
            .config()
            .to_builder()
            .retry_config(RetryConfig::disabled())
            .build(),
    )
}

async fn add_one(client: &Client) -> Result<UpdateItemOutput, SdkError<UpdateItemError>> {
    client
        .update_item()
        .table_name("tripsage-dev-Things")
        .key("pk", AttributeValue::S("counter".into()))
        .key("sk", AttributeValue::S("a".into()))
        .update_expression("ADD n :one")
        .expression_attribute_values(":one", AttributeValue::N("1".into()))
        .return_consumed_capacity(ReturnConsumedCapacity::Total)
        .send()
        .await
}

async fn count(client: &Client) -> usize {
    let found = client
        .get_item()
        .table_name("tripsage-dev-Things")
        .key("pk", AttributeValue::S("counter".into()))
        .key("sk", AttributeValue::S("a".into()))
        .send()
        .await
        .unwrap();
    found.item.map_or(0, |item| item["n"].as_n().unwrap().parse().unwrap())
}

#[tokio::test]
async fn calls_and_capacity_are_counted() {
    let cloud = proxied().await;
    let client = dynamodb(&cloud);
    add_one(&client).await.unwrap();
    count(&client).await;
    let calls = cloud.dynamodb().calls();
    let operations: Vec<_> = calls.iter().map(|call| call.operation.as_deref().unwrap()).collect();
    assert_eq!(operations, ["UpdateItem", "GetItem"]);
    assert_eq!(
        (calls[0].method.as_str(), calls[0].path.as_str(), calls[0].status),
        ("POST", "/", Some(200))
    );
    assert!((calls[0].capacity - 1.0).abs() < f64::EPSILON, "{}", calls[0].capacity);
    let body: Value = serde_json::from_slice(&calls[0].body).unwrap();
    assert_eq!(body["UpdateExpression"], "ADD n :one");
    cloud.dynamodb().reset();
    assert!(cloud.dynamodb().calls().is_empty());
    cloud.shutdown().await;
}

#[tokio::test]
async fn a_lost_reply_was_executed_and_a_reset_was_not() {
    let cloud = proxied().await;
    let client = dynamodb(&cloud);
    add_one(&client).await.unwrap();

    cloud
        .dynamodb()
        .fault(Fault::new(Effect::LoseReply).operation("UpdateItem").nth(1));
    let lost = add_one(&client).await.unwrap_err();
    assert!(matches!(lost, SdkError::DispatchFailure(_)), "{lost:?}");
    assert_eq!(count(&client).await, 2);

    cloud.dynamodb().reset();
    cloud
        .dynamodb()
        .fault(Fault::new(Effect::Reset).operation("UpdateItem").first(2));
    for _ in 0..2 {
        assert!(matches!(
            add_one(&client).await.unwrap_err(),
            SdkError::DispatchFailure(_)
        ));
    }
    assert_eq!(count(&client).await, 2);
    let answered: Vec<_> = cloud.dynamodb().calls().iter().map(|call| call.status).collect();
    assert_eq!(answered, [None, None, Some(200)]);
    add_one(&client).await.unwrap();
    assert_eq!(count(&client).await, 3);
}

#[tokio::test]
async fn errors_of_aws_and_delays_are_injected() {
    let cloud = proxied().await;
    let client = dynamodb(&cloud);
    cloud
        .dynamodb()
        .fault(Fault::aws(400, "TransactionConflictException").first(1));
    assert_eq!(
        add_one(&client).await.unwrap_err().code(),
        Some("TransactionConflictException")
    );
    assert_eq!(count(&client).await, 0);

    cloud
        .dynamodb()
        .fault(Fault::new(Effect::Delay(Duration::from_millis(120))).operation("UpdateItem"));
    let started = Instant::now();
    add_one(&client).await.unwrap();
    assert!(started.elapsed() >= Duration::from_millis(120));

    // The SDK retries what AWS calls throttling: one operation, two calls.
    let patient = client!(aws_sdk_dynamodb, environment(&cloud), "AWS_ENDPOINT_URL_DYNAMODB");
    cloud.dynamodb().reset();
    cloud.dynamodb().fault(Fault::aws(400, "ThrottlingException").first(1));
    add_one(&patient).await.unwrap();
    assert_eq!(cloud.dynamodb().calls().len(), 2);
    assert_eq!(count(&client).await, 2);
}

#[tokio::test]
async fn upstash_and_the_aws_services_are_behind_it_too() {
    let cloud = proxied().await;
    let secrets = client!(
        aws_sdk_secretsmanager,
        environment(&cloud),
        "AWS_ENDPOINT_URL_SECRETS_MANAGER"
    );
    let id = environment(&cloud)["UPSTASH_SECRET"].clone();
    let secret = secrets.get_secret_value().secret_id(id).send().await.unwrap();
    assert_eq!(cloud.aws().calls()[0].operation.as_deref(), Some("GetSecretValue"));

    let secret: Value = serde_json::from_str(secret.secret_string().unwrap()).unwrap();
    let (url, token) = (secret["url"].as_str().unwrap(), secret["token"].as_str().unwrap());
    assert_eq!(url, cloud.upstash().url());
    let http = reqwest::Client::new();
    let pipeline = || {
        http.post(format!("{url}/pipeline"))
            .bearer_auth(token)
            .json(&json!([["set", "a", "1"], ["get", "a"]]))
    };
    let answer: Value = pipeline().send().await.unwrap().json().await.unwrap();
    assert_eq!(answer, json!([{ "result": "OK" }, { "result": "1" }]));
    assert_eq!(
        (cloud.upstash().calls().len(), cloud.upstash_engine().commands()),
        (1, 2)
    );
    let anonymous = http.post(url).json(&json!(["get", "a"])).send().await.unwrap();
    assert_eq!(anonymous.status(), 401);

    cloud.upstash().fault(Fault::new(Effect::Reset).path("/pipeline"));
    assert!(pipeline().send().await.is_err());
    assert_eq!(cloud.upstash_engine().commands(), 2);
    cloud.shutdown().await;
}

#[tokio::test]
#[should_panic(expected = "proxied: true")]
async fn counting_without_a_proxy_is_a_mistake_of_the_test() {
    start(CloudOptions::default()).await.dynamodb().calls();
}
