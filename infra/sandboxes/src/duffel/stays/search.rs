//! Searching for stays.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::hotel::{self, Hotel};
use super::rate;
use crate::duffel::desk::{Desk, HOUR, Reply, timestamp};
use crate::duffel::money::{self, CURRENCY};
use crate::duffel::refusal::{Check, Refusal};

const MOST: usize = 30;

/// A hotel that was found for some nights.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Found {
    pub(super) id: String,
    pub(super) hotel: String,
    pub(super) check_in: Date,
    pub(super) check_out: Date,
    pub(super) rooms: i64,
    pub(super) guests: Value,
    pub(super) expires_at: i64,
}

impl Found {
    pub(super) fn nights(&self) -> i64 {
        i64::from((self.check_out - self.check_in).get_days())
    }

    fn json(&self, hotel: &Hotel, with_rates: bool) -> Value {
        let rates = rate::of(self, hotel);
        let cheapest = rates.iter().map(|rate| rate.total).min().unwrap_or(0);
        let listed: Vec<Value> = rates
            .iter()
            .filter(|_| with_rates)
            .map(|rate| rate.json(self))
            .collect();
        let room = json!({
            "name": "Double room",
            "beds": [{ "type": "double", "count": 1 }],
            "photos": [],
            "rates": listed,
        });
        json!({
            "id": self.id,
            "live_mode": false,
            "check_in_date": self.check_in,
            "check_out_date": self.check_out,
            "rooms": self.rooms,
            "guests": self.guests,
            "accommodation": hotel.json(&[room]),
            "cheapest_rate_total_amount": money::text(cheapest),
            "cheapest_rate_currency": CURRENCY,
            "cheapest_rate_base_amount": money::text(cheapest - cheapest / 6),
            "cheapest_rate_base_currency": CURRENCY,
            "cheapest_rate_public_amount": money::text(cheapest),
            "cheapest_rate_public_currency": CURRENCY,
            "cheapest_rate_due_at_accommodation_amount": "0.00",
            "cheapest_rate_due_at_accommodation_currency": CURRENCY,
            "expires_at": timestamp(self.expires_at),
        })
    }
}

/// `POST /stays/search`
pub(super) fn create(desk: &mut Desk<'_>) -> Result<Reply, Refusal> {
    let data = desk.data()?;
    let mut check = Check::new(&data);
    let (check_in, check_out) = (check.date("/check_in_date"), check.date("/check_out_date"));
    if let (Some(check_in), Some(check_out)) = (check_in, check_out) {
        let today = jiff::Timestamp::from_millisecond(desk.now).unwrap_or_default();
        let today = today.to_zoned(jiff::tz::TimeZone::UTC).date();
        if check_in < today.yesterday().unwrap_or(today) {
            check.wrong("validation_inclusion", "/check_in_date", "must be in the future");
        }
        if !(1..=99).contains(&(check_out - check_in).get_days()) {
            check.wrong(
                "validation_inclusion",
                "/check_out_date",
                "must be 1 to 99 nights after the check-in",
            );
        }
    }
    let rooms = check.get("/rooms").and_then(Value::as_i64).unwrap_or(0);
    if rooms < 1 {
        check.wrong("validation_required", "/rooms", "must be at least 1");
    }
    guests(&mut check);
    let hotels = place(&mut check);
    check.done()?;
    let (Some(check_in), Some(check_out)) = (check_in, check_out) else {
        return Err(Refusal::internal());
    };
    let now = desk.now;
    desk.account().stays.purge(now);
    let mut results = Vec::new();
    for hotel in hotels.into_iter().take(MOST) {
        let found = Found {
            id: desk.id("srr"),
            hotel: hotel.id.clone(),
            check_in,
            check_out,
            rooms,
            guests: data["guests"].clone(),
            expires_at: desk.now + HOUR,
        };
        let free = |body: &Value| {
            let rates = body["accommodation"]["rooms"][0]["rates"].as_array();
            rates.is_some_and(|rates| rates.iter().any(|rate| rate["cancellation_timeline"] != json!([])))
        };
        let only_free = data["free_cancellation_only"] == true;
        if !only_free || free(&found.json(&hotel, true)) {
            let with_rates = data["accommodation"]["fetch_rates"] == true;
            results.push(found.json(&hotel, with_rates));
            desk.account().stays.found.insert(found.id.clone(), found);
        }
    }
    let created_at = timestamp(desk.now);
    Ok(Reply::ok(json!({ "results": results, "created_at": created_at })))
}

fn guests(check: &mut Check<'_>) {
    if check.count("/guests") == 0 {
        check.wrong("validation_required", "/guests", "can't be blank");
    }
    for index in 0..check.count("/guests") {
        let kind = check.one_of(&format!("/guests/{index}/type"), &["adult", "child"]);
        let age = format!("/guests/{index}/age");
        if kind == "child" && !check.get(&age).is_some_and(Value::is_u64) {
            check.wrong("validation_required", &age, "can't be blank for a child");
        }
    }
}

/// The hotels around a point, or those that are named.
fn place(check: &mut Check<'_>) -> Vec<Hotel> {
    if check.get("/accommodation").is_some() {
        let ids = check.get("/accommodation/ids").and_then(Value::as_array);
        let ids = ids.map_or(&[][..], Vec::as_slice);
        return ids.iter().filter_map(|id| hotel::named(id.as_str()?)).collect();
    }
    let mut number = |name: &str, limit: f64| {
        let pointer = format!("/location/{name}");
        let number = check
            .get(&pointer)
            .and_then(Value::as_f64)
            .filter(|number| number.abs() <= limit);
        if number.is_none() {
            check.wrong("validation_required", &pointer, "must be a number in its range");
        }
        number.unwrap_or(0.0)
    };
    let latitude = number("geographic_coordinates/latitude", 90.0);
    let longitude = number("geographic_coordinates/longitude", 180.0);
    let radius = check.get("/location/radius").and_then(Value::as_f64).unwrap_or(5.0);
    if !(1.0..=100.0).contains(&radius) {
        check.wrong("validation_inclusion", "/location/radius", "must be from 1 to 100");
    }
    hotel::around((latitude, longitude), radius)
}

/// A result that still stands, with its hotel.
pub(super) fn find(desk: &mut Desk<'_>, id: &str) -> Result<(Found, Hotel), Refusal> {
    let now = desk.now;
    let found = desk.account().stays.found.get(id).ok_or_else(Refusal::not_found)?;
    if now >= found.expires_at {
        return Err(Refusal::state(
            "search_result_expired",
            "The search result has expired. Search again.",
        ));
    }
    let hotel = hotel::named(&found.hotel).ok_or_else(Refusal::not_found)?;
    Ok((found.clone(), hotel))
}

/// `POST /stays/search_results/{id}/actions/fetch_all_rates`
pub(super) fn rates(desk: &mut Desk<'_>, id: &str) -> Result<Reply, Refusal> {
    let (found, hotel) = find(desk, id)?;
    Ok(Reply::ok(found.json(&hotel, true)))
}

/// `GET /stays/accommodation/{id}`
pub(super) fn accommodation(id: &str) -> Result<Reply, Refusal> {
    let hotel = hotel::named(id).ok_or_else(Refusal::not_found)?;
    Ok(Reply::ok(hotel.json(&[])))
}
