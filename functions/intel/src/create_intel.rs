use axum::extract::State;
use tripsage_domain::{
    audit::Action,
    ids::{IntelId, ItineraryId},
    intel::{Intel, IntelStatus, MAX_DEPTH, ThreadError, depth_of},
};
use tripsage_http::{ApiError, Caller, Context, Envelope, Errors, Json, Reply};
use tripsage_store::intel::{INTEL_CHANGED, Place};

use crate::{
    App,
    body::{IntelBody, IntelFields},
};

/// Asks or tells something about an itinerary, or answers what somebody else asks or tells about it.
#[utoipa::path(post, path = "/api/v1/travel-intel", operation_id = "createTravelIntel", tag = "intel",
    security(("bearer" = [])), request_body = IntelFields,
    responses((status = 201, description = "The intel", body = Envelope<IntelBody>), Errors))]
pub(crate) async fn create_travel_intel(
    State(app): State<App>,
    caller: Caller,
    context: Context,
    Json(request): Json<IntelFields>,
) -> Result<Reply<IntelBody>, ApiError> {
    if request.status.is_some() {
        return Err(ApiError::field(
            "status",
            "immutable",
            "can only be given when intel is changed",
        ));
    }
    let parsed = request.parse(context.now)?;
    app.view_itinerary(Some(&caller), parsed.itinerary).await?;
    let id = IntelId::from_uuid(context.new_id("intel"));
    let intel = Intel {
        id,
        itinerary: parsed.itinerary,
        author: caller.user,
        parent: parsed.parent,
        depth: app.depth_below(parsed.itinerary, parsed.parent).await?,
        message: parsed.message,
        status: IntelStatus::Open,
        response: None,
        resolved_at: None,
        created_at: context.now,
        updated_at: context.now,
        version: 1,
    };
    let record = context.record(caller.user, Action::IntelCreated, format!("intel/{id}"));
    let card = match app.db.insert_intel(&intel, &record, context.claim()).await {
        // An earlier attempt at this very request has made it.
        Err(error) if error.is_conflict(INTEL_CHANGED) && context.resumed() => {
            let told = app.db.find_intel(id).await?.and_then(Place::told);
            told.ok_or_else(|| ApiError::not_found("travel intel"))?
        }
        result => result?,
    };
    let reply = Reply::created("Travel intel added", IntelBody::new(&card, None));
    Ok(reply
        .etag(card.intel.version)
        .location(&format!("/api/v1/travel-intel/{id}")))
}

impl App {
    /// How deep in its thread an answer to `parent` is.
    async fn depth_below(&self, itinerary: ItineraryId, parent: Option<IntelId>) -> Result<u8, ApiError> {
        let wrong = |rule, message: String| ApiError::field("parent_intel_id", rule, message);
        let parent = match parent {
            None => None,
            Some(id) => {
                let told = self.db.find_intel(id).await?.and_then(Place::told);
                let unknown = || wrong("unknown", "must be travel intel that exists".to_owned());
                Some(told.ok_or_else(unknown)?.intel)
            }
        };
        depth_of(itinerary, parent.as_ref()).map_err(|error| match error {
            ThreadError::OtherItinerary => wrong("unknown", "must be about the same itinerary".to_owned()),
            ThreadError::TooDeep => wrong(
                "max_depth",
                format!("must not be at the deepest level; threads go {MAX_DEPTH} levels deep"),
            ),
        })
    }
}
