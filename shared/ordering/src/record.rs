//! Bookings that were made elsewhere: no provider is asked.

use std::time::Duration;

use tripsage_domain::{
    booking::{Booking, Recorded, RecordedPatch, Status},
    ids::{BookingId, UserId},
    trip::{Item, TripError},
};

use crate::{Act, Ordering, OrderingError, attach::item_id, commit::ItemChange};

/// Attempts at a booking, or a trip, that is being edited meanwhile.
const ATTEMPTS: u32 = 10;

impl Ordering {
    /// Writes a booking down, with its item in the trip. The same again gives the same booking.
    ///
    /// # Errors
    /// When it is not valid, or the trip does not take it.
    pub async fn record(
        &self,
        id: BookingId,
        owner: UserId,
        recorded: Recorded,
        act: &Act,
    ) -> Result<Booking, OrderingError> {
        let mut pause = Duration::from_millis(10);
        for _ in 0..ATTEMPTS {
            if let Some(booking) = self.db.find_booking(owner, id).await? {
                // Two requests that record are the same only when they say the same; the answer is what is stored.
                return if booking.deal.is_none() {
                    Ok(booking)
                } else {
                    Err(OrderingError::Reused)
                };
            }
            let now = self.now();
            let decision = Booking::recorded(id, owner, recorded.clone(), now)?;
            let stored = match recorded.trip {
                None => self.commit(None, decision, act).await?,
                Some(trip) => {
                    let trip = self.editable(owner, trip).await?;
                    let item = item_id(&decision.booking, 0);
                    let mut decision = decision;
                    decision.booking.items = vec![item];
                    let made = |plan| (None, Item::new(item, &trip, plan, now));
                    let items: Vec<ItemChange> = decision.booking.plans().into_iter().take(1).map(made).collect();
                    self.commit_with(&trip, &items, None, decision, act).await?
                }
            };
            if let Some(booking) = stored {
                return Ok(booking);
            }
            self.pause(&mut pause).await;
        }
        Err(OrderingError::Busy)
    }

    /// Changes what its owner may change of a booking; its item in the trip follows. `guard` sees the booking first.
    ///
    /// # Errors
    /// When the state machine has no such step, it is not valid, or the guard refuses.
    pub async fn patch<E: From<OrderingError>>(
        &self,
        owner: UserId,
        id: BookingId,
        patch: &RecordedPatch,
        guard: impl Fn(&Booking) -> Result<(), E>,
        act: &Act,
    ) -> Result<Booking, E> {
        let mut pause = Duration::from_millis(10);
        for _ in 0..ATTEMPTS {
            let booking = self.find(owner, id).await?;
            guard(&booking)?;
            let decision = booking
                .patched(patch.clone(), self.now())
                .map_err(OrderingError::from)?;
            let Some(decision) = decision else { return Ok(booking) };
            let follows = booking.deal.is_none() && !matches!(booking.status, Status::Cancelled);
            let trip = match (booking.trip, booking.items.first(), follows) {
                (Some(trip), Some(item), true) => self
                    .db
                    .find_trip_and_item(trip, *item)
                    .await
                    .map_err(OrderingError::from)?,
                _ => None,
            };
            let stored = match trip {
                Some((trip, Some(item))) => {
                    let plan = decision
                        .booking
                        .replanned(&item)
                        .checked()
                        .map_err(OrderingError::from)?;
                    let new = item.edited(plan, self.now());
                    match self
                        .commit_with(&trip, &[(Some(item), new)], Some(&booking), decision.clone(), act)
                        .await
                    {
                        // The booking is its owner's, whatever became of the trip.
                        Err(OrderingError::Trip(TripError::Denied(_))) => {
                            self.commit(Some(&booking), decision, act).await?
                        }
                        result => result?,
                    }
                }
                _ if booking.deal.is_some() => self.follow(&booking, decision, act).await?,
                _ => self.commit(Some(&booking), decision, act).await?,
            };
            if let Some(booking) = stored {
                return Ok(booking);
            }
            self.pause(&mut pause).await;
        }
        Err(OrderingError::Busy.into())
    }
}
