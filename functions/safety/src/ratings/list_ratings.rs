//! Lists of ratings, and what selects them.

use axum::extract::State;
use serde::Deserialize;
use tripsage_domain::{
    ids::{ItineraryId, RatingId, UserId},
    policy::ItineraryAction,
    rating::{BEST, RatingType},
    validation::{Checks, Invalid, Rule},
    votes::{Subject, Vote},
};
use tripsage_http::{
    ApiError, Caller, Context, CursorScope, Envelope, Errors, MaybeCaller, PageQuery, Pagination, Query, Reply,
};
use tripsage_store::{
    catalogue::{self, Facet, FacetName, Kind, Order},
    ratings::RatingCard,
};
use utoipa::IntoParams;

use super::body::RatingBody;
use crate::App;

/// Which ratings to list.
#[derive(Debug, Default, Clone, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct ListRatings {
    /// Only ratings of this itinerary.
    #[param(format = Uuid)]
    itinerary_id: Option<String>,
    /// Only ratings of this type: `overall`, `accommodation`, `route`, `community` or `women_safety`.
    #[serde(rename = "type")]
    rating_type: Option<String>,
    /// Only ratings with at least this overall score.
    #[param(minimum = 1, maximum = 5)]
    min_score: Option<f64>,
    /// `newest` (unless given), `highest` or `helpful`.
    sort: Option<String>,
    /// The `next_cursor` of the page before.
    cursor: Option<String>,
    /// Number of the page, from 1; not together with `cursor`.
    #[param(minimum = 1, maximum = 50)]
    page: Option<u32>,
    /// Entries per page. A page may have fewer, because ratings of itineraries that are not to be seen are left out.
    #[param(minimum = 1, maximum = 100)]
    per_page: Option<u32>,
}

/// Safety ratings of published itineraries.
#[utoipa::path(get, path = "/api/v1/safety-ratings", operation_id = "listSafetyRatings", tag = "safety",
    params(ListRatings),
    responses((status = 200, description = "A page of ratings", body = Envelope<Vec<RatingBody>>), Errors))]
pub(crate) async fn list_safety_ratings(
    State(app): State<App>,
    caller: MaybeCaller,
    context: Context,
    Query(query): Query<ListRatings>,
) -> Result<Reply<Vec<RatingBody>>, ApiError> {
    let selection = Selection::parse(&query)?;
    if let Some(id) = selection.itinerary {
        let itinerary = app.db.find_itinerary(id).await?;
        let shown = itinerary.filter(|itinerary| itinerary.permit(caller.0.as_ref(), ItineraryAction::View).is_ok());
        shown.ok_or_else(|| ApiError::not_found("itinerary"))?;
    }
    let (mut cards, pagination) = app
        .walk_ratings("listSafetyRatings", &query, &selection, &context)
        .await?;
    if selection.itinerary.is_none() {
        let ids: Vec<ItineraryId> = cards.iter().map(|card| card.rating.itinerary).collect();
        let published = app.db.published_of(&ids).await?;
        cards.retain(|card| published.contains(&card.rating.itinerary));
    }
    Ok(Reply::ok("Safety ratings found", app.rating_bodies(&caller, &cards).await?).page(pagination))
}

/// The caller's own ratings, also of itineraries that are not to be seen any more.
#[utoipa::path(get, path = "/api/v1/safety-ratings/user/ratings", operation_id = "listOwnSafetyRatings", tag = "safety",
    security(("bearer" = [])), params(ListRatings),
    responses((status = 200, description = "A page of ratings", body = Envelope<Vec<RatingBody>>), Errors))]
pub(crate) async fn list_own_safety_ratings(
    State(app): State<App>,
    caller: Caller,
    context: Context,
    Query(query): Query<ListRatings>,
) -> Result<Reply<Vec<RatingBody>>, ApiError> {
    let mut selection = Selection::parse(&query)?;
    selection.by = Some(caller.user);
    let (cards, pagination) = app
        .walk_ratings("listOwnSafetyRatings", &query, &selection, &context)
        .await?;
    let bodies = app.rating_bodies(&MaybeCaller(Some(caller.0)), &cards).await?;
    Ok(Reply::ok("Safety ratings found", bodies).page(pagination))
}

/// What is listed. Its debug text tells two selections apart, and binds a cursor to its own.
#[derive(Debug)]
pub(super) struct Selection {
    pub(super) itinerary: Option<ItineraryId>,
    by: Option<UserId>,
    rating_type: Option<RatingType>,
    /// The whole scores that are at least what is asked for.
    scores: Vec<u8>,
    sort: Sort,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Sort {
    Newest,
    Highest,
    Helpful,
}

impl Selection {
    pub(super) fn parse(query: &ListRatings) -> Result<Self, Invalid> {
        let mut checks = Checks::default();
        let itinerary = checks.optional("itinerary_id", query.itinerary_id.as_deref(), |text| {
            let id = text.parse::<ItineraryId>();
            id.map_err(|_| Rule::new("id", "must be the id of an itinerary"))
        });
        let rating_type = checks.optional("type", query.rating_type.as_deref(), |text| {
            text.parse::<RatingType>().map_err(Rule::from)
        });
        let least = checks.optional("min_score", query.min_score, |score| {
            let fits = (1.0..=f64::from(BEST)).contains(&score);
            fits.then_some(score)
                .ok_or_else(|| Rule::new("range", "must be between 1 and 5"))
        });
        let sort = checks.optional("sort", query.sort.as_deref(), |name| match name {
            "newest" | "new" => Ok(Sort::Newest),
            "highest" | "top" => Ok(Sort::Highest),
            "helpful" => Ok(Sort::Helpful),
            _ => Err(Rule::new("one_of", "must be one of newest, highest, helpful")),
        });
        checks.finish()?;
        Ok(Self {
            itinerary,
            by: None,
            rating_type,
            scores: least.map_or_else(Vec::new, |least| {
                (1..=BEST).filter(|score| f64::from(*score) >= least).collect()
            }),
            sort: sort.unwrap_or(Sort::Newest),
        })
    }

    fn query(&self, limit: usize, skip: usize) -> catalogue::Query {
        let one = |name, value: Option<String>| {
            value
                .and_then(|value| Facet::new(name, &value))
                .map(|facet| vec![facet])
        };
        let scores = self
            .scores
            .iter()
            .filter_map(|score| Facet::new(FacetName::Score, &score.to_string()));
        let all_of = [
            one(FacetName::Itinerary, self.itinerary.map(|id| id.to_string())),
            one(FacetName::By, self.by.map(|id| id.to_string())),
            one(FacetName::Type, self.rating_type.map(|kind| kind.name().to_owned())),
            (!self.scores.is_empty()).then(|| scores.collect()),
        ];
        catalogue::Query {
            kind: Kind::Rating,
            all_of: all_of.into_iter().flatten().collect(),
            ranges: Vec::new(),
            listed_since: None,
            order: match self.sort {
                Sort::Newest => Order::Newest,
                Sort::Highest => Order::Measure(0),
                Sort::Helpful => Order::Measure(1),
            },
            limit,
            skip,
        }
    }
}

impl App {
    /// A page of ratings. How many there are is said where none of them may have to be left out.
    pub(super) async fn walk_ratings(
        &self,
        operation: &'static str,
        query: &ListRatings,
        selection: &Selection,
        context: &Context,
    ) -> Result<(Vec<RatingCard>, Pagination), ApiError> {
        let page = PageQuery {
            cursor: query.cursor.clone(),
            page: query.page,
            per_page: query.per_page,
        };
        let selected = format!("{selection:?}");
        let scope = CursorScope {
            operation,
            caller: "",
            selection: &selected,
        };
        let pages = self.edge.walk_pages(scope, &page, context.now)?;
        let wanted = selection.query(pages.size(), pages.skip());
        let found = self.db.walk(&wanted, &pages.walk().await?).await?;
        let ids: Vec<RatingId> = found.ids.iter().copied().map(RatingId::from_uuid).collect();
        let complete = selection.itinerary.is_some() || selection.by.is_some();
        let total = found.total.filter(|_| complete);
        let pagination = pages.pagination(&found, total).await?;
        Ok((self.db.find_ratings(&ids).await?, pagination))
    }

    /// Ratings as answers show them, with what the caller calls each of them.
    pub(super) async fn rating_bodies(
        &self,
        caller: &MaybeCaller,
        cards: &[RatingCard],
    ) -> Result<Vec<RatingBody>, ApiError> {
        let subjects: Vec<Subject> = cards.iter().map(|card| Subject::Rating(card.rating.id)).collect();
        let votes: Vec<(Subject, Vote)> = match &caller.0 {
            Some(caller) => self.db.find_votes(caller.user, &subjects).await?,
            None => Vec::new(),
        };
        let vote_on = |card: &RatingCard| {
            let subject = Subject::Rating(card.rating.id);
            let vote = votes.iter().find(|(voted, _)| *voted == subject);
            vote.map(|(_, vote)| *vote)
        };
        Ok(cards.iter().map(|card| RatingBody::new(card, vote_on(card))).collect())
    }
}
