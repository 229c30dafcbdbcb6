//! What an itinerary says, as clients write and read it.

use serde::{Deserialize, Serialize};
use tripsage_domain::{
    ids::ItineraryId,
    itinerary::{
        Companion, Content, DESCRIPTION, DESTINATION, MAX_COMPANIONS, MAX_LIST, MAX_SCREENSHOTS, MAX_SOURCES,
        NARRATIVE, Narratives, SHORT, TAGLINE, TITLE, activity_tags, duration,
    },
    text::TextRule,
    trip::web_address,
    validation::{Checks, Invalid, Rule},
};
use tripsage_http::{Amount, PointInput};
use utoipa::ToSchema;

use crate::{
    inputs::{date, list, money, text},
    route::WaypointFields,
};

/// An itinerary. All but title, description and destination may be left out.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ItineraryFields {
    /// What it is called.
    #[schema(min_length = 5, max_length = 200, example = "3-Day Tokyo Adventure")]
    pub(crate) title: Option<String>,
    /// What it is about, in a line.
    #[schema(max_length = 300)]
    pub(crate) tagline: Option<String>,
    /// What it is about.
    #[schema(min_length = 1, max_length = 10000, example = "Experience authentic Tokyo")]
    pub(crate) description: Option<String>,
    /// Where it goes.
    #[schema(min_length = 1, max_length = 200, example = "Tokyo, Japan")]
    pub(crate) destination: Option<String>,
    /// Parts of the destination.
    #[schema(max_items = 20)]
    pub(crate) regions: Option<Vec<String>>,
    /// First day.
    #[schema(value_type = Option<String>, format = Date)]
    pub(crate) start_date: Option<String>,
    /// Last day.
    #[schema(value_type = Option<String>, format = Date)]
    pub(crate) end_date: Option<String>,
    /// How many days it takes. With both dates it follows from them.
    #[schema(minimum = 1, maximum = 366, example = 3)]
    pub(crate) duration_days: Option<u16>,
    /// `easy`, `moderate`, `difficult` or `expert`.
    #[schema(example = "moderate")]
    pub(crate) difficulty_level: Option<String>,
    /// What it costs.
    pub(crate) budget_amount: Option<Amount>,
    /// ISO 4217 code; `USD` unless given.
    #[schema(example = "USD")]
    pub(crate) budget_currency: Option<String>,
    /// `low`, `medium`, `high` or `luxury`.
    #[schema(example = "medium")]
    pub(crate) budget_range: Option<String>,
    /// How one travels.
    #[schema(max_length = 100)]
    pub(crate) travel_style: Option<String>,
    /// What one does: words of letters and digits.
    #[schema(max_items = 10, example = json!(["cultural", "food"]))]
    pub(crate) activity_tags: Option<Vec<String>>,
    /// Who came along.
    #[schema(max_items = 20)]
    pub(crate) travel_companions: Option<Vec<CompanionFields>>,
    /// Where a map is.
    #[schema(max_length = 2000)]
    pub(crate) route_map_url: Option<String>,
    /// Where a film or a page is.
    #[schema(max_length = 2000)]
    pub(crate) demo_url: Option<String>,
    /// Where it begins.
    pub(crate) starting_point_gps: Option<PointInput>,
    /// Where it ends.
    pub(crate) ending_point_gps: Option<PointInput>,
    /// When it is best.
    #[schema(max_length = 100)]
    pub(crate) best_season: Option<String>,
    /// Whether its author vouches that it is safe for women.
    pub(crate) women_safe_certified: Option<bool>,
    /// What is best of it.
    #[schema(max_length = 5000)]
    pub(crate) trip_highlights: Option<String>,
    /// How it went.
    #[schema(max_length = 5000)]
    pub(crate) trip_journey: Option<String>,
    /// What to do when.
    #[schema(max_length = 5000)]
    pub(crate) day_by_day_plan: Option<String>,
    /// How safe it is.
    #[schema(max_length = 5000)]
    pub(crate) safety_intelligence: Option<String>,
    /// What few find.
    #[schema(max_length = 5000)]
    pub(crate) hidden_gems: Option<String>,
    /// What there is nowhere else.
    #[schema(max_length = 5000)]
    pub(crate) unique_highlights: Option<String>,
    /// How to stay safe.
    #[schema(max_length = 5000)]
    pub(crate) safety_tips: Option<String>,
    /// Addresses of pictures.
    #[schema(max_items = 20)]
    pub(crate) screenshots: Option<Vec<String>>,
    /// What it is filed under.
    #[schema(max_items = 20)]
    pub(crate) categories: Option<Vec<String>>,
    /// The route as GPX 1.0 or 1.1; only in requests.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) route_gpx: Option<String>,
    /// The route as points; only in requests.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(max_items = 200)]
    pub(crate) route_waypoints: Option<Vec<WaypointFields>>,
    /// Whether everybody sees it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) is_published: Option<bool>,
    /// `draft` or `published`: another way to say the same.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "published")]
    pub(crate) status: Option<String>,
    /// Whether it was made from others.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) is_remixed: Option<bool>,
    /// From which; only when it is made.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(max_items = 5)]
    pub(crate) remixed_from_ids: Option<Vec<String>>,
}

/// Somebody who came along.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct CompanionFields {
    /// What they are called.
    #[schema(min_length = 1, max_length = 100)]
    name: Option<String>,
    /// What they did.
    #[schema(max_length = 100)]
    role: Option<String>,
    /// Read over: who is named here was not asked, and is linked to no account.
    #[serde(default, skip_serializing)]
    #[schema(write_only)]
    #[expect(dead_code, reason = "clients may send it")]
    traveler_id: Option<String>,
    /// Read over, as `traveler_id`.
    #[serde(default, skip_serializing)]
    #[schema(write_only)]
    #[expect(dead_code, reason = "clients may send it")]
    username: Option<String>,
    /// Read over, as `traveler_id`.
    #[serde(default, skip_serializing)]
    #[schema(write_only)]
    #[expect(dead_code, reason = "clients may send it")]
    avatar_url: Option<String>,
}

impl ItineraryFields {
    /// What it says, checked as a whole. The destination comes first, because the message of an error is about the first
    /// broken rule, and clients look there for what most often is missing.
    pub(crate) fn into_content(self) -> Result<Content, Invalid> {
        let mut checks = Checks::default();
        let destination = checks.required("destination", self.destination, |text| DESTINATION.parse(&text));
        let title = checks.required("title", self.title, |text| TITLE.parse(&text));
        let description = checks.required("description", self.description, |text| DESCRIPTION.parse(&text));
        let url = |text: String| web_address(&text);
        let start_date = checks.optional("start_date", self.start_date, date);
        let end_date = checks.optional("end_date", self.end_date, date);
        let days = checks.optional("duration_days", self.duration_days, duration);
        let difficulty = checks.optional("difficulty_level", self.difficulty_level, |text| Ok(text.parse()?));
        let currency = ("budget_currency", self.budget_currency);
        let budget = money(&mut checks, ("budget_amount", self.budget_amount), currency);
        let budget_range = checks.optional("budget_range", self.budget_range, |text| Ok(text.parse()?));
        let tags = checks.optional("activity_tags", self.activity_tags, |tags| activity_tags(&tags));
        let narratives = Narratives {
            trip_highlights: text(&mut checks, "trip_highlights", self.trip_highlights, NARRATIVE),
            trip_journey: text(&mut checks, "trip_journey", self.trip_journey, NARRATIVE),
            day_by_day_plan: text(&mut checks, "day_by_day_plan", self.day_by_day_plan, NARRATIVE),
            safety_intelligence: text(&mut checks, "safety_intelligence", self.safety_intelligence, NARRATIVE),
            hidden_gems: text(&mut checks, "hidden_gems", self.hidden_gems, NARRATIVE),
            unique_highlights: text(&mut checks, "unique_highlights", self.unique_highlights, NARRATIVE),
            safety_tips: text(&mut checks, "safety_tips", self.safety_tips, NARRATIVE),
        };
        let tagline = text(&mut checks, "tagline", self.tagline, TAGLINE);
        let regions = list(&mut checks, "regions", self.regions, MAX_LIST, SHORT);
        let categories = list(&mut checks, "categories", self.categories, MAX_LIST, SHORT);
        let travel_style = text(&mut checks, "travel_style", self.travel_style, SHORT);
        let best_season = text(&mut checks, "best_season", self.best_season, SHORT);
        let companions = companions(&mut checks, self.travel_companions.unwrap_or_default());
        let screenshots = screenshots(&mut checks, self.screenshots.unwrap_or_default());
        let route_map_url = checks.optional("route_map_url", self.route_map_url, url);
        let demo_url = checks.optional("demo_url", self.demo_url, url);
        let starting_point = checks.optional("starting_point_gps", self.starting_point_gps, PointInput::parse);
        let ending_point = checks.optional("ending_point_gps", self.ending_point_gps, PointInput::parse);
        checks
            .build(|| {
                Some(Content {
                    title: title?,
                    tagline,
                    description: description?,
                    destination: destination?,
                    regions,
                    start_date,
                    end_date,
                    days,
                    difficulty,
                    budget,
                    budget_range,
                    travel_style,
                    activity_tags: tags.unwrap_or_default(),
                    companions,
                    route_map_url,
                    demo_url,
                    starting_point,
                    ending_point,
                    best_season,
                    women_safe_certified: self.women_safe_certified.unwrap_or(false),
                    narratives,
                    screenshots,
                    categories,
                })
            })?
            .checked()
    }

    /// Whether it should be published; `None` when the client does not say.
    pub(crate) fn publication(&self) -> Result<Option<bool>, Invalid> {
        let mut checks = Checks::default();
        let named = checks.optional("status", self.status.as_deref(), |status| match status {
            "draft" => Ok(false),
            "published" => Ok(true),
            _ => Err(Rule::new("one_of", "must be one of draft, published")),
        });
        let agree = self.is_published.zip(named).is_none_or(|(flag, named)| flag == named);
        checks.ensure(agree, "status", "exclusive", "must not contradict is_published");
        checks.finish()?;
        Ok(self.is_published.or(named))
    }

    /// The itineraries that it was made from.
    pub(crate) fn sources(&self) -> Result<Vec<ItineraryId>, Invalid> {
        let mut checks = Checks::default();
        let ids = checks.optional("remixed_from_ids", self.remixed_from_ids.as_ref(), |ids| {
            source_ids(ids)
        });
        let ids = ids.unwrap_or_default();
        let said = self.is_remixed.unwrap_or(!ids.is_empty());
        let message = "must be true with remixed_from_ids, and false without";
        checks.ensure(said != ids.is_empty(), "is_remixed", "exclusive", message);
        checks.finish()?;
        Ok(ids)
    }

    /// As a request would have it that changes nothing.
    pub(crate) fn new(content: &Content) -> Self {
        let (budget, narratives) = (content.budget, content.narratives.clone());
        let companion = |companion: &Companion| CompanionFields {
            name: Some(companion.name.clone()),
            role: companion.role.clone(),
            traveler_id: None,
            username: None,
            avatar_url: None,
        };
        Self {
            title: Some(content.title.clone()),
            tagline: content.tagline.clone(),
            description: Some(content.description.clone()),
            destination: Some(content.destination.clone()),
            regions: Some(content.regions.clone()),
            start_date: content.start_date.map(|day| day.to_string()),
            end_date: content.end_date.map(|day| day.to_string()),
            duration_days: content.days,
            difficulty_level: content.difficulty.map(|level| level.name().to_owned()),
            budget_amount: budget.as_ref().map(Amount::new),
            budget_currency: budget.map(|money| money.currency.code().to_owned()),
            budget_range: content.budget_range.map(|range| range.name().to_owned()),
            travel_style: content.travel_style.clone(),
            activity_tags: Some(content.activity_tags.clone()),
            travel_companions: Some(content.companions.iter().map(companion).collect()),
            route_map_url: content.route_map_url.clone(),
            demo_url: content.demo_url.clone(),
            starting_point_gps: content.starting_point.map(PointInput::from),
            ending_point_gps: content.ending_point.map(PointInput::from),
            best_season: content.best_season.clone(),
            women_safe_certified: Some(content.women_safe_certified),
            trip_highlights: narratives.trip_highlights,
            trip_journey: narratives.trip_journey,
            day_by_day_plan: narratives.day_by_day_plan,
            safety_intelligence: narratives.safety_intelligence,
            hidden_gems: narratives.hidden_gems,
            unique_highlights: narratives.unique_highlights,
            safety_tips: narratives.safety_tips,
            screenshots: Some(content.screenshots.clone()),
            categories: Some(content.categories.clone()),
            ..Self::default()
        }
    }
}

/// Ids of one to five different itineraries.
pub(crate) fn source_ids(ids: &[String]) -> Result<Vec<ItineraryId>, Rule> {
    if ids.len() > MAX_SOURCES {
        return Err(Rule::new(
            "max_items",
            format!("must have at most {MAX_SOURCES} entries"),
        ));
    }
    let mut sources = Vec::with_capacity(ids.len());
    for id in ids {
        let id = id.parse().map_err(|_| Rule::new("id", "must be ids of itineraries"))?;
        if !sources.contains(&id) {
            sources.push(id);
        }
    }
    Ok(sources)
}

fn companions(checks: &mut Checks, fields: Vec<CompanionFields>) -> Vec<Companion> {
    if fields.len() > MAX_COMPANIONS {
        let message = format!("must have at most {MAX_COMPANIONS} entries");
        checks.ensure(false, "travel_companions", "max_items", message);
        return Vec::new();
    }
    let parsed = fields.into_iter().enumerate().filter_map(|(index, fields)| {
        let field = |name: &str| format!("travel_companions[{index}].{name}");
        let name = checks.required(&field("name"), fields.name, |text| TextRule::line(1, 100).parse(&text));
        let role = text(checks, &field("role"), fields.role, SHORT);
        Some(Companion { name: name?, role })
    });
    parsed.collect()
}

fn screenshots(checks: &mut Checks, urls: Vec<String>) -> Vec<String> {
    if urls.len() > MAX_SCREENSHOTS {
        let message = format!("must have at most {MAX_SCREENSHOTS} entries");
        checks.ensure(false, "screenshots", "max_items", message);
        return Vec::new();
    }
    let parsed = urls.into_iter().enumerate();
    let parsed = parsed.filter_map(|(index, url)| checks.take(&format!("screenshots[{index}]"), web_address(&url)));
    parsed.collect()
}
