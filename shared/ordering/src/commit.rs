//! How a decision is carried out: the booking, its log, its audit records, and its items in the trip, together.

use std::time::Duration;

use tripsage_domain::{
    audit::{Action, Record},
    booking::{Booking, Decision, EventKind},
    ids::AuditId,
    trip::{Item, Plan, Trip, TripError},
};
use tripsage_store::{
    StoreError,
    bookings::{BOOKING_CHANGED, BookingWrites},
    trips::TripChange,
};

use crate::{Act, Ordering, OrderingError};

/// Attempts at a trip that its members are editing meanwhile.
const ATTEMPTS: u32 = 8;

/// Pause after the first lost race; it doubles.
const PAUSE: Duration = Duration::from_millis(10);

/// An item as it is (`None`: it has to be made) and as it should be.
pub(crate) type ItemChange = (Option<Item>, Item);

impl Ordering {
    /// Carries out a decision that changes nothing in a trip. `Ok(None)`: somebody else was faster.
    pub(crate) async fn commit(
        &self,
        before: Option<&Booking>,
        decision: Decision,
        act: &Act,
    ) -> Result<Option<Booking>, OrderingError> {
        let audit = self.audit(&decision, act);
        let writes = BookingWrites::new(before, decision, act.actor, self.now())?;
        let mut pause = PAUSE;
        for attempt in 1.. {
            let again = BookingWrites {
                booking: writes.booking.clone(),
                writes: writes.writes.clone(),
            };
            match self.db.commit_booking(again, &audit, None).await {
                Ok(booking) => return Ok(Some(booking)),
                Err(StoreError::Conflict(BOOKING_CHANGED)) => return Ok(None),
                Err(StoreError::Throttled(_)) if attempt < ATTEMPTS => tokio::time::sleep(pause).await,
                Err(error) => return Err(error.into()),
            }
            pause *= 2;
        }
        Ok(None)
    }

    /// As [`Self::commit`], or what somebody else has made of the booking.
    pub(crate) async fn commit_or_reload(
        &self,
        before: &Booking,
        decision: Decision,
        act: &Act,
    ) -> Result<Booking, OrderingError> {
        match self.commit(Some(before), decision, act).await? {
            Some(booking) => Ok(booking),
            None => self.find(before.owner, before.id).await,
        }
    }

    /// Carries out a decision with changes of the trip that it was made on. `Ok(None)`: the trip or the booking has
    /// changed meanwhile.
    pub(crate) async fn commit_with(
        &self,
        trip: &Trip,
        items: &[ItemChange],
        before: Option<&Booking>,
        decision: Decision,
        act: &Act,
    ) -> Result<Option<Booking>, OrderingError> {
        let owner = decision.booking.owner;
        let made = items.iter().filter(|(old, _)| old.is_none()).count();
        let after = trip.replanned(owner, isize::try_from(made).unwrap_or(isize::MAX), self.now())?;
        let action = if made > 0 {
            "booking.attached"
        } else {
            "booking.updated"
        };
        let mut change = TripChange::new(Some(trip), after, action, owner, self.now());
        for (old, new) in items {
            change.push_item(old.as_ref(), Some(new))?;
        }
        change.audit = self.audit(&decision, act);
        let writes = BookingWrites::new(before, decision, act.actor, self.now())?;
        change.writes.extend(writes.writes);
        match self.db.commit_trip(change).await {
            Ok(_) => Ok(Some(writes.booking)),
            Err(StoreError::Conflict(_) | StoreError::Throttled(_)) => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    /// Decides on a booking and carries it out; decides again on what somebody else has made of it meanwhile, so that
    /// what a provider showed is not forgotten because a race was lost. Its items in the trip follow.
    ///
    /// # Errors
    /// [`OrderingError::Busy`] when every race was lost.
    pub(crate) async fn apply(
        &self,
        booking: Booking,
        decide: impl Fn(&Booking) -> Option<Decision> + Send + Sync,
        act: &Act,
    ) -> Result<Booking, OrderingError> {
        let mut booking = booking;
        let mut pause = PAUSE;
        for _ in 0..ATTEMPTS {
            let Some(decision) = decide(&booking) else {
                return Ok(booking);
            };
            let late = decision.events.iter().any(|(kind, _)| *kind == EventKind::OrderedLate);
            if let Some(stored) = self.follow(&booking, decision, act).await? {
                if late {
                    tracing::error!(alarm = "ordered_late", booking = %stored.id, "an order that was said not to exist exists");
                }
                return Ok(stored);
            }
            self.pause(&mut pause).await;
            booking = self.find(booking.owner, booking.id).await?;
        }
        Err(OrderingError::Busy)
    }

    /// Carries out a decision on a booking that has items in a trip: they follow it. When the trip is gone, or its
    /// owner may not edit it any more, the booking changes all the same. `Ok(None)`: somebody else was faster.
    pub(crate) async fn follow(
        &self,
        before: &Booking,
        decision: Decision,
        act: &Act,
    ) -> Result<Option<Booking>, OrderingError> {
        let (old, new) = (before.plans(), decision.booking.plans());
        let (false, Some(trip)) = (old == new || before.items.is_empty(), before.trip) else {
            return self.commit(Some(before), decision, act).await;
        };
        let mut pause = PAUSE;
        for _ in 0..ATTEMPTS {
            let Some((trip, items)) = self.db.find_trip_with_items(trip).await? else {
                return self.commit(Some(before), decision, act).await;
            };
            let changes: Vec<ItemChange> = items
                .into_iter()
                .filter_map(|item| {
                    let index = before.items.iter().position(|id| *id == item.id)?;
                    let plan = caught_up(&item.plan, old.get(index)?, new.get(index)?);
                    let new = item.edited(plan, self.now());
                    Some((Some(item), new))
                })
                .collect();
            match self
                .commit_with(&trip, &changes, Some(before), decision.clone(), act)
                .await
            {
                Ok(Some(booking)) => return Ok(Some(booking)),
                Ok(None) => {}
                Err(OrderingError::Trip(TripError::Denied(_))) => {
                    return self.commit(Some(before), decision, act).await;
                }
                Err(error) => return Err(error),
            }
            let now = self.find(before.owner, before.id).await?;
            if now.version != before.version {
                return Ok(None);
            }
            self.pause(&mut pause).await;
        }
        // What happened at the provider has to be known here, also when the trip keeps changing.
        self.commit(Some(before), decision, act).await
    }

    /// Waits a little before the next attempt; half of it is random.
    pub(crate) async fn pause(&self, pause: &mut Duration) {
        let mut byte = [0];
        self.runtime.ports().entropy.fill(&mut byte);
        tokio::time::sleep(*pause / 2 + *pause * u32::from(byte[0]) / 512).await;
        *pause *= 2;
    }

    fn audit(&self, decision: &Decision, act: &Act) -> Vec<Record> {
        let record = |action| Record {
            id: AuditId::random(&*self.runtime.ports().entropy),
            user: decision.booking.owner,
            at: self.now(),
            action,
            target: format!("booking/{}", decision.booking.id),
            source: act.source.clone(),
        };
        decision
            .events
            .iter()
            .filter_map(|(kind, _)| action(*kind))
            .map(record)
            .collect()
    }
}

/// An item's plan after its booking has gone from `old` to `new`: what its members made of the rest stays.
fn caught_up(plan: &Plan, old: &Plan, new: &Plan) -> Plan {
    let mut plan = plan.clone();
    if old.status != new.status {
        plan.status = new.status;
    }
    if old.cost != new.cost {
        plan.cost = new.cost;
    }
    if (&old.start, &old.end) != (&new.start, &new.end) {
        (plan.start, plan.end) = (new.start.clone(), new.end.clone());
    }
    plan
}

/// What an audit trail says of an event; most are for the booking's own log only.
const fn action(kind: EventKind) -> Option<Action> {
    match kind {
        EventKind::Ordering => Some(Action::BookingOrdered),
        EventKind::Recorded => Some(Action::BookingRecorded),
        EventKind::Confirmed | EventKind::Held => Some(Action::BookingConfirmed),
        EventKind::Paid => Some(Action::BookingPaid),
        EventKind::Cancelled => Some(Action::BookingCancelled),
        EventKind::Expired => Some(Action::BookingExpired),
        EventKind::Failed => Some(Action::BookingFailed),
        EventKind::Parked => Some(Action::BookingParked),
        _ => None,
    }
}
