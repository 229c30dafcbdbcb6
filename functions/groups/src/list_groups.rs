use axum::extract::State;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use tripsage_cache::{CompositeKey, Content, Made, Tag};
use tripsage_domain::{
    group::Group,
    ids::GroupId,
    text::TextRule,
    validation::{Checks, Rule},
    words,
};
use tripsage_http::{
    Admitted, ApiError, Code, Context, CursorScope, Envelope, Errors, PageQuery, Pagination, Query, Reply,
};
use tripsage_store::{
    catalogue::{Facet, FacetName, Kind, Order, Query as CatalogueQuery, Walk, Within},
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

/// A page as it is kept for whoever asks next.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct KeptPage {
    groups: Vec<GroupBody>,
    next: Option<String>,
    total: Option<u64>,
}

/// Version of the shape of a [`KeptPage`].
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
    let per_page = pages.checked()?;
    let today = today(&context);
    let selection = query.into_selection(today)?;
    let selected = format!("{selection:?}");
    let scope = CursorScope {
        operation: "listGroups",
        caller: "",
        selection: &selected,
    };
    let position = match &pages.cursor {
        Some(cursor) => Some(app.edge.cursors(context.now).await?.open(scope, cursor)?),
        None => None,
    };
    let number = pages.page.unwrap_or(1);
    let parts = [
        &selected,
        position.as_deref().unwrap_or(""),
        &format!("{number} {per_page} {today}"),
    ];
    let key = CompositeKey::new(Content::Feed, SCHEMA, &parts.map(|part| part as &str), &[Tag::Groups]);
    let make = async || {
        let value = app
            .page_of(&selection, position.as_deref(), (number, per_page), &context)
            .await?;
        Ok::<_, ApiError>(Made { value, keep: true })
    };
    let kept = app.edge.get_or_make(&admitted, &key, make).await?.value;
    let mut pagination = Pagination {
        per_page,
        page: position.is_none().then_some(number),
        total: kept.total,
        total_pages: kept.total.map(|total| total.div_ceil(u64::from(per_page))),
        has_more: kept.next.is_some(),
        next_cursor: None,
    };
    if let Some(next) = &kept.next {
        pagination.next_cursor = Some(app.edge.cursors(context.now).await?.seal(scope, next)?);
    }
    let body = Groups {
        groups: kept.groups.clone(),
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

/// A facet for each word; all of them must be there.
fn words_of(name: FacetName, text: &str) -> Result<Vec<Facet>, Rule> {
    let text = TextRule::line(0, 200).parse(text)?;
    let facets: Vec<Facet> = words::of(&[&text])
        .iter()
        .filter_map(|word| Facet::new(name, word))
        .collect();
    if facets.is_empty() && !text.is_empty() {
        return Err(Rule::new("words", "must have a letter or a digit"));
    }
    Ok(facets)
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
        let word = |text: String| words_of(FacetName::Word, &text);
        let place = |text: String| words_of(FacetName::Place, &text);
        let search = checks.optional("search", self.search, word).unwrap_or_default();
        let destination = checks
            .optional("destination", self.destination, place)
            .unwrap_or_default();
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
        position: Option<&str>,
        (number, per_page): (u32, u32),
        context: &Context,
    ) -> Result<KeptPage, ApiError> {
        let walk = match position {
            Some(text) => Walk::parse(text, context.now).ok_or_else(|| ApiError::new(Code::InvalidCursor))?,
            None => Walk::begin(context.now),
        };
        let size = usize::try_from(per_page).map_err(ApiError::internal)?;
        let before = usize::try_from(number - 1).map_err(ApiError::internal)?;
        let query = CatalogueQuery {
            kind: Kind::Group,
            all_of: selection.all_of.clone(),
            ranges: selection.ranges(),
            listed_since: None,
            order: selection.order,
            limit: size,
            skip: before * size,
        };
        let found = self.db.walk(&query, &walk).await?;
        let ids: Vec<GroupId> = found.ids.iter().copied().map(GroupId::from_uuid).collect();
        let groups = self.db.find_groups(&ids).await?;
        let today = today(context);
        let body = |group: &Group| GroupBody::new(group, today, group.shows_members());
        Ok(KeptPage {
            groups: groups.iter().map(body).collect(),
            next: found.next.map(|walk| walk.to_string()),
            total: found.total,
        })
    }
}
