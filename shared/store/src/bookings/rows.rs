//! Bookings as they are stored, and the way there and back.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use tripsage_domain::{
    booking::{
        Attachment, Booking, Deal, Failure, Kind, Quote, Refund, RefundTo, Segment, Status, Step, Summary, Traveller,
        Work,
    },
    ids::{BookingId, ItemId, KeyId, TripId, UserId},
    trip::Cabin,
};

use crate::{
    StoreError,
    trips::{MoneyRow, WhenRow, corrupt},
};

/// The field names are those of the export.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct BookingRow {
    id: BookingId,
    kind: String,
    status: String,
    trip: Option<TripId>,
    attachment: String,
    items: Vec<ItemId>,
    title: String,
    place: Option<String>,
    start: Option<WhenRow>,
    end: Option<WhenRow>,
    segments: Vec<SegmentRow>,
    price: Option<MoneyRow>,
    confirmation: Option<String>,
    travellers: Vec<(String, String)>,
    notes: Option<String>,
    deal: Option<DealRow>,
    events: u64,
    due_at: Option<Timestamp>,
    created_at: Timestamp,
    updated_at: Timestamp,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct SegmentRow {
    carrier: Option<String>,
    flight_number: Option<String>,
    origin: String,
    destination: String,
    departs: WhenRow,
    arrives: WhenRow,
    origin_terminal: Option<String>,
    destination_terminal: Option<String>,
    cabin: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct DealRow {
    request: String,
    latest: Option<String>,
    key: KeyId,
    offer: String,
    hold: bool,
    live_mode: bool,
    order: Option<String>,
    awaiting_payment: bool,
    payment_required_by: Option<Timestamp>,
    price_guarantee_expires_at: Option<Timestamp>,
    refunds: Vec<(Timestamp, MoneyRow)>,
    quote: Option<QuoteRow>,
    work: Option<WorkRow>,
    doubt_since: Option<Timestamp>,
    failure: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct QuoteRow {
    id: String,
    refund: Option<MoneyRow>,
    refund_to: String,
    expires_at: Option<Timestamp>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct WorkRow {
    step: String,
    since: Timestamp,
    nonce: String,
    accepted: bool,
    looks: u32,
}

const fn attachment_name(attachment: Attachment) -> &'static str {
    match attachment {
        Attachment::None => "none",
        Attachment::Wanted => "wanted",
        Attachment::Attached => "attached",
        Attachment::Impossible => "impossible",
    }
}

fn attachment(name: &str) -> Result<Attachment, StoreError> {
    use Attachment::{Attached, Impossible, None, Wanted};
    [None, Wanted, Attached, Impossible]
        .into_iter()
        .find(|attachment| attachment_name(*attachment) == name)
        .ok_or_else(|| corrupt("attachment"))
}

impl From<&Booking> for BookingRow {
    fn from(booking: &Booking) -> Self {
        let summary = &booking.summary;
        Self {
            id: booking.id,
            kind: booking.kind.name().to_owned(),
            status: booking.status.name().to_owned(),
            trip: booking.trip,
            attachment: attachment_name(booking.attachment).to_owned(),
            items: booking.items.clone(),
            title: summary.title.clone(),
            place: summary.place.clone(),
            start: summary.start.as_ref().map(WhenRow::from),
            end: summary.end.as_ref().map(WhenRow::from),
            segments: summary.segments.iter().map(SegmentRow::from).collect(),
            price: booking.price.as_ref().map(MoneyRow::from),
            confirmation: booking.confirmation.clone(),
            travellers: booking
                .travellers
                .iter()
                .map(|one| (one.given_name.clone(), one.family_name.clone()))
                .collect(),
            notes: booking.notes.clone(),
            deal: booking.deal.as_ref().map(DealRow::from),
            events: booking.events,
            due_at: booking.due_at,
            created_at: booking.created_at,
            updated_at: booking.updated_at,
        }
    }
}

impl BookingRow {
    pub(super) fn into_booking(self, owner: UserId, version: u64) -> Result<Booking, StoreError> {
        Ok(Booking {
            id: self.id,
            owner,
            kind: Kind::parse(&self.kind).map_err(corrupt)?,
            status: Status::parse(&self.status).map_err(corrupt)?,
            trip: self.trip,
            attachment: attachment(&self.attachment)?,
            items: self.items,
            summary: Summary {
                title: self.title,
                place: self.place,
                start: self.start.map(WhenRow::into_when).transpose()?,
                end: self.end.map(WhenRow::into_when).transpose()?,
                segments: self
                    .segments
                    .into_iter()
                    .map(SegmentRow::into_segment)
                    .collect::<Result<_, _>>()?,
            },
            price: self.price.map(MoneyRow::into_money).transpose()?,
            confirmation: self.confirmation,
            travellers: self
                .travellers
                .into_iter()
                .map(|(given_name, family_name)| Traveller {
                    given_name,
                    family_name,
                })
                .collect(),
            notes: self.notes,
            deal: self.deal.map(DealRow::into_deal).transpose()?,
            events: self.events,
            due_at: self.due_at,
            created_at: self.created_at,
            updated_at: self.updated_at,
            version,
        })
    }
}

impl From<&Segment> for SegmentRow {
    fn from(segment: &Segment) -> Self {
        Self {
            carrier: segment.carrier.clone(),
            flight_number: segment.flight_number.clone(),
            origin: segment.origin.clone(),
            destination: segment.destination.clone(),
            departs: WhenRow::from(&segment.departs),
            arrives: WhenRow::from(&segment.arrives),
            origin_terminal: segment.origin_terminal.clone(),
            destination_terminal: segment.destination_terminal.clone(),
            cabin: segment.cabin.map(|cabin| cabin.name().to_owned()),
        }
    }
}

impl SegmentRow {
    fn into_segment(self) -> Result<Segment, StoreError> {
        Ok(Segment {
            carrier: self.carrier,
            flight_number: self.flight_number,
            origin: self.origin,
            destination: self.destination,
            departs: self.departs.into_when()?,
            arrives: self.arrives.into_when()?,
            origin_terminal: self.origin_terminal,
            destination_terminal: self.destination_terminal,
            cabin: self
                .cabin
                .map(|name| Cabin::parse(&name))
                .transpose()
                .map_err(corrupt)?,
        })
    }
}

impl From<&Deal> for DealRow {
    fn from(deal: &Deal) -> Self {
        Self {
            request: deal.request.clone(),
            latest: deal.latest.clone(),
            key: deal.key,
            offer: deal.offer.clone(),
            hold: deal.hold,
            live_mode: deal.live_mode,
            order: deal.order.clone(),
            awaiting_payment: deal.awaiting_payment,
            payment_required_by: deal.payment_required_by,
            price_guarantee_expires_at: deal.price_guarantee_expires_at,
            refunds: deal
                .refunds
                .iter()
                .map(|refund| (refund.before, MoneyRow::from(&refund.amount)))
                .collect(),
            quote: deal.quote.as_ref().map(|quote| QuoteRow {
                id: quote.id.clone(),
                refund: quote.refund.as_ref().map(MoneyRow::from),
                refund_to: quote.refund_to.name().to_owned(),
                expires_at: quote.expires_at,
            }),
            work: deal.work.as_ref().map(|work| WorkRow {
                step: work.step.name().to_owned(),
                since: work.since,
                nonce: work.nonce.clone(),
                accepted: work.accepted,
                looks: work.looks,
            }),
            doubt_since: deal.doubt_since,
            failure: deal.failure.map(|failure| failure.name().to_owned()),
        }
    }
}

impl DealRow {
    fn into_deal(self) -> Result<Deal, StoreError> {
        let failure = |name: String| {
            let known = Failure::ALL.into_iter().find(|failure| failure.name() == name);
            known.ok_or_else(|| corrupt("failure"))
        };
        Ok(Deal {
            request: self.request,
            latest: self.latest,
            key: self.key,
            offer: self.offer,
            hold: self.hold,
            live_mode: self.live_mode,
            order: self.order,
            awaiting_payment: self.awaiting_payment,
            payment_required_by: self.payment_required_by,
            price_guarantee_expires_at: self.price_guarantee_expires_at,
            refunds: self
                .refunds
                .into_iter()
                .map(|(before, amount)| {
                    Ok(Refund {
                        before,
                        amount: amount.into_money()?,
                    })
                })
                .collect::<Result<_, StoreError>>()?,
            quote: self.quote.map(QuoteRow::into_quote).transpose()?,
            work: self.work.map(WorkRow::into_work).transpose()?,
            doubt_since: self.doubt_since,
            failure: self.failure.map(failure).transpose()?,
        })
    }
}

impl QuoteRow {
    fn into_quote(self) -> Result<Quote, StoreError> {
        Ok(Quote {
            id: self.id,
            refund: self.refund.map(MoneyRow::into_money).transpose()?,
            refund_to: RefundTo::parse(&self.refund_to),
            expires_at: self.expires_at,
        })
    }
}

impl WorkRow {
    fn into_work(self) -> Result<Work, StoreError> {
        let step = Step::ALL.into_iter().find(|step| step.name() == self.step);
        Ok(Work {
            step: step.ok_or_else(|| corrupt("step"))?,
            since: self.since,
            nonce: self.nonce,
            accepted: self.accepted,
            looks: self.looks,
        })
    }
}
