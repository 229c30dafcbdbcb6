//! One piece of intel with the answers to it, and what there is about an itinerary.

use std::collections::BTreeMap;

use axum::{
    extract::State,
    response::{IntoResponse, Response},
};
use serde::Serialize;
use tripsage_domain::{
    ids::{IntelId, ItineraryId},
    intel::IntelType,
};
use tripsage_http::{ApiError, Context, Envelope, Errors, MaybeCaller, Path, Query, Reply};
use tripsage_store::intel::Place;
use utoipa::ToSchema;

use crate::{
    App,
    body::{EmptiedBody, IntelBody},
    list_intel::{ListIntel, Of, Selection},
};

/// A piece of intel, or what is left of it.
#[derive(Debug, Serialize, ToSchema)]
#[serde(untagged)]
pub(crate) enum IntelOrPlace {
    /// It is there.
    Told(Box<IntelBody>),
    /// It was deleted.
    Emptied(EmptiedBody),
}

/// A piece of intel with answers to it.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Thread {
    /// The intel. One that was deleted is there as long as there are answers to it, and says nothing.
    intel: IntelOrPlace,
    /// A page of the answers to it; the answers to those are got by their ids.
    replies: Vec<IntelBody>,
}

/// A piece of intel, with a page of the answers to it, which the parameters select and order.
#[utoipa::path(get, path = "/api/v1/travel-intel/{intel_id}", operation_id = "getTravelIntel", tag = "intel",
    params(("intel_id" = String, Path, format = Uuid), ListIntel),
    responses((status = 200, description = "The intel", body = Envelope<Thread>), Errors))]
pub(crate) async fn get_travel_intel(
    State(app): State<App>,
    caller: MaybeCaller,
    context: Context,
    Path(id): Path<IntelId>,
    Query(query): Query<ListIntel>,
) -> Result<Response, ApiError> {
    let mut selection = Selection::parse(&query)?;
    selection.of = Some(Of::Parent(id));
    let place = app.view_place(&caller, id).await?;
    let (replies, pagination) = app.walk_intel("getTravelIntel", &query, &selection, &context).await?;
    let replies = app.intel_bodies(caller.0.as_ref(), &replies).await?;
    let (intel, version) = match place {
        Place::Told(card) => {
            let mut bodies = app
                .intel_bodies(caller.0.as_ref(), std::slice::from_ref(&*card))
                .await?;
            let body = bodies.pop().ok_or_else(|| ApiError::not_found("travel intel"))?;
            (IntelOrPlace::Told(Box::new(body)), Some(card.intel.version))
        }
        Place::Emptied(_) if replies.is_empty() => return Err(ApiError::not_found("travel intel")),
        Place::Emptied(emptied) => (IntelOrPlace::Emptied(emptied.into()), None),
    };
    let reply = Reply::ok("Travel intel found", Thread { intel, replies }).page(pagination);
    Ok(match version {
        Some(version) => reply.etag(version).into_response(),
        None => reply.into_response(),
    })
}

/// What there is about an itinerary, answers too, a moment after the last of it.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct IntelStats {
    /// How much.
    total: i64,
    /// How much of each type.
    by_type: BTreeMap<&'static str, i64>,
    /// How much of it is critical.
    critical_count: i64,
    /// How much of it is resolved.
    resolved_count: i64,
}

/// How much intel there is about an itinerary.
#[utoipa::path(get, path = "/api/v1/travel-intel/stats/{itinerary_id}", operation_id = "getTravelIntelStats",
    tag = "intel", params(("itinerary_id" = String, Path, format = Uuid)),
    responses((status = 200, description = "The numbers", body = Envelope<IntelStats>), Errors))]
pub(crate) async fn get_travel_intel_stats(
    State(app): State<App>,
    caller: MaybeCaller,
    Path(id): Path<ItineraryId>,
) -> Result<Reply<IntelStats>, ApiError> {
    app.view_itinerary(caller.0.as_ref(), id).await?;
    let card = app.db.find_itinerary_cards(&[id]).await?.pop();
    let counts = card.ok_or_else(|| ApiError::not_found("itinerary"))?.standing.counts;
    let known = IntelType::ALL.iter().zip(counts.intel);
    let by_type: BTreeMap<&str, i64> = known.map(|(kind, count)| (kind.name(), count.max(0))).collect();
    let stats = IntelStats {
        total: by_type.values().sum(),
        by_type,
        critical_count: counts.critical_intel.max(0),
        resolved_count: counts.resolved_intel.max(0),
    };
    Ok(Reply::ok("Travel intel counted", stats))
}
