use serde::{Deserialize, Serialize};
use tripsage_domain::validation::{Checks, Rule};
use tripsage_http::{ApiError, Context, Envelope, Errors, Query, Reply};
use tripsage_reference::Continent;
use utoipa::{IntoParams, ToSchema};

use super::DestinationBody;
use crate::airports::checked_limit;

/// Which popular destinations.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct ListPopular {
    /// Only on this continent.
    #[param(example = "europe")]
    continent: Option<String>,
    /// How many at most.
    #[param(minimum = 1, maximum = 100)]
    limit: Option<u32>,
}

/// Popular destinations.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct PopularDestinations {
    /// How they were chosen and put in order.
    basis: &'static str,
    /// The most prominent first.
    destinations: Vec<DestinationBody>,
}

pub(crate) fn continent(name: &str) -> Result<Continent, Rule> {
    let found = Continent::ALL.into_iter().find(|continent| continent.name() == name);
    found.ok_or_else(|| {
        let names: Vec<&str> = Continent::ALL.iter().map(|continent| continent.name()).collect();
        Rule::new("one_of", format!("must be one of {}", names.join(", ")))
    })
}

/// Destinations that the product proposes.
#[utoipa::path(get, path = "/api/v1/destinations/popular", operation_id = "listPopularDestinations", tag = "search",
    params(ListPopular),
    responses((status = 200, description = "Destinations", body = Envelope<PopularDestinations>), Errors))]
pub(crate) async fn list_popular_destinations(
    context: Context,
    Query(query): Query<ListPopular>,
) -> Result<Reply<PopularDestinations>, ApiError> {
    let mut checks = Checks::default();
    let only = checks.optional("continent", query.continent.as_deref(), continent);
    let limit = checked_limit(&mut checks, query.limit, 20, 100);
    checks.finish()?;
    let wanted = tripsage_reference::popular_cities()
        .iter()
        .filter(|city| only.is_none_or(|only| city.country().is_some_and(|country| country.continent == only)));
    let destinations = wanted.take(limit).map(|city| DestinationBody::new(city, context.now));
    Ok(Reply::ok(
        "Destinations found",
        PopularDestinations {
            basis: "chosen by hand; ordered by how many names in the languages of the world a city has, and by its population",
            destinations: destinations.collect(),
        },
    ))
}
