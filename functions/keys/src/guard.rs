//! What keeps a stolen session from trying out, swapping or removing keys: too much of it locks them, and their owner is
//! told.

use tripsage_domain::{
    audit::Action,
    key::{Guard, Lock, Operation},
};
use tripsage_http::{ApiError, Caller, Code, Context};
use tripsage_runtime::Mail;
use tripsage_store::{Loaded, StoreError, Transaction};
use tripsage_vault::VaultError;

use crate::{ATTEMPTS, App};

impl App {
    /// Notes an operation before it is done, successful or not, unless the caller's keys are locked. The operation that
    /// makes it suspicious is the last one.
    pub(crate) async fn begin(&self, caller: &Caller, context: &Context, operation: Operation) -> Result<(), ApiError> {
        for _ in 0..ATTEMPTS {
            let known = self.db.find_key_guard(caller.user).await?;
            let (guard, transaction) = self.admitted(caller, context, &known.item).await?;
            let noted = guard.note(operation, context.now).map_err(locked)?;
            let mut transaction = transaction.noting_key_operation(caller.user, known.version, &noted, context.now)?;
            let was_locked = known.item.lock(context.now).is_some();
            let lock = noted.lock(context.now);
            if lock.is_some() {
                let target = format!("keys/{}", operation.name());
                transaction = transaction.audited(&context.record(caller.user, Action::KeysLocked, target))?;
            }
            match self.commit(transaction).await {
                Err(StoreError::Conflict(_)) => continue,
                result => result?,
            }
            if was_locked || lock.is_some() {
                self.bump(caller).await;
            }
            if let Some(lock) = lock {
                self.tell(caller, operation, lock).await;
            }
            return Ok(());
        }
        Err(ApiError::new(Code::EditConflict))
    }

    /// Lets a change go on that is not counted, unless the caller's keys are locked.
    pub(crate) async fn ensure_unlocked(&self, caller: &Caller, context: &Context) -> Result<(), ApiError> {
        let known = self.db.find_key_guard(caller.user).await?;
        match known.item.lock(context.now) {
            None => Ok(()),
            Some(lock) if self.unlock(caller, context).await? => {
                tracing::debug!(since = %lock.since, "keys unlocked");
                Ok(())
            }
            Some(lock) => Err(locked(lock)),
        }
    }

    /// Lifts the lock when the caller has signed in after it; says whether there is none any more.
    pub(crate) async fn unlock(&self, caller: &Caller, context: &Context) -> Result<bool, ApiError> {
        for _ in 0..ATTEMPTS {
            let Loaded { item: known, version } = self.db.find_key_guard(caller.user).await?;
            let Some(lock) = known.lock(context.now) else {
                return Ok(true);
            };
            if !self.has_signed_in_since(caller, lock).await? {
                return Ok(false);
            }
            let record = context.record(caller.user, Action::KeysUnlocked, "keys");
            let transaction = Transaction::default()
                .noting_key_operation(caller.user, version, &known.lifted(), context.now)?
                .audited(&record)?;
            match self.commit(transaction).await {
                Err(StoreError::Conflict(_)) => {}
                result => {
                    result?;
                    self.bump(caller).await;
                    return Ok(true);
                }
            }
        }
        Err(ApiError::new(Code::EditConflict))
    }

    /// The guard as it is for this caller, with what lifting its lock adds to the transaction.
    async fn admitted(
        &self,
        caller: &Caller,
        context: &Context,
        guard: &Guard,
    ) -> Result<(Guard, Transaction), ApiError> {
        match guard.lock(context.now) {
            Some(lock) if self.has_signed_in_since(caller, lock).await? => {
                let record = context.record(caller.user, Action::KeysUnlocked, "keys");
                Ok((guard.lifted(), Transaction::default().audited(&record)?))
            }
            _ => Ok((guard.clone(), Transaction::default())),
        }
    }

    /// Whoever could sign in anew is not somebody with a stolen session.
    async fn has_signed_in_since(&self, caller: &Caller, lock: Lock) -> Result<bool, ApiError> {
        let Some(id) = caller.session() else { return Ok(false) };
        let session = self.db.find_session(caller.user, id).await?;
        Ok(session.is_some_and(|session| session.created_at > lock.since))
    }

    /// Tells the owner by mail. That a mail cannot be sent must not undo the lock.
    async fn tell(&self, caller: &Caller, operation: Operation, lock: Lock) {
        let told = async {
            let user = self
                .db
                .find_user(caller.user)
                .await
                .map_err(|error| error.to_string())?;
            let user = user.ok_or_else(|| "there is no such user".to_owned())?.item;
            let mail = Mail {
                to: user.email.clone(),
                subject: "Your TripSage provider keys are locked".to_owned(),
                text: format!(
                    "Hello {},\n\nyour provider keys were used in an unusual way (many times `{}` within ten minutes), so \
                     they are locked: nothing new is searched or booked with them, and they cannot be changed.\n\n\
                     If that was you, sign in again and open the list of your keys; that unlocks them. If it was not you, \
                     change your password first, and replace the keys at their services. The lock ends by itself at {}.\n",
                    user.username,
                    operation.name(),
                    lock.ends_at(),
                ),
            };
            let mailer = self.edge.runtime().clients().mailer();
            mailer.send(&mail).await.map_err(|error| error.to_string())
        };
        tracing::warn!(
            alarm = "keys_locked",
            operation = operation.name(),
            "suspicious use has locked keys"
        );
        if let Err(error) = told.await {
            tracing::error!(%error, "the mail about locked keys was not sent");
        }
    }
}

fn locked(lock: Lock) -> ApiError {
    VaultError::Locked { until: lock.ends_at() }.into()
}
