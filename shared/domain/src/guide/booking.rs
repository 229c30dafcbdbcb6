//! Bookings of guides: pending, confirmed by the guide, completed; or cancelled by either of the two.

use jiff::{Timestamp, civil::Date, tz::TimeZone};

use crate::{
    guide::Engagement,
    ids::{GuideBookingId, GuideId, ReviewId, UserId},
    money::{Currency, Money},
    validation::Rule,
    vocabulary::vocabulary,
};

/// Days of one booking, at most.
pub const MAX_DAYS: i64 = 90;

/// People that a guide guides at once, at most.
pub const MAX_GROUP: u32 = 50;

/// Hours for which a day counts.
const HOURS_A_DAY: i64 = 8;

vocabulary! {
    /// How far a booking is.
    BookingStatus {
        Pending = "pending",
        Confirmed = "confirmed",
        Completed = "completed",
        Cancelled = "cancelled",
    }
}

vocabulary! {
    /// On which side of a booking somebody is.
    Actor {
        Traveler = "traveler",
        Guide = "guide",
        System = "system",
    }
}

vocabulary! {
    /// Whether a guide has been paid. No money moves through TripSage: it is what the guide says.
    PaymentStatus {
        Unpaid = "unpaid",
        Paid = "paid",
        Refunded = "refunded",
    }
}

/// What is booked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Terms {
    /// Where.
    pub destination: String,
    /// The first day.
    pub start: Date,
    /// The last day.
    pub end: Date,
    /// For how many.
    pub group_size: u32,
    /// What is done.
    pub activity_type: Option<String>,
    /// What has to be thought of.
    pub special_requirements: Option<String>,
}

impl Terms {
    /// How many days it lasts, the first and the last included.
    pub fn days(&self) -> i64 {
        days(self.start, self.end)
    }
}

fn days(start: Date, end: Date) -> i64 {
    i64::from(start.until(end).map_or(i32::MAX, |span| span.get_days())).saturating_add(1)
}

/// What it costs to be guided from one day to another, both included, at this rate for an hour.
///
/// # Errors
/// `range` for no day, too many days, or more than money can count.
pub fn price(hourly_rate: Money, start: Date, end: Date) -> Result<Money, Rule> {
    let days = days(start, end);
    if !(1..=MAX_DAYS).contains(&days) {
        return Err(Rule::new(
            "range",
            format!("must be within {MAX_DAYS} days of start_date, and not before it"),
        ));
    }
    let too_much = || Rule::new("range", "costs more than can be counted");
    let minor = hourly_rate.minor.checked_mul(HOURS_A_DAY * days).ok_or_else(too_much)?;
    Money::new(minor, hourly_rate.currency)
}

/// What happened to a booking.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BookingEvent {
    /// When.
    pub at: Timestamp,
    /// What it became, or was.
    pub status: BookingStatus,
    /// What became of the payment, when that is what happened.
    pub payment: Option<PaymentStatus>,
    /// Whose doing it was.
    pub actor: Actor,
}

/// That the traveller has reviewed the guide.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Reviewed {
    /// The review.
    pub id: ReviewId,
    /// When.
    pub at: Timestamp,
}

/// A booking of a guide. Somebody whose account was erased is not known any more.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GuideBooking {
    /// Its id.
    pub id: GuideBookingId,
    /// The guide.
    pub guide: GuideId,
    /// The user who guides.
    pub guide_user: Option<UserId>,
    /// Who travels.
    pub traveler: Option<UserId>,
    /// What is booked.
    pub terms: Terms,
    /// How far it is.
    pub status: BookingStatus,
    /// Whether it is paid, as the guide says.
    pub payment: PaymentStatus,
    /// What an hour costs: the guide's rate when it was booked.
    pub hourly_rate: Money,
    /// What it costs in all.
    pub total_cost: Money,
    /// What the traveller notes.
    pub notes_from_traveler: Option<String>,
    /// What the guide notes.
    pub notes_from_guide: Option<String>,
    /// Why it was cancelled.
    pub cancellation_reason: Option<String>,
    /// What happened so far, oldest first.
    pub events: Vec<BookingEvent>,
    /// That it was reviewed.
    pub review: Option<Reviewed>,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it changed.
    pub updated_at: Timestamp,
    /// Grows with every change.
    pub version: u64,
}

/// Why something cannot be done with a booking.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BookingError {
    /// It is not so far, or farther.
    #[error("a booking that is {from} cannot become {to}")]
    Transition {
        /// What it is.
        from: BookingStatus,
        /// What it should become.
        to: BookingStatus,
    },
    /// The payment is not so far, or farther.
    #[error("the payment of a {status} booking that is {from} cannot become {to}")]
    Payment {
        /// How far the booking is.
        status: BookingStatus,
        /// What the payment is.
        from: PaymentStatus,
        /// What it should become.
        to: PaymentStatus,
    },
    /// Its last day has not come.
    #[error("the booking cannot be completed before its last day, {0}")]
    NotOver(Date),
    /// Its first day has passed.
    #[error("the booking has begun on {0} and cannot be confirmed any more")]
    Begun(Date),
}

/// The day in UTC.
fn day(now: Timestamp) -> Date {
    now.to_zoned(TimeZone::UTC).date()
}

impl GuideBooking {
    /// A booking that the guide has not confirmed.
    ///
    /// # Errors
    /// As [`price`].
    #[expect(clippy::too_many_arguments, reason = "each is of a type of its own")]
    pub fn new(
        id: GuideBookingId,
        guide: GuideId,
        guide_user: UserId,
        traveler: UserId,
        terms: Terms,
        notes: Option<String>,
        hourly_rate: Money,
        now: Timestamp,
    ) -> Result<Self, Rule> {
        Ok(Self {
            id,
            guide,
            guide_user: Some(guide_user),
            traveler: Some(traveler),
            total_cost: price(hourly_rate, terms.start, terms.end)?,
            terms,
            status: BookingStatus::Pending,
            payment: PaymentStatus::Unpaid,
            hourly_rate,
            notes_from_traveler: notes,
            notes_from_guide: None,
            cancellation_reason: None,
            events: vec![BookingEvent {
                at: now,
                status: BookingStatus::Pending,
                payment: None,
                actor: Actor::Traveler,
            }],
            review: None,
            created_at: now,
            updated_at: now,
            version: 1,
        })
    }

    /// On which side of it a user is.
    pub fn side_of(&self, user: UserId) -> Option<Actor> {
        if self.traveler == Some(user) {
            Some(Actor::Traveler)
        } else if self.guide_user == Some(user) {
            Some(Actor::Guide)
        } else {
            None
        }
    }

    /// The days on which the guide is engaged by it.
    pub fn engagement(&self) -> Engagement {
        Engagement {
            booking: self.id,
            start: self.terms.start,
            end: self.terms.end,
        }
    }

    /// When it was last this far.
    pub fn became(&self, status: BookingStatus) -> Option<Timestamp> {
        self.events
            .iter()
            .rev()
            .find(|event| event.status == status && event.payment.is_none())
            .map(|event| event.at)
    }

    /// Confirmed by the guide.
    ///
    /// # Errors
    /// [`BookingError`].
    pub fn confirmed(&self, now: Timestamp) -> Result<Self, BookingError> {
        let next = self.moved(&[BookingStatus::Pending], BookingStatus::Confirmed, Actor::Guide, now)?;
        if self.terms.start < day(now) {
            return Err(BookingError::Begun(self.terms.start));
        }
        Ok(next)
    }

    /// Completed, as the guide says, on its last day or later.
    ///
    /// # Errors
    /// [`BookingError`].
    pub fn completed(&self, now: Timestamp) -> Result<Self, BookingError> {
        let next = self.moved(&[BookingStatus::Confirmed], BookingStatus::Completed, Actor::Guide, now)?;
        if day(now) < self.terms.end {
            return Err(BookingError::NotOver(self.terms.end));
        }
        Ok(next)
    }

    /// Cancelled by one of the two.
    ///
    /// # Errors
    /// [`BookingError`].
    pub fn cancelled(&self, actor: Actor, reason: Option<String>, now: Timestamp) -> Result<Self, BookingError> {
        let open = [BookingStatus::Pending, BookingStatus::Confirmed];
        let next = self.moved(&open, BookingStatus::Cancelled, actor, now)?;
        Ok(Self {
            cancellation_reason: reason,
            ..next
        })
    }

    /// Paid or refunded, as the guide says: paid once the booking is confirmed, refunded once it was paid. Neither is taken
    /// back.
    ///
    /// # Errors
    /// [`BookingError::Payment`].
    pub fn settled(&self, to: PaymentStatus, now: Timestamp) -> Result<Self, BookingError> {
        use BookingStatus::{Completed, Confirmed};
        use PaymentStatus::{Paid, Refunded, Unpaid};
        let possible = match (self.payment, to) {
            (Unpaid, Paid) => matches!(self.status, Confirmed | Completed),
            (Paid, Refunded) => true,
            (Unpaid | Paid | Refunded, Unpaid) | (Paid | Refunded, Paid) | (Unpaid | Refunded, Refunded) => false,
        };
        if !possible {
            let (status, from) = (self.status, self.payment);
            return Err(BookingError::Payment { status, from, to });
        }
        let mut next = self.clone();
        next.payment = to;
        next.updated_at = now;
        next.version += 1;
        next.events.push(BookingEvent {
            at: now,
            status: self.status,
            payment: Some(to),
            actor: Actor::Guide,
        });
        Ok(next)
    }

    /// Whether the guide owes the traveller what was paid: the booking was cancelled after that.
    pub fn refund_due(&self) -> bool {
        self.status == BookingStatus::Cancelled && self.payment == PaymentStatus::Paid
    }

    /// With other notes on one side.
    #[must_use]
    pub fn noted(&self, side: Actor, notes: Option<String>, now: Timestamp) -> Self {
        let mut next = self.clone();
        next.updated_at = now;
        next.version += 1;
        match side {
            Actor::Traveler => next.notes_from_traveler = notes,
            Actor::Guide => next.notes_from_guide = notes,
            Actor::System => {}
        }
        next
    }

    fn moved(
        &self,
        from: &[BookingStatus],
        to: BookingStatus,
        actor: Actor,
        now: Timestamp,
    ) -> Result<Self, BookingError> {
        if !from.contains(&self.status) {
            return Err(BookingError::Transition { from: self.status, to });
        }
        let mut next = self.clone();
        next.status = to;
        next.updated_at = now;
        next.version += 1;
        next.events.push(BookingEvent {
            at: now,
            status: to,
            payment: None,
            actor,
        });
        Ok(next)
    }

    /// What is left of it when the account on one side is erased: it is cancelled if it was open, and that side is not
    /// known any more, nor what it wrote.
    #[must_use]
    pub fn without(&self, side: Actor, now: Timestamp) -> Self {
        let mut left = self.cancelled(Actor::System, None, now).unwrap_or_else(|_| {
            let mut left = self.clone();
            left.version += 1;
            left
        });
        match side {
            Actor::Traveler => {
                left.traveler = None;
                left.notes_from_traveler = None;
                left.terms.special_requirements = None;
            }
            Actor::Guide => {
                left.guide_user = None;
                left.notes_from_guide = None;
            }
            Actor::System => {}
        }
        left
    }
}

/// What guides are paid in.
pub const CURRENCY: Currency = Currency::USD;

#[cfg(test)]
mod tests {
    use jiff::civil::date;
    use uuid::Uuid;

    use super::*;

    fn usd(minor: i64) -> Money {
        Money {
            minor,
            currency: CURRENCY,
        }
    }

    #[test]
    fn a_day_costs_eight_hours_and_both_ends_count() {
        for (rate, start, end, expected) in [
            (2500, date(2027, 4, 1), date(2027, 4, 1), Some(20_000)),
            (2500, date(2027, 4, 1), date(2027, 4, 3), Some(60_000)),
            (2599, date(2027, 2, 27), date(2027, 3, 1), Some(62_376)),
            (2500, date(2027, 4, 1), date(2027, 6, 29), Some(1_800_000)),
            (2500, date(2027, 4, 1), date(2027, 6, 30), None),
            (2500, date(2027, 4, 2), date(2027, 4, 1), None),
            (i64::MAX, date(2027, 4, 1), date(2027, 4, 1), None),
            (1_000_000_000_000, date(2027, 4, 1), date(2027, 4, 1), None),
        ] {
            let cost = price(usd(rate), start, end).ok().map(|money| money.minor);
            assert_eq!(cost, expected, "{rate} from {start} to {end}");
        }
    }

    #[test]
    fn every_step_of_a_booking() {
        use BookingStatus::{Cancelled, Completed, Confirmed, Pending};
        let at = |text: &str| text.parse::<Timestamp>().unwrap();
        let (made, over) = (at("2027-03-01T00:00:00Z"), at("2027-04-03T10:00:00Z"));
        let terms = Terms {
            destination: "Jaipur".to_owned(),
            start: date(2027, 4, 1),
            end: date(2027, 4, 3),
            group_size: 1,
            activity_type: None,
            special_requirements: Some("step-free".to_owned()),
        };
        let user = |id| UserId::from_uuid(Uuid::from_u128(id));
        let new = GuideBooking::new(
            GuideBookingId::from_uuid(Uuid::nil()),
            GuideId::from_uuid(Uuid::nil()),
            user(1),
            user(2),
            terms,
            None,
            usd(2500),
            made,
        )
        .unwrap();
        assert_eq!((new.status, new.total_cost.minor), (Pending, 60_000));
        let confirmed = new.confirmed(made).unwrap();
        let completed = confirmed.completed(over).unwrap();
        let cancelled = confirmed.cancelled(Actor::Traveler, None, made).unwrap();
        for (booking, confirm, complete, cancel) in [
            (&new, true, false, true),
            (&confirmed, false, true, true),
            (&completed, false, false, false),
            (&cancelled, false, false, false),
        ] {
            let status = booking.status;
            assert_eq!(booking.confirmed(made).is_ok(), confirm, "{status}");
            assert_eq!(booking.completed(over).is_ok(), complete, "{status}");
            assert_eq!(booking.cancelled(Actor::Guide, None, made).is_ok(), cancel, "{status}");
        }
        let paid = confirmed.settled(PaymentStatus::Paid, made).unwrap();
        let owed = paid.cancelled(Actor::Guide, None, made).unwrap();
        let refunded = owed.settled(PaymentStatus::Refunded, over).unwrap();
        for (name, booking, can_be_paid, can_be_refunded, due) in [
            ("pending", &new, false, false, false),
            ("confirmed", &confirmed, true, false, false),
            ("completed", &completed, true, false, false),
            ("cancelled", &cancelled, false, false, false),
            ("paid", &paid, false, true, false),
            ("paid and completed", &paid.completed(over).unwrap(), false, true, false),
            ("paid and cancelled", &owed, false, true, true),
            ("refunded", &refunded, false, false, false),
        ] {
            let to = |status| booking.settled(status, over).is_ok();
            let possible = (
                to(PaymentStatus::Unpaid),
                to(PaymentStatus::Paid),
                to(PaymentStatus::Refunded),
            );
            assert_eq!(possible, (false, can_be_paid, can_be_refunded), "{name}");
            assert_eq!(booking.refund_due(), due, "{name}");
        }
        let later = confirmed.settled(PaymentStatus::Paid, over).unwrap();
        assert_eq!(later.became(Confirmed), Some(made), "a payment is no confirmation");
        let early = at("2027-04-02T23:59:59Z");
        assert_eq!(confirmed.completed(early), Err(BookingError::NotOver(date(2027, 4, 3))));
        assert_eq!(new.confirmed(early), Err(BookingError::Begun(date(2027, 4, 1))));
        let log: Vec<_> = completed.events.iter().map(|event| event.status).collect();
        assert_eq!((log, completed.version), (vec![Pending, Confirmed, Completed], 3));
        let left = confirmed.without(Actor::Traveler, over);
        assert_eq!(
            (left.status, left.traveler, left.side_of(user(2))),
            (Cancelled, None, None)
        );
        assert_eq!(left.terms.special_requirements, None);
        assert_eq!(completed.without(Actor::Guide, over).status, Completed);
    }
}
