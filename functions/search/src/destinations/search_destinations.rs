use serde::{Deserialize, Serialize};
use tripsage_domain::{
    text::TextRule,
    validation::{Checks, Rule},
};
use tripsage_http::{ApiError, Context, Envelope, Errors, Json, Pagination, Reply};
use tripsage_reference::City;
use utoipa::ToSchema;

use super::{DestinationBody, list_popular::continent};
use crate::showing::Showing;

/// What destinations to look for.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct DestinationSearch {
    /// A city, a city with its country (`Kyoto, Japan`), or a country. Accents and case do not matter.
    #[schema(min_length = 1, max_length = 200)]
    query: Option<String>,
    /// Only in this country: a code of ISO 3166-1.
    country: Option<String>,
    /// Only on this continent.
    continent: Option<String>,
    /// Only cities with at least so many people.
    min_population: Option<u64>,
    /// Only capitals.
    capitals_only: Option<bool>,
    /// Number of the page, from 1.
    #[schema(minimum = 1, maximum = 50)]
    page: Option<u32>,
    /// Destinations per page.
    #[schema(minimum = 1, maximum = 100)]
    per_page: Option<u32>,
}

/// Destinations that fit.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct DestinationResults {
    /// The page's destinations, the best first.
    destinations: Vec<DestinationBody>,
    /// How many fit.
    total_results: usize,
    /// How many are on this page.
    results_returned: usize,
}

/// Finds destinations.
#[utoipa::path(post, path = "/api/v1/search/destinations", operation_id = "searchDestinations", tag = "search",
    request_body = DestinationSearch,
    responses((status = 200, description = "Destinations", body = Envelope<DestinationResults>), Errors))]
pub(crate) async fn search_destinations(
    context: Context,
    Json(search): Json<DestinationSearch>,
) -> Result<Reply<DestinationResults>, ApiError> {
    let mut checks = Checks::default();
    let text = checks.required("query", search.query.as_deref(), |text| {
        TextRule::line(1, 200).parse(text)
    });
    let country = checks.optional("country", search.country.as_deref(), |code| {
        let found = tripsage_reference::country(code);
        found.ok_or_else(|| Rule::new("country", "must be a country code of ISO 3166-1 such as CH"))
    });
    let only = checks.optional("continent", search.continent.as_deref(), continent);
    let showing = Showing {
        page: search.page,
        per_page: search.per_page,
        ..Showing::default()
    };
    let shown = showing.parse(&mut checks, tripsage_domain::search::StayOrder::Relevance);
    let (text, shown) = checks.build(|| Some((text?, shown?)))?;
    let wanted = |city: &City| {
        country.is_none_or(|country| city.country == country.code)
            && only.is_none_or(|only| city.country().is_some_and(|country| country.continent == only))
            && search
                .min_population
                .is_none_or(|least| u64::from(city.thousands) * 1000 >= least)
            && (!search.capitals_only.unwrap_or(false) || city.capital)
    };
    let found = tripsage_reference::search_cities(&text, wanted);
    let total_results = found.len();
    let (page, pagination): (Vec<_>, Pagination) = shown.cut(found);
    let destinations: Vec<DestinationBody> = page
        .into_iter()
        .map(|(city, fit)| DestinationBody::new(city, context.now).relevant(relevance(city, fit)))
        .collect();
    let results = DestinationResults {
        total_results,
        results_returned: destinations.len(),
        destinations,
    };
    Ok(Reply::ok("Destinations found", results).page(pagination))
}

/// Three fifths how well the name fits, two fifths how prominent the city is.
fn relevance(city: &City, fit: f64) -> f64 {
    ((fit * 0.6 + city.prominence() * 0.4) * 1000.0).round() / 1000.0
}
