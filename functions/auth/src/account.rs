//! Finding the account that somebody names, and comparing the password that they give.
//!
//! An unknown account takes the same path as a known one: the same reads of items that do not exist, the same count
//! of attempts, the same hashing, and the same answer.

use std::time::Duration;

use tripsage_domain::{
    audit::Action,
    ids::UserId,
    lockout::{self, Attempts, Turn},
    user::{Email, Password, Username},
    validation::Rule,
};
use tripsage_http::{ApiError, Code, Context};
use tripsage_store::{
    Loaded, Transaction,
    keys::{Digest, email_digest},
    users::{PasswordRow, UserRow},
};
use uuid::Uuid;

use crate::{App, hasher::Comparison};

/// By what somebody names an account.
#[derive(Debug, Clone)]
pub(crate) enum Login {
    Email(Email),
    Username(Username),
}

impl Login {
    /// Whatever has an `@` is an e-mail address; a username cannot have one.
    pub(crate) fn parse(text: &str) -> Result<Self, Rule> {
        if text.contains('@') {
            Email::parse(text).map(Self::Email)
        } else {
            Username::parse(text).map(Self::Username)
        }
    }
}

/// The account that was named, or the one that is not there.
struct Account {
    /// Under what its attempts are counted.
    digest: Digest,
    id: UserId,
    user: Option<Loaded<UserRow>>,
    password: Option<Loaded<PasswordRow>>,
}

/// An id that belongs to nobody, always the same for the same name.
pub(crate) fn nobody(name: &Digest) -> UserId {
    let hex = name.to_string();
    UserId::from_uuid(Uuid::try_parse(&hex[..32]).unwrap_or_default())
}

impl App {
    async fn find_account(&self, login: &Login) -> Result<Account, ApiError> {
        let (name, known) = match login {
            Login::Email(email) => (email_digest(email), self.db.find_user_id_by_email(email).await?),
            Login::Username(username) => {
                let entry = self.db.find_directory_entry(username).await?;
                let name = Digest::of(&[b"username", username.canonical().as_bytes()]);
                (name, entry.map(|entry| entry.user))
            }
        };
        let id = known.unwrap_or_else(|| nobody(&name));
        let (user, password) = tokio::try_join!(self.db.find_user(id), self.db.find_password(id))?;
        // Whatever name was used, the attempts at one account are counted together.
        let digest = match &user {
            Some(user) => email_digest(&user.item.email()?),
            None => name,
        };
        Ok(Account {
            digest,
            id,
            user,
            password,
        })
    }

    /// The user who has this password.
    ///
    /// # Errors
    /// 401 when there is no such user, or the password is another one, or the account may not be used; 429 after too
    /// many attempts.
    pub(crate) async fn check_login(
        &self,
        context: &Context,
        login: &Login,
        password: &Password,
    ) -> Result<Loaded<UserRow>, ApiError> {
        let account = self.find_account(login).await?;
        match self.compare_password(context, &account, password).await? {
            Some(user) if user.item.is_active() => Ok(user),
            _ => Err(ApiError::new(Code::LoginFailed)),
        }
    }

    /// Whether a signed-in user has this password. Wrong ones count as attempts to sign in.
    pub(crate) async fn has_password(
        &self,
        context: &Context,
        user: &Loaded<UserRow>,
        password: &Password,
    ) -> Result<bool, ApiError> {
        let account = Account {
            digest: email_digest(&user.item.email()?),
            id: user.item.id,
            user: Some(user.clone()),
            password: self.db.find_password(user.item.id).await?,
        };
        Ok(self.compare_password(context, &account, password).await?.is_some())
    }

    async fn compare_password(
        &self,
        context: &Context,
        account: &Account,
        password: &Password,
    ) -> Result<Option<Loaded<UserRow>>, ApiError> {
        let attempts = match self.db.count_password_attempt(&account.digest, context.now).await? {
            Turn::Go(attempts) => attempts,
            Turn::Wait(delay) => {
                let after = Duration::try_from(delay).unwrap_or(Duration::from_secs(1));
                return Err(ApiError::new(Code::RateLimited)
                    .message("too many failed attempts for this account; wait, or reset the password")
                    .retry_after(after));
            }
        };
        let hash = account.password.as_ref().map(|row| row.item.hash.as_str());
        let comparison = self.hasher.compare(password, hash).await?;
        let (Some(user), Comparison::Same | Comparison::SameButWeak) = (&account.user, comparison) else {
            self.record_failure(context, account, attempts).await?;
            return Ok(None);
        };
        self.db.forget_password_attempts(&account.digest).await?;
        if comparison == Comparison::SameButWeak {
            self.strengthen(context, account, password).await;
        }
        Ok(Some(user.clone()))
    }

    async fn record_failure(&self, context: &Context, account: &Account, attempts: Attempts) -> Result<(), ApiError> {
        let action = if attempts.count >= lockout::FREE {
            Action::LoginLocked
        } else {
            Action::LoginFailed
        };
        let record = context.record(account.id, action, format!("user/{}", account.id));
        let transaction = match account.user {
            Some(_) => Transaction::default().audited(&record)?,
            None => Transaction::default().audited_briefly(&record)?,
        };
        Ok(self.db.commit(transaction).await?)
    }

    /// Hashes the password anew as strongly as new ones are. The sign-in does not depend on it.
    async fn strengthen(&self, context: &Context, account: &Account, password: &Password) {
        let result = async {
            let row = PasswordRow {
                hash: self.hasher.hash(password, &*context.ports.entropy).await?,
                changed_at: context.now,
            };
            let transaction = Transaction::default().replacing_password(account.id, account.password.as_ref(), &row)?;
            Ok::<_, ApiError>(self.db.commit(transaction).await?)
        };
        if let Err(error) = result.await {
            tracing::warn!(code = error.code().name(), "a weak hash stays for now");
        }
    }
}
