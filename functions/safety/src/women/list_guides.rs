//! The list of guides: any combination of filters, in any order, page by page.

use axum::extract::State;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use tripsage_cache::Tag;
use tripsage_domain::{
    ids::GuideId,
    text::TextRule,
    validation::{Checks, Rule},
};
use tripsage_http::{
    Admitted, ApiError, Context, CursorScope, Envelope, Errors, PageQuery, Pagination, Query, Reply, Step,
};
use tripsage_store::{
    catalogue::{Facet, FacetName, Found, Kind, Order, Query as CatalogueQuery, Within},
    guides::listing,
};
use utoipa::{IntoParams, ToSchema};

use super::guide_body::{GuideResponse, Viewer};
use crate::App;

/// Version of what is cached of a page.
const SCHEMA: u32 = 2;

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
    let selection = query.into_selection()?;
    let selected = format!("{selection:?}");
    let scope = CursorScope {
        operation: "listGuides",
        caller: "",
        selection: &selected,
    };
    let pages = app.edge.walk_pages(scope, &pages, context.now)?;
    let make = |step| app.page_of_guides(&selection, step, context.now);
    let (guides, pagination) = pages.kept(&admitted, (Tag::Guides, SCHEMA), make).await?;
    let page = GuidePage {
        guides,
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
        let search = checks.optional("search", self.search, |text| Facet::each_word(FacetName::Word, &text));
        let location = checks.optional("location", self.location, |text| {
            Facet::each_word(FacetName::Place, &text)
        });
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
        step: Step,
        now: Timestamp,
    ) -> Result<(Vec<GuideResponse>, Found), ApiError> {
        let rated = selection.min_rating.map(|min| Within::at_least(listing::RATING, min));
        let query = CatalogueQuery {
            all_of: selection.all_of.clone(),
            ranges: rated.into_iter().collect(),
            skip: step.skip,
            ..CatalogueQuery::new(Kind::Guide, selection.order, step.limit)
        };
        let found = self.db.walk(&query, &step.walk).await?;
        let ids: Vec<GuideId> = found.ids.iter().map(|id| GuideId::from_uuid(*id)).collect();
        let guides = self.db.find_guides(&ids).await?;
        let shown = guides
            .iter()
            .map(|guide| GuideResponse::new(guide, Viewer::Public, now));
        Ok((shown.collect(), found))
    }
}
