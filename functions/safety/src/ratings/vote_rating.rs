//! Calling a rating helpful or unhelpful.

use axum::extract::State;
use serde::Serialize;
use tripsage_domain::{
    ids::RatingId,
    policy::{RemarkAction, may_vote},
    votes::{Ballot, Subject, Vote},
};
use tripsage_http::{ApiError, Caller, Context, Envelope, Errors, Path, Reply};
use tripsage_store::votes::Attempt;
use utoipa::ToSchema;

use super::body::{shown, vote_name};
use crate::App;

/// What travellers call a rating, with the vote of this request.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct RatingVotes {
    /// Which rating.
    #[schema(format = Uuid)]
    id: String,
    /// Votes that call it helpful.
    helpful_votes: i64,
    /// Votes that call it unhelpful.
    unhelpful_votes: i64,
    /// The same as `helpful_votes`.
    helpful_count: i64,
    /// The same as `unhelpful_votes`.
    unhelpful_count: i64,
    /// What the caller calls it.
    user_vote: Option<&'static str>,
}

/// Calls a rating helpful. One user has one vote on it: voting again changes nothing, voting otherwise switches it.
/// Nobody votes on their own.
#[utoipa::path(post, path = "/api/v1/safety-ratings/{rating_id}/helpful", operation_id = "markSafetyRatingHelpful",
    tag = "safety", security(("bearer" = [])), params(("rating_id" = String, Path, format = Uuid)),
    responses((status = 200, description = "The votes", body = Envelope<RatingVotes>), Errors))]
pub(crate) async fn mark_safety_rating_helpful(
    State(app): State<App>,
    caller: Caller,
    context: Context,
    Path(id): Path<RatingId>,
) -> Result<Reply<RatingVotes>, ApiError> {
    app.vote_on_rating(&caller, &context, id, Vote::Up).await
}

/// Calls a rating unhelpful; otherwise as with `helpful`.
#[utoipa::path(post, path = "/api/v1/safety-ratings/{rating_id}/unhelpful", operation_id = "markSafetyRatingUnhelpful",
    tag = "safety", security(("bearer" = [])), params(("rating_id" = String, Path, format = Uuid)),
    responses((status = 200, description = "The votes", body = Envelope<RatingVotes>), Errors))]
pub(crate) async fn mark_safety_rating_unhelpful(
    State(app): State<App>,
    caller: Caller,
    context: Context,
    Path(id): Path<RatingId>,
) -> Result<Reply<RatingVotes>, ApiError> {
    app.vote_on_rating(&caller, &context, id, Vote::Down).await
}

impl App {
    async fn vote_on_rating(
        &self,
        caller: &Caller,
        context: &Context,
        id: RatingId,
        vote: Vote,
    ) -> Result<Reply<RatingVotes>, ApiError> {
        let card = self.db.find_rating(id).await?;
        let card = card.ok_or_else(|| ApiError::not_found("safety rating"))?;
        self.permit_rating(Some(caller), &card, RemarkAction::React).await?;
        may_vote(caller, card.rating.by).map_err(|denial| ApiError::denied(denial, "safety rating"))?;
        let attempt = Attempt {
            now: context.now,
            nonce: context.new_id("vote"),
            claim: context.claim(),
        };
        let (subject, itinerary) = (Subject::Rating(id), Some(card.rating.itinerary));
        let ballot = Ballot::Cast(vote);
        let outcome = self.db.vote(caller.user, subject, itinerary, ballot, attempt).await?;
        let votes = card.standing.item.votes().with(outcome.before, outcome.after);
        let (helpful, unhelpful) = shown(votes, outcome.after);
        let data = RatingVotes {
            id: id.to_string(),
            helpful_votes: helpful,
            unhelpful_votes: unhelpful,
            helpful_count: helpful,
            unhelpful_count: unhelpful,
            user_vote: outcome.after.map(vote_name),
        };
        Ok(Reply::ok("Vote counted", data))
    }
}
