//! Placing an order, once.

use std::ops::ControlFlow;

use tripsage_domain::{
    booking::{Attachment, Booking, Deal, Failure, Kind, Matched, Passenger, Status, Summary, Traveller, matched},
    ids::{BookingId, KeyId, TripId, UserId},
    money::Money,
    validation::{Invalid, Violation},
};
use tripsage_providers::{
    Fault, ProviderError, Refusal,
    model::{DocumentKind, IdentityDocument, NewOrder, Offer, OrderKind, OrderPassenger, OrderedService},
};

use crate::{Act, Opened, Ordering, OrderingError, lookup::Look, observe};

/// A flight to be ordered.
#[derive(Debug, Clone)]
pub struct FlightOrder {
    /// Made of the user and the idempotency key: the same request again finds the same booking.
    pub id: BookingId,
    /// Who orders.
    pub owner: UserId,
    /// Digest of the request.
    pub request: String,
    /// What is ordered.
    pub offer: String,
    /// Whether it is to be paid later.
    pub hold: bool,
    /// Who travels.
    pub passengers: Vec<Passenger>,
    /// Extras, and how many of each.
    pub services: Vec<(String, u32)>,
    /// The price that the user has seen.
    pub expected: Option<Money>,
    /// The trip it belongs to.
    pub trip: Option<TripId>,
    /// The user's own words.
    pub notes: Option<String>,
}

/// What every order begins with.
pub(crate) struct Draft<'a> {
    pub(crate) id: BookingId,
    pub(crate) owner: UserId,
    pub(crate) request: &'a str,
    pub(crate) kind: Kind,
    pub(crate) trip: Option<TripId>,
    pub(crate) notes: &'a Option<String>,
    pub(crate) key: KeyId,
    pub(crate) offer: String,
    pub(crate) hold: bool,
    pub(crate) summary: Summary,
    pub(crate) price: Option<Money>,
    pub(crate) travellers: Vec<Traveller>,
    pub(crate) live_mode: bool,
}

impl Ordering {
    /// Orders a flight with the user's own key. The same order again gives the same booking, and goes on with it.
    ///
    /// # Errors
    /// Every [`OrderingError`]. After [`OrderingError::Failed`] there is a booking that says why; after every other
    /// nothing was ordered and nothing is kept, unless the database failed.
    pub async fn place_flight(&self, order: FlightOrder, act: &Act) -> Result<Booking, OrderingError> {
        let before = match self.placed_before(order.owner, order.id, &order.request, act).await? {
            ControlFlow::Break(booking) => return Ok(booking),
            ControlFlow::Continue(before) => before,
        };
        if let Some(trip) = order.trip {
            self.editable(order.owner, trip).await?;
        }
        let key = self.own_key(order.owner, act).await?;
        let key_id = key.chosen.key_id().ok_or(OrderingError::KeyRequired)?;
        let draft = |offer: Option<&Offer>, price: Option<Money>| Draft {
            id: order.id,
            owner: order.owner,
            request: &order.request,
            kind: Kind::Flight,
            trip: order.trip,
            notes: &order.notes,
            key: key_id,
            offer: order.offer.clone(),
            hold: order.hold,
            summary: offer
                .and_then(|offer| observe::journey(&offer.slices))
                .unwrap_or_else(|| Summary {
                    title: "Flight".to_owned(),
                    place: None,
                    start: None,
                    end: None,
                    segments: Vec::new(),
                }),
            price,
            travellers: order.passengers.iter().map(Passenger::traveller).collect(),
            live_mode: offer.is_some_and(|offer| offer.live_mode),
        };
        let (offer, total) = match self.priced(&order, &key, act).await {
            Ok((offer, total)) if offer.is_open(self.now()) => (offer, total),
            Ok((offer, total)) => {
                let draft = draft(Some(&offer), Some(total));
                return self.not_placed(draft, before, Failure::OfferExpired, act).await;
            }
            Err(error) => match &error.fault {
                Fault::Refused { refusal, .. } => {
                    return self
                        .not_placed(draft(None, None), before, observe::refused(*refusal), act)
                        .await;
                }
                _ => return Err(error.into()),
            },
        };
        if order.hold && offer.payment.instant {
            return Err(OrderingError::HoldNotOffered);
        }
        let passengers = self.passengers(&order, &offer)?;
        same_price(order.expected, total)?;
        let booking = self.new_booking(draft(Some(&offer), Some(total)), before.as_ref());
        let Some(booking) = self
            .commit(before.as_ref(), booking.ordering(self.nonce(), self.now()), act)
            .await?
        else {
            // The same request, at the same time, was faster.
            return self.placed_meanwhile(order.owner, order.id, &order.request, act).await;
        };
        let new = NewOrder {
            kind: if order.hold {
                OrderKind::Hold
            } else {
                OrderKind::Instant
            },
            offer_id: order.offer.clone(),
            passengers,
            services: services(&order.services),
            total,
            booking: order.id,
        };
        let answer = self
            .providers
            .duffel()
            .create_order(&key.access, &new, act.for_a_call())
            .await;
        let answer = self.heard(&key, act, answer).await.map(observe::order);
        self.answered(booking, &key, answer, act).await
    }

    /// The booking that this very request has made before, brought as far as it goes (`Break`); or where to begin, which
    /// is at a booking whose order was never sent, or at nothing.
    pub(crate) async fn placed_before(
        &self,
        owner: UserId,
        id: BookingId,
        request: &str,
        act: &Act,
    ) -> Result<ControlFlow<Booking, Option<Booking>>, OrderingError> {
        let Some(booking) = self.db.find_booking(owner, id).await? else {
            return Ok(ControlFlow::Continue(None));
        };
        if booking.deal.as_ref().is_none_or(|deal| deal.request != request) {
            return Err(OrderingError::Reused);
        }
        let booking = if booking.work().is_some() {
            self.resume(booking, act).await?
        } else {
            booking
        };
        if booking.deal.as_ref().and_then(|deal| deal.failure) == Some(Failure::NotSent) {
            return Ok(ControlFlow::Continue(Some(booking)));
        }
        outcome(booking).map(ControlFlow::Break)
    }

    /// The booking that this very request has made at the same time.
    pub(crate) async fn placed_meanwhile(
        &self,
        owner: UserId,
        id: BookingId,
        request: &str,
        act: &Act,
    ) -> Result<Booking, OrderingError> {
        match self.placed_before(owner, id, request, act).await? {
            ControlFlow::Break(booking) => Ok(booking),
            ControlFlow::Continue(_) => Err(OrderingError::Busy),
        }
    }

    async fn priced(&self, order: &FlightOrder, key: &Opened, act: &Act) -> Result<(Offer, Money), ProviderError> {
        let (duffel, deadline) = (self.providers.duffel(), act.for_a_call());
        let read = if order.services.is_empty() {
            let offer = duffel.offer(&key.access, &order.offer, false, deadline).await;
            offer.map(|offer| {
                let total = offer.total;
                (offer, total)
            })
        } else {
            let priced = duffel
                .price(&key.access, &order.offer, &services(&order.services), deadline)
                .await;
            priced.map(|priced| (priced.offer, priced.total))
        };
        self.heard(key, act, read).await
    }

    fn passengers(&self, order: &FlightOrder, offer: &Offer) -> Result<Vec<OrderPassenger>, Invalid> {
        let expected: Vec<_> = offer.passengers.iter().map(observe::passenger).collect();
        let departures = offer
            .slices
            .iter()
            .flat_map(|slice| &slice.segments)
            .map(|segment| segment.departing_at.date());
        let Some(last) = departures.max() else {
            return Err(Violation::new("offer_id", "offer", "has no flights").into());
        };
        let found = matched(&expected, &order.passengers, last, offer.documents_required)?;
        Ok(found.into_iter().map(order_passenger).collect())
    }

    /// `before`: what the same request made when its order was not sent; its log goes on.
    pub(crate) fn new_booking(&self, draft: Draft<'_>, before: Option<&Booking>) -> Booking {
        let now = self.now();
        Booking {
            id: draft.id,
            owner: draft.owner,
            kind: draft.kind,
            status: Status::Pending,
            trip: draft.trip,
            attachment: if draft.trip.is_some() {
                Attachment::Wanted
            } else {
                Attachment::None
            },
            items: Vec::new(),
            summary: draft.summary,
            price: draft.price,
            confirmation: None,
            travellers: draft.travellers,
            notes: draft.notes.clone(),
            deal: Some(Deal {
                request: draft.request.to_owned(),
                latest: None,
                key: draft.key,
                offer: draft.offer,
                hold: draft.hold,
                live_mode: draft.live_mode,
                order: None,
                awaiting_payment: false,
                payment_required_by: None,
                price_guarantee_expires_at: None,
                refunds: Vec::new(),
                quote: None,
                work: None,
                doubt_since: None,
                failure: None,
            }),
            events: before.map_or(0, |before| before.events),
            due_at: None,
            created_at: before.map_or(now, |before| before.created_at),
            updated_at: now,
            version: 0,
        }
    }

    /// Keeps that nothing was ordered, and why.
    pub(crate) async fn not_placed(
        &self,
        draft: Draft<'_>,
        before: Option<Booking>,
        failure: Failure,
        act: &Act,
    ) -> Result<Booking, OrderingError> {
        let (owner, id, request) = (draft.owner, draft.id, draft.request.to_owned());
        let decision = self
            .new_booking(draft, before.as_ref())
            .refused(failure, false, self.now());
        match self.commit(before.as_ref(), decision, act).await? {
            Some(booking) => outcome(booking),
            None => self.placed_meanwhile(owner, id, &request, act).await,
        }
    }

    /// What the one attempt at the order came to.
    pub(crate) async fn answered(
        &self,
        booking: Booking,
        key: &Opened,
        answer: Result<tripsage_domain::booking::Observed, ProviderError>,
        act: &Act,
    ) -> Result<Booking, OrderingError> {
        let error = match answer {
            Ok(seen) => {
                let now = self.now();
                let booking = self.apply(booking, |booking| booking.observed(&seen, now), act).await?;
                return outcome(self.attach(booking, act).await?);
            }
            Err(error) => error,
        };
        tracing::warn!(%error, booking = %booking.id, "an order was not confirmed");
        if let Some(failure) = observe::failure(&error.fault) {
            let decision = booking.refused(failure, false, self.now());
            let booking = self.commit_or_reload(&booking, decision, act).await?;
            return match outcome(booking) {
                Err(OrderingError::Failed(_, Failure::NotSent)) => Err(error.into()),
                outcome => outcome,
            };
        }
        let decision = match &error.fault {
            Fault::Unknown { accepted: true, .. } => booking.accepted(self.now()),
            _ => booking.unanswered(self.now()),
        };
        let booking = self.commit_or_reload(&booking, decision, act).await?;
        if !act.has_time() || !booking.is_unsettled() {
            return outcome(booking);
        }
        let (look, now) = (self.look(&booking, key, act).await, self.now());
        let booking = match look {
            Look::Found(seen) => self.apply(booking, |booking| booking.observed(&seen, now), act).await?,
            // The airline said no in a way that proves nothing; that there is no order is enough for now.
            Look::Absent if airline_failed(&error.fault) => {
                let decision = booking.refused(Failure::SupplierRefused, true, now);
                self.commit_or_reload(&booking, decision, act).await?
            }
            Look::Absent | Look::Unknown => return outcome(booking),
        };
        outcome(self.attach(booking, act).await?)
    }
}

/// A booking that failed is an error to who asked for it.
fn outcome(booking: Booking) -> Result<Booking, OrderingError> {
    let failure = booking.deal.as_ref().and_then(|deal| deal.failure);
    match (booking.status, failure) {
        (Status::Failed, Some(failure)) => Err(OrderingError::Failed(Box::new(booking), failure)),
        _ => Ok(booking),
    }
}

pub(crate) fn same_price(expected: Option<Money>, new: Money) -> Result<(), OrderingError> {
    match expected {
        Some(old) if old != new => Err(OrderingError::PriceChanged { old, new }),
        _ => Ok(()),
    }
}

fn airline_failed(fault: &Fault) -> bool {
    matches!(
        fault,
        Fault::Unknown {
            hint: Some(Refusal::AirlineError),
            ..
        }
    )
}

fn services(services: &[(String, u32)]) -> Vec<OrderedService> {
    let service = |(id, quantity): &(String, u32)| OrderedService {
        id: id.clone(),
        quantity: *quantity,
    };
    services.iter().map(service).collect()
}

fn order_passenger(matched: Matched) -> OrderPassenger {
    let passenger = matched.passenger;
    let document = passenger.document.map(|document| IdentityDocument {
        kind: match document.kind {
            tripsage_domain::booking::DocumentType::Passport => DocumentKind::Passport,
            tripsage_domain::booking::DocumentType::TaxId => DocumentKind::TaxId,
        },
        number: document.number,
        issuing_country: document.country,
        expires_on: document.expires_on,
    });
    OrderPassenger {
        id: matched.id,
        title: passenger.title,
        gender: passenger.gender,
        given_name: passenger.given_name,
        family_name: passenger.family_name,
        born_on: passenger.born_on,
        email: passenger.email,
        phone_number: passenger.phone_number,
        infant_id: matched.infant,
        documents: document.into_iter().collect(),
    }
}
