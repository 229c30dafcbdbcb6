//! What the edge needs to know to accept a credential: the public keys, and whether a sign-in or a personal access
//! token is still good.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use tripsage_domain::ids::{SessionId, TokenId, UserId};

use crate::{Db, Loaded, StoreError, Write, keys};

/// The keys that every function may read: they verify access tokens and seal cursors. Only the auth function may
/// write them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeyringRow {
    /// Public keys, newest first.
    pub keys: Vec<PublicKeyRow>,
    /// Key that seals cursors: 32 bytes in base64url. It protects a cursor's integrity and nothing else; what a cursor
    /// may reach is bounded by the caller's own partition.
    pub cursor_key: String,
}

/// A public Ed25519 key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PublicKeyRow {
    /// Its id.
    pub kid: String,
    /// The public key, 32 bytes in base64url.
    pub x: String,
}

/// One sign-in: a family of refresh tokens, of which exactly one is current.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SessionRow {
    /// Its id.
    pub id: SessionId,
    /// Whose it is.
    pub user: UserId,
    /// Number of the current refresh token; grows by one with each rotation.
    pub counter: u64,
    /// When the current refresh token became current.
    pub rotated_at: Timestamp,
    /// When the user signed in.
    pub created_at: Timestamp,
    /// When it ends whatever happens.
    pub ends_at: Timestamp,
    /// When it ends unless it is refreshed.
    pub idle_ends_at: Timestamp,
    /// When it was revoked.
    pub revoked_at: Option<Timestamp>,
    /// How the user signed in: `password`, `otp`, `github`, `google`.
    pub method: String,
    /// Address of the client at the last rotation.
    pub ip: String,
    /// What the client called itself at the last rotation.
    pub user_agent: String,
    /// For time to live.
    pub expires_at: i64,
}

impl SessionRow {
    /// Whether its access and refresh tokens are good at `now`.
    pub fn is_live(&self, now: Timestamp) -> bool {
        self.revoked_at.is_none() && now < self.ends_at && now < self.idle_ends_at
    }
}

/// A personal access token; only the digest of its secret is kept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AccessTokenRow {
    /// Its id.
    pub id: TokenId,
    /// Whose it is.
    pub user: UserId,
    /// What its owner calls it.
    pub name: String,
    /// SHA-256 of the secret, in hexadecimal.
    pub digest: String,
    /// Names of its scopes.
    pub scopes: Vec<String>,
    /// Role of its owner when it was made.
    pub role: String,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it ends.
    pub ends_at: Timestamp,
    /// For time to live.
    pub expires_at: i64,
}

impl Db {
    /// AP-05: the keyring; `None` before the auth function has made it.
    ///
    /// # Errors
    /// When DynamoDB does not answer.
    pub async fn find_keyring(&self) -> Result<Option<KeyringRow>, StoreError> {
        Ok(self.get(&keys::keyring()).await?.map(|loaded| loaded.item))
    }

    /// AP-06: one sign-in of a user.
    ///
    /// # Errors
    /// When DynamoDB does not answer.
    pub async fn find_session(&self, user: UserId, session: SessionId) -> Result<Option<SessionRow>, StoreError> {
        Ok(self.get(&keys::session(user, session)).await?.map(|loaded| loaded.item))
    }

    /// AP-07: one personal access token of a user.
    ///
    /// # Errors
    /// When DynamoDB does not answer.
    pub async fn find_access_token(&self, user: UserId, token: TokenId) -> Result<Option<AccessTokenRow>, StoreError> {
        Ok(self
            .get(&keys::access_token(user, token))
            .await?
            .map(|loaded| loaded.item))
    }

    /// The keyring with its version, for who writes it (AP-05).
    ///
    /// # Errors
    /// When DynamoDB does not answer.
    pub async fn load_keyring(&self) -> Result<Option<Loaded<KeyringRow>>, StoreError> {
        self.get(&keys::keyring()).await
    }

    /// AP-08: puts a keyring in the place of the one that was read, or the first one.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] when another process was faster.
    pub async fn replace_keyring(&self, old: Option<u64>, new: &KeyringRow) -> Result<(), StoreError> {
        let key = keys::keyring();
        let write = match old {
            Some(version) => Write::replace("keyring", key, new, version)?,
            None => Write::insert("keyring", key, new)?,
        };
        self.commit(write).await
    }
}
