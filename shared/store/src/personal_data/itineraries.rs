//! Itineraries that nobody may bring back any more, and those of somebody who is erased.

use jiff::Timestamp;
use tripsage_domain::{
    ids::{ItineraryId, UserId},
    itinerary::{Deletion, Itinerary},
};

use super::{Entity, Erased, erase::PAGE};
use crate::{
    Condition, Db, Range, StoreError, Transaction, Write,
    catalogue::relist,
    due::DueRow,
    itineraries::{ItineraryChange, StandingRow, purge_at},
    keys::{self as common, DueList, Table, itineraries as keys},
};

impl Db {
    /// AP-161: removes a deleted itinerary with everything in its partition. `last` is what has to happen with it.
    async fn erase_itinerary(&self, itinerary: &Itinerary, last: Transaction) -> Result<(), StoreError> {
        let (itself, standing_key) = (keys::itinerary(itinerary.id), keys::itinerary_standing(itinerary.id));
        let mut range = Range::new(Table::Community, keys::itinerary_partition(itinerary.id), "", PAGE);
        loop {
            let page = self.rows(range.clone()).await?;
            let inside = page.items.into_iter();
            let inside = inside.filter(|row| !matches!(row.entity, Entity::Itinerary | Entity::ItineraryStanding));
            let writes = inside.map(|row| Write::remove("row", row.key, Condition::anyway()));
            self.commit_in_batches(writes.collect()).await?;
            let Some(next) = page.next else { break };
            range = range.after(Some(next));
        }
        let own = keys::own_itinerary(itinerary.owner, itinerary.created_at, itinerary.id);
        let mut last = last
            .with(Write::remove(
                "itinerary",
                itself,
                Condition::Version(itinerary.version),
            ))
            .with(Write::remove("own", own, Condition::anyway()));
        if let Some(standing) = self.get::<StandingRow>(&standing_key).await? {
            let version = Condition::Version(standing.version);
            last.push(Write::remove("standing", standing_key, version));
            for write in relist(standing.item.listing.as_ref(), None)? {
                last.push(write);
            }
        }
        self.commit(last).await
    }

    /// AP-160: erases a deleted itinerary that can no longer be brought back.
    ///
    /// # Errors
    /// When DynamoDB does not answer; the next attempt goes on.
    pub async fn purge_itinerary(&self, due: &DueRow, now: Timestamp) -> Result<Erased, StoreError> {
        let itinerary = self.find_itinerary(ItineraryId::from_uuid(due.id)).await?;
        let is_over = |deleted: Deletion| purge_at(deleted.at) <= now;
        let Some(itinerary) = itinerary.filter(|itinerary| itinerary.deleted.is_some_and(is_over)) else {
            self.settle(DueList::Itinerary, due).await?;
            return Ok(Erased::NotDue);
        };
        let settled = DueRow::settled(DueList::Itinerary, due.at, due.id);
        self.erase_itinerary(&itinerary, Transaction::from(settled)).await?;
        Ok(Erased::Done)
    }

    /// AP-162: erases every itinerary of a user, published or not. Each is taken from sight first, so that nobody sees
    /// half of one.
    pub(super) async fn erase_itineraries(&self, user: UserId, now: Timestamp) -> Result<(), StoreError> {
        let pk = common::user_partition(user);
        while let Some(row) = self.first(Table::Community, &pk, keys::OWN_ITINERARY_PREFIX).await? {
            let Some(mut itinerary) = self.find_itinerary(row.id("id")?).await? else {
                self.commit(Write::remove("own", row.key, Condition::anyway())).await?;
                continue;
            };
            if itinerary.deleted.is_none() {
                let hidden = Itinerary {
                    version: itinerary.version + 1,
                    deleted: Some(Deletion {
                        at: now,
                        by_moderator: false,
                    }),
                    ..itinerary.clone()
                };
                self.commit_itinerary(&ItineraryChange::new(Some(&itinerary), hidden.clone()))
                    .await?;
                itinerary = hidden;
            }
            let due = itinerary.deleted.map(|deleted| purge_at(deleted.at));
            let settled = due.map(|at| DueRow::settled(DueList::Itinerary, at, itinerary.id.uuid()));
            let last = settled.map(Transaction::from).unwrap_or_default();
            self.erase_itinerary(&itinerary, last).await?;
        }
        Ok(())
    }
}
