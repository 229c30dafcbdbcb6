//! New trips made of something that exists: a trip, or a template.

use axum::extract::State;
use jiff::civil::Date;
use serde::Deserialize;
use tripsage_domain::{
    audit::Action,
    ids::{ItemId, TemplateId, TripId},
    policy::TemplateAction,
    trip::{Content, Plan, Shift, Trip, assembled, copied_title},
    validation::Checks,
};
use tripsage_http::{ApiError, Caller, Context, Envelope, Errors, Json, Path, Reply};
use tripsage_store::trips::TripChange;
use utoipa::ToSchema;

use crate::{
    App,
    trip_body::{TITLE, TripResponse, date},
};

/// How a copy differs from its original.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct DuplicateTrip {
    /// What it is called; `Copy of ...` unless given.
    #[schema(min_length = 1, max_length = 100)]
    title: Option<String>,
    /// Its first day; every date moves with it. The original's unless given.
    #[schema(value_type = Option<String>, format = Date)]
    start_date: Option<String>,
}

/// A trip to be made of a template.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct InstantiateTemplate {
    /// Its first day.
    #[schema(value_type = Option<String>, format = Date, example = "2027-04-01")]
    start_date: Option<String>,
    /// What it is called; as the template unless given.
    #[schema(min_length = 1, max_length = 100)]
    title: Option<String>,
}

/// Makes a copy of a trip and its items, with other dates if wished; the caller becomes its owner. Members,
/// invitations, links, bookings and their references are not copied, and everything is planned anew.
#[utoipa::path(post, path = "/api/v1/trips/{trip_id}/duplicate", operation_id = "duplicateTrip", tag = "trips",
    security(("bearer" = [])), params(("trip_id" = String, Path, format = Uuid)), request_body = DuplicateTrip,
    responses((status = 201, description = "The copy", body = Envelope<TripResponse>), Errors))]
pub(crate) async fn duplicate_trip(
    State(app): State<App>,
    caller: Caller,
    context: Context,
    Path(id): Path<TripId>,
    Json(request): Json<DuplicateTrip>,
) -> Result<Reply<TripResponse>, ApiError> {
    let (trip, items) = app.view_plan(&caller, id).await?;
    let (title, start) = checked(request.title, request.start_date)?;
    let title = title.unwrap_or_else(|| copied_title(&trip.content.title));
    let shift = Shift::between(trip.content.start_date, start.unwrap_or(trip.content.start_date));
    let plans: Vec<Plan> = items.iter().map(|item| item.plan.replanned(shift)).collect();
    let content = trip.content.replanned(title, shift);
    let copy = app.make(&caller, &context, "trip.duplicated", content, plans).await?;
    Ok(created("Trip duplicated", &copy, &caller))
}

/// Makes a trip of a template; the caller becomes its owner.
#[utoipa::path(post, path = "/api/v1/trips/templates/{template_id}/instantiate", operation_id = "instantiateTemplate",
    tag = "trips", security(("bearer" = [])), params(("template_id" = String, Path, format = Uuid)),
    request_body = InstantiateTemplate,
    responses((status = 201, description = "The trip", body = Envelope<TripResponse>), Errors))]
pub(crate) async fn instantiate_template(
    State(app): State<App>,
    caller: Caller,
    context: Context,
    Path(id): Path<TemplateId>,
    Json(request): Json<InstantiateTemplate>,
) -> Result<Reply<TripResponse>, ApiError> {
    let template = app.find_template(id, &caller, TemplateAction::View).await?;
    let (title, start) = checked(request.title, request.start_date)?;
    let start = start.ok_or_else(|| ApiError::field("start_date", "required", "is required"))?;
    let title = title.unwrap_or_else(|| template.content.title.clone());
    let (content, plans) = template.instance(title, start);
    let trip = app.make(&caller, &context, "trip.created", content, plans).await?;
    Ok(created("Trip created", &trip, &caller))
}

fn checked(title: Option<String>, start: Option<String>) -> Result<(Option<String>, Option<Date>), ApiError> {
    let mut checks = Checks::default();
    let title = checks.optional("title", title, |text| TITLE.parse(&text));
    let start = checks.optional("start_date", start, date);
    checks.finish()?;
    Ok((title, start))
}

fn created(message: &'static str, trip: &Trip, caller: &Caller) -> Reply<TripResponse> {
    let location = format!("/api/v1/trips/{}", trip.id);
    Reply::created(message, TripResponse::new(trip, Some(caller)))
        .etag(trip.revision)
        .location(&location)
}

impl App {
    async fn make(
        &self,
        caller: &Caller,
        context: &Context,
        action: &'static str,
        content: Content,
        plans: Vec<Plan>,
    ) -> Result<Trip, ApiError> {
        let id = TripId::from_uuid(context.new_id("trip"));
        let item_id = |index| ItemId::from_uuid(context.new_id(&format!("item/{index}")));
        let (trip, items) = assembled(id, caller.user, content, plans, item_id, context.now);
        let mut change = TripChange::new(None, trip, action, caller.user, context.now);
        let target = format!("trip/{id}");
        change
            .audit
            .push(context.record(caller.user, Action::TripCreated, target));
        change.claim = context.claim();
        match self.db.create_trip(change, &items).await {
            // An earlier attempt at this very request has made it.
            Err(error) if error.is_conflict("trip") && context.resumed() => self.find_trip(id).await,
            result => Ok(result?),
        }
    }
}
