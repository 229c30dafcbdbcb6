//! Erasing an account, in the cache too.

use jiff::Timestamp;
use tripsage_cache::Tag;
use tripsage_domain::ids::{ItineraryId, UserId, random_uuid};
use tripsage_store::{StoreError, due::DueRow, personal_data::Erased};

use crate::Scheduler;

/// Itineraries of a user that are read at once.
const PAGE: usize = 100;

impl Scheduler {
    /// Erases an account, and makes void what is kept of pages that may name it.
    pub(crate) async fn erase_account(&self, due: &DueRow, now: Timestamp) -> Result<Erased, StoreError> {
        // Afterwards nobody knows which they were.
        let itineraries = self.itineraries_of(UserId::from_uuid(due.id)).await?;
        let receipt = random_uuid(&*self.runtime.ports().entropy);
        let erased = Box::pin(self.db.erase_account(due, now, receipt)).await;
        // An attempt that fails has erased something, too.
        if !matches!(erased, Ok(Erased::NotDue)) {
            let mut tags = vec![Tag::Itineraries, Tag::Groups, Tag::Guides];
            tags.extend(itineraries.iter().map(|id| Tag::Itinerary(id.to_string())));
            self.forget(&tags).await;
        }
        erased
    }

    async fn itineraries_of(&self, user: UserId) -> Result<Vec<ItineraryId>, StoreError> {
        let (mut found, mut after) = (Vec::new(), None);
        loop {
            let page = self.db.list_own_itineraries(user, after, PAGE).await?;
            found.extend(page.items);
            after = page.next;
            if after.is_none() {
                return Ok(found);
            }
        }
    }
}
