use jiff::civil::Date;

use crate::{
    money::Money,
    text::TextRule,
    trip::Coordinates,
    validation::{Checks, Invalid, Rule},
    vocabulary::vocabulary,
};

/// What a title may be.
pub const TITLE: TextRule = TextRule::line(5, 200);

/// What a tagline may be.
pub const TAGLINE: TextRule = TextRule::line(1, 300);

/// What a description may be.
pub const DESCRIPTION: TextRule = TextRule::multiline(1, 10_000);

/// What the name of a destination may be.
pub const DESTINATION: TextRule = TextRule::line(1, 200);

/// What one of the longer texts may be.
pub const NARRATIVE: TextRule = TextRule::multiline(1, 5000);

/// What a short text such as a style or a season may be.
pub const SHORT: TextRule = TextRule::line(1, 100);

/// Activity tags at most.
pub const MAX_ACTIVITY_TAGS: usize = 10;

/// Companions at most.
pub const MAX_COMPANIONS: usize = 20;

/// Regions or categories at most.
pub const MAX_LIST: usize = 20;

/// Pictures at most.
pub const MAX_SCREENSHOTS: usize = 20;

/// Days that an itinerary may last.
pub const MAX_DURATION: u16 = 366;

vocabulary!(
    /// How hard it is.
    Difficulty {
        Easy = "easy",
        Moderate = "moderate",
        Difficult = "difficult",
        Expert = "expert",
    }
);

vocabulary!(
    /// How much money it takes, roughly.
    BudgetRange {
        Low = "low",
        Medium = "medium",
        High = "high",
        Luxury = "luxury",
    }
);

/// Somebody who came along, in the words of whoever wrote the itinerary. Links to nobody's account: who is named here
/// was not asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Companion {
    /// What they are called.
    pub name: String,
    /// What they did.
    pub role: Option<String>,
}

/// The longer texts.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names are the documentation")]
pub struct Narratives {
    pub trip_highlights: Option<String>,
    pub trip_journey: Option<String>,
    pub day_by_day_plan: Option<String>,
    pub safety_intelligence: Option<String>,
    pub hidden_gems: Option<String>,
    pub unique_highlights: Option<String>,
    pub safety_tips: Option<String>,
}

impl Narratives {
    /// How many there are, of seven.
    pub fn count(&self) -> usize {
        let all = [
            &self.trip_highlights,
            &self.trip_journey,
            &self.day_by_day_plan,
            &self.safety_intelligence,
            &self.hidden_gems,
            &self.unique_highlights,
            &self.safety_tips,
        ];
        all.into_iter().flatten().count()
    }
}

/// What an itinerary says.
#[derive(Debug, Clone, PartialEq)]
pub struct Content {
    /// What it is called.
    pub title: String,
    /// What it is about, in a line.
    pub tagline: Option<String>,
    /// What it is about.
    pub description: String,
    /// Where it goes.
    pub destination: String,
    /// Parts of the destination.
    pub regions: Vec<String>,
    /// First day.
    pub start_date: Option<Date>,
    /// Last day.
    pub end_date: Option<Date>,
    /// How many days it takes, when it does not say from when to when; see [`Self::duration_days`].
    pub days: Option<u16>,
    /// How hard it is.
    pub difficulty: Option<Difficulty>,
    /// What it costs.
    pub budget: Option<Money>,
    /// What it costs, roughly.
    pub budget_range: Option<BudgetRange>,
    /// How one travels.
    pub travel_style: Option<String>,
    /// What one does: slugs.
    pub activity_tags: Vec<String>,
    /// Who came along.
    pub companions: Vec<Companion>,
    /// Where a map is.
    pub route_map_url: Option<String>,
    /// Where a film or a page is.
    pub demo_url: Option<String>,
    /// Where it begins.
    pub starting_point: Option<Coordinates>,
    /// Where it ends.
    pub ending_point: Option<Coordinates>,
    /// When it is best.
    pub best_season: Option<String>,
    /// Whether its author vouches that it is safe for women.
    pub women_safe_certified: bool,
    /// The longer texts.
    pub narratives: Narratives,
    /// Pictures; never fetched by us.
    pub screenshots: Vec<String>,
    /// What it is filed under.
    pub categories: Vec<String>,
}

impl Content {
    /// Checks what holds between fields.
    ///
    /// # Errors
    /// `range` of the end or the duration; `exclusive` for a duration that contradicts the dates.
    pub fn checked(mut self) -> Result<Self, Invalid> {
        let mut checks = Checks::default();
        if let (Some(start), Some(end)) = (self.start_date, self.end_date) {
            checks.ensure(start <= end, "end_date", "range", "must not be before start_date");
            let dated = days_between(start, end);
            if start <= end {
                let short = dated.is_some_and(|days| days <= MAX_DURATION);
                let message = format!("must be at most {MAX_DURATION} days from start_date");
                checks.ensure(short, "end_date", "range", message);
                let agrees = self.days.is_none() || self.days == dated;
                let message = "must be the number of days from start_date to end_date, both included";
                checks.ensure(agrees, "duration_days", "exclusive", message);
            }
            self.days = None;
        }
        checks.build(|| Some(self))
    }

    /// How many days it takes.
    pub fn duration_days(&self) -> Option<u16> {
        match (self.start_date, self.end_date) {
            (Some(start), Some(end)) => days_between(start, end),
            _ => self.days,
        }
    }
}

fn days_between(start: Date, end: Date) -> Option<u16> {
    let days = start.until(end).ok()?.get_days();
    u16::try_from(days + 1).ok()
}

/// How many days it takes.
///
/// # Errors
/// `range`.
pub fn duration(days: u16) -> Result<u16, Rule> {
    if (1..=MAX_DURATION).contains(&days) {
        Ok(days)
    } else {
        Err(Rule::new("range", format!("must be between 1 and {MAX_DURATION}")))
    }
}

/// A tag by which things are found: words of letters and digits, in lower case, joined with `-`.
///
/// # Errors
/// `min_length`, `max_length`, or `characters`.
pub fn tag(text: &str) -> Result<String, Rule> {
    let text = TextRule::line(1, 40).parse(text)?.to_lowercase();
    let words: Vec<&str> = text.split_whitespace().collect();
    let slug = words.join("-");
    let fits = slug.len() <= 100 && slug.chars().all(|c| c.is_alphanumeric() || matches!(c, '-' | '_'));
    if fits {
        Ok(slug)
    } else {
        Err(Rule::new("characters", "must be made of letters, digits, `-` and `_`"))
    }
}

/// The activity tags, each once.
///
/// # Errors
/// `max_items`, or as [`tag`].
pub fn activity_tags(values: &[String]) -> Result<Vec<String>, Rule> {
    if values.len() > MAX_ACTIVITY_TAGS {
        let message = format!("must have at most {MAX_ACTIVITY_TAGS} entries");
        return Err(Rule::new("max_items", message));
    }
    let mut tags: Vec<String> = Vec::with_capacity(values.len());
    for value in values {
        let tag = tag(value)?;
        if !tags.contains(&tag) {
            tags.push(tag);
        }
    }
    Ok(tags)
}
