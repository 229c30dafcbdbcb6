//! What becomes of guides, bookings and reviews when an account is erased. Each step can be cut off: the rows by which the
//! next attempt finds what is left go with what they lead to.

use aws_sdk_dynamodb::types::AttributeValue;
use jiff::Timestamp;
use serde::Deserialize;
use tripsage_domain::{
    guide::{Actor, BookingStatus, GuideBooking},
    ids::{GuideBookingId, GuideId, ReviewId, UserId},
};

use crate::{
    Condition, Db, Range, StoreError, Transaction, Update, Write,
    keys::{self, Key, Table},
};

/// Attempts at a booking that the other side is changing meanwhile.
const ATTEMPTS: usize = 8;

/// Rows that are removed in one transaction.
const BATCH: usize = 25;

#[derive(Deserialize)]
struct Pointer {
    sk: String,
    id: GuideBookingId,
}

#[derive(Deserialize)]
struct Named {
    sk: String,
    id: ReviewId,
}

impl Db {
    /// AP-211: lets the bookings and reviews of a traveller forget who it was, and erases the guide that they were. Open
    /// bookings are cancelled.
    ///
    /// # Errors
    /// When DynamoDB does not answer; the next attempt goes on.
    pub(crate) async fn erase_guiding(&self, user: UserId, now: Timestamp) -> Result<(), StoreError> {
        let own = Range::new(Table::Community, keys::user_partition(user), keys::ENGAGEMENT_PREFIX, 1);
        self.leave_bookings(own, Actor::Traveler, now).await?;
        self.forget_reports(user).await?;
        let Some(guide) = self.find_guide_of(user).await? else {
            return Ok(());
        };
        let partition = keys::guide_partition(guide);
        let booked = Range::new(Table::Community, partition.clone(), keys::GUIDE_BOOKING_PREFIX, 1);
        self.leave_bookings(booked, Actor::Guide, now).await?;
        self.remove_reviews(partition).await?;
        self.remove_guide(guide, user).await
    }

    async fn leave_bookings(&self, range: Range, side: Actor, now: Timestamp) -> Result<(), StoreError> {
        while let Some(pointer) = self.query::<Pointer>(range.clone()).await?.items.into_iter().next() {
            let key = Key::new(range.table, range.pk.clone(), pointer.item.sk);
            self.leave_booking(pointer.item.id, &key, side, now).await?;
        }
        Ok(())
    }

    async fn leave_booking(
        &self,
        id: GuideBookingId,
        pointer: &Key,
        side: Actor,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        for _ in 0..ATTEMPTS {
            let mut transaction = match self.find_guide_booking(id).await? {
                Some(before) => self.left(&before, side, now).await?,
                None => Transaction::default(),
            };
            transaction.push(Write::remove("pointer", pointer.clone(), Condition::anyway()));
            match self.commit(transaction).await {
                Err(StoreError::Conflict(_)) => {}
                result => return result,
            }
        }
        Err(StoreError::Throttled("a booking keeps changing".to_owned()))
    }

    async fn left(&self, before: &GuideBooking, side: Actor, now: Timestamp) -> Result<Transaction, StoreError> {
        let after = before.without(side, now);
        let mut transaction = if after.traveler.is_none() && after.guide_user.is_none() {
            let key = keys::guide_booking(before.id);
            Transaction::from(Write::remove("guide_booking", key, Condition::Version(before.version)))
        } else {
            Transaction::replacing_guide_booking(before, &after)?
        };
        if side != Actor::Traveler {
            return Ok(transaction);
        }
        if before.status == BookingStatus::Confirmed {
            let calendar = self.find_guide_calendar(before.guide).await?;
            let free = calendar.item.without(before.id);
            transaction = transaction.engaging_guide(before.guide, &calendar, &free)?;
        }
        // A guide who is gone has no reviews any more.
        if let Some(review) = before.review.filter(|_| before.guide_user.is_some()) {
            let key = keys::guide_review(before.guide, review.at, review.id);
            let nobody = Update::default()
                .set("traveler", AttributeValue::Null(true))
                .add("version", 1);
            transaction.push(Write::update("guide_review", key, nobody, Condition::Present));
        }
        Ok(transaction)
    }

    async fn remove_reviews(&self, partition: String) -> Result<(), StoreError> {
        let range = Range::new(Table::Community, partition, keys::REVIEW_PREFIX, BATCH);
        loop {
            let rows = self.query::<Named>(range.clone()).await?.items;
            if rows.is_empty() {
                return Ok(());
            }
            let mut transaction = Transaction::default();
            for row in rows {
                self.remove_review_parts(row.item.id).await?;
                let key = Key::new(range.table, range.pk.clone(), row.item.sk);
                transaction.push(Write::remove("guide_review", key, Condition::anyway()));
            }
            self.commit(transaction).await?;
        }
    }

    async fn remove_guide(&self, guide: GuideId, user: UserId) -> Result<(), StoreError> {
        let claim = Write::remove("guide_claim", keys::guide_claim(user), Condition::Present);
        let calendar = Write::remove("guide_calendar", keys::guide_calendar(guide), Condition::anyway());
        let mut transaction = Transaction::from(claim).with(calendar);
        if let Some(found) = self.find_guide(guide).await? {
            transaction = transaction.removing_guide(&found)?;
        }
        self.commit(transaction).await
    }
}
