//! Lists of intel, and what selects them.

use axum::extract::State;
use serde::Deserialize;
use tripsage_domain::{
    ids::{IntelId, ItineraryId, UserId},
    intel::{IntelStatus, IntelType},
    itinerary::Severity,
    validation::{Checks, Invalid, Rule},
    votes::Subject,
};
use tripsage_http::{
    ApiError, Caller, Context, CursorScope, Envelope, Errors, MaybeCaller, PageQuery, Pagination, Principal, Query,
    Reply,
};
use tripsage_store::{
    catalogue::{self, Facet, FacetName, Kind, Order},
    intel::IntelCard,
};
use utoipa::IntoParams;

use crate::{
    App,
    body::{self, IntelBody},
};

/// Which intel to list.
#[derive(Debug, Default, Clone, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct ListIntel {
    /// Only intel about this itinerary.
    #[param(format = Uuid)]
    itinerary_id: Option<String>,
    /// Only intel of this type: `question`, `update`, `warning`, `recommendation`, `local_insight` or `tip`.
    #[serde(rename = "type")]
    intel_type: Option<String>,
    /// Only intel that is so bad: `low`, `medium`, `high` or `critical`.
    severity: Option<String>,
    /// Only intel with this status: `open`, `in_progress`, `resolved`, `archived`, `verified` or `closed`.
    status: Option<String>,
    /// `newest` (unless given), `helpful` or `critical`.
    sort: Option<String>,
    /// The `next_cursor` of the page before.
    cursor: Option<String>,
    /// Number of the page, from 1; not together with `cursor`.
    #[param(minimum = 1, maximum = 50)]
    page: Option<u32>,
    /// Entries per page.
    #[param(minimum = 1, maximum = 100)]
    per_page: Option<u32>,
}

/// What starts a thread about an itinerary, which has to be named.
#[utoipa::path(get, path = "/api/v1/travel-intel", operation_id = "listTravelIntel", tag = "intel", params(ListIntel),
    responses((status = 200, description = "A page of intel", body = Envelope<Vec<IntelBody>>), Errors))]
pub(crate) async fn list_travel_intel(
    State(app): State<App>,
    caller: MaybeCaller,
    context: Context,
    Query(query): Query<ListIntel>,
) -> Result<Reply<Vec<IntelBody>>, ApiError> {
    let mut selection = Selection::parse(&query)?;
    let id = selection.itinerary.take();
    let id = id.ok_or_else(|| ApiError::field("itinerary_id", "required", "is required"))?;
    app.view_itinerary(caller.0.as_ref(), id).await?;
    selection.of = Some(Of::Itinerary(id));
    let (cards, pagination) = app.walk_intel("listTravelIntel", &query, &selection, &context).await?;
    let bodies = app.intel_bodies(caller.0.as_ref(), &cards).await?;
    Ok(Reply::ok("Travel intel found", bodies).page(pagination))
}

/// What the caller asked and told themselves, answers too.
#[utoipa::path(get, path = "/api/v1/travel-intel/user/intel", operation_id = "listOwnTravelIntel", tag = "intel",
    security(("bearer" = [])), params(ListIntel),
    responses((status = 200, description = "A page of intel", body = Envelope<Vec<IntelBody>>), Errors))]
pub(crate) async fn list_own_travel_intel(
    State(app): State<App>,
    caller: Caller,
    context: Context,
    Query(query): Query<ListIntel>,
) -> Result<Reply<Vec<IntelBody>>, ApiError> {
    let mut selection = Selection::parse(&query)?;
    if selection.itinerary.is_some() {
        let message = "cannot be given here: the list holds what you said of all itineraries";
        return Err(ApiError::field("itinerary_id", "unknown", message));
    }
    selection.of = Some(Of::Author(caller.user));
    let (cards, pagination) = app
        .walk_intel("listOwnTravelIntel", &query, &selection, &context)
        .await?;
    let bodies = app.intel_bodies(Some(&caller), &cards).await?;
    Ok(Reply::ok("Travel intel found", bodies).page(pagination))
}

/// Whose list it is.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Of {
    /// What starts the threads of an itinerary.
    Itinerary(ItineraryId),
    /// What somebody says.
    Author(UserId),
    /// The answers to something.
    Parent(IntelId),
}

/// What is listed. Its debug text tells two selections apart, and binds a cursor to its own.
#[derive(Debug)]
pub(crate) struct Selection {
    pub(crate) of: Option<Of>,
    pub(crate) itinerary: Option<ItineraryId>,
    intel_type: Option<IntelType>,
    severity: Option<Severity>,
    status: Option<IntelStatus>,
    sort: Sort,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Sort {
    Newest,
    Helpful,
    Critical,
}

impl Selection {
    pub(crate) fn parse(query: &ListIntel) -> Result<Self, Invalid> {
        let mut checks = Checks::default();
        let itinerary = checks.optional("itinerary_id", query.itinerary_id.as_deref(), body::itinerary_id);
        let intel_type = checks.optional("type", query.intel_type.as_deref(), body::intel_type);
        let severity = checks.optional("severity", query.severity.as_deref(), body::severity);
        let status = checks.optional("status", query.status.as_deref(), body::status);
        let sort = checks.optional("sort", query.sort.as_deref(), |name| match name {
            "newest" | "new" => Ok(Sort::Newest),
            "helpful" => Ok(Sort::Helpful),
            "critical" => Ok(Sort::Critical),
            _ => Err(Rule::new("one_of", "must be one of newest, helpful, critical")),
        });
        checks.finish()?;
        Ok(Self {
            of: None,
            itinerary,
            intel_type,
            severity,
            status,
            sort: sort.unwrap_or(Sort::Newest),
        })
    }

    fn query(&self, limit: usize, skip: usize) -> catalogue::Query {
        let of = self.of.and_then(|of| match of {
            Of::Itinerary(id) => Facet::new(FacetName::Itinerary, &id.to_string()),
            Of::Author(id) => Facet::new(FacetName::By, &id.to_string()),
            Of::Parent(id) => Facet::new(FacetName::Parent, &id.to_string()),
        });
        let facets = [
            of,
            self.intel_type
                .and_then(|kind| Facet::new(FacetName::Type, kind.name())),
            self.severity
                .and_then(|severity| Facet::new(FacetName::Severity, severity.name())),
            self.status
                .and_then(|status| Facet::new(FacetName::Status, status.name())),
        ];
        catalogue::Query {
            kind: Kind::Intel,
            all_of: facets.into_iter().flatten().map(|facet| vec![facet]).collect(),
            ranges: Vec::new(),
            listed_since: None,
            order: match self.sort {
                Sort::Newest => Order::Newest,
                Sort::Helpful => Order::Measure(0),
                Sort::Critical => Order::Measure(1),
            },
            limit,
            skip,
        }
    }
}

impl App {
    /// A page of intel.
    pub(crate) async fn walk_intel(
        &self,
        operation: &'static str,
        query: &ListIntel,
        selection: &Selection,
        context: &Context,
    ) -> Result<(Vec<IntelCard>, Pagination), ApiError> {
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
        let ids: Vec<IntelId> = found.ids.iter().copied().map(IntelId::from_uuid).collect();
        let pagination = pages.pagination(&found, found.total).await?;
        Ok((self.db.find_many_intel(&ids).await?, pagination))
    }

    /// Intel as answers show it, with what the caller calls each piece of it.
    pub(crate) async fn intel_bodies(
        &self,
        caller: Option<&Principal>,
        cards: &[IntelCard],
    ) -> Result<Vec<IntelBody>, ApiError> {
        let subjects: Vec<Subject> = cards.iter().map(|card| Subject::Intel(card.intel.id)).collect();
        let votes = match caller {
            Some(caller) => self.db.find_votes(caller.user, &subjects).await?,
            None => Vec::new(),
        };
        let vote_on = |card: &IntelCard| {
            let subject = Subject::Intel(card.intel.id);
            let vote = votes.iter().find(|(voted, _)| *voted == subject);
            vote.map(|(_, vote)| *vote)
        };
        Ok(cards.iter().map(|card| IntelBody::new(card, vote_on(card))).collect())
    }
}
