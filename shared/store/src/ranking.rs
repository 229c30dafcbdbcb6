//! Ranking: looks at what is listed, brings scores up to date that hang on what others have, and writes the boards. Run
//! by the scheduler; a stack whose boards were never written, or that has few itineraries, gets them when somebody asks.

use std::{
    cmp::Reverse,
    collections::{BTreeSet, HashMap},
};

use jiff::Timestamp;
use tripsage_domain::{
    ids::{ItineraryId, UserId},
    proof::{Author, Contributions, Maxima},
    ranking::{Entrant, PLACES, TOO_FEW, TREND, Talked, Timeframe, lead, trends},
};

use crate::{
    Db, Loaded, StoreError, Transaction,
    boards::{Board, LeaderRow, LeaderboardRow, MaximaRow, TrendRow, TrendingRow},
    catalogue::{Kind, Order, Query, Walk},
    itineraries::{Background, StandingRow},
    keys::{Key, itineraries as keys},
};

/// Itineraries that one run looks at: the newest. What full scores are measured by, and who is ahead, is known of so many.
const MOST: usize = 20_000;

/// Itineraries that are looked at while somebody waits: the newest.
const AT_ONCE: usize = 300;

/// A board of fewer itineraries than this is made anew whenever it is asked for: that costs little, and a small stack shows
/// at once what is new.
const FEW: usize = 200;

/// Itineraries, or authors, that are read at once.
const PAGE: usize = 100;

/// Scores that one run brings up to date: those that are furthest from true.
const RESCORED: usize = 500;

/// A score is brought up to date when it is so many tenths from true. What others have changes all the time, and each
/// change of a score is written into every list in which the itinerary stands.
const WORTHWHILE: u64 = 10;

/// Itineraries at which trends look.
const TALKED: usize = 500;

/// With few itineraries in the time of the trend, so many of the newest are looked at.
const NEWEST: usize = 100;

/// Measure by which itineraries are sorted that most have seen.
const VIEWS: usize = 5;

/// Measure by which itineraries are sorted that rise.
const RISING: usize = 6;

/// What a run did.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Ranked {
    /// Itineraries that were looked at.
    pub considered: usize,
    /// Scores that were brought up to date.
    pub rescored: usize,
}

/// The itineraries that were looked at, newest first.
type Survey = Vec<Loaded<StandingRow>>;

impl Db {
    /// AP-178: ranks everything that is listed. Whatever is changed meanwhile keeps its change; another run goes on.
    ///
    /// # Errors
    /// When DynamoDB does not answer.
    pub async fn rank(&self, now: Timestamp) -> Result<Ranked, StoreError> {
        let mut survey = self.survey(MOST, now).await?;
        let rescored = self.rescore(&mut survey, now).await?;
        self.make_boards(&survey, now).await?;
        Ok(Ranked {
            considered: survey.len(),
            rescored,
        })
    }

    /// AP-179: the leaderboard of a time; made now when there is none, or little to look at.
    ///
    /// # Errors
    /// When DynamoDB does not answer.
    pub async fn leaderboard(&self, timeframe: Timeframe, now: Timestamp) -> Result<LeaderboardRow, StoreError> {
        match self.find_leaderboard(timeframe).await? {
            Some(board) if board.considered >= FEW => Ok(board),
            _ => {
                let survey = self.survey(AT_ONCE, now).await?;
                self.make_boards(&survey, now).await?;
                Ok(leaderboard(&survey, timeframe, now))
            }
        }
    }

    /// AP-179: what is talked about; made now when there is nothing, or little to look at.
    ///
    /// # Errors
    /// When DynamoDB does not answer.
    pub async fn trending(&self, now: Timestamp) -> Result<TrendingRow, StoreError> {
        match self.find_trending().await? {
            Some(board) if board.considered >= FEW => Ok(board),
            _ => {
                let survey = self.survey(AT_ONCE, now).await?;
                self.make_boards(&survey, now).await
            }
        }
    }

    /// AP-182: itineraries of the last 30 days, those with most ratings and views first.
    ///
    /// # Errors
    /// When DynamoDB does not answer.
    pub async fn list_rising(&self, now: Timestamp) -> Result<Vec<ItineraryId>, StoreError> {
        self.foremost(Order::Measure(RISING), Timeframe::Month.since(now), now)
            .await
    }

    /// AP-182: the itineraries that most have seen.
    ///
    /// # Errors
    /// When DynamoDB does not answer.
    pub async fn list_most_requested(&self, now: Timestamp) -> Result<Vec<ItineraryId>, StoreError> {
        self.foremost(Order::Measure(VIEWS), None, now).await
    }

    async fn foremost(
        &self,
        order: Order,
        listed_since: Option<Timestamp>,
        now: Timestamp,
    ) -> Result<Vec<ItineraryId>, StoreError> {
        let query = Query {
            listed_since,
            ..Query::new(Kind::Itinerary, order, PLACES)
        };
        let found = self.walk(&query, &Walk::begin(now)).await?;
        Ok(found.ids.into_iter().map(ItineraryId::from_uuid).collect())
    }

    async fn survey(&self, most: usize, now: Timestamp) -> Result<Survey, StoreError> {
        let query = Query::new(Kind::Itinerary, Order::Newest, PAGE);
        let (mut survey, mut next) = (Survey::new(), Some(Walk::begin(now)));
        while let Some(walk) = next.filter(|_| survey.len() < most) {
            let found = self.walk(&query, &walk).await?;
            let wanted: Vec<Key> = found
                .ids
                .iter()
                .map(|id| keys::itinerary_standing(ItineraryId::from_uuid(*id)))
                .collect();
            let listed = self.get_many_loaded::<StandingRow>(&wanted).await?.into_iter();
            survey.extend(listed.filter(|row| row.item.listing.is_some()));
            next = found.next;
        }
        survey.sort_by_key(|row| (Reverse(listed_at(row)), row.item.id));
        Ok(survey)
    }

    /// Looks at the authors and at the most that anybody has, and brings the scores up to date that are furthest from true.
    async fn rescore(&self, survey: &mut Survey, now: Timestamp) -> Result<usize, StoreError> {
        let owners: BTreeSet<UserId> = survey.iter().map(|row| row.item.owner).collect();
        let owners: Vec<UserId> = owners.into_iter().collect();
        let mut known: HashMap<UserId, (Author, Contributions)> = HashMap::new();
        for some in owners.chunks(PAGE) {
            let (authors, travellers) = tokio::try_join!(self.find_authors(some, now), self.find_travellers(some))?;
            for (user, author) in authors {
                known.entry(user).or_default().0 = author;
            }
            for traveller in travellers {
                known.entry(traveller.user).or_default().1 = traveller.contributions();
            }
        }
        let maxima = survey.iter().fold(Maxima::default(), |maxima, row| {
            let contributions = known.get(&row.item.owner).map(|known| known.1).unwrap_or_default();
            maxima.with(contributions, &row.item.counts.reception())
        });
        self.keep_board(Board::Maxima, now, &MaximaRow { made_at: now, maxima })
            .await?;
        let mut wrong = Vec::new();
        for (place, row) in survey.iter_mut().enumerate() {
            let (author, contributions) = known.get(&row.item.owner).copied().unwrap_or_default();
            let before = row.item.proof().score();
            let after = StandingRow {
                background: Background {
                    author,
                    contributions,
                    maxima,
                },
                ..row.item.clone()
            };
            let distance = after.proof().score().abs_diff(before);
            if distance >= WORTHWHILE {
                wrong.push((distance, place, after.placed(now)));
            }
        }
        wrong.sort_by_key(|(distance, place, _)| (Reverse(*distance), *place));
        let mut rescored = 0;
        for (_, place, after) in wrong.into_iter().take(RESCORED) {
            let Some(row) = survey.get_mut(place) else { continue };
            match self
                .commit(Transaction {
                    writes: after.replacing(row)?,
                })
                .await
            {
                Ok(()) => {
                    rescored += 1;
                    row.item = after;
                }
                // Somebody voted just now; the next run looks again.
                Err(StoreError::Conflict(_) | StoreError::Throttled(_)) => {}
                Err(error) => return Err(error),
            }
        }
        Ok(rescored)
    }

    /// AP-176: writes all boards; what is talked about.
    async fn make_boards(&self, survey: &Survey, now: Timestamp) -> Result<TrendingRow, StoreError> {
        for timeframe in Timeframe::ALL {
            let row = leaderboard(survey, *timeframe, now);
            self.keep_board(Board::Leaderboard(*timeframe), now, &row).await?;
        }
        let trending = self.make_trending(survey, now).await?;
        self.keep_board(Board::Trending, now, &trending).await?;
        Ok(trending)
    }

    async fn make_trending(&self, survey: &Survey, now: Timestamp) -> Result<TrendingRow, StoreError> {
        let since = now - TREND;
        let recent = survey.iter().take_while(|row| listed_at(row) >= since).count();
        let looked_at = if recent < TOO_FEW { NEWEST } else { recent.min(TALKED) };
        let ids: Vec<ItineraryId> = survey.iter().map(|row| row.item.id).take(looked_at).collect();
        let mut talked = Vec::with_capacity(ids.len());
        for some in ids.chunks(PAGE) {
            for card in self.find_itinerary_cards(some).await? {
                let standing = &card.standing;
                talked.push(Talked {
                    id: standing.id,
                    tags: card.itinerary.content.activity_tags.iter().cloned().collect(),
                    views: standing.counts.views,
                    helpful: standing.counts.helpful,
                    comments: standing.counts.comments,
                    proof: standing.proof().score(),
                });
            }
        }
        let (tags, itineraries) = trends(&talked);
        Ok(TrendingRow {
            made_at: now,
            considered: survey.len(),
            tags: tags
                .into_iter()
                .map(|trend| TrendRow {
                    tag: trend.tag,
                    points: trend.points,
                    count: trend.count,
                })
                .collect(),
            itineraries,
        })
    }
}

fn listed_at(row: &Loaded<StandingRow>) -> Timestamp {
    let listing = row.item.listing.as_ref();
    listing.map_or(row.item.created_at, |listing| listing.listed_at())
}

fn leaderboard(survey: &Survey, timeframe: Timeframe, now: Timestamp) -> LeaderboardRow {
    let entrants: Vec<Entrant> = survey
        .iter()
        .map(|row| Entrant {
            id: row.item.id,
            owner: row.item.owner,
            listed_at: listed_at(row),
            proof: row.item.proof().score(),
        })
        .collect();
    let (itineraries, leaders) = lead(&entrants, timeframe.since(now));
    LeaderboardRow {
        made_at: now,
        considered: survey.len(),
        itineraries,
        travellers: leaders
            .into_iter()
            .map(|leader| LeaderRow {
                user: leader.user,
                credibility: leader.credibility,
                itineraries: leader.itineraries,
            })
            .collect(),
    }
}
