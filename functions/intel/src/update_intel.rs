//! Changing intel, taking it back, and saying what became of it.

use axum::extract::State;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use tripsage_domain::{
    audit::Action,
    ids::IntelId,
    intel::{Intel, IntelStatus, RESPONSE},
    policy::RemarkAction,
    validation::Checks,
    votes::Subject,
};
use tripsage_http::{
    ApiError, Caller, Context, Envelope, Errors, IfMatch, Json, Path, Reply, merge_patch, read_value, replace_fields,
};
use tripsage_store::intel::IntelCard;
use utoipa::ToSchema;

use crate::{
    App,
    body::{IntelBody, IntelFields, Parsed, status},
};

/// What was taken back.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct DeletedIntel {
    /// Its id.
    #[schema(format = Uuid)]
    id: String,
}

/// What somebody in charge says.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Respond {
    /// What there is to say. Required.
    #[schema(max_length = 2000)]
    response_status: Option<String>,
    /// What became of it: `open`, `in_progress`, `resolved` (unless given), `archived`, `verified` or `closed`.
    status: Option<String>,
}

/// Replaces the fields that are given and keeps the others. Only its author can do so.
#[utoipa::path(put, path = "/api/v1/travel-intel/{intel_id}", operation_id = "replaceTravelIntel", tag = "intel",
    security(("bearer" = [])), params(("intel_id" = String, Path, format = Uuid)), request_body = IntelFields,
    responses((status = 200, description = "The intel", body = Envelope<IntelBody>), Errors))]
pub(crate) async fn replace_travel_intel(
    State(app): State<App>,
    caller: Caller,
    context: Context,
    Path(id): Path<IntelId>,
    if_match: IfMatch,
    Json(request): Json<Value>,
) -> Result<Reply<IntelBody>, ApiError> {
    app.edit(&caller, &context, id, &if_match, &request, replace_fields)
        .await
}

/// Changes some fields: a JSON merge patch (RFC 7396). Only its author can do so.
#[utoipa::path(patch, path = "/api/v1/travel-intel/{intel_id}", operation_id = "patchTravelIntel", tag = "intel",
    security(("bearer" = [])), params(("intel_id" = String, Path, format = Uuid)), request_body = IntelFields,
    responses((status = 200, description = "The intel", body = Envelope<IntelBody>), Errors))]
pub(crate) async fn patch_travel_intel(
    State(app): State<App>,
    caller: Caller,
    context: Context,
    Path(id): Path<IntelId>,
    if_match: IfMatch,
    Json(request): Json<Value>,
) -> Result<Reply<IntelBody>, ApiError> {
    app.edit(&caller, &context, id, &if_match, &request, merge_patch).await
}

/// Takes intel back, with the votes on it. Its author and moderators can do so. Answers to it stay.
#[utoipa::path(delete, path = "/api/v1/travel-intel/{intel_id}", operation_id = "deleteTravelIntel", tag = "intel",
    security(("bearer" = [])), params(("intel_id" = String, Path, format = Uuid)),
    responses((status = 200, description = "It is deleted", body = Envelope<DeletedIntel>), Errors))]
pub(crate) async fn delete_travel_intel(
    State(app): State<App>,
    caller: Caller,
    context: Context,
    Path(id): Path<IntelId>,
    if_match: IfMatch,
) -> Result<Reply<DeletedIntel>, ApiError> {
    let card = app.find_told(&caller, id, |_| RemarkAction::Delete).await?;
    if_match.check(card.intel.version)?;
    let record = context.record(caller.user, Action::IntelDeleted, format!("intel/{id}"));
    app.db.remove_intel(id, Some(&record), context.now).await?;
    Ok(Reply::ok("Travel intel deleted", DeletedIntel { id: id.to_string() }))
}

/// Says what became of intel. The owner of the itinerary, its author and moderators can do so; the latest counts.
#[utoipa::path(post, path = "/api/v1/travel-intel/{intel_id}/respond", operation_id = "respondToTravelIntel", tag = "intel",
    security(("bearer" = [])), params(("intel_id" = String, Path, format = Uuid)), request_body = Respond,
    responses((status = 200, description = "The intel", body = Envelope<IntelBody>), Errors))]
pub(crate) async fn respond_to_travel_intel(
    State(app): State<App>,
    caller: Caller,
    context: Context,
    Path(id): Path<IntelId>,
    Json(request): Json<Respond>,
) -> Result<Reply<IntelBody>, ApiError> {
    let mut checks = Checks::default();
    let text = checks.required("response_status", request.response_status, |text| RESPONSE.parse(&text));
    let became = checks.optional("status", request.status, |text| status(&text));
    let (text, became) = checks.build(|| Some((text?, became.unwrap_or(IntelStatus::Resolved))))?;
    app.find_told(&caller, id, |owns| RemarkAction::Respond { owns })
        .await?;
    let record = context.record(caller.user, Action::IntelAnswered, format!("intel/{id}"));
    let decide = |intel: &Intel| Ok::<_, ApiError>(intel.responded(caller.user, text.clone(), became, context.now));
    let card = app.db.change_intel(id, &record, context.claim(), decide).await?;
    app.changed(&caller, "Response recorded", card).await
}

impl App {
    async fn edit(
        &self,
        caller: &Caller,
        context: &Context,
        id: IntelId,
        if_match: &IfMatch,
        request: &Value,
        combine: fn(&mut Value, &Value),
    ) -> Result<Reply<IntelBody>, ApiError> {
        // What no intel may have is refused before anything is read.
        read_value::<IntelFields>(request.clone())?;
        self.find_told(caller, id, |_| RemarkAction::Edit).await?;
        let record = context.record(caller.user, Action::IntelUpdated, format!("intel/{id}"));
        let decide = |intel: &Intel| {
            if_match.check(intel.version)?;
            let Parsed { message, status, .. } = patched(intel, request, combine, context)?;
            Ok::<_, ApiError>(intel.edited(message, status, context.now))
        };
        let card = self.db.change_intel(id, &record, context.claim(), decide).await?;
        self.changed(caller, "Travel intel updated", card).await
    }

    async fn changed(
        &self,
        caller: &Caller,
        message: &'static str,
        card: Option<IntelCard>,
    ) -> Result<Reply<IntelBody>, ApiError> {
        let card = card.ok_or_else(|| ApiError::not_found("travel intel"))?;
        let vote = self.db.find_vote(caller.user, Subject::Intel(card.intel.id)).await?;
        Ok(Reply::ok(message, IntelBody::new(&card, vote)).etag(card.intel.version))
    }
}

/// What is said with the request worked into it, checked as a whole.
fn patched(
    intel: &Intel,
    request: &Value,
    combine: fn(&mut Value, &Value),
    context: &Context,
) -> Result<Parsed, ApiError> {
    let mut fields = serde_json::to_value(IntelFields::new(intel)).map_err(ApiError::internal)?;
    combine(&mut fields, request);
    let parsed = read_value::<IntelFields>(fields)?.parse(context.now)?;
    let mut checks = Checks::default();
    let message = "cannot be changed";
    checks.ensure(
        parsed.itinerary == intel.itinerary,
        "itinerary_id",
        "immutable",
        message,
    );
    checks.ensure(parsed.parent == intel.parent, "parent_intel_id", "immutable", message);
    checks.finish()?;
    Ok(parsed)
}
