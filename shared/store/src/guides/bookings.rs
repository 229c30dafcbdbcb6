//! Bookings of guides: a row each, and a listing for both sides.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use tripsage_domain::{
    guide::{Calendar, GuideBooking},
    ids::{GuideBookingId, GuideId, UserId},
};

use super::{
    GuideStanding, StandingGuide,
    rows::{BookingRow, CalendarRow},
};
use crate::{
    Db, Loaded, Range, StoreError, Transaction, Write,
    keys::{self, Key, Table},
};

/// Label of the write that loses when somebody else has changed the booking.
pub const BOOKING_CHANGED: &str = "guide_booking";

/// Label of the write that loses when the days of the guide have changed: trying again is right.
pub const CALENDAR_CHANGED: &str = "guide_calendar";

/// Listed bookings that are looked at for one page, at most.
const MOST_LISTED: usize = 500;

/// Rows that DynamoDB gives by their keys in one call.
const STEP: usize = 100;

/// What a list shows of bookings.
#[derive(Debug)]
pub struct BookingPage {
    /// Newest first.
    pub bookings: Vec<GuideBooking>,
    /// Position after which the next page begins.
    pub next: Option<String>,
}

#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
struct Listed {
    id: GuideBookingId,
    guide: GuideId,
    created_at: Timestamp,
}

fn listed(booking: &GuideBooking) -> Listed {
    Listed {
        id: booking.id,
        guide: booking.guide,
        created_at: booking.created_at,
    }
}

/// Whose bookings to list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BookedBy {
    /// Those that a user has made.
    Traveler(UserId),
    /// Those of a guide.
    Guide(GuideId),
}

impl BookedBy {
    fn range(self) -> Range {
        match self {
            Self::Traveler(user) => Range::new(
                Table::Community,
                keys::user_partition(user),
                keys::ENGAGEMENT_PREFIX,
                STEP,
            ),
            Self::Guide(guide) => Range::new(
                Table::Community,
                keys::guide_partition(guide),
                keys::GUIDE_BOOKING_PREFIX,
                STEP,
            ),
        }
        .descending()
    }

    fn position(self, booking: &GuideBooking) -> String {
        match self {
            Self::Traveler(user) => keys::engagement(user, booking.created_at, booking.id).sk,
            Self::Guide(guide) => keys::guide_booking_listing(guide, booking.created_at, booking.id).sk,
        }
    }
}

impl Db {
    /// AP-205: a booking of a guide. The caller's right to it is decided on what is read.
    ///
    /// # Errors
    /// When DynamoDB does not answer.
    pub async fn find_guide_booking(&self, id: GuideBookingId) -> Result<Option<GuideBooking>, StoreError> {
        let loaded = self.get::<BookingRow>(&keys::guide_booking(id)).await?;
        Ok(loaded.map(|loaded| loaded.item.into_booking(loaded.version)))
    }

    /// AP-206: bookings that `includes` says yes to, newest first, after a position; at most `limit`, and for a traveller
    /// only those of `with`, when it is given. At most 500 are looked at, so a page may hold fewer and still have more
    /// after it.
    ///
    /// # Errors
    /// When DynamoDB does not answer.
    pub async fn list_guide_bookings(
        &self,
        by: BookedBy,
        with: Option<GuideId>,
        limit: usize,
        after: Option<String>,
        includes: impl Fn(&GuideBooking) -> bool,
    ) -> Result<BookingPage, StoreError> {
        let mut bookings: Vec<GuideBooking> = Vec::new();
        let mut next = after;
        for _ in 0..MOST_LISTED / STEP {
            let page = self.query::<Listed>(by.range().after(next)).await?;
            let wanted = page.items.iter().map(|loaded| loaded.item);
            let wanted = wanted.filter(|listed| with.is_none_or(|guide| guide == listed.guide));
            let keys: Vec<Key> = wanted.map(|listed| keys::guide_booking(listed.id)).collect();
            let found = self.get_many_loaded::<BookingRow>(&keys).await?;
            let found = found.into_iter().map(|loaded| loaded.item.into_booking(loaded.version));
            let mut found: Vec<GuideBooking> = found.collect();
            found.sort_by_key(|booking| std::cmp::Reverse((booking.created_at, booking.id)));
            for booking in found.into_iter().filter(|booking| includes(booking)) {
                if bookings.len() == limit {
                    let next = bookings.last().map(|last| by.position(last));
                    return Ok(BookingPage { bookings, next });
                }
                bookings.push(booking);
            }
            next = page.next;
            if next.is_none() {
                break;
            }
        }
        Ok(BookingPage { bookings, next })
    }

    /// AP-207: the days on which a guide is engaged; version 0: there is no row yet.
    ///
    /// # Errors
    /// When DynamoDB does not answer.
    pub async fn find_guide_calendar(&self, guide: GuideId) -> Result<Loaded<Calendar>, StoreError> {
        let found = self.get::<CalendarRow>(&keys::guide_calendar(guide)).await?;
        Ok(found.map_or_else(
            || Loaded {
                item: Calendar::default(),
                version: 0,
            },
            |loaded| Loaded {
                item: loaded.item.into(),
                version: loaded.version,
            },
        ))
    }
}

impl Transaction {
    /// AP-208: a new booking of a guide who is still as they were read. Conflicts: [`BOOKING_CHANGED`],
    /// [`super::GUIDE_CHANGED`].
    ///
    /// # Errors
    /// When a row cannot be expressed in DynamoDB's types.
    pub fn inserting_guide_booking(guide: &StandingGuide, booking: &GuideBooking) -> Result<Self, StoreError> {
        let of_guide = keys::guide_booking_listing(booking.guide, booking.created_at, booking.id);
        let mut transaction = Self::from(Write::insert(
            BOOKING_CHANGED,
            keys::guide_booking(booking.id),
            &BookingRow::from(booking),
        )?)
        .with(Write::insert(BOOKING_CHANGED, of_guide, &listed(booking))?)
        .guide_unchanged(&guide.guide);
        if let Some(traveler) = booking.traveler {
            let own = keys::engagement(traveler, booking.created_at, booking.id);
            transaction.push(Write::insert(BOOKING_CHANGED, own, &listed(booking))?);
        }
        Ok(transaction)
    }

    /// AP-209: a booking in the place of the one that was read. Conflict: [`BOOKING_CHANGED`].
    ///
    /// # Errors
    /// As [`Self::inserting_guide_booking`].
    pub fn replacing_guide_booking(before: &GuideBooking, after: &GuideBooking) -> Result<Self, StoreError> {
        let key = keys::guide_booking(after.id);
        let row = BookingRow::from(after);
        Ok(Self::from(Write::replace(BOOKING_CHANGED, key, &row, before.version)?))
    }

    /// AP-210: adds the days of a guide. Conflict: [`CALENDAR_CHANGED`].
    ///
    /// # Errors
    /// As [`Self::inserting_guide_booking`].
    pub fn engaging_guide(
        self,
        guide: GuideId,
        before: &Loaded<Calendar>,
        after: &Calendar,
    ) -> Result<Self, StoreError> {
        let (key, row) = (keys::guide_calendar(guide), CalendarRow::from(after));
        Ok(self.with(match before.version {
            0 => Write::insert(CALENDAR_CHANGED, key, &row)?,
            version => Write::replace(CALENDAR_CHANGED, key, &row, version)?,
        }))
    }

    /// AP-209: adds to how a guide stands that a booking was completed. Conflict: [`super::STANDING_CHANGED`].
    ///
    /// # Errors
    /// As [`Self::inserting_guide_booking`].
    pub fn crediting_guide(self, guide: &StandingGuide, booking: &GuideBooking) -> Result<Self, StoreError> {
        let before = &guide.standing.item;
        let standing = GuideStanding {
            trips: before.trips + 1,
            travelers: before.travelers + u64::from(booking.terms.group_size),
            ..before.clone()
        };
        self.standing(guide, &guide.guide, standing, booking.updated_at)
    }
}
