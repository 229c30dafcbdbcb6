use axum::extract::State;
use tripsage_domain::{ids::ItineraryId, votes::Subject};
use tripsage_http::{
    ApiError, Context, Envelope, Errors, MaybeCaller, OptionalJson, Path, Reply, ViewBody, ViewRequest,
};
use tripsage_store::views::Viewer;

use crate::App;

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
            .note_view(
                Subject::Itinerary(id),
                &viewer,
                context.now,
                context.new_id("view"),
                context.claim(),
            )
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
