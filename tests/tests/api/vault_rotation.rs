//! New versions of a key, and a new KMS key under all of them.

use std::{collections::BTreeSet, time::Duration};

use aws_sdk_kms::Client;
use jiff::SignedDuration;
use scheduler::{Event, Scheduler, handle};
use serde_json::{Value, json};
use tripsage_domain::{audit::Source, ids::KeyId, key::Standing, service::Service};
use tripsage_runtime::{ExposeSecret, Runtime};
use tripsage_store::personal_data::Entity;
use tripsage_tests::{Api, Effect, Fault, Job, User};
use tripsage_vault::{Purpose, Use, Vault};

use crate::{
    keys::{KEYS, duffel, stored},
    vault::Opener,
};

fn used(api: &Api) -> Use {
    Use {
        at: api.now(),
        source: Source::default(),
    }
}

async fn key(user: &User, id: &str) -> Value {
    user.get(&format!("{KEYS}/{id}")).await.expect(200).data().clone()
}

async fn rotate(user: &User, id: &str, secret: &str) {
    let new = json!({ "new_key": secret, "validate": false });
    user.post(&format!("{KEYS}/{id}/rotate"), new).await.expect(200);
}

#[tokio::test]
async fn the_version_before_is_kept_until_the_new_one_is_proven() {
    let api = Api::start().await;
    let ann = api.user("ann").await;
    let user = ann.id.parse().unwrap();
    let vault: Vault = Opener::new(&api, "bookings").vault;
    let open = async || {
        let chosen = vault.choose(user, Service::Duffel, false).await.unwrap().unwrap();
        let secret = vault.open(&chosen, Purpose::Search, &used(&api)).await.unwrap();
        (chosen, secret.expose_secret().to_owned())
    };
    let id = stored(&ann, "duffel", &duffel("one1")).await;
    let (begun, _) = open().await;
    rotate(&ann, &id, &duffel("two2")).await;
    // What was chosen before the rotation goes on with what it has.
    let old = vault.open(&begun, Purpose::Reconciliation, &used(&api)).await.unwrap();
    assert_eq!(old.expose_secret(), duffel("one1"));

    // The service refuses the new one: the one before is used again.
    let (chosen, secret) = open().await;
    assert_eq!(secret, duffel("two2"));
    vault.mark_refused(&chosen, &used(&api)).await;
    assert_eq!(open().await.1, duffel("one1"));
    assert_eq!(
        (&key(&ann, &id).await["version"], &key(&ann, &id).await["hint"]),
        (&json!(1), &json!("********one1"))
    );

    // A third is accepted: nothing is left of those before.
    rotate(&ann, &id, &duffel("tre3")).await;
    let (chosen, secret) = open().await;
    assert_eq!(
        (secret, key(&ann, &id).await["version"].clone()),
        (duffel("tre3"), json!(3))
    );
    vault.mark_accepted(&chosen, &used(&api)).await;
    let proven = key(&ann, &id).await;
    assert_eq!(
        (&proven["status"], &proven["is_valid"]),
        (&json!("active"), &json!(true))
    );
    assert_eq!(
        (&proven["previous_version"], &proven["last_validated"]),
        (&Value::Null, &json!("2027-03-03T10:00:00Z"))
    );
    let rows = api.dump().await;
    let row = rows.iter().find(|row| row.entity == Entity::ProviderKey).unwrap();
    assert_eq!(
        row.item["sealed"]["L"].as_array().unwrap().len(),
        1,
        "one ciphertext is left"
    );

    // The last one is refused: there is nothing to fall back to.
    let (chosen, _) = open().await;
    vault.mark_refused(&chosen, &used(&api)).await;
    assert_eq!(key(&ann, &id).await["status"], "refused");
    assert!(vault.choose(user, Service::Duffel, false).await.unwrap().is_none());
}

#[tokio::test]
async fn what_a_service_says_is_said_of_the_version_that_it_was_asked_about() {
    let api = Api::start().await;
    let ann = api.user("ann").await;
    let user = ann.id.parse().unwrap();
    let keys = Opener::new(&api, "keys");
    let id = stored(&ann, "duffel", &duffel("one1")).await;
    rotate(&ann, &id, &duffel("two2")).await;
    let standings = |second: Standing, first: Standing| {
        keys.overwrite(user, &id, move |row| {
            (row.sealed[0].standing, row.sealed[1].standing) = (second, first);
        })
    };
    standings(Standing::Unreadable, Standing::Refused).await;
    let found = async || keys.vault.find(user, id.parse().unwrap()).await.unwrap().unwrap();
    let chosen = found().await;
    let secret = keys
        .vault
        .open(&chosen, Purpose::Validation, &used(&api))
        .await
        .unwrap();
    assert_eq!(secret.expose_secret(), duffel("one1"));
    keys.vault.mark_validated(&chosen, api.now()).await;
    let shown = key(&ann, &id).await;
    assert_eq!((&shown["version"], &shown["status"]), (&json!(1), &json!("active")));

    // Proven, with a refused version after it: nothing is learnt from its use, and nothing is written.
    standings(Standing::Refused, Standing::Proven).await;
    let chosen = found().await;
    api.advance(SignedDuration::from_secs(60));
    api.forget_calls();
    keys.vault.mark_accepted(&chosen, &used(&api)).await;
    assert_eq!(api.calls().0, Vec::<String>::new());
    assert_eq!(key(&ann, &id).await["version"], 1);
}

/// Everything that anybody has stored, by the user.
struct Stock {
    people: Vec<(User, Vec<(String, String)>)>,
}

impl Stock {
    /// Keys of several people; every other one has a version before the newest.
    async fn new(api: &Api) -> Self {
        let mut people = Vec::new();
        for name in ["ann", "ben", "cleo"] {
            let user = api.user(name).await;
            let mut keys = Vec::new();
            for number in 0..4 {
                let secret = duffel(&format!("{name}{number}"));
                let id = stored(&user, "duffel", &duffel("before")).await;
                if number % 2 == 0 && number > 0 {
                    rotate(&user, &id, &secret).await;
                    keys.push((id, secret));
                } else {
                    keys.push((id, duffel("before")));
                }
            }
            people.push((user, keys));
        }
        Self { people }
    }

    async fn insist_on_all(&self, opener: &Opener) {
        for (user, keys) in &self.people {
            for (id, secret) in keys {
                let key: KeyId = id.parse().unwrap();
                let opened = opener.open(user.id.parse().unwrap(), key).await.unwrap();
                assert_eq!(opened.expose_secret(), secret);
            }
        }
    }
}

/// Another KMS key, and the surroundings of functions that the operator has pointed at it. Their role is the template's,
/// which does not name it; on AWS the operator has put it there.
async fn another_kms_key(api: &Api) -> (Client, String) {
    let client = api
        .runtime_with("scheduler", &[("AWS_SESSION_TOKEN", "")])
        .clients()
        .kms()
        .clone();
    let made = client.create_key().send().await.unwrap().key_metadata.unwrap();
    (client, made.arn.unwrap())
}

fn pointed_at(api: &Api, function: &'static str, kms_key: &str) -> Runtime {
    api.runtime_with(function, &[("AWS_SESSION_TOKEN", ""), ("KEYS_KMS_KEY", kms_key)])
}

async fn kms_keys_in_use(api: &Api) -> BTreeSet<String> {
    let rows = api.dump().await;
    let keys = rows.iter().filter(|row| row.entity == Entity::ProviderKey);
    let sealed = keys.flat_map(|row| row.item["sealed"]["L"].as_array().unwrap().clone());
    sealed
        .map(|one| one["M"]["kms_key"]["S"].as_str().unwrap().to_owned())
        .collect()
}

const EVENT: Event = Event {
    job: Job::ReencryptKeys,
};

/// Lets a run do its work up to the nth call of an operation, which fails with everything after it, and then ends it: a
/// lost reply leaves its effect behind.
async fn killed_at(api: &Api, target: &str, operation: &str, effect: &Effect, nth: u64) {
    let endpoint = match operation {
        "ReEncrypt" => api.cloud().aws(),
        _ => api.cloud().dynamodb(),
    };
    api.forget_calls();
    for call in nth..nth + 40 {
        endpoint.fault(Fault::new(effect.clone()).operation(operation).nth(call));
    }
    let made = || {
        let calls = endpoint.calls().into_iter();
        calls
            .filter(|call| call.operation.as_deref() == Some(operation))
            .count()
    };
    let reached = async {
        while made() < usize::try_from(nth).unwrap() {
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
    };
    let scheduler = Scheduler::new(&pointed_at(api, "scheduler", target));
    tokio::select! {
        outcome = handle(&scheduler, EVENT) => assert!(outcome.is_err(), "call {nth} of {operation} was never made"),
        () = reached => {}
    }
    api.forget_calls();
}

#[tokio::test]
async fn re_encryption_may_be_cut_off_at_every_item() {
    let api = Api::start().await;
    let stock = Stock::new(&api).await;
    let old = kms_keys_in_use(&api).await.first().unwrap().clone();
    assert_eq!(
        api.run_job(Job::ReencryptKeys).await.unwrap().done,
        0,
        "there is nothing to do"
    );
    let (kms, new) = another_kms_key(&api).await;
    let opener = Opener::with(&api, &pointed_at(&api, "search", &new));
    for nth in 1..=12 {
        // To and fro, so that every item is where a run is cut off.
        for (target, operation, effect) in [
            (&new, "ReEncrypt", Effect::Reset),
            (&old, "TransactWriteItems", Effect::LoseReply),
        ] {
            killed_at(&api, target, operation, &effect, nth).await;
            let mixed = kms_keys_in_use(&api).await;
            // The first item may have two versions, and is written only when both are under the other key.
            assert!(mixed.len() == 2 || nth <= 2 || nth == 12, "cut off at {nth}: {mixed:?}");
            if nth % 4 == 0 {
                stock.insist_on_all(&opener).await;
            }
            let report = handle(&Scheduler::new(&pointed_at(&api, "scheduler", target)), EVENT)
                .await
                .unwrap();
            assert!(report.failed == 0 && report.void == 0, "{report:?}");
            assert_eq!(kms_keys_in_use(&api).await, BTreeSet::from([target.clone()]));
        }
    }
    handle(&Scheduler::new(&pointed_at(&api, "scheduler", &new)), EVENT)
        .await
        .unwrap();
    let again = Opener::with(&api, &pointed_at(&api, "scheduler", &new))
        .vault
        .reencrypt(usize::MAX)
        .await
        .unwrap();
    assert_eq!((again.moved, again.void, again.complete), (0, 0, true));
    kms.disable_key().key_id(&old).send().await.unwrap();
    stock.insist_on_all(&opener).await;
    let rows = api.dump().await;
    let listed = rows.iter().filter(|row| row.entity == Entity::SealedUnder).count();
    assert_eq!(listed, 12, "each key stands on one list");
}

#[tokio::test]
async fn everything_that_is_sealed_is_where_the_job_looks() {
    let api = Api::start().await;
    Stock::new(&api).await;
    // Ciphertexts of KMS in any attribute of any row, whatever it is called.
    for row in api.dump().await {
        let mut outside = row.item.clone();
        if row.entity == Entity::ProviderKey {
            outside.as_object_mut().unwrap().remove("sealed");
        }
        assert!(
            !outside.to_string().contains("VFNLM"),
            "a ciphertext outside of `sealed` in {:?}",
            row.entity
        );
    }
    let rows = api.dump().await;
    let sealed = rows.iter().filter(|row| row.item.to_string().contains("VFNLM")).count();
    assert_eq!(sealed, 12, "that is how ciphertexts of the stand-in begin");
}

#[tokio::test]
async fn re_encryption_goes_on_where_it_stopped_and_never_undoes_a_change() {
    let api = Api::start().await;
    let stock = Stock::new(&api).await;
    let (_, new) = another_kms_key(&api).await;
    let opener = Opener::with(&api, &pointed_at(&api, "scheduler", &new));
    let mut moved = 0;
    let mut passes = 0;
    loop {
        // What users do between the steps is not overwritten, and ends under the present KMS key as well.
        let (user, keys) = &stock.people[passes % 3];
        let name = json!({ "name": format!("renamed {passes}") });
        user.patch(&format!("{KEYS}/{}", keys[0].0), name).await.expect(200);
        let report = opener.vault.reencrypt(1).await.unwrap();
        moved += report.moved;
        passes += 1;
        let kept = key(user, &keys[0].0).await;
        assert_eq!(kept["name"], format!("renamed {}", passes - 1));
        if report.complete {
            break;
        }
        assert!(passes < 40);
    }
    assert_eq!(moved, 12);
    stock.insist_on_all(&opener).await;
    // A function that is still of the old deployment seals under the old KMS key: the next run finds that, too.
    let (ann, _) = &stock.people[0];
    api.advance(jiff::SignedDuration::from_mins(11));
    stored(ann, "duffel", &duffel("late")).await;
    assert_eq!(opener.vault.reencrypt(usize::MAX).await.unwrap().moved, 1);
}

#[tokio::test]
async fn an_owner_who_replaces_a_key_meanwhile_wins() {
    let api = Api::start().await;
    let ann = api.user("ann").await;
    let id = stored(&ann, "duffel", &duffel("one1")).await;
    let (_, new) = another_kms_key(&api).await;
    let opener = Opener::with(&api, &pointed_at(&api, "scheduler", &new));
    let delay = Effect::Delay(Duration::from_millis(300));
    api.cloud().aws().fault(Fault::new(delay).operation("ReEncrypt"));
    let (report, ()) = tokio::join!(opener.vault.reencrypt(usize::MAX), async {
        tokio::time::sleep(Duration::from_millis(100)).await;
        rotate(&ann, &id, &duffel("two2")).await;
    });
    let report = report.unwrap();
    assert_eq!((report.moved, report.failed, report.complete), (0, 1, false));
    api.forget_calls();
    assert_eq!(opener.vault.reencrypt(usize::MAX).await.unwrap().moved, 1);
    let opened = opener.open(ann.id.parse().unwrap(), id.parse().unwrap()).await.unwrap();
    assert_eq!(opened.expose_secret(), duffel("two2"));
}
