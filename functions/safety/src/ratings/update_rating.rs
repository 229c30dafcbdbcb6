//! Changing and taking back a rating.

use axum::extract::State;
use serde::Serialize;
use serde_json::Value;
use tripsage_domain::{
    audit::Action,
    ids::RatingId,
    policy::RemarkAction,
    rating::{Rating, Verdict},
    votes::Subject,
};
use tripsage_http::{
    ApiError, Caller, Context, Envelope, Errors, IfMatch, Json, Path, Reply, merge_patch, read_value, replace_fields,
};
use utoipa::ToSchema;

use super::body::{RatingBody, RatingFields};
use crate::App;

/// What was taken back.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct DeletedRating {
    /// Its id.
    #[schema(format = Uuid)]
    id: String,
}

/// Replaces the fields that are given and keeps the others. Only its author can do so.
#[utoipa::path(put, path = "/api/v1/safety-ratings/{rating_id}", operation_id = "replaceSafetyRating", tag = "safety",
    security(("bearer" = [])), params(("rating_id" = String, Path, format = Uuid)), request_body = RatingFields,
    responses((status = 200, description = "The rating", body = Envelope<RatingBody>), Errors))]
pub(crate) async fn replace_safety_rating(
    State(app): State<App>,
    caller: Caller,
    context: Context,
    Path(id): Path<RatingId>,
    if_match: IfMatch,
    Json(request): Json<Value>,
) -> Result<Reply<RatingBody>, ApiError> {
    app.edit_rating(&caller, &context, id, &if_match, &request, replace_fields)
        .await
}

/// Changes some fields: a JSON merge patch (RFC 7396). Only its author can do so.
#[utoipa::path(patch, path = "/api/v1/safety-ratings/{rating_id}", operation_id = "patchSafetyRating", tag = "safety",
    security(("bearer" = [])), params(("rating_id" = String, Path, format = Uuid)), request_body = RatingFields,
    responses((status = 200, description = "The rating", body = Envelope<RatingBody>), Errors))]
pub(crate) async fn patch_safety_rating(
    State(app): State<App>,
    caller: Caller,
    context: Context,
    Path(id): Path<RatingId>,
    if_match: IfMatch,
    Json(request): Json<Value>,
) -> Result<Reply<RatingBody>, ApiError> {
    app.edit_rating(&caller, &context, id, &if_match, &request, merge_patch)
        .await
}

/// Takes a rating back, with the votes on it. Its author and moderators can do so.
#[utoipa::path(delete, path = "/api/v1/safety-ratings/{rating_id}", operation_id = "deleteSafetyRating", tag = "safety",
    security(("bearer" = [])), params(("rating_id" = String, Path, format = Uuid)),
    responses((status = 200, description = "It is deleted", body = Envelope<DeletedRating>), Errors))]
pub(crate) async fn delete_safety_rating(
    State(app): State<App>,
    caller: Caller,
    context: Context,
    Path(id): Path<RatingId>,
    if_match: IfMatch,
) -> Result<Reply<DeletedRating>, ApiError> {
    let card = app.db.find_rating(id).await?;
    let card = card.ok_or_else(|| ApiError::not_found("safety rating"))?;
    app.permit_rating(Some(&caller), &card, RemarkAction::Delete).await?;
    if_match.check(card.rating.version)?;
    let record = context.record(caller.user, Action::RatingDeleted, format!("rating/{id}"));
    app.db.remove_rating(id, Some(&record)).await?;
    Ok(Reply::ok("Safety rating deleted", DeletedRating { id: id.to_string() }))
}

impl App {
    async fn edit_rating(
        &self,
        caller: &Caller,
        context: &Context,
        id: RatingId,
        if_match: &IfMatch,
        request: &Value,
        combine: fn(&mut Value, &Value),
    ) -> Result<Reply<RatingBody>, ApiError> {
        // What no rating may have is refused before anything is read.
        read_value::<RatingFields>(request.clone())?;
        let missing = || ApiError::not_found("safety rating");
        let card = self.db.find_rating(id).await?.ok_or_else(missing)?;
        // Neither whose it is nor what it is of ever changes.
        self.permit_rating(Some(caller), &card, RemarkAction::Edit).await?;
        let record = context.record(caller.user, Action::RatingUpdated, format!("rating/{id}"));
        let edited = self
            .db
            .change_rating(
                id,
                &record,
                context.claim(),
                |rating: &Rating| -> Result<Rating, ApiError> {
                    if_match.check(rating.version)?;
                    let verdict = patched(rating, request, combine, context)?;
                    Ok(rating.said_anew(caller, verdict, context.now))
                },
            )
            .await?;
        let card = edited.ok_or_else(missing)?;
        let vote = self.db.find_vote(caller.user, Subject::Rating(id)).await?;
        Ok(Reply::ok("Safety rating updated", RatingBody::new(&card, vote)).etag(card.rating.version))
    }
}

/// The verdict with the request worked into it, checked as a whole.
fn patched(
    rating: &Rating,
    request: &Value,
    combine: fn(&mut Value, &Value),
    context: &Context,
) -> Result<Verdict, ApiError> {
    let mut fields = serde_json::to_value(RatingFields::new(&rating.verdict)).map_err(ApiError::internal)?;
    combine(&mut fields, request);
    let fields = read_value::<RatingFields>(fields)?;
    let (_, verdict) = fields.parse(Some(rating.itinerary), context.now)?;
    Ok(verdict)
}
