use std::collections::BTreeMap;

use axum::extract::State;
use serde::{Deserialize, Serialize};
use tripsage_domain::{ids::TripId, policy::TripAction, trip::Trip};
use tripsage_http::{ApiError, Caller, Envelope, Errors, Path, Query, Reply};
use tripsage_store::trips::{item_of, member_mark};
use utoipa::{IntoParams, ToSchema};

use crate::{App, get_trip::MemberResponse, item_body::ItemResponse, trip_body::TripResponse};

/// Versions that one answer covers at most.
const MAX_VERSIONS: usize = 200;

/// Where to begin.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct ChangesQuery {
    /// The `since` of the answer before, or the `sequence` of a trip; 0, or nothing, is the beginning.
    since: Option<u64>,
}

/// What has changed.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Changes {
    /// Each thing once, as the last of these changes left it.
    changes: Vec<Changed>,
    /// Pass it as `since` to go on.
    since: u64,
    /// Whether there is more by now.
    has_more: bool,
}

/// A thing that has changed.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Changed {
    /// `trip`, `item` or `member`.
    entity: String,
    /// Its id. A member has one that stands for the person in this trip alone, because it outlasts their account.
    id: String,
    /// Whether it is gone.
    deleted: bool,
    /// Number of the version that changed it last.
    sequence: u64,
    /// The thing itself: a trip, an item, or a member; absent when it is gone.
    #[serde(skip_serializing_if = "Option::is_none")]
    data: Option<ChangedData>,
}

/// A trip, an item, or a member.
#[derive(Debug, Serialize, ToSchema)]
#[serde(untagged)]
pub(crate) enum ChangedData {
    /// The trip.
    Trip(Box<TripResponse>),
    /// An item.
    Item(Box<ItemResponse>),
    /// A member.
    Member(MemberResponse),
}

/// What has changed in a trip since a point of its history, for clients that keep a copy. What was removed is named as
/// deleted.
#[utoipa::path(get, path = "/api/v1/trips/{trip_id}/changes", operation_id = "listChanges", tag = "trips",
    security(("bearer" = [])), params(("trip_id" = String, Path, format = Uuid), ChangesQuery),
    responses((status = 200, description = "The changes", body = Envelope<Changes>), Errors))]
pub(crate) async fn list_changes(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<TripId>,
    Query(query): Query<ChangesQuery>,
) -> Result<Reply<Changes>, ApiError> {
    let trip = app.find_trip(id).await?;
    trip.permit(caller.user, TripAction::View)?;
    let since = query.since.unwrap_or(0);
    if since > trip.sequence {
        return Err(ApiError::field(
            "since",
            "range",
            "must not be beyond the trip's sequence",
        ));
    }
    let versions = if since == trip.sequence {
        Vec::new()
    } else {
        app.db.versions_after(id, since, MAX_VERSIONS).await?
    };
    let mut last: BTreeMap<&str, (u64, Option<&str>)> = BTreeMap::new();
    for version in &versions {
        for change in &version.changes {
            last.insert(&change.entity, (version.number, change.after.as_deref()));
        }
    }
    let until = versions.last().map_or(since, |version| version.number);
    let mut changes = Vec::with_capacity(last.len());
    for (entity, (sequence, after)) in last {
        changes.extend(changed(&trip, &caller, entity, sequence, after)?);
    }
    changes.sort_by_key(|change| change.sequence);
    let has_more = until < trip.sequence;
    Ok(Reply::ok(
        "Changes found",
        Changes {
            changes,
            since: until,
            has_more,
        },
    ))
}

/// What is stored of other things than these three is not for every member to see.
fn changed(
    trip: &Trip,
    caller: &Caller,
    name: &str,
    sequence: u64,
    after: Option<&str>,
) -> Result<Option<Changed>, ApiError> {
    let own_id = trip.id.to_string();
    let (entity, id) = name.split_once('/').unwrap_or((name, own_id.as_str()));
    let data = match (entity, after) {
        ("trip", _) => Some(ChangedData::Trip(Box::new(TripResponse::new(trip, Some(caller))))),
        ("item", Some(text)) => Some(ChangedData::Item(Box::new(ItemResponse::new(&item_of(text)?)))),
        ("member", Some(_)) => {
            let member = trip
                .members
                .iter()
                .find(|member| member_mark(trip.id, member.user) == id);
            member.map(|member| ChangedData::Member(MemberResponse::new(member)))
        }
        ("item" | "member", None) => None,
        _ => return Ok(None),
    };
    Ok(Some(Changed {
        entity: entity.to_owned(),
        id: id.to_owned(),
        deleted: data.is_none(),
        sequence,
        data,
    }))
}
