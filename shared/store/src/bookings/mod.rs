//! Bookings: one row each in the partition of their owner, with a log beside it.
//!
//! Whatever changes a booking replaces its row under the version that was read, together with the entries of its log
//! and with what a job has to look at later. So of two that decide on the same state one is refused, and nothing that
//! is under way is ever without a job that looks at it.

mod rows;

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use tripsage_domain::{
    audit::Record,
    booking::{Actor, Booking, Decision, EventKind, Status},
    ids::{BookingId, UserId},
};

use crate::{
    Condition, Db, Page, Range, StoreError, Transaction, Write,
    due::DueRow,
    idempotency::Claim,
    keys::{self, DueList, Key, Table},
};

use rows::BookingRow;

/// Label of the write that loses when somebody else has changed the booking.
pub const BOOKING_CHANGED: &str = "booking";

/// How long a message of a provider is remembered; it repeats them for three days.
const WEBHOOKS_KEPT: SignedDuration = SignedDuration::from_hours(7 * 24);

/// Listed bookings that one page looks at, at most.
const MOST_LISTED: usize = 500;

/// DynamoDB gives 100 rows by their keys in one call.
const BATCH: usize = 100;

/// An entry of a booking's log.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EventRow {
    /// Counts from 1.
    pub number: u64,
    /// When.
    pub at: Timestamp,
    /// What happened.
    pub event: String,
    /// From whom it is known.
    pub actor: String,
    /// More about it.
    pub note: Option<String>,
}

#[derive(Debug, Serialize, Deserialize)]
struct Listed {
    id: BookingId,
    created_at: Timestamp,
}

#[derive(Debug, Serialize, Deserialize)]
struct Ordered {
    booking: BookingId,
}

#[derive(Debug, Serialize, Deserialize)]
struct Received {
    at: Timestamp,
    expires_at: i64,
}

/// What a list shows of a user's bookings.
#[derive(Debug)]
pub struct BookingPage {
    /// Newest first.
    pub bookings: Vec<Booking>,
    /// Position after which the next page begins.
    pub next: Option<String>,
}

/// A decision on a booking, as writes of a transaction, and the booking as it will be stored.
#[derive(Debug)]
pub struct BookingWrites {
    /// As it will be stored.
    pub booking: Booking,
    /// AP-133: the row, its log, and what a job looks at.
    pub writes: Vec<Write>,
}

impl BookingWrites {
    /// AP-133: the writes that carry out a decision on the booking that was read; `None`: there is none yet.
    ///
    /// # Errors
    /// When a row cannot be expressed in DynamoDB's types.
    pub fn new(before: Option<&Booking>, decision: Decision, actor: Actor, now: Timestamp) -> Result<Self, StoreError> {
        let Decision { mut booking, events } = decision;
        booking.version = before.map_or(0, |before| before.version) + 1;
        let mut log = Vec::with_capacity(events.len());
        for (kind, note) in events {
            booking.events += 1;
            log.push(event(&booking, kind, note, actor, now)?);
        }
        let (owner, id) = (booking.owner, booking.id);
        let key = keys::booking(owner, id);
        let row = BookingRow::from(&booking);
        let mut writes = match before {
            Some(before) => vec![Write::replace(BOOKING_CHANGED, key, &row, before.version)?],
            None => {
                let listed = Listed {
                    id,
                    created_at: booking.created_at,
                };
                let listing = keys::booking_listing(owner, booking.created_at, id);
                vec![
                    Write::insert(BOOKING_CHANGED, key, &row)?,
                    Write::put("booking_listing", listing, &listed, 1, Condition::anyway())?,
                ]
            }
        };
        writes.extend(log);
        writes.extend(due(before, &booking)?);
        let order = |booking: &Booking| booking.deal.as_ref().and_then(|deal| deal.order.clone());
        if let Some(new) = order(&booking).filter(|new| before.and_then(order).as_ref() != Some(new)) {
            let pointer = keys::booking_order(owner, &new);
            writes.push(Write::put(
                "booking_order",
                pointer,
                &Ordered { booking: id },
                1,
                Condition::anyway(),
            )?);
        }
        Ok(Self { booking, writes })
    }
}

fn event(
    booking: &Booking,
    kind: EventKind,
    note: Option<String>,
    actor: Actor,
    now: Timestamp,
) -> Result<Write, StoreError> {
    let row = EventRow {
        number: booking.events,
        at: now,
        event: kind.name().to_owned(),
        actor: actor.name().to_owned(),
        note,
    };
    let key = keys::booking_event(booking.owner, booking.id, row.number);
    Write::insert("booking_event", key, &row)
}

/// Keeps the lists of what a job, and what a person, has to look at.
fn due(before: Option<&Booking>, after: &Booking) -> Result<Vec<Write>, StoreError> {
    let id = after.id.uuid();
    let entry = |at: Timestamp| DueRow {
        notes: Some(after.owner.to_string()),
        ..DueRow::new(at, id)
    };
    let mut writes = Vec::new();
    let known = before.and_then(|before| before.due_at);
    if known != after.due_at {
        writes.extend(known.map(|at| DueRow::settled(DueList::Booking, at, id)));
        if let Some(at) = after.due_at {
            writes.push(entry(at).scheduled(DueList::Booking)?);
        }
    }
    let parked = |booking: &Booking| booking.status == Status::NeedsReview;
    match (before.is_some_and(parked), parked(after)) {
        (false, true) => writes.push(entry(after.created_at).scheduled(DueList::Review)?),
        (true, false) => writes.push(DueRow::settled(DueList::Review, after.created_at, id)),
        _ => {}
    }
    Ok(writes)
}

/// Writes that take a booking's entries off the lists, when the booking goes.
pub(crate) fn forgotten(row: &serde_json::Value) -> Result<Vec<Write>, StoreError> {
    #[derive(Deserialize)]
    struct Entries {
        id: BookingId,
        due_at: Option<Timestamp>,
        created_at: Timestamp,
    }
    let entries = Entries::deserialize(row).map_err(|error| StoreError::Corrupt(error.to_string()))?;
    let id = entries.id.uuid();
    let mut writes = vec![DueRow::settled(DueList::Review, entries.created_at, id)];
    writes.extend(entries.due_at.map(|at| DueRow::settled(DueList::Booking, at, id)));
    Ok(writes)
}

impl Db {
    /// AP-130: a booking of a user.
    ///
    /// # Errors
    /// When DynamoDB does not answer.
    pub async fn find_booking(&self, owner: UserId, id: BookingId) -> Result<Option<Booking>, StoreError> {
        match self.get::<BookingRow>(&keys::booking(owner, id)).await? {
            Some(loaded) => loaded.item.into_booking(owner, loaded.version).map(Some),
            None => Ok(None),
        }
    }

    /// AP-131: bookings of a user that `includes` says yes to, newest first, after a position; at most `limit`. At most
    /// 500 are looked at, so a page may hold fewer and still have more after it.
    ///
    /// # Errors
    /// When DynamoDB does not answer.
    pub async fn list_bookings(
        &self,
        owner: UserId,
        limit: usize,
        after: Option<String>,
        includes: impl Fn(&Booking) -> bool,
    ) -> Result<BookingPage, StoreError> {
        let mut bookings: Vec<Booking> = Vec::new();
        let mut next = after;
        for _ in 0..MOST_LISTED / BATCH {
            let pk = keys::user_partition(owner);
            let range = Range::new(Table::Travel, pk, keys::BOOKING_LISTING_PREFIX, BATCH)
                .descending()
                .after(next);
            let listed = self.query::<Listed>(range).await?;
            let ids = listed.items.iter().map(|loaded| loaded.item.id);
            let keys: Vec<Key> = ids.map(|id| keys::booking(owner, id)).collect();
            let mut found = Vec::with_capacity(keys.len());
            for loaded in self.get_many_loaded::<BookingRow>(&keys).await? {
                found.push(loaded.item.into_booking(owner, loaded.version)?);
            }
            found.sort_by_key(|booking| std::cmp::Reverse((booking.created_at, booking.id)));
            for booking in found.into_iter().filter(|booking| includes(booking)) {
                if bookings.len() == limit {
                    let next = bookings.last().map(position);
                    return Ok(BookingPage { bookings, next });
                }
                bookings.push(booking);
            }
            next = listed.next;
            if next.is_none() {
                break;
            }
        }
        Ok(BookingPage { bookings, next })
    }

    /// AP-132: a page of a booking's log, oldest first.
    ///
    /// # Errors
    /// When DynamoDB does not answer.
    pub async fn list_booking_events(
        &self,
        owner: UserId,
        id: BookingId,
        limit: usize,
        after: Option<String>,
    ) -> Result<Page<EventRow>, StoreError> {
        let pk = keys::user_partition(owner);
        let range = Range::new(Table::Travel, pk, keys::booking_events(id), limit).after(after);
        let page = self.query::<EventRow>(range).await?;
        Ok(Page {
            items: page.items.into_iter().map(|loaded| loaded.item).collect(),
            next: page.next,
        })
    }

    /// AP-133: carries out a decision on a booking that changes nothing in a trip. Gives it as it is stored.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] with [`BOOKING_CHANGED`] when somebody else was faster.
    pub async fn commit_booking(
        &self,
        writes: BookingWrites,
        audit: &[Record],
        claim: Option<&Claim>,
    ) -> Result<Booking, StoreError> {
        let mut transaction = Transaction { writes: writes.writes };
        for record in audit {
            transaction = transaction.audited(record)?;
        }
        self.commit(transaction.fenced(claim)).await?;
        Ok(writes.booking)
    }

    /// AP-134: the booking that an order of a provider belongs to.
    ///
    /// # Errors
    /// When DynamoDB does not answer.
    pub async fn find_booking_of_order(&self, owner: UserId, order: &str) -> Result<Option<BookingId>, StoreError> {
        let found = self.get::<Ordered>(&keys::booking_order(owner, order)).await?;
        Ok(found.map(|loaded| loaded.item.booking))
    }

    /// AP-135: whether a message of a provider was dealt with before.
    ///
    /// # Errors
    /// When DynamoDB does not answer.
    pub async fn knows_webhook(&self, account: &str, event: &str, now: Timestamp) -> Result<bool, StoreError> {
        let found = self.get::<Received>(&keys::webhook_event(account, event)).await?;
        Ok(found.is_some_and(|loaded| now < loaded.item.at + WEBHOOKS_KEPT))
    }

    /// AP-136: remembers that a message of a provider was dealt with.
    ///
    /// # Errors
    /// When DynamoDB does not answer.
    pub async fn remember_webhook(&self, account: &str, event: &str, now: Timestamp) -> Result<(), StoreError> {
        let row = Received {
            at: now,
            expires_at: crate::epoch_seconds(now + WEBHOOKS_KEPT),
        };
        let key = keys::webhook_event(account, event);
        self.commit(Write::put("webhook", key, &row, 1, Condition::anyway())?)
            .await
    }
}

/// Where a booking stands in its owner's list.
fn position(booking: &Booking) -> String {
    keys::booking_listing(booking.owner, booking.created_at, booking.id).sk
}
