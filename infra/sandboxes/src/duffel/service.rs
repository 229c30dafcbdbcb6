//! What can be bought beside a seat: bags, and a particular seat.

use serde_json::{Value, json};

use super::money::{self, CURRENCY};
use super::offer::Offer;
use super::route::Special;
use super::search::Search;
use crate::chance;

/// What a bag costs, and a seat.
const PRICE: i64 = 2000;
const ROWS: u8 = 20;
const COLUMNS: [&str; 6] = ["A", "B", "C", "D", "E", "F"];

/// Something for one passenger.
#[derive(Debug, Clone)]
pub(super) struct Service {
    pub(super) id: String,
    pub(super) kind: &'static str,
    pub(super) passenger: String,
    pub(super) segments: Vec<String>,
    pub(super) maximum: i64,
    pub(super) price: i64,
    pub(super) metadata: Value,
}

impl Service {
    pub(super) fn json(&self) -> Value {
        json!({
            "id": self.id,
            "type": self.kind,
            "maximum_quantity": self.maximum,
            "total_amount": money::text(self.price),
            "total_currency": CURRENCY,
            "passenger_ids": [self.passenger],
            "segment_ids": self.segments,
            "metadata": self.metadata,
        })
    }
}

fn id(offer: &Offer, what: &str) -> String {
    format!("ase_0000{}", chance::letters(&format!("{}/{what}", offer.id), 18))
}

fn seated(search: &Search) -> impl Iterator<Item = &str> {
    let seated = search.passengers.iter().filter(|passenger| !passenger.is_infant());
    seated.map(|passenger| passenger.id.as_str())
}

/// One more bag of 23 kg for everybody with a seat.
pub(super) fn bags(offer: &Offer, search: &Search) -> Vec<Service> {
    if offer.special == Some(Special::NoServices) {
        return Vec::new();
    }
    let segments: Vec<String> = segments(offer).map(|(_, _, id)| id).collect();
    seated(search)
        .map(|passenger| Service {
            id: id(offer, &format!("bag/{passenger}")),
            kind: "baggage",
            passenger: passenger.to_owned(),
            segments: segments.clone(),
            maximum: 1,
            price: PRICE,
            metadata: json!({
                "type": "checked", "maximum_weight_kg": 23,
                "maximum_length_cm": null, "maximum_height_cm": null, "maximum_depth_cm": null,
            }),
        })
        .collect()
}

fn segments(offer: &Offer) -> impl Iterator<Item = (usize, usize, String)> {
    offer.flights.iter().enumerate().flat_map(move |(slice, flight)| {
        (0..flight.segments.len()).map(move |segment| (slice, segment, offer.segment_id(slice, segment)))
    })
}

/// Whether somebody else sits there already.
fn is_taken(offer: &Offer, segment: &str, designator: &str) -> bool {
    chance::below(&format!("{}/{segment}/{designator}", offer.id), 10) < 3
}

fn seat(offer: &Offer, passenger: &str, segment: &str, designator: &str) -> Service {
    Service {
        id: id(offer, &format!("seat/{passenger}/{segment}/{designator}")),
        kind: "seat",
        passenger: passenger.to_owned(),
        segments: vec![segment.to_owned()],
        maximum: 1,
        price: PRICE,
        metadata: json!({ "designator": designator, "name": "", "disclosures": [] }),
    }
}

/// Every seat that can still be chosen.
pub(super) fn seats(offer: &Offer, search: &Search) -> Vec<Service> {
    let mut seats = Vec::new();
    for (_, _, segment) in segments(offer) {
        for row in 1..=ROWS {
            for column in COLUMNS {
                let designator = format!("{row}{column}");
                if !is_taken(offer, &segment, &designator) {
                    seats.extend(seated(search).map(|passenger| seat(offer, passenger, &segment, &designator)));
                }
            }
        }
    }
    seats
}

/// `GET /air/seat_maps`
pub(super) fn seat_maps(offer: &Offer, search: &Search) -> Value {
    let element = |segment: &str, designator: String| {
        let services: Vec<Value> = if is_taken(offer, segment, &designator) {
            Vec::new()
        } else {
            let service = |passenger| {
                let seat = seat(offer, passenger, segment, &designator);
                json!({ "id": seat.id, "passenger_id": passenger,
                    "total_amount": money::text(seat.price), "total_currency": CURRENCY })
            };
            seated(search).map(service).collect()
        };
        json!({ "type": "seat", "designator": designator, "name": "", "disclosures": [], "available_services": services })
    };
    let row = |segment: &str, row: u8| {
        let section = |columns: &[&str]| {
            let elements: Vec<Value> = columns
                .iter()
                .map(|column| element(segment, format!("{row}{column}")))
                .collect();
            json!({ "elements": elements })
        };
        json!({ "sections": [section(&COLUMNS[..3]), section(&COLUMNS[3..])] })
    };
    let map = |(slice, _, segment): (usize, usize, String)| {
        let rows: Vec<Value> = (1..=ROWS).map(|number| row(&segment, number)).collect();
        json!({
            "id": format!("sea_0000{}", chance::letters(&segment, 18)),
            "slice_id": offer.slice_id(slice),
            "segment_id": segment,
            "cabins": [{
                "deck": 0, "cabin_class": offer.cabin.name(), "aisles": 1,
                "wings": { "first_row_index": 8, "last_row_index": 12 }, "rows": rows,
            }],
        })
    };
    segments(offer).map(map).collect()
}
