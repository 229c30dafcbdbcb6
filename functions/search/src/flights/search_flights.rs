use std::time::Instant;

use axum::extract::State;
use futures_util::future::join_all;
use serde::Deserialize;
use tripsage_domain::{
    flight::FlightSearch,
    ids::{SearchId, UserId},
    service::Service,
};
use tripsage_http::{Admitted, ApiError, Caller, Code, Context, Envelope, Errors, Json, Path, Query, Reply};
use tripsage_providers::model::FlightOffers;
use utoipa::IntoParams;

use super::{
    answer::{FlightSearchResults, results},
    question::{FlightQuestion, asked},
    search_fields::FlightSearchFields,
};
use crate::{
    App,
    asking::{Asked, Asking, nobody_answered},
    recent::Kind,
};

/// Searches flights with the caller's own key of Duffel, else with that of the stage. The same question is answered from a
/// cache for five minutes; filters, sorting and pages do not ask anew.
#[utoipa::path(post, path = "/api/v1/search/flights", operation_id = "searchFlights", tag = "search",
    security(("bearer" = [])), request_body = FlightSearchFields,
    responses((status = 200, description = "Offers", body = Envelope<FlightSearchResults>), Errors))]
pub(crate) async fn search_flights(
    State(app): State<App>,
    caller: Caller,
    context: Context,
    admitted: Admitted,
    Json(fields): Json<FlightSearchFields>,
) -> Result<Reply<FlightSearchResults>, ApiError> {
    let question = fields.question(context.now)?;
    find(&app, caller.user, &context, &admitted, question).await
}

/// How to show a search that was made before.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct ShowFlights {
    /// As when searching.
    sort_by: Option<String>,
    /// As when searching.
    sort_order: Option<String>,
    /// Number of the page, from 1.
    #[param(minimum = 1, maximum = 50)]
    page: Option<u32>,
    /// Offers per page.
    #[param(minimum = 1, maximum = 100)]
    per_page: Option<u32>,
}

/// The results of a search that the caller made: from the cache, or asked for again when that has forgotten them.
#[utoipa::path(get, path = "/api/v1/search/flights/{search_id}", operation_id = "getFlightSearch", tag = "search",
    security(("bearer" = [])), params(("search_id" = String, Path, format = Uuid), ShowFlights),
    responses((status = 200, description = "Offers", body = Envelope<FlightSearchResults>), Errors))]
pub(crate) async fn get_flight_search(
    State(app): State<App>,
    caller: Caller,
    context: Context,
    admitted: Admitted,
    Path(id): Path<SearchId>,
    Query(show): Query<ShowFlights>,
) -> Result<Reply<FlightSearchResults>, ApiError> {
    let row = app.db.find_search(caller.user, id, context.now).await?;
    let row = row
        .filter(|row| row.kind == Kind::Flights.name())
        .ok_or_else(|| ApiError::not_found("search"))?;
    let mut fields: FlightSearchFields = serde_json::from_str(&row.parameters).map_err(ApiError::internal)?;
    fields.sort_by = show.sort_by;
    fields.sort_order = show.sort_order;
    (fields.page, fields.per_page) = (show.page, show.per_page);
    let question = fields.question(context.now).map_err(|invalid| {
        let is_over = invalid
            .violations()
            .iter()
            .any(|violation| violation.rule == "past_date");
        let over = || ApiError::new(Code::Conflict).message("the day of departure of this search is over");
        if is_over { over() } else { invalid.into() }
    })?;
    find(&app, caller.user, &context, &admitted, question).await
}

async fn find(
    app: &App,
    user: UserId,
    context: &Context,
    admitted: &Admitted,
    question: FlightQuestion,
) -> Result<Reply<FlightSearchResults>, ApiError> {
    let begun = Instant::now();
    let asking = Asking::new(app, admitted, context);
    let search = app.recent.search(
        user,
        Kind::Flights,
        question.title(),
        &question.fields,
        question.trip,
        context.now,
    )?;
    let id = search.id;
    let (asked, ()) = tokio::join!(
        join_all(
            question
                .searches
                .iter()
                .map(|search| ask_flights(&asking, user, search))
        ),
        app.recent.remember(user, search),
    );
    if asked.iter().all(|asked| asked.answer.is_err()) {
        let reports: Vec<_> = asked.iter().map(|asked| asked.report.clone()).collect();
        return Err(nobody_answered(
            asked.into_iter().filter_map(|asked| asked.answer.err()).collect(),
            &reports,
        ));
    }
    let (results, pagination) = results(id, question, asked, begun, context.now);
    Ok(Reply::ok("Flights found", results).page(pagination))
}

/// One question for flights to Duffel.
pub(crate) async fn ask_flights(asking: &Asking<'_>, user: UserId, search: &FlightSearch) -> Asked<FlightOffers> {
    let duffel = asking.app.providers.duffel();
    let call = async |access, deadline| duffel.search(&access, search, deadline).await;
    asking.keyed(user, Service::Duffel, asked(search), call).await
}
