//! What others think of reviews of guides: who finds one helpful, who has reported one, and what moderators decide.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use tripsage_domain::{
    guide::{Reports, ReviewReport},
    ids::{GuideId, ReviewId, UserId},
    votes::{Tally, Vote},
};

use super::{
    StandingGuide,
    reviews::{Hidden, ReviewRow},
};
use crate::{
    Condition, Db, Loaded, Page, Range, StoreError, Transaction, Write,
    keys::{self, Key, Table},
};

/// Label of the write that loses when somebody else has changed the review.
pub const REVIEW_CHANGED: &str = "guide_review";

/// Label of the write that loses when somebody else has reported the review: trying again is right.
pub const REPORTS_CHANGED: &str = "review_reports";

/// How a review stands: counted by the projection, from the votes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReviewStanding {
    /// Which review it is of.
    pub id: ReviewId,
    /// How many found it helpful.
    pub helpful: i64,
}

impl ReviewStanding {
    pub(crate) const fn new(id: ReviewId) -> Self {
        Self { id, helpful: 0 }
    }

    /// How it stands when one vote becomes another.
    #[must_use]
    pub fn with(self, before: Option<Vote>, after: Option<Vote>) -> Self {
        let tally = Tally {
            up: self.helpful,
            down: 0,
        };
        Self {
            helpful: tally.with(before, after).up,
            ..self
        }
    }
}

/// Where a review is, and who has reported it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct ReportsRow {
    id: ReviewId,
    guide: GuideId,
    created_at: Timestamp,
    reports: Vec<ReportRow>,
    open_since: Option<Timestamp>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct ReportRow {
    by: Option<UserId>,
    reason: String,
    at: Timestamp,
}

/// That a user has reported a review.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct ReportedRow {
    review: ReviewId,
    reason: String,
    at: Timestamp,
}

/// That a review is before moderators.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
struct ListedRow {
    id: ReviewId,
    guide: GuideId,
    created_at: Timestamp,
}

impl ReportsRow {
    pub(super) fn new(review: &ReviewRow) -> Self {
        Self {
            id: review.id,
            guide: review.guide,
            created_at: review.created_at,
            reports: Vec::new(),
            open_since: None,
        }
    }

    fn with(self, reports: &Reports) -> Self {
        let row = |report: &ReviewReport| ReportRow {
            by: report.by,
            reason: report.reason.clone(),
            at: report.at,
        };
        Self {
            reports: reports.reports.iter().map(row).collect(),
            open_since: reports.open_since,
            ..self
        }
    }

    fn into_reports(self) -> Reports {
        let report = |row: ReportRow| ReviewReport {
            by: row.by,
            reason: row.reason,
            at: row.at,
        };
        Reports {
            reports: self.reports.into_iter().map(report).collect(),
            open_since: self.open_since,
        }
    }
}

/// A review with who has reported it.
#[derive(Debug, Clone, PartialEq)]
pub struct ReportedReview {
    /// The review.
    pub review: Loaded<ReviewRow>,
    /// Who has reported it.
    pub reports: Loaded<Reports>,
}

impl Db {
    /// AP-261: a review of a guide, by its id, with who has reported it.
    ///
    /// # Errors
    /// When DynamoDB does not answer.
    pub async fn find_review(&self, guide: GuideId, id: ReviewId) -> Result<Option<ReportedReview>, StoreError> {
        let row = self.get::<ReportsRow>(&keys::review_reports(id)).await?;
        let Some(row) = row.filter(|row| row.item.guide == guide) else {
            return Ok(None);
        };
        let key = keys::guide_review(guide, row.item.created_at, id);
        let review = self.get::<ReviewRow>(&key).await?;
        Ok(review.map(|review| reported(review, row)))
    }

    /// AP-262: how a review stands; `None` when it is gone.
    ///
    /// # Errors
    /// When DynamoDB does not answer.
    pub async fn find_review_standing(&self, id: ReviewId) -> Result<Option<Loaded<ReviewStanding>>, StoreError> {
        self.get(&keys::review_standing(id)).await
    }

    /// AP-262: how reviews stand, in no order; at most 100.
    ///
    /// # Errors
    /// When DynamoDB does not answer.
    pub async fn find_review_standings(&self, ids: &[ReviewId]) -> Result<Vec<ReviewStanding>, StoreError> {
        let keys: Vec<Key> = ids.iter().map(|id| keys::review_standing(*id)).collect();
        self.get_many(&keys).await
    }

    /// AP-263: a page of the reviews that are before moderators, those first that came there last, after a position; at
    /// most 100.
    ///
    /// # Errors
    /// When DynamoDB does not answer.
    pub async fn list_reported_reviews(
        &self,
        limit: usize,
        after: Option<String>,
    ) -> Result<Page<ReportedReview>, StoreError> {
        let pk = keys::REPORTED_REVIEWS.to_owned();
        let range = Range::new(Table::Community, pk, keys::REPORTED_PREFIX, limit)
            .descending()
            .after(after);
        let page = self.query::<ListedRow>(range).await?;
        let listed: Vec<ListedRow> = page.items.into_iter().map(|loaded| loaded.item).collect();
        let review = |row: &ListedRow| keys::guide_review(row.guide, row.created_at, row.id);
        let reviews: Vec<Key> = listed.iter().map(review).collect();
        let reports: Vec<Key> = listed.iter().map(|row| keys::review_reports(row.id)).collect();
        let (reviews, reports) = tokio::try_join!(
            self.get_many_loaded::<ReviewRow>(&reviews),
            self.get_many_loaded::<ReportsRow>(&reports)
        )?;
        let found = listed.iter().filter_map(|row| {
            let review = reviews.iter().find(|review| review.item.id == row.id)?;
            let reports = reports.iter().find(|reports| reports.item.id == row.id)?;
            Some(reported(review.clone(), reports.clone()))
        });
        Ok(Page {
            items: found.collect(),
            next: page.next,
        })
    }

    /// AP-266: lets the reports of a user forget who it was.
    ///
    /// # Errors
    /// When DynamoDB does not answer; the next attempt goes on.
    pub(super) async fn forget_reports(&self, user: UserId) -> Result<(), StoreError> {
        let pk = keys::user_partition(user);
        let range = Range::new(Table::Community, pk, keys::REPORTED_PREFIX, 1);
        while let Some(row) = self.query::<ReportedRow>(range.clone()).await?.items.into_iter().next() {
            self.forget_report(user, row.item.review).await?;
        }
        Ok(())
    }

    async fn forget_report(&self, user: UserId, id: ReviewId) -> Result<(), StoreError> {
        for _ in 0..ATTEMPTS {
            let key = keys::review_reports(id);
            let pointer = Write::remove("reported", keys::reported(user, id), Condition::anyway());
            let mut transaction = Transaction::from(pointer);
            if let Some(row) = self.get::<ReportsRow>(&key).await? {
                let left = row.item.clone().into_reports().without(user);
                let left = row.item.with(&left);
                transaction.push(Write::replace(REPORTS_CHANGED, key, &left, row.version)?);
            }
            match self.commit(transaction).await {
                Err(StoreError::Conflict(_)) => {}
                result => return result,
            }
        }
        Err(StoreError::Throttled("a review keeps being reported".to_owned()))
    }

    /// AP-267: removes what belongs to a review and is found by its id, before the review itself goes.
    ///
    /// # Errors
    /// As [`Self::forget_reports`].
    pub(super) async fn remove_review_parts(&self, id: ReviewId) -> Result<(), StoreError> {
        let key = keys::review_reports(id);
        if let Some(row) = self.get::<ReportsRow>(&key).await? {
            let mut transaction =
                Transaction::from(Write::remove(REPORTS_CHANGED, key, Condition::Version(row.version))).with(
                    Write::remove("standing", keys::review_standing(id), Condition::anyway()),
                );
            for by in row.item.reports.iter().filter_map(|report| report.by) {
                transaction.push(Write::remove("reported", keys::reported(by, id), Condition::anyway()));
            }
            if let Some(since) = row.item.open_since {
                let listed = keys::reported_review(since, id);
                transaction.push(Write::remove("reported_review", listed, Condition::anyway()));
            }
            self.commit(transaction).await?;
        }
        // Whoever votes from now on finds no review.
        self.clear_votes(tripsage_domain::votes::Subject::Review(id)).await
    }
}

/// Attempts at the reports of a review to which others add meanwhile.
const ATTEMPTS: usize = 8;

fn reported(review: Loaded<ReviewRow>, reports: Loaded<ReportsRow>) -> ReportedReview {
    ReportedReview {
        review,
        reports: Loaded {
            item: reports.item.into_reports(),
            version: reports.version,
        },
    }
}

impl Transaction {
    /// AP-264: a report of a review; the first one puts it before moderators. Conflict: [`REPORTS_CHANGED`].
    ///
    /// # Errors
    /// When a row cannot be expressed in DynamoDB's types.
    pub fn reporting_review(found: &ReportedReview, after: &Reports, by: UserId) -> Result<Self, StoreError> {
        let mut transaction = Self::default().reports(found, after)?;
        if let Some(report) = after.of(by) {
            let id = found.review.item.id;
            let row = ReportedRow {
                review: id,
                reason: report.reason.clone(),
                at: report.at,
            };
            transaction.push(Write::insert(REPORTS_CHANGED, keys::reported(by, id), &row)?);
        }
        Ok(transaction)
    }

    /// AP-265: what a moderator has decided on a review: it is hidden or it stands, and is before nobody any more. What it
    /// says in stars counts exactly while it stands. Conflicts: [`REVIEW_CHANGED`], [`REPORTS_CHANGED`],
    /// [`super::STANDING_CHANGED`].
    ///
    /// # Errors
    /// As [`Self::reporting_review`].
    pub fn moderating_review(
        guide: &StandingGuide,
        found: &ReportedReview,
        hidden: Option<Hidden>,
        now: Timestamp,
    ) -> Result<(Self, ReportedReview), StoreError> {
        let before = &found.review.item;
        let after = ReviewRow {
            hidden,
            ..before.clone()
        };
        let settled = found.reports.item.settled();
        let replace = Write::replace(REVIEW_CHANGED, before.key(), &after, found.review.version)?;
        let mut transaction = Self::from(replace).reports(found, &settled)?;
        let standing = &guide.standing.item;
        let rated = match (before.hidden.is_some(), after.hidden.is_some()) {
            (false, true) => Some(standing.rated().without(&before.scores())),
            (true, false) => Some(standing.rated().with(&before.scores())),
            (false, false) | (true, true) => None,
        };
        if let Some(rated) = rated {
            let standing = standing.clone().with_rated(rated);
            transaction = transaction.standing(guide, &guide.guide, standing, now)?;
        }
        let moderated = ReportedReview {
            review: Loaded {
                item: after,
                version: found.review.version + 1,
            },
            reports: Loaded {
                item: settled,
                version: found.reports.version + 1,
            },
        };
        Ok((transaction, moderated))
    }

    /// The reports in the place of those that were read, and the list of what is before moderators with them.
    fn reports(self, found: &ReportedReview, after: &Reports) -> Result<Self, StoreError> {
        let (review, before) = (&found.review.item, &found.reports);
        let row = ReportsRow::new(review).with(after);
        let replace = Write::replace(REPORTS_CHANGED, keys::review_reports(review.id), &row, before.version)?;
        let mut transaction = self.with(replace);
        let listed = |since| keys::reported_review(since, review.id);
        match (before.item.open_since, after.open_since) {
            (None, Some(since)) => {
                let row = ListedRow {
                    id: review.id,
                    guide: review.guide,
                    created_at: review.created_at,
                };
                transaction.push(Write::put(
                    REPORTS_CHANGED,
                    listed(since),
                    &row,
                    1,
                    Condition::anyway(),
                )?);
            }
            (Some(since), None) => {
                transaction.push(Write::remove(REPORTS_CHANGED, listed(since), Condition::anyway()));
            }
            (None, None) | (Some(_), Some(_)) => {}
        }
        Ok(transaction)
    }
}
