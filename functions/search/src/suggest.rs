use serde::{Deserialize, Serialize};
use tripsage_domain::{text::TextRule, validation::Checks};
use tripsage_http::{ApiError, Caller, Envelope, Errors, Query, Reply};
use utoipa::{IntoParams, ToSchema};

use crate::{airports::checked_limit, places::full_name};

/// What somebody is typing.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct SuggestQuery {
    /// Beginnings of words.
    #[param(min_length = 1, max_length = 100, example = "zur")]
    query: Option<String>,
    /// Suggestions at most.
    #[param(minimum = 1, maximum = 20)]
    limit: Option<u32>,
}

/// Something that may be meant.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Suggestion {
    /// `destination`, `airport` or `country`.
    r#type: &'static str,
    /// Id of the destination, or the code.
    id: String,
    /// What to show.
    label: String,
}

/// Destinations, airports and countries for somebody who is typing. No provider is asked.
#[utoipa::path(get, path = "/api/v1/search/suggest", operation_id = "suggestSearches", tag = "search",
    security(("bearer" = [])), params(SuggestQuery),
    responses((status = 200, description = "Suggestions", body = Envelope<Vec<Suggestion>>), Errors))]
pub(crate) async fn suggest_searches(
    _caller: Caller,
    Query(query): Query<SuggestQuery>,
) -> Result<Reply<Vec<Suggestion>>, ApiError> {
    let mut checks = Checks::default();
    let text = checks.required("query", query.query, |text| TextRule::line(1, 100).parse(&text));
    let limit = checked_limit(&mut checks, query.limit, 10, 20);
    let text = checks.build(|| text)?;
    let cities = tripsage_reference::find_cities(&text, limit)
        .into_iter()
        .map(|city| Suggestion {
            r#type: "destination",
            id: city.slug.clone(),
            label: full_name(city),
        });
    let airports = tripsage_reference::find_airports(&text, limit)
        .into_iter()
        .map(|airport| Suggestion {
            r#type: "airport",
            id: airport.code.to_owned(),
            label: format!("{} ({})", airport.name(), airport.code),
        });
    let countries = tripsage_reference::find_countries(&text, 2)
        .into_iter()
        .map(|country| Suggestion {
            r#type: "country",
            id: country.code.to_owned(),
            label: country.name.to_owned(),
        });
    // Who types three letters of a code means the airport.
    let code_first = text.len() == 3 && tripsage_reference::airport(&text).is_some();
    let (mut cities, mut airports) = (cities.collect::<Vec<_>>(), airports.collect::<Vec<_>>());
    cities.truncate(limit.div_ceil(2));
    airports.truncate(limit.div_ceil(2));
    let (first, second) = if code_first {
        (airports, cities)
    } else {
        (cities, airports)
    };
    let all = first.into_iter().chain(second).chain(countries).take(limit);
    Ok(Reply::ok("Suggestions found", all.collect()))
}
