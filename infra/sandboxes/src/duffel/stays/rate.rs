//! What a room costs, and the quote that holds the price for an hour.

use jiff::ToSpan;
use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::hotel::Hotel;
use super::search::{self, Found};
use crate::duffel::desk::{Desk, HOUR, Reply, timestamp};
use crate::duffel::money::{self, CURRENCY};
use crate::duffel::refusal::{Check, Refusal};

/// A price for all the nights.
#[derive(Debug)]
pub(super) struct Rate {
    id: String,
    board: &'static str,
    refundable: bool,
    pub(super) total: i64,
}

/// A price that stands for an hour.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Quote {
    pub(super) id: String,
    pub(super) found: Found,
    pub(super) total: i64,
    pub(super) expires_at: i64,
    pub(super) booked: bool,
    body: Value,
}

/// Board, whether it can be cancelled for nothing, and what it costs in hundredths of the cheapest.
const RATES: [(&str, bool, i64); 3] = [
    ("room_only", false, 100),
    ("breakfast", true, 118),
    ("half_board", true, 140),
];

/// The rates of a hotel for what was searched, cheapest first.
pub(super) fn of(found: &Found, hotel: &Hotel) -> Vec<Rate> {
    let rate = |(index, (board, refundable, share)): (usize, &(&'static str, bool, i64))| Rate {
        id: format!("rat_{}{index:02}", found.id.trim_start_matches("srr_")),
        board,
        refundable: *refundable,
        total: hotel.night() * found.nights() * found.rooms * share / 100,
    };
    RATES.iter().enumerate().map(rate).collect()
}

impl Rate {
    /// Two days before the check-in.
    fn refundable_before(&self, found: &Found) -> Option<i64> {
        let day = found.check_in.checked_sub(2.days()).ok()?;
        let moment = day.to_zoned(TimeZone::UTC).ok()?.timestamp().as_millisecond();
        self.refundable.then_some(moment)
    }

    pub(super) fn json(&self, found: &Found) -> Value {
        let tax = self.total / 6;
        let refunds = self.refundable_before(found).map(|before| {
            json!({ "before": timestamp(before), "refund_amount": money::text(self.total), "currency": CURRENCY })
        });
        json!({
            "id": self.id,
            "board_type": self.board,
            "cancellation_timeline": refunds.into_iter().collect::<Vec<_>>(),
            "conditions": [{ "title": "Identification", "description": "Bring a passport." }],
            "payment_type": "pay_now",
            "available_payment_methods": ["balance"],
            "base_amount": money::text(self.total - tax),
            "base_currency": CURRENCY,
            "tax_amount": money::text(tax),
            "tax_currency": CURRENCY,
            "fee_amount": "0.00",
            "fee_currency": CURRENCY,
            "total_amount": money::text(self.total),
            "total_currency": CURRENCY,
            "due_at_accommodation_amount": "0.00",
            "due_at_accommodation_currency": CURRENCY,
            "quantity_available": 5,
            "expires_at": timestamp(found.expires_at),
        })
    }
}

/// `POST /stays/quotes`
pub(super) fn quote(desk: &mut Desk<'_>) -> Result<Reply, Refusal> {
    let data = desk.data()?;
    let mut check = Check::new(&data);
    let rate_id = check.text("/rate_id");
    check.done()?;
    let letters = rate_id
        .strip_prefix("rat_")
        .and_then(|rest| rest.get(..rest.len().checked_sub(2)?));
    let result = format!("srr_{}", letters.ok_or_else(Refusal::not_found)?);
    let (found, hotel) = search::find(desk, &result)?;
    let rate = of(&found, &hotel).into_iter().find(|rate| rate.id == rate_id);
    let rate = rate.ok_or_else(Refusal::not_found)?;
    let (id, expires_at) = (desk.id("quo"), desk.now + HOUR);
    let room =
        json!({ "name": "Double room", "beds": [{ "type": "double", "count": 1 }], "rates": [rate.json(&found)] });
    let tax = rate.total / 6;
    let body = json!({
        "id": id,
        "live_mode": false,
        "rate_id": rate_id,
        "check_in_date": found.check_in,
        "check_out_date": found.check_out,
        "rooms": found.rooms,
        "guests": found.guests,
        "accommodation": hotel.json(&[room]),
        "base_amount": money::text(rate.total - tax),
        "base_currency": CURRENCY,
        "tax_amount": money::text(tax),
        "tax_currency": CURRENCY,
        "fee_amount": "0.00",
        "fee_currency": CURRENCY,
        "total_amount": money::text(rate.total),
        "total_currency": CURRENCY,
        "due_at_accommodation_amount": "0.00",
        "due_at_accommodation_currency": CURRENCY,
        "created_at": timestamp(desk.now),
        "expires_at": timestamp(expires_at),
    });
    let quote = Quote {
        id: id.clone(),
        total: rate.total,
        found,
        expires_at,
        booked: false,
        body: body.clone(),
    };
    desk.account().stays.quotes.insert(id, quote);
    Ok(Reply::created(body))
}

/// `GET /stays/quotes/{id}`
pub(super) fn get(desk: &mut Desk<'_>, id: &str) -> Result<Reply, Refusal> {
    let quote = desk.account().stays.quotes.get(id);
    quote
        .map(|quote| Reply::ok(quote.body.clone()))
        .ok_or_else(Refusal::not_found)
}

impl Quote {
    /// The hotel with the room that was quoted.
    pub(super) fn accommodation(&self) -> Value {
        self.body["accommodation"].clone()
    }
}
