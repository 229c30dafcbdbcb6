use axum::extract::State;
use tripsage_domain::{ids::ItineraryId, itinerary::Itinerary};
use tripsage_http::{ApiError, Caller, Context, Envelope, Errors, IfMatch, Path, Reply};
use tripsage_store::itineraries::ItineraryChange;

use crate::{App, body::ItineraryDetail};

/// Lets everybody see a draft.
#[utoipa::path(post, path = "/api/v1/itineraries/{itinerary_id}/publish", operation_id = "publishItinerary",
    tag = "itineraries", security(("bearer" = [])), params(("itinerary_id" = String, Path, format = Uuid)),
    responses((status = 200, description = "The itinerary", body = Envelope<ItineraryDetail>), Errors))]
pub(crate) async fn publish_itinerary(
    State(app): State<App>,
    caller: Caller,
    context: Context,
    Path(id): Path<ItineraryId>,
    if_match: IfMatch,
) -> Result<Reply<ItineraryDetail>, ApiError> {
    publish(&app, &caller, &context, id, &if_match, true).await?;
    app.changed("Itinerary published", id).await
}

/// Makes a published itinerary a draft again. What others have said of it is kept.
#[utoipa::path(post, path = "/api/v1/itineraries/{itinerary_id}/unpublish", operation_id = "unpublishItinerary",
    tag = "itineraries", security(("bearer" = [])), params(("itinerary_id" = String, Path, format = Uuid)),
    responses((status = 200, description = "The itinerary", body = Envelope<ItineraryDetail>), Errors))]
pub(crate) async fn unpublish_itinerary(
    State(app): State<App>,
    caller: Caller,
    context: Context,
    Path(id): Path<ItineraryId>,
    if_match: IfMatch,
) -> Result<Reply<ItineraryDetail>, ApiError> {
    publish(&app, &caller, &context, id, &if_match, false).await?;
    app.changed("Itinerary is a draft", id).await
}

async fn publish(
    app: &App,
    caller: &Caller,
    context: &Context,
    id: ItineraryId,
    if_match: &IfMatch,
    is_published: bool,
) -> Result<(), ApiError> {
    app.edit(
        context,
        || app.find_itinerary(id),
        |itinerary: &Itinerary| {
            let after = itinerary.edited(caller, itinerary.content.clone(), is_published, context.now)?;
            if_match.check(itinerary.version)?;
            let changed = after.version != itinerary.version;
            Ok((changed.then(|| ItineraryChange::new(Some(itinerary), after)), ()))
        },
    )
    .await
}
