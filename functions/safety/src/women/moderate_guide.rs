//! What moderators do about guides.

use axum::extract::State;
use jiff::Timestamp;
use serde::Deserialize;
use tripsage_cache::Tag;
use tripsage_domain::{
    audit::Action,
    guide::{Guide, Suspension, Verification},
    ids::GuideId,
    validation::Checks,
};
use tripsage_http::{ApiError, Caller, Context, Envelope, Errors, IfMatch, Json, Path, Reply};
use tripsage_store::{Transaction, guides::StandingGuide};
use utoipa::ToSchema;

use super::{
    Tries,
    fields::{NOTE, instant, word},
    guide_body::{GuideResponse, Viewer},
    moderator,
};
use crate::App;

/// What a moderator has seen of a guide.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct VerifyGuide {
    /// `bronze`, `silver`, `gold` or `platinum`.
    #[serde(alias = "level")]
    #[schema(example = "silver")]
    verification_level: Option<String>,
    /// Whether their background was checked.
    background_check_completed: Option<bool>,
    /// Whether they are trained for emergencies.
    emergency_response_training: Option<bool>,
    /// Whether they are certified in first aid.
    first_aid_certified: Option<bool>,
    /// Whether to recommend them.
    is_featured: Option<bool>,
}

/// Why and how long a guide may not guide.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct SuspendGuide {
    /// Why.
    #[schema(min_length = 1, max_length = 500)]
    reason: Option<String>,
    /// Until when, by itself; without it until somebody lifts the suspension.
    #[schema(format = DateTime)]
    until: Option<String>,
}

/// Verifies a guide, or changes what was verified. For moderators.
#[utoipa::path(post, path = "/api/v1/women-safety/guides/{guide_id}/verify", operation_id = "verifyGuide", tag = "safety",
    security(("bearer" = [])), params(("guide_id" = String, Path, format = Uuid)), request_body = VerifyGuide,
    responses((status = 200, description = "The guide", body = Envelope<GuideResponse>), Errors))]
pub(crate) async fn verify_guide(
    State(app): State<App>,
    caller: Caller,
    context: Context,
    Path(id): Path<GuideId>,
    if_match: IfMatch,
    Json(request): Json<VerifyGuide>,
) -> Result<Reply<GuideResponse>, ApiError> {
    moderator(&caller)?;
    let mut checks = Checks::default();
    let level = checks.required("verification_level", request.verification_level, |name| word(&name));
    let level = checks.build(|| level)?;
    let verified = |guide: &Guide| {
        let known = guide.verification;
        let seen = |given: Option<bool>, known: Option<bool>| given.or(known).unwrap_or_default();
        Guide {
            verification: Some(Verification {
                level,
                at: context.now,
                background_check: seen(
                    request.background_check_completed,
                    known.map(|known| known.background_check),
                ),
                emergency_training: seen(
                    request.emergency_response_training,
                    known.map(|known| known.emergency_training),
                ),
                first_aid: seen(request.first_aid_certified, known.map(|known| known.first_aid)),
            }),
            featured: request.is_featured.unwrap_or(guide.featured),
            ..guide.clone()
        }
    };
    moderate(&app, &caller, &context, id, &if_match, Action::GuideVerified, verified).await
}

/// Suspends a guide: they are not listed and cannot be booked. What is booked stays booked. For moderators.
#[utoipa::path(post, path = "/api/v1/women-safety/guides/{guide_id}/suspend", operation_id = "suspendGuide", tag = "safety",
    security(("bearer" = [])), params(("guide_id" = String, Path, format = Uuid)), request_body = SuspendGuide,
    responses((status = 200, description = "The guide", body = Envelope<GuideResponse>), Errors))]
pub(crate) async fn suspend_guide(
    State(app): State<App>,
    caller: Caller,
    context: Context,
    Path(id): Path<GuideId>,
    if_match: IfMatch,
    Json(request): Json<SuspendGuide>,
) -> Result<Reply<GuideResponse>, ApiError> {
    moderator(&caller)?;
    let mut checks = Checks::default();
    let reason = checks.required("reason", request.reason, |text| NOTE.parse(&text));
    let until = checks.optional("until", request.until.as_deref(), instant);
    let is_future = until.is_none_or(|until: Timestamp| until > context.now);
    checks.ensure(is_future, "until", "future", "must be in the future");
    let reason = checks.build(|| reason)?;
    let suspended = |guide: &Guide| Guide {
        suspension: Some(Suspension {
            reason: reason.clone(),
            at: context.now,
            until,
        }),
        ..guide.clone()
    };
    moderate(
        &app,
        &caller,
        &context,
        id,
        &if_match,
        Action::GuideSuspended,
        suspended,
    )
    .await
}

/// Lifts the suspension of a guide. For moderators.
#[utoipa::path(post, path = "/api/v1/women-safety/guides/{guide_id}/reinstate", operation_id = "reinstateGuide",
    tag = "safety", security(("bearer" = [])), params(("guide_id" = String, Path, format = Uuid)),
    responses((status = 200, description = "The guide", body = Envelope<GuideResponse>), Errors))]
pub(crate) async fn reinstate_guide(
    State(app): State<App>,
    caller: Caller,
    context: Context,
    Path(id): Path<GuideId>,
    if_match: IfMatch,
) -> Result<Reply<GuideResponse>, ApiError> {
    moderator(&caller)?;
    let reinstated = |guide: &Guide| Guide {
        suspension: None,
        ..guide.clone()
    };
    moderate(
        &app,
        &caller,
        &context,
        id,
        &if_match,
        Action::GuideReinstated,
        reinstated,
    )
    .await
}

async fn moderate(
    app: &App,
    caller: &Caller,
    context: &Context,
    id: GuideId,
    if_match: &IfMatch,
    action: Action,
    change: impl Fn(&Guide) -> Guide + Send + Sync,
) -> Result<Reply<GuideResponse>, ApiError> {
    let record = context.record(caller.user, action, format!("guide/{id}"));
    let mut tries = Tries::new(context);
    let found = loop {
        let before = app.find_guide(id).await?;
        if_match.check(before.guide.version)?;
        let after = Guide {
            updated_at: context.now,
            version: before.guide.version + 1,
            ..change(&before.guide)
        };
        let transaction = Transaction::replacing_guide(&before, &after)?.audited(&record)?;
        if tries.commit(&app.db, transaction).await? {
            break StandingGuide { guide: after, ..before };
        }
    };
    app.edge.bump(&Tag::Guides).await;
    let shown = GuideResponse::new(&found, Viewer::Insider, context.now);
    Ok(Reply::ok("Guide updated", shown).etag(found.guide.version))
}
