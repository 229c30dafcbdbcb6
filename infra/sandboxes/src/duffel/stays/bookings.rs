//! Booking stays, and cancelling them.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::chance;
use crate::duffel::desk::{Desk, Reply, timestamp};
use crate::duffel::money::{self, CURRENCY};
use crate::duffel::refusal::{Check, Refusal};

/// A booked stay.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Booking {
    id: String,
    cancelled_at: Option<i64>,
    fixed: Value,
}

impl Booking {
    pub(super) fn json(&self) -> Value {
        let mut body = self.fixed.clone();
        body["status"] = if self.cancelled_at.is_some() {
            "cancelled"
        } else {
            "confirmed"
        }
        .into();
        body["cancelled_at"] = self.cancelled_at.map(timestamp).into();
        body
    }
}

/// `POST /stays/bookings`
pub(super) fn create(desk: &mut Desk<'_>) -> Result<Reply, Refusal> {
    let data = desk.data()?;
    let mut check = Check::new(&data);
    let quote_id = check.text("/quote_id");
    let email = check.text("/email");
    if !email.is_empty() && !email.contains('@') {
        check.wrong("validation_format", "/email", "is not a valid email");
    }
    let phone = check.text("/phone_number");
    if check.count("/guests") == 0 {
        check.wrong("validation_required", "/guests", "can't be blank");
    }
    for index in 0..check.count("/guests") {
        check.text(&format!("/guests/{index}/given_name"));
        check.text(&format!("/guests/{index}/family_name"));
    }
    check.done()?;
    let (id, now) = (desk.id("bok"), desk.now);
    let quote = desk
        .account()
        .stays
        .quotes
        .get_mut(&quote_id)
        .ok_or_else(Refusal::not_found)?;
    if quote.booked {
        return Err(Refusal::state(
            "duplicate_booking",
            "A booking was already made of this quote.",
        ));
    }
    if now >= quote.expires_at {
        return Err(Refusal::state(
            "quote_expired",
            "The quote has expired. Ask for a new one.",
        ));
    }
    quote.booked = true;
    let fixed = json!({
        "id": id,
        "live_mode": false,
        "reference": chance::letters(&id, 8).to_uppercase(),
        "quote_id": quote.id,
        "confirmed_at": timestamp(now),
        "created_at": timestamp(now),
        "check_in_date": quote.found.check_in,
        "check_out_date": quote.found.check_out,
        "rooms": quote.found.rooms,
        "guests": data["guests"],
        "email": email,
        "phone_number": phone,
        "accommodation": quote.accommodation(),
        "accommodation_special_requests": data["accommodation_special_requests"],
        "key_collection": { "instructions": "Ask at the reception." },
        "total_amount": money::text(quote.total),
        "total_currency": CURRENCY,
        "metadata": data.get("metadata").cloned().unwrap_or_else(|| json!({})),
        "users": data.get("users").cloned().unwrap_or_else(|| json!([])),
    });
    let booking = Booking {
        id: id.clone(),
        cancelled_at: None,
        fixed,
    };
    let body = booking.json();
    desk.account().stays.bookings.push(booking);
    desk.emit("stays.booking.created", &id, body.clone());
    Ok(Reply::created(body))
}

/// `GET /stays/bookings`
pub(super) fn list(desk: &mut Desk<'_>) -> Result<Reply, Refusal> {
    let asked = desk.asked;
    let bookings = desk.account().stays.bookings.iter().rev();
    Reply::page(
        asked,
        bookings.map(|booking| (booking.id.clone(), booking.json())).collect(),
    )
}

fn find<'a>(desk: &'a mut Desk<'_>, id: &str) -> Result<&'a mut Booking, Refusal> {
    let bookings = &mut desk.account().stays.bookings;
    bookings
        .iter_mut()
        .find(|booking| booking.id == id)
        .ok_or_else(Refusal::not_found)
}

/// `GET /stays/bookings/{id}`
pub(super) fn get(desk: &mut Desk<'_>, id: &str) -> Result<Reply, Refusal> {
    Ok(Reply::ok(find(desk, id)?.json()))
}

/// `POST /stays/bookings/{id}/actions/cancel`
pub(super) fn cancel(desk: &mut Desk<'_>, id: &str) -> Result<Reply, Refusal> {
    let now = desk.now;
    let booking = find(desk, id)?;
    if booking.cancelled_at.is_some() {
        return Err(Refusal::state(
            "already_cancelled",
            "The booking has been cancelled already.",
        ));
    }
    booking.cancelled_at = Some(now);
    let body = booking.json();
    desk.emit("stays.booking.cancelled", id, body.clone());
    Ok(Reply::ok(body))
}
