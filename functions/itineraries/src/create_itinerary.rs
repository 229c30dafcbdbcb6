use axum::extract::State;
use tripsage_domain::{
    audit::Action,
    ids::ItineraryId,
    itinerary::{Itinerary, Remix},
    validation::Checks,
};
use tripsage_http::{ApiError, Caller, Code, Context, Envelope, Errors, Json, MaybeCaller, Reply};
use tripsage_store::itineraries::{ITINERARY_CHANGED, ItineraryChange, RouteChange};

use crate::{App, body::ItineraryDetail, editing::permit_view, fields::ItineraryFields, route::given_route};

/// Makes an itinerary. Everybody sees it at once, unless it is made as a draft.
#[utoipa::path(post, path = "/api/v1/itineraries", operation_id = "createItinerary", tag = "itineraries",
    security(("bearer" = [])), request_body = ItineraryFields,
    responses((status = 201, description = "The itinerary", body = Envelope<ItineraryDetail>), Errors))]
pub(crate) async fn create_itinerary(
    State(app): State<App>,
    caller: Caller,
    context: Context,
    Json(mut request): Json<ItineraryFields>,
) -> Result<Reply<ItineraryDetail>, ApiError> {
    let is_published = request.publication()?.unwrap_or(true);
    let sources = request.sources()?;
    let route = given_route(&mut request)?;
    let content = request.into_content()?;
    app.permit_sources(&caller, &sources).await?;
    let id = ItineraryId::from_uuid(context.new_id("itinerary"));
    let mut itinerary = Itinerary::new(id, caller.user, content, context.now);
    itinerary.publish(is_published, context.now);
    itinerary.route = route.as_ref().and_then(tripsage_domain::itinerary::Route::summary);
    itinerary.remix = (!sources.is_empty()).then_some(Remix { sources, prompt: None });
    let mut change = ItineraryChange::new(None, itinerary);
    change.route = route.map(RouteChange::Set);
    app.create(&caller, &context, change).await?;
    let reply = app.made(id).await?;
    Ok(reply)
}

impl App {
    /// Stores an itinerary that this request makes.
    pub(crate) async fn create(
        &self,
        caller: &Caller,
        context: &Context,
        mut change: ItineraryChange<'_>,
    ) -> Result<(), ApiError> {
        let id = change.after.id;
        let record = context.record(caller.user, Action::ItineraryCreated, format!("itinerary/{id}"));
        change.audit.push(record);
        change.claim = context.claim();
        match self.db.commit_itinerary(&change).await {
            // An earlier attempt at this very request has made it.
            Err(error) if error.is_conflict(ITINERARY_CHANGED) && context.resumed() => {}
            result => result?,
        }
        self.forget(None, &change.after).await;
        Ok(())
    }

    /// What was just made.
    pub(crate) async fn made(&self, id: ItineraryId) -> Result<Reply<ItineraryDetail>, ApiError> {
        let whole = self.db.find_whole_itinerary(id).await?;
        let whole = whole.ok_or_else(|| ApiError::new(Code::EditConflict))?;
        let reply = Reply::created("Itinerary created", self.detail(&whole).await?);
        Ok(reply
            .etag(whole.itinerary.version)
            .location(&format!("/api/v1/itineraries/{id}")))
    }

    /// Refuses sources that the caller may not see.
    async fn permit_sources(&self, caller: &Caller, sources: &[ItineraryId]) -> Result<(), ApiError> {
        let cards = self.db.find_itinerary_cards(sources).await?;
        let caller = MaybeCaller(Some(caller.0.clone()));
        let mut checks = Checks::default();
        for (index, id) in sources.iter().enumerate() {
            let card = cards.iter().find(|card| card.itinerary.id == *id);
            let seen = card.is_some_and(|card| permit_view(&card.itinerary, &caller).is_ok());
            let field = format!("remixed_from_ids[{index}]");
            checks.ensure(seen, &field, "unknown", "must be an itinerary that you can see");
        }
        Ok(checks.finish()?)
    }
}
