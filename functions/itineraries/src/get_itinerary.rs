use axum::extract::State;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use tripsage_cache::{Cached, CompositeKey, Content, Made, Tag};
use tripsage_domain::{
    ids::{ItineraryId, UserId},
    itinerary::State as Stage,
    policy::{ItineraryAction, may_itinerary},
    votes::{Subject, Vote},
};
use tripsage_http::{Admitted, ApiError, Envelope, Errors, MaybeCaller, Path, Reply};

use crate::{App, body::ItineraryDetail};

/// Grows with every change to what the cache keeps of an itinerary.
const SCHEMA: u32 = 1;

/// An itinerary as the cache keeps it; only a published one is kept.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Kept {
    owner: UserId,
    is_public: bool,
    is_deleted: bool,
    version: u64,
    body: Value,
}

/// An itinerary with its parts. Reading it is no view: `POST .../view` is.
#[utoipa::path(get, path = "/api/v1/itineraries/{itinerary_id}", operation_id = "getItinerary", tag = "itineraries",
    params(("itinerary_id" = String, Path, format = Uuid)),
    responses((status = 200, description = "The itinerary", body = Envelope<ItineraryDetail>), Errors))]
pub(crate) async fn get_itinerary(
    State(app): State<App>,
    caller: MaybeCaller,
    admitted: Admitted,
    Path(id): Path<ItineraryId>,
) -> Result<Reply<Value>, ApiError> {
    let text = id.to_string();
    let tag = Tag::Itinerary(text.clone());
    let key = CompositeKey::new(Content::Detail, SCHEMA, &["itinerary", &text], &[tag]);
    let (cached, vote) = tokio::join!(
        app.edge.get_or_make(&admitted, &key, || app.made_detail(id)),
        app.vote_of(&caller, id)
    );
    let cached: Cached<Kept> = cached?;
    let kept = &*cached.value;
    let stage = match (kept.is_deleted, kept.is_public) {
        (true, _) => Stage::Deleted,
        (false, true) => Stage::Published,
        (false, false) => Stage::Draft,
    };
    may_itinerary(caller.0.as_ref(), kept.owner, stage, ItineraryAction::View)
        .map_err(|denial| ApiError::denied(denial, "itinerary"))?;
    let mut body = kept.body.clone();
    if let Some(body) = body.as_object_mut() {
        body.insert("user_vote".to_owned(), vote?.map(Vote::name).into());
    }
    Ok(Reply::ok("Itinerary found", body).etag(kept.version))
}

impl App {
    /// The caller's own vote, which is in no cache.
    async fn vote_of(&self, caller: &MaybeCaller, id: ItineraryId) -> Result<Option<Vote>, ApiError> {
        match &caller.0 {
            Some(caller) => Ok(self.db.find_vote(caller.user, Subject::Itinerary(id)).await?),
            None => Ok(None),
        }
    }

    async fn made_detail(&self, id: ItineraryId) -> Result<Made<Kept>, ApiError> {
        let whole = self.db.find_whole_itinerary(id).await?;
        let whole = whole.ok_or_else(|| ApiError::not_found("itinerary"))?;
        let itinerary = &whole.itinerary;
        let body = serde_json::to_value(self.detail(&whole).await?).map_err(ApiError::internal)?;
        Ok(Made {
            keep: itinerary.is_public(),
            value: Kept {
                owner: itinerary.owner,
                is_public: itinerary.is_public(),
                is_deleted: itinerary.deleted.is_some(),
                version: itinerary.version,
                body,
            },
        })
    }
}
