use axum::extract::State;
use serde::{Deserialize, Serialize};
use tripsage_domain::ids::TripId;
use tripsage_http::{ApiError, Caller, Envelope, Errors, Path, Query, Reply};
use tripsage_store::trips::compare;
use utoipa::{IntoParams, ToSchema};

use crate::{
    App,
    item_body::ItemResponse,
    trip_body::TripResponse,
    version_body::{FieldDifference, VersionResponse},
};

/// A version with everything that the trip was then.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct VersionState {
    /// The version; `verified` covers it alone, and the list of versions the chain.
    version: VersionResponse,
    /// What it changed, field by field.
    changes: Vec<FieldDifference>,
    /// The trip then. Who takes part, and what the caller may do, are as they are today.
    trip: TripResponse,
    /// Its items then, in order.
    items: Vec<ItemResponse>,
}

/// What differs between two versions.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct VersionDiff {
    /// Number of the version that is compared.
    from: u64,
    /// Number of the version that it is compared with.
    to: u64,
    /// Field by field; members are left out.
    changes: Vec<FieldDifference>,
}

/// What to compare with.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct DiffQuery {
    /// Number of the other version; the newest unless given.
    #[param(minimum = 1)]
    to: Option<u64>,
}

/// A version of a trip, and all of the trip and its items as they were then. At most 2000 versions back.
#[utoipa::path(get, path = "/api/v1/trips/{trip_id}/versions/{number}", operation_id = "getVersion", tag = "trips",
    security(("bearer" = [])),
    params(("trip_id" = String, Path, format = Uuid), ("number" = u64, Path, minimum = 1)),
    responses((status = 200, description = "The version", body = Envelope<VersionState>), Errors))]
pub(crate) async fn get_version(
    State(app): State<App>,
    caller: Caller,
    Path((id, number)): Path<(TripId, u64)>,
) -> Result<Reply<VersionState>, ApiError> {
    let (past, version) = app.past(&caller, id, number).await?;
    let state = VersionState {
        changes: FieldDifference::all(&version.changes),
        trip: TripResponse::new(&past.trip, Some(&caller)),
        items: past.items.iter().map(ItemResponse::new).collect(),
        version: VersionResponse::new(&version, version.is_intact()),
    };
    Ok(Reply::ok("Version found", state))
}

/// What differs between two versions of a trip, field by field. At most 2000 versions back.
#[utoipa::path(get, path = "/api/v1/trips/{trip_id}/versions/{number}/diff", operation_id = "diffVersions",
    tag = "trips", security(("bearer" = [])),
    params(("trip_id" = String, Path, format = Uuid), ("number" = u64, Path, minimum = 1), DiffQuery),
    responses((status = 200, description = "The differences", body = Envelope<VersionDiff>), Errors))]
pub(crate) async fn diff_versions(
    State(app): State<App>,
    caller: Caller,
    Path((id, number)): Path<(TripId, u64)>,
    Query(query): Query<DiffQuery>,
) -> Result<Reply<VersionDiff>, ApiError> {
    let (one, other) = app.two_pasts(&caller, id, number, query.to).await?;
    let diff = VersionDiff {
        from: one.trip.sequence,
        to: other.trip.sequence,
        changes: FieldDifference::all(&compare(&one, &other)?),
    };
    Ok(Reply::ok("Versions compared", diff))
}
