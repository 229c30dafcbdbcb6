//! The local DynamoDB: tables come from the template, and data outlives the process.
#![allow(clippy::unwrap_used, reason = "the whole crate is a test")]

mod support;

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::types::AttributeValue;
use support::{TEMPLATE, environment, start};
use tripsage_emulators::{Cloud, CloudOptions, StartError, Template};

fn on_disk(directory: &tempfile::TempDir) -> CloudOptions {
    CloudOptions {
        data: Some(directory.path().to_owned()),
        ..CloudOptions::default()
    }
}

fn dynamodb(cloud: &Cloud) -> Client {
    client!(aws_sdk_dynamodb, environment(cloud), "AWS_ENDPOINT_URL_DYNAMODB")
}

async fn put(client: &Client, pk: &str) {
    let text = |value: &str| AttributeValue::S(value.to_owned());
    client
        .put_item()
        .table_name("tripsage-dev-Things")
        .item("pk", text(pk))
        .item("sk", text("a"))
        .item("owner", text("ann"))
        .send()
        .await
        .unwrap();
}

async fn exists(client: &Client, pk: &str) -> bool {
    let text = |value: &str| AttributeValue::S(value.to_owned());
    let found = client
        .get_item()
        .table_name("tripsage-dev-Things")
        .key("pk", text(pk))
        .key("sk", text("a"));
    found.send().await.unwrap().item.is_some()
}

#[tokio::test]
async fn the_tables_of_the_template_exist() {
    let cloud = start(CloudOptions::default()).await;
    let client = dynamodb(&cloud);
    let table = client
        .describe_table()
        .table_name("tripsage-dev-Things")
        .send()
        .await
        .unwrap()
        .table
        .unwrap();
    assert_eq!(table.key_schema().len(), 2);
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
    assert_eq!(environment(&cloud)["TABLE"], "tripsage-dev-Things");
    cloud.shutdown().await;
}

#[tokio::test]
async fn every_cloud_has_its_own_data() {
    let (one, other) = (
        start(CloudOptions::default()).await,
        start(CloudOptions::default()).await,
    );
    put(&dynamodb(&one), "x").await;
    assert!(exists(&dynamodb(&one), "x").await);
    assert!(!exists(&dynamodb(&other), "x").await);
}

#[tokio::test]
async fn stages_are_apart_on_the_same_data() {
    let directory = tempfile::tempdir().unwrap();
    let options = CloudOptions {
        stage: "staging".into(),
        ..on_disk(&directory)
    };
    let cloud = start(options).await;
    assert_eq!(environment(&cloud)["TABLE"], "tripsage-staging-Things");
}

#[tokio::test]
async fn expired_items_are_swept() {
    let cloud = start(CloudOptions::default()).await;
    let client = dynamodb(&cloud);
    for (pk, expires_at) in [("past", "1000"), ("future", "99999999999")] {
        put(&client, pk).await;
        client
            .update_item()
            .table_name("tripsage-dev-Things")
            .key("pk", AttributeValue::S(pk.into()))
            .key("sk", AttributeValue::S("a".into()))
            .update_expression("SET expires_at = :at")
            .expression_attribute_values(":at", AttributeValue::N(expires_at.into()))
            .send()
            .await
            .unwrap();
    }
    assert_eq!(cloud.dynamodb_engine().unwrap().database().sweep_ttl().unwrap(), 1);
    assert!(!exists(&client, "past").await && exists(&client, "future").await);
}

#[tokio::test]
async fn an_older_data_directory_gains_what_is_missing_and_loses_nothing() {
    let directory = tempfile::tempdir().unwrap();
    let cloud = start(on_disk(&directory)).await;
    put(&dynamodb(&cloud), "kept").await;
    cloud.shutdown().await;

    let newer = TEMPLATE
        .replace(
            "[{ AttributeName: pk, AttributeType: S }, ",
            "[{ AttributeName: owner, AttributeType: S }, { AttributeName: kind, AttributeType: S }, \
             { AttributeName: pk, AttributeType: S }, ",
        )
        .replace(
            "      TimeToLiveSpecification",
            "      StreamSpecification: { StreamViewType: NEW_IMAGE }\n      GlobalSecondaryIndexes:\n        \
             - { IndexName: by_owner, KeySchema: [{ AttributeName: owner, KeyType: HASH }], Projection: { ProjectionType: ALL } }\n        \
             - { IndexName: by_kind, KeySchema: [{ AttributeName: kind, KeyType: HASH }], Projection: { ProjectionType: KEYS_ONLY } }\n      \
             TimeToLiveSpecification",
        )
        + "  Later:\n    Type: AWS::DynamoDB::Table\n    Properties:\n      AttributeDefinitions: \
           [{ AttributeName: id, AttributeType: S }]\n      KeySchema: [{ AttributeName: id, KeyType: HASH }]\n";
    let newer = Template::parse(&newer).unwrap();
    // Twice: bringing up what is already up must change nothing.
    for _ in 0..2 {
        let cloud = Cloud::start(&newer, on_disk(&directory)).await.unwrap();
        let client = dynamodb(&cloud);
        assert!(exists(&client, "kept").await);
        let by_owner = client
            .query()
            .table_name("tripsage-dev-Things")
            .index_name("by_owner")
            .key_condition_expression("#o = :o")
            .expression_attribute_names("#o", "owner")
            .expression_attribute_values(":o", AttributeValue::S("ann".into()));
        assert_eq!(
            by_owner.send().await.unwrap().count(),
            1,
            "items written before the index are in it"
        );
        let table = client
            .describe_table()
            .table_name("tripsage-dev-Things")
            .send()
            .await
            .unwrap()
            .table
            .unwrap();
        assert_eq!(table.global_secondary_indexes().len(), 2);
        assert!(table.stream_specification.unwrap().stream_enabled());
        client
            .describe_table()
            .table_name("tripsage-dev-Later")
            .send()
            .await
            .unwrap();
        cloud.shutdown().await;
    }
    // Back to the older template: the newer table and indexes stay.
    let cloud = start(on_disk(&directory)).await;
    dynamodb(&cloud)
        .describe_table()
        .table_name("tripsage-dev-Later")
        .send()
        .await
        .unwrap();
    cloud.shutdown().await;

    let other_key = TEMPLATE.replace("AttributeName: pk", "AttributeName: id");
    let refused = Cloud::start(&Template::parse(&other_key).unwrap(), on_disk(&directory))
        .await
        .unwrap_err();
    assert!(
        refused
            .to_string()
            .contains("Things: the data directory holds it with another key"),
        "{refused}"
    );
}

#[tokio::test]
async fn what_prevents_a_start_is_said_in_one_line() {
    let directory = tempfile::tempdir().unwrap();
    let template = Template::parse(TEMPLATE).unwrap();
    let first = start(on_disk(&directory)).await;
    let shared = Cloud::start(&template, on_disk(&directory)).await.unwrap_err();
    assert!(shared.to_string().ends_with("another process is using it"), "{shared}");

    let file = directory.path().join("file");
    std::fs::write(&file, "").unwrap();
    let unwritable = CloudOptions {
        data: Some(file),
        ..CloudOptions::default()
    };
    assert!(matches!(
        Cloud::start(&template, unwritable).await,
        Err(StartError::Data { .. })
    ));

    let port = environment(&first)["AWS_ENDPOINT_URL_DYNAMODB"]
        .rsplit(':')
        .next()
        .unwrap()
        .parse()
        .unwrap();
    let mut taken = CloudOptions::default();
    taken.ports.dynamodb = port;
    let taken = Cloud::start(&template, taken).await.unwrap_err();
    assert!(
        taken
            .to_string()
            .contains(&format!("cannot listen on 127.0.0.1:{port}")),
        "{taken}"
    );

    let unknown = CloudOptions {
        parameters: BTreeMap::from([("Nope".into(), "1".into())]),
        ..CloudOptions::default()
    };
    assert!(matches!(
        Cloud::start(&template, unknown).await,
        Err(StartError::Template(_))
    ));
}

#[tokio::test]
async fn starting_in_memory_is_cheap_enough_for_every_test() {
    let started = Instant::now();
    let _cloud = start(CloudOptions::default()).await;
    // Milliseconds in truth; the bound only catches a change of kind on a loaded machine.
    assert!(started.elapsed() < Duration::from_secs(2), "{:?}", started.elapsed());
}
