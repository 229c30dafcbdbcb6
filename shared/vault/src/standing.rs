//! What becomes known of a key while it is used.

use jiff::Timestamp;
use tripsage_domain::{audit::Action, key::Standing};
use tripsage_store::{
    Loaded, StoreError, Transaction,
    provider_keys::{KEY_CHANGED, KeyRow},
};

use crate::{Chosen, Use, UserKey, Vault};

/// Attempts when the key is changed at the same time.
const ATTEMPTS: u32 = 4;

impl Vault {
    /// Its service said 401 or 403 to it: the version is not used any more. If the one before it is still there, that
    /// one is used again. Never fails: what the request came for has its own answer.
    pub async fn mark_refused(&self, chosen: &Chosen, used: &Use) {
        match chosen {
            Chosen::Stage(service) => {
                tracing::error!(alarm = "stage_key_refused", %service, "a service refuses the stage's own key");
            }
            Chosen::User(key) => {
                let Some(version) = key.row.item.current().map(|sealed| sealed.version) else {
                    return;
                };
                let target = format!("key/{}/{}", key.row.item.id, key.service);
                let record = self.record(key.user, Action::KeyRefused, target, used);
                let transaction = Transaction::default().audited(&record);
                self.learn(key, transaction, |row| set_standing(row, version, Standing::Refused))
                    .await;
            }
        }
    }

    /// Its service has accepted it: if that was not known, it is now, and the versions before it are removed. Costs
    /// nothing for a key of which it is known. Never fails.
    pub async fn mark_accepted(&self, chosen: &Chosen, used: &Use) {
        if let Chosen::User(key) = chosen
            && let Some(current) = key.row.item.current()
            && accept(&mut key.row.item.clone(), current.version)
        {
            let version = current.version;
            self.learn(key, Ok(Transaction::default()), |row| {
                let is_news = accept(row, version);
                if is_news {
                    row.last_validated = row.last_validated.max(Some(used.at));
                }
                is_news
            })
            .await;
        }
    }

    /// Its service was asked about it at that instant, and has accepted it. As [`Self::mark_accepted`], and says when
    /// that was. Never fails.
    pub async fn mark_validated(&self, chosen: &Chosen, at: Timestamp) {
        if let Chosen::User(key) = chosen
            && let Some(version) = key.asked_about().map(|sealed| sealed.version)
        {
            self.learn(key, Ok(Transaction::default()), |row| {
                let is_news = accept(row, version);
                let before = row.last_validated;
                row.last_validated = before.max(Some(at));
                is_news || row.last_validated != before
            })
            .await;
        }
    }

    pub(crate) async fn mark_unreadable(&self, key: &UserKey, version: u32) {
        tracing::error!(alarm = "key_unreadable", key = %key.row.item.id, "a key cannot be decrypted");
        self.learn(key, Ok(Transaction::default()), |row| {
            set_standing(row, version, Standing::Unreadable)
        })
        .await;
    }

    /// Writes down what became known, unless the key has changed so that it says nothing about it any more.
    async fn learn(&self, key: &UserKey, with: Result<Transaction, StoreError>, change: impl Fn(&mut KeyRow) -> bool) {
        let learnt = async {
            let with = with?;
            let mut known: Loaded<KeyRow> = key.row.clone();
            for _ in 0..ATTEMPTS {
                let mut new = known.item.clone();
                if !change(&mut new) {
                    return Ok(());
                }
                let transaction = with.clone().changing_provider_key(key.user, &known, &new)?;
                match self.db().commit(transaction).await {
                    Err(StoreError::Conflict(KEY_CHANGED) | StoreError::Throttled(_)) => {}
                    result => return result,
                }
                match self.db().find_provider_key(key.user, key.row.item.id).await? {
                    Some(row) => known = row,
                    None => return Ok(()),
                }
            }
            Err(StoreError::Throttled("the key keeps changing".to_owned()))
        };
        if let Err(error) = learnt.await {
            tracing::warn!(%error, "what became known of a key was not written down");
        }
    }
}

/// A version that is accepted is proven, and needs no other to fall back to. Says whether that was news.
fn accept(row: &mut KeyRow, version: u32) -> bool {
    let before = row.sealed.len();
    let is_news = set_standing(row, version, Standing::Proven);
    row.sealed.retain(|sealed| sealed.version >= version);
    is_news || row.sealed.len() != before
}

/// Says whether that was news.
fn set_standing(row: &mut KeyRow, version: u32, standing: Standing) -> bool {
    let sealed = row.sealed.iter_mut().find(|sealed| sealed.version == version);
    let is_news = sealed.is_some_and(|sealed| std::mem::replace(&mut sealed.standing, standing) != standing);
    row.refresh_hint();
    is_news
}
