//! Safety ratings: a partition each, with how the rating stands and the votes on it, and in the partition of its author
//! the claim that makes it the only one of its itinerary.
//!
//! A rating is written without looking at its itinerary's row: a check of it would make everybody who rates at the same
//! time refuse one another. Who rates has read the itinerary before, and lists show ratings of published itineraries
//! only. What ratings add up to is counted by the projector.

mod rows;

use std::{collections::HashSet, time::Duration};

use jiff::Timestamp;
use tripsage_domain::{
    audit::Record,
    ids::{ItineraryId, RatingId, UserId},
    principal::Principal,
    rating::{Rating, Verdict},
    votes::Subject,
};

use crate::{
    Condition, Db, Loaded, StoreError, Transaction, Write,
    catalogue::relist,
    idempotency::Claim,
    itineraries::StandingRow,
    keys::{Key, itineraries, ratings as keys},
};

pub use rows::{RatedRow, RatingRow, RatingStandingRow};

/// Label of the write of a rating.
pub const RATING_CHANGED: &str = "rating";

/// Label of the claim that a user has rated an itinerary.
pub const RATED: &str = "rated";

/// Label of the write of how a rating stands.
const STANDING: &str = "standing";

/// Attempts at a rating that its author, or the projector, is changing at the same time.
const ATTEMPTS: u32 = 16;

/// Pause after a lost race; each is longer than the one before by as much.
const PAUSE: Duration = Duration::from_millis(4);

/// A rating, with how it stands.
#[derive(Debug, Clone, PartialEq)]
pub struct RatingCard {
    /// What it says.
    pub rating: Rating,
    /// What others think of it.
    pub standing: Loaded<RatingStandingRow>,
}

/// What somebody says of an itinerary, whether or not they have said something before.
#[derive(Debug, Clone, Copy)]
pub struct Rate<'a> {
    /// The id of the rating, should it be the first.
    pub id: RatingId,
    /// What is rated.
    pub itinerary: ItineraryId,
    /// Who rates.
    pub caller: &'a Principal,
    /// What they say.
    pub verdict: &'a Verdict,
    /// When.
    pub now: Timestamp,
    /// The claim of an idempotent request.
    pub claim: Option<&'a Claim>,
}

/// What became of it.
#[derive(Debug, Clone, PartialEq)]
pub enum Rated {
    /// It is their first rating of the itinerary.
    New(RatingCard),
    /// It took the place of an earlier one.
    Changed(RatingCard),
}

impl Db {
    /// AP-185: a rating with how it stands, whoever asks.
    ///
    /// # Errors
    /// When DynamoDB does not answer.
    pub async fn find_rating(&self, id: RatingId) -> Result<Option<RatingCard>, StoreError> {
        Ok(self.find_ratings(&[id]).await?.pop())
    }

    /// AP-185: up to 100 ratings with how they stand, in the order of the ids; those that are no more are left out.
    ///
    /// # Errors
    /// When DynamoDB does not answer.
    pub async fn find_ratings(&self, ids: &[RatingId]) -> Result<Vec<RatingCard>, StoreError> {
        let wanted: Vec<Key> = ids.iter().map(|id| keys::rating(*id)).collect();
        let standings: Vec<Key> = ids.iter().map(|id| keys::rating_standing(*id)).collect();
        let (mut ratings, mut standings) = tokio::try_join!(
            self.get_many_loaded::<RatingRow>(&wanted),
            self.get_many_loaded::<RatingStandingRow>(&standings)
        )?;
        let mut card = |id: &RatingId| {
            let rating = ratings.iter().position(|row| row.item.id == *id)?;
            let standing = standings.iter().position(|row| row.item.id == *id)?;
            let Loaded { item, version } = ratings.swap_remove(rating);
            Some(RatingCard {
                rating: item.into_rating(version),
                standing: standings.swap_remove(standing),
            })
        };
        Ok(ids.iter().filter_map(&mut card).collect())
    }

    /// AP-186: which rating of an itinerary is a user's.
    ///
    /// # Errors
    /// When DynamoDB does not answer.
    pub async fn find_rating_of(&self, user: UserId, itinerary: ItineraryId) -> Result<Option<RatingId>, StoreError> {
        let row = self.get::<RatedRow>(&keys::rated(user, itinerary)).await?;
        Ok(row.map(|row| row.item.id))
    }

    /// AP-198: which of up to 100 itineraries are published; whatever is said of the others is not shown.
    ///
    /// # Errors
    /// When DynamoDB does not answer.
    pub async fn published_of(&self, ids: &[ItineraryId]) -> Result<HashSet<ItineraryId>, StoreError> {
        let once: HashSet<ItineraryId> = ids.iter().copied().collect();
        let wanted: Vec<Key> = once.into_iter().map(itineraries::itinerary_standing).collect();
        let standings = self.get_many::<StandingRow>(&wanted).await?;
        let listed = standings.into_iter().filter(|standing| standing.listing.is_some());
        Ok(listed.map(|standing| standing.id).collect())
    }

    /// AP-187: gives a user's rating of an itinerary, or changes it when there is one, however often they do so at the
    /// same time. `record` is what the audit trail says of it, for the first and for a later one.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] when the rating keeps changing.
    pub async fn rate(&self, rate: Rate<'_>, record: impl Fn(RatingId, bool) -> Record) -> Result<Rated, StoreError> {
        let mut attempt = 0;
        loop {
            match self.rate_once(rate, &record).await {
                Err(error) if passing(&error) && attempt < ATTEMPTS => attempt += 1,
                result => return result,
            }
            tokio::time::sleep(PAUSE * attempt).await;
        }
    }

    async fn rate_once(&self, rate: Rate<'_>, record: &impl Fn(RatingId, bool) -> Record) -> Result<Rated, StoreError> {
        let known = self.find_rating_of(rate.caller.user, rate.itinerary).await?;
        let Some(known) = known else {
            let rating = Rating::new(rate.id, rate.itinerary, rate.caller, rate.verdict.clone(), rate.now);
            let record = record(rating.id, true);
            return self.insert_rating(rating, &record, rate.claim).await.map(Rated::New);
        };
        // It went between the two reads: the next attempt finds no claim either.
        let found = self.find_rating(known).await?;
        let before = found.ok_or(StoreError::Conflict(RATING_CHANGED))?;
        // The answer of an earlier attempt at this very request got lost.
        if known == rate.id && before.rating.version == 1 {
            return Ok(Rated::New(before));
        }
        let after = before.rating.said_anew(rate.caller, rate.verdict.clone(), rate.now);
        let card = self
            .replace_rating(&before, after, &record(known, false), rate.claim)
            .await?;
        Ok(Rated::Changed(card))
    }

    async fn insert_rating(
        &self,
        rating: Rating,
        record: &Record,
        claim: Option<&Claim>,
    ) -> Result<RatingCard, StoreError> {
        let standing = RatingStandingRow::new(&rating);
        let transaction = insertion(&rating, &standing)?;
        self.commit(transaction.audited(record)?.fenced(claim)).await?;
        Ok(RatingCard {
            rating,
            standing: Loaded {
                item: standing,
                version: 1,
            },
        })
    }

    async fn replace_rating(
        &self,
        before: &RatingCard,
        after: Rating,
        record: &Record,
        claim: Option<&Claim>,
    ) -> Result<RatingCard, StoreError> {
        if after == before.rating {
            self.commit(Transaction::default().fenced(claim)).await?;
            return Ok(before.clone());
        }
        let (key, row) = (keys::rating(after.id), RatingRow::from(&after));
        let replaced = Write::replace(RATING_CHANGED, key, &row, before.rating.version)?;
        let mut transaction = Transaction::from(replaced);
        let mut standing = before.standing.clone();
        standing.item = before.standing.item.edited(&after, after.updated_at);
        if standing.item != before.standing.item {
            let (old, new) = (&before.standing.item.listing, &standing.item.listing);
            transaction.writes.extend(relist(Some(old), Some(new))?);
            let key = keys::rating_standing(after.id);
            transaction.push(Write::replace(STANDING, key, &standing.item, standing.version)?);
            standing.version += 1;
        }
        self.commit(transaction.audited(record)?.fenced(claim)).await?;
        Ok(RatingCard {
            rating: after,
            standing,
        })
    }

    /// AP-188: changes a rating as `decide` says, which sees it as it is; `None`: there is no such rating.
    ///
    /// # Errors
    /// What `decide` refuses with, and [`StoreError::Conflict`] when the rating keeps changing.
    pub async fn change_rating<E: From<StoreError>>(
        &self,
        id: RatingId,
        record: &Record,
        claim: Option<&Claim>,
        decide: impl Fn(&Rating) -> Result<Rating, E>,
    ) -> Result<Option<RatingCard>, E> {
        let mut attempt = 0;
        loop {
            let Some(before) = self.find_rating(id).await? else {
                return Ok(None);
            };
            let after = decide(&before.rating)?;
            match self.replace_rating(&before, after, record, claim).await {
                Ok(card) => return Ok(Some(card)),
                Err(error) if passing(&error) && attempt < ATTEMPTS => attempt += 1,
                Err(error) => return Err(error.into()),
            }
            tokio::time::sleep(PAUSE * attempt).await;
        }
    }

    /// AP-189: removes a rating, with its place in the catalogue and the votes on it, whatever others make of it
    /// meanwhile. The votes go first, so that an attempt that is cut off can be repeated.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] when the rating keeps changing.
    pub async fn remove_rating(&self, id: RatingId, record: Option<&Record>) -> Result<(), StoreError> {
        let subject = Subject::Rating(id);
        self.clear_votes(subject).await?;
        let mut attempt = 0;
        loop {
            let Some(card) = self.find_rating(id).await? else {
                return Ok(());
            };
            match self.commit(removal(&card, record)?).await {
                Ok(()) => break,
                Err(error) if passing(&error) && attempt < ATTEMPTS => attempt += 1,
                Err(error) => return Err(error),
            }
            tokio::time::sleep(PAUSE * attempt).await;
        }
        // Votes that came in between.
        self.clear_votes(subject).await
    }
}

/// The writes of a first rating.
pub(crate) fn insertion(rating: &Rating, standing: &RatingStandingRow) -> Result<Transaction, StoreError> {
    let rated = RatedRow {
        id: rating.id,
        itinerary: rating.itinerary,
        at: rating.created_at,
    };
    let transaction = Transaction::from(Write::insert(RATED, keys::rated(rating.by, rating.itinerary), &rated)?)
        .with(Write::insert(
            RATING_CHANGED,
            keys::rating(rating.id),
            &RatingRow::from(rating),
        )?)
        .with(Write::insert(STANDING, keys::rating_standing(rating.id), standing)?);
    Ok(transaction.with_all(relist(None, Some(&standing.listing))?))
}

fn removal(card: &RatingCard, record: Option<&Record>) -> Result<Transaction, StoreError> {
    let (rating, standing) = (&card.rating, &card.standing);
    let unchanged = |version| Condition::Version(version);
    let mut transaction = Transaction::from(Write::remove(
        RATING_CHANGED,
        keys::rating(rating.id),
        unchanged(rating.version),
    ))
    .with(Write::remove(
        STANDING,
        keys::rating_standing(rating.id),
        unchanged(standing.version),
    ))
    .with(Write::remove(
        RATED,
        keys::rated(rating.by, rating.itinerary),
        Condition::anyway(),
    ));
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
        StoreError::Conflict(RATING_CHANGED | RATED | STANDING) | StoreError::Throttled(_)
    )
}
