//! Boards: who and what is ahead, and the most that anybody has. Each is one row that the scheduler writes, with ids
//! and numbers only: whoever shows it reads what it is about, so that what has gone is not shown.

use aws_sdk_dynamodb::types::AttributeValue;
use jiff::Timestamp;
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use tripsage_domain::{
    ids::{ItineraryId, UserId},
    proof::{Contributions, Maxima},
    ranking::Timeframe,
};

use crate::{
    Condition, Db, StoreError, Write,
    keys::{Slug, reactions as keys},
};

/// Which board.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Board {
    /// What full scores are measured by.
    Maxima,
    /// The leaderboard of a time.
    Leaderboard(Timeframe),
    /// What is talked about.
    Trending,
}

impl Board {
    fn slug(self) -> Result<Slug, StoreError> {
        let name = match self {
            Self::Maxima => "maxima".to_owned(),
            Self::Leaderboard(timeframe) => format!("leaderboard-{timeframe}"),
            Self::Trending => "trending".to_owned(),
        };
        Slug::new(&name).ok_or_else(|| StoreError::Corrupt("the name of a board".to_owned()))
    }
}

/// A traveller who is ahead.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct LeaderRow {
    /// Who.
    pub user: UserId,
    /// The proof scores of their itineraries together, in tenths.
    pub credibility: u64,
    /// How many itineraries these are.
    pub itineraries: u64,
}

/// A leaderboard.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LeaderboardRow {
    /// When it was made.
    pub made_at: Timestamp,
    /// How many itineraries were looked at.
    pub considered: usize,
    /// The itineraries, the first place first.
    pub itineraries: Vec<ItineraryId>,
    /// The travellers.
    pub travellers: Vec<LeaderRow>,
}

/// A tag that is talked about.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TrendRow {
    /// The tag.
    pub tag: String,
    /// Its points.
    pub points: u64,
    /// Itineraries that have it.
    pub count: u64,
}

/// What is talked about.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TrendingRow {
    /// When it was made.
    pub made_at: Timestamp,
    /// How many itineraries were looked at.
    pub considered: usize,
    /// The tags, the first place first.
    pub tags: Vec<TrendRow>,
    /// The itineraries.
    pub itineraries: Vec<ItineraryId>,
}

/// The most that anybody has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct MaximaRow {
    pub(crate) made_at: Timestamp,
    #[serde(with = "MaximaFields")]
    pub(crate) maxima: Maxima,
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "Maxima")]
pub(crate) struct MaximaFields {
    #[serde(with = "ContributionsFields")]
    contributions: Contributions,
    views: i64,
    comments: i64,
    helpful: i64,
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "Contributions")]
pub(crate) struct ContributionsFields {
    itineraries: i64,
    snaps: i64,
    ratings: i64,
    verified: i64,
}

impl Db {
    async fn find_board<T: DeserializeOwned>(&self, board: Board) -> Result<Option<T>, StoreError> {
        let row = self.get::<T>(&keys::board(&board.slug()?)).await?;
        Ok(row.map(|row| row.item))
    }

    /// AP-175: the leaderboard of a time.
    ///
    /// # Errors
    /// When DynamoDB does not answer.
    pub async fn find_leaderboard(&self, timeframe: Timeframe) -> Result<Option<LeaderboardRow>, StoreError> {
        self.find_board(Board::Leaderboard(timeframe)).await
    }

    /// AP-175: what is talked about.
    ///
    /// # Errors
    /// When DynamoDB does not answer.
    pub async fn find_trending(&self) -> Result<Option<TrendingRow>, StoreError> {
        self.find_board(Board::Trending).await
    }

    /// AP-175: the most that anybody has, when that was last looked at; nothing before.
    ///
    /// # Errors
    /// When DynamoDB does not answer.
    pub async fn find_maxima(&self) -> Result<Maxima, StoreError> {
        let row = self.find_board::<MaximaRow>(Board::Maxima).await?;
        Ok(row.map_or_else(Maxima::default, |row| row.maxima))
    }

    /// AP-176: keeps a board, unless a newer one is there.
    ///
    /// # Errors
    /// When DynamoDB does not answer.
    pub(crate) async fn keep_board<T: Serialize>(
        &self,
        board: Board,
        made_at: Timestamp,
        row: &T,
    ) -> Result<(), StoreError> {
        let is_older = Condition::expression(
            "attribute_not_exists(pk) OR #made_at <= :made_at",
            vec![("made_at", AttributeValue::S(made_at.to_string()))],
        );
        match self
            .commit(Write::put("board", keys::board(&board.slug()?), row, 1, is_older)?)
            .await
        {
            Err(error) if error.is_conflict("board") => Ok(()),
            result => result,
        }
    }
}
