//! The list of guides: any combination of filters, in any order, page by page.

use axum::extract::State;
use serde::{Deserialize, Serialize};
use tripsage_cache::{CompositeKey, Content, Made, Tag};
use tripsage_domain::{
    ids::GuideId,
    text::TextRule,
    validation::{Checks, Rule},
    words,
};
use tripsage_http::{
    Admitted, ApiError, Code, Context, CursorScope, Envelope, Errors, PageQuery, Pagination, Query, Reply,
};
use tripsage_store::{
    catalogue::{Facet, FacetName, Kind, Order, Query as CatalogueQuery, Walk, Within},
    guides::listing,
};
use utoipa::{IntoParams, ToSchema};

use super::guide_body::{GuideResponse, Viewer};
use crate::App;

/// Version of what is cached of a page.
const SCHEMA: u32 = 1;

/// Which guides to list, and in what order.
#[derive(Debug, Default, Clone, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct ListGuides {
    /// Words that all occur in the name, the places, or what the guide is good at.
    #[param(max_length = 200)]
    search: Option<String>,
    /// Words that all occur in where the guide guides.
    #[param(max_length = 200)]
    location: Option<String>,
    /// Something that the guide is good at.
    #[param(max_length = 60)]
    specialization: Option<String>,
    /// Something that the guide speaks.
    #[param(max_length = 60)]
    language: Option<String>,
    /// Only guides who are rated at least this well on average, 1 to 5. Guides whom nobody has rated are left out when it is
    /// given, and listed when it is not: there is no threshold unless one is asked for.
    #[param(minimum = 1, maximum = 5)]
    min_rating: Option<f64>,
    /// Whether only verified guides are listed; `true` when it is not given.
    #[param(default = true)]
    verified_only: Option<bool>,
    /// Whether only guides who take bookings are listed; `true` when it is not given.
    #[param(default = true)]
    available_only: Option<bool>,
    /// `true`: only guides whom moderators recommend.
    featured: Option<bool>,
    /// `rating` (if not given), `newest` or `price`: the least expensive first.
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

/// A page of guides.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct GuidePage {
    /// In the order that was asked for.
    guides: Vec<GuideResponse>,
    /// As beside `data`.
    pagination: Pagination,
}

/// A page as it is kept for whoever asks next.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct KeptPage {
    guides: Vec<GuideResponse>,
    next: Option<String>,
    total: Option<u64>,
}

/// What is listed and in what order. Its debug text tells two selections apart.
#[derive(Debug)]
struct Selection {
    all_of: Vec<Vec<Facet>>,
    min_rating: Option<i64>,
    order: Order,
}

/// Guides for women, how to reach them left out. Suspended guides are not listed.
#[utoipa::path(get, path = "/api/v1/women-safety/guides", operation_id = "listGuides", tag = "safety",
    params(ListGuides),
    responses((status = 200, description = "A page of guides", body = Envelope<GuidePage>), Errors))]
pub(crate) async fn list_guides(
    State(app): State<App>,
    context: Context,
    admitted: Admitted,
    Query(query): Query<ListGuides>,
) -> Result<Reply<GuidePage>, ApiError> {
    let pages = PageQuery {
        cursor: query.cursor.clone(),
        page: query.page,
        per_page: query.per_page,
    };
    let per_page = pages.checked()?;
    let selection = query.into_selection()?;
    let selected = format!("{selection:?}");
    let scope = CursorScope {
        operation: "listGuides",
        caller: "",
        selection: &selected,
    };
    let position = match &pages.cursor {
        Some(cursor) => Some(app.edge.cursors(context.now).await?.open(scope, cursor)?),
        None => None,
    };
    let number = pages.page.unwrap_or(1);
    let paging = format!("{number} {per_page}");
    let parts = ["guides", &selected, position.as_deref().unwrap_or_default(), &paging];
    let key = CompositeKey::new(Content::Feed, SCHEMA, &parts, &[Tag::Guides]);
    let make = || async {
        let value = app
            .page_of_guides(&selection, position.as_deref(), (number, per_page), &context)
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
    let page = GuidePage {
        guides: kept.guides.clone(),
        pagination: pagination.clone(),
    };
    Ok(Reply::ok("Guides found", page).page(pagination))
}

fn order(name: &str) -> Result<Order, Rule> {
    match name {
        "rating" => Ok(Order::Measure(listing::RATING)),
        "newest" => Ok(Order::Newest),
        "price" => Ok(Order::Measure(listing::CHEAP)),
        _ => Err(Rule::new("one_of", "must be one of rating, newest, price")),
    }
}

/// A facet for each word; all of them must be there.
fn words_of(name: FacetName, text: &str) -> Result<Vec<Facet>, Rule> {
    let text = TextRule::line(1, 200).parse(text)?;
    let words = words::of(&[&text]);
    let facets: Vec<Facet> = words.iter().filter_map(|word| Facet::new(name, word)).collect();
    if facets.is_empty() {
        Err(unsearchable())
    } else {
        Ok(facets)
    }
}

fn term_of(name: FacetName, text: &str) -> Result<Facet, Rule> {
    let text = TextRule::line(1, 60).parse(text)?;
    listing::term(name, &text).ok_or_else(unsearchable)
}

fn unsearchable() -> Rule {
    Rule::new("words", "must have a letter or a digit")
}

/// Hundredths of a star; a fraction of one is rounded up.
#[expect(clippy::cast_possible_truncation, reason = "it lies between 100 and 500")]
fn rating(stars: f64) -> Result<i64, Rule> {
    if (1.0..=5.0).contains(&stars) {
        Ok((stars * 100.0 - 1e-6).ceil() as i64)
    } else {
        Err(Rule::new("range", "must be between 1 and 5"))
    }
}

impl ListGuides {
    fn into_selection(self) -> Result<Selection, ApiError> {
        let mut checks = Checks::default();
        let search = checks.optional("search", self.search, |text| words_of(FacetName::Word, &text));
        let location = checks.optional("location", self.location, |text| words_of(FacetName::Place, &text));
        let specialization = checks.optional("specialization", self.specialization, |text| {
            term_of(FacetName::Specialization, &text)
        });
        let language = checks.optional("language", self.language, |text| term_of(FacetName::Language, &text));
        let min_rating = checks.optional("min_rating", self.min_rating, rating);
        let order = checks.optional("sort", self.sort.as_deref(), order);
        checks.finish()?;
        let flags = [
            (listing::VERIFIED, self.verified_only.unwrap_or(true)),
            (listing::AVAILABLE, self.available_only.unwrap_or(true)),
            (listing::FEATURED, self.featured.unwrap_or_default()),
        ];
        let flags = flags.into_iter().filter(|(_, wanted)| *wanted);
        let words = search.into_iter().chain(location).flatten();
        let facets = words
            .chain(specialization)
            .chain(language)
            .chain(flags.filter_map(|(flag, _)| Facet::new(FacetName::Flag, flag)));
        Ok(Selection {
            all_of: facets.map(|facet| vec![facet]).collect(),
            min_rating,
            order: order.unwrap_or(Order::Measure(listing::RATING)),
        })
    }
}

impl App {
    async fn page_of_guides(
        &self,
        selection: &Selection,
        position: Option<&str>,
        (number, per_page): (u32, u32),
        context: &Context,
    ) -> Result<KeptPage, ApiError> {
        let walk = match position {
            None => Walk::begin(context.now),
            Some(position) => Walk::parse(position, context.now).ok_or_else(|| ApiError::new(Code::InvalidCursor))?,
        };
        let limit = usize::try_from(per_page).unwrap_or(usize::MAX);
        let skip = usize::try_from(number.saturating_sub(1))
            .unwrap_or(usize::MAX)
            .saturating_mul(limit);
        let mut query = CatalogueQuery::new(Kind::Guide, selection.order, limit);
        query.all_of.clone_from(&selection.all_of);
        query.skip = skip;
        query.ranges = selection
            .min_rating
            .map(|min| Within::at_least(listing::RATING, min))
            .into_iter()
            .collect();
        let found = self.db.walk(&query, &walk).await?;
        let ids: Vec<GuideId> = found.ids.iter().map(|id| GuideId::from_uuid(*id)).collect();
        let guides = self.db.find_guides(&ids).await?;
        let shown = guides
            .iter()
            .map(|guide| GuideResponse::new(guide, Viewer::Public, context.now));
        Ok(KeptPage {
            guides: shown.collect(),
            next: found.next.map(|next| next.to_string()),
            total: found.total,
        })
    }
}
