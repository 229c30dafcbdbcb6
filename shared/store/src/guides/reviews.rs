//! Reviews of guides: one for each completed booking.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use tripsage_domain::{
    guide::{Aspect, GuideBooking, Reviewed, Scores},
    ids::{GuideBookingId, GuideId, ReviewId, UserId},
};

use super::StandingGuide;
use crate::{
    Db, Page, Range, StoreError, Transaction, Write,
    keys::{self, Table},
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
}

impl ReviewRow {
    /// What it says in stars.
    fn scores(&self) -> Scores {
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
    /// AP-212: a page of a guide's reviews, newest first, after a position.
    ///
    /// # Errors
    /// When DynamoDB does not answer.
    pub async fn list_guide_reviews(
        &self,
        guide: GuideId,
        limit: usize,
        after: Option<String>,
    ) -> Result<Page<ReviewRow>, StoreError> {
        let pk = keys::guide_partition(guide);
        let range = Range::new(Table::Community, pk, keys::REVIEW_PREFIX, limit)
            .descending()
            .after(after);
        let page = self.query::<ReviewRow>(range).await?;
        Ok(Page {
            items: page.items.into_iter().map(|loaded| loaded.item).collect(),
            next: page.next,
        })
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
        let key = keys::guide_review(review.guide, review.created_at, review.id);
        Self::replacing_guide_booking(booking, &reviewed)?
            .with(Write::insert("guide_review", key, review)?)
            .standing(guide, &guide.guide, standing, review.created_at)
    }
}
