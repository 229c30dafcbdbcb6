//! KMS is down, a ciphertext is damaged, a row makes no sense: what else there is stays usable.

use std::time::{Duration, Instant};

use jiff::SignedDuration;
use serde_json::{Value, json};
use tripsage_domain::service::Service;
use tripsage_store::personal_data::Entity;
use tripsage_tests::{Api, Effect, Fault};
use tripsage_vault::VaultError;

use crate::{
    keys::{KEYS, duffel, stored},
    vault::{Opener, trail, user_id},
};

#[tokio::test]
async fn without_kms_keys_are_not_to_be_had_and_everything_else_goes_on() {
    for effect in [
        Effect::Reset,
        Effect::Delay(Duration::from_secs(3)),
        Effect::Answer {
            status: 500,
            body: "{\"__type\":\"KMSInternalException\"}".into(),
        },
        Effect::Answer {
            status: 400,
            body: "{\"__type\":\"ThrottlingException\"}".into(),
        },
        Effect::Answer {
            status: 400,
            body: "{\"__type\":\"DisabledException\"}".into(),
        },
    ] {
        let api = Api::start().await;
        let ann = api.user("ann").await;
        let id = stored(&ann, "duffel", &duffel("abcd")).await;
        let opener = Opener::new(&api, "search");
        api.cloud().aws().reset();
        for operation in ["Encrypt", "Decrypt"] {
            api.cloud().aws().fault(Fault::new(effect.clone()).operation(operation));
        }
        let begun = Instant::now();
        let body = json!({ "name": "n", "service": "duffel", "key": duffel("efgh"), "validate": false });
        let refused = ann.post(KEYS, body).await.refused(503, "DEPENDENCY_UNAVAILABLE");
        assert!(
            begun.elapsed() < Duration::from_millis(2500),
            "{effect:?}: {:?}",
            begun.elapsed()
        );
        assert!(!refused.header("retry-after").is_empty());
        let tried = api.cloud().aws().calls().len();
        assert!(tried <= 3, "{effect:?}: {tried} calls");
        let error = opener.open(user_id(&ann), id.parse().unwrap()).await.unwrap_err();
        assert!(matches!(error, VaultError::Unavailable(_)), "{effect:?}: {error}");
        assert!(api.cloud().aws().calls().len() <= tried + 3, "{effect:?}");
        assert_eq!(
            ann.get(KEYS).await.expect(200).data()[0]["status"],
            "unverified",
            "nothing is held against the key"
        );
        ann.trip("Japan").await;
        assert!(trail(&ann, "key.used").await.is_empty(), "nothing was decrypted");
        api.cloud().aws().reset();
        opener.open(user_id(&ann), id.parse().unwrap()).await.unwrap();
    }
}

#[tokio::test]
async fn a_row_that_makes_no_sense_hides_itself_and_no_other() {
    let api = Api::start().await;
    let ann = api.user("ann").await;
    let opener = Opener::new(&api, "search");
    let strange = stored(&ann, "duffel", &duffel("abcd")).await;
    let sound = stored(&ann, "duffel", &duffel("efgh")).await;
    let key = json!({ "pk": { "S": format!("USER#{}", ann.id) }, "sk": { "S": format!("KEY#{strange}") } });
    api.overwrite("VaultTable", &key, "sealed", &json!({ "S": "nonsense" }))
        .await;
    let listed = ann.get(KEYS).await.expect(200);
    assert_eq!(listed.data().as_array().unwrap().len(), 1);
    assert_eq!(listed.data()[0]["id"], sound);
    let chosen = opener
        .vault
        .choose(user_id(&ann), Service::Duffel, false)
        .await
        .unwrap()
        .unwrap();
    assert_eq!(chosen.key_id().map(|key| key.to_string()), Some(sound));
    // All that can be done with it is to remove it, with everything that there is of it.
    let path = format!("{KEYS}/{strange}");
    ann.get(&path).await.refused(404, "NOT_FOUND");
    ann.delete(&path).await.expect(200);
    ann.delete(&path).await.refused(404, "NOT_FOUND");
    for row in api.dump().await.iter().filter(|row| row.entity != Entity::Audit) {
        assert!(!row.item.to_string().contains(&strange), "{:?}", row.item);
    }
}

#[tokio::test]
async fn one_key_that_cannot_be_opened_leaves_the_others_alone() {
    let api = Api::start().await;
    let ann = api.user("ann").await;
    let opener = Opener::new(&api, "search");
    let broken = stored(&ann, "duffel", &duffel("abcd")).await;
    api.advance(SignedDuration::from_secs(1));
    let sound = stored(&ann, "openweather", "0123456789abcdef0123456789abcdef").await;
    opener
        .overwrite(user_id(&ann), &broken, |row| {
            row.sealed[0].ciphertext = "AAAA".to_owned()
        })
        .await;
    let error = opener.open(user_id(&ann), broken.parse().unwrap()).await.unwrap_err();
    assert!(matches!(error, VaultError::Unreadable));
    let listed = ann.get(KEYS).await.expect(200);
    let status = |index: usize| listed.data()[index]["status"].as_str().unwrap().to_owned();
    assert_eq!(
        (status(0), status(1)),
        ("unverified".to_owned(), "needs_reentry".to_owned())
    );
    assert_eq!(trail(&ann, "key.unreadable").await[0]["outcome"], "failure");
    assert!(
        opener
            .vault
            .choose(user_id(&ann), Service::Duffel, false)
            .await
            .unwrap()
            .is_none()
    );
    opener.open(user_id(&ann), sound.parse().unwrap()).await.unwrap();
    ann.post(&format!("{KEYS}/{broken}/validate"), json!({}))
        .await
        .refused(409, "KEY_NEEDS_REENTRY");
    // Entering it again mends it.
    let new = json!({ "new_key": duffel("efgh"), "validate": false });
    let mended = ann.post(&format!("{KEYS}/{broken}/rotate"), new).await.expect(200);
    assert_eq!(
        (&mended.data()["status"], &mended.data()["previous_version"]),
        (&json!("unverified"), &Value::Null)
    );
    opener.open(user_id(&ann), broken.parse().unwrap()).await.unwrap();
}

#[tokio::test]
async fn a_key_under_a_destroyed_kms_key_has_to_be_entered_again() {
    let api = Api::start().await;
    let ann = api.user("ann").await;
    let id = stored(&ann, "duffel", &duffel("abcd")).await;
    let gone = Effect::Answer {
        status: 400,
        body: "{\"__type\":\"NotFoundException\"}".into(),
    };
    api.cloud().aws().fault(Fault::new(gone).operation("Decrypt"));
    let opener = Opener::new(&api, "search");
    let error = opener.open(user_id(&ann), id.parse().unwrap()).await.unwrap_err();
    assert!(matches!(error, VaultError::Unreadable), "{error}");
    assert_eq!(ann.get(KEYS).await.expect(200).data()[0]["status"], "needs_reentry");
}
