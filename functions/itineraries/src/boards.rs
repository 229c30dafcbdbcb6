//! Boards: who and what is ahead. All of them are composites: made once for everybody, void as soon as what a list
//! shows of an itinerary changes.

use axum::extract::State;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use tripsage_cache::{CompositeKey, Content, Made, Tag};
use tripsage_domain::{ids::ItineraryId, ranking::Timeframe, validation::Checks};
use tripsage_http::{Admitted, ApiError, Context, Envelope, Errors, Query, Reply};
use tripsage_store::boards::LeaderRow;
use utoipa::{IntoParams, ToSchema};

use crate::{
    App,
    body::{ItineraryBody, bodies},
    standing_body::tenths,
};

/// Grows with every change to what the cache keeps of a board.
const SCHEMA: u32 = 1;

/// Entries of a board at most.
const MOST: u32 = 50;

/// How much of a board.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct BoardQuery {
    /// Entries at most; 20 unless given.
    #[param(minimum = 1, maximum = 50)]
    limit: Option<u32>,
}

/// Which leaderboard.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct LeaderboardQuery {
    /// Itineraries that were published within a `week`, a `month`, or `all`, which is meant unless given.
    timeframe: Option<String>,
    /// Entries of each list at most; 20 unless given.
    #[param(minimum = 1, maximum = 50)]
    limit: Option<u32>,
}

/// A traveller who is ahead.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct LeaderBody {
    /// Their id.
    #[schema(format = Uuid)]
    id: String,
    /// The name by which others find them.
    username: String,
    /// The name that others see.
    display_name: Option<String>,
    /// Where their picture is.
    avatar_url: Option<String>,
    /// The proof scores of their itineraries together.
    total_credibility_score: f64,
    /// How many itineraries these are.
    itinerary_count: u64,
}

/// A leaderboard.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct Leaderboard {
    /// Itineraries, the best proof score first.
    top_itineraries: Vec<ItineraryBody>,
    /// Travellers, the best proof scores together first.
    top_travelers: Vec<LeaderBody>,
    /// Featured itineraries, the latest first.
    featured: Vec<ItineraryBody>,
    /// What the leaderboard is about.
    timeframe: &'static str,
    /// Entries of each list at most.
    limit: u32,
    /// When places were last given.
    #[schema(value_type = String, format = DateTime)]
    generated_at: Timestamp,
}

/// A tag that is talked about.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct TrendBody {
    /// The tag.
    tag: String,
    /// Itineraries that have it, and a point for each hundred of the attention that they get together.
    points: u64,
    /// Itineraries that have it.
    count: u64,
}

/// What is talked about.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct Trending {
    /// Tags, those with most points first.
    trending_tags: Vec<TrendBody>,
    /// Itineraries with these tags that get most attention, the first place first.
    trending_itineraries: Vec<ItineraryBody>,
    /// When places were last given.
    #[schema(value_type = String, format = DateTime)]
    generated_at: Timestamp,
}

fn limit(given: Option<u32>) -> Result<u32, ApiError> {
    let limit = given.unwrap_or(20);
    let mut checks = Checks::default();
    let fits = (1..=MOST).contains(&limit);
    checks.ensure(fits, "limit", "range", format!("must be between 1 and {MOST}"));
    checks.finish()?;
    Ok(limit)
}

/// The itineraries with the best proof scores of a time, the travellers who wrote them, and what is featured.
#[utoipa::path(get, path = "/api/v1/itineraries/leaderboard", operation_id = "getItineraryLeaderboard",
    tag = "itineraries", params(LeaderboardQuery),
    responses((status = 200, description = "The leaderboard", body = Envelope<Leaderboard>), Errors))]
pub(crate) async fn get_leaderboard(
    State(app): State<App>,
    context: Context,
    admitted: Admitted,
    Query(query): Query<LeaderboardQuery>,
) -> Result<Reply<Value>, ApiError> {
    let timeframe = query.timeframe.as_deref().map_or(Ok(Timeframe::All), str::parse);
    let mut checks = Checks::default();
    let timeframe = checks.take("timeframe", timeframe.map_err(Into::into));
    let limit = limit(query.limit);
    let Some(timeframe) = timeframe else {
        checks.finish()?;
        return Err(ApiError::internal("a broken rule was not reported"));
    };
    let limit = limit?;
    let mut board = app.leaderboard(&admitted, timeframe, context.now).await?;
    for list in ["top_itineraries", "top_travelers", "featured"] {
        cut(&mut board[list], limit);
    }
    board["limit"] = json!(limit);
    Ok(Reply::ok("Leaderboard found", board))
}

/// What the product features, the latest first.
#[utoipa::path(get, path = "/api/v1/itineraries/featured", operation_id = "listFeaturedItineraries",
    tag = "itineraries", params(BoardQuery),
    responses((status = 200, description = "Itineraries", body = Envelope<Vec<ItineraryBody>>), Errors))]
pub(crate) async fn list_featured(
    State(app): State<App>,
    context: Context,
    admitted: Admitted,
    Query(query): Query<BoardQuery>,
) -> Result<Reply<Value>, ApiError> {
    app.list(&admitted, List::Featured, query.limit, context.now).await
}

/// Itineraries of the last 30 days, those with most ratings and views first.
#[utoipa::path(get, path = "/api/v1/itineraries/rising-stars", operation_id = "listRisingItineraries",
    tag = "itineraries", params(BoardQuery),
    responses((status = 200, description = "Itineraries", body = Envelope<Vec<ItineraryBody>>), Errors))]
pub(crate) async fn list_rising(
    State(app): State<App>,
    context: Context,
    admitted: Admitted,
    Query(query): Query<BoardQuery>,
) -> Result<Reply<Value>, ApiError> {
    app.list(&admitted, List::Rising, query.limit, context.now).await
}

/// Itineraries that most travellers have seen.
#[utoipa::path(get, path = "/api/v1/itineraries/most-requested", operation_id = "listMostRequestedItineraries",
    tag = "itineraries", params(BoardQuery),
    responses((status = 200, description = "Itineraries", body = Envelope<Vec<ItineraryBody>>), Errors))]
pub(crate) async fn list_most_requested(
    State(app): State<App>,
    context: Context,
    admitted: Admitted,
    Query(query): Query<BoardQuery>,
) -> Result<Reply<Value>, ApiError> {
    app.list(&admitted, List::MostRequested, query.limit, context.now).await
}

/// Tags of the itineraries of the last 24 hours, or of the newest when these are few, and the itineraries that they are
/// talked about with.
#[utoipa::path(get, path = "/api/v1/itineraries/trending-tags", operation_id = "listTrendingTags",
    tag = "itineraries", params(BoardQuery),
    responses((status = 200, description = "Tags and itineraries", body = Envelope<Trending>), Errors))]
pub(crate) async fn list_trending_tags(
    State(app): State<App>,
    context: Context,
    admitted: Admitted,
    Query(query): Query<BoardQuery>,
) -> Result<Reply<Value>, ApiError> {
    let limit = limit(query.limit)?;
    let mut trending = app.trending(&admitted, context.now).await?;
    for list in ["trending_tags", "trending_itineraries"] {
        cut(&mut trending[list], limit);
    }
    Ok(Reply::ok("Trends found", trending))
}

fn cut(list: &mut Value, limit: u32) {
    if let Some(list) = list.as_array_mut() {
        list.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
    }
}

/// A list of itineraries in an order of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum List {
    Featured,
    Rising,
    MostRequested,
}

impl List {
    pub(crate) const ALL: [Self; 3] = [Self::Featured, Self::Rising, Self::MostRequested];

    const fn name(self) -> &'static str {
        match self {
            Self::Featured => "featured",
            Self::Rising => "rising-stars",
            Self::MostRequested => "most-requested",
        }
    }
}

fn kept<T: Serialize>(value: &T) -> Result<Made<Value>, ApiError> {
    Ok(Made {
        value: serde_json::to_value(value).map_err(ApiError::internal)?,
        keep: true,
    })
}

impl App {
    async fn list(
        &self,
        admitted: &Admitted,
        list: List,
        given: Option<u32>,
        now: Timestamp,
    ) -> Result<Reply<Value>, ApiError> {
        let limit = limit(given)?;
        let mut found = self.listed(admitted, list, now).await?;
        cut(&mut found, limit);
        Ok(Reply::ok("Itineraries found", found))
    }

    /// A whole list, from the cache if it is there.
    pub(crate) async fn listed(&self, admitted: &Admitted, list: List, now: Timestamp) -> Result<Value, ApiError> {
        let key = CompositeKey::new(
            Content::Leaderboard,
            SCHEMA,
            &["list", list.name()],
            &[Tag::Itineraries],
        );
        let made = || async {
            let ids = match list {
                List::Featured => return kept(&self.featured(now).await?),
                List::Rising => self.db.list_rising(now).await?,
                List::MostRequested => self.db.list_most_requested(now).await?,
            };
            kept(&self.placed(&ids).await?)
        };
        let cached = self
            .edge
            .get_or_make::<Value, ApiError, _>(admitted, &key, made)
            .await?;
        Ok(Value::clone(&cached.value))
    }

    /// A whole leaderboard, from the cache if it is there.
    pub(crate) async fn leaderboard(
        &self,
        admitted: &Admitted,
        timeframe: Timeframe,
        now: Timestamp,
    ) -> Result<Value, ApiError> {
        let parts = ["leaderboard", timeframe.name()];
        let key = CompositeKey::new(Content::Leaderboard, SCHEMA, &parts, &[Tag::Itineraries]);
        let made = || async {
            let (board, featured) = tokio::join!(self.db.leaderboard(timeframe, now), self.featured(now));
            let board = board?;
            let (top_itineraries, top_travelers) =
                tokio::try_join!(self.placed(&board.itineraries), self.leaders(&board.travellers))?;
            kept(&Leaderboard {
                top_itineraries,
                top_travelers,
                featured: featured?,
                timeframe: timeframe.name(),
                limit: MOST,
                generated_at: board.made_at,
            })
        };
        let cached = self
            .edge
            .get_or_make::<Value, ApiError, _>(admitted, &key, made)
            .await?;
        Ok(Value::clone(&cached.value))
    }

    /// All that is talked about, from the cache if it is there.
    pub(crate) async fn trending(&self, admitted: &Admitted, now: Timestamp) -> Result<Value, ApiError> {
        let key = CompositeKey::new(Content::Trending, SCHEMA, &["trending-tags"], &[Tag::Itineraries]);
        let made = || async {
            let board = self.db.trending(now).await?;
            let trending_tags = board.tags.into_iter().map(|trend| TrendBody {
                tag: trend.tag,
                points: trend.points,
                count: trend.count,
            });
            kept(&Trending {
                trending_tags: trending_tags.collect(),
                trending_itineraries: self.placed(&board.itineraries).await?,
                generated_at: board.made_at,
            })
        };
        let cached = self
            .edge
            .get_or_make::<Value, ApiError, _>(admitted, &key, made)
            .await?;
        Ok(Value::clone(&cached.value))
    }

    /// Those of the itineraries that everybody can still see, in this order.
    async fn placed(&self, ids: &[ItineraryId]) -> Result<Vec<ItineraryBody>, ApiError> {
        let mut cards = self.db.find_itinerary_cards(ids).await?;
        cards.retain(|card| card.itinerary.is_public());
        bodies(&self.db, &cards).await
    }

    async fn featured(&self, now: Timestamp) -> Result<Vec<ItineraryBody>, ApiError> {
        let ids = self.db.list_featured(now).await?;
        let mut cards = self.db.find_itinerary_cards(&ids).await?;
        cards.retain(|card| card.itinerary.is_public() && card.standing.featured_at.is_some());
        cards.sort_by_key(|card| std::cmp::Reverse((card.standing.featured_at, card.itinerary.id)));
        cards.truncate(usize::try_from(MOST).unwrap_or(usize::MAX));
        bodies(&self.db, &cards).await
    }

    /// Those of the travellers who still use the product, in this order.
    async fn leaders(&self, rows: &[LeaderRow]) -> Result<Vec<LeaderBody>, ApiError> {
        let ids: Vec<_> = rows.iter().map(|row| row.user).collect();
        let users = self.db.find_users(&ids).await?;
        let leader = |row: &LeaderRow| {
            let user = users.iter().find(|user| user.id == row.user && user.is_active())?;
            Some(LeaderBody {
                id: user.id.to_string(),
                username: user.username.clone(),
                display_name: user.display_name.clone(),
                avatar_url: user.avatar_url.clone(),
                total_credibility_score: tenths(row.credibility),
                itinerary_count: row.itineraries,
            })
        };
        Ok(rows.iter().filter_map(leader).collect())
    }
}
