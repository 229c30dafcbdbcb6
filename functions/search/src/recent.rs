//! Searches that the caller made not long ago.

use axum::extract::State;
use jiff::{SignedDuration, Timestamp};
use quick_cache::sync::Cache;
use serde::Serialize;
use serde_json::Value;
use tripsage_domain::ids::{SearchId, TripId, UserId};
use tripsage_http::{ApiError, Caller, Context, Envelope, Errors, Reply};
use tripsage_store::{Db, keys::Digest, searches::SearchRow};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::App;

/// What is searched for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Flights,
    Accommodations,
    Activities,
    Unified,
}

impl Kind {
    pub(crate) const ALL: [Self; 4] = [Self::Flights, Self::Accommodations, Self::Activities, Self::Unified];

    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Flights => "flights",
            Self::Accommodations => "accommodations",
            Self::Activities => "activities",
            Self::Unified => "unified",
        }
    }
}

/// An id out of a digest: the same parts have the same.
pub(crate) fn digest_id(parts: &[&[u8]]) -> Uuid {
    let digest = Digest::of(parts).to_string();
    let mut bytes = [0; 16];
    for (byte, pair) in bytes.iter_mut().zip(digest.as_bytes().chunks(2)) {
        let hex = std::str::from_utf8(pair).unwrap_or_default();
        *byte = u8::from_str_radix(hex, 16).unwrap_or(0);
    }
    uuid::Builder::from_custom_bytes(bytes).into_uuid()
}

/// Writes searches down, each once in a while: a search that is answered from the cache costs no write.
pub(crate) struct Recent {
    db: Db,
    written: Cache<SearchId, Timestamp>,
}

/// How long a process believes that a search is written down.
const WRITTEN_FOR: SignedDuration = SignedDuration::from_mins(15);

/// Searches that a process knows to be written down.
const REMEMBERED: usize = 8192;

impl Recent {
    pub(crate) fn new(db: &Db) -> Self {
        Self {
            db: db.clone(),
            written: Cache::new(REMEMBERED),
        }
    }

    /// A search of a user; the same question has the same id.
    pub(crate) fn search(
        &self,
        user: UserId,
        kind: Kind,
        title: String,
        fields: &impl Serialize,
        trip: Option<TripId>,
        now: Timestamp,
    ) -> Result<SearchRow, ApiError> {
        let parameters = serde_json::to_string(fields).map_err(ApiError::internal)?;
        let id = digest_id(&[
            b"search",
            user.uuid().as_bytes(),
            kind.name().as_bytes(),
            parameters.as_bytes(),
        ]);
        let id = SearchId::from_uuid(id);
        Ok(SearchRow::new(id, kind.name(), title, parameters, trip, now))
    }

    /// Writes it down. A search whose line is lost has been answered all the same.
    pub(crate) async fn remember(&self, user: UserId, search: SearchRow) {
        let now = search.searched_at;
        if self
            .written
            .get(&search.id)
            .is_some_and(|at| now.duration_since(at) < WRITTEN_FOR)
        {
            return;
        }
        match self.db.remember_search(user, &search).await {
            Ok(()) => self.written.insert(search.id, now),
            Err(error) => tracing::warn!(%error, "a search is not remembered"),
        }
    }
}

/// A search that the caller made.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct RecentSearch {
    /// Its id: results of flights can be read again with it, and it can be saved.
    #[schema(format = Uuid)]
    id: String,
    /// `flights`, `accommodations`, `activities` or `unified`.
    kind: String,
    /// In a few words.
    title: String,
    /// The question.
    #[schema(value_type = Object)]
    parameters: Value,
    /// The trip that it was made for.
    #[schema(value_type = Option<String>, format = Uuid)]
    trip_id: Option<TripId>,
    /// When it was last made, to within some minutes.
    #[schema(value_type = String, format = DateTime)]
    searched_at: Timestamp,
}

/// What the caller searched for, newest first: the last 50 of 30 days.
#[utoipa::path(get, path = "/api/v1/search/recent", operation_id = "listRecentSearches", tag = "search",
    security(("bearer" = [])),
    responses((status = 200, description = "Searches", body = Envelope<Vec<RecentSearch>>), Errors))]
pub(crate) async fn list_recent_searches(
    State(app): State<App>,
    caller: Caller,
    context: Context,
) -> Result<Reply<Vec<RecentSearch>>, ApiError> {
    let rows = app.db.list_searches(caller.user, context.now).await?;
    let searches = rows.into_iter().map(|row| RecentSearch {
        id: row.id.to_string(),
        kind: row.kind,
        title: row.title,
        parameters: serde_json::from_str(&row.parameters).unwrap_or_default(),
        trip_id: row.trip,
        searched_at: row.searched_at,
    });
    Ok(Reply::ok("Searches found", searches.collect()))
}
