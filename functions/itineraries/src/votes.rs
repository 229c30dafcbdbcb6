use axum::extract::State;
use serde::Serialize;
use tripsage_domain::{
    ids::ItineraryId,
    policy::may_vote,
    votes::{Ballot, Subject, Vote},
};
use tripsage_http::{ApiError, Caller, Code, Context, Envelope, Errors, MaybeCaller, Path, Reply};
use tripsage_store::{
    itineraries::{Card, Counts},
    votes::{Attempt, VoteOutcome},
};
use utoipa::ToSchema;

use crate::{App, editing::permit_view};

/// The votes on an itinerary, the caller's included.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub(crate) struct VoteBody {
    /// The caller's vote: `up`, `down`, or none.
    #[schema(example = "up")]
    user_vote: Option<&'static str>,
    /// Votes for it.
    upvotes: i64,
    /// Votes against it.
    downvotes: i64,
    /// The difference.
    #[serde(rename = "voteCount")]
    vote_count: i64,
}

impl VoteBody {
    /// What was counted before the vote, with the vote.
    fn new(counts: &Counts, outcome: VoteOutcome) -> Self {
        let votes = counts.votes().with(outcome.before, outcome.after);
        let (upvotes, downvotes) = (votes.up.max(0), votes.down.max(0));
        Self {
            user_vote: outcome.after.map(Vote::name),
            upvotes,
            downvotes,
            vote_count: upvotes - downvotes,
        }
    }
}

/// Votes for an itinerary; takes the vote back if the caller had voted for it. Nobody votes on their own.
#[utoipa::path(post, path = "/api/v1/itineraries/{itinerary_id}/upvote", operation_id = "upvoteItinerary",
    tag = "itineraries", security(("bearer" = [])), params(("itinerary_id" = String, Path, format = Uuid)),
    responses((status = 200, description = "The votes", body = Envelope<VoteBody>), Errors))]
pub(crate) async fn upvote_itinerary(
    State(app): State<App>,
    caller: Caller,
    context: Context,
    Path(id): Path<ItineraryId>,
) -> Result<Reply<VoteBody>, ApiError> {
    let votes = vote(&app, caller, &context, id, Ballot::Toggle(Vote::Up)).await?;
    Ok(Reply::ok("Vote taken", votes))
}

/// Votes against an itinerary; takes the vote back if the caller had voted against it. Nobody votes on their own.
#[utoipa::path(post, path = "/api/v1/itineraries/{itinerary_id}/downvote", operation_id = "downvoteItinerary",
    tag = "itineraries", security(("bearer" = [])), params(("itinerary_id" = String, Path, format = Uuid)),
    responses((status = 200, description = "The votes", body = Envelope<VoteBody>), Errors))]
pub(crate) async fn downvote_itinerary(
    State(app): State<App>,
    caller: Caller,
    context: Context,
    Path(id): Path<ItineraryId>,
) -> Result<Reply<VoteBody>, ApiError> {
    let votes = vote(&app, caller, &context, id, Ballot::Toggle(Vote::Down)).await?;
    Ok(Reply::ok("Vote taken", votes))
}

/// Takes the caller's vote back, whichever way it was.
#[utoipa::path(delete, path = "/api/v1/itineraries/{itinerary_id}/vote", operation_id = "deleteItineraryVote",
    tag = "itineraries", security(("bearer" = [])), params(("itinerary_id" = String, Path, format = Uuid)),
    responses((status = 200, description = "The votes", body = Envelope<VoteBody>), Errors))]
pub(crate) async fn delete_itinerary_vote(
    State(app): State<App>,
    caller: Caller,
    context: Context,
    Path(id): Path<ItineraryId>,
) -> Result<Reply<VoteBody>, ApiError> {
    let votes = vote(&app, caller, &context, id, Ballot::Withdraw).await?;
    Ok(Reply::ok("Vote taken back", votes))
}

async fn vote(
    app: &App,
    caller: Caller,
    context: &Context,
    id: ItineraryId,
    ballot: Ballot,
) -> Result<VoteBody, ApiError> {
    let user = caller.user;
    let card = app.seen_card(&MaybeCaller(Some(caller.0.clone())), id).await?;
    may_vote(&caller, card.itinerary.owner)
        .map_err(|_| ApiError::new(Code::Forbidden).message("you cannot vote on your own itinerary"))?;
    let subject = Subject::Itinerary(id);
    // An earlier attempt at this very request has voted; a toggle would take that back.
    if context.resumed() {
        let vote = app.db.find_vote(user, subject).await?;
        let outcome = VoteOutcome {
            before: vote,
            after: vote,
        };
        return Ok(VoteBody::new(&card.standing.counts, outcome));
    }
    let attempt = Attempt {
        now: context.now,
        nonce: context.new_id("vote"),
        claim: context.claim(),
    };
    let outcome = app.db.vote(user, subject, None, ballot, attempt).await?;
    Ok(VoteBody::new(&card.standing.counts, outcome))
}

impl App {
    /// An itinerary with its counts, for somebody who may see it.
    pub(crate) async fn seen_card(&self, caller: &MaybeCaller, id: ItineraryId) -> Result<Card, ApiError> {
        let card = self.db.find_itinerary_cards(&[id]).await?.pop();
        let card = card.ok_or_else(|| ApiError::not_found("itinerary"))?;
        permit_view(&card.itinerary, caller)?;
        Ok(card)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_vote_is_counted_in_its_own_answer() {
        let counts = Counts {
            upvotes: 3,
            downvotes: 0,
            ..Counts::default()
        };
        let told = |before, after| {
            let body = VoteBody::new(&counts, VoteOutcome { before, after });
            (body.user_vote, body.upvotes, body.downvotes, body.vote_count)
        };
        assert_eq!(told(None, Some(Vote::Up)), (Some("up"), 4, 0, 4));
        assert_eq!(told(Some(Vote::Up), Some(Vote::Down)), (Some("down"), 2, 1, 1));
        // The vote that is taken back was not counted yet.
        assert_eq!(told(Some(Vote::Down), None), (None, 3, 0, 3));
    }
}
