use axum::extract::State;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use tripsage_domain::{
    ids::TripId,
    policy::TripAction,
    trip::{Item, Member, Trip},
    validation::{Checks, Invalid, Rule},
};
use tripsage_http::{ApiError, Caller, Context, Envelope, Errors, Path, Query, Reply};
use utoipa::{IntoParams, ToSchema};

use crate::{App, item_body::ItemResponse, trip_body::TripResponse};

/// What to show besides the trip, and of when.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct GetTrip {
    /// `items`, `members`, or both with a comma between them.
    include: Option<String>,
    /// An instant (RFC 3339): the trip as it was then. Not together with `include=members`.
    #[param(value_type = Option<String>, format = DateTime)]
    as_of: Option<String>,
}

/// A trip, with what was asked for besides.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct TripView {
    #[serde(flatten)]
    trip: TripResponse,
    /// Its items in order, with `include=items`.
    #[serde(skip_serializing_if = "Option::is_none")]
    items: Option<Vec<ItemResponse>>,
    /// Who takes part, with `include=members`.
    #[serde(skip_serializing_if = "Option::is_none")]
    members: Option<Vec<MemberResponse>>,
}

/// Somebody who takes part.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct MemberResponse {
    /// Who.
    #[schema(format = Uuid)]
    user_id: String,
    /// What they may do: `view`, `edit`, `admin`, `owner`.
    permission_level: &'static str,
    /// Since when.
    #[schema(value_type = String, format = DateTime)]
    added_at: Timestamp,
}

/// A trip that the caller takes part in, now or as it was.
#[utoipa::path(get, path = "/api/v1/trips/{trip_id}", operation_id = "getTrip", tag = "trips",
    security(("bearer" = [])), params(("trip_id" = String, Path, format = Uuid), GetTrip),
    responses((status = 200, description = "The trip", body = Envelope<TripView>), Errors))]
pub(crate) async fn get_trip(
    State(app): State<App>,
    caller: Caller,
    context: Context,
    Path(id): Path<TripId>,
    Query(query): Query<GetTrip>,
) -> Result<Reply<TripView>, ApiError> {
    let (include, as_of) = query.parse(context.now)?;
    if let Some(instant) = as_of {
        let past = app.trip_at(&caller, id, instant).await?;
        let items = include.items.then_some(past.items);
        return Ok(Reply::ok(
            "Trip found",
            TripView::new(&past.trip, &caller, items.as_deref(), false),
        ));
    }
    let (trip, items) = if include.items {
        let (trip, items) = app.view_plan(&caller, id).await?;
        (trip, Some(items))
    } else {
        (app.find_trip(id).await?, None)
    };
    trip.permit(caller.user, TripAction::View)?;
    let reply = Reply::ok(
        "Trip found",
        TripView::new(&trip, &caller, items.as_deref(), include.members),
    );
    // The tag stands for the trip alone: what is included changes without it.
    Ok(if include.items || include.members {
        reply
    } else {
        reply.etag(trip.revision)
    })
}

#[derive(Debug, Default)]
struct Include {
    items: bool,
    members: bool,
}

impl GetTrip {
    fn parse(&self, now: Timestamp) -> Result<(Include, Option<Timestamp>), Invalid> {
        let mut checks = Checks::default();
        let mut include = Include::default();
        for name in self.include.iter().flat_map(|list| list.split(',')) {
            match name {
                "items" => include.items = true,
                "members" => include.members = true,
                _ => checks.ensure(false, "include", "one_of", "must be one or more of items, members"),
            }
        }
        let as_of = checks.optional("as_of", self.as_of.as_deref(), |text| {
            let instant: Timestamp = text
                .parse()
                .map_err(|_| Rule::new("instant", "must be an instant such as 2027-04-01T08:00:00Z"))?;
            if instant > now {
                return Err(Rule::new("range", "must not be in the future"));
            }
            Ok(instant)
        });
        let current = as_of.is_none() || !include.members;
        checks.ensure(
            current,
            "include",
            "exclusive",
            "must not name members together with `as_of`",
        );
        checks.finish()?;
        Ok((include, as_of))
    }
}

impl TripView {
    pub(crate) fn new(trip: &Trip, caller: &Caller, items: Option<&[Item]>, members: bool) -> Self {
        Self {
            trip: TripResponse::new(trip, Some(caller)),
            items: items.map(|items| items.iter().map(ItemResponse::new).collect()),
            members: members.then(|| trip.members.iter().map(MemberResponse::new).collect()),
        }
    }
}

impl MemberResponse {
    pub(crate) fn new(member: &Member) -> Self {
        Self {
            user_id: member.user.to_string(),
            permission_level: member.role.name(),
            added_at: member.added_at,
        }
    }
}
