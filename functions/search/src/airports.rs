use serde::{Deserialize, Serialize};
use tripsage_domain::{text::TextRule, validation::Checks};
use tripsage_http::{ApiError, Envelope, Errors, Query, Reply};
use utoipa::{IntoParams, ToSchema};

use crate::places::AirportBody;

/// What somebody is typing.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct FindAirports {
    /// An IATA code, or beginnings of the words of a city or of a name. Accents and case do not matter.
    #[param(min_length = 1, max_length = 100, example = "zuri")]
    q: Option<String>,
    /// Airports at most.
    #[param(minimum = 1, maximum = 50)]
    limit: Option<u32>,
}

/// Airports that fit.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct AirportResults {
    /// What was asked for.
    query: String,
    /// The best first.
    results: Vec<AirportBody>,
    /// How many.
    count: usize,
}

/// The number of results that a client wants.
pub(crate) fn checked_limit(checks: &mut Checks, limit: Option<u32>, usual: u32, most: u32) -> usize {
    let limit = limit.unwrap_or(usual);
    checks.ensure(
        (1..=most).contains(&limit),
        "limit",
        "range",
        format!("must be between 1 and {most}"),
    );
    usize::try_from(limit.min(most)).unwrap_or(1)
}

/// Airports for somebody who is typing: by code, city or name.
#[utoipa::path(get, path = "/api/v1/airports", operation_id = "findAirports", tag = "search", params(FindAirports),
    responses((status = 200, description = "Airports", body = Envelope<AirportResults>), Errors))]
pub(crate) async fn find_airports(Query(query): Query<FindAirports>) -> Result<Reply<AirportResults>, ApiError> {
    let mut checks = Checks::default();
    let text = checks.required("q", query.q, |text| TextRule::line(1, 100).parse(&text));
    let limit = checked_limit(&mut checks, query.limit, 10, 50);
    let text = checks.build(|| text)?;
    let found = tripsage_reference::find_airports(&text, limit);
    let results: Vec<AirportBody> = found
        .into_iter()
        .map(|airport| AirportBody::new(airport, None))
        .collect();
    Ok(Reply::ok(
        "Airports found",
        AirportResults {
            query: text,
            count: results.len(),
            results,
        },
    ))
}
