use std::time::Instant;

use jiff::Timestamp;
use serde::Serialize;
use tripsage_domain::{
    ids::SearchId,
    money::Money,
    search::{FlightFacts, rank_flights},
};
use tripsage_http::Pagination;
use tripsage_providers::model::{FlightOffers, Offer};
use utoipa::ToSchema;

use super::{
    offer_body::{FlightOffer, facts},
    question::FlightQuestion,
    search_fields::FlightSearchFields,
};
use crate::asking::{Asked, Freshness, ProviderReport};

/// What a search for flights found.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct FlightSearchResults {
    /// Id of the search, by which it can be read again for 30 days.
    #[schema(format = Uuid)]
    search_id: String,
    /// The page's offers.
    offers: Vec<FlightOffer>,
    /// How many offers are on this page.
    count: usize,
    /// How many there are in all, after filters.
    total_results: usize,
    /// How many were found before filters, each journey in each fare once.
    found: usize,
    /// The lowest price after filters.
    min_price: Option<String>,
    /// The highest price after filters.
    max_price: Option<String>,
    /// Currency of the prices.
    currency: Option<&'static str>,
    /// The trip that it is for.
    trip_id: Option<String>,
    /// The question.
    search_parameters: FlightSearchFields,
    /// Whether everything was in the cache.
    cached: bool,
    /// Whether some of it is old, because a provider does not give anything new now.
    stale: bool,
    /// When the oldest of it was given.
    #[schema(value_type = Option<String>, format = DateTime)]
    made_at: Option<Timestamp>,
    /// How long it took.
    search_duration_ms: u64,
    /// Who was asked, and what became of it.
    providers: Vec<ProviderReport>,
    /// What was not done as it was asked, and why.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    notices: Vec<String>,
}

/// Merges, filters, sorts and cuts what the providers answered.
pub(crate) fn results(
    id: SearchId,
    question: FlightQuestion,
    asked: Vec<Asked<FlightOffers>>,
    begun: Instant,
    now: Timestamp,
) -> (FlightSearchResults, Pagination) {
    let offers: Vec<(&Offer, bool)> = asked
        .iter()
        .filter_map(|asked| asked.value().map(|found| (found, asked.own_key)))
        .flat_map(|(found, own_key)| found.offers.iter().map(move |offer| (offer, own_key)))
        // What was cached may have expired meanwhile.
        .filter(|(offer, _)| offer.is_open(now))
        .collect();
    let all: Vec<FlightFacts> = offers.iter().map(|(offer, _)| facts(offer)).collect();
    let shown = &question.shown;
    let ranked = rank_flights(&all, &question.criteria, shown.order, shown.direction);
    let prices: Vec<Money> = ranked
        .iter()
        .filter_map(|merits| all.get(merits.index))
        .map(|facts| facts.price)
        .collect();
    let found = rank_flights(&all, &Default::default(), shown.order, shown.direction).len();
    let total_results = ranked.len();
    let bodies = ranked.iter().filter_map(|merits| {
        let (offer, own_key) = offers.get(merits.index)?;
        Some(FlightOffer::new(offer, *own_key, now).scored(&merits.score))
    });
    let (page, pagination) = shown.cut(bodies.collect());
    let currency = prices.first().map(|price| price.currency);
    let notices = foreign_currency(&question, currency.map(|currency| currency.code()));
    let reports: Vec<ProviderReport> = asked
        .iter()
        .map(|asked| ProviderReport {
            count: asked.value().map_or(0, |found| found.offers.len()),
            ..asked.report.clone()
        })
        .collect();
    let freshness = Freshness::of(reports.iter());
    let results = FlightSearchResults {
        search_id: id.to_string(),
        count: page.len(),
        offers: page,
        total_results,
        found,
        min_price: prices
            .iter()
            .min_by_key(|price| price.minor)
            .map(|price| price.decimal()),
        max_price: prices
            .iter()
            .max_by_key(|price| price.minor)
            .map(|price| price.decimal()),
        currency: currency.map(|currency| currency.code()),
        trip_id: question.trip.map(|trip| trip.to_string()),
        search_parameters: question.fields,
        cached: freshness.cached,
        stale: freshness.stale,
        made_at: freshness.made_at,
        search_duration_ms: u64::try_from(begun.elapsed().as_millis()).unwrap_or(u64::MAX),
        providers: reports,
        notices,
    };
    (results, pagination)
}

/// Says so when a limit on the price could not be applied.
fn foreign_currency(question: &FlightQuestion, currency: Option<&str>) -> Vec<String> {
    let limit = question.criteria.max_price.map(|limit| limit.currency.code());
    match (limit, currency) {
        (Some(limit), Some(currency)) if limit != currency => {
            vec![format!(
                "prices are in {currency}; `max_price` in {limit} was not applied"
            )]
        }
        _ => Vec::new(),
    }
}
