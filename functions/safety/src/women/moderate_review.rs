//! What becomes of reviews of guides: reported and called helpful by travellers, hidden and approved by moderators.

use axum::extract::State;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use tripsage_cache::Tag;
use tripsage_domain::{
    audit::Action,
    guide::ReportError,
    ids::{GuideId, ReviewId},
    policy::{ReviewAction, may_review},
    validation::Checks,
    votes::{Ballot, Subject, Vote},
};
use tripsage_http::{
    ApiError, Caller, Code, Context, CursorScope, Envelope, Errors, Json, PageQuery, Path, Query, Reply,
};
use tripsage_store::{
    Transaction,
    guides::{Hidden, ReportedReview},
    votes::Attempt,
};
use utoipa::ToSchema;

use super::{Tries, fields::NOTE, moderator, review_body::ModeratedReview, reviews::ListReviews};
use crate::App;

/// Why something is not to be read.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ReviewObjection {
    /// Why.
    #[schema(min_length = 1, max_length = 500)]
    reason: Option<String>,
}

impl ReviewObjection {
    fn into_reason(self) -> Result<String, ApiError> {
        let mut checks = Checks::default();
        let reason = checks.required("reason", self.reason, |text| NOTE.parse(&text));
        Ok(checks.build(|| reason)?)
    }
}

/// That the caller has reported a review.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ReviewReported {
    /// The review.
    #[schema(format = Uuid)]
    review_id: String,
    /// Why.
    reason: String,
    /// When.
    #[schema(value_type = String, format = DateTime)]
    reported_at: Timestamp,
}

/// How many found a review helpful.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ReviewHelpfulness {
    /// The review.
    #[schema(format = Uuid)]
    id: String,
    /// How many did.
    helpful_count: i64,
    /// Whether this was the caller's first vote on it.
    is_new: bool,
}

/// Tells moderators that a review should not stand where it stands. Everybody can do so once, but for its author.
#[utoipa::path(post, path = "/api/v1/women-safety/guides/{guide_id}/reviews/{review_id}/report",
    operation_id = "reportGuideReview", tag = "safety", security(("bearer" = [])),
    params(("guide_id" = String, Path, format = Uuid), ("review_id" = String, Path, format = Uuid)),
    request_body = ReviewObjection,
    responses((status = 201, description = "The report", body = Envelope<ReviewReported>), Errors))]
pub(crate) async fn report_guide_review(
    State(app): State<App>,
    caller: Caller,
    context: Context,
    Path((guide, id)): Path<(GuideId, ReviewId)>,
    Json(request): Json<ReviewObjection>,
) -> Result<Reply<ReviewReported>, ApiError> {
    // Whether there is such a review comes first.
    app.review_for(&caller, guide, id, ReviewAction::Report).await?;
    let reason = request.into_reason()?;
    let record = context.record(caller.user, Action::GuideReviewReported, format!("review/{id}"));
    let mut tries = Tries::new(&context);
    let report = loop {
        let found = app.review_for(&caller, guide, id, ReviewAction::Report).await?;
        let reports = &found.reports.item;
        if context.resumed()
            && let Some(report) = reports.of(caller.user)
        {
            break report.clone();
        }
        let author = found.review.item.traveler;
        let after = reports
            .with(author, caller.user, reason.clone(), context.now)
            .map_err(refused)?;
        let transaction = Transaction::reporting_review(&found, &after, caller.user)?.audited(&record)?;
        if tries.commit(&app.db, transaction).await?
            && let Some(report) = after.of(caller.user)
        {
            break report.clone();
        }
    };
    let reported = ReviewReported {
        review_id: id.to_string(),
        reason: report.reason,
        reported_at: report.at,
    };
    Ok(Reply::created("Review reported", reported))
}

fn refused(error: ReportError) -> ApiError {
    let code = match error {
        ReportError::Own => Code::Forbidden,
        ReportError::Twice => Code::AlreadyExists,
        ReportError::Full => Code::Conflict,
    };
    ApiError::new(code).message(error.to_string())
}

/// Calls a review helpful. Everybody has one vote, but for its author and the guide; saying so twice is the same as once.
#[utoipa::path(post, path = "/api/v1/women-safety/guides/{guide_id}/reviews/{review_id}/helpful",
    operation_id = "markGuideReviewHelpful", tag = "safety", security(("bearer" = [])),
    params(("guide_id" = String, Path, format = Uuid), ("review_id" = String, Path, format = Uuid)),
    responses((status = 200, description = "How many say so", body = Envelope<ReviewHelpfulness>), Errors))]
pub(crate) async fn mark_guide_review_helpful(
    State(app): State<App>,
    caller: Caller,
    context: Context,
    Path((guide, id)): Path<(GuideId, ReviewId)>,
) -> Result<Reply<ReviewHelpfulness>, ApiError> {
    app.review_for(&caller, guide, id, ReviewAction::Vote).await?;
    let helpful = app.helpful(id).await?;
    let attempt = Attempt {
        now: context.now,
        nonce: context.new_id("vote"),
        claim: context.claim(),
    };
    let (subject, ballot) = (Subject::Review(id), Ballot::Cast(Vote::Up));
    let outcome = app.db.vote(caller.user, subject, None, ballot, attempt).await?;
    let is_new = outcome.before.is_none();
    let helpfulness = ReviewHelpfulness {
        id: id.to_string(),
        helpful_count: (helpful + i64::from(is_new)).max(1),
        is_new,
    };
    Ok(Reply::ok("Vote counted", helpfulness))
}

/// Reviews that were reported and wait for a moderator, those first that came last. For moderators.
#[utoipa::path(get, path = "/api/v1/women-safety/reviews/reported", operation_id = "listReportedReviews", tag = "safety",
    security(("bearer" = [])), params(ListReviews),
    responses((status = 200, description = "A page of reviews", body = Envelope<Vec<ModeratedReview>>), Errors))]
pub(crate) async fn list_reported_reviews(
    State(app): State<App>,
    caller: Caller,
    context: Context,
    Query(query): Query<ListReviews>,
) -> Result<Reply<Vec<ModeratedReview>>, ApiError> {
    moderator(&caller)?;
    let per_page = PageQuery::checked_per_page(query.per_page)?;
    let scope = CursorScope {
        operation: "listReportedReviews",
        caller: "",
        selection: "",
    };
    let pages = app.edge.cursor_pages(scope, per_page, context.now);
    let after = pages.after(query.cursor.as_deref()).await?;
    let page = app.db.list_reported_reviews(pages.size(), after).await?;
    let pagination = pages.pagination(page.next.as_deref()).await?;
    let ids: Vec<ReviewId> = page.items.iter().map(|found| found.review.item.id).collect();
    let standings = app.db.find_review_standings(&ids).await?;
    let shown = page.items.into_iter().map(|found| {
        let id = found.review.item.id;
        let standing = standings.iter().find(|standing| standing.id == id);
        ModeratedReview::new(found, standing.map_or(0, |standing| standing.helpful))
    });
    Ok(Reply::ok("Reviews found", shown.collect()).page(pagination))
}

/// Hides a review: nobody but its author and moderators sees it, and it does not count. For moderators.
#[utoipa::path(post, path = "/api/v1/women-safety/guides/{guide_id}/reviews/{review_id}/hide",
    operation_id = "hideGuideReview", tag = "safety", security(("bearer" = [])),
    params(("guide_id" = String, Path, format = Uuid), ("review_id" = String, Path, format = Uuid)),
    request_body = ReviewObjection,
    responses((status = 200, description = "The review", body = Envelope<ModeratedReview>), Errors))]
pub(crate) async fn hide_guide_review(
    State(app): State<App>,
    caller: Caller,
    context: Context,
    Path((guide, id)): Path<(GuideId, ReviewId)>,
    Json(request): Json<ReviewObjection>,
) -> Result<Reply<ModeratedReview>, ApiError> {
    moderator(&caller)?;
    let hidden = Hidden {
        reason: request.into_reason()?,
        at: context.now,
    };
    let shown = app.decide_on_review(&caller, &context, guide, id, Some(hidden)).await?;
    Ok(Reply::ok("Review hidden", shown))
}

/// Approves a review: it stands, and counts, and what was reported of it is settled. For moderators.
#[utoipa::path(post, path = "/api/v1/women-safety/guides/{guide_id}/reviews/{review_id}/approve",
    operation_id = "approveGuideReview", tag = "safety", security(("bearer" = [])),
    params(("guide_id" = String, Path, format = Uuid), ("review_id" = String, Path, format = Uuid)),
    responses((status = 200, description = "The review", body = Envelope<ModeratedReview>), Errors))]
pub(crate) async fn approve_guide_review(
    State(app): State<App>,
    caller: Caller,
    context: Context,
    Path((guide, id)): Path<(GuideId, ReviewId)>,
) -> Result<Reply<ModeratedReview>, ApiError> {
    moderator(&caller)?;
    let shown = app.decide_on_review(&caller, &context, guide, id, None).await?;
    Ok(Reply::ok("Review approved", shown))
}

impl App {
    /// A review with which the caller may do this.
    async fn review_for(
        &self,
        caller: &Caller,
        guide: GuideId,
        id: ReviewId,
        action: ReviewAction,
    ) -> Result<ReportedReview, ApiError> {
        let (guide, found) = tokio::try_join!(self.db.find_guide(guide), self.db.find_review(guide, id))?;
        let (Some(guide), Some(found)) = (guide, found) else {
            return Err(ApiError::not_found("review"));
        };
        let review = &found.review.item;
        let (author, hidden) = (review.traveler, review.hidden.is_some());
        may_review(Some(caller), author, guide.guide.user, hidden, action)
            .map_err(|denial| ApiError::denied(denial, "review"))?;
        Ok(found)
    }

    async fn helpful(&self, id: ReviewId) -> Result<i64, ApiError> {
        let standing = self.db.find_review_standing(id).await?;
        Ok(standing.map_or(0, |standing| standing.item.helpful))
    }

    /// Hides a review, or lets it stand. An idempotent request whose answer was lost is answered with the review as it is.
    async fn decide_on_review(
        &self,
        caller: &Caller,
        context: &Context,
        guide: GuideId,
        id: ReviewId,
        hidden: Option<Hidden>,
    ) -> Result<ModeratedReview, ApiError> {
        let action = match hidden {
            Some(_) => Action::GuideReviewHidden,
            None => Action::GuideReviewApproved,
        };
        let record = context.record(caller.user, action, format!("review/{id}"));
        let mut tries = Tries::new(context);
        let moderated = loop {
            let (of, found) = tokio::try_join!(self.db.find_guide(guide), self.db.find_review(guide, id))?;
            let (Some(of), Some(found)) = (of, found) else {
                return Err(ApiError::not_found("review"));
            };
            if context.resumed() {
                break found;
            }
            let (transaction, moderated) = Transaction::moderating_review(&of, &found, hidden.clone(), context.now)?;
            if tries.commit(&self.db, transaction.audited(&record)?).await? {
                self.edge.bump(&Tag::Guides).await;
                break moderated;
            }
        };
        let helpful = self.helpful(id).await?;
        Ok(ModeratedReview::new(moderated, helpful))
    }
}
