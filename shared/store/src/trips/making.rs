//! A trip that is made together with its items.

use jiff::Timestamp;
use tripsage_domain::trip::{Item, Trip};

use crate::{
    Condition, Db, StoreError, Transaction, Write, keys,
    trips::{TripChange, VersionRow, version},
};

/// Items that are written at once at most: with the rows of the trip itself they stay far below the limit of a
/// transaction.
const BATCH: usize = 60;

/// Bytes of items in one version at most; DynamoDB stores 400 KB of it.
const BATCH_WEIGHT: usize = 200_000;

/// The versions that stand before the one with which a trip becomes visible.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Earlier {
    pub(crate) number: u64,
    pub(crate) hash: String,
}

impl Db {
    /// AP-78: makes a trip together with its items; `change` has no `before`. Few items are committed with the trip, in
    /// one transaction. Of many, the first are written with versions of their own, in a partition that nobody knows
    /// yet, and the trip's own row comes last: it is seen whole or not at all.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] with `trip` when there is one with this id.
    pub async fn create_trip(&self, mut change: TripChange<'_>, items: &[Item]) -> Result<Trip, StoreError> {
        let mut rest = items;
        loop {
            let mut part = TripChange::new(None, change.after.clone(), change.action, change.actor, change.now);
            let mut taken = 0;
            while let Some(item) = rest
                .get(taken)
                .filter(|_| taken < BATCH && part.weight() < BATCH_WEIGHT)
            {
                part.push_item(None, Some(item))?;
                taken += 1;
            }
            rest = rest.get(taken..).unwrap_or_default();
            if rest.is_empty() {
                change.changes.extend(part.changes);
                change.writes.extend(part.writes);
                return self.commit_trip(change).await;
            }
            change.earlier = Some(
                self.write_part(part, change.earlier.take(), change.now, change.claim)
                    .await?,
            );
        }
    }

    async fn write_part(
        &self,
        part: TripChange<'_>,
        earlier: Option<Earlier>,
        now: Timestamp,
        claim: Option<&crate::idempotency::Claim>,
    ) -> Result<Earlier, StoreError> {
        let trip = part.after.id;
        let row: VersionRow = version(
            None,
            earlier.as_ref(),
            &part.after,
            part.action,
            part.actor,
            now,
            part.changes,
        )?;
        let key = keys::trip_version(trip, row.number);
        // An attempt that was given up may have written these already. Nobody else can have: the id is not known yet.
        let mut transaction = Transaction::from(Write::put("version", key, &row, 1, Condition::anyway())?);
        for write in part.writes {
            transaction.push(Write {
                condition: Condition::anyway(),
                ..write
            });
        }
        self.commit(transaction.fenced(claim)).await?;
        Ok(Earlier {
            number: row.number,
            hash: row.hash,
        })
    }
}
