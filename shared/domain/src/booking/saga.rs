//! The decisions of the saga: what an answer of the provider, or the want of one, makes of a booking.

use jiff::{SignedDuration, Timestamp};

use super::{Attachment, Booking, Deal, EventKind, Kind, Refund, Status, Summary};
use crate::{ids::ItemId, money::Money};

/// An order that cannot be found this long after it was about to be sent does not exist: nothing that sends one lives
/// that long, and no provider that answers takes that long. The exception is an order that the provider said it took.
pub const ABSENT_AFTER: SignedDuration = SignedDuration::from_secs(180);

/// Once more after it was found not to exist, because a provider may be slower than it ever said.
pub const LOOK_AGAIN_AFTER: SignedDuration = SignedDuration::from_hours(1);

/// Looks at an order that failed in a way that proves nothing: an airline may take what it has just refused.
const LOOKS_AFTER_FAILURE: [SignedDuration; 3] = [FIRST_PAUSE, ABSENT_AFTER, LOOK_AGAIN_AFTER];

/// When nobody could find out for this long, a person has to.
pub const PARKED_AFTER: SignedDuration = SignedDuration::from_hours(24);

/// How often a job looks at a booking that a person has to look at.
const PARKED_LOOK: SignedDuration = SignedDuration::from_hours(24);

/// Shortest pause between two looks.
const FIRST_PAUSE: SignedDuration = SignedDuration::from_secs(60);

/// Longest pause between two looks.
const LONGEST_PAUSE: SignedDuration = SignedDuration::from_secs(900);

/// Something that changes the world, recorded before it is done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Step {
    /// The order is sent.
    Ordering,
    /// The order exists; it is put into the trip, and confirmed.
    Attaching,
    /// The payment is sent.
    Paying,
    /// The confirmation of a cancellation is sent.
    Cancelling,
}

impl Step {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Ordering, Self::Attaching, Self::Paying, Self::Cancelling];

    /// The lower-case name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Ordering => "ordering",
            Self::Attaching => "attaching",
            Self::Paying => "paying",
            Self::Cancelling => "cancelling",
        }
    }
}

/// A step that is under way. Only who recorded it does it; who finds it asks the provider.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Work {
    /// Which.
    pub step: Step,
    /// Since when it may have been done.
    pub since: Timestamp,
    /// Random: two who record the same step at the same time do not write the same row.
    pub nonce: String,
    /// Whether the provider said that it took the order and would tell later.
    pub accepted: bool,
    /// How often a job has looked.
    pub looks: u32,
}

impl Work {
    pub(super) fn new(step: Step, nonce: String, now: Timestamp) -> Self {
        Self {
            step,
            since: now,
            nonce,
            accepted: false,
            looks: 0,
        }
    }
}

/// Why nothing was ordered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Failure {
    /// The offer had run out.
    OfferExpired,
    /// The offer was not there any more.
    OfferUnavailable,
    /// The account at the provider had too little money.
    InsufficientBalance,
    /// The price had changed when the order was sent.
    PriceChanged,
    /// The airline or the house refused, or failed.
    SupplierRefused,
    /// The provider did not accept what was sent.
    ProviderRefused,
    /// The order was not there when it was looked for.
    NotOrdered,
    /// It was not sent, or turned away at the door: the same request may try again.
    NotSent,
}

impl Failure {
    /// All of them.
    pub const ALL: [Self; 8] = [
        Self::OfferExpired,
        Self::OfferUnavailable,
        Self::InsufficientBalance,
        Self::PriceChanged,
        Self::SupplierRefused,
        Self::ProviderRefused,
        Self::NotOrdered,
        Self::NotSent,
    ];

    /// The name, as it is stored and shown.
    pub const fn name(self) -> &'static str {
        match self {
            Self::OfferExpired => "offer_expired",
            Self::OfferUnavailable => "offer_unavailable",
            Self::InsufficientBalance => "insufficient_balance",
            Self::PriceChanged => "price_changed",
            Self::SupplierRefused => "supplier_refused",
            Self::ProviderRefused => "provider_refused",
            Self::NotOrdered => "not_ordered",
            Self::NotSent => "not_sent",
        }
    }

    /// For people.
    pub const fn message(self) -> &'static str {
        match self {
            Self::OfferExpired => "the offer has expired; search again",
            Self::OfferUnavailable => "the offer is no longer available; search again",
            Self::InsufficientBalance => "the balance of your account at the provider is too low",
            Self::PriceChanged => "the price changed while it was ordered; search again",
            Self::SupplierRefused => "the airline or house did not take the order",
            Self::ProviderRefused => "the provider did not accept the order",
            Self::NotOrdered => "the order did not reach the provider; nothing was ordered",
            Self::NotSent => "the provider took no orders then; the same request may be sent again",
        }
    }
}

/// An order as the provider shows it.
#[derive(Debug, Clone, PartialEq)]
pub struct Observed {
    /// Its id there.
    pub order: String,
    /// What the supplier knows it by.
    pub confirmation: Option<String>,
    /// What it costs in all.
    pub total: Option<Money>,
    /// Whether it is still to be paid.
    pub awaiting_payment: bool,
    /// Until when.
    pub payment_required_by: Option<Timestamp>,
    /// Until when its price holds.
    pub price_guarantee_expires_at: Option<Timestamp>,
    /// Whether it was cancelled.
    pub cancelled: bool,
    /// What a cancellation gives back, where that is known beforehand.
    pub refunds: Vec<Refund>,
    /// What was ordered.
    pub summary: Option<Summary>,
    /// Whether money moves.
    pub live_mode: bool,
}

/// A booking as it should become, and what to write into its log.
#[derive(Debug, Clone, PartialEq)]
pub struct Decision {
    /// As it should be stored.
    pub booking: Booking,
    /// What happened.
    pub events: Vec<(EventKind, Option<String>)>,
}

/// When a job looks next, after `looks` looks.
pub fn next_look(looks: u32, now: Timestamp) -> Timestamp {
    let minutes = SignedDuration::from_secs(60 * (1_i64 << looks.saturating_sub(3).min(8)));
    now + minutes.min(LONGEST_PAUSE)
}

impl Decision {
    fn new(mut booking: Booking, now: Timestamp) -> Self {
        booking.updated_at = now;
        let events = Vec::new();
        Self { booking, events }
    }

    pub(super) fn with(mut self, kind: EventKind) -> Self {
        self.events.push((kind, None));
        self
    }

    pub(super) fn noting(mut self, kind: EventKind, note: impl Into<String>) -> Self {
        self.events.push((kind, Some(note.into())));
        self
    }
}

impl Booking {
    /// What is under way.
    pub fn work(&self) -> Option<&Work> {
        self.deal.as_ref().and_then(|deal| deal.work.as_ref())
    }

    /// Whether what became of the order is not known.
    pub fn is_unsettled(&self) -> bool {
        self.work().is_some_and(|work| work.step != Step::Attaching)
    }

    pub(super) fn decide(&self, now: Timestamp, change: impl FnOnce(&mut Self, &mut Deal)) -> Decision {
        let mut booking = self.clone();
        if let Some(mut deal) = booking.deal.take() {
            change(&mut booking, &mut deal);
            booking.deal = Some(deal);
        }
        Decision::new(booking, now)
    }

    /// Records that the order is about to be sent. `self` has not been stored yet.
    pub fn ordering(&self, nonce: String, now: Timestamp) -> Decision {
        let price = self
            .price
            .map(|price| format!("{} {}", price.decimal(), price.currency.code()));
        let decision = self.decide(now, |booking, deal| {
            deal.work = Some(Work::new(Step::Ordering, nonce, now));
            booking.status = Status::Pending;
            booking.due_at = Some(next_look(0, now));
        });
        let decision = match price {
            Some(price) => decision.noting(EventKind::Priced, price),
            None => decision.with(EventKind::Priced),
        };
        decision.with(EventKind::Ordering)
    }

    /// The provider refused: there is no order. `doubtful`: it failed in a way after which there might be one all the
    /// same, so a job looks once more.
    pub fn refused(&self, failure: Failure, doubtful: bool, now: Timestamp) -> Decision {
        self.decide(now, |booking, deal| {
            deal.work = None;
            deal.failure = Some(failure);
            booking.status = Status::Failed;
            deal.doubt_since = doubtful.then_some(now);
            booking.due_at = deal.look_after_failure(now);
        })
        .noting(EventKind::Failed, failure.message())
    }

    /// The provider took the order and will tell later what became of it.
    pub fn accepted(&self, now: Timestamp) -> Decision {
        self.decide(now, |_, deal| {
            if let Some(work) = &mut deal.work {
                work.accepted = true;
            }
        })
        .with(EventKind::Accepted)
    }

    /// No answer came to what was sent.
    pub fn unanswered(&self, now: Timestamp) -> Decision {
        self.decide(now, |_, _| ()).with(EventKind::OutcomeUnknown)
    }

    /// The provider shows the order. `None`: nothing about it is new.
    pub fn observed(&self, seen: &Observed, now: Timestamp) -> Option<Decision> {
        let deal = self.deal.as_ref()?;
        match deal.work.as_ref().map(|work| work.step) {
            Some(Step::Ordering) => Some(self.ordered(seen, EventKind::Ordered, now)),
            None if self.status == Status::Failed => Some(self.ordered(seen, EventKind::OrderedLate, now)),
            Some(Step::Attaching) => None,
            Some(Step::Paying | Step::Cancelling) | None => self.followed(deal, seen, now),
        }
    }

    fn ordered(&self, seen: &Observed, event: EventKind, now: Timestamp) -> Decision {
        let decision = self
            .decide(now, |booking, deal| {
                deal.take_over(seen);
                booking.confirmation.clone_from(&seen.confirmation);
                booking.price = seen.total.or(booking.price);
                if let Some(summary) = &seen.summary {
                    booking.summary.clone_from(summary);
                }
                deal.failure = None;
                deal.doubt_since = None;
                if seen.cancelled {
                    // Cancelled before anybody here saw it.
                    deal.work = None;
                    booking.status = Status::Cancelled;
                    booking.due_at = None;
                } else {
                    // Confirmed with its items in the trip, or not at all: that is the next step.
                    deal.work = Some(Work::new(Step::Attaching, String::new(), now));
                    booking.status = Status::Pending;
                    booking.due_at = Some(next_look(0, now));
                }
            })
            .noting(event, seen.order.clone());
        if seen.cancelled {
            decision.with(EventKind::Cancelled)
        } else {
            decision
        }
    }

    /// What an order that is known shows by now.
    fn followed(&self, deal: &Deal, seen: &Observed, now: Timestamp) -> Option<Decision> {
        let step = deal.work.as_ref().map(|work| work.step);
        // Only what is believed to have been sent, and is not there after a while, was not done.
        let overdue = deal.work.as_ref().is_some_and(|work| now >= work.since + ABSENT_AFTER);
        let unpaid = seen.awaiting_payment;
        let too_late = !seen.cancelled && seen.payment_required_by.is_some_and(|by| by <= now);
        let run_out = unpaid && (seen.cancelled && step != Some(Step::Cancelling) || too_late);
        let (status, event) = match (self.status, step) {
            // Paid in the last moment: it costs money, so it is booked.
            (Status::Expired, _) if !unpaid && !seen.cancelled => (Status::Booked, EventKind::Paid),
            (Status::Cancelled | Status::Expired | Status::Saved | Status::Failed, _) => return None,
            // What was sent may still arrive.
            (Status::Held, Some(_)) if run_out && !overdue => return None,
            (Status::Held | Status::NeedsReview, _) if run_out => (Status::Expired, EventKind::Expired),
            (_, _) if seen.cancelled => (Status::Cancelled, EventKind::Cancelled),
            (Status::Held | Status::NeedsReview, _) if deal.awaiting_payment && !unpaid => {
                (Status::Booked, EventKind::Paid)
            }
            (Status::NeedsReview, Some(Step::Cancelling)) if unpaid => (Status::Held, EventKind::NotCancelled),
            (Status::NeedsReview, Some(Step::Cancelling)) => (Status::Booked, EventKind::NotCancelled),
            (Status::NeedsReview, Some(Step::Paying)) => (Status::Held, EventKind::NotPaid),
            (Status::NeedsReview, None) if unpaid => (Status::Held, EventKind::Held),
            (Status::NeedsReview, None) => (Status::Booked, EventKind::Confirmed),
            (status, Some(Step::Paying)) if overdue => (status, EventKind::NotPaid),
            (status, Some(Step::Cancelling)) if overdue => (status, EventKind::NotCancelled),
            _ => return self.refreshed(deal, seen, now),
        };
        Some(self.settled(seen, status, event, now))
    }

    /// What the airline, or the provider, has changed of an order that is as firm as it was.
    fn refreshed(&self, deal: &Deal, seen: &Observed, now: Timestamp) -> Option<Decision> {
        if deal.work.is_some() || !matches!(self.status, Status::Held | Status::Booked) {
            return None;
        }
        let changed = seen.summary.as_ref().filter(|summary| **summary != self.summary);
        let postponed = self.status == Status::Held && deal.payment_required_by != seen.payment_required_by;
        if changed.is_none() && !postponed {
            return None;
        }
        let decision = self.decide(now, |booking, deal| {
            deal.take_over(seen);
            booking.summary = changed.unwrap_or(&self.summary).clone();
            booking.due_at = deal.next_due(booking.status, now);
        });
        Some(match changed {
            Some(_) => decision.with(EventKind::OrderChanged),
            None => decision,
        })
    }

    fn settled(&self, seen: &Observed, status: Status, event: EventKind, now: Timestamp) -> Decision {
        self.decide(now, |booking, deal| {
            deal.take_over(seen);
            deal.work = None;
            deal.doubt_since = None;
            booking.price = seen.total.or(booking.price);
            booking.status = status;
            booking.due_at = match status {
                Status::Expired => Some(now + LOOK_AGAIN_AFTER),
                _ => deal.next_due(status, now),
            };
            if matches!(status, Status::Cancelled | Status::Expired) {
                deal.quote = None;
            }
        })
        .with(event)
    }

    /// Whether the provider's word that an order came to nothing can be about this one: not while it may not have
    /// arrived yet.
    pub fn may_have_come_to_nothing(&self, now: Timestamp) -> bool {
        self.work()
            .is_some_and(|work| work.step == Step::Ordering && (work.accepted || now >= work.since + ABSENT_AFTER))
    }

    /// The order cannot be found with the key it was ordered with. `None`: it is too early to believe that.
    pub fn absent(&self, now: Timestamp) -> Option<Decision> {
        let deal = self.deal.as_ref()?;
        let Some(work) = &deal.work else {
            // Looked for once more, and still not there.
            let due = self.status == Status::Failed && self.due_at.is_some_and(|at| at <= now);
            return due.then(|| self.decide(now, |booking, deal| booking.due_at = deal.look_after_failure(now)));
        };
        if work.step != Step::Ordering || work.accepted || now < work.since + ABSENT_AFTER {
            return None;
        }
        let decision = self.decide(now, |booking, deal| {
            deal.work = None;
            deal.failure = Some(Failure::NotOrdered);
            deal.doubt_since = Some(now);
            booking.status = Status::Failed;
            booking.due_at = Some(now + LOOK_AGAIN_AFTER);
        });
        Some(decision.noting(EventKind::Failed, Failure::NotOrdered.message()))
    }

    /// A job looked, and everything is as it was.
    pub fn unchanged(&self, now: Timestamp) -> Decision {
        self.decide(now, |booking, deal| {
            deal.doubt_since = None;
            booking.due_at = deal.next_due(booking.status, now);
        })
    }

    /// A job looked, and knows no more than before: it looks again later, and at last a person has to. For an order
    /// that was believed to be over, it is left at that.
    pub fn still_unknown(&self, now: Timestamp) -> Decision {
        let parked = self.status == Status::NeedsReview;
        let over = matches!(self.status, Status::Failed | Status::Expired);
        let doubt = self.deal.as_ref().and_then(|deal| deal.doubt_since);
        let since = self.work().map(|work| work.since).or(doubt).unwrap_or(now);
        let late = now >= since + PARKED_AFTER;
        let park = late && !parked && !over;
        let decision = self.decide(now, |booking, deal| {
            let next = match &mut deal.work {
                Some(work) => {
                    work.looks = work.looks.saturating_add(1);
                    next_look(work.looks, now)
                }
                None => {
                    deal.doubt_since = Some(since);
                    // As long again as it has lasted.
                    let longest = if over { PARKED_AFTER } else { LONGEST_PAUSE };
                    now + now.duration_since(since).clamp(FIRST_PAUSE, longest)
                }
            };
            booking.due_at = Some(next).filter(|_| !(over && late));
            if park {
                booking.status = Status::NeedsReview;
            }
            if park || parked {
                booking.due_at = Some(now + PARKED_LOOK);
            }
        });
        if park {
            decision.with(EventKind::Parked)
        } else {
            decision
        }
    }

    /// The booking with its order, confirmed: with these items in the trip (`Ok`), or without (`Err`: why).
    pub fn confirmed(&self, attached: Result<Vec<ItemId>, &'static str>, now: Timestamp) -> Decision {
        let wanted = self.attachment == Attachment::Wanted;
        let held = self.deal.as_ref().is_some_and(|deal| deal.awaiting_payment);
        let status = if held { Status::Held } else { Status::Booked };
        let refusal = attached.as_ref().err().copied();
        let decision = self.decide(now, |booking, deal| {
            deal.work = None;
            booking.status = status;
            booking.due_at = deal.next_due(status, now);
            if let (true, Ok(items)) = (wanted, attached) {
                booking.items = items;
                booking.attachment = Attachment::Attached;
            } else if wanted {
                booking.attachment = Attachment::Impossible;
            }
        });
        let decision = decision.with(if held { EventKind::Held } else { EventKind::Confirmed });
        match (wanted, refusal) {
            (false, _) => decision,
            (true, None) => decision.with(EventKind::Attached),
            (true, Some(reason)) => decision.noting(EventKind::NotAttached, reason),
        }
    }
}

impl Deal {
    fn take_over(&mut self, seen: &Observed) {
        self.order = Some(seen.order.clone());
        self.awaiting_payment = seen.awaiting_payment;
        self.payment_required_by = seen.payment_required_by;
        self.price_guarantee_expires_at = seen.price_guarantee_expires_at;
        self.live_mode = seen.live_mode;
        if !seen.refunds.is_empty() {
            self.refunds.clone_from(&seen.refunds);
        }
    }

    /// When an order that failed is looked for next, if it may exist all the same.
    fn look_after_failure(&self, now: Timestamp) -> Option<Timestamp> {
        let since = self.doubt_since?;
        LOOKS_AFTER_FAILURE
            .into_iter()
            .map(|after| since + after)
            .find(|at| *at > now)
    }

    /// A hold is looked at when it runs out; what is confirmed only when the provider says that something happened.
    pub(super) fn next_due(&self, status: Status, now: Timestamp) -> Option<Timestamp> {
        match status {
            Status::Held => Some(self.payment_required_by.unwrap_or(now + PARKED_LOOK).max(now)),
            _ => None,
        }
    }
}

impl Kind {
    /// Whether a provider sells it here.
    pub const fn is_sold(self) -> bool {
        matches!(self, Self::Flight | Self::Accommodation)
    }
}

#[cfg(test)]
#[path = "saga_tests.rs"]
mod tests;
