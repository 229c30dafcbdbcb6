//! New versions of a key, and a new KMS key under all of them.

use std::collections::BTreeSet;

use aws_sdk_kms::Client;
use scheduler::{Event, Scheduler, handle};
use serde_json::{Value, json};
use tripsage_domain::{audit::Source, ids::KeyId, service::Service};
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
    let vault: Vault = Opener::new(&api, &api.runtime("bookings")).vault;
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
    assert_eq!((&key(&ann, &id).await["version"], &key(&ann, &id).await["hint"]), (&json!(1), &json!("********one1")));

    // A third is accepted: nothing is left of those before.
    rotate(&ann, &id, &duffel("tre3")).await;
    let (chosen, secret) = open().await;
    assert_eq!((secret, key(&ann, &id).await["version"].clone()), (duffel("tre3"), json!(3)));
    vault.mark_accepted(&chosen, &used(&api)).await;
    let proven = key(&ann, &id).await;
    assert_eq!((&proven["status"], &proven["is_valid"]), (&json!("active"), &json!(true)));
    assert_eq!((&proven["previous_version"], &proven["last_validated"]), (&Value::Null, &json!("2027-03-03T10:00:00Z")));
    let rows = api.dump().await;
    let row = rows.iter().find(|row| row.entity == Entity::ProviderKey).unwrap();
    assert_eq!(row.item["sealed"]["L"].as_array().unwrap().len(), 1, "one ciphertext is left");

    // The last one is refused: there is nothing to fall back to.
    let (chosen, _) = open().await;
    vault.mark_refused(&chosen, &used(&api)).await;
    assert_eq!(key(&ann, &id).await["status"], "refused");
    assert!(vault.choose(user, Service::Duffel, false).await.unwrap().is_none());
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
    let client = api.runtime_with("scheduler", &[("AWS_SESSION_TOKEN", "")]).clients().kms().clone();
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
    sealed.map(|one| one["M"]["kms_key"]["S"].as_str().unwrap().to_owned()).collect()
}

const EVENT: Event = Event { job: Job::ReencryptKeys };

#[tokio::test]
async fn re_encryption_may_be_cut_off_anywhere() {
    let api = Api::start().await;
    let stock = Stock::new(&api).await;
    let old = kms_keys_in_use(&api).await;
    assert_eq!(old.len(), 1);
    assert_eq!(api.run_job(Job::ReencryptKeys).await.unwrap().done, 0, "there is nothing to do");
    let (kms, new) = another_kms_key(&api).await;
    let runtime = pointed_at(&api, "scheduler", &new);
    let opener = Opener::new(&api, &runtime);
    let faults = [Effect::Reset, Effect::LoseReply];
    let mut runs = 0;
    // From a certain call on everything fails, as if the run had been killed there; a lost reply leaves its effect behind.
    for call in 1..=60 {
        let effect = faults[call % 2].clone();
        let kill = |operation: &str| {
            let first = u64::try_from(call).unwrap();
            (first..first + 200).map(move |nth| (nth, operation.to_owned())).collect::<Vec<_>>()
        };
        let faulty = if call % 3 == 0 { api.cloud().aws() } else { api.cloud().dynamodb() };
        let operation = if call % 3 == 0 { "ReEncrypt" } else { "TransactWriteItems" };
        for (nth, operation) in kill(operation) {
            faulty.fault(Fault::new(effect.clone()).operation(&operation).nth(nth));
        }
        let scheduler = Scheduler::new(&pointed_at(&api, "scheduler", &new));
        let killed = tokio::time::timeout(std::time::Duration::from_millis(400), handle(&scheduler, EVENT)).await;
        runs += 1;
        api.forget_calls();
        stock.insist_on_all(&opener).await;
        if matches!(killed, Ok(Ok(report)) if report.failed == 0) {
            break;
        }
    }
    assert!(runs > 3, "{runs}");
    let report = handle(&Scheduler::new(&runtime), EVENT).await.unwrap();
    assert_eq!((report.failed, kms_keys_in_use(&api).await), (0, BTreeSet::from([new.clone()])));
    let again = opener.vault.reencrypt(usize::MAX).await.unwrap();
    assert_eq!((again.moved, again.void, again.complete), (0, 0, true));

    let disabled = old.first().unwrap();
    kms.disable_key().key_id(disabled).send().await.unwrap();
    stock.insist_on_all(&opener).await;
    let listed: Vec<_> = api.dump().await.into_iter().filter(|row| row.entity == Entity::SealedUnder).collect();
    assert_eq!(listed.len(), 12, "each key stands on one list");
}

#[tokio::test]
async fn re_encryption_goes_on_where_it_stopped_and_never_undoes_a_change() {
    let api = Api::start().await;
    let stock = Stock::new(&api).await;
    let (_, new) = another_kms_key(&api).await;
    let opener = Opener::new(&api, &pointed_at(&api, "scheduler", &new));
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
    let opener = Opener::new(&api, &pointed_at(&api, "scheduler", &new));
    let delay = Effect::Delay(std::time::Duration::from_millis(300));
    api.cloud().aws().fault(Fault::new(delay).operation("ReEncrypt"));
    let (report, ()) = tokio::join!(opener.vault.reencrypt(usize::MAX), async {
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
        rotate(&ann, &id, &duffel("two2")).await;
    });
    let report = report.unwrap();
    assert_eq!((report.moved, report.failed, report.complete), (0, 1, false));
    api.forget_calls();
    assert_eq!(opener.vault.reencrypt(usize::MAX).await.unwrap().moved, 1);
    let opened = opener.open(ann.id.parse().unwrap(), id.parse().unwrap()).await.unwrap();
    assert_eq!(opened.expose_secret(), duffel("two2"));
}
