use axum::extract::State;
use serde_json::Value;
use tripsage_domain::{
    ids::ItineraryId,
    itinerary::{Content, Itinerary, Route},
    policy::ItineraryAction,
};
use tripsage_http::{
    ApiError, Caller, Context, Envelope, Errors, IfMatch, Json, Path, Reply, merge_patch, read_value, replace_fields,
};
use tripsage_store::itineraries::{ItineraryChange, RouteChange};

use crate::{App, body::ItineraryDetail, fields::ItineraryFields, route::given_route};

/// Replaces the fields that are given, each as a whole, and keeps the others.
#[utoipa::path(put, path = "/api/v1/itineraries/{itinerary_id}", operation_id = "replaceItinerary",
    tag = "itineraries", security(("bearer" = [])), params(("itinerary_id" = String, Path, format = Uuid)),
    request_body = ItineraryFields,
    responses((status = 200, description = "The itinerary", body = Envelope<ItineraryDetail>), Errors))]
pub(crate) async fn replace_itinerary(
    State(app): State<App>,
    caller: Caller,
    context: Context,
    Path(id): Path<ItineraryId>,
    if_match: IfMatch,
    Json(request): Json<Value>,
) -> Result<Reply<ItineraryDetail>, ApiError> {
    update(&app, &caller, &context, id, &if_match, request, replace_fields).await
}

/// Changes some fields: a JSON merge patch (RFC 7396). `null` removes a field; `route_gpx: null` removes the route.
#[utoipa::path(patch, path = "/api/v1/itineraries/{itinerary_id}", operation_id = "patchItinerary",
    tag = "itineraries", security(("bearer" = [])), params(("itinerary_id" = String, Path, format = Uuid)),
    request_body = ItineraryFields,
    responses((status = 200, description = "The itinerary", body = Envelope<ItineraryDetail>), Errors))]
pub(crate) async fn patch_itinerary(
    State(app): State<App>,
    caller: Caller,
    context: Context,
    Path(id): Path<ItineraryId>,
    if_match: IfMatch,
    Json(request): Json<Value>,
) -> Result<Reply<ItineraryDetail>, ApiError> {
    update(&app, &caller, &context, id, &if_match, request, merge_patch).await
}

async fn update(
    app: &App,
    caller: &Caller,
    context: &Context,
    id: ItineraryId,
    if_match: &IfMatch,
    mut request: Value,
    combine: fn(&mut Value, &Value),
) -> Result<Reply<ItineraryDetail>, ApiError> {
    let others = Others::take(&mut request)?;
    app.edit(
        context,
        || app.find_itinerary(id),
        |itinerary: &Itinerary| {
            let permitted = itinerary.permit(Some(caller), ItineraryAction::Edit);
            permitted.map_err(|denial| ApiError::denied(denial, "itinerary"))?;
            if_match.check(itinerary.version)?;
            let content = patched(&itinerary.content, &request, combine)?;
            let is_published = others.is_published.unwrap_or(itinerary.is_published);
            let mut after = itinerary.edited(caller, content, is_published, context.now)?;
            if let Some(route) = &others.route {
                let edited = after;
                after = itinerary.routed(caller, summary(route), context.now)?;
                after.content = edited.content;
                after.publish(is_published, context.now);
            }
            if after.version == itinerary.version {
                return Ok((None, ()));
            }
            let mut change = ItineraryChange::new(Some(itinerary), after);
            change.route = others.route.clone();
            Ok((Some(change), ()))
        },
    )
    .await?;
    app.changed("Itinerary updated", id).await
}

/// What a request may change besides the content.
struct Others {
    is_published: Option<bool>,
    route: Option<RouteChange>,
}

impl Others {
    /// Takes it out of a request, whose fields are checked one by one before anything is read.
    fn take(request: &mut Value) -> Result<Self, ApiError> {
        let mut fields = read_value::<ItineraryFields>(request.clone())?;
        let removes = ["route_gpx", "route_waypoints"].map(|name| request.get(name).is_some_and(Value::is_null));
        let is_published = fields.publication()?;
        if fields.remixed_from_ids.is_some() || fields.is_remixed.is_some() {
            let message = "can only be given when the itinerary is made";
            return Err(ApiError::field("remixed_from_ids", "immutable", message));
        }
        let route = match given_route(&mut fields)? {
            Some(route) => Some(RouteChange::Set(route)),
            None => removes.contains(&true).then_some(RouteChange::Removed),
        };
        if let Some(request) = request.as_object_mut() {
            let taken = [
                "route_gpx",
                "route_waypoints",
                "is_published",
                "status",
                "is_remixed",
                "remixed_from_ids",
            ];
            request.retain(|name, _| !taken.contains(&name.as_str()));
        }
        Ok(Self { is_published, route })
    }
}

fn summary(route: &RouteChange) -> Option<tripsage_domain::itinerary::RouteSummary> {
    match route {
        RouteChange::Set(route) => Route::summary(route),
        RouteChange::Removed => None,
    }
}

/// The content with the request worked into it, checked as a whole.
fn patched(content: &Content, request: &Value, combine: fn(&mut Value, &Value)) -> Result<Content, ApiError> {
    let mut fields = serde_json::to_value(ItineraryFields::new(content)).map_err(ApiError::internal)?;
    combine(&mut fields, request);
    let mut fields = read_value::<ItineraryFields>(fields)?;
    if request.get("duration_days").is_none() && fields.start_date.is_some() && fields.end_date.is_some() {
        // What was said before there were dates.
        fields.duration_days = None;
    }
    Ok(fields.into_content()?)
}
