//! Going on with what is under way, whoever began it.

use tripsage_domain::{
    booking::{Booking, Failure, Status, Step},
    ids::{BookingId, UserId},
};

use crate::{Act, Ordering, OrderingError, lookup::Look};

/// Steps that one look goes on for: found, attached.
const STEPS: u32 = 4;

/// What a look came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Settled {
    /// It is known what became of it.
    Done,
    /// It is not known yet; a job looks again.
    Pending,
    /// There is no such booking, or nothing to find out.
    Nothing,
}

impl Ordering {
    /// Finds out what became of a booking, and writes it down. What cannot be found out is looked at again later, and
    /// at last by a person.
    ///
    /// # Errors
    /// When DynamoDB does not answer.
    pub async fn settle(&self, owner: UserId, id: BookingId, act: &Act) -> Result<Settled, OrderingError> {
        let Some(booking) = self.db.find_booking(owner, id).await? else {
            return Ok(Settled::Nothing);
        };
        if booking.deal.is_none() {
            return Ok(Settled::Nothing);
        }
        let was_due = booking.due_at;
        let booking = self.resume(booking, act).await?;
        if booking.due_at.is_none() {
            return Ok(Settled::Done);
        }
        if booking.due_at != was_due && booking.work().is_none() {
            return Ok(Settled::Done);
        }
        // Nobody moved it on, so it is moved on here: otherwise it would stand at the head of the list for ever.
        if booking.due_at.is_some_and(|at| at <= self.now()) {
            let booking = self
                .commit_or_reload(&booking, booking.still_unknown(self.now()), act)
                .await?;
            if booking.status == Status::NeedsReview {
                tracing::error!(alarm = "booking_parked", booking = %booking.id, "a person has to look at a booking");
            }
        }
        Ok(Settled::Pending)
    }

    /// As [`Self::settle`], after the provider has said that an order which it took came to nothing. That is looked at
    /// too: only when there is no order, there is none.
    ///
    /// # Errors
    /// As [`Self::settle`].
    pub async fn settle_refused(&self, owner: UserId, id: BookingId, act: &Act) -> Result<Settled, OrderingError> {
        let Some(booking) = self.db.find_booking(owner, id).await? else {
            return Ok(Settled::Nothing);
        };
        if booking.work().map(|work| work.step) != Some(Step::Ordering) {
            return self.settle(owner, id, act).await;
        }
        let key = self.key_of(&booking, act).await?;
        if let Look::Absent = self.look(&booking, &key, act).await {
            let decision = booking.refused(Failure::SupplierRefused, true, self.now());
            self.commit_or_reload(&booking, decision, act).await?;
            return Ok(Settled::Done);
        }
        self.settle(owner, id, act).await
    }

    /// Goes on with a booking as far as the provider's answers allow.
    pub(crate) async fn resume(&self, booking: Booking, act: &Act) -> Result<Booking, OrderingError> {
        let mut booking = booking;
        let mut key = None;
        for _ in 0..STEPS {
            if booking.work().map(|work| work.step) == Some(Step::Attaching) {
                return self.attach(booking, act).await;
            }
            let opened = match &key {
                Some(opened) => opened,
                None => match self.key_of(&booking, act).await {
                    Ok(opened) => key.insert(opened),
                    Err(OrderingError::Store(error)) => return Err(error.into()),
                    Err(error) => {
                        tracing::warn!(%error, booking = %booking.id, "an order cannot be looked for");
                        return Ok(booking);
                    }
                },
            };
            let decision = match self.look(&booking, opened, act).await {
                Look::Found(seen) => booking.observed(&seen, self.now()),
                Look::Absent => booking.absent(self.now()),
                Look::Unknown => None,
            };
            let Some(decision) = decision else { return Ok(booking) };
            booking = self.follow(&booking, decision, act).await?;
            // What was just found out is not asked again; only an order that was found goes on, into its trip.
            if booking.work().is_none() {
                break;
            }
        }
        Ok(booking)
    }
}
