//! Cancelling an order: quoted first, then confirmed, once.

use jiff::SignedDuration;
use tripsage_domain::{
    booking::{Booking, BookingError, Kind, Quote, RefundTo, Status, refund_at},
    ids::{BookingId, UserId},
    money::Money,
};
use tripsage_providers::{Fault, ProviderError, Refusal};

use crate::{Act, Opened, Ordering, OrderingError, observe};

/// How long we stand by what a stay's timeline gives back.
const STAY_QUOTE: SignedDuration = SignedDuration::from_hours(1);

/// What asking to cancel came to.
#[derive(Debug, Clone)]
pub enum Cancelled {
    /// It is cancelled.
    Done(Booking),
    /// It is not known yet whether it is.
    Pending(Booking),
}

impl Ordering {
    /// Asks what a cancellation would give back, and keeps the answer. Cancels nothing.
    ///
    /// # Errors
    /// [`OrderingError::State`] when there is nothing to cancel.
    pub async fn quote_cancellation(&self, owner: UserId, id: BookingId, act: &Act) -> Result<Booking, OrderingError> {
        let booking = self.find(owner, id).await?;
        booking.cancellable()?;
        let key = self.key_of(&booking, act).await?;
        self.quote(&booking, &key, act).await
    }

    async fn quote(&self, booking: &Booking, key: &Opened, act: &Act) -> Result<Booking, OrderingError> {
        let deal = booking.cancellable()?;
        let order = deal.order.clone().ok_or(BookingError::NotCancellable(booking.status))?;
        let quote = if booking.kind == Kind::Flight {
            let answer = self
                .providers
                .duffel()
                .quote_cancellation(&key.access, &order, act.for_a_call())
                .await;
            match self.heard(key, act, answer).await {
                Ok(quote) => observe::cancellation(quote),
                Err(error) => return Err(self.refused_cancellation(booking, error, act).await?),
            }
        } else {
            self.timeline(booking)
        };
        self.commit_or_reload(booking, booking.quoted(quote, self.now()), act)
            .await
    }

    /// What a stay gives back: known since it was booked.
    fn timeline(&self, booking: &Booking) -> Quote {
        let now = self.now();
        let refunds = booking.deal.as_ref().map_or(&[][..], |deal| &deal.refunds);
        let refund = refund_at(refunds, now);
        let nothing = booking.price.map(|price| Money { minor: 0, ..price });
        Quote {
            id: self.nonce(),
            refund: refund.map(|refund| refund.amount).or(nothing),
            refund_to: RefundTo::OriginalFormOfPayment,
            expires_at: Some(refund.map_or(now + STAY_QUOTE, |refund| refund.before.min(now + STAY_QUOTE))),
        }
    }

    /// Cancels at exactly the quote that was seen. `request` is the digest of the request: the same again gives the
    /// same answer.
    ///
    /// # Errors
    /// [`OrderingError::QuoteChanged`] with a new quote when that one cannot be had any more; nothing was cancelled.
    pub async fn confirm_cancellation(
        &self,
        owner: UserId,
        id: BookingId,
        quote: &str,
        request: String,
        act: &Act,
    ) -> Result<Cancelled, OrderingError> {
        let mut booking = self.find(owner, id).await?;
        if booking.deal.as_ref().and_then(|deal| deal.latest.as_ref()) == Some(&request) {
            // This very request has begun it.
            if booking.work().is_some() {
                booking = self.resume(booking, act).await?;
            }
            if booking.status == Status::Cancelled || booking.work().is_some() {
                return Ok(Cancelled::of(booking));
            }
        }
        let deal = booking.cancellable()?;
        let order = deal.order.clone().ok_or(BookingError::NotCancellable(booking.status))?;
        let held_to = deal
            .quote
            .as_ref()
            .filter(|known| known.id == quote && known.is_open(self.now()));
        let key = self.key_of(&booking, act).await?;
        let Some(held_to) = held_to.cloned() else {
            let booking = self.quote(&booking, &key, act).await?;
            return Err(OrderingError::QuoteChanged(Box::new(booking)));
        };
        let decision = booking.cancelling(self.nonce(), request, self.now());
        let Some(cancelling) = self.commit(Some(&booking), decision, act).await? else {
            return Err(OrderingError::Busy);
        };
        let (duffel, deadline) = (self.providers.duffel(), act.for_a_call());
        let answer = if booking.kind == Kind::Flight {
            duffel
                .confirm_cancellation(&key.access, &held_to.id, deadline)
                .await
                .map(|_| ())
        } else {
            duffel.cancel_stay(&key.access, &order, deadline).await.map(|_| ())
        };
        match self.heard(&key, act, answer).await {
            Err(error) if observe::failure(&error.fault).is_some() && !already(&error) => {
                let booking = self
                    .commit_or_reload(&cancelling, cancelling.not_done(self.now()), act)
                    .await?;
                if !matches!(error.fault, Fault::Refused { .. }) {
                    return Err(error.into());
                }
                let booking = self.quote(&booking, &key, act).await?;
                Err(OrderingError::QuoteChanged(Box::new(booking)))
            }
            // Cancelled, or perhaps: the order says it.
            _ => Ok(Cancelled::of(self.resume(cancelling, act).await?)),
        }
    }

    /// The order may have been cancelled elsewhere; then that is written down.
    async fn refused_cancellation(
        &self,
        booking: &Booking,
        error: ProviderError,
        act: &Act,
    ) -> Result<OrderingError, OrderingError> {
        match &error.fault {
            Fault::Refused { .. } => {
                let booking = self.resume(booking.clone(), act).await?;
                Ok(if booking.cancellable().is_err() {
                    BookingError::NotCancellable(booking.status).into()
                } else {
                    OrderingError::Refused(tripsage_domain::booking::Failure::ProviderRefused)
                })
            }
            _ => Ok(error.into()),
        }
    }
}

impl Cancelled {
    fn of(booking: Booking) -> Self {
        if booking.work().is_some() {
            Self::Pending(booking)
        } else {
            Self::Done(booking)
        }
    }
}

fn already(error: &ProviderError) -> bool {
    matches!(
        &error.fault,
        Fault::Refused {
            refusal: Refusal::AlreadyCancelled,
            ..
        }
    )
}
