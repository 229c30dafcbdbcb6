use axum::extract::State;
use serde::{Deserialize, Serialize};
use tripsage_domain::{ids::ItineraryId, text::TextRule, validation::Checks};
use tripsage_http::{ApiError, Context, Envelope, Errors, MaybeCaller, OptionalJson, Path, Reply};
use tripsage_store::views::Viewer;
use utoipa::ToSchema;

use crate::App;

/// What a client may call a session.
const SESSION: TextRule = TextRule::line(1, 128);

/// Who is looking.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ViewRequest {
    /// A name that the client gives to itself and keeps; needed from whoever is not signed in, and of no matter else.
    #[schema(min_length = 1, max_length = 128)]
    session_id: Option<String>,
}

/// How often an itinerary was seen.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub(crate) struct ViewBody {
    /// Travellers and sessions that have seen it.
    view_count: i64,
    /// Whether this one is among them for the first time.
    is_new_view: bool,
}

impl ViewRequest {
    fn viewer(self, caller: &MaybeCaller) -> Result<Viewer, ApiError> {
        let mut checks = Checks::default();
        let session = checks.take(
            "session_id",
            self.session_id.map(|text| SESSION.parse(&text)).transpose(),
        );
        let session = session.flatten();
        let is_known = caller.0.is_some() || session.is_some();
        checks.ensure(
            is_known,
            "session_id",
            "required",
            "is required unless you are signed in",
        );
        checks.finish()?;
        Ok(match (&caller.0, session) {
            (Some(principal), _) => Viewer::Traveller(principal.user),
            (None, session) => Viewer::Session(session.unwrap_or_default()),
        })
    }
}

/// Notes that somebody has seen an itinerary. A traveller counts once, and so does a session of somebody who is not
/// signed in; whoever wrote the itinerary does not count.
#[utoipa::path(post, path = "/api/v1/itineraries/{itinerary_id}/view", operation_id = "viewItinerary",
    tag = "itineraries", params(("itinerary_id" = String, Path, format = Uuid)), request_body = ViewRequest,
    responses((status = 200, description = "How often it was seen", body = Envelope<ViewBody>), Errors))]
pub(crate) async fn view_itinerary(
    State(app): State<App>,
    caller: MaybeCaller,
    context: Context,
    Path(id): Path<ItineraryId>,
    OptionalJson(request): OptionalJson<ViewRequest>,
) -> Result<Reply<ViewBody>, ApiError> {
    let viewer = request.viewer(&caller)?;
    let card = app.seen_card(&caller, id).await?;
    let is_own = viewer == Viewer::Traveller(card.itinerary.owner);
    let is_new_view = !is_own
        && !context.resumed()
        && app
            .db
            .note_view(id, &viewer, context.now, context.new_id("view"), context.claim())
            .await?;
    let view_count = card.standing.counts.views.max(0) + i64::from(is_new_view);
    Ok(Reply::ok(
        "View noted",
        ViewBody {
            view_count,
            is_new_view,
        },
    ))
}
