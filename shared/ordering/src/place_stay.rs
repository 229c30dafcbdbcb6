//! Booking a stay, once.

use std::ops::ControlFlow;

use tripsage_domain::{
    booking::{Booking, Kind, Summary, Traveller},
    ids::{BookingId, TripId, UserId},
    money::Money,
};
use tripsage_providers::{
    Fault, ProviderError,
    model::{NewStayBooking, StayGuest},
};

use crate::{
    Act, Ordering, OrderingError, observe,
    place::{Draft, same_price},
};

/// A stay to be booked.
#[derive(Debug, Clone)]
pub struct StayOrder {
    /// Made of the user and the idempotency key: the same request again finds the same booking.
    pub id: BookingId,
    /// Who orders.
    pub owner: UserId,
    /// Digest of the request.
    pub request: String,
    /// Which room at which price.
    pub rate: String,
    /// Who stays.
    pub guests: Vec<Traveller>,
    /// Where the house can reach them.
    pub email: String,
    /// In international form.
    pub phone_number: String,
    /// What they ask for.
    pub special_requests: Option<String>,
    /// The price that the user has seen.
    pub expected: Option<Money>,
    /// The trip it belongs to.
    pub trip: Option<TripId>,
    /// The user's own words.
    pub notes: Option<String>,
}

impl Ordering {
    /// Books a stay with the user's own key. The same order again gives the same booking, and goes on with it.
    ///
    /// # Errors
    /// As [`Self::place_flight`].
    pub async fn place_stay(&self, order: StayOrder, act: &Act) -> Result<Booking, OrderingError> {
        let before = match self.placed_before(order.owner, order.id, &order.request, act).await? {
            ControlFlow::Break(booking) => return Ok(booking),
            ControlFlow::Continue(before) => before,
        };
        if let Some(trip) = order.trip {
            self.editable(order.owner, trip).await?;
        }
        let key = self.own_key(order.owner, act).await?;
        let key_id = key.chosen.key_id().ok_or(OrderingError::KeyRequired)?;
        let draft = |offer: String, summary: Summary, price: Option<Money>| Draft {
            id: order.id,
            owner: order.owner,
            request: &order.request,
            kind: Kind::Accommodation,
            trip: order.trip,
            notes: &order.notes,
            key: key_id,
            offer,
            hold: false,
            summary,
            price,
            travellers: order.guests.clone(),
            live_mode: false,
        };
        let quote = self
            .providers
            .duffel()
            .quote_stay(&key.access, &order.rate, act.for_a_call())
            .await;
        let quote = match self.heard(&key, act, quote).await {
            Ok(quote) => quote,
            Err(ProviderError {
                fault: Fault::Refused { refusal, .. },
                ..
            }) => {
                let summary = Summary {
                    title: "Stay".to_owned(),
                    place: None,
                    start: None,
                    end: None,
                    segments: Vec::new(),
                };
                let draft = draft(order.rate.clone(), summary, None);
                return self.not_placed(draft, before, observe::refused(refusal), act).await;
            }
            Err(error) => return Err(error.into()),
        };
        same_price(order.expected, quote.total)?;
        let draft = draft(quote.id.clone(), observe::stay_quote(&quote), Some(quote.total));
        let mut booking = self.new_booking(draft, before.as_ref());
        if let Some(deal) = &mut booking.deal {
            deal.refunds = observe::refunds(&quote.cancellation);
        }
        let Some(booking) = self
            .commit(before.as_ref(), booking.ordering(self.nonce(), self.now()), act)
            .await?
        else {
            return self.placed_meanwhile(order.owner, order.id, &order.request, act).await;
        };
        let guest = |traveller: &Traveller| StayGuest {
            given_name: traveller.given_name.clone(),
            family_name: traveller.family_name.clone(),
        };
        let new = NewStayBooking {
            quote_id: quote.id,
            guests: order.guests.iter().map(guest).collect(),
            email: order.email,
            phone_number: order.phone_number,
            special_requests: order.special_requests,
            booking: order.id,
        };
        let answer = self
            .providers
            .duffel()
            .book_stay(&key.access, &new, act.for_a_call())
            .await;
        let answer = self
            .heard(&key, act, answer)
            .await
            .map(|stay| observe::stay(stay, false));
        self.answered(booking, &key, answer, act).await
    }
}
