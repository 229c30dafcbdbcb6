use std::{collections::BTreeMap, time::Instant};

use axum::extract::State;
use futures_util::future::join_all;
use serde::Serialize;
use tripsage_domain::ids::UserId;
use tripsage_http::{Admitted, ApiError, Caller, Context, Envelope, Errors, Json, Reply};
use tripsage_providers::{
    Provider,
    model::{FlightOffers, Places, Stays},
};
use utoipa::ToSchema;

use super::{
    question::{Part, UnifiedQuestion, UnifiedSearch},
    results::{UnifiedResult, activities, destinations, flights, sort, stays},
};
use crate::{
    App,
    activities::{ActivityQuestion, ask_places},
    asking::{Asked, Asking, Freshness, ProviderReport, nobody_answered},
    flights::{FlightQuestion, ask_flights},
    recent::Kind,
    stays::{StayQuestion, ask_stays},
    trouble::Trouble,
};

/// What was found, of all kinds.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct UnifiedResults {
    /// Id of the search, among the caller's recent ones.
    #[schema(format = Uuid)]
    search_id: String,
    /// The page's results.
    results: Vec<UnifiedResult>,
    /// How many there are in all; at most 25 of a kind.
    total_results: usize,
    /// How many there are of each kind.
    results_by_type: BTreeMap<&'static str, usize>,
    /// The question.
    search_parameters: UnifiedSearch,
    /// Whether everything that providers gave was in the cache.
    cached: bool,
    /// Whether some of it is old.
    stale: bool,
    /// How long it took.
    search_time_ms: u64,
    /// Who was asked for what, and what became of it.
    providers: Vec<PartReport>,
}

/// What became of the question to one provider, for one kind.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct PartReport {
    /// `flight`, `accommodation` or `activity`.
    r#type: &'static str,
    /// What became of it.
    #[serde(flatten)]
    report: ProviderReport,
}

/// Searches destinations, flights, stays and activities of a place at the same time. What a kind needs and was not given
/// is named in `providers`; so is who did not answer.
#[utoipa::path(post, path = "/api/v1/search/unified", operation_id = "searchUnified", tag = "search",
    security(("bearer" = [])), request_body = UnifiedSearch,
    responses((status = 200, description = "Results", body = Envelope<UnifiedResults>), Errors))]
pub(crate) async fn search_unified(
    State(app): State<App>,
    caller: Caller,
    context: Context,
    admitted: Admitted,
    Json(search): Json<UnifiedSearch>,
) -> Result<Reply<UnifiedResults>, ApiError> {
    let begun = Instant::now();
    let question = search.question(context.now)?;
    let asking = Asking::new(&app, &admitted, &context);
    let search = app.recent.search(
        caller.user,
        Kind::Unified,
        question.title(),
        &question.fields,
        None,
        context.now,
    )?;
    let id = search.id.to_string();
    let (found, ()) = tokio::join!(
        Found::ask(&asking, caller.user, &question),
        app.recent.remember(caller.user, search)
    );
    let reports = found.reports();
    let mut results = found.results(&question, context.now);
    if !question.destinations && reports.iter().all(|part| part.report.made_at.is_none()) {
        let reports: Vec<ProviderReport> = reports.into_iter().map(|part| part.report).collect();
        return Err(nobody_answered(found.into_troubles(), &reports));
    }
    sort(&mut results, &question.shown);
    let mut results_by_type = BTreeMap::new();
    for result in &results {
        *results_by_type.entry(result.r#type).or_insert(0) += 1;
    }
    let total_results = results.len();
    let (results, pagination) = question.shown.cut(results);
    let freshness = Freshness::of(reports.iter().map(|part| &part.report));
    let results = UnifiedResults {
        search_id: id,
        results,
        total_results,
        results_by_type,
        search_parameters: question.fields,
        cached: freshness.cached,
        stale: freshness.stale,
        search_time_ms: u64::try_from(begun.elapsed().as_millis()).unwrap_or(u64::MAX),
        providers: reports,
    };
    Ok(Reply::ok("Results found", results).page(pagination))
}

/// What the providers answered.
struct Found {
    flights: Vec<Asked<FlightOffers>>,
    stays: Vec<Asked<Stays>>,
    activities: Option<Asked<Places>>,
}

impl Found {
    /// Everybody at the same time.
    async fn ask(asking: &Asking<'_>, user: UserId, question: &UnifiedQuestion) -> Self {
        let (flights, stays, activities) = tokio::join!(
            Self::flights(asking, user, &question.flights),
            Self::stays(asking, user, &question.stays),
            Self::activities(asking, user, &question.activities),
        );
        Self {
            flights,
            stays,
            activities,
        }
    }

    async fn flights(asking: &Asking<'_>, user: UserId, part: &Part<FlightQuestion>) -> Vec<Asked<FlightOffers>> {
        match part {
            None => Vec::new(),
            Some(Err(reason)) => vec![Asked::skipped(Provider::Duffel, reason)],
            Some(Ok(question)) => {
                join_all(question.searches.iter().map(|search| ask_flights(asking, user, search))).await
            }
        }
    }

    async fn stays(asking: &Asking<'_>, user: UserId, part: &Part<StayQuestion>) -> Vec<Asked<Stays>> {
        match part {
            None => Vec::new(),
            Some(Err(reason)) => [Provider::Duffel, Provider::Airbnb]
                .map(|provider| Asked::skipped(provider, reason))
                .into(),
            Some(Ok(question)) => ask_stays(asking, user, question).await,
        }
    }

    async fn activities(asking: &Asking<'_>, user: UserId, part: &Part<ActivityQuestion>) -> Option<Asked<Places>> {
        match part {
            None => None,
            Some(Err(reason)) => Some(Asked::skipped(Provider::GooglePlaces, reason)),
            Some(Ok(question)) => Some(ask_places(asking, Some(user), question).await),
        }
    }

    fn results(&self, question: &UnifiedQuestion, now: jiff::Timestamp) -> Vec<UnifiedResult> {
        let mut results = Vec::new();
        if question.destinations {
            let place = question.fields.destination.as_deref().unwrap_or(&question.query);
            results.extend(destinations(place));
        }
        if let Some(Ok(question)) = &question.flights {
            results.extend(flights(question, &self.flights, now));
        }
        if let Some(Ok(question)) = &question.stays {
            results.extend(stays(question, &self.stays, now));
        }
        if let (Some(Ok(question)), Some(asked)) = (&question.activities, &self.activities) {
            results.extend(activities(question, asked));
        }
        results
    }

    fn reports(&self) -> Vec<PartReport> {
        let part = |r#type, report: &ProviderReport, count| PartReport {
            r#type,
            report: ProviderReport {
                count,
                ..report.clone()
            },
        };
        let flights = self.flights.iter().map(|asked| {
            part(
                "flight",
                &asked.report,
                asked.value().map_or(0, |found| found.offers.len()),
            )
        });
        let stays = self.stays.iter().map(|asked| {
            part(
                "accommodation",
                &asked.report,
                asked.value().map_or(0, |found| found.listings.len()),
            )
        });
        let activities = self.activities.iter().map(|asked| {
            part(
                "activity",
                &asked.report,
                asked.value().map_or(0, |found| found.places.len()),
            )
        });
        flights.chain(stays).chain(activities).collect()
    }

    fn into_troubles(self) -> Vec<Trouble> {
        let flights = self.flights.into_iter().filter_map(|asked| asked.answer.err());
        let stays = self.stays.into_iter().filter_map(|asked| asked.answer.err());
        let activities = self.activities.into_iter().filter_map(|asked| asked.answer.err());
        flights.chain(stays).chain(activities).collect()
    }
}
