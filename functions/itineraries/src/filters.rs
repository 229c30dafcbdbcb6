//! Which itineraries a list shows, and in what order.

use serde::Deserialize;
use tripsage_domain::{
    ids::UserId,
    itinerary::{Difficulty, MAX_ACTIVITY_TAGS, tag},
    validation::{Checks, Invalid, Rule},
};
use tripsage_http::{Lists, PageQuery};
use tripsage_store::{
    catalogue::{Facet, FacetName, Kind, Order, Query, Within},
    itineraries::{FEATURED, HAS_GPS, WOMEN_SAFE},
};
use utoipa::IntoParams;

/// Places of the measures by which itineraries are listed.
mod measure {
    pub(super) const HOT: usize = 0;
    pub(super) const TOP: usize = 1;
    pub(super) const HELPFUL: usize = 2;
    pub(super) const PROOF: usize = 3;
    pub(super) const SAFETY: usize = 4;
}

/// Which itineraries, and in what order. All of it can be combined.
#[derive(Debug, Default, Clone, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct ListItineraries {
    /// Only with all of these words in the title or the destination.
    #[param(max_length = 200)]
    search: Option<String>,
    /// Only with one of these activity tags; may be given several times, or as one text with commas.
    activity: Option<String>,
    /// Only with all of these words in the destination.
    #[param(max_length = 200)]
    destination: Option<String>,
    /// Only with this proof score or a better one.
    #[param(minimum = 0, maximum = 100)]
    min_score: Option<f64>,
    /// Only with this safety score or a better one; those without ratings have none.
    #[param(minimum = 0, maximum = 5)]
    min_safety_score: Option<f64>,
    /// `true`: only with a route. `false` is as if it were not given, as for the two that follow.
    has_gps: Option<bool>,
    /// `true`: only those whose authors vouch that they are safe for women.
    women_safe: Option<bool>,
    /// `true`: only those that the product features.
    featured: Option<bool>,
    /// Only of this difficulty: `easy`, `moderate`, `difficult` or `expert`.
    difficulty: Option<String>,
    /// `trending` (or `hot`; unless given), `newest` (`new`), `top-rated` (`top`) or `most-helpful`.
    #[param(example = "trending")]
    sort: Option<String>,
    /// The `next_cursor` of the page before; good for ten minutes.
    cursor: Option<String>,
    /// Number of the page, from 1; not together with `cursor`.
    #[param(minimum = 1, maximum = 50)]
    page: Option<u32>,
    /// Entries per page.
    #[param(minimum = 1, maximum = 100)]
    per_page: Option<u32>,
}

impl Lists for ListItineraries {
    const NAMES: &'static [&'static str] = &["activity"];
}

/// What is listed and in what order. Its debug text tells two lists apart, and binds a cursor to its own.
#[derive(Debug, Clone)]
pub(crate) struct Filters {
    all_of: Vec<Vec<Facet>>,
    ranges: Vec<Within>,
    order: Order,
}

impl ListItineraries {
    /// Everything in an order.
    pub(crate) fn sorted(sort: &str) -> Self {
        Self {
            sort: Some(sort.to_owned()),
            ..Self::default()
        }
    }

    pub(crate) fn pages(&self) -> PageQuery {
        PageQuery {
            cursor: self.cursor.clone(),
            page: self.page,
            per_page: self.per_page,
        }
    }

    /// With the destination that the path names.
    pub(crate) fn in_destination(mut self, destination: String) -> Result<Self, Invalid> {
        let mut checks = Checks::default();
        let alone = self.destination.is_none();
        checks.ensure(
            alone,
            "destination",
            "exclusive",
            "must not be given: the path names it",
        );
        checks.finish()?;
        self.destination = Some(destination);
        Ok(self)
    }

    pub(crate) fn filters(&self) -> Result<Filters, Invalid> {
        let mut checks = Checks::default();
        let mut all_of = Vec::new();
        let words = [
            ("search", self.search.as_deref(), FacetName::Word),
            ("destination", self.destination.as_deref(), FacetName::Place),
        ];
        for (field, text, name) in words {
            let words = checks.optional(field, text, |text| Facet::each_word(name, text));
            all_of.extend(words.unwrap_or_default().into_iter().map(|word| vec![word]));
        }
        all_of.extend(checks.optional("activity", self.activity.as_deref(), any_tag));
        let level = |level: &str| Ok(level.parse::<Difficulty>()?);
        let difficulty = checks.optional("difficulty", self.difficulty.as_deref(), level);
        let difficulty = difficulty.and_then(|level| Facet::new(FacetName::Difficulty, level.name()));
        all_of.extend(difficulty.map(|facet| vec![facet]));
        for (flag, name) in [
            (self.has_gps, HAS_GPS),
            (self.women_safe, WOMEN_SAFE),
            (self.featured, FEATURED),
        ] {
            let wanted = flag.filter(|wanted| *wanted);
            all_of.extend(
                wanted
                    .and_then(|_| Facet::new(FacetName::Flag, name))
                    .map(|facet| vec![facet]),
            );
        }
        let mut ranges = Vec::new();
        ranges.extend(checks.optional("min_score", self.min_score, |score| {
            at_least(measure::PROOF, score, 100.0, 10.0)
        }));
        ranges.extend(checks.optional("min_safety_score", self.min_safety_score, |score| {
            at_least(measure::SAFETY, score, 5.0, 100.0)
        }));
        let order = checks.take("sort", order(self.sort.as_deref().unwrap_or("trending")));
        checks.build(|| {
            Some(Filters {
                all_of,
                ranges,
                order: order?,
            })
        })
    }
}

impl Filters {
    /// What one user has published, newest first.
    pub(crate) fn by(owner: UserId) -> Self {
        let by = Facet::new(FacetName::By, &owner.to_string());
        Self {
            all_of: by.map(|facet| vec![facet]).into_iter().collect(),
            ranges: Vec::new(),
            order: Order::Newest,
        }
    }

    pub(crate) fn query(&self, limit: usize, skip: usize) -> Query {
        Query {
            all_of: self.all_of.clone(),
            ranges: self.ranges.clone(),
            skip,
            ..Query::new(Kind::Itinerary, self.order, limit)
        }
    }
}

fn any_tag(text: &str) -> Result<Vec<Facet>, Rule> {
    let tags: Vec<&str> = text.split(',').collect();
    if tags.len() > MAX_ACTIVITY_TAGS {
        let message = format!("must name at most {MAX_ACTIVITY_TAGS} activities");
        return Err(Rule::new("max_items", message));
    }
    let facet = |text: &&str| {
        let tag = tag(text)?;
        Facet::new(FacetName::Tag, &tag).ok_or_else(|| Rule::new("characters", "must be an activity tag"))
    };
    tags.iter().map(facet).collect()
}

/// At least this score; measures are whole numbers, `parts` of them for one point.
fn at_least(measure: usize, score: f64, max: f64, parts: f64) -> Result<Within, Rule> {
    if !(0.0..=max).contains(&score) {
        return Err(Rule::new("range", format!("must be between 0 and {max}")));
    }
    #[expect(clippy::cast_possible_truncation, reason = "it is at most 1000")]
    let min = (score * parts - 1e-6).ceil() as i64;
    Ok(Within::at_least(measure, min.max(0)))
}

fn order(name: &str) -> Result<Order, Rule> {
    Ok(match name {
        "trending" | "hot" => Order::Measure(measure::HOT),
        "newest" | "new" => Order::Newest,
        "top-rated" | "top" => Order::Measure(measure::TOP),
        "most-helpful" => Order::Measure(measure::HELPFUL),
        _ => {
            let message = "must be one of trending, hot, newest, new, top-rated, top, most-helpful";
            return Err(Rule::new("one_of", message));
        }
    })
}
