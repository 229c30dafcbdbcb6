use axum::extract::State;
use serde_json::Value;
use tripsage_http::{Admitted, ApiError, Context, Envelope, Errors, Path, QueryWithLists, Reply};

use crate::{App, body::ItineraryBody, feed, filters::ListItineraries};

/// What is published.
#[utoipa::path(get, path = "/api/v1/itineraries", operation_id = "listItineraries", tag = "itineraries",
    params(ListItineraries),
    responses((status = 200, description = "A page of itineraries", body = Envelope<Vec<ItineraryBody>>), Errors))]
pub(crate) async fn list_itineraries(
    State(app): State<App>,
    admitted: Admitted,
    context: Context,
    QueryWithLists(query): QueryWithLists<ListItineraries>,
) -> Result<Reply<Vec<Value>>, ApiError> {
    let filters = query.filters()?;
    let now = context.now;
    let (page, pagination) = feed::page(&app.edge, &admitted, now, "listItineraries", &filters, &query.pages()).await?;
    Ok(Reply::ok("Itineraries found", page).page(pagination))
}

/// What is published about a destination: with all of its words in the name of the destination.
#[utoipa::path(get, path = "/api/v1/itineraries/by-destination/{destination}",
    operation_id = "listItinerariesByDestination", tag = "itineraries",
    params(("destination" = String, Path, example = "tokyo"), ListItineraries),
    responses((status = 200, description = "A page of itineraries", body = Envelope<Vec<ItineraryBody>>), Errors))]
pub(crate) async fn list_itineraries_by_destination(
    State(app): State<App>,
    admitted: Admitted,
    context: Context,
    Path(destination): Path<String>,
    QueryWithLists(query): QueryWithLists<ListItineraries>,
) -> Result<Reply<Vec<Value>>, ApiError> {
    let query = query.in_destination(destination)?;
    let (filters, now) = (query.filters()?, context.now);
    let operation = "listItinerariesByDestination";
    let (page, pagination) = feed::page(&app.edge, &admitted, now, operation, &filters, &query.pages()).await?;
    Ok(Reply::ok("Itineraries found", page).page(pagination))
}
