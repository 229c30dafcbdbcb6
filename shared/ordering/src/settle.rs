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
    /// The provider could not be asked, or did not say: who has news of the booking has to bring it again.
    Unseen,
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
        let (booking, looked) = self.go_on(booking, act).await?;
        let now = self.now();
        // Nobody moved it on, so it is moved on here: otherwise it would stand at the head of the list for ever.
        let overdue = booking.due_at.is_some_and(|at| at <= now);
        let booking = self
            .apply(
                booking,
                |booking| {
                    booking.due_at.filter(|at| *at <= now)?;
                    Some(if looked && booking.work().is_none() {
                        booking.unchanged(now)
                    } else {
                        booking.still_unknown(now)
                    })
                },
                act,
            )
            .await?;
        if overdue && booking.status == Status::NeedsReview {
            tracing::error!(alarm = "booking_parked", booking = %booking.id, "a person has to look at a booking");
        }
        Ok(match booking.work() {
            _ if !looked => Settled::Unseen,
            Some(_) => Settled::Pending,
            None => Settled::Done,
        })
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
        if booking.may_have_come_to_nothing(self.now()) {
            let key = self.key_of(&booking, act).await?;
            if let Look::Absent = self.look(&booking, &key, act).await {
                let now = self.now();
                let refused = |booking: &Booking| {
                    let open = booking.may_have_come_to_nothing(now);
                    open.then(|| booking.refused(Failure::SupplierRefused, true, now))
                };
                self.apply(booking, refused, act).await?;
                return Ok(Settled::Done);
            }
        }
        self.settle(owner, id, act).await
    }

    /// Goes on with a booking as far as the provider's answers allow.
    pub(crate) async fn resume(&self, booking: Booking, act: &Act) -> Result<Booking, OrderingError> {
        self.go_on(booking, act).await.map(|(booking, _)| booking)
    }

    /// As [`Self::resume`], and whether the provider could be asked.
    async fn go_on(&self, booking: Booking, act: &Act) -> Result<(Booking, bool), OrderingError> {
        let mut booking = booking;
        let mut key = None;
        for _ in 0..STEPS {
            if booking.work().map(|work| work.step) == Some(Step::Attaching) {
                return Ok((self.attach(booking, act).await?, true));
            }
            let opened = match &key {
                Some(opened) => opened,
                None => match self.key_of(&booking, act).await {
                    Ok(opened) => key.insert(opened),
                    Err(OrderingError::Store(error)) => return Err(error.into()),
                    Err(error) => {
                        tracing::warn!(%error, booking = %booking.id, "an order cannot be looked for");
                        return Ok((booking, false));
                    }
                },
            };
            let (version, look) = (booking.version, self.look(&booking, opened, act).await);
            let now = self.now();
            booking = match look {
                Look::Found(seen) => self.apply(booking, |booking| booking.observed(&seen, now), act).await?,
                Look::Absent => self.apply(booking, |booking| booking.absent(now), act).await?,
                Look::Unknown => return Ok((booking, false)),
            };
            // What was just found out is not asked again; only an order that was found goes on, into its trip.
            if booking.version == version || booking.work().is_none() {
                break;
            }
        }
        Ok((booking, true))
    }
}
