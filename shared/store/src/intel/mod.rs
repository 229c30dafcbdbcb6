//! Travel intel: a partition each, with how it stands and the votes on it, and a row in the partition of its author, by
//! which an export and an erasure find it. Answers are intel too, and name what they answer.
//!
//! What is deleted keeps its place in the thread, empty, because the answers of others hang on it. What there is about
//! an itinerary is counted by the projector.

mod rows;

use std::time::Duration;

use jiff::Timestamp;
use tripsage_domain::{
    audit::Record,
    ids::{IntelId, ItineraryId, UserId},
    intel::Intel,
    votes::Subject,
};

use crate::{
    Condition, Db, Loaded, StoreError, Transaction, Write,
    catalogue::relist,
    idempotency::Claim,
    keys::{Key, ratings as keys},
};

pub use rows::{IntelRow, IntelStandingRow, PointerRow, RespondedRow, ToldRow};

/// Label of the write of a piece of intel.
pub const INTEL_CHANGED: &str = "intel";

/// Label of the write of how it stands.
const STANDING: &str = "standing";

/// Attempts at intel that others, or the projector, are changing at the same time.
const ATTEMPTS: u32 = 16;

/// Pause after a lost race; each is longer than the one before by as much.
const PAUSE: Duration = Duration::from_millis(4);

/// A piece of intel, with how it stands.
#[derive(Debug, Clone, PartialEq)]
pub struct IntelCard {
    /// What it says.
    pub intel: Intel,
    /// What others think of it.
    pub standing: Loaded<IntelStandingRow>,
}

/// What is left of intel that was deleted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Emptied {
    /// Its id.
    pub id: IntelId,
    /// What it was about.
    pub itinerary: ItineraryId,
    /// What it answered.
    pub parent: Option<IntelId>,
    /// How many answers it takes to get here.
    pub depth: u8,
    /// When it was said.
    pub created_at: Timestamp,
    /// When it was deleted.
    pub deleted_at: Timestamp,
}

/// A place in a thread.
#[derive(Debug, Clone, PartialEq)]
pub enum Place {
    /// Something is said there.
    Told(Box<IntelCard>),
    /// What was said there was deleted.
    Emptied(Emptied),
}

impl Place {
    /// What is said there.
    pub fn told(self) -> Option<IntelCard> {
        match self {
            Self::Told(card) => Some(*card),
            Self::Emptied(_) => None,
        }
    }
}

impl Db {
    /// AP-191: a place in a thread, whoever asks.
    ///
    /// # Errors
    /// When DynamoDB does not answer.
    pub async fn find_intel(&self, id: IntelId) -> Result<Option<Place>, StoreError> {
        let (wanted, standing) = (keys::intel(id), keys::intel_standing(id));
        let (row, standing) = tokio::try_join!(self.get::<IntelRow>(&wanted), self.get::<IntelStandingRow>(&standing))?;
        let Some(Loaded { item: row, version }) = row else {
            return Ok(None);
        };
        let emptied = Emptied {
            id,
            itinerary: row.itinerary,
            parent: row.parent,
            depth: row.depth,
            created_at: row.created_at,
            deleted_at: row.updated_at,
        };
        let card = row.into_intel(version).zip(standing);
        Ok(Some(match card {
            Some((intel, standing)) => Place::Told(Box::new(IntelCard { intel, standing })),
            None => Place::Emptied(emptied),
        }))
    }

    /// AP-192: up to 100 pieces of intel with how they stand, in the order of the ids; those that are deleted are left
    /// out.
    ///
    /// # Errors
    /// When DynamoDB does not answer.
    pub async fn find_many_intel(&self, ids: &[IntelId]) -> Result<Vec<IntelCard>, StoreError> {
        let wanted: Vec<Key> = ids.iter().map(|id| keys::intel(*id)).collect();
        let standings: Vec<Key> = ids.iter().map(|id| keys::intel_standing(*id)).collect();
        let (mut told, mut standings) = tokio::try_join!(
            self.get_many_loaded::<IntelRow>(&wanted),
            self.get_many_loaded::<IntelStandingRow>(&standings)
        )?;
        let mut card = |id: &IntelId| {
            let row = told.iter().position(|row| row.item.id == *id)?;
            let standing = standings.iter().position(|row| row.item.id == *id)?;
            let Loaded { item, version } = told.swap_remove(row);
            Some(IntelCard {
                intel: item.into_intel(version)?,
                standing: standings.swap_remove(standing),
            })
        };
        Ok(ids.iter().filter_map(&mut card).collect())
    }

    /// AP-193: stores new intel. The parent of an answer must not have been deleted meanwhile.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] with [`INTEL_CHANGED`] when there is such intel already.
    pub async fn insert_intel(
        &self,
        intel: &Intel,
        record: &Record,
        claim: Option<&Claim>,
    ) -> Result<IntelCard, StoreError> {
        let standing = IntelStandingRow::new(intel);
        let pointer = PointerRow {
            id: intel.id,
            at: intel.created_at,
        };
        let told = Write::insert(INTEL_CHANGED, keys::intel(intel.id), &IntelRow::from(intel))?;
        let mut transaction = Transaction::from(told)
            .with(Write::insert(STANDING, keys::intel_standing(intel.id), &standing)?)
            .with(Write::insert("told", keys::told(intel.author, intel.id), &pointer)?);
        transaction.writes.extend(relist(None, Some(&standing.listing))?);
        self.commit(transaction.audited(record)?.fenced(claim)).await?;
        Ok(IntelCard {
            intel: intel.clone(),
            standing: Loaded {
                item: standing,
                version: 1,
            },
        })
    }

    /// AP-194: changes intel as `decide` says, which sees it as it is; `None`: it is deleted, or never was.
    ///
    /// # Errors
    /// What `decide` refuses with, and [`StoreError::Conflict`] when it keeps changing.
    pub async fn change_intel<E: From<StoreError>>(
        &self,
        id: IntelId,
        record: &Record,
        claim: Option<&Claim>,
        decide: impl Fn(&Intel) -> Result<Intel, E>,
    ) -> Result<Option<IntelCard>, E> {
        let mut attempt = 0;
        loop {
            let Some(before) = self.find_intel(id).await?.and_then(Place::told) else {
                return Ok(None);
            };
            let after = decide(&before.intel)?;
            match self.replace_intel(&before, after, record, claim).await {
                Ok(card) => return Ok(Some(card)),
                Err(error) if passing(&error) && attempt < ATTEMPTS => attempt += 1,
                Err(error) => return Err(error.into()),
            }
            tokio::time::sleep(PAUSE * attempt).await;
        }
    }

    async fn replace_intel(
        &self,
        before: &IntelCard,
        after: Intel,
        record: &Record,
        claim: Option<&Claim>,
    ) -> Result<IntelCard, StoreError> {
        if after == before.intel {
            self.commit(Transaction::default().fenced(claim)).await?;
            return Ok(before.clone());
        }
        let (key, row) = (keys::intel(after.id), IntelRow::from(&after));
        let replaced = Write::replace(INTEL_CHANGED, key, &row, before.intel.version)?;
        let mut transaction = Transaction::from(replaced);
        let mut standing = before.standing.clone();
        standing.item = before.standing.item.edited(&after, after.updated_at);
        if standing.item != before.standing.item {
            let (old, new) = (&before.standing.item.listing, &standing.item.listing);
            transaction.writes.extend(relist(Some(old), Some(new))?);
            let key = keys::intel_standing(after.id);
            transaction.push(Write::replace(STANDING, key, &standing.item, standing.version)?);
            standing.version += 1;
        }
        let (old, new) = (&before.intel.response, &after.response);
        let responder = new.as_ref().map(|response| response.by);
        if let Some(old) = old.as_ref().filter(|old| Some(old.by) != responder) {
            let key = keys::responded(old.by, after.id);
            transaction.push(Write::remove("responded", key, Condition::anyway()));
        }
        if let Some(new) = new.as_ref().filter(|new| Some(*new) != old.as_ref()) {
            let row = RespondedRow {
                id: after.id,
                text: new.text.clone(),
                at: new.at,
            };
            let key = keys::responded(new.by, after.id);
            transaction.push(Write::put("responded", key, &row, 1, Condition::anyway())?);
        }
        self.commit(transaction.audited(record)?.fenced(claim)).await?;
        Ok(IntelCard { intel: after, standing })
    }

    /// AP-195: empties the place of a piece of intel, takes it off the lists and removes the votes on it, whatever
    /// others make of it meanwhile. The votes go first, so that an attempt that is cut off can be repeated.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] when it keeps changing.
    pub async fn remove_intel(&self, id: IntelId, record: Option<&Record>, now: Timestamp) -> Result<(), StoreError> {
        let subject = Subject::Intel(id);
        self.clear_votes(subject).await?;
        let mut attempt = 0;
        loop {
            let Some(card) = self.find_intel(id).await?.and_then(Place::told) else {
                return Ok(());
            };
            match self.commit(removal(&card, record, now)?).await {
                Ok(()) => break,
                Err(error) if passing(&error) && attempt < ATTEMPTS => attempt += 1,
                Err(error) => return Err(error),
            }
            tokio::time::sleep(PAUSE * attempt).await;
        }
        // Votes that came in between.
        self.clear_votes(subject).await
    }

    /// AP-196: takes back what a user has responded to a piece of intel; what became of it stays.
    pub(crate) async fn remove_response(&self, user: UserId, id: IntelId, now: Timestamp) -> Result<(), StoreError> {
        let pointer = Write::remove("responded", keys::responded(user, id), Condition::anyway());
        loop {
            let found = self.find_intel(id).await?.and_then(Place::told);
            let theirs = |card: &IntelCard| card.intel.response.as_ref().is_some_and(|response| response.by == user);
            let Some(card) = found.filter(theirs) else {
                return self.commit(pointer).await;
            };
            let after = Intel {
                response: None,
                updated_at: now,
                ..card.intel.clone()
            };
            let (key, row) = (keys::intel(id), IntelRow::from(&after));
            let replaced = Write::replace(INTEL_CHANGED, key, &row, card.intel.version)?;
            match self.commit(Transaction::from(replaced).with(pointer.clone())).await {
                Err(error) if passing(&error) => tokio::time::sleep(PAUSE).await,
                result => return result,
            }
        }
    }
}

fn removal(card: &IntelCard, record: Option<&Record>, now: Timestamp) -> Result<Transaction, StoreError> {
    let (intel, standing) = (&card.intel, &card.standing);
    let emptied = IntelRow::from(intel).emptied(now);
    let emptied = Write::replace(INTEL_CHANGED, keys::intel(intel.id), &emptied, intel.version)?;
    let unchanged = Condition::Version(standing.version);
    let mut transaction = Transaction::from(emptied)
        .with(Write::remove(STANDING, keys::intel_standing(intel.id), unchanged))
        .with(Write::remove(
            "told",
            keys::told(intel.author, intel.id),
            Condition::anyway(),
        ));
    if let Some(response) = &intel.response {
        let key = keys::responded(response.by, intel.id);
        transaction.push(Write::remove("responded", key, Condition::anyway()));
    }
    transaction.writes.extend(relist(Some(&standing.item.listing), None)?);
    match record {
        Some(record) => transaction.audited(record),
        None => Ok(transaction),
    }
}

/// Whether somebody else was faster, or in the way.
fn passing(error: &StoreError) -> bool {
    matches!(
        error,
        StoreError::Conflict(INTEL_CHANGED | STANDING) | StoreError::Throttled(_)
    )
}
