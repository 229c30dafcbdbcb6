use std::time::Instant;

use axum::extract::State;
use jiff::Timestamp;
use serde::Serialize;
use tripsage_domain::{
    ids::UserId,
    money::Money,
    search::{StayFacts, rank_stays},
    service::Service,
};
use tripsage_http::{Admitted, ApiError, Caller, Context, Envelope, Errors, Json, Reply};
use tripsage_providers::{
    Provider,
    model::{StayListing, Stays},
};
use utoipa::ToSchema;

use super::{
    listing_body::{ListingBody, stay_facts},
    question::{StayQuestion, StaySearchFields},
};
use crate::{
    App,
    asking::{Asked, Asking, Freshness, ProviderReport, nobody_answered},
    recent::Kind,
};

/// What a search for stays found.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct StayResults {
    /// Id of the search, among the caller's recent ones.
    #[schema(format = Uuid)]
    search_id: String,
    /// The page's listings.
    listings: Vec<ListingBody>,
    /// How many there are in all, after filters.
    total_results: usize,
    /// How many are on this page.
    results_returned: usize,
    /// The lowest price after filters.
    min_price: Option<String>,
    /// The highest price after filters.
    max_price: Option<String>,
    /// The price in the middle, on average.
    avg_price: Option<String>,
    /// Currency of these three; absent when there are several.
    currency: Option<&'static str>,
    /// The trip that it is for.
    trip_id: Option<String>,
    /// The question.
    search_parameters: StaySearchFields,
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
}

/// Searches hotels of Duffel and homes of Airbnb at the same time. What is one place stands once, with its lowest price.
/// When one of the two does not answer, the other one's results are given, and `providers` says so.
#[utoipa::path(post, path = "/api/v1/search/accommodations", operation_id = "searchAccommodations", tag = "search",
    security(("bearer" = [])), request_body = StaySearchFields,
    responses((status = 200, description = "Listings", body = Envelope<StayResults>), Errors))]
pub(crate) async fn search_accommodations(
    State(app): State<App>,
    caller: Caller,
    context: Context,
    admitted: Admitted,
    Json(fields): Json<StaySearchFields>,
) -> Result<Reply<StayResults>, ApiError> {
    let begun = Instant::now();
    let question = fields.question(context.now)?;
    let asking = Asking::new(&app, &admitted, &context);
    let search = app.recent.search(
        caller.user,
        Kind::Accommodations,
        question.title(),
        &question.fields,
        question.trip,
        context.now,
    )?;
    let id = search.id.to_string();
    let (asked, ()) = tokio::join!(
        ask_stays(&asking, caller.user, &question),
        app.recent.remember(caller.user, search)
    );
    if asked.iter().all(|asked| asked.answer.is_err()) {
        let reports: Vec<_> = asked.iter().map(|asked| asked.report.clone()).collect();
        let troubles = asked.into_iter().filter_map(|asked| asked.answer.err()).collect();
        return Err(nobody_answered(troubles, &reports));
    }
    let all: Vec<(&StayListing, bool)> = asked
        .iter()
        .filter_map(|asked| asked.value().map(|stays| (stays, asked.own_key)))
        .flat_map(|(stays, own_key)| stays.listings.iter().map(move |listing| (listing, own_key)))
        .filter(|(listing, _)| listing.expires_at.is_none_or(|at| context.now < at))
        .collect();
    let facts: Vec<StayFacts> = all.iter().map(|(listing, _)| stay_facts(listing)).collect();
    let ranked = rank_stays(
        &facts,
        &question.criteria,
        question.shown.order,
        question.shown.direction,
    );
    let prices: Vec<Money> = ranked
        .iter()
        .filter_map(|merits| facts.get(merits.index)?.price)
        .collect();
    let bodies = ranked.iter().filter_map(|merits| {
        let (listing, own_key) = all.get(merits.index)?;
        let also = merits
            .also
            .iter()
            .filter_map(|at| all.get(*at))
            .map(|(listing, _)| *listing);
        Some(ListingBody::new(listing, Some(question.nights), *own_key).judged(merits, also.collect()))
    });
    let total_results = ranked.len();
    let (listings, pagination) = question.shown.cut(bodies.collect());
    let reports: Vec<ProviderReport> = asked
        .iter()
        .map(|asked| ProviderReport {
            count: asked.value().map_or(0, |stays| stays.listings.len()),
            ..asked.report.clone()
        })
        .collect();
    let freshness = Freshness::of(reports.iter());
    let spread = Spread::of(&prices);
    let results = StayResults {
        search_id: id,
        total_results,
        results_returned: listings.len(),
        listings,
        min_price: spread.as_ref().map(|spread| spread.least.decimal()),
        max_price: spread.as_ref().map(|spread| spread.most.decimal()),
        avg_price: spread.as_ref().map(|spread| spread.average.decimal()),
        currency: spread.as_ref().map(|spread| spread.least.currency.code()),
        trip_id: question.trip.map(|trip| trip.to_string()),
        search_parameters: question.fields,
        cached: freshness.cached,
        stale: freshness.stale,
        made_at: freshness.made_at,
        search_duration_ms: u64::try_from(begun.elapsed().as_millis()).unwrap_or(u64::MAX),
        providers: reports,
    };
    Ok(Reply::ok("Accommodations found", results).page(pagination))
}

/// Prices in one currency.
struct Spread {
    least: Money,
    most: Money,
    average: Money,
}

impl Spread {
    /// `None` when there are no prices, or in several currencies.
    fn of(prices: &[Money]) -> Option<Self> {
        let currency = prices.first()?.currency;
        if prices.iter().any(|price| price.currency != currency) {
            return None;
        }
        let minors = || prices.iter().map(|price| price.minor);
        let money = |minor| Money { minor, currency };
        Some(Self {
            least: money(minors().min()?),
            most: money(minors().max()?),
            average: money(minors().sum::<i64>() / i64::try_from(prices.len()).ok()?),
        })
    }
}

/// Both at the same time.
pub(crate) async fn ask_stays(asking: &Asking<'_>, user: UserId, question: &StayQuestion) -> Vec<Asked<Stays>> {
    let (duffel, airbnb) = tokio::join!(ask_duffel(asking, user, question), ask_airbnb(asking, question));
    vec![duffel, airbnb]
}

async fn ask_duffel(asking: &Asking<'_>, user: UserId, question: &StayQuestion) -> Asked<Stays> {
    if question.search.center.is_none() {
        return Asked::skipped(
            Provider::Duffel,
            "the place is not known here: give latitude and longitude",
        );
    }
    let (duffel, search) = (asking.app.providers.duffel(), &question.search);
    let call = async |access, deadline| duffel.search_stays(&access, search, deadline).await;
    asking
        .keyed(user, Service::Duffel, question.asked(Provider::Duffel), call)
        .await
}

async fn ask_airbnb(asking: &Asking<'_>, question: &StayQuestion) -> Asked<Stays> {
    let (airbnb, search) = (asking.app.providers.airbnb(), &question.search);
    asking
        .open(question.asked(Provider::Airbnb), async |deadline| {
            airbnb.search(search, deadline).await
        })
        .await
}
