//! Offers. They are not remembered but made again from their search, which always gives the same.

use jiff::civil::Time;
use jiff::{Timestamp, Zoned};
use serde_json::{Value, json};

use super::carrier::{self, CARRIERS, Cabin, Carrier, Fare};
use super::desk::{HOUR, MINUTE, timestamp};
use super::flight::Flight;
use super::money::{self, CURRENCY};
use super::route::Special;
use super::search::{Passenger, Search};
use super::service::{self, Service};
use crate::chance;
use crate::geography;

/// How long an offer stands, how long a held price, and how long a held seat.
const LIFETIME: i64 = 30 * MINUTE;
const GUARANTEE: i64 = 48 * HOUR;
const HOLD: i64 = 72 * HOUR;

/// What every read adds on the route where prices rise.
const RISE: i64 = 1000;

/// Something one can buy.
#[derive(Debug, Clone)]
pub(super) struct Offer {
    pub(super) id: String,
    pub(super) carrier: &'static Carrier,
    pub(super) cabin: Cabin,
    pub(super) fare: &'static Fare,
    pub(super) flights: Vec<Flight>,
    pub(super) total: i64,
    pub(super) created_at: i64,
    pub(super) special: Option<Special>,
}

/// Every offer of a search whose flights are still to come, cheapest first.
pub(super) fn all(search: &Search, now: i64) -> Vec<Offer> {
    if search.special() == Some(Special::NoOffers) {
        return Vec::new();
    }
    let mut index = 0;
    let mut offers = Vec::new();
    for carrier in CARRIERS {
        for cabin in carrier.cabins {
            for (number, fare) in carrier.fares.iter().enumerate() {
                // Without a wish, only the dearest fare of the better cabins.
                let shown = match &search.cabin {
                    Some(wanted) => wanted == cabin.name(),
                    None => *cabin == Cabin::Economy || number + 1 == carrier.fares.len(),
                };
                for departure in carrier.departures.iter().filter(|_| shown) {
                    index += 1;
                    offers.extend(offer(search, carrier, *cabin, fare, *departure, index));
                }
            }
        }
    }
    offers.retain(|offer| offer.departs_after(now));
    offers.sort_by_key(|offer| offer.total);
    offers
}

/// The search whose offer has this identifier.
pub(super) fn search_id(offer_id: &str) -> Option<String> {
    let rest = offer_id.strip_prefix("off_0000")?;
    let letters = rest.get(..16).filter(|_| rest.len() == 18)?;
    Some(format!("orq_0000{letters}00"))
}

fn offer(
    search: &Search,
    carrier: &'static Carrier,
    cabin: Cabin,
    fare: &'static Fare,
    departure: (i8, i8),
    index: usize,
) -> Option<Offer> {
    let mut flights = Vec::new();
    for wanted in &search.slices {
        let origin = *geography::meant_by(&wanted.origin).first()?;
        let destination = *geography::meant_by(&wanted.destination).first()?;
        let flight = Flight::plan(carrier, origin, destination, wanted.date, departure)?;
        let within = |window: Option<(Time, Time)>, moment: Option<&Zoned>| {
            window.is_none_or(|(from, to)| moment.is_some_and(|moment| (from..=to).contains(&moment.time())))
        };
        if flight.connections() > search.max_connections
            || !within(wanted.departure, flight.departing())
            || !within(wanted.arrival, flight.arriving())
        {
            return None;
        }
        flights.push(flight);
    }
    // The next slice cannot begin before the last one ended.
    let overlaps = flights
        .windows(2)
        .any(|pair| pair[0].arriving().map(Zoned::timestamp) > pair[1].departing().map(Zoned::timestamp));
    if overlaps {
        return None;
    }
    let letters = search.id.get(8..24)?;
    let id = format!("off_0000{letters}{index:02}");
    let adult: i64 = flights
        .iter()
        .filter_map(|flight| {
            let (first, last) = (flight.segments.first()?, flight.segments.last()?);
            Some(carrier::price(
                first.origin.distance(last.destination),
                cabin,
                carrier,
                fare,
            ))
        })
        .sum();
    let all: i64 = search.passengers.iter().map(|passenger| share(passenger, adult)).sum();
    let special = search.special();
    let rise = match special {
        Some(Special::PriceRises) => search.reads.get(&id).copied().unwrap_or(0) * RISE,
        _ => 0,
    };
    Some(Offer {
        id,
        carrier,
        cabin,
        fare,
        flights,
        total: all + rise,
        created_at: search.created_at,
        special,
    })
}

/// What a passenger pays when an adult pays this.
fn share(passenger: &Passenger, adult: i64) -> i64 {
    let price = match () {
        () if passenger.is_infant() => adult / 10,
        () if passenger.is_child() => adult * 3 / 4,
        () => adult,
    };
    // A tenth off for the one loyal traveller of the test mode.
    let member = |account: &Value| account["account_number"] == "1234567890";
    let loyal = passenger.given_name.as_deref() == Some("Amelia")
        && passenger.family_name.as_deref() == Some("Earhart")
        && passenger.loyalty.iter().any(member);
    if loyal { price * 9 / 10 } else { price }
}

impl Offer {
    pub(super) fn expires_at(&self) -> i64 {
        self.created_at + LIFETIME
    }

    pub(super) fn may_be_held(&self) -> bool {
        self.special == Some(Special::Hold) || (self.carrier.code == "ZZ" && self.fare.change && self.fare.refund)
    }

    /// Until when the price of a hold is guaranteed, and until when it must be paid.
    pub(super) fn hold_until(&self) -> (i64, i64) {
        (self.created_at + GUARANTEE, self.created_at + HOLD)
    }

    pub(super) fn needs_documents(&self) -> bool {
        let far = |flight: &Flight| {
            self.carrier
                .documents_over_km
                .is_some_and(|limit| flight.kilometres() > limit)
        };
        self.flights.iter().any(far)
    }

    pub(super) fn last_departure(&self) -> Option<&Zoned> {
        self.flights.last()?.segments.last().map(|segment| &segment.departing)
    }

    fn departs_after(&self, now: i64) -> bool {
        let departure = self.flights.first().and_then(Flight::departing);
        departure.is_some_and(|departure| departure.timestamp() > Timestamp::from_millisecond(now).unwrap_or_default())
    }

    /// What of base price and of taxes is in an amount.
    pub(super) fn split(total: i64) -> (i64, i64) {
        let tax = total * 18 / 118;
        (total - tax, tax)
    }

    pub(super) fn segment_id(&self, slice: usize, segment: usize) -> String {
        format!(
            "seg_0000{}",
            chance::letters(&format!("{}/{slice}/{segment}", self.id), 18)
        )
    }

    pub(super) fn slice_id(&self, slice: usize) -> String {
        format!("sli_0000{}", chance::letters(&format!("{}/{slice}", self.id), 18))
    }

    pub(super) fn json(&self, search: &Search, with_services: bool) -> Value {
        let (base, tax) = Self::split(self.total);
        let (guarantee, required_by) = self.hold_until();
        let hold = self.may_be_held();
        let kilometres: f64 = self.flights.iter().map(Flight::kilometres).sum();
        let seats = search
            .passengers
            .iter()
            .filter(|passenger| !passenger.is_infant())
            .count();
        let emissions = kilometres * self.cabin.emissions() * seats as f64;
        let documents = self.needs_documents();
        let passengers: Vec<Value> = search.passengers.iter().map(Passenger::json).collect();
        let mut offer = json!({
            "id": self.id,
            "live_mode": false,
            "created_at": timestamp(self.created_at),
            "updated_at": timestamp(self.created_at),
            "expires_at": timestamp(self.expires_at()),
            "partial": false,
            "owner": self.carrier.json(),
            "base_amount": money::text(base),
            "base_currency": CURRENCY,
            "tax_amount": money::text(tax),
            "tax_currency": CURRENCY,
            "total_amount": money::text(self.total),
            "total_currency": CURRENCY,
            "total_emissions_kg": format!("{emissions:.0}"),
            "payment_requirements": {
                "requires_instant_payment": !hold,
                "price_guarantee_expires_at": hold.then(|| timestamp(guarantee)),
                "payment_required_by": hold.then(|| timestamp(required_by)),
            },
            "conditions": self.conditions(),
            "passenger_identity_documents_required": documents,
            "supported_passenger_identity_document_types": if documents { vec!["passport"] } else { vec![] },
            "supported_loyalty_programmes": [self.carrier.code],
            "passengers": passengers,
            "private_fares": [],
            "slices": self.slices(search),
        });
        if with_services {
            let services = service::bags(self, search);
            offer["available_services"] = services.iter().map(Service::json).collect();
        }
        offer
    }

    pub(super) fn conditions(&self) -> Value {
        json!({
            "change_before_departure": condition(self.fare.change),
            "refund_before_departure": condition(self.fare.refund),
        })
    }

    pub(super) fn slices(&self, search: &Search) -> Value {
        let slice = |(number, flight): (usize, &Flight)| {
            let wanted = search.slices.get(number);
            json!({
                "id": self.slice_id(number),
                "origin": flight.segments.first().map(|segment| segment.origin.json()),
                "destination": flight.segments.last().map(|segment| segment.destination.json()),
                "origin_type": wanted.map(|wanted| super::search::place_type(&wanted.origin)),
                "destination_type": wanted.map(|wanted| super::search::place_type(&wanted.destination)),
                "duration": flight.duration(),
                "fare_brand_name": self.fare.brand,
                "conditions": {
                    "change_before_departure": condition(self.fare.change),
                    "advance_seat_selection": self.fare.change,
                    "priority_boarding": self.cabin != Cabin::Economy,
                    "priority_check_in": self.cabin != Cabin::Economy,
                },
                "ngs_shelf": if self.fare.change && self.fare.refund { 2 } else { 1 },
                "comparison_key": chance::letters(&format!("{:?}", flight.departing()), 8),
                "segments": self.segments(search, number, flight),
            })
        };
        self.flights.iter().enumerate().map(slice).collect()
    }

    fn segments(&self, search: &Search, slice: usize, flight: &Flight) -> Value {
        let segment = |(number, segment): (usize, &super::flight::Segment)| {
            let (aircraft, code) = segment.aircraft();
            let stops: Vec<Value> = segment.stop.iter().map(|stop| self.stop(segment, stop)).collect();
            let passengers: Vec<Value> = search.passengers.iter().map(|passenger| self.seat(passenger)).collect();
            json!({
                "id": self.segment_id(slice, number),
                "origin": segment.origin.json(),
                "destination": segment.destination.json(),
                "origin_terminal": "1",
                "destination_terminal": "1",
                "departing_at": segment.departing.datetime(),
                "arriving_at": segment.arriving.datetime(),
                "duration": segment.duration(),
                "distance": format!("{:.3}", segment.kilometres),
                "aircraft": { "id": format!("arc_0000sandbox{code}"), "name": aircraft, "iata_code": code },
                "marketing_carrier": self.carrier.json(),
                "marketing_carrier_flight_number": segment.number.to_string(),
                "operating_carrier": self.carrier.json(),
                "operating_carrier_flight_number": segment.number.to_string(),
                "stops": stops,
                "passengers": passengers,
            })
        };
        flight.segments.iter().enumerate().map(segment).collect()
    }

    fn stop(&self, segment: &super::flight::Segment, stop: &geography::Airport) -> Value {
        // Halfway, for an hour: the same arithmetic as the segment's own times, at the stop's own clock.
        let half = (segment.duration() - jiff::SignedDuration::from_hours(1)) / 2;
        let zone = jiff::tz::TimeZone::get(&stop.time_zone).unwrap_or(jiff::tz::TimeZone::UTC);
        let arriving = (segment.departing.timestamp() + half).to_zoned(zone);
        let departing = &arriving + jiff::SignedDuration::from_hours(1);
        json!({
            "id": format!("sto_0000{}", chance::letters(&format!("{}{}", self.id, stop.iata), 18)),
            "airport": stop.json(),
            "arriving_at": arriving.datetime(),
            "departing_at": departing.datetime(),
            "duration": "PT1H",
        })
    }

    fn seat(&self, passenger: &Passenger) -> Value {
        let bag = |kind: &str, quantity: u8| json!({ "type": kind, "quantity": quantity });
        let bags = match self.special {
            Some(Special::NoBaggage) => vec![],
            _ if passenger.is_infant() => vec![],
            _ if self.fare.checked_bags == 0 => vec![bag("carry_on", 1)],
            _ => vec![bag("checked", self.fare.checked_bags), bag("carry_on", 1)],
        };
        json!({
            "passenger_id": passenger.id,
            "cabin_class": self.cabin.name(),
            "cabin_class_marketing_name": self.cabin.marketing_name(),
            "fare_basis_code": format!("{}{}SBX", self.cabin.marketing_name().get(..1).unwrap_or("Y"), self.fare.checked_bags),
            "baggages": bags,
            "cabin": {
                "name": self.cabin.name(),
                "marketing_name": self.cabin.marketing_name(),
                "amenities": {
                    "wifi": { "available": self.cabin != Cabin::Economy, "cost": "free" },
                    "seat": { "pitch": if self.cabin == Cabin::Economy { "30" } else { "38" }, "type": "standard" },
                    "power": { "available": true },
                },
            },
        })
    }
}

/// What is allowed costs 40.00.
fn condition(allowed: bool) -> Value {
    json!({
        "allowed": allowed,
        "penalty_amount": allowed.then_some("40.00"),
        "penalty_currency": allowed.then_some(CURRENCY),
    })
}
