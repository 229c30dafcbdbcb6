//! What is done to an order that exists: it is paid, and cancelled.

use jiff::Timestamp;

use super::{
    Booking, BookingError, Deal, Decision, EventKind, Quote, Status, Step,
    saga::{Work, next_look},
};

impl Booking {
    /// Whether a held order can be paid.
    ///
    /// # Errors
    /// When it is not held, or something is under way.
    pub fn payable(&self) -> Result<&Deal, BookingError> {
        let deal = self.deal.as_ref().ok_or(BookingError::Elsewhere)?;
        match &deal.work {
            Some(work) => Err(BookingError::UnderWay(work.step)),
            None if self.status == Status::Held => Ok(deal),
            None => Err(BookingError::NotPayable(self.status)),
        }
    }

    /// Records that the payment is about to be sent.
    pub fn paying(&self, nonce: String, request: String, now: Timestamp) -> Decision {
        self.sending(Step::Paying, nonce, request, now).with(EventKind::Paying)
    }

    /// Whether the order can be cancelled.
    ///
    /// # Errors
    /// When there is none, or something is under way.
    pub fn cancellable(&self) -> Result<&Deal, BookingError> {
        let deal = self.deal.as_ref().ok_or(BookingError::Elsewhere)?;
        match &deal.work {
            Some(work) => Err(BookingError::UnderWay(work.step)),
            None if matches!(self.status, Status::Held | Status::Booked) => Ok(deal),
            None => Err(BookingError::NotCancellable(self.status)),
        }
    }

    /// Keeps what a cancellation would give back.
    pub fn quoted(&self, quote: Quote, now: Timestamp) -> Decision {
        let refund = quote
            .refund
            .map(|refund| format!("{} {}", refund.decimal(), refund.currency.code()));
        let decision = self.decide(now, |_, deal| deal.quote = Some(quote));
        match refund {
            Some(refund) => decision.noting(EventKind::CancellationQuoted, refund),
            None => decision.with(EventKind::CancellationQuoted),
        }
    }

    /// Records that the confirmation of the quoted cancellation is about to be sent.
    pub fn cancelling(&self, nonce: String, request: String, now: Timestamp) -> Decision {
        self.sending(Step::Cancelling, nonce, request, now)
            .with(EventKind::Cancelling)
    }

    fn sending(&self, step: Step, nonce: String, request: String, now: Timestamp) -> Decision {
        self.decide(now, |booking, deal| {
            deal.latest = Some(request);
            deal.work = Some(Work::new(step, nonce, now));
            booking.due_at = Some(next_look(0, now));
        })
    }

    /// The provider refused the payment or the cancellation: all is as it was before.
    pub fn not_done(&self, now: Timestamp) -> Decision {
        let event = match self.work().map(|work| work.step) {
            Some(Step::Cancelling) => EventKind::NotCancelled,
            _ => EventKind::NotPaid,
        };
        self.decide(now, |booking, deal| {
            deal.work = None;
            booking.due_at = deal.next_due(booking.status, now);
        })
        .with(event)
    }

    /// The owner settled with the provider what nobody could find out here.
    ///
    /// # Errors
    /// When there is nothing to settle.
    pub fn dismissed(&self, status: Status, now: Timestamp) -> Result<Decision, BookingError> {
        let (Status::NeedsReview, Status::Cancelled | Status::Failed) = (self.status, status) else {
            return Err(BookingError::ProvidersOwn);
        };
        let decision = self.decide(now, |booking, deal| {
            deal.work = None;
            deal.doubt_since = None;
            booking.status = status;
            booking.due_at = None;
        });
        Ok(decision.noting(EventKind::Changed, "settled by its owner"))
    }
}
