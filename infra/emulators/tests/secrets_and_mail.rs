//! The local Secrets Manager and SES through the AWS SDK.
#![allow(clippy::unwrap_used, reason = "the whole crate is a test")]

mod support;

use aws_sdk_secretsmanager::error::ProvideErrorMetadata;
use aws_sdk_secretsmanager::operation::get_secret_value::GetSecretValueOutput;
use aws_sdk_sesv2::types::{Body, Content, Destination, EmailContent, Message};
use support::{environment, start};
use tripsage_emulators::{Cloud, CloudOptions};

fn secrets(cloud: &Cloud) -> aws_sdk_secretsmanager::Client {
    client!(
        aws_sdk_secretsmanager,
        environment(cloud),
        "AWS_ENDPOINT_URL_SECRETS_MANAGER"
    )
}

fn ses(cloud: &Cloud) -> aws_sdk_sesv2::Client {
    client!(aws_sdk_sesv2, environment(cloud), "AWS_ENDPOINT_URL_SESV2")
}

async fn get(client: &aws_sdk_secretsmanager::Client, id: &str, stage: &str) -> Result<GetSecretValueOutput, String> {
    let answer = client
        .get_secret_value()
        .secret_id(id)
        .version_stage(stage)
        .send()
        .await;
    answer.map_err(|error| error.code().unwrap_or("no code").to_owned())
}

#[tokio::test]
async fn secrets_of_the_template_are_made_once_and_kept() {
    let directory = tempfile::tempdir().unwrap();
    let options = || CloudOptions {
        data: Some(directory.path().to_owned()),
        ..CloudOptions::default()
    };
    let cloud = start(options()).await;
    let id = environment(&cloud)["RANDOM"].clone();
    let first = get(&secrets(&cloud), &id, "AWSCURRENT").await.unwrap();
    let text = first.secret_string().unwrap().to_owned();
    assert_eq!(text.len(), 48);
    assert!(text.chars().all(|c| c.is_ascii_alphanumeric()));
    assert!(first.created_date().unwrap().secs() > 1_700_000_000);
    let plain = get(&secrets(&cloud), &environment(&cloud)["PLAIN"], "AWSCURRENT")
        .await
        .unwrap();
    assert_eq!(plain.secret_string(), Some("{}"));
    cloud.shutdown().await;

    let cloud = start(options()).await;
    assert_eq!(
        get(&secrets(&cloud), &id, "AWSCURRENT").await.unwrap().secret_string(),
        Some(text.as_str())
    );
    let elsewhere = start(CloudOptions::default()).await;
    assert_ne!(
        get(&secrets(&elsewhere), &id, "AWSCURRENT")
            .await
            .unwrap()
            .secret_string(),
        Some(text.as_str())
    );
}

#[tokio::test]
async fn a_new_value_makes_the_old_one_previous() {
    let cloud = start(CloudOptions::default()).await;
    let client = secrets(&cloud);
    let id = environment(&cloud)["PLAIN"].clone();
    assert_eq!(
        get(&client, &id, "AWSPREVIOUS").await.unwrap_err(),
        "ResourceNotFoundException"
    );
    for value in ["one", "two"] {
        client
            .put_secret_value()
            .secret_id(&id)
            .secret_string(value)
            .send()
            .await
            .unwrap();
    }
    assert_eq!(
        get(&client, &id, "AWSCURRENT").await.unwrap().secret_string(),
        Some("two")
    );
    let previous = get(&client, &id, "AWSPREVIOUS").await.unwrap();
    assert_eq!(previous.secret_string(), Some("one"));
    let by_version = client
        .get_secret_value()
        .secret_id(&id)
        .version_id(previous.version_id().unwrap())
        .send()
        .await;
    assert_eq!(by_version.unwrap().secret_string(), Some("one"));

    let pending = client
        .put_secret_value()
        .secret_id(&id)
        .secret_string("three")
        .version_stages("AWSPENDING");
    let pending = pending.send().await.unwrap();
    assert_eq!(
        get(&client, &id, "AWSCURRENT").await.unwrap().secret_string(),
        Some("two")
    );
    let current = get(&client, &id, "AWSCURRENT")
        .await
        .unwrap()
        .version_id()
        .unwrap()
        .to_owned();
    let promotion = client
        .update_secret_version_stage()
        .secret_id(&id)
        .version_stage("AWSCURRENT");
    let promotion = promotion
        .move_to_version_id(pending.version_id().unwrap())
        .remove_from_version_id(current);
    promotion.send().await.unwrap();
    assert_eq!(
        get(&client, &id, "AWSCURRENT").await.unwrap().secret_string(),
        Some("three")
    );
    assert_eq!(
        get(&client, &id, "AWSPREVIOUS").await.unwrap().secret_string(),
        Some("two")
    );
    let described = client.describe_secret().secret_id(&id).send().await.unwrap();
    assert_eq!(
        described.version_ids_to_stages().unwrap().len(),
        2,
        "versions without a stage go"
    );
}

#[tokio::test]
async fn a_request_token_names_its_version() {
    let cloud = start(CloudOptions::default()).await;
    let client = secrets(&cloud);
    let token = "11111111-2222-3333-4444-555555555555";
    let create = || {
        client
            .create_secret()
            .name("app/key")
            .secret_string("a")
            .client_request_token(token)
            .send()
    };
    assert_eq!(create().await.unwrap().version_id(), Some(token));
    assert_eq!(create().await.unwrap_err().code(), Some("ResourceExistsException"));
    let put = |value: &str| {
        client
            .put_secret_value()
            .secret_id("app/key")
            .secret_string(value)
            .client_request_token(token)
            .send()
    };
    assert!(put("a").await.is_ok(), "the same again");
    assert_eq!(put("b").await.unwrap_err().code(), Some("ResourceExistsException"));

    let batch = client
        .batch_get_secret_value()
        .secret_id_list("app/key")
        .secret_id_list("app/none")
        .send()
        .await
        .unwrap();
    assert_eq!((batch.secret_values().len(), batch.errors().len()), (1, 1));
    assert_eq!(
        get(&client, "app/none", "AWSCURRENT").await.unwrap_err(),
        "ResourceNotFoundException"
    );
    let unsupported = client.delete_secret().secret_id("app/key").send().await.unwrap_err();
    assert_eq!(unsupported.code(), Some("UnknownOperationException"));
}

#[tokio::test]
async fn mails_are_kept_to_be_read() {
    let directory = tempfile::tempdir().unwrap();
    let options = || CloudOptions {
        data: Some(directory.path().to_owned()),
        ..CloudOptions::default()
    };
    let cloud = start(options()).await;
    let content = |text: &str| Content::builder().data(text).build().unwrap();
    let message = Message::builder()
        .subject(content("Your code"))
        .body(Body::builder().text(content("123456")).build())
        .build();
    let send = |to: &str| {
        ses(&cloud)
            .send_email()
            .from_email_address("no-reply@example.com")
            .destination(Destination::builder().to_addresses(to).build())
            .content(EmailContent::builder().simple(message.clone()).build())
            .send()
    };
    let id = send("ann@example.com").await.unwrap().message_id.unwrap();
    assert_eq!(
        send("ann@example.com\nBcc: all@example.com").await.unwrap_err().code(),
        Some("BadRequestException")
    );
    let mails = cloud.mails();
    assert_eq!(mails.len(), 1);
    assert_eq!(
        (mails[0].id.as_str(), mails[0].to[0].as_str()),
        (id.as_str(), "ann@example.com")
    );
    assert_eq!(
        (mails[0].subject.as_str(), mails[0].text.as_deref()),
        ("Your code", Some("123456"))
    );
    cloud.shutdown().await;
    assert_eq!(start(options()).await.mails(), mails);
}
