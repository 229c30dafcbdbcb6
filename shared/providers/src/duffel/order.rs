//! Orders, payments and cancellations as Duffel writes them, and how they become ours.

use jiff::Timestamp;
use serde::Deserialize;

use super::{
    offer::{WireConditions, WireSlice, slices},
    wire::{Metadata, money, money_option},
};
use crate::model::{
    AirlineChange, CancellationQuote, Order, OrderAction, OrderSummary, Payment, PaymentStatus, RefundTo,
    TicketDocument, bounded,
};

#[derive(Deserialize)]
pub(super) struct WireOrder {
    id: String,
    booking_reference: Option<String>,
    #[serde(default)]
    live_mode: bool,
    created_at: Timestamp,
    cancelled_at: Option<Timestamp>,
    total_amount: String,
    total_currency: String,
    slices: Vec<WireSlice>,
    #[serde(default)]
    passengers: Vec<serde::de::IgnoredAny>,
    documents: Option<Vec<WireDocument>>,
    payment_status: Option<WirePaymentStatus>,
    conditions: Option<WireConditions>,
    #[serde(default)]
    metadata: Metadata,
    available_actions: Option<Vec<String>>,
    airline_initiated_changes: Option<Vec<WireOpenChange>>,
}

#[derive(Deserialize)]
struct WireDocument {
    #[serde(rename = "type")]
    kind: Option<String>,
    unique_identifier: Option<String>,
}

#[derive(Default, Deserialize)]
struct WirePaymentStatus {
    #[serde(default)]
    awaiting_payment: bool,
    payment_required_by: Option<Timestamp>,
    price_guarantee_expires_at: Option<Timestamp>,
    paid_at: Option<Timestamp>,
}

#[derive(Deserialize)]
struct WireOpenChange {
    action_taken: Option<String>,
}

/// Enough of an order to recognise it.
#[derive(Deserialize)]
pub(super) struct WireOrderSummary {
    id: String,
    booking_reference: Option<String>,
    cancelled_at: Option<Timestamp>,
    #[serde(default)]
    metadata: Metadata,
}

#[derive(Deserialize)]
pub(super) struct WirePayment {
    id: String,
    status: Option<String>,
    amount: String,
    currency: String,
}

#[derive(Deserialize)]
pub(super) struct WireCancellation {
    id: String,
    order_id: String,
    refund_amount: Option<String>,
    refund_currency: Option<String>,
    refund_to: Option<String>,
    expires_at: Option<Timestamp>,
    confirmed_at: Option<Timestamp>,
}

#[derive(Deserialize)]
pub(super) struct WireAirlineChange {
    id: String,
    order_id: String,
    added: Option<Vec<WireSlice>>,
    removed: Option<Vec<WireSlice>>,
    action_taken: Option<String>,
    created_at: Timestamp,
}

impl WireOrder {
    pub(super) fn read(self) -> Option<Order> {
        let payment = self.payment_status.unwrap_or_default();
        let documents = self.documents.unwrap_or_default().into_iter().filter_map(|document| {
            Some(TicketDocument {
                kind: bounded(&document.kind?, 50),
                number: bounded(&document.unique_identifier?, 50),
            })
        });
        let action = |action: String| match action.as_str() {
            "cancel" => Some(OrderAction::Cancel),
            "change" => Some(OrderAction::Change),
            "update" => Some(OrderAction::Update),
            _ => None,
        };
        let changes = self.airline_initiated_changes.unwrap_or_default();
        let open = changes.iter().filter(|change| change.action_taken.is_none()).count();
        Some(Order {
            id: self.id,
            booking_reference: bounded(&self.booking_reference.unwrap_or_default(), 20),
            total: money(&self.total_amount, &self.total_currency)?,
            payment: PaymentStatus {
                awaiting_payment: payment.awaiting_payment,
                payment_required_by: payment.payment_required_by,
                price_guaranteed_until: payment.price_guarantee_expires_at,
                paid_at: payment.paid_at,
            },
            created_at: self.created_at,
            cancelled_at: self.cancelled_at,
            slices: slices(self.slices)?,
            documents: documents.collect(),
            conditions: self.conditions.unwrap_or_default().read(),
            actions: self
                .available_actions
                .unwrap_or_default()
                .into_iter()
                .filter_map(action)
                .collect(),
            passengers: u32::try_from(self.passengers.len()).unwrap_or(u32::MAX),
            booking: self.metadata.booking(),
            open_airline_changes: u32::try_from(open).unwrap_or(u32::MAX),
            live_mode: self.live_mode,
        })
    }
}

impl WireOrderSummary {
    pub(super) fn read(self) -> OrderSummary {
        OrderSummary {
            booking: self.metadata.booking(),
            booking_reference: bounded(&self.booking_reference.unwrap_or_default(), 20),
            cancelled: self.cancelled_at.is_some(),
            id: self.id,
        }
    }
}

impl WirePayment {
    pub(super) fn read(self) -> Option<Payment> {
        Some(Payment {
            id: self.id,
            succeeded: match self.status.as_deref() {
                Some("succeeded") => Some(true),
                Some("failed" | "cancelled") => Some(false),
                _ => None,
            },
            amount: money(&self.amount, &self.currency)?,
        })
    }
}

impl WireCancellation {
    pub(super) fn read(self) -> CancellationQuote {
        CancellationQuote {
            id: self.id,
            order_id: self.order_id,
            refund: money_option(self.refund_amount.as_deref(), self.refund_currency.as_deref()),
            refund_to: match self.refund_to.as_deref() {
                Some("balance") => RefundTo::Balance,
                Some("card") => RefundTo::Card,
                Some("arc_bsp_cash") => RefundTo::ArcBspCash,
                Some("voucher") => RefundTo::Voucher,
                Some("awaiting_payment") => RefundTo::AwaitingPayment,
                Some("airline_credits") => RefundTo::AirlineCredits,
                Some("original_form_of_payment") => RefundTo::OriginalFormOfPayment,
                _ => RefundTo::Other,
            },
            expires_at: self.expires_at,
            confirmed_at: self.confirmed_at,
        }
    }
}

impl WireAirlineChange {
    pub(super) fn read(self) -> Option<AirlineChange> {
        let side = |side: Option<Vec<WireSlice>>| match side {
            Some(wire) if !wire.is_empty() => slices(wire),
            _ => Some(Vec::new()),
        };
        Some(AirlineChange {
            id: self.id,
            order_id: self.order_id,
            added: side(self.added)?,
            removed: side(self.removed)?,
            action_taken: self.action_taken.map(|action| bounded(&action, 20)),
            created_at: self.created_at,
        })
    }
}
