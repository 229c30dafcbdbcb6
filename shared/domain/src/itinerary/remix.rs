use std::cmp::Reverse;

use crate::{
    ids::ItineraryId,
    itinerary::{Companion, Content, DayPlan, Itinerary, MAX_ACTIVITY_TAGS, MAX_LIST, Narratives, PartKind},
    text::TextRule,
};

/// Itineraries that a remix is made from, at most.
pub const MAX_SOURCES: usize = 5;

/// What somebody who remixes has in mind.
pub const PROMPT: TextRule = TextRule::multiline(10, 1000);

/// What a remix was made from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Remix {
    /// The itineraries, in the order in which they were named.
    pub sources: Vec<ItineraryId>,
    /// What its author had in mind.
    pub prompt: Option<String>,
}

/// What a remix says at first, and its days: those of each source after those of the one before, numbered anew, and no
/// more than fit. Nothing is invented; what the sources do not share is left to the author. `None` without sources.
pub fn remixed(sources: &[(Itinerary, Vec<DayPlan>)], prompt: &str) -> Option<(Content, Vec<DayPlan>)> {
    let contents: Vec<&Content> = sources.iter().map(|(source, _)| &source.content).collect();
    let first = contents.first()?;
    let planned = sources.iter().flat_map(|(_, days)| {
        let mut days: Vec<&DayPlan> = days.iter().collect();
        days.sort_by_key(|day| day.day_number);
        days
    });
    let numbered = (1_u16..).zip(planned).take(PartKind::Day.max());
    let days: Vec<DayPlan> = numbered
        .map(|(day_number, day)| DayPlan {
            day_number,
            date: None,
            ..day.clone()
        })
        .collect();
    let destination = joined(
        contents.iter().map(|content| content.destination.as_str()),
        " and ",
        200,
    );
    let content = Content {
        title: cut(&format!("Remix: {}", first.title), 200),
        tagline: None,
        description: prompt.to_owned(),
        destination,
        regions: merged(contents.iter().flat_map(|content| &content.regions), MAX_LIST),
        start_date: None,
        end_date: None,
        days: u16::try_from(days.len()).ok().filter(|days| *days > 0),
        difficulty: contents.iter().filter_map(|content| content.difficulty).max(),
        budget: None,
        budget_range: contents.iter().filter_map(|content| content.budget_range).max(),
        travel_style: shared(contents.iter().map(|content| content.travel_style.clone())),
        activity_tags: frequent_tags(&contents),
        companions: Vec::<Companion>::new(),
        route_map_url: None,
        demo_url: None,
        starting_point: first.starting_point,
        ending_point: contents.last().and_then(|content| content.ending_point),
        best_season: shared(contents.iter().map(|content| content.best_season.clone())),
        // What one vouches for cannot be taken over from somebody else.
        women_safe_certified: false,
        narratives: Narratives::default(),
        screenshots: Vec::new(),
        categories: merged(contents.iter().flat_map(|content| &content.categories), MAX_LIST),
    };
    Some((content, days))
}

/// The tags that most sources have first, then as the sources come.
fn frequent_tags(contents: &[&Content]) -> Vec<String> {
    let mut tags = merged(contents.iter().flat_map(|content| &content.activity_tags), usize::MAX);
    tags.sort_by_key(|tag| {
        let having = contents.iter().filter(|content| content.activity_tags.contains(tag));
        Reverse(having.count())
    });
    tags.truncate(MAX_ACTIVITY_TAGS);
    tags
}

fn merged<'a>(values: impl Iterator<Item = &'a String>, max: usize) -> Vec<String> {
    let mut kept: Vec<String> = Vec::new();
    for value in values {
        if kept.len() < max && !kept.contains(value) {
            kept.push(value.clone());
        }
    }
    kept
}

/// What all say, if they say the same.
fn shared(mut values: impl Iterator<Item = Option<String>>) -> Option<String> {
    let first = values.next()??;
    values.all(|value| value.as_ref() == Some(&first)).then_some(first)
}

/// The different texts, as many as fit.
fn joined<'a>(texts: impl Iterator<Item = &'a str>, between: &str, max: usize) -> String {
    let (mut whole, mut kept) = (String::new(), Vec::new());
    for text in texts {
        let longer = if whole.is_empty() {
            text.to_owned()
        } else {
            format!("{whole}{between}{text}")
        };
        if !kept.contains(&text) && longer.chars().count() <= max {
            whole = longer;
            kept.push(text);
        }
    }
    whole
}

fn cut(text: &str, max: usize) -> String {
    text.chars().take(max).collect::<String>().trim_end().to_owned()
}
