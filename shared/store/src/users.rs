//! Users, and the claims that make their e-mail addresses, usernames and accounts elsewhere unique.
//!
//! A claim is an item of its own, written in the transaction that gives it to somebody. The claim of a username is at
//! the same time its entry in the directory.

use aws_sdk_dynamodb::types::AttributeValue;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use tripsage_domain::{
    ids::UserId,
    user::{Email, Provider, Username, profile::Gender},
};

use crate::{
    Condition, Db, Loaded, Range, StoreError, Transaction, Write,
    keys::{self, Slug, Table},
};

/// What there is to know of a user.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct UserRow {
    /// Their id.
    pub id: UserId,
    /// Where to write to them, as they typed it.
    pub email: String,
    /// Whether they have shown that the address is theirs.
    pub email_verified: bool,
    /// The name by which others find them, as they typed it.
    pub username: String,
    /// The name that others see.
    pub display_name: Option<String>,
    /// Their full name; not public.
    pub full_name: Option<String>,
    /// A few sentences about them.
    pub bio: Option<String>,
    /// Where their picture is.
    pub avatar_url: Option<String>,
    /// How they like to travel.
    pub travel_style: Option<String>,
    /// What they are interested in.
    pub travel_interests: Vec<String>,
    /// What they say that they are; not public.
    #[serde(default)]
    pub gender: Option<Gender>,
    /// Name of their role on the product.
    pub role: String,
    /// When they registered.
    pub created_at: Timestamp,
    /// When something of this last changed.
    pub updated_at: Timestamp,
    /// When they were shut out.
    #[serde(default)]
    pub suspended_at: Option<Timestamp>,
    /// When they will be erased, after they have deleted their account.
    #[serde(default)]
    pub deletion_due: Option<Timestamp>,
}

impl UserRow {
    /// Whether they may use the product: neither shut out nor deleted.
    pub fn is_active(&self) -> bool {
        self.suspended_at.is_none() && self.deletion_due.is_none()
    }

    /// Their e-mail address.
    ///
    /// # Errors
    /// When what is stored is not one.
    pub fn email(&self) -> Result<Email, StoreError> {
        Email::parse(&self.email).map_err(|_| StoreError::Corrupt("email".to_owned()))
    }

    pub(crate) fn slug(&self) -> Result<Slug, StoreError> {
        Username::parse(&self.username)
            .map(|username| Slug::from(&username))
            .map_err(|_| StoreError::Corrupt("username".to_owned()))
    }

    fn directory_entry(&self) -> DirectoryRow {
        DirectoryRow {
            user: self.id,
            username: self.username.clone(),
            display_name: self.display_name.clone(),
            avatar_url: self.avatar_url.clone(),
            hidden: !self.is_active(),
        }
    }
}

/// The hash of a password.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PasswordRow {
    /// In the PHC string format: algorithm, parameters, salt, hash.
    pub hash: String,
    /// When it was chosen.
    pub changed_at: Timestamp,
}

/// Whose a username is, and what others see before they look closer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DirectoryRow {
    /// Whose it is.
    pub user: UserId,
    /// As it was typed.
    pub username: String,
    /// The name that others see.
    pub display_name: Option<String>,
    /// Where their picture is.
    pub avatar_url: Option<String>,
    /// Whether the directory leaves them out: they are shut out or have deleted their account.
    pub hidden: bool,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
struct ClaimRow {
    user: UserId,
}

/// An account elsewhere with which a user signs in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProviderLinkRow {
    /// Whose it is.
    pub user: UserId,
    /// Name of the provider.
    pub provider: String,
    /// The provider's own immutable id of the account.
    pub subject: String,
    /// What the account is called there, for its owner to recognise.
    pub label: String,
    /// When it was connected.
    pub linked_at: Timestamp,
}

/// Label of the write that fails when an e-mail address is taken.
pub const EMAIL_TAKEN: &str = "email";

/// Label of the write that fails when a username is taken.
pub const USERNAME_TAKEN: &str = "username";

/// Label of the write that fails when an account elsewhere belongs to somebody else.
pub const LINK_TAKEN: &str = "link";

/// Label of the write that fails when the user was changed at the same time.
pub const USER_CHANGED: &str = "user";

/// Entries of the directory that one search reads.
const SEARCH_READS: usize = 100;

impl Db {
    /// AP-10: one user.
    ///
    /// # Errors
    /// When DynamoDB does not answer.
    pub async fn find_user(&self, user: UserId) -> Result<Option<Loaded<UserRow>>, StoreError> {
        self.get(&keys::user(user)).await
    }

    /// AP-11: several users in one call, at most 100, in no order. Who does not exist is left out.
    ///
    /// # Errors
    /// When DynamoDB does not answer.
    pub async fn find_users(&self, users: &[UserId]) -> Result<Vec<UserRow>, StoreError> {
        let keys: Vec<_> = users.iter().map(|user| keys::user(*user)).collect();
        self.get_many(&keys).await
    }

    /// AP-12: the id of the user with this e-mail address.
    ///
    /// # Errors
    /// When DynamoDB does not answer.
    pub async fn find_user_id_by_email(&self, email: &Email) -> Result<Option<UserId>, StoreError> {
        let key = keys::email_claim(&keys::email_digest(email));
        Ok(self.get::<ClaimRow>(&key).await?.map(|loaded| loaded.item.user))
    }

    /// The user with this e-mail address (AP-12, then AP-10).
    ///
    /// # Errors
    /// When DynamoDB does not answer.
    pub async fn find_user_by_email(&self, email: &Email) -> Result<Option<Loaded<UserRow>>, StoreError> {
        match self.find_user_id_by_email(email).await? {
            Some(user) => self.find_user(user).await,
            None => Ok(None),
        }
    }

    /// AP-13: the directory's entry of this username, also when it is hidden.
    ///
    /// # Errors
    /// When DynamoDB does not answer.
    pub async fn find_directory_entry(&self, username: &Username) -> Result<Option<DirectoryRow>, StoreError> {
        let key = keys::username(&Slug::from(username));
        Ok(self.get(&key).await?.map(|loaded| loaded.item))
    }

    /// The user with this username (AP-13, then AP-10).
    ///
    /// # Errors
    /// When DynamoDB does not answer.
    pub async fn find_user_by_username(&self, username: &Username) -> Result<Option<Loaded<UserRow>>, StoreError> {
        match self.find_directory_entry(username).await? {
            Some(entry) => self.find_user(entry.user).await,
            None => Ok(None),
        }
    }

    /// AP-14: entries of the directory whose usernames begin with `prefix`, in alphabetical order. The prefix has at
    /// least two characters; a shorter one finds nothing.
    ///
    /// # Errors
    /// When DynamoDB does not answer.
    pub async fn search_usernames(&self, prefix: &Slug, limit: usize) -> Result<Vec<DirectoryRow>, StoreError> {
        let range = Range::new(
            Table::Identity,
            keys::username_partition(prefix),
            prefix.to_string(),
            SEARCH_READS,
        );
        let entries = self.query::<DirectoryRow>(range).await?.items;
        Ok(entries
            .into_iter()
            .map(|loaded| loaded.item)
            .filter(|entry| !entry.hidden)
            .take(limit)
            .collect())
    }

    /// AP-15: the hash of a user's password; `None` when they sign in otherwise.
    ///
    /// # Errors
    /// When DynamoDB does not answer.
    pub async fn find_password(&self, user: UserId) -> Result<Option<Loaded<PasswordRow>>, StoreError> {
        self.get(&keys::password(user)).await
    }

    /// AP-16: accounts elsewhere of a user.
    ///
    /// # Errors
    /// When DynamoDB does not answer.
    pub async fn list_provider_links(&self, user: UserId) -> Result<Vec<Loaded<ProviderLinkRow>>, StoreError> {
        let range = Range::new(
            Table::Identity,
            keys::user_partition(user),
            "LINK#",
            Provider::ALL.len(),
        );
        self.query_all(range).await
    }

    /// AP-17: the user who signs in with this account elsewhere.
    ///
    /// # Errors
    /// When DynamoDB does not answer.
    pub async fn find_user_by_link(
        &self,
        provider: Provider,
        subject: &str,
    ) -> Result<Option<Loaded<UserRow>>, StoreError> {
        let claim: Option<Loaded<ClaimRow>> = self.get(&keys::provider_claim(provider, subject)).await?;
        match claim {
            Some(claim) => self.find_user(claim.item.user).await,
            None => Ok(None),
        }
    }
}

impl Transaction {
    /// AP-18: a new user with their password and the account elsewhere with which they came. Conflicts:
    /// [`EMAIL_TAKEN`], [`USERNAME_TAKEN`], [`LINK_TAKEN`].
    ///
    /// # Errors
    /// When a row cannot be expressed in DynamoDB's types.
    pub fn inserting_user(
        self,
        user: &UserRow,
        password: Option<&PasswordRow>,
        link: Option<(Provider, &ProviderLinkRow)>,
    ) -> Result<Self, StoreError> {
        let claim = ClaimRow { user: user.id };
        let email = keys::email_claim(&keys::email_digest(&user.email()?));
        let username = keys::username(&user.slug()?);
        let mut transaction = self
            .with(Write::insert(EMAIL_TAKEN, email, &claim)?)
            .with(Write::insert(USERNAME_TAKEN, username, &user.directory_entry())?)
            .with(Write::insert(USER_CHANGED, keys::user(user.id), user)?);
        if let Some(password) = password {
            transaction.push(Write::insert("password", keys::password(user.id), password)?);
        }
        match link {
            Some((provider, link)) => transaction.linking(provider, link),
            None => Ok(transaction),
        }
    }

    /// AP-19: a user in the place of the version that was read, with the claims and the directory's entry following.
    /// Conflicts: [`USER_CHANGED`], [`EMAIL_TAKEN`], [`USERNAME_TAKEN`].
    ///
    /// # Errors
    /// As [`Self::inserting_user`].
    pub fn replacing_user(self, old: &Loaded<UserRow>, new: &UserRow) -> Result<Self, StoreError> {
        let user = new.id;
        let mut transaction = self.with(Write::replace(USER_CHANGED, keys::user(user), new, old.version)?);
        let (old_email, new_email) = (
            keys::email_digest(&old.item.email()?),
            keys::email_digest(&new.email()?),
        );
        if old_email != new_email {
            let claim = ClaimRow { user };
            transaction.push(Write::insert(EMAIL_TAKEN, keys::email_claim(&new_email), &claim)?);
            transaction.push(Write::remove(
                USER_CHANGED,
                keys::email_claim(&old_email),
                owned_by(user),
            ));
        }
        let (old_slug, new_slug) = (old.item.slug()?, new.slug()?);
        let entry = new.directory_entry();
        if old_slug != new_slug {
            transaction.push(Write::insert(USERNAME_TAKEN, keys::username(&new_slug), &entry)?);
            transaction.push(Write::remove(USER_CHANGED, keys::username(&old_slug), owned_by(user)));
        } else if old.item.directory_entry() != entry {
            // The entry follows the user, whose version is checked: its own version has no reader.
            let condition = owned_by(user);
            transaction.push(Write::put(
                USER_CHANGED,
                keys::username(&new_slug),
                &entry,
                1,
                condition,
            )?);
        }
        Ok(transaction)
    }

    /// AP-20: removes a user with their password, claims and links; sessions, tokens and whatever else is theirs is
    /// removed by who erases them. Conflict: [`USER_CHANGED`].
    ///
    /// # Errors
    /// As [`Self::inserting_user`].
    pub fn removing_user(self, user: &Loaded<UserRow>, links: &[Loaded<ProviderLinkRow>]) -> Result<Self, StoreError> {
        let id = user.item.id;
        let email = keys::email_claim(&keys::email_digest(&user.item.email()?));
        let mut transaction = self
            .with(Write::remove(
                USER_CHANGED,
                keys::user(id),
                Condition::Version(user.version),
            ))
            .with(Write::remove(USER_CHANGED, email, owned_by(id)))
            .with(Write::remove(
                USER_CHANGED,
                keys::username(&user.item.slug()?),
                owned_by(id),
            ))
            .with(Write::remove(USER_CHANGED, keys::password(id), Condition::anyway()));
        for link in links {
            transaction = transaction.unlinking(link)?;
        }
        Ok(transaction)
    }

    /// AP-21: a new password in the place of the version that was read, or a first one. Conflict: `password`.
    ///
    /// # Errors
    /// As [`Self::inserting_user`].
    pub fn replacing_password(
        self,
        user: UserId,
        old: Option<&Loaded<PasswordRow>>,
        new: &PasswordRow,
    ) -> Result<Self, StoreError> {
        let key = keys::password(user);
        Ok(self.with(match old {
            Some(old) => Write::replace("password", key, new, old.version)?,
            None => Write::insert("password", key, new)?,
        }))
    }

    /// AP-22: connects an account elsewhere. Conflict: [`LINK_TAKEN`].
    ///
    /// # Errors
    /// As [`Self::inserting_user`].
    pub fn linking(self, provider: Provider, link: &ProviderLinkRow) -> Result<Self, StoreError> {
        let claim = ClaimRow { user: link.user };
        Ok(self
            .with(Write::insert(
                LINK_TAKEN,
                keys::provider_claim(provider, &link.subject),
                &claim,
            )?)
            .with(Write::insert(
                LINK_TAKEN,
                keys::provider_link(link.user, provider),
                link,
            )?))
    }

    /// Lets the transaction fail unless the user still has a password, or this other account elsewhere. Conflict:
    /// [`LINK_TAKEN`].
    #[must_use]
    pub fn while_signing_in_with(self, user: UserId, other: Option<Provider>) -> Self {
        let key = other.map_or_else(|| keys::password(user), |other| keys::provider_link(user, other));
        self.with(Write::check(LINK_TAKEN, key, Condition::Present))
    }

    /// AP-23: disconnects an account elsewhere. Conflict: [`LINK_TAKEN`].
    ///
    /// # Errors
    /// When what is stored names no provider.
    pub fn unlinking(self, link: &Loaded<ProviderLinkRow>) -> Result<Self, StoreError> {
        let provider: Provider = link
            .item
            .provider
            .parse()
            .map_err(|()| StoreError::Corrupt("provider".to_owned()))?;
        let user = link.item.user;
        Ok(self
            .with(Write::remove(
                LINK_TAKEN,
                keys::provider_link(user, provider),
                Condition::Version(link.version),
            ))
            .with(Write::remove(
                LINK_TAKEN,
                keys::provider_claim(provider, &link.item.subject),
                owned_by(user),
            )))
    }
}

fn owned_by(user: UserId) -> Condition {
    Condition::expression("#user = :owner", vec![("owner", AttributeValue::S(user.to_string()))])
}
