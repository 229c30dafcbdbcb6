//! One path for two things: a rating, or the ratings of an itinerary.

use axum::{
    extract::State,
    response::{IntoResponse, Response},
};
use serde::Serialize;
use tripsage_domain::{
    ids::{ItineraryId, RatingId},
    policy::{ItineraryAction, RemarkAction, may_remark},
    votes::Subject,
};
use tripsage_http::{ApiError, Context, Envelope, Errors, MaybeCaller, Path, Principal, Query, Reply};
use tripsage_store::ratings::RatingCard;
use utoipa::ToSchema;

use super::{
    aggregates::Aggregates,
    body::RatingBody,
    list_ratings::{ListRatings, Selection},
};
use crate::App;

/// The ratings of an itinerary.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ItineraryRatings {
    /// Which itinerary.
    #[schema(format = Uuid)]
    itinerary_id: String,
    /// A page of its ratings.
    ratings: Vec<RatingBody>,
    /// What all its ratings add up to, whatever the page shows.
    aggregates: Aggregates,
}

/// A rating, or the ratings of an itinerary.
#[derive(Debug, Serialize, ToSchema)]
#[serde(untagged)]
#[expect(dead_code, reason = "describes two answers of one operation")]
pub(crate) enum RatingOrRatings {
    /// The id is one of a rating.
    Rating(Box<RatingBody>),
    /// The id is one of an itinerary.
    Ratings(ItineraryRatings),
}

/// The rating with this id; where there is none, the ratings of the itinerary with this id, to which the parameters
/// apply. A rating of an itinerary that is not to be seen is there for its author and for moderators alone.
#[utoipa::path(get, path = "/api/v1/safety-ratings/{rating_id}", operation_id = "getSafetyRating", tag = "safety",
    params(("rating_id" = String, Path, format = Uuid, description = "Id of a rating or of an itinerary"), ListRatings),
    responses((status = 200, description = "The rating, or the ratings", body = Envelope<RatingOrRatings>), Errors))]
pub(crate) async fn get_safety_rating(
    State(app): State<App>,
    caller: MaybeCaller,
    context: Context,
    Path(id): Path<RatingId>,
    Query(query): Query<ListRatings>,
) -> Result<Response, ApiError> {
    match app.db.find_rating(id).await? {
        Some(card) => {
            app.permit_rating(caller.0.as_ref(), &card, RemarkAction::View).await?;
            let vote = match &caller.0 {
                Some(caller) => app.db.find_vote(caller.user, Subject::Rating(id)).await?,
                None => None,
            };
            let reply = Reply::ok("Safety rating found", RatingBody::new(&card, vote));
            Ok(reply.etag(card.rating.version).into_response())
        }
        None => {
            let itinerary = ItineraryId::from_uuid(id.uuid());
            Ok(app
                .ratings_of(&caller, &context, itinerary, &query)
                .await?
                .into_response())
        }
    }
}

impl App {
    async fn ratings_of(
        &self,
        caller: &MaybeCaller,
        context: &Context,
        id: ItineraryId,
        query: &ListRatings,
    ) -> Result<Reply<ItineraryRatings>, ApiError> {
        let mut selection = Selection::parse(query)?;
        if selection.itinerary.is_some_and(|other| other != id) {
            return Err(ApiError::field(
                "itinerary_id",
                "exclusive",
                "must be the id of the path",
            ));
        }
        selection.itinerary = Some(id);
        let card = self.db.find_itinerary_cards(&[id]).await?.pop();
        let shown = |caller: Option<&Principal>| {
            card.filter(|card| card.itinerary.permit(caller, ItineraryAction::View).is_ok())
        };
        let card = shown(caller.0.as_ref()).ok_or_else(|| ApiError::not_found("safety rating"))?;
        let (cards, pagination) = self.walk_ratings("getSafetyRating", query, &selection, context).await?;
        let data = ItineraryRatings {
            itinerary_id: id.to_string(),
            ratings: self.rating_bodies(caller, &cards).await?,
            aggregates: Aggregates::from(&card.standing.counts),
        };
        Ok(Reply::ok("Safety ratings found", data).page(pagination))
    }

    /// Lets go on who may do `action` with a rating.
    pub(super) async fn permit_rating(
        &self,
        caller: Option<&Principal>,
        card: &RatingCard,
        action: RemarkAction,
    ) -> Result<(), ApiError> {
        let itinerary = self.db.find_itinerary(card.rating.itinerary).await?;
        let shown = itinerary.is_some_and(|itinerary| itinerary.permit(caller, ItineraryAction::View).is_ok());
        may_remark(caller, card.rating.by, shown, action).map_err(|denial| ApiError::denied(denial, "safety rating"))
    }
}
