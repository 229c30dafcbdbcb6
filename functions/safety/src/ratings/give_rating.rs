//! Giving a rating: at its own path, and at the path of what is rated.

use axum::{
    extract::State,
    response::{IntoResponse, Response},
};
use tripsage_domain::{
    audit::Action,
    ids::{ItineraryId, RatingId},
    rating::{RatingError, Verdict, may_rate},
};
use tripsage_http::{ApiError, Caller, Code, Context, Envelope, Errors, Json, Path, Reply};
use tripsage_store::ratings::{Rate, Rated};

use super::body::{RatingBody, RatingFields};
use crate::App;

/// Rates an itinerary. A traveller has one rating of it: another one takes its place. Nobody rates their own.
#[utoipa::path(post, path = "/api/v1/safety-ratings", operation_id = "createSafetyRating", tag = "safety",
    security(("bearer" = [])), request_body = RatingFields,
    responses((status = 201, description = "The first rating", body = Envelope<RatingBody>),
        (status = 200, description = "It took the place of an earlier one", body = Envelope<RatingBody>), Errors))]
pub(crate) async fn create_safety_rating(
    State(app): State<App>,
    caller: Caller,
    context: Context,
    Json(request): Json<RatingFields>,
) -> Result<Response, ApiError> {
    let (itinerary, verdict) = request.parse(None, context.now)?;
    app.rate(&caller, &context, itinerary, &verdict).await
}

/// Rates the itinerary of the path, as `POST /safety-ratings` does.
#[utoipa::path(post, path = "/api/v1/itineraries/{itinerary_id}/rating", operation_id = "rateItinerary", tag = "safety",
    security(("bearer" = [])), params(("itinerary_id" = String, Path, format = Uuid)), request_body = RatingFields,
    responses((status = 201, description = "The first rating", body = Envelope<RatingBody>),
        (status = 200, description = "It took the place of an earlier one", body = Envelope<RatingBody>), Errors))]
pub(crate) async fn rate_itinerary(
    State(app): State<App>,
    caller: Caller,
    context: Context,
    Path(id): Path<ItineraryId>,
    Json(request): Json<RatingFields>,
) -> Result<Response, ApiError> {
    let (itinerary, verdict) = request.parse(Some(id), context.now)?;
    app.rate(&caller, &context, itinerary, &verdict).await
}

impl App {
    async fn rate(
        &self,
        caller: &Caller,
        context: &Context,
        id: ItineraryId,
        verdict: &Verdict,
    ) -> Result<Response, ApiError> {
        let itinerary = self.db.find_itinerary(id).await?;
        let itinerary = itinerary.ok_or_else(|| ApiError::not_found("itinerary"))?;
        may_rate(&itinerary, caller).map_err(|error| match error {
            RatingError::NotPublished => ApiError::not_found("itinerary"),
            RatingError::Own => ApiError::new(Code::Forbidden).message("authors do not rate their own itineraries"),
        })?;
        let rate = Rate {
            id: RatingId::from_uuid(context.new_id("rating")),
            itinerary: id,
            caller,
            verdict,
            now: context.now,
            claim: context.claim(),
        };
        let record = |rating: RatingId, is_new: bool| {
            let action = if is_new {
                Action::RatingCreated
            } else {
                Action::RatingUpdated
            };
            context.record(caller.user, action, format!("rating/{rating}"))
        };
        Ok(match self.db.rate(rate, record).await? {
            Rated::New(card) => {
                let location = format!("/api/v1/safety-ratings/{}", card.rating.id);
                let reply = Reply::created("Safety rating added", RatingBody::new(&card, None));
                reply.etag(card.rating.version).location(&location).into_response()
            }
            Rated::Changed(card) => {
                let vote = self
                    .db
                    .find_vote(caller.user, tripsage_domain::votes::Subject::Rating(card.rating.id));
                let reply = Reply::ok("Safety rating updated", RatingBody::new(&card, vote.await?));
                reply.etag(card.rating.version).into_response()
            }
        })
    }
}
