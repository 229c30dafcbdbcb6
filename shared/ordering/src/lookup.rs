//! Finding out at the provider what became of an order.

use tripsage_domain::booking::{Booking, Kind, Observed};
use tripsage_providers::{Deadline, ProviderError};

use crate::{Act, Opened, Ordering, observe};

/// What a look came to.
pub(crate) enum Look {
    /// There it is.
    Found(Box<Observed>),
    /// With this key there is none.
    Absent,
    /// Nothing can be said.
    Unknown,
}

impl Ordering {
    /// Looks for the order of a booking: by its id when that is known, else by what was ordered and our id in it.
    pub(crate) async fn look(&self, booking: &Booking, key: &Opened, act: &Act) -> Look {
        let Some(deal) = &booking.deal else {
            return Look::Unknown;
        };
        let deadline = act.for_a_call();
        let found = match (booking.kind, &deal.order) {
            (Kind::Flight, Some(order)) => self.read_order(key, order, deadline).await.map(Some),
            (Kind::Flight, None) => self.search_order(booking, &deal.offer, key, deadline).await,
            (_, Some(order)) => {
                let read = self.providers.duffel().stay_booking(&key.access, order, deadline).await;
                read.map(|stay| Some(observe::stay(stay, deal.live_mode)))
            }
            (_, None) => {
                let found = self
                    .providers
                    .duffel()
                    .find_stay_booking(&key.access, booking.id, deadline)
                    .await;
                found.map(|stay| stay.map(|stay| observe::stay(stay, deal.live_mode)))
            }
        };
        match self.heard(key, act, found).await {
            Ok(Some(seen)) => Look::Found(Box::new(seen)),
            Ok(None) => Look::Absent,
            Err(error) => {
                tracing::warn!(%error, booking = %booking.id, "an order could not be looked for");
                Look::Unknown
            }
        }
    }

    pub(crate) async fn read_order(
        &self,
        key: &Opened,
        order: &str,
        deadline: Deadline,
    ) -> Result<Observed, ProviderError> {
        self.providers
            .duffel()
            .order(&key.access, order, deadline)
            .await
            .map(observe::order)
    }

    /// Among the orders of an offer the one that carries our booking.
    async fn search_order(
        &self,
        booking: &Booking,
        offer: &str,
        key: &Opened,
        deadline: Deadline,
    ) -> Result<Option<Observed>, ProviderError> {
        // Only an empty list says that there is none: that the list was not found says nothing.
        let duffel = self.providers.duffel();
        let orders = duffel.orders_of_offer(&key.access, offer, deadline).await?;
        let mut ours = orders.into_iter().filter(|order| order.booking == Some(booking.id));
        let Some(order) = ours.next() else { return Ok(None) };
        if ours.next().is_some() {
            tracing::error!(alarm = "ordered_twice", booking = %booking.id, "a booking has two orders");
        }
        self.read_order(key, &order.id, deadline).await.map(Some)
    }
}
