//! Orders at providers: placed once, paid once, cancelled once, whatever fails on the way.
//!
//! Whatever changes something at the provider is recorded before it is done, in a conditional write that only one
//! process can win; only that process does it, and it does it once. Everybody else who finds it recorded, be it the
//! same request again, a job, or a message of the provider, asks the provider what became of it ([`Ordering::settle`]).
//! The decisions are those of [`tripsage_domain::booking`]; here is only their order, and the calls between them.
//!
//! This crate never orders with a key of the stage, never stores anything of a traveller but the name, and never takes
//! a price from a client.

mod attach;
mod cancel;
mod commit;
mod error;
mod lookup;
mod observe;
mod pay;
mod place;
mod place_stay;
mod record;
mod settle;

use std::{sync::Arc, time::Duration};

use jiff::Timestamp;
use tripsage_domain::{
    audit::Source,
    booking::{Actor, Booking},
    ids::{BookingId, UserId, random_uuid},
    service::Service,
};
use tripsage_providers::{Access, Deadline, Fault, Providers};
use tripsage_runtime::Runtime;
use tripsage_store::Db;
use tripsage_vault::{Chosen, Purpose, Use, Vault};

pub use cancel::Cancelled;
pub use error::OrderingError;
pub use place::FlightOrder;
pub use place_stay::StayOrder;
pub use settle::Settled;

/// Places, pays, cancels and settles orders. Cheap to clone.
#[derive(Clone)]
pub struct Ordering {
    runtime: Runtime,
    db: Db,
    vault: Vault,
    providers: Arc<Providers>,
}

/// On whose behalf, and until when.
#[derive(Debug, Clone)]
pub struct Act {
    /// Who wants to know.
    pub actor: Actor,
    /// Where the request came from, for the audit trail.
    pub source: Source,
    /// When nobody waits for the answer any more.
    pub deadline: Deadline,
}

/// What is kept of the time that an act has, to write down what its call came to.
const RESERVE: Duration = Duration::from_secs(3);

/// A key that is open, and which one it is.
struct Opened {
    chosen: Chosen,
    access: Access,
}

impl Ordering {
    /// Works with this process's own connections to the providers.
    pub fn new(runtime: &Runtime, db: &Db, vault: &Vault, providers: &Arc<Providers>) -> Self {
        Self {
            runtime: runtime.clone(),
            db: db.clone(),
            vault: vault.clone(),
            providers: Arc::clone(providers),
        }
    }

    /// A booking of a user.
    ///
    /// # Errors
    /// [`OrderingError::NotFound`].
    pub async fn find(&self, owner: UserId, id: BookingId) -> Result<Booking, OrderingError> {
        self.db.find_booking(owner, id).await?.ok_or(OrderingError::NotFound)
    }

    fn now(&self) -> Timestamp {
        self.runtime.now()
    }

    fn nonce(&self) -> String {
        random_uuid(&*self.runtime.ports().entropy).to_string()
    }

    /// The user's own key for a new booking.
    async fn own_key(&self, owner: UserId, act: &Act) -> Result<Opened, OrderingError> {
        let chosen = self.vault.choose(owner, Service::Duffel, false).await?;
        self.open(chosen.ok_or(OrderingError::KeyRequired)?, Purpose::Booking, act)
            .await
    }

    /// The key that a booking was made with: no other shows its order.
    async fn key_of(&self, booking: &Booking, act: &Act) -> Result<Opened, OrderingError> {
        let deal = booking.deal.as_ref().ok_or(OrderingError::KeyRequired)?;
        let chosen = self.vault.find(booking.owner, deal.key).await?;
        self.open(chosen.ok_or(OrderingError::KeyGone)?, Purpose::Reconciliation, act)
            .await
    }

    async fn open(&self, chosen: Chosen, purpose: Purpose, act: &Act) -> Result<Opened, OrderingError> {
        let used = self.used(act);
        let secret = self.vault.open(&chosen, purpose, &used).await?;
        let access = Access {
            account: chosen.account().into(),
            secret,
        };
        Ok(Opened { chosen, access })
    }

    fn used(&self, act: &Act) -> Use {
        Use {
            at: self.now(),
            source: act.source.clone(),
        }
    }

    /// Tells the vault when the provider refuses a key, and passes the failure on.
    async fn heard<T>(
        &self,
        key: &Opened,
        act: &Act,
        answer: Result<T, tripsage_providers::ProviderError>,
    ) -> Result<T, tripsage_providers::ProviderError> {
        match &answer {
            Ok(_) => self.vault.mark_accepted(&key.chosen, &self.used(act)).await,
            Err(error) if error.fault == Fault::KeyRefused => {
                self.vault.mark_refused(&key.chosen, &self.used(act)).await;
            }
            Err(_) => {}
        }
        answer
    }
}

impl Act {
    /// The time that a call may take, so that what it came to can still be written down.
    fn for_a_call(&self) -> Deadline {
        self.deadline.within(self.deadline.remaining().saturating_sub(RESERVE))
    }

    /// Whether there is time for another look.
    fn has_time(&self) -> bool {
        self.deadline.remaining() > RESERVE + Duration::from_secs(1)
    }
}
