use std::sync::Mutex;

use jiff::{SignedDuration, Timestamp};
use tripsage_store::{Db, StoreError, credentials::KeyringRow};

/// The public keys and the cursor key, as this process knows them.
pub struct Keyring {
    known: Mutex<Option<(KeyringRow, Timestamp)>>,
}

/// How long a known keyring is used without looking again.
const FRESH: SignedDuration = SignedDuration::from_secs(300);

/// A key that is not known is looked up at most this often, however many tokens name it.
const PATIENCE: SignedDuration = SignedDuration::from_secs(10);

impl Default for Keyring {
    fn default() -> Self {
        Self {
            known: Mutex::new(None),
        }
    }
}

impl Keyring {
    /// The public key with this id; looks into the table when it is not known here, at most every ten seconds.
    pub(crate) async fn public_key(&self, db: &Db, kid: &str, now: Timestamp) -> Result<Option<String>, StoreError> {
        let find = |row: &KeyringRow| row.keys.iter().find(|key| key.kid == kid).map(|key| key.x.clone());
        if let Some((row, read)) = self.known() {
            let found = find(&row);
            let age = now.duration_since(read);
            if (found.is_some() && age < FRESH) || (found.is_none() && age < PATIENCE) {
                return Ok(found);
            }
        }
        Ok(self.read(db, now).await?.as_ref().and_then(find))
    }

    /// The key that seals cursors.
    pub(crate) async fn cursor_key(&self, db: &Db, now: Timestamp) -> Result<Option<String>, StoreError> {
        if let Some((row, read)) = self.known()
            && now.duration_since(read) < FRESH
        {
            return Ok(Some(row.cursor_key));
        }
        Ok(self.read(db, now).await?.map(|row| row.cursor_key))
    }

    fn known(&self) -> Option<(KeyringRow, Timestamp)> {
        self.known
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner)
            .clone()
    }

    async fn read(&self, db: &Db, now: Timestamp) -> Result<Option<KeyringRow>, StoreError> {
        let row = db.find_keyring().await?;
        let known = row.clone().map(|row| (row, now));
        *self.known.lock().unwrap_or_else(std::sync::PoisonError::into_inner) = known;
        Ok(row)
    }
}
