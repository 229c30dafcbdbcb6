//! Guides, whose reviews and journeys are counted in the transactions that write them: what differs there is wrong at
//! once.

use jiff::Timestamp;
use tripsage_domain::{
    guide::{BookingStatus, GuideBooking, Rated},
    ids::GuideId,
};

use super::Verdict;
use crate::{
    Db, StoreError, Transaction,
    guides::{BookedBy, GuideStanding, ReviewRow},
    keys::{self, REVIEW_PREFIX},
};

/// Bookings that are read at once.
const SOME: usize = 100;

impl Db {
    /// AP-251: whether what is counted of a guide is what was written, and the catalogue says so. Whatever is counted changes
    /// the version of the row that counts, so what was read of both belongs together when it can be written.
    pub(super) async fn check_guide(&self, id: GuideId, now: Timestamp) -> Result<Verdict, StoreError> {
        let Some(found) = self.find_guide(id).await? else {
            return Ok(Verdict::Right);
        };
        let before = &found.standing.item;
        let counted = GuideStanding {
            listing: before.listing.clone(),
            ..GuideStanding::default()
        };
        let mut rated = Rated::default();
        self.each::<ReviewRow>(&keys::guide_partition(id), REVIEW_PREFIX, |review| {
            if review.hidden.is_none() {
                rated = rated.clone().with(&review.scores());
            }
        })
        .await?;
        let mut counted = counted.with_rated(rated);
        let mut after = None;
        loop {
            let page = self
                .list_guide_bookings(BookedBy::Guide(id), None, SOME, after, is_completed)
                .await?;
            for booking in page.bookings {
                counted.trips += 1;
                counted.travelers += u64::from(booking.terms.group_size);
            }
            after = page.next;
            if after.is_none() {
                break;
            }
        }
        let transaction = Transaction::recounting_guide(&found, counted, now)?;
        self.mended(transaction.map(|transaction| transaction.writes).unwrap_or_default())
            .await
    }
}

fn is_completed(booking: &GuideBooking) -> bool {
    booking.status == BookingStatus::Completed
}
