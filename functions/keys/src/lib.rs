//! Users' own provider keys (BYOK): stored sealed, checked with their service, replaced, counted, and never shown again.
//!
//! This function alone seals keys. Of a key that was entered it gives back four characters at most; there is no operation
//! that reads one back, for anybody.

mod create_key;
mod delete_key;
mod guard;
mod key_body;
mod key_text;
mod list_audit;
mod list_keys;
mod probe;
mod rate_classes;
mod rotate_key;
mod update_key;
mod usage;
mod validate_key;

use std::{sync::Arc, time::Duration};

use axum::Router;
use jiff::Timestamp;
use tripsage_cache::Tag;
use tripsage_domain::ids::{KeyId, UserId};
use tripsage_http::{ApiError, Caller, Context, Edge, EdgeOptions, describe, operations};
use tripsage_providers::Providers;
use tripsage_runtime::Runtime;
use tripsage_store::{Db, Loaded, StoreError, Transaction, provider_keys::KeyRow};
use tripsage_vault::{Use, Vault};
use utoipa::openapi::OpenApi;

use crate::{key_body::KeyResponse, probe::Verdicts};

/// Attempts at a change when something else is changed at the same time.
const ATTEMPTS: u32 = 5;

/// Pause before the second attempt; it doubles.
const FIRST_PAUSE: Duration = Duration::from_millis(10);

/// What the handlers work with.
#[derive(Clone)]
pub(crate) struct App {
    pub(crate) edge: Edge,
    pub(crate) db: Db,
    pub(crate) vault: Vault,
    pub(crate) providers: Arc<Providers>,
    pub(crate) verdicts: Arc<Verdicts>,
}

impl App {
    fn new(runtime: &Runtime, edge: Edge) -> Self {
        let db = edge.db().clone();
        Self {
            vault: Vault::new(runtime, &db),
            providers: Arc::new(Providers::new(runtime)),
            verdicts: Arc::new(Verdicts::new(&*runtime.ports().entropy)),
            db,
            edge,
        }
    }

    /// A key of the caller. One whose row cannot be read is not to be had; all that can be done is to remove it.
    pub(crate) async fn find_key(&self, caller: &Caller, key: KeyId) -> Result<Loaded<KeyRow>, ApiError> {
        match self.db.find_provider_key(caller.user, key).await {
            Err(StoreError::Corrupt(error)) => {
                tracing::error!(alarm = "key_unreadable", %key, %error, "a stored key cannot be read");
                Err(ApiError::not_found("key"))
            }
            found => found?.ok_or_else(|| ApiError::not_found("key")),
        }
    }

    /// Commits, again after a pause while another transaction over the same rows is under way.
    pub(crate) async fn commit(&self, transaction: Transaction) -> Result<(), StoreError> {
        let mut pause = FIRST_PAUSE;
        for _ in 1..ATTEMPTS {
            match self.db.commit(transaction.clone()).await {
                Err(StoreError::Throttled(_)) => tokio::time::sleep(pause).await,
                result => return result,
            }
            pause *= 2;
        }
        self.db.commit(transaction).await
    }

    /// A key as its owner sees it.
    pub(crate) fn show(&self, user: UserId, row: &KeyRow, now: Timestamp) -> KeyResponse {
        KeyResponse::new(&self.edge.runtime().config().public_url, user, row, now)
    }

    /// What depends on the caller's keys, such as whose key searches take, is void.
    pub(crate) async fn bump(&self, caller: &Caller) {
        self.edge.bump(&Tag::User(caller.user.to_string())).await;
    }
}

/// How a request uses a key.
pub(crate) fn used(context: &Context) -> Use {
    Use {
        at: context.now,
        source: context.source.clone(),
    }
}

operations!(App: [
    list_keys::list_keys,
    create_key::create_key,
    list_keys::get_key,
    update_key::update_key,
    delete_key::delete_key,
    validate_key::validate_key,
    validate_key::validate_stored_key,
    rotate_key::rotate_key,
    usage::get_usage,
    usage::get_key_usage,
    list_audit::list_key_audit,
]);

/// The routes, with the edge around them.
pub fn router(runtime: &Runtime) -> Router {
    let options = EdgeOptions {
        rate_class: rate_classes::of,
        remember_answers: true,
        ..EdgeOptions::default()
    };
    let edge = Edge::new(runtime, options);
    let app = App::new(runtime, edge.clone());
    edge.serve(routes().with_state(app))
}

/// The description of the operations.
pub fn openapi() -> OpenApi {
    describe(document())
}
