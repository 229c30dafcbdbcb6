use axum::extract::State;
use jiff::Timestamp;
use serde::Serialize;
use tripsage_domain::{
    audit::Action,
    ids::ItineraryId,
    itinerary::{Itinerary, RESTORE_WINDOW},
};
use tripsage_http::{ApiError, Caller, Context, Envelope, Errors, IfMatch, Path, Reply};
use tripsage_store::itineraries::ItineraryChange;
use utoipa::ToSchema;

use crate::{App, body::ItineraryDetail};

/// A deleted itinerary.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct DeletedItinerary {
    /// Its id.
    #[schema(format = Uuid)]
    id: String,
    /// Until when it can be brought back: by its owner if they deleted it, else by a moderator.
    #[schema(value_type = String, format = DateTime)]
    restorable_until: Timestamp,
}

/// Deletes an itinerary. Its owner can bring it back for 30 days. Moderators delete what is published, and only they
/// can bring that back.
#[utoipa::path(delete, path = "/api/v1/itineraries/{itinerary_id}", operation_id = "deleteItinerary",
    tag = "itineraries", security(("bearer" = [])), params(("itinerary_id" = String, Path, format = Uuid)),
    responses((status = 200, description = "It is deleted", body = Envelope<DeletedItinerary>), Errors))]
pub(crate) async fn delete_itinerary(
    State(app): State<App>,
    caller: Caller,
    context: Context,
    Path(id): Path<ItineraryId>,
    if_match: IfMatch,
) -> Result<Reply<DeletedItinerary>, ApiError> {
    app.edit(
        &context,
        || app.find_itinerary(id),
        |itinerary: &Itinerary| {
            let after = itinerary.deleted(&caller, context.now)?;
            if_match.check(itinerary.version)?;
            let mut change = ItineraryChange::new(Some(itinerary), after);
            let action = if caller.user == itinerary.owner {
                Action::ItineraryDeleted
            } else {
                Action::ItineraryRemoved
            };
            change
                .audit
                .push(context.record(caller.user, action, format!("itinerary/{id}")));
            Ok((Some(change), ()))
        },
    )
    .await?;
    let deleted = DeletedItinerary {
        id: id.to_string(),
        restorable_until: context.now + RESTORE_WINDOW,
    };
    Ok(Reply::ok("Itinerary deleted", deleted))
}

/// Brings a deleted itinerary back, as it was: published if it was, with its parts and its route.
#[utoipa::path(post, path = "/api/v1/itineraries/{itinerary_id}/restore", operation_id = "restoreItinerary",
    tag = "itineraries", security(("bearer" = [])), params(("itinerary_id" = String, Path, format = Uuid)),
    responses((status = 200, description = "The itinerary", body = Envelope<ItineraryDetail>), Errors))]
pub(crate) async fn restore_itinerary(
    State(app): State<App>,
    caller: Caller,
    context: Context,
    Path(id): Path<ItineraryId>,
) -> Result<Reply<ItineraryDetail>, ApiError> {
    app.edit(
        &context,
        || app.find_itinerary(id),
        |itinerary: &Itinerary| {
            let after = itinerary.restored(&caller, context.now)?;
            let mut change = ItineraryChange::new(Some(itinerary), after);
            let record = context.record(caller.user, Action::ItineraryRestored, format!("itinerary/{id}"));
            change.audit.push(record);
            Ok((Some(change), ()))
        },
    )
    .await?;
    app.changed("Itinerary restored", id).await
}
