use axum::extract::State;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use tripsage_cache::Tag;
use tripsage_domain::{
    group::Group,
    ids::GroupId,
    validation::{Checks, Rule},
};
use tripsage_http::{
    Admitted, ApiError, Context, CursorScope, Envelope, Errors, PageQuery, Pagination, Query, Reply, Step,
};
use tripsage_store::{
    catalogue::{Facet, FacetName, Found, Kind, Order, Query as CatalogueQuery, Within},
    groups::{day_number, measures, tag_facet},
};
use utoipa::{IntoParams, ToSchema};

use crate::{
    App,
    group_body::{GroupBody, group_type},
    today,
};

/// Which groups to list, and in what order.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct ListGroups {
    /// Words that all occur in the name or the destination.
    #[param(max_length = 200)]
    search: Option<String>,
    /// Words that all occur in the destination.
    #[param(max_length = 200)]
    destination: Option<String>,
    /// `interest_based`, `safety_focused`, `women_only` or `location_based`.
    #[serde(rename = "type")]
    #[param(rename = "type")]
    group_type: Option<String>,
    /// An activity; or several, separated by commas, of which a group names one at least.
    #[param(max_length = 500)]
    activity: Option<String>,
    /// `true`: only groups of women, and those that safety brings together.
    women_safe: Option<bool>,
    /// `true`: only groups with a place left.
    has_availability: Option<bool>,
    /// `true`: groups whose journey is over, too.
    include_ended: Option<bool>,
    /// `newest` (if not given), `popular` or `starting_soon`.
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

/// A page of groups.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Groups {
    /// In the order that was asked for.
    groups: Vec<GroupBody>,
    /// As beside `data`.
    pagination: Pagination,
}

/// Version of what the cache keeps of a group.
const SCHEMA: u32 = 1;

/// The groups, those whose journey is over left out. How many belong to a group is exact; what has a place left, and
/// which group is more popular, the list learns a few seconds later.
#[utoipa::path(get, path = "/api/v1/travel-groups", operation_id = "listGroups", tag = "groups",
    params(ListGroups),
    responses((status = 200, description = "A page of them", body = Envelope<Groups>), Errors))]
pub(crate) async fn list_groups(
    State(app): State<App>,
    context: Context,
    admitted: Admitted,
    Query(query): Query<ListGroups>,
) -> Result<Reply<Groups>, ApiError> {
    let pages = PageQuery {
        cursor: query.cursor.clone(),
        page: query.page,
        per_page: query.per_page,
    };
    let today = today(&context);
    let selection = query.into_selection(today)?;
    // What a group shows of itself depends on the day.
    let selected = format!("{selection:?} {today}");
    let scope = CursorScope {
        operation: "listGroups",
        caller: "",
        selection: &selected,
    };
    let pages = app.edge.walk_pages(scope, &pages, context.now)?;
    let make = |step| app.page_of(&selection, step, today);
    let (groups, pagination) = pages.kept(&admitted, (Tag::Groups, SCHEMA), make).await?;
    let body = Groups {
        groups,
        pagination: pagination.clone(),
    };
    Ok(Reply::ok("Groups found", body).page(pagination))
}

/// What is listed and in what order. Its debug text tells two selections apart.
#[derive(Debug)]
struct Selection {
    all_of: Vec<Vec<Facet>>,
    available: bool,
    /// Only journeys that end then or later.
    ends: Option<Date>,
    /// Only journeys that begin then or later.
    begins: Option<Date>,
    order: Order,
}

fn order(name: &str) -> Result<Order, Rule> {
    match name {
        "newest" => Ok(Order::Newest),
        "popular" => Ok(Order::Measure(measures::POPULAR)),
        "starting_soon" => Ok(Order::Measure(measures::SOON)),
        _ => Err(Rule::new("one_of", "must be one of newest, popular, starting_soon")),
    }
}

/// Activities of which one is enough, at most 10.
pub(crate) fn tags_of(text: &str) -> Result<Vec<Facet>, Rule> {
    let names: Vec<&str> = text.split(',').map(str::trim).filter(|name| !name.is_empty()).collect();
    if names.len() > 10 {
        return Err(Rule::new("max_items", "must have at most 10 entries"));
    }
    let facets: Vec<Facet> = names.iter().filter_map(|name| tag_facet(name)).collect();
    if facets.is_empty() && !text.is_empty() {
        return Err(Rule::new("words", "must have a letter or a digit"));
    }
    Ok(facets)
}

impl ListGroups {
    fn into_selection(self, today: Date) -> Result<Selection, ApiError> {
        let mut checks = Checks::default();
        // An empty text asks for nothing.
        let given = |text: Option<String>| text.filter(|text| !text.trim().is_empty());
        let word = |text: String| Facet::each_word(FacetName::Word, &text);
        let place = |text: String| Facet::each_word(FacetName::Place, &text);
        let search = checks.optional("search", given(self.search), word).unwrap_or_default();
        let destination = checks.optional("destination", given(self.destination), place);
        let destination = destination.unwrap_or_default();
        let kind = checks.optional("type", self.group_type, |name| group_type(&name));
        let activity = checks
            .optional("activity", self.activity, |text| tags_of(&text))
            .unwrap_or_default();
        let order = checks
            .optional("sort", self.sort, |name| order(&name))
            .unwrap_or(Order::Newest);
        checks.finish()?;
        let mut all_of: Vec<Vec<Facet>> = search.into_iter().chain(destination).map(|facet| vec![facet]).collect();
        all_of.extend(
            kind.and_then(|kind| Facet::new(FacetName::Type, kind.name()))
                .map(|facet| vec![facet]),
        );
        if self.women_safe.unwrap_or_default() {
            all_of.extend(Facet::new(FacetName::Flag, "women_safe").map(|facet| vec![facet]));
        }
        if !activity.is_empty() {
            all_of.push(activity);
        }
        let soon = order == Order::Measure(measures::SOON);
        let ended = self.include_ended.unwrap_or_default();
        Ok(Selection {
            all_of,
            available: self.has_availability.unwrap_or_default(),
            ends: (!ended).then_some(today),
            // A journey that has begun does not begin soon.
            begins: (soon && !ended).then_some(today),
            order,
        })
    }
}

impl Selection {
    fn ranges(&self) -> Vec<Within> {
        let mut ranges = Vec::new();
        if self.available {
            ranges.push(Within::at_least(measures::FREE, 1));
        }
        if let Some(day) = self.ends {
            ranges.push(Within::at_least(measures::END, day_number(day)));
        }
        if let Some(day) = self.begins {
            ranges.push(Within {
                measure: measures::SOON,
                min: i64::MIN,
                max: -day_number(day),
            });
        }
        ranges
    }
}

impl App {
    async fn page_of(
        &self,
        selection: &Selection,
        step: Step,
        today: Date,
    ) -> Result<(Vec<GroupBody>, Found), ApiError> {
        let query = CatalogueQuery {
            all_of: selection.all_of.clone(),
            ranges: selection.ranges(),
            skip: step.skip,
            ..CatalogueQuery::new(Kind::Group, selection.order, step.limit)
        };
        let found = self.db.walk(&query, &step.walk).await?;
        let ids: Vec<GroupId> = found.ids.iter().copied().map(GroupId::from_uuid).collect();
        let groups = self.db.find_groups(&ids).await?;
        let body = |group: &Group| GroupBody::new(group, today, group.shows_members());
        Ok((groups.iter().map(body).collect(), found))
    }
}
