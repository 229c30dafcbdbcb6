use std::time::Instant;

use axum::extract::State;
use jiff::Timestamp;
use serde::Serialize;
use tripsage_domain::{ids::UserId, search::Direction, service::Service};
use tripsage_http::{Admitted, ApiError, Caller, Context, Envelope, Errors, Json, Reply};
use tripsage_providers::model::{Place, Places};
use utoipa::ToSchema;

use super::{
    activity_body::{ActivityBody, kilometres},
    question::{ActivityOrder, ActivityQuestion, ActivitySearchFields},
};
use crate::{
    App,
    asking::{Asked, Asking, ProviderReport, nobody_answered},
    recent::Kind,
};

/// What a search for things to do found.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ActivityResults {
    /// Id of the search, among the caller's recent ones.
    #[schema(format = Uuid)]
    search_id: String,
    /// The page's activities.
    activities: Vec<ActivityBody>,
    /// How many there are in all, after filters.
    total: usize,
    /// The trip that it is for.
    trip_id: Option<String>,
    /// The question.
    search_parameters: ActivitySearchFields,
    /// Whether it was in the cache.
    cached: bool,
    /// Whether it is old, because the provider does not give anything new now.
    stale: bool,
    /// When the provider gave it.
    #[schema(value_type = Option<String>, format = DateTime)]
    made_at: Option<Timestamp>,
    /// How long it took.
    search_duration_ms: u64,
    /// Who was asked, and what became of it.
    providers: Vec<ProviderReport>,
}

/// Searches things to do with the caller's own key of Google Places, else with that of the stage.
#[utoipa::path(post, path = "/api/v1/search/activities", operation_id = "searchActivities", tag = "search",
    security(("bearer" = [])), request_body = ActivitySearchFields,
    responses((status = 200, description = "Activities", body = Envelope<ActivityResults>), Errors))]
pub(crate) async fn search_activities(
    State(app): State<App>,
    caller: Caller,
    context: Context,
    admitted: Admitted,
    Json(fields): Json<ActivitySearchFields>,
) -> Result<Reply<ActivityResults>, ApiError> {
    let begun = Instant::now();
    let question = fields.question(context.now)?;
    let asking = Asking::new(&app, &admitted, &context);
    let search = app.recent.search(
        caller.user,
        Kind::Activities,
        question.title(),
        &question.fields,
        question.trip,
        context.now,
    )?;
    let id = search.id.to_string();
    let (asked, ()) = tokio::join!(
        ask_places(&asking, Some(caller.user), &question),
        app.recent.remember(caller.user, search)
    );
    let mut report = asked.report.clone();
    let cached = match asked.answer {
        Ok(cached) => cached,
        Err(trouble) => return Err(nobody_answered(vec![trouble], &[report])),
    };
    report.count = cached.value.places.len();
    let chosen = choose(&cached.value.places, &question);
    let total = chosen.len();
    let (activities, pagination) = question.shown.cut(chosen);
    let results = ActivityResults {
        search_id: id,
        activities: activities
            .into_iter()
            .map(|(place, km)| ActivityBody::new(place, km))
            .collect(),
        total,
        trip_id: question.trip.map(|trip| trip.to_string()),
        search_parameters: question.fields,
        cached: report.cached,
        stale: report.stale,
        made_at: report.made_at,
        search_duration_ms: u64::try_from(begun.elapsed().as_millis()).unwrap_or(u64::MAX),
        providers: vec![report],
    };
    Ok(Reply::ok("Activities found", results).page(pagination))
}

/// What the question wants of what was found, in its order, with the distance.
fn choose<'a>(places: &'a [Place], question: &ActivityQuestion) -> Vec<(&'a Place, Option<f64>)> {
    let wanted = |place: &&Place| {
        let liked = question
            .min_rating
            .is_none_or(|least| place.rating.is_some_and(|rating| rating >= least));
        let levels = &question.price_levels;
        liked && (levels.is_empty() || place.price_level.is_some_and(|level| levels.contains(&level)))
    };
    let mut chosen: Vec<(&Place, Option<f64>)> = places
        .iter()
        .filter(wanted)
        .map(|place| (place, kilometres(question.center, place.coordinates)))
        .collect();
    let shown = &question.shown;
    let by = |a: Option<f64>, b: Option<f64>| match (a, b) {
        (Some(a), Some(b)) if shown.direction == Direction::Descending => b.total_cmp(&a),
        (Some(a), Some(b)) => a.total_cmp(&b),
        // What is not known comes last.
        (a, b) => b.is_some().cmp(&a.is_some()),
    };
    match shown.order {
        // As Google ordered them.
        ActivityOrder::Relevance if shown.direction == Direction::Ascending => chosen.reverse(),
        ActivityOrder::Relevance => {}
        ActivityOrder::Rating => chosen.sort_by(|(a, _), (b, _)| by(a.rating, b.rating)),
        ActivityOrder::Distance => chosen.sort_by(|(_, a), (_, b)| by(*a, *b)),
    }
    chosen
}

/// One question to Google Places, for a user, or with the stage's key for nobody in particular.
pub(crate) async fn ask_places(
    asking: &Asking<'_>,
    user: Option<UserId>,
    question: &ActivityQuestion,
) -> Asked<Places> {
    let (places, search) = (asking.app.providers.places(), &question.search);
    let call = async |access, deadline| places.search(&access, search, None, deadline).await;
    match user {
        Some(user) => asking.keyed(user, Service::GooglePlaces, question.asked(), call).await,
        None => {
            asking
                .with_stage_key(Service::GooglePlaces, question.asked(), call)
                .await
        }
    }
}
