//! A cloud over AWS's own DynamoDB Local instead of the embedded engine.
#![allow(clippy::unwrap_used, reason = "the whole crate is a test")]

mod support;

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::types::AttributeValue;
use support::{environment, start};
use tripsage_emulators::{Cloud, CloudOptions};

#[expect(
    clippy::disallowed_methods,
    reason = "the script that starts DynamoDB Local says where it listens"
)]
async fn cloud() -> Cloud {
    let dynamodb_url = Some(std::env::var("DYNAMODB_URL").unwrap());
    start(CloudOptions {
        dynamodb_url,
        proxied: true,
        ..CloudOptions::default()
    })
    .await
}

async fn put_once(client: &Client) -> bool {
    let text = |value: &str| AttributeValue::S(value.to_owned());
    let put = client
        .put_item()
        .table_name("tripsage-dev-Things")
        .item("pk", text("a"))
        .item("sk", text("a"));
    put.condition_expression("attribute_not_exists(pk)")
        .send()
        .await
        .is_ok()
}

#[tokio::test]
#[ignore = "needs DynamoDB Local; conformance/dynamodb.sh runs it"]
async fn clouds_over_one_server_have_tables_of_their_own() {
    let (one, other) = (cloud().await, cloud().await);
    for cloud in [&one, &other] {
        let client = client!(aws_sdk_dynamodb, environment(cloud), "AWS_ENDPOINT_URL_DYNAMODB");
        let expiry = client
            .describe_time_to_live()
            .table_name("tripsage-dev-Things")
            .send()
            .await
            .unwrap();
        assert_eq!(
            expiry.time_to_live_description.unwrap().attribute_name.as_deref(),
            Some("expires_at")
        );
        assert!(put_once(&client).await);
        assert!(!put_once(&client).await);
        assert_eq!(cloud.dynamodb().calls().len(), 3);
        assert!(cloud.dynamodb_engine().is_none());
    }
}
