//! Guides: applying, reading, changing one's own profile.

use axum::extract::State;
use serde::Serialize;
use tripsage_cache::Tag;
use tripsage_domain::{
    audit::Action,
    guide::{BookingStatus, Guide},
    ids::GuideId,
    policy,
};
use tripsage_http::{
    ApiError, Caller, Code, Context, Envelope, Errors, IfMatch, Json, MaybeCaller, Path, Principal, Reply,
};
use tripsage_store::{
    StoreError, Transaction,
    guides::{BookedBy, GUIDE_CLAIMED, ReviewRow, StandingGuide},
};
use utoipa::ToSchema;

use super::{
    Tries,
    guide_body::{GuideFields, GuideResponse, Viewer},
    review_body::ReviewResponse,
    reviews::sees,
};
use crate::App;

/// Reviews that come with a guide.
const NEWEST_REVIEWS: usize = 10;

/// A guide with what was said of them last.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct GuideWithReviews {
    /// The guide.
    #[serde(flatten)]
    guide: GuideResponse,
    /// The newest reviews; `/reviews` has all of them.
    reviews: Vec<ReviewResponse>,
}

/// Applies as a guide. Nobody can book the guide until a moderator has verified them. A user is one guide at most.
#[utoipa::path(post, path = "/api/v1/women-safety/guides", operation_id = "applyAsGuide", tag = "safety",
    security(("bearer" = [])), request_body = GuideFields,
    responses((status = 201, description = "The guide", body = Envelope<GuideResponse>), Errors))]
pub(crate) async fn apply_as_guide(
    State(app): State<App>,
    caller: Caller,
    context: Context,
    Json(request): Json<GuideFields>,
) -> Result<Reply<GuideResponse>, ApiError> {
    let guide = Guide {
        id: GuideId::from_uuid(context.new_id("guide")),
        user: caller.user,
        profile: request.onto(None)?,
        verification: None,
        suspension: None,
        featured: false,
        created_at: context.now,
        updated_at: context.now,
        version: 1,
    };
    let id = guide.id;
    if !context.resumed() {
        let record = context.record(caller.user, Action::GuideApplied, format!("guide/{id}"));
        let transaction = Transaction::inserting_guide(&guide)?.audited(&record)?;
        match app.db.commit(transaction.fenced(context.claim())).await {
            Err(StoreError::Conflict(GUIDE_CLAIMED)) => {
                return Err(ApiError::new(Code::AlreadyExists).message("you are a guide already"));
            }
            result => result?,
        }
        app.edge.bump(&Tag::Guides).await;
    }
    let found = app.find_guide(id).await?;
    let reply = Reply::created(
        "Application filed",
        GuideResponse::new(&found, Viewer::Insider, context.now),
    );
    let location = format!("/api/v1/women-safety/guides/{id}");
    Ok(reply.etag(found.guide.version).location(&location))
}

/// The guide that the caller is.
#[utoipa::path(get, path = "/api/v1/women-safety/guides/me", operation_id = "getOwnGuide", tag = "safety",
    security(("bearer" = [])),
    responses((status = 200, description = "The guide", body = Envelope<GuideResponse>), Errors))]
pub(crate) async fn get_own_guide(
    State(app): State<App>,
    caller: Caller,
    context: Context,
) -> Result<Reply<GuideResponse>, ApiError> {
    let id = app.db.find_guide_of(caller.user).await?;
    let found = app.find_guide(id.ok_or_else(|| ApiError::not_found("guide"))?).await?;
    let shown = GuideResponse::new(&found, Viewer::Insider, context.now);
    Ok(Reply::ok("Guide found", shown).etag(found.guide.version))
}

/// A guide, with the newest reviews. How to reach them is told to those whose booking they have confirmed.
#[utoipa::path(get, path = "/api/v1/women-safety/guides/{guide_id}", operation_id = "getGuide", tag = "safety",
    params(("guide_id" = String, Path, format = Uuid)),
    responses((status = 200, description = "The guide", body = Envelope<GuideWithReviews>), Errors))]
pub(crate) async fn get_guide(
    State(app): State<App>,
    MaybeCaller(caller): MaybeCaller,
    context: Context,
    Path(id): Path<GuideId>,
) -> Result<Reply<GuideWithReviews>, ApiError> {
    let found = app.find_guide(id).await?;
    let is_seen = |review: &ReviewRow| sees(caller.as_ref(), &found.guide, review);
    let reviews = async {
        let newest = app.db.list_guide_reviews(id, NEWEST_REVIEWS, None, is_seen).await?;
        Ok(app.with_helpful(newest.items).await?)
    };
    let (viewer, reviews) = tokio::try_join!(app.viewer(&found.guide, caller.as_ref()), reviews)?;
    let shown = GuideWithReviews {
        guide: GuideResponse::new(&found, viewer, context.now),
        reviews,
    };
    // What it shows depends on more than the version; a browser must not take one answer for another.
    Ok(Reply::ok("Guide found", shown))
}

/// Replaces the fields of one's own profile that are given and keeps the others.
#[utoipa::path(put, path = "/api/v1/women-safety/guides/{guide_id}", operation_id = "replaceGuide", tag = "safety",
    security(("bearer" = [])), params(("guide_id" = String, Path, format = Uuid)), request_body = GuideFields,
    responses((status = 200, description = "The guide", body = Envelope<GuideResponse>), Errors))]
pub(crate) async fn replace_guide(
    State(app): State<App>,
    caller: Caller,
    context: Context,
    Path(id): Path<GuideId>,
    if_match: IfMatch,
    Json(request): Json<GuideFields>,
) -> Result<Reply<GuideResponse>, ApiError> {
    update(&app, &caller, &context, id, &if_match, request).await
}

/// Changes some fields of one's own profile: a JSON merge patch.
#[utoipa::path(patch, path = "/api/v1/women-safety/guides/{guide_id}", operation_id = "patchGuide", tag = "safety",
    security(("bearer" = [])), params(("guide_id" = String, Path, format = Uuid)), request_body = GuideFields,
    responses((status = 200, description = "The guide", body = Envelope<GuideResponse>), Errors))]
pub(crate) async fn patch_guide(
    State(app): State<App>,
    caller: Caller,
    context: Context,
    Path(id): Path<GuideId>,
    if_match: IfMatch,
    Json(request): Json<GuideFields>,
) -> Result<Reply<GuideResponse>, ApiError> {
    update(&app, &caller, &context, id, &if_match, request).await
}

async fn update(
    app: &App,
    caller: &Caller,
    context: &Context,
    id: GuideId,
    if_match: &IfMatch,
    request: GuideFields,
) -> Result<Reply<GuideResponse>, ApiError> {
    let record = context.record(caller.user, Action::GuideUpdated, format!("guide/{id}"));
    let mut tries = Tries::new(context);
    let found = loop {
        let before = app.find_guide(id).await?;
        if before.guide.user != caller.user {
            return Err(ApiError::new(Code::Forbidden));
        }
        if_match.check(before.guide.version)?;
        let after = Guide {
            profile: request.clone().onto(Some(&before.guide.profile))?,
            updated_at: context.now,
            version: before.guide.version + 1,
            ..before.guide.clone()
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

impl App {
    /// A guide and how they stand.
    pub(super) async fn find_guide(&self, id: GuideId) -> Result<StandingGuide, ApiError> {
        let found = self.db.find_guide(id).await?;
        found.ok_or_else(|| ApiError::not_found("guide"))
    }

    /// As whom the caller looks at a guide.
    async fn viewer(&self, guide: &Guide, caller: Option<&Principal>) -> Result<Viewer, ApiError> {
        let Some(caller) = caller else {
            return Ok(Viewer::Public);
        };
        if caller.user == guide.user || policy::may_moderate(caller).is_ok() {
            return Ok(Viewer::Insider);
        }
        let by = BookedBy::Traveler(caller.user);
        let is_confirmed = |booking: &tripsage_domain::guide::GuideBooking| booking.status == BookingStatus::Confirmed;
        let page = self
            .db
            .list_guide_bookings(by, Some(guide.id), 1, None, is_confirmed)
            .await?;
        Ok(if page.bookings.is_empty() {
            Viewer::Public
        } else {
            Viewer::Booked
        })
    }
}
