//! How a booking shows in its trip.

use super::{Booking, Kind, Segment, Status};
use crate::{
    money::Money,
    trip::{Details, Item, ItemStatus, Location, Plan},
};

/// Flights of one booking at most; each is an item of the trip.
pub const MAX_SEGMENTS: usize = 24;

/// Characters of a title.
const TITLE: usize = 200;

impl Booking {
    /// How firm its items are.
    pub const fn item_status(&self) -> ItemStatus {
        match self.status {
            Status::Booked => ItemStatus::Booked,
            Status::Saved => ItemStatus::Idea,
            Status::Held | Status::Pending | Status::NeedsReview => ItemStatus::Planned,
            Status::Cancelled | Status::Expired | Status::Failed => ItemStatus::Cancelled,
        }
    }

    /// What its items say: one for each flight, one for everything else. The first carries the price, so that the sum
    /// of the trip is right.
    pub fn plans(&self) -> Vec<Plan> {
        let plans = match self.kind {
            Kind::Flight if !self.summary.segments.is_empty() => self
                .summary
                .segments
                .iter()
                .take(MAX_SEGMENTS)
                .map(|segment| self.flight(segment))
                .collect(),
            _ => vec![self.single()],
        };
        let cost = |index: usize| -> Option<Money> { self.price.filter(|_| index == 0) };
        plans
            .into_iter()
            .enumerate()
            .map(|(index, plan)| Plan {
                cost: cost(index),
                ..plan
            })
            .collect()
    }

    /// An item of a booking that was recorded, brought up to date; what the members of the trip added to it stays.
    pub fn replanned(&self, item: &Item) -> Plan {
        let plan = self.plans().into_iter().next().unwrap_or_else(|| item.plan.clone());
        Plan {
            description: item.plan.description.clone(),
            notes: item.plan.notes.clone(),
            url: item.plan.url.clone(),
            flexible: item.plan.flexible,
            ..plan
        }
    }

    fn flight(&self, segment: &Segment) -> Plan {
        let number = segment
            .flight_number
            .as_deref()
            .map(|number| format!(", {number}"))
            .unwrap_or_default();
        Plan {
            title: format!("{} to {}{number}", segment.origin, segment.destination),
            details: Details::Flight {
                carrier: segment.carrier.clone(),
                flight_number: segment.flight_number.clone(),
                origin: Some(segment.origin.clone()),
                destination: Some(segment.destination.clone()),
                origin_terminal: segment.origin_terminal.clone(),
                destination_terminal: segment.destination_terminal.clone(),
                cabin: segment.cabin,
                seats: Vec::new(),
            },
            start: Some(segment.departs.clone()),
            end: Some(segment.arrives.clone()),
            ..self.single()
        }
    }

    fn single(&self) -> Plan {
        let summary = &self.summary;
        let title: String = summary.title.chars().take(TITLE).collect();
        Plan {
            details: match self.kind {
                Kind::Flight => Details::Flight {
                    carrier: None,
                    flight_number: None,
                    origin: None,
                    destination: None,
                    origin_terminal: None,
                    destination_terminal: None,
                    cabin: None,
                    seats: Vec::new(),
                },
                Kind::Accommodation => Details::Accommodation {
                    name: Some(title.clone()),
                    address: None,
                    room_type: None,
                    check_in_time: None,
                    check_out_time: None,
                },
                Kind::Activity => Details::Activity {
                    category: None,
                    provider: None,
                    meeting_point: None,
                },
            },
            title,
            description: None,
            location: summary.place.clone().map(|name| Location {
                name: Some(name),
                ..Location::default()
            }),
            start: summary.start.clone(),
            end: summary.end.clone(),
            cost: None,
            status: self.item_status(),
            booking_reference: self.confirmation.clone(),
            url: None,
            notes: None,
            flexible: false,
        }
    }
}
