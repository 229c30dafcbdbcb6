use axum::extract::State;
use http::{HeaderMap, HeaderName, header};
use jiff::{Timestamp, civil::Date};
use serde::Serialize;
use tripsage_domain::{
    ids::LinkId,
    policy::TripAction,
    trip::{Item, Plan, Trip},
    user::Password,
};
use tripsage_hasher::Comparison;
use tripsage_http::{ApiError, Code, Context, Envelope, Errors, Path, Reply};
use tripsage_store::{trips::LinkRow, users::UserRow};
use utoipa::ToSchema;

use crate::{
    App,
    capability::{Capability, Kind},
    item_body::ItemFields,
    people::shown_name,
    trip_body::DestinationFields,
};

/// In which a reader sends the passphrase of a link that has one.
const PASSPHRASE: HeaderName = HeaderName::from_static("x-link-passphrase");

/// A trip as a read-only link shows it.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct SharedTripView {
    /// What it is called.
    title: String,
    /// What it is about.
    description: Option<String>,
    /// First day.
    #[schema(value_type = String, format = Date)]
    start_date: Date,
    /// Last day.
    #[schema(value_type = String, format = Date)]
    end_date: Date,
    /// Days from the first to the last, both included.
    duration_days: i32,
    /// Where it goes, in order.
    destinations: Vec<DestinationFields>,
    /// How far it is.
    status: &'static str,
    /// What kind of trip it is.
    trip_type: &'static str,
    /// How many people travel.
    travelers: u32,
    /// What is planned, in order, without references of bookings; only when the link shows it.
    #[serde(skip_serializing_if = "Option::is_none")]
    items: Option<Vec<ItemFields>>,
    /// Names of who takes part; only when the link shows them.
    #[serde(skip_serializing_if = "Option::is_none")]
    members: Option<Vec<String>>,
    /// When anything of it last changed.
    #[schema(value_type = String, format = DateTime)]
    updated_at: Timestamp,
    /// Until when the link works.
    #[schema(value_type = Option<String>, format = DateTime)]
    link_expires_at: Option<Timestamp>,
}

/// One answer for whatever is wrong with a link, so that none tells a revoked link from one that never was.
fn unknown() -> ApiError {
    ApiError::not_found("link")
}

/// The trip to which a read-only link leads; nobody has to sign in. A link with a passphrase wants it in
/// `X-Link-Passphrase`.
#[utoipa::path(get, path = "/api/v1/shared/{token}", operation_id = "getSharedTrip", tag = "trips",
    params(
        ("token" = String, Path, description = "What the link says"),
        ("X-Link-Passphrase" = Option<String>, Header, description = "The passphrase of the link, when it has one"),
    ),
    responses((status = 200, description = "The trip", body = Envelope<SharedTripView>), Errors))]
pub(crate) async fn get_shared_trip(
    State(app): State<App>,
    context: Context,
    Path(token): Path<String>,
    headers: HeaderMap,
) -> Result<Reply<SharedTripView>, ApiError> {
    let capability = Capability::parse(Kind::Link, &token).ok_or_else(unknown)?;
    let id = LinkId::from_uuid(capability.id);
    let (link, found) = tokio::try_join!(
        app.db.find_link(capability.trip, id),
        app.db.find_trip_with_items(capability.trip)
    )?;
    let works = |link: &LinkRow| link.digest == capability.digest && link.is_live(context.now);
    let link = link.filter(works).ok_or_else(unknown)?;
    let stands = |(trip, _): &(Trip, Vec<Item>)| trip.stands_by(link.created_by, link.created_at, TripAction::Share);
    let (trip, items) = found.filter(stands).ok_or_else(unknown)?;
    check_passphrase(&app, &link, &headers).await?;
    if let Err(error) = app.db.touch_link(trip.id, &link, context.now).await {
        tracing::warn!(%error, "the last use of a link was not noted");
    }
    let people = if link.sections.members {
        Some(app.members(&trip).await?)
    } else {
        None
    };
    let view = SharedTripView::new(&trip, &items, &link, people.as_deref());
    Ok(Reply::ok("Trip found", view)
        .header(HeaderName::from_static("x-robots-tag"), "noindex, nofollow")
        .header(header::CACHE_CONTROL, "no-store"))
}

/// Only who has the link itself learns that it wants a passphrase.
async fn check_passphrase(app: &App, link: &LinkRow, headers: &HeaderMap) -> Result<(), ApiError> {
    let Some(hash) = &link.passphrase else { return Ok(()) };
    let refused = |message| {
        let error = ApiError::new(Code::Forbidden).message(message);
        Err(error.fact("passphrase_required", true))
    };
    let Some(given) = headers.get(PASSPHRASE) else {
        return refused("this link wants a passphrase, in the header X-Link-Passphrase");
    };
    let given = std::str::from_utf8(given.as_bytes()).ok();
    let Some(given) = given.and_then(|text| Password::parse(text).ok()) else {
        return refused("the passphrase is another one");
    };
    match app
        .hasher
        .compare(&given, Some(hash))
        .await
        .map_err(ApiError::internal)?
    {
        Comparison::Different => refused("the passphrase is another one"),
        Comparison::Same | Comparison::SameButWeak => Ok(()),
    }
}

impl SharedTripView {
    fn new(trip: &Trip, items: &[Item], link: &LinkRow, people: Option<&[UserRow]>) -> Self {
        let content = &trip.content;
        let sections = link.sections;
        let item = |item: &Item| {
            let plan = item.plan.without_references();
            ItemFields::new(&Plan {
                cost: plan.cost.filter(|_| sections.costs),
                notes: plan.notes.filter(|_| sections.notes),
                ..plan
            })
        };
        Self {
            title: content.title.clone(),
            description: content.description.clone(),
            start_date: content.start_date,
            end_date: content.end_date,
            duration_days: content.duration_days(),
            destinations: content.destinations.iter().map(DestinationFields::new).collect(),
            status: content.status.name(),
            trip_type: content.trip_type.name(),
            travelers: content.travelers,
            items: sections.itinerary.then(|| items.iter().map(item).collect()),
            members: people.map(|people| names(trip, people)),
            updated_at: trip.updated_at,
            link_expires_at: link.ends_at,
        }
    }
}

/// Names of the members, in the order in which they came.
fn names(trip: &Trip, people: &[UserRow]) -> Vec<String> {
    let person = |user| people.iter().find(|person| person.id == user);
    let members = trip.members.iter().filter_map(|member| person(member.user));
    members.filter(|person| person.is_active()).map(shown_name).collect()
}
