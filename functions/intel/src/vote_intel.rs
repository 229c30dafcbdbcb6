//! Calling intel helpful or unhelpful.

use axum::extract::State;
use serde::Serialize;
use tripsage_domain::{
    ids::IntelId,
    policy::{RemarkAction, may_vote},
    votes::{Ballot, Subject, Vote},
};
use tripsage_http::{ApiError, Caller, Context, Envelope, Errors, Path, Reply};
use tripsage_store::votes::Attempt;
use utoipa::ToSchema;

use crate::{
    App,
    body::{shown, vote_name},
};

/// What travellers call a piece of intel, with the vote of this request.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct IntelVotes {
    /// Which intel.
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

/// Calls intel helpful. One user has one vote on it: voting again changes nothing, voting otherwise switches it.
/// Nobody votes on their own.
#[utoipa::path(post, path = "/api/v1/travel-intel/{intel_id}/helpful", operation_id = "markTravelIntelHelpful",
    tag = "intel", security(("bearer" = [])), params(("intel_id" = String, Path, format = Uuid)),
    responses((status = 200, description = "The votes", body = Envelope<IntelVotes>), Errors))]
pub(crate) async fn mark_travel_intel_helpful(
    State(app): State<App>,
    caller: Caller,
    context: Context,
    Path(id): Path<IntelId>,
) -> Result<Reply<IntelVotes>, ApiError> {
    app.vote(&caller, &context, id, Vote::Up).await
}

/// Calls intel unhelpful; otherwise as with `helpful`.
#[utoipa::path(post, path = "/api/v1/travel-intel/{intel_id}/unhelpful", operation_id = "markTravelIntelUnhelpful",
    tag = "intel", security(("bearer" = [])), params(("intel_id" = String, Path, format = Uuid)),
    responses((status = 200, description = "The votes", body = Envelope<IntelVotes>), Errors))]
pub(crate) async fn mark_travel_intel_unhelpful(
    State(app): State<App>,
    caller: Caller,
    context: Context,
    Path(id): Path<IntelId>,
) -> Result<Reply<IntelVotes>, ApiError> {
    app.vote(&caller, &context, id, Vote::Down).await
}

impl App {
    async fn vote(
        &self,
        caller: &Caller,
        context: &Context,
        id: IntelId,
        vote: Vote,
    ) -> Result<Reply<IntelVotes>, ApiError> {
        let card = self.find_told(caller, id, |_| RemarkAction::React).await?;
        may_vote(caller, card.intel.author).map_err(|denial| ApiError::denied(denial, "travel intel"))?;
        let attempt = Attempt {
            now: context.now,
            nonce: context.new_id("vote"),
            claim: context.claim(),
        };
        let ballot = Ballot::Cast(vote);
        // An itinerary counts the votes on its ratings, not those on intel about it.
        let outcome = self
            .db
            .vote(caller.user, Subject::Intel(id), None, ballot, attempt)
            .await?;
        let votes = card.standing.item.votes().with(outcome.before, outcome.after);
        let (helpful, unhelpful) = shown(votes, outcome.after);
        let data = IntelVotes {
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
