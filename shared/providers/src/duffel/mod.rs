//! Duffel, version 2: flights and stays.

mod webhook;
mod wire;

use std::sync::Arc;

use tripsage_domain::{flight::FlightSearch, ids::BookingId, money::Money, stay::StaySearch};

use crate::{
    Access, Deadline, Fault, Provider, Result,
    model::{
        Accommodation, AirlineChange, CancellationQuote, FlightOffers, NewOrder, NewStayBooking, Offer, Order,
        OrderSummary, OrderedService, Payment, PricedOffer, StayBooking, StayQuote, StayRate, Stays,
    },
    policy::Outbound,
};

pub use webhook::{SIGNATURE_HEADER, WebhookError, WebhookEvent, WebhookKind, sign_webhook, verify_webhook};

/// A client of Duffel.
pub struct Duffel {
    pub(crate) outbound: Arc<Outbound>,
}

macro_rules! skeleton {
    ($($(#[$doc:meta])* $name:ident($($argument:ident: $type:ty),*) -> $answer:ty;)*) => {
        impl Duffel {
            $($(#[$doc])* pub async fn $name(&self, access: &Access, $($argument: $type,)* deadline: Deadline) -> Result<$answer> {
                let _ = (&self.outbound, access, deadline, $($argument),*);
                Err(Fault::NotConfigured.of(Provider::Duffel))
            })*
        }
    };
}

skeleton! {
    /// Searches offers.
    search(search: &FlightSearch) -> FlightOffers;
    /// Reads the offers of an earlier search again.
    offers(request_id: &str) -> FlightOffers;
    /// Reads an offer as it is now; with the extras that may be ordered with it.
    offer(offer_id: &str, with_services: bool) -> Offer;
    /// Prices an offer with extras as it is now.
    price(offer_id: &str, services: &[OrderedService]) -> PricedOffer;
    /// Places an order. `Fault::Unknown`: look for it with [`Self::orders_of_offer`] before anything else.
    create_order(order: &NewOrder) -> Order;
    /// Reads an order.
    order(order_id: &str) -> Order;
    /// Finds the orders of an offer: how to learn what became of one whose answer was lost.
    orders_of_offer(offer_id: &str) -> Vec<OrderSummary>;
    /// Pays a held order from the balance.
    pay(order_id: &str, amount: Money) -> Payment;
    /// Reads the payments of an order: how to learn what became of one whose answer was lost.
    payments(order_id: &str) -> Vec<Payment>;
    /// Asks what a cancellation would bring back. Cancels nothing.
    quote_cancellation(order_id: &str) -> CancellationQuote;
    /// Reads a quote again: how to learn whether it was confirmed.
    cancellation(quote_id: &str) -> CancellationQuote;
    /// Cancels for good.
    confirm_cancellation(quote_id: &str) -> CancellationQuote;
    /// Changes that the airline made to an order.
    airline_changes(order_id: &str) -> Vec<AirlineChange>;
    /// Searches stays.
    search_stays(search: &StaySearch) -> Stays;
    /// Rates of a search result.
    stay_rates(result_id: &str) -> (Accommodation, Vec<StayRate>);
    /// Fixes a price.
    quote_stay(rate_id: &str) -> StayQuote;
    /// Books what was quoted. `Fault::Unknown`: look for it with [`Self::find_stay_booking`] before anything else.
    book_stay(booking: &NewStayBooking) -> StayBooking;
    /// Reads a booked stay.
    stay_booking(id: &str) -> StayBooking;
    /// Finds the stay that carries one of our bookings.
    find_stay_booking(booking: BookingId) -> Option<StayBooking>;
    /// Cancels a booked stay.
    cancel_stay(id: &str) -> StayBooking;
}
