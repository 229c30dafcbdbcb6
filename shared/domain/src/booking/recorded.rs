//! Bookings that were made elsewhere, and are written down here.

use jiff::Timestamp;

use super::{Attachment, Booking, BookingError, Decision, EventKind, Kind, Status, Summary, Traveller};
use crate::{
    ids::{BookingId, TripId, UserId},
    money::Money,
    trip::When,
    validation::Invalid,
};

/// What somebody says that they booked.
#[derive(Debug, Clone, PartialEq)]
pub struct Recorded {
    /// What kind of thing it is.
    pub kind: Kind,
    /// How far it is: saved, booked or cancelled.
    pub status: Status,
    /// The trip it belongs to.
    pub trip: Option<TripId>,
    /// What it is called.
    pub title: String,
    /// Where it is.
    pub place: Option<String>,
    /// When it begins.
    pub start: Option<When>,
    /// When it ends.
    pub end: Option<When>,
    /// What it costs in all.
    pub price: Option<Money>,
    /// What the supplier knows it by.
    pub confirmation: Option<String>,
    /// Who takes part.
    pub travellers: Vec<Traveller>,
    /// The owner's own words.
    pub notes: Option<String>,
}

/// A change of some of it. `None` leaves a field as it is; the inner `None` clears it.
#[derive(Debug, Clone, Default, PartialEq)]
#[expect(missing_docs, reason = "the fields are those of Recorded")]
pub struct RecordedPatch {
    pub status: Option<Status>,
    pub title: Option<String>,
    pub place: Option<Option<String>>,
    pub start: Option<Option<When>>,
    pub end: Option<Option<When>>,
    pub price: Option<Option<Money>>,
    pub confirmation: Option<Option<String>>,
    pub notes: Option<Option<String>>,
}

impl RecordedPatch {
    /// Whether it changes what only the provider may change.
    fn touches_the_deal(&self) -> bool {
        let Self {
            status: _,
            title,
            place,
            start,
            end,
            price,
            confirmation,
            notes: _,
        } = self;
        title.is_some()
            || place.is_some()
            || start.is_some()
            || end.is_some()
            || price.is_some()
            || confirmation.is_some()
    }
}

impl Booking {
    /// A booking that was made elsewhere. Who stores it adds the id of its item in the trip.
    ///
    /// # Errors
    /// When it ends before it begins.
    pub fn recorded(id: BookingId, owner: UserId, recorded: Recorded, now: Timestamp) -> Result<Decision, Invalid> {
        crate::trip::check_order(recorded.start.as_ref(), recorded.end.as_ref())?;
        let attached = recorded.trip.is_some();
        let booking = Self {
            id,
            owner,
            kind: recorded.kind,
            status: recorded.status,
            trip: recorded.trip,
            attachment: if attached {
                Attachment::Attached
            } else {
                Attachment::None
            },
            items: Vec::new(),
            summary: Summary {
                title: recorded.title,
                place: recorded.place,
                start: recorded.start,
                end: recorded.end,
                segments: Vec::new(),
            },
            price: recorded.price,
            confirmation: recorded.confirmation,
            travellers: recorded.travellers,
            notes: recorded.notes,
            deal: None,
            events: 0,
            due_at: None,
            created_at: now,
            updated_at: now,
            version: 0,
        };
        let events = vec![(EventKind::Recorded, Some(booking.status.name().to_owned()))];
        Ok(Decision { booking, events })
    }

    /// The booking, changed by its owner. What a provider sold moves by the provider's answers alone; its owner may
    /// write notes, and settle what nobody could find out. `None`: nothing changes.
    ///
    /// # Errors
    /// When the state machine has no such step, or it would end before it begins.
    pub fn patched(&self, patch: RecordedPatch, now: Timestamp) -> Result<Option<Decision>, BookingError> {
        if self.deal.is_some() {
            return self.patched_deal(patch, now);
        }
        let mut booking = self.clone();
        if let Some(status) = patch.status {
            booking.status = self.status.recorded_as(status)?;
        }
        let summary = &mut booking.summary;
        summary.title = patch.title.unwrap_or_else(|| summary.title.clone());
        summary.place = patch.place.unwrap_or_else(|| summary.place.clone());
        summary.start = patch.start.unwrap_or_else(|| summary.start.clone());
        summary.end = patch.end.unwrap_or_else(|| summary.end.clone());
        crate::trip::check_order(summary.start.as_ref(), summary.end.as_ref())?;
        booking.price = patch.price.unwrap_or(booking.price);
        booking.confirmation = patch.confirmation.unwrap_or_else(|| booking.confirmation.clone());
        booking.notes = patch.notes.unwrap_or_else(|| booking.notes.clone());
        if booking == *self {
            return Ok(None);
        }
        booking.updated_at = now;
        let event = match booking.status {
            Status::Cancelled if self.status != Status::Cancelled => EventKind::Cancelled,
            Status::Booked if self.status != Status::Booked => EventKind::Confirmed,
            _ => EventKind::Changed,
        };
        let events = vec![(event, None)];
        Ok(Some(Decision { booking, events }))
    }

    fn patched_deal(&self, patch: RecordedPatch, now: Timestamp) -> Result<Option<Decision>, BookingError> {
        if patch.touches_the_deal() {
            return Err(BookingError::ProvidersOwn);
        }
        let mut decision = match patch.status.filter(|status| *status != self.status) {
            Some(status) => Some(self.dismissed(status, now)?),
            None => None,
        };
        if let Some(notes) = patch.notes.filter(|notes| *notes != self.notes) {
            let decision = decision.get_or_insert_with(|| Decision {
                booking: self.clone(),
                events: vec![(EventKind::Changed, None)],
            });
            decision.booking.notes = notes;
            decision.booking.updated_at = now;
        }
        Ok(decision)
    }
}
