//! The local KMS through the AWS SDK: what the vault relies on.
#![allow(clippy::unwrap_used, reason = "the whole crate is a test")]

mod support;

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use aws_sdk_kms::Client;
use aws_sdk_kms::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_kms::operation::decrypt::{DecryptError, DecryptOutput};
use aws_sdk_kms::primitives::Blob;
use aws_sdk_kms::types::DataKeySpec;
use support::{environment, start};
use tripsage_emulators::{Cloud, CloudOptions};

const DAY_MS: i64 = 24 * 60 * 60 * 1000;

fn kms(cloud: &Cloud) -> Client {
    client!(aws_sdk_kms, environment(cloud), "AWS_ENDPOINT_URL_KMS")
}

async fn encrypt(client: &Client, key: &str) -> Blob {
    let sealed = client
        .encrypt()
        .key_id(key)
        .plaintext(Blob::new("secret"))
        .encryption_context("user", "ann")
        .encryption_context("provider", "duffel");
    sealed.send().await.unwrap().ciphertext_blob.unwrap()
}

async fn decrypt(client: &Client, blob: &Blob) -> Result<DecryptOutput, SdkError<DecryptError>> {
    let request = client.decrypt().ciphertext_blob(blob.clone());
    request
        .encryption_context("provider", "duffel")
        .encryption_context("user", "ann")
        .send()
        .await
}

fn code<T, E: ProvideErrorMetadata, R>(result: Result<T, SdkError<E, R>>) -> String {
    match result {
        Ok(_) => panic!("was not refused"),
        Err(error) => error.code().unwrap_or("no code").to_owned(),
    }
}

async fn new_key(client: &Client) -> String {
    client
        .create_key()
        .description("another")
        .send()
        .await
        .unwrap()
        .key_metadata
        .unwrap()
        .key_id
}

#[tokio::test]
async fn a_ciphertext_opens_only_whole_and_in_its_context() {
    let cloud = start(CloudOptions::default()).await;
    let client = kms(&cloud);
    let blob = encrypt(&client, "alias/vault").await;
    let opened = decrypt(&client, &blob).await.unwrap();
    assert_eq!(opened.plaintext.unwrap(), Blob::new("secret"));
    assert_eq!(opened.key_id.unwrap(), environment(&cloud)["KEY_ARN"]);

    for position in 0..blob.as_ref().len() {
        let mut tampered = blob.as_ref().to_vec();
        tampered[position] ^= 1;
        assert_eq!(
            code(decrypt(&client, &Blob::new(tampered)).await),
            "InvalidCiphertextException",
            "byte {position}"
        );
    }
    for length in [0, 3, 10, blob.as_ref().len() - 1] {
        let cut = Blob::new(&blob.as_ref()[..length]);
        assert_eq!(
            code(decrypt(&client, &cut).await),
            "InvalidCiphertextException",
            "{length} bytes"
        );
    }
    let request = || client.decrypt().ciphertext_blob(blob.clone());
    assert_eq!(code(request().send().await), "InvalidCiphertextException");
    let other = request()
        .encryption_context("user", "bob")
        .encryption_context("provider", "duffel");
    assert_eq!(code(other.send().await), "InvalidCiphertextException");
    let shifted = request()
        .encryption_context("user", "annprovider")
        .encryption_context("", "duffel");
    assert_eq!(code(shifted.send().await), "InvalidCiphertextException");
}

#[tokio::test]
async fn the_key_that_is_named_must_be_the_key_that_sealed() {
    let cloud = start(CloudOptions::default()).await;
    let client = kms(&cloud);
    let blob = encrypt(&client, &environment(&cloud)["KEY"]).await;
    let other = new_key(&client).await;
    let with = |key: &str| {
        let request = client.decrypt().ciphertext_blob(blob.clone()).key_id(key);
        request
            .encryption_context("user", "ann")
            .encryption_context("provider", "duffel")
            .send()
    };
    for same in [
        "alias/vault",
        &environment(&cloud)["KEY_ARN"],
        "arn:aws:kms:eu-west-1:000000000000:alias/vault",
    ] {
        assert!(with(same).await.is_ok(), "{same}");
    }
    assert_eq!(code(with(&other).await), "IncorrectKeyException");
    assert_eq!(code(with("alias/nobody").await), "NotFoundException");
}

#[tokio::test]
async fn plaintexts_have_1_to_4096_bytes() {
    let cloud = start(CloudOptions::default()).await;
    let client = kms(&cloud);
    let of = |length: usize| {
        client
            .encrypt()
            .key_id("alias/vault")
            .plaintext(Blob::new(vec![7; length]))
            .send()
    };
    assert!(of(4096).await.is_ok());
    assert_eq!(code(of(4097).await), "ValidationException");
    assert_eq!(code(of(0).await), "ValidationException");
}

#[tokio::test]
async fn data_keys_come_sealed() {
    let cloud = start(CloudOptions::default()).await;
    let client = kms(&cloud);
    let request = client
        .generate_data_key()
        .key_id("alias/vault")
        .key_spec(DataKeySpec::Aes256);
    let made = request
        .encryption_context("user", "ann")
        .encryption_context("provider", "duffel")
        .send()
        .await
        .unwrap();
    let plaintext = made.plaintext.unwrap();
    assert_eq!(plaintext.as_ref().len(), 32);
    let opened = decrypt(&client, &made.ciphertext_blob.unwrap()).await.unwrap();
    assert_eq!(opened.plaintext.unwrap(), plaintext);

    let hidden = client
        .generate_data_key_without_plaintext()
        .key_id("alias/vault")
        .number_of_bytes(64)
        .send()
        .await;
    let sealed = hidden.unwrap().ciphertext_blob.unwrap();
    let opened = client.decrypt().ciphertext_blob(sealed).send().await.unwrap();
    assert_eq!(opened.plaintext.unwrap().as_ref().len(), 64);
    let neither = client.generate_data_key().key_id("alias/vault").send().await;
    assert_eq!(code(neither), "ValidationException");
}

#[tokio::test]
async fn rotation_keeps_old_ciphertexts_readable_also_after_a_restart() {
    let directory = tempfile::tempdir().unwrap();
    let options = || CloudOptions {
        data: Some(directory.path().to_owned()),
        ..CloudOptions::default()
    };
    let cloud = start(options()).await;
    let client = kms(&cloud);
    let mut blobs = vec![encrypt(&client, "alias/vault").await];
    for _ in 0..3 {
        client
            .rotate_key_on_demand()
            .key_id(&environment(&cloud)["KEY"])
            .send()
            .await
            .unwrap();
        blobs.push(encrypt(&client, "alias/vault").await);
    }
    let rotations = client
        .list_key_rotations()
        .key_id(&environment(&cloud)["KEY"])
        .send()
        .await
        .unwrap();
    assert_eq!(rotations.rotations().len(), 3);
    cloud.shutdown().await;

    let cloud = start(options()).await;
    for blob in &blobs {
        let opened = decrypt(&kms(&cloud), blob).await.unwrap();
        assert_eq!(opened.plaintext.unwrap(), Blob::new("secret"));
    }
}

#[tokio::test]
async fn re_encryption_moves_to_another_key_and_context() {
    let cloud = start(CloudOptions::default()).await;
    let client = kms(&cloud);
    let blob = encrypt(&client, "alias/vault").await;
    let target = new_key(&client).await;
    let request = |user: &str| {
        client
            .re_encrypt()
            .ciphertext_blob(blob.clone())
            .source_encryption_context("user", user)
            .source_encryption_context("provider", "duffel")
            .destination_key_id(&target)
            .destination_encryption_context("user", "new")
            .send()
    };
    assert_eq!(code(request("bob").await), "InvalidCiphertextException");
    let moved = request("ann").await.unwrap();
    assert!(moved.key_id.unwrap().ends_with(&target));
    let sealed = moved.ciphertext_blob.unwrap();
    let opened = client
        .decrypt()
        .key_id(&target)
        .ciphertext_blob(sealed)
        .encryption_context("user", "new")
        .send()
        .await;
    assert_eq!(opened.unwrap().plaintext.unwrap(), Blob::new("secret"));
}

#[tokio::test]
async fn disabled_and_dying_keys_refuse() {
    let now = Arc::new(AtomicI64::new(1_800_000_000_000));
    let clock = Arc::clone(&now);
    let clock: tripsage_emulators::clock::Clock = Arc::new(move || clock.load(Ordering::SeqCst));
    let cloud = start(CloudOptions {
        clock: Some(clock),
        ..CloudOptions::default()
    })
    .await;
    let client = kms(&cloud);
    let key = environment(&cloud)["KEY"].clone();
    let blob = encrypt(&client, &key).await;
    let seal = || client.encrypt().key_id(&key).plaintext(Blob::new("x")).send();

    client.disable_key().key_id(&key).send().await.unwrap();
    assert_eq!(code(decrypt(&client, &blob).await), "DisabledException");
    assert_eq!(code(seal().await), "DisabledException");
    assert_eq!(
        code(client.rotate_key_on_demand().key_id(&key).send().await),
        "DisabledException"
    );
    client.enable_key().key_id(&key).send().await.unwrap();
    assert!(decrypt(&client, &blob).await.is_ok());

    let soon = client
        .schedule_key_deletion()
        .key_id(&key)
        .pending_window_in_days(6)
        .send()
        .await;
    assert_eq!(code(soon), "ValidationException");
    client
        .schedule_key_deletion()
        .key_id(&key)
        .pending_window_in_days(7)
        .send()
        .await
        .unwrap();
    assert_eq!(code(decrypt(&client, &blob).await), "KMSInvalidStateException");
    assert_eq!(
        code(client.enable_key().key_id(&key).send().await),
        "KMSInvalidStateException"
    );
    client.cancel_key_deletion().key_id(&key).send().await.unwrap();
    assert_eq!(
        code(seal().await),
        "DisabledException",
        "a key that was saved comes back disabled"
    );
    client.enable_key().key_id(&key).send().await.unwrap();
    assert!(decrypt(&client, &blob).await.is_ok());

    client
        .schedule_key_deletion()
        .key_id(&key)
        .pending_window_in_days(7)
        .send()
        .await
        .unwrap();
    now.fetch_add(7 * DAY_MS, Ordering::SeqCst);
    assert_eq!(code(decrypt(&client, &blob).await), "InvalidCiphertextException");
    assert_eq!(
        code(client.cancel_key_deletion().key_id(&key).send().await),
        "NotFoundException"
    );
}

#[tokio::test]
async fn rotation_settings_are_kept() {
    let cloud = start(CloudOptions::default()).await;
    let client = kms(&cloud);
    let status = |key: String| client.get_key_rotation_status().key_id(key).send();
    let from_template = status(environment(&cloud)["KEY"].clone()).await.unwrap();
    assert!(from_template.key_rotation_enabled);
    let key = new_key(&client).await;
    assert!(!status(key.clone()).await.unwrap().key_rotation_enabled);
    client
        .enable_key_rotation()
        .key_id(&key)
        .rotation_period_in_days(180)
        .send()
        .await
        .unwrap();
    assert_eq!(status(key.clone()).await.unwrap().rotation_period_in_days, Some(180));
    let short = client
        .enable_key_rotation()
        .key_id(&key)
        .rotation_period_in_days(10)
        .send()
        .await;
    assert_eq!(code(short), "ValidationException");
    let metadata = client
        .describe_key()
        .key_id(&key)
        .send()
        .await
        .unwrap()
        .key_metadata
        .unwrap();
    assert!(metadata.enabled && metadata.description.as_deref() == Some("another"));
    client
        .create_alias()
        .alias_name("alias/second")
        .target_key_id(&key)
        .send()
        .await
        .unwrap();
    let by_alias = client
        .describe_key()
        .key_id("alias/second")
        .send()
        .await
        .unwrap()
        .key_metadata
        .unwrap();
    assert_eq!(by_alias.key_id, key);
    let twice = client
        .create_alias()
        .alias_name("alias/second")
        .target_key_id(&key)
        .send()
        .await;
    assert_eq!(code(twice), "AlreadyExistsException");
}
