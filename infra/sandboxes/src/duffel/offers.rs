//! Reading offers, and asking what they cost now.

use jiff::SignedDuration;
use serde_json::{Value, json};

use super::desk::{Desk, Reply};
use super::flight::Flight;
use super::money;
use super::offer::{self, Offer};
use super::refusal::{Check, Refusal};
use super::route::Special;
use super::search::{Passenger, Search};
use super::service::{self, Service};

/// `GET /air/offers`
pub(super) fn list(desk: &mut Desk<'_>) -> Result<Reply, Refusal> {
    let Some(request) = desk.asked.query("offer_request_id") else {
        return Err(Refusal::new(
            422,
            "validation_error",
            "validation_required",
            "Field 'offer_request_id' can't be blank",
        ));
    };
    let now = desk.now;
    let search = desk
        .account()
        .searches
        .get(request)
        .ok_or_else(Refusal::not_found)?
        .clone();
    let mut offers = offer::all(&search, now);
    offers.retain(|offer| now < offer.expires_at());
    if let Some(text) = desk.asked.query("max_connections") {
        let bad = |_| Refusal::request(400, "bad_request", "max_connections must be a number");
        let most: u64 = text.parse().map_err(bad)?;
        offers.retain(|offer| offer.flights.iter().all(|flight| flight.connections() <= most));
    }
    let duration = |offer: &Offer| offer.flights.iter().map(Flight::duration).sum::<SignedDuration>();
    match desk.asked.query("sort") {
        None | Some("total_amount") => {}
        Some("-total_amount") => offers.reverse(),
        Some("total_duration") => offers.sort_by_key(duration),
        Some("-total_duration") => offers.sort_by_key(|offer| std::cmp::Reverse(duration(offer))),
        Some(_) => return Err(Refusal::request(400, "bad_request", "offers can't be sorted so")),
    }
    let item = |offer: &Offer| (offer.id.clone(), offer.json(&search, false));
    Reply::page(desk.asked, offers.iter().map(item).collect())
}

/// `GET /air/offers/{id}`
pub(super) fn get(desk: &mut Desk<'_>, id: &str) -> Result<Reply, Refusal> {
    let (offer, search) = read(desk, id)?;
    let with_services = desk.asked.query("return_available_services") == Some("true");
    Ok(Reply::ok(offer.json(&search, with_services)))
}

/// `POST /air/offers/{id}/actions/price`
pub(super) fn price(desk: &mut Desk<'_>, id: &str) -> Result<Reply, Refusal> {
    let data = desk.data()?;
    let (offer, search) = read(desk, id)?;
    let mut check = Check::new(&data);
    for index in 0..check.count("/intended_payment_methods") {
        let pointer = format!("/intended_payment_methods/{index}/type");
        if check.one_of(&pointer, &["balance", "card", "arc_bsp_cash"]) == "card" {
            return Err(cards_are_off());
        }
    }
    check.done()?;
    let wanted = wanted(&data, "/intended_services", &offer, &search)?;
    let services: i64 = wanted.iter().map(|(service, quantity)| service.price * quantity).sum();
    let total = offer.total + services;
    let mut body = offer.json(&search, false);
    body["total_amount"] = money::text(total).into();
    body["intended_services"] = data.get("intended_services").cloned().unwrap_or_else(|| json!([]));
    body["intended_payment_methods"] = data
        .get("intended_payment_methods")
        .cloned()
        .unwrap_or_else(|| json!([]));
    Ok(Reply::ok(body))
}

/// `PATCH /air/offers/{id}/passengers/{id}`
pub(super) fn patch_passenger(desk: &mut Desk<'_>, id: &str, passenger_id: &str) -> Result<Reply, Refusal> {
    let data = desk.data()?;
    find(desk, id)?;
    let mut check = Check::new(&data);
    let (given, family) = (check.text("/given_name"), check.text("/family_name"));
    check.done()?;
    let search_id = offer::search_id(id).ok_or_else(Refusal::not_found)?;
    let search = desk
        .account()
        .searches
        .get_mut(&search_id)
        .ok_or_else(Refusal::not_found)?;
    let found = search
        .passengers
        .iter_mut()
        .find(|passenger| passenger.id == passenger_id);
    let passenger: &mut Passenger = found.ok_or_else(Refusal::not_found)?;
    passenger.given_name = Some(given);
    passenger.family_name = Some(family);
    if let Some(Value::Array(accounts)) = data.get("loyalty_programme_accounts") {
        passenger.loyalty.clone_from(accounts);
    }
    Ok(Reply::ok(passenger.json()))
}

/// `GET /air/seat_maps`
pub(super) fn seat_maps(desk: &mut Desk<'_>) -> Result<Reply, Refusal> {
    let id = desk.asked.query("offer_id").ok_or_else(Refusal::not_found)?.to_owned();
    let (offer, search) = find(desk, &id)?;
    Ok(Reply::ok(service::seat_maps(&offer, &search)))
}

/// What Duffel says to cards unless it has enabled them for an account.
pub(super) fn cards_are_off() -> Refusal {
    Refusal::request(
        403,
        "unavailable_feature",
        "Payments by card are not enabled for your organisation.",
    )
}

/// An offer as it stands, without the consequences of a read.
pub(super) fn find(desk: &mut Desk<'_>, id: &str) -> Result<(Offer, Search), Refusal> {
    let now = desk.now;
    let search_id = offer::search_id(id).ok_or_else(Refusal::not_found)?;
    let search = desk.account().searches.get(&search_id).ok_or_else(Refusal::not_found)?;
    let offer = offer::all(search, now).into_iter().find(|offer| offer.id == id);
    offer
        .map(|offer| (offer, search.clone()))
        .ok_or_else(Refusal::not_found)
}

/// Reads an offer: on one route it is gone then, on another dearer.
fn read(desk: &mut Desk<'_>, id: &str) -> Result<(Offer, Search), Refusal> {
    let (offer, search) = find(desk, id)?;
    if offer.special == Some(Special::OfferGone) || desk.now >= offer.expires_at() {
        return Err(gone());
    }
    if offer.special != Some(Special::PriceRises) {
        return Ok((offer, search));
    }
    if let Some(search) = desk.account().searches.get_mut(&search.id) {
        *search.reads.entry(id.to_owned()).or_default() += 1;
    }
    desk.changed = true;
    find(desk, id)
}

pub(super) fn gone() -> Refusal {
    Refusal::airline(
        422,
        "offer_no_longer_available",
        "The offer is no longer available. Search again for a new one.",
    )
}

/// The services that a request names, with their quantities.
pub(super) fn wanted(
    data: &Value,
    pointer: &str,
    offer: &Offer,
    search: &Search,
) -> Result<Vec<(Service, i64)>, Refusal> {
    let Some(Value::Array(list)) = data.pointer(pointer) else {
        return Ok(Vec::new());
    };
    if list.is_empty() {
        return Ok(Vec::new());
    }
    let mut available = service::bags(offer, search);
    available.extend(service::seats(offer, search));
    let mut wanted = Vec::new();
    for item in list {
        let quantity = item["quantity"].as_i64().unwrap_or(0);
        let found = available.iter().find(|service| item["id"] == service.id.as_str());
        match found.filter(|service| (1..=service.maximum).contains(&quantity)) {
            Some(service) => wanted.push((service.clone(), quantity)),
            None => {
                return Err(Refusal::airline(
                    422,
                    "ancillary_service_not_available",
                    "A requested service is not available, or not in this quantity.",
                ));
            }
        }
    }
    Ok(wanted)
}
