//! What is sealed can be opened for what it is bound to and for nothing else, and every opening is recorded.

use base64::{Engine, engine::general_purpose::STANDARD};
use jiff::SignedDuration;
use serde_json::{Value, json};
use tripsage_domain::{
    audit::Source,
    ids::{KeyId, UserId},
    service::Service,
};
use tripsage_runtime::{ExposeSecret, Runtime, SecretString};
use tripsage_store::{Db, Loaded, Transaction, provider_keys::KeyRow};
use tripsage_tests::{Api, User};
use tripsage_vault::{Chosen, Purpose, Use, Vault, VaultError};
use uuid::Uuid;

use crate::keys::{KEYS, duffel, stored};

/// The vault as a function has it, with its database.
pub(crate) struct Opener {
    pub(crate) vault: Vault,
    pub(crate) db: Db,
    used: Use,
}

impl Opener {
    /// The vault has the function's role; the database is there for looks into the tables, and has none.
    pub(crate) fn new(api: &Api, function: &'static str) -> Self {
        Self {
            db: Db::new(&api.runtime(function)),
            ..Self::with(api, &api.runtime_with(function, &[]))
        }
    }

    pub(crate) fn with(api: &Api, runtime: &Runtime) -> Self {
        let db = Db::new(runtime);
        Self {
            vault: Vault::new(runtime, &db),
            db,
            used: Use {
                at: api.now(),
                source: Source {
                    request_id: "request-of-the-test".to_owned(),
                    ..Source::default()
                },
            },
        }
    }

    pub(crate) async fn open(&self, user: UserId, key: KeyId) -> Result<SecretString, VaultError> {
        let chosen = self.vault.find(user, key).await?.expect("the key is there");
        self.vault.open(&chosen, Purpose::Search, &self.used).await
    }

    async fn load(&self, user: UserId, key: &str) -> Loaded<KeyRow> {
        let found = self.db.find_provider_key(user, key.parse().unwrap()).await.unwrap();
        found.expect("the key is there")
    }

    /// Writes past every rule of the product, as somebody could who has the table.
    pub(crate) async fn overwrite(&self, user: UserId, key: &str, change: impl FnOnce(&mut KeyRow)) {
        let old = self.load(user, key).await;
        let mut new = old.item.clone();
        change(&mut new);
        let write = Transaction::default().changing_provider_key(user, &old, &new).unwrap();
        self.db.commit(write).await.unwrap();
    }
}

pub(crate) fn user_id(user: &User) -> UserId {
    user.id.parse().unwrap()
}

fn decrypts(api: &Api) -> usize {
    let calls = api.cloud().aws().calls().into_iter();
    calls
        .filter(|call| call.operation.as_deref() == Some("Decrypt"))
        .count()
}

pub(crate) async fn trail(user: &User, action: &str) -> Vec<Value> {
    let answer = user.get(&format!("{KEYS}/audit?per_page=100")).await.expect(200);
    let entries = answer.data().as_array().unwrap().iter();
    entries.filter(|entry| entry["action"] == action).cloned().collect()
}

#[tokio::test]
async fn a_ciphertext_that_is_moved_cannot_be_opened() {
    let api = Api::start().await;
    let (ann, eve) = (api.user("ann").await, api.user("eve").await);
    let (owner, thief) = (user_id(&ann), user_id(&eve));
    let opener = Opener::new(&api, "search");
    let secret = duffel("abcd");
    let id = stored(&ann, "duffel", &secret).await;
    let row = opener.load(owner, &id).await.item;
    let opened = opener.open(owner, row.id).await.unwrap();
    assert_eq!(opened.expose_secret(), secret);

    let insert = async |user: UserId, row: &KeyRow| {
        let write = Transaction::default().inserting_provider_key(user, row).unwrap();
        opener.db.commit(write).await.unwrap();
    };
    let refused = async |user: UserId, key: KeyId, what: &str| {
        let error = opener.open(user, key).await.expect_err(what);
        assert!(matches!(error, VaultError::Unreadable), "{what}: {error}");
    };
    insert(thief, &row).await;
    refused(thief, row.id, "another user").await;

    let copy = KeyId::from_uuid(Uuid::from_u128(7));
    insert(
        owner,
        &KeyRow {
            id: copy,
            ..row.clone()
        },
    )
    .await;
    refused(owner, copy, "another key of the same user").await;

    let other = KeyId::from_uuid(Uuid::from_u128(8));
    let text = SecretString::from(secret.as_str());
    let mine = opener.vault.seal(owner, Service::Duffel, other, 1, &text, api.now());
    // Nobody but the function `keys` seals.
    assert!(matches!(mine.await, Err(VaultError::Unavailable(_))));
    let keys = Opener::new(&api, "keys");
    let mine = keys
        .vault
        .seal(owner, Service::Duffel, other, 1, &text, api.now())
        .await
        .unwrap();
    let service = "google_places".to_owned();
    insert(
        owner,
        &KeyRow {
            id: other,
            service,
            sealed: vec![mine],
            ..row.clone()
        },
    )
    .await;
    refused(owner, other, "another service").await;

    opener.overwrite(owner, &id, |row| row.sealed[0].version = 2).await;
    refused(owner, row.id, "another version").await;

    let id = stored(&ann, "duffel", &secret).await;
    let bare = api.cloud().dynamodb_engine().unwrap().url().to_owned();
    let changes = [
        ("STAGE", "staging"),
        ("AWS_SESSION_TOKEN", ""),
        ("AWS_ENDPOINT_URL_DYNAMODB", bare.as_str()),
    ];
    let staging = Opener::with(&api, &api.runtime_with("search", &changes));
    let error = staging
        .open(owner, id.parse().unwrap())
        .await
        .expect_err("another stage");
    assert!(matches!(error, VaultError::Unreadable), "{error}");
    assert!(
        api.sandboxes().calls(tripsage_sandboxes::Provider::Duffel).is_empty(),
        "nobody was called"
    );
}

#[tokio::test]
async fn a_ciphertext_with_a_changed_bit_cannot_be_opened() {
    let api = Api::start().await;
    let ann = api.user("ann").await;
    let opener = Opener::new(&api, "search");
    let id = stored(&ann, "duffel", &duffel("abcd")).await;
    let row = opener.load(user_id(&ann), &id).await;
    let sound = STANDARD.decode(&row.item.sealed[0].ciphertext).unwrap();
    let bits = sound.len() * 8;
    // Every part of the blob is hit: the steps share no divisor with its length.
    let step = (bits / 300).max(1) | 1;
    let mut tried = 0;
    for bit in (0..bits).step_by(step) {
        let mut bytes = sound.clone();
        bytes[bit / 8] ^= 1 << (bit % 8);
        let mut item = row.item.clone();
        item.sealed[0].ciphertext = STANDARD.encode(bytes);
        let chosen = Chosen::User(Box::new(tripsage_vault::UserKey {
            user: user_id(&ann),
            service: Service::Duffel,
            row: Loaded { item, version: 0 },
            locked_until: None,
        }));
        let error = opener
            .vault
            .open(&chosen, Purpose::Search, &opener.used)
            .await
            .expect_err("a changed bit");
        assert!(matches!(error, VaultError::Unreadable), "bit {bit}: {error}");
        tried += 1;
    }
    assert!(tried >= 200, "{tried}");
    let other = stored(&ann, "duffel", &duffel("abcd")).await;
    let (one, other) = (row.item, opener.load(user_id(&ann), &other).await.item);
    assert_ne!(
        one.sealed[0].ciphertext, other.sealed[0].ciphertext,
        "the same key never looks the same"
    );
}

#[tokio::test]
async fn every_decryption_has_one_entry_in_the_trail_and_counts_once() {
    let api = Api::start().await;
    let ann = api.user("ann").await;
    let opener = Opener::new(&api, "search");
    let id = stored(&ann, "duffel", &duffel("abcd")).await;
    api.forget_calls();
    let chosen = opener
        .vault
        .choose(user_id(&ann), Service::Duffel, true)
        .await
        .unwrap()
        .unwrap();
    assert_eq!(
        (chosen.account(), chosen.key_id().map(|key| key.to_string())),
        (format!("{id}:1"), Some(id.clone()))
    );
    assert_eq!(decrypts(&api), 0, "choosing opens nothing");
    let open = || opener.vault.open(&chosen, Purpose::Search, &opener.used);
    let (a, b, c, d, e) = tokio::join!(open(), open(), open(), open(), open());
    for opened in [a, b, c, d, e] {
        opened.unwrap();
    }
    for _ in 0..35 {
        open().await.unwrap();
    }
    assert_eq!(decrypts(&api), 40);
    let entries = trail(&ann, "key.used").await;
    assert_eq!(entries.len(), 40);
    assert_eq!(entries[0]["target"], format!("key/{id}/duffel/search"));
    assert_eq!(
        (&entries[0]["request_id"], &entries[0]["outcome"]),
        (&json!("request-of-the-test"), &json!("success"))
    );
    let usage = ann.get(&format!("{KEYS}/usage")).await.expect(200);
    assert_eq!(
        usage.data()["days"],
        json!([{ "day": "2027-03-03", "service": "duffel", "uses": 40 }])
    );
    assert_eq!(
        (&usage.data()["total_uses"], &usage.data()["total_count"]),
        (&json!(40), &json!(1))
    );
    let usage = ann.get(&format!("{KEYS}/{id}/usage?days=1")).await.expect(200);
    assert_eq!(
        (&usage.data()["uses_today"], &usage.data()["usage_count"]),
        (&json!(40), &json!(40))
    );
    let key = ann.get(&format!("{KEYS}/{id}")).await.expect(200);
    assert_eq!(
        (&key.data()["usage_count"], &key.data()["last_used"]),
        (&json!(40), &json!("2027-03-03T10:00:00Z"))
    );
    assert_eq!(key.header("etag"), "\"1\"", "a use is no change");
}

#[tokio::test]
async fn a_key_is_used_as_often_as_its_owner_allows_it_on_a_day() {
    let api = Api::start().await;
    let ann = api.user("ann").await;
    let id = stored(&ann, "duffel", &duffel("abcd")).await;
    ann.patch(&format!("{KEYS}/{id}"), json!({ "daily_limit": 3 }))
        .await
        .expect(200);
    let mut opener = Opener::new(&api, "bookings");
    let key: KeyId = id.parse().unwrap();
    for _ in 0..3 {
        opener.open(user_id(&ann), key).await.unwrap();
    }
    let error = opener.open(user_id(&ann), key).await.unwrap_err();
    assert!(matches!(error, VaultError::Exhausted { until } if until.to_string() == "2027-03-04T00:00:00Z"));
    let withheld = trail(&ann, "key.withheld").await;
    assert_eq!((withheld.len(), &withheld[0]["outcome"]), (1, &json!("failure")));
    let recorded = trail(&ann, "key.used").await.len() + withheld.len();
    assert_eq!(decrypts(&api), recorded, "each decryption is recorded");
    let chosen = opener.vault.find(user_id(&ann), key).await.unwrap().unwrap();
    let reconciled = opener.vault.open(&chosen, Purpose::Reconciliation, &opener.used).await;
    assert!(reconciled.is_ok(), "what was begun is finished");
    api.advance(SignedDuration::from_hours(24));
    opener.used.at = api.now();
    opener.open(user_id(&ann), key).await.unwrap();
}

#[tokio::test]
async fn a_key_that_is_removed_locked_or_over_is_not_used() {
    let api = Api::start().await;
    let ann = api.user("ann").await;
    let user = user_id(&ann);
    let opener = Opener::new(&api, "search");
    let id = stored(&ann, "duffel", &duffel("abcd")).await;
    let chosen = opener
        .vault
        .choose(user, Service::Duffel, false)
        .await
        .unwrap()
        .unwrap();
    ann.delete(&format!("{KEYS}/{id}")).await.expect(200);
    let error = opener
        .vault
        .open(&chosen, Purpose::Search, &opener.used)
        .await
        .unwrap_err();
    assert!(matches!(error, VaultError::Gone), "{error}");
    assert_eq!(trail(&ann, "key.withheld").await.len(), 1);
    for row in api.dump().await {
        let entity = format!("{:?}", row.entity);
        assert!(!["ProviderKey", "SealedUnder"].contains(&entity.as_str()), "{entity}");
    }
    assert!(
        opener
            .vault
            .choose(user, Service::Duffel, false)
            .await
            .unwrap()
            .is_none()
    );

    let id = stored(&ann, "duffel", &duffel("abcd")).await;
    for _ in 0..3 {
        ann.post(KEYS, json!({ "name": "n", "service": "duffel_webhook" }))
            .await
            .expect(201);
    }
    let locked = opener.vault.choose(user, Service::Duffel, false).await;
    assert!(matches!(locked, Err(VaultError::Locked { .. })));
    assert!(
        opener
            .vault
            .choose(user, Service::Duffel, true)
            .await
            .unwrap()
            .is_none(),
        "the stage has none"
    );
    let instead = opener
        .vault
        .choose(user, Service::GooglePlaces, true)
        .await
        .unwrap()
        .unwrap();
    assert_eq!((instead.account(), instead.key_id()), ("stage".to_owned(), None));
    let own = opener
        .vault
        .open(&instead, Purpose::Search, &opener.used)
        .await
        .unwrap();
    assert!(own.expose_secret().starts_with("AIza"), "the stage's own is not locked");
    let error = opener.open(user, id.parse().unwrap()).await.unwrap_err();
    assert!(matches!(error, VaultError::Locked { .. }), "{error}");
    let chosen = opener.vault.find(user, id.parse().unwrap()).await.unwrap().unwrap();
    assert!(opener.vault.open(&chosen, Purpose::Webhook, &opener.used).await.is_ok());
}
