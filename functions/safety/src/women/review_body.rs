//! A review of a guide as clients read it.

use jiff::{Timestamp, civil::Date};
use serde::Serialize;
use tripsage_store::guides::{ReportedReview, ReviewRow};
use utoipa::ToSchema;

/// A review of a guide. Whoever writes one has been guided by them.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ReviewResponse {
    /// Its id.
    #[schema(format = Uuid)]
    id: String,
    /// The guide.
    #[schema(format = Uuid)]
    guide_id: String,
    /// Who wrote it; `null` when their account is gone.
    #[schema(format = Uuid)]
    traveler_id: Option<String>,
    /// 1 to 5.
    rating: u32,
    /// What it is called.
    review_title: Option<String>,
    /// What it says.
    review_text: Option<String>,
    /// How safe it was.
    safety_rating: Option<u32>,
    /// How much the guide knew.
    knowledge_rating: Option<u32>,
    /// How well they said it.
    communication_rating: Option<u32>,
    /// How professional they were.
    professionalism_rating: Option<u32>,
    /// Whether it was worth the money.
    value_for_money_rating: Option<u32>,
    /// When the tour began.
    #[schema(value_type = String, format = Date)]
    tour_date: Date,
    /// What was done.
    tour_type: Option<String>,
    /// With how many.
    group_size_on_tour: u32,
    /// How many found it helpful.
    helpful_count: i64,
    /// Whether everybody sees it, and it counts; `false` when a moderator has hidden it.
    is_approved: bool,
    /// Why it is hidden; it is there for its author and for moderators.
    #[serde(skip_serializing_if = "Option::is_none")]
    hidden_reason: Option<String>,
    /// When it was written.
    #[schema(value_type = String, format = DateTime)]
    created_at: Timestamp,
}

impl ReviewResponse {
    pub(super) fn new(row: ReviewRow, helpful: i64) -> Self {
        Self {
            id: row.id.to_string(),
            guide_id: row.guide.to_string(),
            traveler_id: row.traveler.map(|traveler| traveler.to_string()),
            rating: row.rating,
            review_title: row.title,
            review_text: row.text,
            safety_rating: row.safety,
            knowledge_rating: row.knowledge,
            communication_rating: row.communication,
            professionalism_rating: row.professionalism,
            value_for_money_rating: row.value_for_money,
            tour_date: row.tour_date,
            tour_type: row.tour_type,
            group_size_on_tour: row.group_size,
            helpful_count: helpful.max(0),
            is_approved: row.hidden.is_none(),
            hidden_reason: row.hidden.map(|hidden| hidden.reason),
            created_at: row.created_at,
        }
    }
}

/// That somebody has reported a review. Who it was is told to nobody.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct ReportBody {
    /// Why.
    reason: String,
    /// When.
    #[schema(value_type = String, format = DateTime)]
    reported_at: Timestamp,
}

/// A review as moderators see it.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ModeratedReview {
    /// The review.
    #[serde(flatten)]
    review: ReviewResponse,
    /// Whether it waits for a moderator to decide.
    is_flagged: bool,
    /// Why it was reported last.
    flag_reason: Option<String>,
    /// How often it was reported, by a traveller each.
    report_count: usize,
    /// Why it was reported, oldest first; at most 50.
    reports: Vec<ReportBody>,
}

impl ModeratedReview {
    pub(super) fn new(found: ReportedReview, helpful: i64) -> Self {
        let reports = found.reports.item;
        Self {
            review: ReviewResponse::new(found.review.item, helpful),
            is_flagged: reports.open_since.is_some(),
            flag_reason: reports.reports.last().map(|report| report.reason.clone()),
            report_count: reports.reports.len(),
            reports: reports
                .reports
                .into_iter()
                .map(|report| ReportBody {
                    reason: report.reason,
                    reported_at: report.at,
                })
                .collect(),
        }
    }
}
