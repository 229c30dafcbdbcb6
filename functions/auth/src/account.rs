//! Finding the account that somebody names, and comparing the password that they give.
//!
//! An unknown account takes the same path as a known one: the same reads of items that do not exist, the same count
//! of attempts, the same hashing, and the same answer.

use std::time::Duration;

use tripsage_domain::{
    audit::Action,
    ids::{UserId, random_uuid},
    lockout::{self, Turn},
    user::{Email, Password, Username},
    validation::Rule,
};
use tripsage_hasher::Comparison;
use tripsage_http::{ApiError, Code, Context};
use tripsage_store::{
    Loaded, Transaction,
    keys::{Digest, email_digest},
    users::{PasswordRow, UserRow},
};
use uuid::Uuid;

use crate::App;

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
fn nobody(name: &Digest) -> UserId {
    let hex = name.to_string();
    UserId::from_uuid(Uuid::try_parse(&hex[..32]).unwrap_or_default())
}

impl App {
    /// Whose an e-mail address is, with as many reads when it is nobody's.
    pub(crate) async fn find_by_email(&self, email: &Email) -> Result<(UserId, Option<UserRow>), ApiError> {
        let known = self.db.find_user_id_by_email(email).await?;
        let id = known.unwrap_or_else(|| nobody(&email_digest(email)));
        let user = self.db.find_user(id).await?.map(|user| user.item);
        Ok((id, user.filter(UserRow::is_active)))
    }

    /// Records a failure, for an account that does not exist only to take as long.
    pub(crate) async fn record_failure(
        &self,
        context: &Context,
        id: UserId,
        exists: bool,
        action: Action,
    ) -> Result<(), ApiError> {
        let record = context.record(id, action, format!("user/{id}"));
        let transaction = if exists {
            Transaction::default().audited(&record)?
        } else {
            Transaction::default().audited_briefly(&record)?
        };
        Ok(self.db.commit(transaction).await?)
    }

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
        let nonce = random_uuid(&*context.ports.entropy).to_string();
        let turn = self
            .db
            .count_password_attempt(&account.digest, &nonce, context.now)
            .await?;
        let attempts = match turn {
            Turn::Go(attempts) => attempts,
            Turn::Wait(delay) => {
                let after = Duration::try_from(delay).unwrap_or(Duration::from_secs(1));
                return Err(ApiError::new(Code::RateLimited)
                    .message("too many failed attempts for this account; wait, or reset the password")
                    .retry_after(after));
            }
        };
        let hash = account.password.as_ref().map(|row| row.item.hash.as_str());
        let comparison = self.hasher.compare(password, hash).await.map_err(ApiError::internal)?;
        let (Some(user), Comparison::Same | Comparison::SameButWeak) = (&account.user, comparison) else {
            let action = if attempts.count >= lockout::FREE {
                Action::LoginLocked
            } else {
                Action::LoginFailed
            };
            self.record_failure(context, account.id, account.user.is_some(), action)
                .await?;
            return Ok(None);
        };
        self.db.forget_password_attempts(&account.digest).await?;
        if comparison == Comparison::SameButWeak {
            self.strengthen(context, account, password).await;
        }
        Ok(Some(user.clone()))
    }

    /// Hashes the password anew as strongly as new ones are. The sign-in does not depend on it.
    async fn strengthen(&self, context: &Context, account: &Account, password: &Password) {
        let result = async {
            let row = PasswordRow {
                hash: self.hash(context, password).await?,
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
