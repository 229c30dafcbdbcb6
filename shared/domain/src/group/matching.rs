use std::cmp::Reverse;

use jiff::civil::Date;

use crate::{group::Group, words};

/// How much each of the things counts that somebody may wish for.
const INTERESTS: f64 = 50.0;
const DATES: f64 = 25.0;
const DESTINATION: f64 = 15.0;
const STYLE: f64 = 10.0;

/// What somebody wishes a group to be like. What is not given does not count.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Wishes {
    /// What they are interested in.
    pub interests: Vec<String>,
    /// First and last day on which they could travel.
    pub dates: Option<(Date, Date)>,
    /// Words of where they want to go.
    pub destination: Option<String>,
    /// How they like to travel.
    pub style: Option<String>,
}

/// Why a group suits somebody.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reason {
    /// Interests that it shares, as the group writes them.
    Interests(Vec<String>),
    /// Days of its journey on which they could travel, and days of its journey.
    Dates(i32, i32),
    /// It goes where they want to go.
    Destination(String),
    /// It travels as they like to.
    Style(String),
}

/// How well a group suits somebody.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Match {
    /// The group.
    pub group: Group,
    /// From 0 to 100, of what was wished for.
    pub score: u32,
    /// Why.
    pub reasons: Vec<Reason>,
}

/// The groups that share at least one interest, best first; of equals the one that begins first.
pub fn matched(groups: impl IntoIterator<Item = Group>, wishes: &Wishes) -> Vec<Match> {
    let mut found: Vec<Match> = groups.into_iter().filter_map(|group| rate(group, wishes)).collect();
    found.sort_by_cached_key(|found| (Reverse(found.score), found.group.content.start_date, found.group.id));
    found
}

fn rate(group: Group, wishes: &Wishes) -> Option<Match> {
    let content = &group.content;
    let shared: Vec<String> = content
        .activity_tags
        .iter()
        .filter(|tag| wishes.interests.iter().any(|interest| alike(interest, tag)))
        .cloned()
        .collect();
    if shared.is_empty() {
        return None;
    }
    // Of the shorter list: somebody with one interest is not less suited to a group that does many things.
    let most = wishes.interests.len().min(content.activity_tags.len()).max(1);
    let (mut points, mut possible) = (INTERESTS * (share(shared.len(), most)), INTERESTS);
    let mut reasons = vec![Reason::Interests(shared)];
    if let Some((from, to)) = wishes.dates {
        possible += DATES;
        let (first, last) = (content.start_date.max(from), content.end_date.min(to));
        let journey = days(content.start_date, content.end_date);
        let overlap = days(first, last).max(0);
        if overlap > 0 {
            let shorter = journey.min(days(from, to)).max(1);
            points += DATES * (f64::from(overlap) / f64::from(shorter)).min(1.0);
            reasons.push(Reason::Dates(overlap, journey));
        }
    }
    if let Some(destination) = &wishes.destination {
        possible += DESTINATION;
        if contains_words(&content.destination, destination) {
            points += DESTINATION;
            reasons.push(Reason::Destination(content.destination.clone()));
        }
    }
    if let Some(style) = &wishes.style {
        possible += STYLE;
        if let Some(its) = content.travel_style.as_ref().filter(|its| alike(its, style)) {
            points += STYLE;
            reasons.push(Reason::Style(its.clone()));
        }
    }
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "between 0 and 100"
    )]
    let score = (100.0 * points / possible).round() as u32;
    Some(Match { group, score, reasons })
}

fn share(part: usize, whole: usize) -> f64 {
    let number = |n: usize| f64::from(u32::try_from(n).unwrap_or(u32::MAX));
    (number(part) / number(whole)).min(1.0)
}

fn alike(one: &str, other: &str) -> bool {
    words::of(&[one]) == words::of(&[other])
}

fn contains_words(text: &str, wanted: &str) -> bool {
    let (text, wanted) = (words::of(&[text]), words::of(&[wanted]));
    !wanted.is_empty() && wanted.iter().all(|word| text.contains(word))
}

fn days(from: Date, to: Date) -> i32 {
    from.until(to).map_or(0, |span| span.get_days() + 1)
}
