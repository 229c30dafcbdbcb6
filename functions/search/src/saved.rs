//! Searches that the caller keeps.

use axum::extract::State;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use tripsage_domain::{
    ids::{SavedSearchId, SearchId, TripId},
    text::TextRule,
    validation::{Checks, Rule},
};
use tripsage_http::{ApiError, Caller, Code, Context, Envelope, Errors, Json, Path, Reply, read_value};
use tripsage_store::{
    StoreError, Transaction,
    searches::{MAX_SAVED, SAVED_SEARCH, SAVED_SEARCHES_FULL, SavedSearchRow},
};
use utoipa::ToSchema;

use crate::{
    App,
    activities::ActivitySearchFields,
    flights::FlightSearchFields,
    recent::{Kind, digest_id},
    stays::StaySearchFields,
    unified::UnifiedSearch,
};

/// A search to keep: a recent one by its id, or a question.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct SaveSearch {
    /// What to call it.
    #[schema(min_length = 1, max_length = 100)]
    name: Option<String>,
    /// A recent search.
    #[schema(value_type = Option<String>, format = Uuid)]
    search_id: Option<SearchId>,
    /// `flights`, `accommodations`, `activities` or `unified`; with `parameters`.
    kind: Option<String>,
    /// The question, as it is searched for.
    #[schema(value_type = Option<Object>)]
    parameters: Option<Value>,
    /// The trip that it is for.
    #[schema(value_type = Option<String>, format = Uuid)]
    trip_id: Option<TripId>,
}

/// A search that the caller keeps.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct SavedSearch {
    /// Its id.
    #[schema(format = Uuid)]
    id: String,
    /// What the caller calls it.
    name: String,
    /// `flights`, `accommodations`, `activities` or `unified`.
    kind: String,
    /// The question.
    #[schema(value_type = Object)]
    parameters: Value,
    /// The trip that it is for.
    #[schema(value_type = Option<String>, format = Uuid)]
    trip_id: Option<TripId>,
    /// When it was saved.
    #[schema(value_type = String, format = DateTime)]
    created_at: Timestamp,
}

impl From<SavedSearchRow> for SavedSearch {
    fn from(row: SavedSearchRow) -> Self {
        Self {
            id: row.id.to_string(),
            name: row.name,
            kind: row.kind,
            parameters: serde_json::from_str(&row.parameters).unwrap_or_default(),
            trip_id: row.trip,
            created_at: row.created_at,
        }
    }
}

/// The question in one form, if it can be asked now.
fn checked(kind: Kind, parameters: Value, now: Timestamp) -> Result<String, ApiError> {
    let text = match kind {
        Kind::Flights => serde_json::to_string(&read_value::<FlightSearchFields>(parameters)?.question(now)?.fields),
        Kind::Accommodations => {
            serde_json::to_string(&read_value::<StaySearchFields>(parameters)?.question(now)?.fields)
        }
        Kind::Activities => {
            serde_json::to_string(&read_value::<ActivitySearchFields>(parameters)?.question(now)?.fields)
        }
        Kind::Unified => serde_json::to_string(&read_value::<UnifiedSearch>(parameters)?.question(now)?.fields),
    };
    text.map_err(ApiError::internal)
}

/// Keeps a search, without its results.
#[utoipa::path(post, path = "/api/v1/search/saved", operation_id = "saveSearch", tag = "search",
    security(("bearer" = [])), request_body = SaveSearch,
    responses((status = 201, description = "The search", body = Envelope<SavedSearch>), Errors))]
pub(crate) async fn save_search(
    State(app): State<App>,
    caller: Caller,
    context: Context,
    Json(body): Json<SaveSearch>,
) -> Result<Reply<SavedSearch>, ApiError> {
    let mut checks = Checks::default();
    let name = checks.required("name", body.name.as_deref(), |name| TextRule::line(1, 100).parse(name));
    let kind = checks.optional("kind", body.kind.as_deref(), |name| {
        let found = Kind::ALL.into_iter().find(|kind| kind.name() == name);
        let names = Kind::ALL.map(Kind::name).join(", ");
        found.ok_or_else(|| Rule::new("one_of", format!("must be one of {names}")))
    });
    let question = body.parameters.is_some();
    if body.search_id.is_some() {
        let alone = !question && body.kind.is_none();
        checks.ensure(
            alone,
            "search_id",
            "exclusive",
            "must not be given together with kind or parameters",
        );
    } else {
        checks.ensure(question, "parameters", "required", "is required, or search_id");
        checks.ensure(body.kind.is_some(), "kind", "required", "is required with parameters");
    }
    let name = checks.build(|| name)?;
    let (kind, parameters, trip) = match (body.search_id, kind, body.parameters) {
        (Some(id), ..) => {
            let row = app.db.find_search(caller.user, id, context.now).await?;
            let row = row.ok_or_else(|| ApiError::not_found("search"))?;
            (row.kind, row.parameters, row.trip)
        }
        (None, Some(kind), Some(parameters)) => {
            let nested = |error: ApiError| error.message("parameters: is not a question that can be asked");
            (
                kind.name().to_owned(),
                checked(kind, parameters, context.now).map_err(nested)?,
                None,
            )
        }
        _ => return Err(ApiError::internal("a checked body is not whole")),
    };
    let owner = caller.user.to_string();
    let parts: [&[u8]; 4] = [
        owner.as_bytes(),
        kind.as_bytes(),
        parameters.as_bytes(),
        name.as_bytes(),
    ];
    let row = SavedSearchRow {
        id: SavedSearchId::from_uuid(digest_id(&parts)),
        name,
        kind,
        parameters,
        trip: body.trip_id.or(trip),
        created_at: context.now,
    };
    match app
        .db
        .commit(Transaction::inserting_saved_search(caller.user, &row)?)
        .await
    {
        Err(StoreError::Conflict(SAVED_SEARCH)) => {
            Err(ApiError::new(Code::AlreadyExists).message("the same search is saved under this name already"))
        }
        Err(StoreError::Conflict(SAVED_SEARCHES_FULL)) => {
            Err(ApiError::new(Code::Conflict).message(format!("at most {MAX_SAVED} searches can be saved")))
        }
        result => {
            result?;
            Ok(Reply::created("Search saved", row.into()))
        }
    }
}

/// Searches that the caller keeps, newest first; at most 50.
#[utoipa::path(get, path = "/api/v1/search/saved", operation_id = "listSavedSearches", tag = "search",
    security(("bearer" = [])),
    responses((status = 200, description = "Searches", body = Envelope<Vec<SavedSearch>>), Errors))]
pub(crate) async fn list_saved_searches(
    State(app): State<App>,
    caller: Caller,
) -> Result<Reply<Vec<SavedSearch>>, ApiError> {
    let rows = app.db.list_saved_searches(caller.user).await?;
    Ok(Reply::ok(
        "Searches found",
        rows.into_iter().map(SavedSearch::from).collect(),
    ))
}

/// What was removed.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct RemovedSearch {
    /// Its id.
    #[schema(format = Uuid)]
    id: String,
}

/// Does not keep a search any more.
#[utoipa::path(delete, path = "/api/v1/search/saved/{saved_search_id}", operation_id = "deleteSavedSearch",
    tag = "search", security(("bearer" = [])), params(("saved_search_id" = String, Path, format = Uuid)),
    responses((status = 200, description = "It is removed", body = Envelope<RemovedSearch>), Errors))]
pub(crate) async fn delete_saved_search(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<SavedSearchId>,
) -> Result<Reply<RemovedSearch>, ApiError> {
    match app.db.commit(Transaction::removing_saved_search(caller.user, id)).await {
        Err(StoreError::Conflict(SAVED_SEARCH)) => Err(ApiError::not_found("saved search")),
        result => {
            result?;
            Ok(Reply::ok("Search removed", RemovedSearch { id: id.to_string() }))
        }
    }
}
