//! Searching flights, and looking at offers again.

use std::time::Duration;

use serde::Deserialize;
use serde_json::{Value, json, value::RawValue};
use tripsage_domain::{
    flight::{FlightSearch, Flyer},
    money::Money,
};

use super::{
    Duffel, Request, SEARCH, id,
    offer::WireOffer,
    wire::{Envelope, List},
};
use crate::{
    Access, Deadline, Fault, Provider, Refusal, Result,
    model::{FlightOffers, Offer, OrderedService, PricedOffer},
    policy::Safety,
    raw::readable,
};

/// Time that Duffel itself and the way to it need, out of that for a search; airlines get the rest.
const OVERHEAD: Duration = Duration::from_millis(1_500);

/// Offers of an earlier search that are read again.
const PAGE: u32 = 200;

#[derive(Deserialize)]
struct WireSearch<'a> {
    id: String,
    #[serde(default)]
    live_mode: bool,
    #[serde(borrow, default)]
    offers: Vec<&'a RawValue>,
}

impl Duffel {
    /// Searches offers; waits for airlines as long as the deadline lets it.
    ///
    /// # Errors
    /// As any call. No offers is no error.
    pub async fn search(&self, access: &Access, search: &FlightSearch, deadline: Deadline) -> Result<FlightOffers> {
        let patience = deadline.within(SEARCH).remaining().saturating_sub(OVERHEAD).as_millis();
        // Duffel takes no less than two seconds.
        let path = format!(
            "/air/offer_requests?return_offers=true&supplier_timeout={}",
            patience.clamp(2_000, 60_000)
        );
        let request = Request {
            safety: Safety::Repeatable,
            limit: SEARCH,
            ..Request::post("search", &path, question(search), access, deadline)
        };
        let found = self
            .call(request, |reply| {
                let Envelope { data } = reply.json::<Envelope<WireSearch<'_>>>()?;
                let (offers, dropped) = readable(&data.offers, WireOffer::read);
                Ok(FlightOffers {
                    request_id: data.id,
                    offers,
                    dropped,
                    live_mode: data.live_mode,
                })
            })
            .await?;
        self.outbound.dropped(Provider::Duffel, "search", found.dropped);
        Ok(found)
    }

    /// Reads the offers of an earlier search again, cheapest first.
    ///
    /// # Errors
    /// As any call.
    pub async fn offers(&self, access: &Access, request_id: &str, deadline: Deadline) -> Result<FlightOffers> {
        let request_id = id(request_id)?;
        let path = format!("/air/offers?offer_request_id={request_id}&sort=total_amount&limit={PAGE}");
        let found = self
            .call(Request::get("list_offers", path, access, deadline), |reply| {
                let (offers, dropped) = readable(&reply.json::<List<'_>>()?.data, WireOffer::read);
                Ok(FlightOffers {
                    request_id: request_id.to_owned(),
                    live_mode: offers.iter().any(|offer| offer.live_mode),
                    offers,
                    dropped,
                })
            })
            .await?;
        self.outbound.dropped(Provider::Duffel, "list_offers", found.dropped);
        Ok(found)
    }

    /// Reads an offer as it is now; with the extras that may be ordered with it.
    ///
    /// # Errors
    /// [`Refusal::OfferGone`] and its like; as any call.
    pub async fn offer(
        &self,
        access: &Access,
        offer_id: &str,
        with_services: bool,
        deadline: Deadline,
    ) -> Result<Offer> {
        let path = format!(
            "/air/offers/{}?return_available_services={with_services}",
            id(offer_id)?
        );
        self.call(Request::get("get_offer", path, access, deadline), |reply| {
            let wire: Envelope<WireOffer> = reply.json()?;
            wire.data
                .read()
                .ok_or(Fault::Malformed("an offer without price or flights"))
        })
        .await
    }

    /// What an order of this offer with these extras costs now: what an instant order must pay, to the last cent.
    ///
    /// # Errors
    /// [`Refusal::OfferGone`] and its like, [`Refusal::ServiceGone`]; as any call.
    pub async fn price(
        &self,
        access: &Access,
        offer_id: &str,
        services: &[OrderedService],
        deadline: Deadline,
    ) -> Result<PricedOffer> {
        if !services.is_empty() {
            // An offer's total is without extras; what each of them costs stands with the offer only.
            let offer = self.offer(access, offer_id, true, deadline).await?;
            let total = total(&offer, services).ok_or_else(|| {
                Fault::Refused {
                    refusal: Refusal::ServiceGone,
                    message_for_us: "an extra that the offer does not have".to_owned(),
                }
                .of(Provider::Duffel)
            })?;
            return Ok(PricedOffer { offer, total });
        }
        let path = format!("/air/offers/{}/actions/price", id(offer_id)?);
        let data = json!({ "intended_payment_methods": [{ "type": "balance" }], "intended_services": [] });
        self.call(Request::post("price_offer", &path, data, access, deadline), |reply| {
            let wire: Envelope<WireOffer> = reply.json()?;
            let offer = wire
                .data
                .read()
                .ok_or(Fault::Malformed("an offer without price or flights"))?;
            let total = offer.total;
            Ok(PricedOffer { offer, total })
        })
        .await
    }
}

/// The offer with as many of the extras. `None`: it does not have them, or not so many, or not in one currency.
fn total(offer: &Offer, services: &[OrderedService]) -> Option<Money> {
    let mut minor = offer.total.minor;
    for wanted in services {
        let service = offer.services.iter().find(|service| service.id == wanted.id)?;
        if wanted.quantity == 0
            || wanted.quantity > service.max_quantity
            || service.total.currency != offer.total.currency
        {
            return None;
        }
        minor = minor.checked_add(service.total.minor.checked_mul(wanted.quantity.into())?)?;
    }
    Money::new(minor, offer.total.currency).ok()
}

fn question(search: &FlightSearch) -> Value {
    let slices: Vec<_> = search
        .slices
        .iter()
        .map(|slice| {
            json!({
                "origin": slice.origin.code(),
                "destination": slice.destination.code(),
                "departure_date": slice.departure_date.to_string(),
            })
        })
        .collect();
    let passengers: Vec<_> = search
        .party
        .flyers()
        .iter()
        .map(|flyer| match flyer {
            Flyer::Adult => json!({ "type": "adult" }),
            Flyer::Aged(age) => json!({ "age": age }),
        })
        .collect();
    let mut question = json!({ "slices": slices, "passengers": passengers });
    if let Some(cabin) = search.cabin {
        question["cabin_class"] = cabin.name().into();
    }
    if let Some(connections) = search.max_connections {
        question["max_connections"] = connections.into();
    }
    question
}
