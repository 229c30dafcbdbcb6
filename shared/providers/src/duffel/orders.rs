//! Ordering, paying and cancelling flights. What is done here is done once: see [`Fault::Unknown`].

use serde_json::{Value, json};
use tripsage_domain::money::Money;

use super::{
    Duffel, Request, id,
    order::{WireAirlineChange, WireCancellation, WireOrder, WireOrderSummary, WirePayment},
    wire::{Envelope, List, Metadata},
};
use crate::{
    Access, Deadline, Fault, Provider, Result,
    model::{AirlineChange, CancellationQuote, NewOrder, Order, OrderKind, OrderPassenger, OrderSummary, Payment},
    policy::Reply,
    raw::readable,
};

/// Orders of one offer, payments of one order: there are never that many.
const FEW: u32 = 50;

fn order(reply: &Reply) -> std::result::Result<Order, Fault> {
    let wire: Envelope<WireOrder> = reply.json()?;
    wire.data
        .read()
        .ok_or(Fault::Malformed("an order without price or flights"))
}

fn cancellation(reply: &Reply) -> std::result::Result<CancellationQuote, Fault> {
    Ok(reply.json::<Envelope<WireCancellation>>()?.data.read())
}

impl Duffel {
    /// Places an order, and pays it from the balance unless it is held.
    ///
    /// # Errors
    /// [`Fault::Unknown`] when nobody knows whether there is an order now: look with [`Self::orders_of_offer`] before
    /// anything else, for longer than it takes an airline to answer. Else as any call.
    pub async fn create_order(&self, access: &Access, new: &NewOrder, deadline: Deadline) -> Result<Order> {
        let request = Request::post("create_order", "/air/orders", new_order(new), access, deadline);
        self.call(request.lasting(), order).await
    }

    /// Reads an order.
    ///
    /// # Errors
    /// As any call.
    pub async fn order(&self, access: &Access, order_id: &str, deadline: Deadline) -> Result<Order> {
        let path = format!("/air/orders/{}", id(order_id)?);
        self.call(Request::get("get_order", path, access, deadline), order)
            .await
    }

    /// Finds the orders of an offer: how to learn what became of one whose answer was lost.
    ///
    /// # Errors
    /// As any call. An order that cannot be read makes the whole answer [`Fault::Malformed`]: to overlook one would be
    /// to order twice.
    pub async fn orders_of_offer(
        &self,
        access: &Access,
        offer_id: &str,
        deadline: Deadline,
    ) -> Result<Vec<OrderSummary>> {
        let path = format!("/air/orders?offer_id={}&limit={FEW}", id(offer_id)?);
        self.call(Request::get("list_orders", path, access, deadline), |reply| {
            let wire: Envelope<Vec<WireOrderSummary>> = reply.json()?;
            Ok(wire.data.into_iter().map(WireOrderSummary::read).collect())
        })
        .await
    }

    /// Pays a held order from the balance. The amount must be what the order costs now.
    ///
    /// # Errors
    /// [`Fault::Unknown`] when nobody knows whether it is paid: look with [`Self::payments`]. Else as any call.
    pub async fn pay(&self, access: &Access, order_id: &str, amount: Money, deadline: Deadline) -> Result<Payment> {
        let data = json!({ "order_id": id(order_id)?, "payment": balance(amount) });
        let request = Request::post("create_payment", "/air/payments", data, access, deadline);
        self.call(request.lasting(), |reply| {
            let wire: Envelope<WirePayment> = reply.json()?;
            wire.data.read().ok_or(Fault::Malformed("a payment without an amount"))
        })
        .await
    }

    /// Reads the payments of an order: how to learn what became of one whose answer was lost.
    ///
    /// # Errors
    /// As any call.
    pub async fn payments(&self, access: &Access, order_id: &str, deadline: Deadline) -> Result<Vec<Payment>> {
        let path = format!("/air/payments?order_id={}&limit={FEW}", id(order_id)?);
        self.call(Request::get("list_payments", path, access, deadline), |reply| {
            let wire: Envelope<Vec<WirePayment>> = reply.json()?;
            let payments: Option<Vec<_>> = wire.data.into_iter().map(WirePayment::read).collect();
            payments.ok_or(Fault::Malformed("a payment without an amount"))
        })
        .await
    }

    /// Asks what a cancellation would bring back. Cancels nothing.
    ///
    /// # Errors
    /// [`crate::Refusal::AlreadyCancelled`]; as any call.
    pub async fn quote_cancellation(
        &self,
        access: &Access,
        order_id: &str,
        deadline: Deadline,
    ) -> Result<CancellationQuote> {
        let data = json!({ "order_id": id(order_id)? });
        let request = Request::post("quote_cancellation", "/air/order_cancellations", data, access, deadline);
        self.call(request, cancellation).await
    }

    /// Reads a quote again: how to learn whether it was confirmed.
    ///
    /// # Errors
    /// As any call.
    pub async fn cancellation(&self, access: &Access, quote_id: &str, deadline: Deadline) -> Result<CancellationQuote> {
        let path = format!("/air/order_cancellations/{}", id(quote_id)?);
        self.call(Request::get("get_cancellation", path, access, deadline), cancellation)
            .await
    }

    /// Cancels for good.
    ///
    /// # Errors
    /// [`Fault::Unknown`] when nobody knows whether it is cancelled: look with [`Self::cancellation`]. Else as any call.
    pub async fn confirm_cancellation(
        &self,
        access: &Access,
        quote_id: &str,
        deadline: Deadline,
    ) -> Result<CancellationQuote> {
        let path = format!("/air/order_cancellations/{}/actions/confirm", id(quote_id)?);
        let request = Request::post("confirm_cancellation", &path, json!({}), access, deadline);
        self.call(request.lasting(), cancellation).await
    }

    /// Changes that the airline made to an order.
    ///
    /// # Errors
    /// As any call.
    pub async fn airline_changes(
        &self,
        access: &Access,
        order_id: &str,
        deadline: Deadline,
    ) -> Result<Vec<AirlineChange>> {
        let path = format!("/air/airline_initiated_changes?order_id={}", id(order_id)?);
        let (changes, dropped) = self
            .call(Request::get("list_airline_changes", path, access, deadline), |reply| {
                Ok(readable(&reply.json::<List<'_>>()?.data, WireAirlineChange::read))
            })
            .await?;
        self.outbound.dropped(Provider::Duffel, "list_airline_changes", dropped);
        Ok(changes)
    }
}

fn balance(amount: Money) -> Value {
    json!({ "type": "balance", "amount": amount.decimal(), "currency": amount.currency.code() })
}

fn new_order(new: &NewOrder) -> Value {
    let mut data = json!({
        "selected_offers": [new.offer_id],
        "passengers": new.passengers.iter().map(passenger).collect::<Vec<_>>(),
        "metadata": Metadata::with_booking(new.booking),
    });
    match new.kind {
        OrderKind::Instant => {
            data["type"] = "instant".into();
            data["payments"] = json!([balance(new.total)]);
        }
        OrderKind::Hold => data["type"] = "hold".into(),
    }
    if !new.services.is_empty() {
        let service =
            |service: &crate::model::OrderedService| json!({ "id": service.id, "quantity": service.quantity });
        data["services"] = new.services.iter().map(service).collect();
    }
    data
}

fn passenger(passenger: &OrderPassenger) -> Value {
    let mut data = json!({
        "id": passenger.id,
        "title": passenger.title.name(),
        "gender": passenger.gender.name(),
        "given_name": passenger.given_name,
        "family_name": passenger.family_name,
        "born_on": passenger.born_on.to_string(),
        "email": passenger.email,
        "phone_number": passenger.phone_number,
    });
    if let Some(infant) = &passenger.infant_id {
        data["infant_passenger_id"] = infant.as_str().into();
    }
    if !passenger.documents.is_empty() {
        let document = |document: &crate::model::IdentityDocument| {
            let mut data = json!({
                "type": document.kind.name(),
                "unique_identifier": document.number,
                "issuing_country_code": document.issuing_country,
            });
            // A tax number does not expire.
            if let Some(day) = document.expires_on {
                data["expires_on"] = day.to_string().into();
            }
            data
        };
        data["identity_documents"] = passenger.documents.iter().map(document).collect();
    }
    data
}
