//! Guides for women, their bookings and their reviews.
//!
//! What a guide says and how they stand are two rows, so that a review does not change the version that `If-Match` names.
//! Every change of either replaces `GUIDE#STANDING` under its version, for it holds what the catalogue says of the guide.

mod bookings;
mod erase;
pub mod listing;
mod moderation;
mod reviews;
mod rows;
mod suspension;

pub(crate) use rows::BookingRow;

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use tripsage_domain::{
    guide::{Aspect, Guide, Rated, Ratings},
    ids::{GuideId, UserId},
};

pub use bookings::{BOOKING_CHANGED, BookedBy, BookingPage, CALENDAR_CHANGED};
pub use moderation::{REPORTS_CHANGED, REVIEW_CHANGED, ReportedReview, ReviewStanding};
pub use reviews::{Hidden, ReviewRow};

use crate::{
    Condition, Db, Loaded, Range, StoreError, Transaction, Write,
    catalogue::{Listing, relist},
    keys::{self, Key, Table},
};
use rows::GuideRow;

/// Label of the write that loses when somebody else has changed the guide.
pub const GUIDE_CHANGED: &str = "guide";

/// Label of the write that loses when the guide's standing has changed meanwhile: trying again is right.
pub const STANDING_CHANGED: &str = "guide_standing";

/// Label of the write that fails when the user is a guide already.
pub const GUIDE_CLAIMED: &str = "guide_claim";

/// How a guide stands.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct GuideStanding {
    /// How often there was each number of stars.
    pub stars: [u64; 5],
    /// The same for what reviews score apart.
    #[serde(default)]
    pub aspects: BTreeMap<Aspect, [u64; 5]>,
    /// Bookings that were completed.
    pub trips: u64,
    /// People who were guided in them.
    pub travelers: u64,
    /// What the catalogue says of the guide; `None` while they are suspended.
    pub listing: Option<Listing>,
}

impl GuideStanding {
    /// The ratings.
    pub fn ratings(&self) -> Ratings {
        Ratings { counts: self.stars }
    }

    /// The ratings, with those of what reviews score apart.
    pub fn rated(&self) -> Rated {
        let aspects = self.aspects.iter();
        Rated {
            overall: self.ratings(),
            aspects: aspects
                .map(|(aspect, stars)| (*aspect, Ratings { counts: *stars }))
                .collect(),
        }
    }

    /// Rated otherwise. What nobody has scored has no entry.
    #[must_use]
    pub(crate) fn with_rated(self, rated: Rated) -> Self {
        let aspects = rated.aspects.into_iter().filter(|(_, ratings)| ratings.total() > 0);
        Self {
            stars: rated.overall.counts,
            aspects: aspects.map(|(aspect, ratings)| (aspect, ratings.counts)).collect(),
            ..self
        }
    }
}

/// A guide with how they stand.
#[derive(Debug, Clone, PartialEq)]
pub struct StandingGuide {
    /// The guide.
    pub guide: Guide,
    /// How they stand.
    pub standing: Loaded<GuideStanding>,
}

#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
struct ClaimRow {
    guide: GuideId,
    created_at: Timestamp,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Part {
    Guide(Box<GuideRow>),
    Standing(Box<GuideStanding>),
}

/// Guides whose rows are read in one call: two each.
const BATCH: usize = 50;

impl Db {
    /// AP-200: a guide and how they stand.
    ///
    /// # Errors
    /// When DynamoDB does not answer.
    pub async fn find_guide(&self, id: GuideId) -> Result<Option<StandingGuide>, StoreError> {
        let range = Range::new(Table::Community, keys::guide_partition(id), keys::GUIDE_PREFIX, 2);
        let parts = self.query_all::<Part>(range).await?;
        Ok(assembled(parts).into_iter().next())
    }

    /// AP-201: which guide a user is.
    ///
    /// # Errors
    /// When DynamoDB does not answer.
    pub async fn find_guide_of(&self, user: UserId) -> Result<Option<GuideId>, StoreError> {
        let claim = self.get::<ClaimRow>(&keys::guide_claim(user)).await?;
        Ok(claim.map(|claim| claim.item.guide))
    }

    /// AP-202: guides with how they stand, in the order of the ids; those that are gone are left out.
    ///
    /// # Errors
    /// When DynamoDB does not answer.
    pub async fn find_guides(&self, ids: &[GuideId]) -> Result<Vec<StandingGuide>, StoreError> {
        let mut found = Vec::with_capacity(ids.len());
        for ids in ids.chunks(BATCH) {
            let keys: Vec<Key> = ids
                .iter()
                .flat_map(|id| [keys::guide(*id), keys::guide_standing(*id)])
                .collect();
            found.extend(self.get_many_guides(&keys).await?);
        }
        let place = |guide: &StandingGuide| ids.iter().position(|id| *id == guide.guide.id);
        found.sort_by_key(place);
        Ok(found)
    }

    async fn get_many_guides(&self, keys: &[Key]) -> Result<Vec<StandingGuide>, StoreError> {
        let (guides, standings): (Vec<Key>, Vec<Key>) =
            keys.iter().cloned().partition(|key| key.sk == keys::GUIDE_PREFIX);
        let guides = self.get_many_loaded::<GuideRow>(&guides);
        let standings = self.get_many_loaded::<Standing>(&standings);
        let (guides, standings) = tokio::try_join!(guides, standings)?;
        let standing = |id: GuideId| {
            let pk = keys::guide_partition(id);
            let found = standings.iter().find(|standing| standing.item.pk == pk);
            found.map(|found| Loaded {
                item: found.item.standing.clone(),
                version: found.version,
            })
        };
        let with = |loaded: Loaded<GuideRow>| {
            Some(StandingGuide {
                standing: standing(loaded.item.id)?,
                guide: loaded.item.into_guide(loaded.version),
            })
        };
        Ok(guides.into_iter().filter_map(with).collect())
    }
}

#[derive(Deserialize)]
struct Standing {
    pk: String,
    #[serde(flatten)]
    standing: GuideStanding,
}

fn assembled(parts: Vec<Loaded<Part>>) -> Option<StandingGuide> {
    let (mut guide, mut standing) = (None, None);
    for part in parts {
        match part.item {
            Part::Guide(row) => guide = Some(row.into_guide(part.version)),
            Part::Standing(row) => {
                standing = Some(Loaded {
                    item: *row,
                    version: part.version,
                });
            }
        }
    }
    Some(StandingGuide {
        guide: guide?,
        standing: standing?,
    })
}

impl Transaction {
    /// AP-203: a new guide, who has applied. Conflicts: [`GUIDE_CHANGED`], [`GUIDE_CLAIMED`].
    ///
    /// # Errors
    /// When a row cannot be expressed in DynamoDB's types.
    pub fn inserting_guide(guide: &Guide) -> Result<Self, StoreError> {
        let claim = ClaimRow {
            guide: guide.id,
            created_at: guide.created_at,
        };
        let standing = listing::standing(guide, GuideStanding::default(), guide.created_at);
        let writes = relist(None, standing.listing.as_ref())?;
        let mut transaction = Self::default()
            .with(Write::insert(GUIDE_CLAIMED, keys::guide_claim(guide.user), &claim)?)
            .with(Write::insert(
                GUIDE_CHANGED,
                keys::guide(guide.id),
                &GuideRow::from(guide),
            )?)
            .with(Write::insert(
                STANDING_CHANGED,
                keys::guide_standing(guide.id),
                &standing,
            )?);
        transaction.writes.extend(writes);
        Ok(transaction)
    }

    /// AP-204: a guide in the place of the one that was read; a suspension that ends falls due. Conflicts: [`GUIDE_CHANGED`], [`STANDING_CHANGED`].
    ///
    /// # Errors
    /// As [`Self::inserting_guide`].
    pub fn replacing_guide(before: &StandingGuide, after: &Guide) -> Result<Self, StoreError> {
        let replace = Write::replace(
            GUIDE_CHANGED,
            keys::guide(after.id),
            &GuideRow::from(after),
            before.guide.version,
        )?;
        let mut transaction =
            Self::from(replace).standing(before, after, before.standing.item.clone(), after.updated_at)?;
        transaction.writes.extend(suspension::due(&before.guide, after)?);
        Ok(transaction)
    }

    /// Adds how a guide stands from now on, and what the catalogue says of it.
    fn standing(
        mut self,
        before: &StandingGuide,
        after: &Guide,
        standing: GuideStanding,
        now: Timestamp,
    ) -> Result<Self, StoreError> {
        let standing = listing::standing(after, standing, now);
        let was = before.standing.item.listing.as_ref();
        self.writes.extend(relist(was, standing.listing.as_ref())?);
        let key = keys::guide_standing(after.id);
        Ok(self.with(Write::replace(
            STANDING_CHANGED,
            key,
            &standing,
            before.standing.version,
        )?))
    }

    /// How a guide stands when all that is counted was counted again; nothing when that and the catalogue are right.
    /// Conflict: [`STANDING_CHANGED`].
    pub(crate) fn recounting_guide(
        guide: &StandingGuide,
        counted: GuideStanding,
        now: Timestamp,
    ) -> Result<Option<Self>, StoreError> {
        let was = &guide.standing.item;
        let is = listing::standing(&guide.guide, counted.clone(), now);
        let is_listed = Listing::agree(was.listing.as_ref(), is.listing.as_ref());
        let is_right = is_listed
            && GuideStanding {
                listing: was.listing.clone(),
                ..is
            } == *was;
        if is_right {
            return Ok(None);
        }
        Self::default()
            .guide_unchanged(&guide.guide)
            .standing(guide, &guide.guide, counted, now)
            .map(Some)
    }

    /// Lets the transaction fail unless the guide is as it was read.
    fn guide_unchanged(self, guide: &Guide) -> Self {
        let key = keys::guide(guide.id);
        self.with(Write::check(GUIDE_CHANGED, key, Condition::Version(guide.version)))
    }

    /// Removes a guide as they were read.
    fn removing_guide(mut self, guide: &StandingGuide) -> Result<Self, StoreError> {
        let id = guide.guide.id;
        let read = Condition::Version(guide.guide.version);
        let standing = Condition::Version(guide.standing.version);
        self.writes.extend(relist(guide.standing.item.listing.as_ref(), None)?);
        self.writes.extend(suspension::settled(&guide.guide));
        Ok(self
            .with(Write::remove(GUIDE_CHANGED, keys::guide(id), read))
            .with(Write::remove(STANDING_CHANGED, keys::guide_standing(id), standing)))
    }
}
