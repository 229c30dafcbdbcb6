//! Paying a held order, once.

use tripsage_domain::{
    booking::{Booking, BookingError, Failure, Status},
    ids::{BookingId, UserId},
    money::Money,
};

use crate::{Act, Ordering, OrderingError, observe, place::same_price};

impl Ordering {
    /// Pays a held order at the price it has now, when that is the price that was seen: `expected`, or the one at which
    /// it was held. `request` is the digest of the request: the same again gives the same answer.
    ///
    /// # Errors
    /// [`OrderingError::PriceChanged`], [`OrderingError::Refused`], [`OrderingError::State`]; nothing was paid then.
    pub async fn pay(
        &self,
        owner: UserId,
        id: BookingId,
        expected: Option<Money>,
        request: String,
        act: &Act,
    ) -> Result<Booking, OrderingError> {
        let booking = self.find(owner, id).await?;
        if booking.deal.as_ref().and_then(|deal| deal.latest.as_ref()) == Some(&request) {
            // This very request has begun it.
            let settled = if booking.work().is_some() {
                self.resume(booking, act).await?
            } else {
                booking
            };
            if settled.status == Status::Booked || settled.work().is_some() {
                return Ok(settled);
            }
        }
        let booking = self.find(owner, id).await?;
        let order = booking
            .payable()?
            .order
            .clone()
            .ok_or(BookingError::NotPayable(booking.status))?;
        let key = self.key_of(&booking, act).await?;
        let seen = self.read_order(&key, &order, act.for_a_call()).await;
        let seen = self.heard(&key, act, seen).await?;
        let now = self.now();
        let booking = self.apply(booking, |booking| booking.observed(&seen, now), act).await?;
        // Perhaps it was paid elsewhere, cancelled, or has run out meanwhile.
        booking.payable()?;
        let price = seen
            .total
            .or(booking.price)
            .ok_or(BookingError::NotPayable(booking.status))?;
        same_price(expected.or(booking.price), price)?;
        let decision = booking.paying(self.nonce(), request, self.now());
        let Some(paying) = self.commit(Some(&booking), decision, act).await? else {
            return Err(OrderingError::Busy);
        };
        let answer = self
            .providers
            .duffel()
            .pay(&key.access, &order, price, act.for_a_call())
            .await;
        match self.heard(&key, act, answer).await {
            Ok(payment) if payment.succeeded == Some(false) => {
                self.not_paid(&paying, Failure::ProviderRefused, act).await
            }
            Err(error) => match observe::failure(&error.fault) {
                Some(Failure::NotSent) => {
                    self.commit_or_reload(&paying, paying.not_done(self.now()), act).await?;
                    Err(error.into())
                }
                Some(failure) => self.not_paid(&paying, failure, act).await,
                None => self.resume(paying, act).await,
            },
            // Paid: the order says it.
            Ok(_) => self.resume(paying, act).await,
        }
    }

    async fn not_paid(&self, paying: &Booking, failure: Failure, act: &Act) -> Result<Booking, OrderingError> {
        self.commit_or_reload(paying, paying.not_done(self.now()), act).await?;
        Err(OrderingError::Refused(failure))
    }
}
