//! Orders: what was bought.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::desk::timestamp;
use super::money::{self, CURRENCY};
use super::offer::Offer;
use super::route::Special;
use super::search::Search;
use super::service::Service;
use crate::chance;

/// An order with what can still change about it.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Order {
    pub(super) id: String,
    pub(super) offer_id: String,
    pub(super) created_at: i64,
    /// Not to be seen before: accepted, and made later.
    pub(super) visible_from: i64,
    /// Whether the account was told that it exists.
    pub(super) announced: bool,
    pub(super) total: i64,
    pub(super) paid_at: Option<i64>,
    /// When the price of a hold ends, and when the hold itself does.
    pub(super) hold: Option<(i64, i64)>,
    pub(super) cancelled_at: Option<i64>,
    pub(super) cancellation: Option<Value>,
    pub(super) metadata: Value,
    /// Refunded as airline credit.
    pub(super) refunds_credit: bool,
    /// The airline moves its flights whenever one looks.
    pub(super) airline_changes: bool,
    pub(super) changes: Vec<Value>,
    pub(super) users: Value,
    /// What never changes.
    fixed: Value,
}

impl Order {
    pub(super) fn new(
        id: String,
        offer: &Offer,
        search: &Search,
        passengers: Vec<Value>,
        services: &[(Service, i64)],
        now: i64,
    ) -> Self {
        let extra: i64 = services
            .iter()
            .map(|(service, quantity)| service.price * quantity)
            .sum();
        let total = offer.total + extra;
        let (base, tax) = Offer::split(offer.total);
        let services: Vec<Value> = services
            .iter()
            .map(|(service, quantity)| {
                let mut body = service.json();
                body["quantity"] = (*quantity).into();
                body
            })
            .collect();
        let fixed = json!({
            "booking_reference": chance::letters(&id, 6).to_uppercase(),
            "owner": offer.carrier.json(),
            "base_amount": money::text(base),
            "base_currency": CURRENCY,
            "tax_amount": money::text(tax),
            "tax_currency": CURRENCY,
            "total_amount": money::text(total),
            "total_currency": CURRENCY,
            "slices": offer.slices(search),
            "passengers": passengers,
            "services": services,
            "conditions": offer.conditions(),
        });
        Self {
            id,
            offer_id: offer.id.clone(),
            created_at: now,
            visible_from: now,
            announced: false,
            total,
            paid_at: None,
            hold: None,
            cancelled_at: None,
            cancellation: None,
            metadata: json!({}),
            refunds_credit: offer.special == Some(Special::AirlineCredit),
            airline_changes: offer.special == Some(Special::AirlineChanges),
            changes: Vec::new(),
            users: json!([]),
            fixed,
        }
    }

    pub(super) fn awaits_payment(&self) -> bool {
        self.paid_at.is_none() && self.cancelled_at.is_none()
    }

    pub(super) fn booking_reference(&self) -> &str {
        self.fixed["booking_reference"].as_str().unwrap_or_default()
    }

    pub(super) fn passengers(&self) -> &Value {
        &self.fixed["passengers"]
    }

    pub(super) fn slices(&self) -> &Value {
        &self.fixed["slices"]
    }

    /// The airline moved its flights.
    pub(super) fn set_slices(&mut self, slices: Value) {
        self.fixed["slices"] = slices;
    }

    pub(super) fn json(&self) -> Value {
        let mut order = self.fixed.clone();
        let actions: &[&str] = if self.cancelled_at.is_some() {
            &[]
        } else {
            &["cancel", "change", "update"]
        };
        let more = json!({
            "id": self.id,
            "offer_id": self.offer_id,
            "type": if self.hold.is_some() { "hold" } else { "instant" },
            "live_mode": false,
            "created_at": timestamp(self.created_at),
            "synced_at": timestamp(self.created_at),
            "cancelled_at": self.cancelled_at.map(timestamp),
            "documents": self.documents(),
            "payment_status": {
                "awaiting_payment": self.awaits_payment(),
                "price_guarantee_expires_at": self.hold.map(|(price, _)| timestamp(price)),
                "payment_required_by": self.hold.map(|(_, due)| timestamp(due)),
                "paid_at": self.paid_at.map(timestamp),
            },
            "metadata": self.metadata,
            "available_actions": actions,
            "cancellation": self.cancellation,
            "changes": [],
            "airline_initiated_changes": self.changes,
            "users": self.users,
        });
        if let (Value::Object(order), Value::Object(more)) = (&mut order, more) {
            order.extend(more);
        }
        order
    }

    /// A ticket for each passenger once it is paid.
    fn documents(&self) -> Vec<Value> {
        let passengers = self.passengers().as_array().filter(|_| self.paid_at.is_some());
        let ticket = |passenger: &Value| {
            let number = chance::below(&format!("{}{}", self.id, passenger["id"]), 10_000_000_000);
            json!({
                "type": "electronic_ticket",
                "unique_identifier": format!("000{number:010}"),
                "passenger_ids": [passenger["id"]],
            })
        };
        passengers.map_or_else(Vec::new, |passengers| passengers.iter().map(ticket).collect())
    }
}
