//! Duffel Stays: hotels around a point, their rates, quotes and bookings.

mod bookings;
mod hotel;
mod rate;
mod search;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::desk::{DAY, Desk, Reply};
use super::refusal::Refusal;
use bookings::Booking;
use rate::Quote;
use search::Found;

/// What one account searched and booked.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(super) struct Stays {
    found: BTreeMap<String, Found>,
    quotes: BTreeMap<String, Quote>,
    bookings: Vec<Booking>,
}

impl Stays {
    /// The bookings as the API shows them, oldest first.
    pub(super) fn shown(&self) -> Vec<Value> {
        self.bookings.iter().map(Booking::json).collect()
    }

    /// Forgets results and quotes that ended long ago; those that just ended are still told from unknown ones.
    fn purge(&mut self, now: i64) {
        self.found.retain(|_, found| found.expires_at + DAY > now);
        self.quotes.retain(|_, quote| quote.expires_at + DAY > now);
    }
}

pub(super) fn route(desk: &mut Desk<'_>, method: &str, path: &[&str]) -> Result<Reply, Refusal> {
    match (method, path) {
        ("POST", ["search"]) => search::create(desk),
        ("POST", ["search_results", id, "actions", "fetch_all_rates"]) => search::rates(desk, id),
        ("GET", ["accommodation", id]) => search::accommodation(id),
        ("POST", ["quotes"]) => rate::quote(desk),
        ("GET", ["quotes", id]) => rate::get(desk, id),
        ("POST", ["bookings"]) => bookings::create(desk),
        ("GET", ["bookings"]) => bookings::list(desk),
        ("GET", ["bookings", id]) => bookings::get(desk, id),
        ("POST", ["bookings", id, "actions", "cancel"]) => bookings::cancel(desk, id),
        _ => Err(Refusal::not_found()),
    }
}
