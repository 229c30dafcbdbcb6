//! Reviews of guides: one for each completed booking.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use tripsage_domain::{
    guide::{Aspect, GuideBooking, Reviewed, Scores},
    ids::{GuideBookingId, GuideId, ReviewId, UserId},
};

use super::{
    StandingGuide,
    moderation::{ReportsRow, ReviewStanding},
};
use crate::{
    Db, Page, Range, StoreError, Transaction, Write,
    keys::{self, Key, Table},
};

/// A review as it is stored.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReviewRow {
    /// Its id.
    pub id: ReviewId,
    /// The guide.
    pub guide: GuideId,
    /// Who wrote it; nobody knows once their account is erased.
    pub traveler: Option<UserId>,
    /// The booking that it is about.
    pub booking: GuideBookingId,
    /// 1 to 5.
    pub rating: u32,
    /// What it is called.
    pub title: Option<String>,
    /// What it says.
    pub text: Option<String>,
    /// How safe it was, 1 to 5.
    pub safety: Option<u32>,
    /// How much the guide knew, 1 to 5.
    pub knowledge: Option<u32>,
    /// How well they said it, 1 to 5.
    pub communication: Option<u32>,
    /// How professional they were, 1 to 5.
    pub professionalism: Option<u32>,
    /// Whether it was worth the money, 1 to 5.
    pub value_for_money: Option<u32>,
    /// When the tour began.
    pub tour_date: jiff::civil::Date,
    /// What was done.
    pub tour_type: Option<String>,
    /// With how many.
    pub group_size: u32,
    /// When it was written.
    pub created_at: Timestamp,
    /// That a moderator has hidden it.
    #[serde(default)]
    pub hidden: Option<Hidden>,
}

/// That a moderator has hidden a review.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hidden {
    /// Why; for its author and for moderators.
    pub reason: String,
    /// When.
    pub at: Timestamp,
}

/// Pages that are looked at for one page of those that are included, at most.
const MOST_PAGES: usize = 5;

impl ReviewRow {
    pub(super) fn key(&self) -> Key {
        keys::guide_review(self.guide, self.created_at, self.id)
    }

    /// What it says in stars.
    pub(crate) fn scores(&self) -> Scores {
        let aspects = [
            (Aspect::Safety, self.safety),
            (Aspect::Knowledge, self.knowledge),
            (Aspect::Communication, self.communication),
            (Aspect::Professionalism, self.professionalism),
            (Aspect::ValueForMoney, self.value_for_money),
        ];
        let scored = aspects.into_iter().filter_map(|(aspect, stars)| Some((aspect, stars?)));
        Scores {
            overall: self.rating,
            aspects: scored.collect(),
        }
    }
}

impl Db {
    /// AP-212: a page of those of a guide's reviews that `includes` says yes to, newest first, after a position. At most 5
    /// times as many are looked at, so a page may hold fewer and still have more after it.
    ///
    /// # Errors
    /// When DynamoDB does not answer.
    pub async fn list_guide_reviews(
        &self,
        guide: GuideId,
        limit: usize,
        after: Option<String>,
        includes: impl Fn(&ReviewRow) -> bool + Send,
    ) -> Result<Page<ReviewRow>, StoreError> {
        let range = Range::new(
            Table::Community,
            keys::guide_partition(guide),
            keys::REVIEW_PREFIX,
            limit,
        );
        let range = range.descending();
        let (mut items, mut next): (Vec<ReviewRow>, _) = (Vec::new(), after);
        for _ in 0..MOST_PAGES {
            let page = self.query::<ReviewRow>(range.clone().after(next)).await?;
            next = page.next;
            let found = page.items.into_iter().map(|loaded| loaded.item);
            for review in found.filter(|review| includes(review)) {
                if items.len() == limit {
                    next = items.last().map(|last| last.key().sk);
                    return Ok(Page { items, next });
                }
                items.push(review);
            }
            if next.is_none() || items.len() == limit {
                break;
            }
        }
        Ok(Page { items, next })
    }
}

impl Db {
    /// AP-212: the review of a booking.
    ///
    /// # Errors
    /// When DynamoDB does not answer.
    pub async fn find_guide_review(&self, booking: &GuideBooking) -> Result<Option<ReviewRow>, StoreError> {
        let Some(review) = booking.review else {
            return Ok(None);
        };
        let key = keys::guide_review(booking.guide, review.at, review.id);
        Ok(self.get::<ReviewRow>(&key).await?.map(|loaded| loaded.item))
    }
}

impl Transaction {
    /// AP-213: a review of a booking that has none, counted at once in how the guide stands. Conflicts:
    /// [`super::BOOKING_CHANGED`], [`super::STANDING_CHANGED`].
    ///
    /// # Errors
    /// When a row cannot be expressed in DynamoDB's types.
    pub fn reviewing_guide(
        guide: &StandingGuide,
        booking: &GuideBooking,
        review: &ReviewRow,
    ) -> Result<Self, StoreError> {
        let reviewed = GuideBooking {
            review: Some(Reviewed {
                id: review.id,
                at: review.created_at,
            }),
            version: booking.version + 1,
            ..booking.clone()
        };
        let before = &guide.standing.item;
        let standing = before.clone().with_rated(before.rated().with(&review.scores()));
        let place = ReportsRow::new(review);
        let helpful = ReviewStanding::new(review.id);
        let key = review.key();
        Self::replacing_guide_booking(booking, &reviewed)?
            .with(Write::insert("guide_review", key, review)?)
            .with(Write::insert("guide_review", keys::review_reports(review.id), &place)?)
            .with(Write::insert(
                "guide_review",
                keys::review_standing(review.id),
                &helpful,
            )?)
            .standing(guide, &guide.guide, standing, review.created_at)
    }
}
