//! Personal access tokens.

use tripsage_domain::ids::{TokenId, UserId};

use crate::{Condition, Db, Range, StoreError, Transaction, Write, credentials::AccessTokenRow, keys, keys::Table};

/// Tokens that are read at most; a user may have far fewer.
const MOST: usize = 100;

/// Label of the write that fails when there is no such token any more.
pub const TOKEN_GONE: &str = "access_token";

impl Db {
    /// AP-28: personal access tokens of a user, expired ones included until time to live removes them.
    ///
    /// # Errors
    /// When DynamoDB does not answer.
    pub async fn list_access_tokens(&self, user: UserId) -> Result<Vec<AccessTokenRow>, StoreError> {
        let range = Range::new(Table::Identity, keys::user_partition(user), "TOKEN#", MOST);
        let rows = self.query_all(range).await?;
        Ok(rows.into_iter().map(|loaded| loaded.item).collect())
    }

    /// AP-28, AP-30: removes every personal access token of a user; says which.
    ///
    /// # Errors
    /// When DynamoDB does not answer.
    pub async fn remove_access_tokens(&self, user: UserId) -> Result<Vec<TokenId>, StoreError> {
        let mut removed = Vec::new();
        for token in self.list_access_tokens(user).await? {
            match self
                .commit(Transaction::default().removing_access_token(user, token.id))
                .await
            {
                Ok(()) | Err(StoreError::Conflict(_)) => removed.push(token.id),
                Err(error) => return Err(error),
            }
        }
        Ok(removed)
    }
}

impl Transaction {
    /// AP-29: a new personal access token.
    ///
    /// # Errors
    /// When the row cannot be expressed in DynamoDB's types.
    pub fn inserting_access_token(self, token: &AccessTokenRow) -> Result<Self, StoreError> {
        let key = keys::access_token(token.user, token.id);
        Ok(self.with(Write::insert(TOKEN_GONE, key, token)?))
    }

    /// AP-30: removes a personal access token, which is how it is revoked. Conflict: [`TOKEN_GONE`].
    #[must_use]
    pub fn removing_access_token(self, user: UserId, token: TokenId) -> Self {
        let key = keys::access_token(user, token);
        self.with(Write::remove(TOKEN_GONE, key, Condition::Present))
    }
}
