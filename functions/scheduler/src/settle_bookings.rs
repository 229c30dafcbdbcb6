use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use futures_util::{StreamExt, future, stream};
use tripsage_domain::{
    audit::Source,
    booking::Actor,
    ids::{BookingId, UserId},
};
use tripsage_ordering::{Act, Ordering, OrderingError, Settled};
use tripsage_providers::{Deadline, Providers};
use tripsage_store::{StoreError, due::DueRow, keys::DueList};

use crate::{BATCH, MOST, Report, Scheduler};

/// How long one run begins new entries: the next run comes after a minute, and has hardly any of them to do again.
const RUN: Duration = Duration::from_secs(50);

/// Bookings that are looked at at the same time.
const AT_ONCE: usize = 8;

/// How long one booking may take.
const EACH: Duration = Duration::from_secs(30);

impl Scheduler {
    /// Finds out what became of bookings whose outcome is not known, and of holds that run out. What cannot be found
    /// out now is looked at again later.
    pub(crate) async fn settle_bookings(&self) -> Result<Report, StoreError> {
        let begun = Instant::now();
        let providers = Arc::new(Providers::new(&self.runtime));
        let ordering = Ordering::new(&self.runtime, &self.db, &self.vault, &providers);
        let mut report = Report::default();
        let mut failure = None;
        while report.done + report.void < MOST && begun.elapsed() < RUN {
            let due = self
                .db
                .list_due(DueList::Booking, self.runtime.now(), BATCH + report.failed)
                .await?;
            // What failed in this run stays at the head of the list.
            let due: Vec<_> = due.into_iter().skip(report.failed).collect();
            if due.is_empty() {
                break;
            }
            let results: Vec<_> = stream::iter(due)
                .take_while(|_| future::ready(begun.elapsed() < RUN))
                .map(async |entry| (entry.id, self.settle_booking(&ordering, &entry).await))
                .buffer_unordered(AT_ONCE)
                .collect()
                .await;
            for (id, result) in results {
                match result {
                    Ok(Settled::Done | Settled::Pending | Settled::Unseen) => report.done += 1,
                    Ok(Settled::Nothing) => report.void += 1,
                    Err(error) => {
                        tracing::error!(booking = %id, %error, "a booking stays for the next run");
                        report.failed += 1;
                        failure = Some(error);
                    }
                }
            }
        }
        tracing::info!(?report, "bookings settled");
        failure.map_or(Ok(report), Err)
    }

    async fn settle_booking(&self, ordering: &Ordering, entry: &DueRow) -> Result<Settled, StoreError> {
        let owner = entry.notes.as_deref().and_then(|owner| owner.parse::<UserId>().ok());
        let act = Act {
            actor: Actor::Job,
            source: Source::default(),
            deadline: Deadline::after(EACH),
        };
        let mut settled = Settled::Nothing;
        if let Some(owner) = owner {
            let id = BookingId::from_uuid(entry.id);
            settled = match ordering.settle(owner, id, &act).await {
                Ok(settled) => settled,
                Err(OrderingError::Store(error)) => return Err(error),
                Err(error) => return Err(StoreError::Unavailable(error.to_string())),
            };
            // Who moves a booking on moves its entry in the same transaction. One that was not moved keeps it.
            let booking = self.db.find_booking(owner, id).await?;
            if booking.is_some_and(|booking| booking.due_at == Some(entry.at)) {
                return Err(StoreError::Unavailable("the booking was not moved on".to_owned()));
            }
        }
        self.db.settle(DueList::Booking, entry).await?;
        Ok(settled)
    }
}
