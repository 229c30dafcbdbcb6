//! The last step of an order: confirmed, with its items in the trip, in one transaction.

use tripsage_domain::{
    booking::{Attachment, Booking, Step},
    ids::{ItemId, TripId, UserId},
    policy::TripAction,
    trip::{Item, Trip, TripError},
};
use tripsage_store::keys::Digest;

use crate::{Act, Ordering, OrderingError};

/// Attempts at a trip that its members are editing meanwhile; after that a job goes on.
const ATTEMPTS: u32 = 10;

impl Ordering {
    /// The trip, when its owner may put something into it.
    pub(crate) async fn editable(&self, owner: UserId, trip: TripId) -> Result<Trip, OrderingError> {
        let trip = self.db.find_trip(trip).await?.ok_or(OrderingError::NoTrip)?;
        trip.permit(owner, TripAction::Edit)?;
        Ok(trip)
    }

    /// Confirms a booking whose order is known. A trip that is gone or full does not keep it from being confirmed: an
    /// order is never lost.
    pub(crate) async fn attach(&self, booking: Booking, act: &Act) -> Result<Booking, OrderingError> {
        let mut booking = booking;
        let mut pause = std::time::Duration::from_millis(10);
        for _ in 0..ATTEMPTS {
            if booking.work().map(|work| work.step) != Some(Step::Attaching) {
                return Ok(booking);
            }
            let trip = booking.trip.filter(|_| booking.attachment == Attachment::Wanted);
            let done = match trip {
                None => self.confirm_without(&booking, Ok(Vec::new()), act).await?,
                Some(trip) => self.confirm_in(&booking, trip, act).await?,
            };
            match done {
                Some(booking) => return Ok(booking),
                None => booking = self.find(booking.owner, booking.id).await?,
            }
            self.pause(&mut pause).await;
        }
        Ok(booking)
    }

    async fn confirm_in(&self, booking: &Booking, trip: TripId, act: &Act) -> Result<Option<Booking>, OrderingError> {
        let Some(trip) = self.db.find_trip(trip).await? else {
            return self.confirm_without(booking, Err("the trip is gone"), act).await;
        };
        let count = booking.plans().len();
        let ids: Vec<ItemId> = (0..count).map(|index| item_id(booking, index)).collect();
        let decision = booking.confirmed(Ok(ids.clone()), self.now());
        let made = |(id, plan)| (None, Item::new(id, &trip, plan, self.now()));
        let items: Vec<_> = ids.into_iter().zip(decision.booking.plans()).map(made).collect();
        match self.commit_with(&trip, &items, Some(booking), decision, act).await {
            Err(OrderingError::Trip(error)) => {
                let reason = match error {
                    TripError::Full(..) => "the trip is full",
                    _ => "the trip cannot be edited by the booking's owner any more",
                };
                self.confirm_without(booking, Err(reason), act).await
            }
            result => result,
        }
    }

    async fn confirm_without(
        &self,
        booking: &Booking,
        attached: Result<Vec<ItemId>, &'static str>,
        act: &Act,
    ) -> Result<Option<Booking>, OrderingError> {
        let decision = booking.confirmed(attached, self.now());
        self.commit(Some(booking), decision, act).await
    }
}

/// The id of a booking's nth item: the same for every attempt.
pub(crate) fn item_id(booking: &Booking, index: usize) -> ItemId {
    let digest = Digest::of(&[b"booking item", booking.id.uuid().as_bytes(), &index.to_be_bytes()]);
    ItemId::from_uuid(digest.to_uuid())
}
