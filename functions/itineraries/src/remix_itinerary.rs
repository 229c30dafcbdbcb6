use axum::extract::State;
use serde::Deserialize;
use tripsage_domain::{
    ids::ItineraryId,
    itinerary::{DayPlan, Itinerary, MAX_SOURCES, PROMPT, Part, PartKind, Remix, remixed},
    validation::{Checks, Rule},
};
use tripsage_http::{ApiError, Caller, Context, Envelope, Errors, Json, MaybeCaller, Path, Reply};
use tripsage_store::itineraries::{ItineraryChange, PartChange};
use utoipa::ToSchema;

use crate::{App, body::ItineraryDetail, editing::permit_view, fields::source_ids};

/// What to make of which itineraries.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct RemixItinerary {
    /// The itineraries, in the order in which their days should come.
    #[schema(min_items = 1, max_items = 5)]
    source_ids: Option<Vec<String>>,
    /// What it is for; kept as the description of the draft.
    #[schema(
        min_length = 10,
        max_length = 1000,
        example = "A week with my parents, and less walking"
    )]
    prompt: Option<String>,
}

/// Makes a draft out of one to five itineraries: the days of each after those of the one before, and what they share. No
/// model is asked, and nothing is made up.
#[utoipa::path(post, path = "/api/v1/itineraries/remix", operation_id = "remixItineraries", tag = "itineraries",
    security(("bearer" = [])), request_body = RemixItinerary,
    responses((status = 201, description = "The draft", body = Envelope<ItineraryDetail>), Errors))]
pub(crate) async fn remix_itineraries(
    State(app): State<App>,
    caller: Caller,
    context: Context,
    Json(request): Json<RemixItinerary>,
) -> Result<Reply<ItineraryDetail>, ApiError> {
    remix(&app, &caller, &context, None, request).await
}

/// Makes a draft out of this itinerary and up to four others. `source_ids` may be left out, or name this one too.
#[utoipa::path(post, path = "/api/v1/itineraries/{itinerary_id}/remix", operation_id = "remixItinerary",
    tag = "itineraries", security(("bearer" = [])), params(("itinerary_id" = String, Path, format = Uuid)),
    request_body = RemixItinerary,
    responses((status = 201, description = "The draft", body = Envelope<ItineraryDetail>), Errors))]
pub(crate) async fn remix_itinerary(
    State(app): State<App>,
    caller: Caller,
    context: Context,
    Path(id): Path<ItineraryId>,
    Json(request): Json<RemixItinerary>,
) -> Result<Reply<ItineraryDetail>, ApiError> {
    app.view_itinerary(&MaybeCaller(Some(caller.0.clone())), id).await?;
    remix(&app, &caller, &context, Some(id), request).await
}

async fn remix(
    app: &App,
    caller: &Caller,
    context: &Context,
    first: Option<ItineraryId>,
    request: RemixItinerary,
) -> Result<Reply<ItineraryDetail>, ApiError> {
    let mut checks = Checks::default();
    let given = match first {
        None => checks.required("source_ids", request.source_ids, |ids| source_ids(&ids)),
        Some(_) => checks.optional("source_ids", request.source_ids, |ids| source_ids(&ids)),
    };
    let prompt = checks.required("prompt", request.prompt, |text| PROMPT.parse(&text));
    let mut ids = given.unwrap_or_default();
    if let Some(first) = first.filter(|first| !ids.contains(first)) {
        ids.insert(0, first);
    }
    let range = (1..=MAX_SOURCES).contains(&ids.len());
    let rule = Rule::new("range", format!("must name 1 to {MAX_SOURCES} itineraries"));
    checks.take("source_ids", if range { Ok(()) } else { Err(rule) });
    let prompt = checks.build(|| prompt)?;
    let sources = app.sources(caller, &ids).await?;
    let (content, days) = remixed(&sources, &prompt).ok_or_else(|| ApiError::internal("a remix of nothing"))?;
    let id = ItineraryId::from_uuid(context.new_id("itinerary"));
    let mut itinerary = Itinerary::new(id, caller.user, content, context.now);
    itinerary.parts.days = days.len();
    itinerary.remix = Some(Remix {
        sources: ids,
        prompt: Some(prompt),
    });
    let mut change = ItineraryChange::new(None, itinerary);
    let made = |day: DayPlan| {
        let part = Part::Day(day);
        PartChange {
            id: part.id(),
            before: None,
            after: Some(part),
        }
    };
    change.parts = days.into_iter().map(made).collect();
    app.create(caller, context, change).await?;
    app.made(id).await
}

impl App {
    /// The itineraries with their days, if the caller may see all of them.
    async fn sources(&self, caller: &Caller, ids: &[ItineraryId]) -> Result<Vec<(Itinerary, Vec<DayPlan>)>, ApiError> {
        let viewer = MaybeCaller(Some(caller.0.clone()));
        let mut sources = Vec::with_capacity(ids.len());
        for (index, id) in ids.iter().enumerate() {
            let found = self.db.find_itinerary(*id).await?;
            let found = found.filter(|itinerary| permit_view(itinerary, &viewer).is_ok());
            let field = format!("source_ids[{index}]");
            let unknown = || ApiError::field(&field, "unknown", "must be an itinerary that you can see");
            let itinerary = found.ok_or_else(unknown)?;
            let days = self.db.list_itinerary_parts(*id, PartKind::Day).await?;
            let days = days.into_iter().filter_map(|stored| match stored.part {
                Part::Day(day) => Some(day),
                _ => None,
            });
            sources.push((itinerary, days.collect()));
        }
        Ok(sources)
    }
}
