use axum::{
    extract::{FromRequest, Request, State},
    response::IntoResponse,
};
use http::header;
use tripsage_domain::{
    ids::ItineraryId,
    itinerary::{Itinerary, Route},
};
use tripsage_http::{ApiError, Caller, Context, Envelope, Errors, IfMatch, Json, MaybeCaller, Path, RawBody, Reply};
use tripsage_store::itineraries::{ItineraryChange, RouteChange};

use super::body::{RouteBody, RouteFields};
use crate::{App, body::ItineraryDetail};

/// A route as it is uploaded: JSON, or a GPX file as it is.
pub(crate) struct Upload(RouteFields);

impl<S: Send + Sync> FromRequest<S> for Upload {
    type Rejection = axum::response::Response;

    async fn from_request(request: Request, state: &S) -> Result<Self, Self::Rejection> {
        let kind = request.headers().get(header::CONTENT_TYPE);
        let kind = kind.and_then(|value| value.to_str().ok()).unwrap_or_default();
        let essence = kind.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
        if essence != "application/gpx+xml" {
            let body = Json::<RouteFields>::from_request(request, state).await;
            return body
                .map(|Json(fields)| Self(fields))
                .map_err(IntoResponse::into_response);
        }
        let body = RawBody::from_request(request, state)
            .await
            .map_err(IntoResponse::into_response)?;
        match String::from_utf8(body.0.to_vec()) {
            Ok(text) => Ok(Self(RouteFields::gpx(text))),
            Err(_) => Err(ApiError::field("route_gpx", "gpx", "must be UTF-8").into_response()),
        }
    }
}

/// The route of an itinerary.
#[utoipa::path(get, path = "/api/v1/itineraries/{itinerary_id}/route", operation_id = "getItineraryRoute",
    tag = "itineraries", params(("itinerary_id" = String, Path, format = Uuid)),
    responses((status = 200, description = "The route", body = Envelope<RouteBody>), Errors))]
pub(crate) async fn get_itinerary_route(
    State(app): State<App>,
    caller: MaybeCaller,
    Path(id): Path<ItineraryId>,
) -> Result<Reply<RouteBody>, ApiError> {
    let itinerary = app.view_itinerary(&caller, id).await?;
    let route = app.db.find_itinerary_route(id).await?;
    let route = route.filter(|_| itinerary.has_gps());
    let route = route.ok_or_else(|| ApiError::not_found("route"))?;
    Ok(Reply::ok("Route found", RouteBody::new(&route)))
}

/// Keeps a route with an itinerary, in the place of the one that there is: as JSON, or a GPX file as it is
/// (`application/gpx+xml`). At most 10,000 points and 200 named places.
#[utoipa::path(put, path = "/api/v1/itineraries/{itinerary_id}/route", operation_id = "replaceItineraryRoute",
    tag = "itineraries", security(("bearer" = [])), params(("itinerary_id" = String, Path, format = Uuid)),
    request_body = RouteFields,
    responses((status = 200, description = "The route", body = Envelope<RouteBody>), Errors))]
pub(crate) async fn replace_itinerary_route(
    State(app): State<App>,
    caller: Caller,
    context: Context,
    Path(id): Path<ItineraryId>,
    if_match: IfMatch,
    Upload(fields): Upload,
) -> Result<Reply<RouteBody>, ApiError> {
    let route = fields.into_route()?;
    let route = route.ok_or_else(|| ApiError::field("route_gpx", "required", "is required, or route_waypoints"))?;
    let version = set(&app, &caller, &context, id, &if_match, Some(&route)).await?;
    Ok(Reply::ok("Route kept", RouteBody::new(&route)).etag(version))
}

/// Removes the route of an itinerary.
#[utoipa::path(delete, path = "/api/v1/itineraries/{itinerary_id}/route", operation_id = "deleteItineraryRoute",
    tag = "itineraries", security(("bearer" = [])), params(("itinerary_id" = String, Path, format = Uuid)),
    responses((status = 200, description = "The itinerary", body = Envelope<ItineraryDetail>), Errors))]
pub(crate) async fn delete_itinerary_route(
    State(app): State<App>,
    caller: Caller,
    context: Context,
    Path(id): Path<ItineraryId>,
    if_match: IfMatch,
) -> Result<Reply<ItineraryDetail>, ApiError> {
    set(&app, &caller, &context, id, &if_match, None).await?;
    app.changed("Route removed", id).await
}

/// Gives an itinerary a route, or takes it away; gives the new version.
async fn set(
    app: &App,
    caller: &Caller,
    context: &Context,
    id: ItineraryId,
    if_match: &IfMatch,
    route: Option<&Route>,
) -> Result<u64, ApiError> {
    app.edit(
        context,
        || app.find_itinerary(id),
        |itinerary: &Itinerary| {
            let after = itinerary.routed(caller, route.and_then(Route::summary), context.now)?;
            if_match.check(itinerary.version)?;
            if route.is_none() && !itinerary.has_gps() {
                return Err(ApiError::not_found("route"));
            }
            let version = after.version;
            let mut change = ItineraryChange::new(Some(itinerary), after);
            change.route = Some(route.cloned().map_or(RouteChange::Removed, RouteChange::Set));
            Ok((Some(change), version))
        },
    )
    .await
}
