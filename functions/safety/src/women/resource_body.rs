//! A resource as clients write and read it.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use tripsage_domain::{
    safety_resource::{Category, Content, Helpline, Link, Resource, Urgency},
    safety_settings::phone,
    text::TextRule,
    validation::{Checks, Invalid, Rule},
};
use tripsage_http::present;
use tripsage_store::safety_resources::{EntryRow, ResourceStanding};
use utoipa::ToSchema;

use super::{
    fields::{LINE, kept, list, needed, removable, word},
    guide_body::TITLE,
};

const DESCRIPTION: TextRule = TextRule::multiline(1, 500);
const CONTENT: TextRule = TextRule::multiline(1, 20_000);

/// Links, countries and helplines of a resource, at most.
const MAX_LINKS: usize = 10;
const MAX_HELPLINES: usize = 20;

/// A page elsewhere.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct LinkFields {
    /// What it is called.
    #[schema(max_length = 100)]
    title: String,
    /// Its `https` address.
    #[schema(max_length = 500)]
    url: String,
}

/// Somebody to call.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct HelplineFields {
    /// Where.
    #[schema(max_length = 100)]
    country: String,
    /// Who answers.
    #[schema(max_length = 100)]
    service: String,
    /// The number.
    #[schema(example = "112")]
    number: String,
}

/// What a resource says. What is not given stays as it is.
#[derive(Debug, Clone, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ResourceFields {
    /// What it is called; needed for a new one.
    #[schema(max_length = 200)]
    title: Option<String>,
    /// What it is about; needed for a new one.
    #[schema(max_length = 500)]
    description: Option<String>,
    /// What it says; needed for a new one.
    #[schema(max_length = 20_000)]
    content: Option<String>,
    /// `tips`, `emergency`, `legal`, `health`, `packing`, `cultural` or `navigation`; needed for a new one.
    #[schema(example = "tips")]
    category: Option<String>,
    /// The part of the world that it is for; `null` for everywhere.
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = Option<String>)]
    target_region: Option<Option<String>>,
    /// The countries that it is for.
    #[schema(max_items = 20)]
    target_countries: Option<Vec<String>>,
    /// The kinds of travel that it is for.
    #[schema(max_items = 10)]
    applies_to_travel_types: Option<Vec<String>>,
    /// Where there is more.
    #[schema(max_items = 10)]
    external_links: Option<Vec<LinkFields>>,
    /// Whom to call.
    #[schema(max_items = 20)]
    helpline_numbers: Option<Vec<HelplineFields>>,
    /// `low`, `medium`, `high` or `critical`.
    urgency_level: Option<String>,
    /// What language it is in; `en` when it is not given.
    language: Option<String>,
    /// Whether to recommend it.
    is_featured: Option<bool>,
    /// Whether it stands before all others.
    is_pinned: Option<bool>,
}

impl ResourceFields {
    /// The content with these changes; all of it when there is none yet.
    pub(super) fn onto(self, known: Option<&Content>) -> Result<Content, Invalid> {
        let mut checks = Checks::default();
        let c = &mut checks;
        let title = needed(c, "title", self.title, known.map(|k| &k.title), |text| {
            TITLE.parse(&text)
        });
        let description = needed(
            c,
            "description",
            self.description,
            known.map(|k| &k.description),
            |text| DESCRIPTION.parse(&text),
        );
        let content = needed(c, "content", self.content, known.map(|k| &k.content), |text| {
            CONTENT.parse(&text)
        });
        let category = needed(c, "category", self.category, known.map(|k| &k.category), |name| {
            word::<Category>(&name)
        });
        let target_region = removable(
            c,
            "target_region",
            self.target_region,
            known.and_then(|k| k.target_region.as_ref()),
            |text| LINE.parse(&text),
        );
        let target_countries = kept(
            c,
            "target_countries",
            self.target_countries,
            known.map(|k| &k.target_countries),
            Vec::new(),
            |values| list(&values, MAX_HELPLINES),
        );
        let travel_types = kept(
            c,
            "applies_to_travel_types",
            self.applies_to_travel_types,
            known.map(|k| &k.travel_types),
            Vec::new(),
            |values| list(&values, MAX_LINKS),
        );
        let external_links = kept(
            c,
            "external_links",
            self.external_links,
            known.map(|k| &k.external_links),
            Vec::new(),
            links,
        );
        let helplines = kept(
            c,
            "helpline_numbers",
            self.helpline_numbers,
            known.map(|k| &k.helplines),
            Vec::new(),
            helplines,
        );
        let urgency = kept(
            c,
            "urgency_level",
            self.urgency_level,
            known.map(|k| &k.urgency),
            Urgency::Medium,
            |name| word(&name),
        );
        let language = kept(
            c,
            "language",
            self.language,
            known.map(|k| &k.language),
            "en".to_owned(),
            |text| language(&text),
        );
        checks.build(|| {
            Some(Content {
                title: title?,
                description: description?,
                content: content?,
                category: category?,
                target_region,
                target_countries: target_countries?,
                travel_types: travel_types?,
                external_links: external_links?,
                helplines: helplines?,
                urgency: urgency?,
                language: language?,
                featured: self.is_featured.unwrap_or(known.is_some_and(|k| k.featured)),
                pinned: self.is_pinned.unwrap_or(known.is_some_and(|k| k.pinned)),
            })
        })
    }
}

fn bounded<T>(values: &[T], most: usize) -> Result<(), Rule> {
    if values.len() > most {
        return Err(Rule::new("max_items", format!("must have at most {most} entries")));
    }
    Ok(())
}

fn links(given: Vec<LinkFields>) -> Result<Vec<Link>, Rule> {
    bounded(&given, MAX_LINKS)?;
    let link = |link: LinkFields| {
        let url = TextRule::line(9, 500).parse(&link.url)?;
        let plain = url.starts_with("https://")
            && url
                .bytes()
                .all(|b| b.is_ascii_graphic() && !b"\"<>\\^`{|}".contains(&b));
        if !plain {
            return Err(Rule::new("url", "must have https addresses"));
        }
        Ok(Link {
            title: LINE.parse(&link.title)?,
            url,
        })
    };
    given.into_iter().map(link).collect()
}

fn helplines(given: Vec<HelplineFields>) -> Result<Vec<Helpline>, Rule> {
    bounded(&given, MAX_HELPLINES)?;
    let helpline = |line: HelplineFields| {
        Ok(Helpline {
            country: LINE.parse(&line.country)?,
            service: LINE.parse(&line.service)?,
            number: phone(&line.number)?,
        })
    };
    given.into_iter().map(helpline).collect()
}

/// A language tag, in lower case.
pub(super) fn language(text: &str) -> Result<String, Rule> {
    let is_tag = (2..=10).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_alphabetic() || b == b'-');
    if is_tag {
        Ok(text.to_ascii_lowercase())
    } else {
        Err(Rule::new("language", "must be a language tag such as en"))
    }
}

/// What a list shows of a resource.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ListedResource {
    /// Its id.
    #[schema(format = Uuid)]
    id: String,
    /// What it is called.
    title: String,
    /// What it is about.
    description: String,
    /// What kind of matter it is.
    #[schema(value_type = String, example = "tips")]
    category: Category,
    /// The part of the world that it is for; `null` for everywhere.
    target_region: Option<String>,
    /// The countries that it is for.
    target_countries: Vec<String>,
    /// The kinds of travel that it is for.
    applies_to_travel_types: Vec<String>,
    /// How urgent it is to know.
    #[schema(value_type = String, example = "medium")]
    urgency_level: Urgency,
    /// What language it is in.
    language: String,
    /// Whether moderators recommend it.
    is_featured: bool,
    /// Whether it stands before all others.
    is_pinned: bool,
    /// How many found it helpful.
    helpful_count: i64,
    /// How many did not.
    unhelpful_count: i64,
    /// Travellers and sessions that have seen it.
    view_count: i64,
    /// When it was made.
    #[schema(value_type = String, format = DateTime)]
    created_at: Timestamp,
}

impl ListedResource {
    pub(super) fn new(entry: EntryRow, standing: ResourceStanding) -> Self {
        Self {
            id: entry.id.to_string(),
            title: entry.title,
            description: entry.description,
            category: entry.category,
            target_region: entry.target_region,
            target_countries: entry.target_countries,
            applies_to_travel_types: entry.travel_types,
            urgency_level: entry.urgency,
            language: entry.language,
            is_featured: entry.featured,
            is_pinned: entry.pinned,
            helpful_count: standing.helpful.max(0),
            unhelpful_count: standing.unhelpful.max(0),
            view_count: standing.views.max(0),
            created_at: entry.created_at,
        }
    }
}

/// A resource.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ResourceResponse {
    #[serde(flatten)]
    listed: ListedResource,
    /// What it says.
    content: String,
    /// Where there is more.
    external_links: Vec<LinkFields>,
    /// Whom to call.
    helpline_numbers: Vec<HelplineFields>,
    /// When it changed.
    #[schema(value_type = String, format = DateTime)]
    updated_at: Timestamp,
}

impl ResourceResponse {
    pub(super) fn new(resource: &Resource, standing: ResourceStanding) -> Self {
        let content = resource.content.clone();
        let links = content.external_links.into_iter();
        let helplines = content.helplines.into_iter();
        Self {
            listed: ListedResource::new(EntryRow::from(resource), standing),
            content: content.content,
            external_links: links
                .map(|link| LinkFields {
                    title: link.title,
                    url: link.url,
                })
                .collect(),
            helpline_numbers: helplines
                .map(|line| HelplineFields {
                    country: line.country,
                    service: line.service,
                    number: line.number,
                })
                .collect(),
            updated_at: resource.updated_at,
        }
    }
}
