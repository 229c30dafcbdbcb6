//! A trip day by day, what it is planned to cost, and how far the planning is.

use std::collections::BTreeMap;

use jiff::{ToSpan, civil::Date};

use crate::{
    ids::ItemId,
    money::Currency,
    trip::{Content, Item, ItemStatus, ItemType, When},
};

/// What a day shows of an item.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// All of it is on this day.
    Whole,
    /// It begins on this day and ends on another.
    Start,
    /// It ends on this day and began on another.
    End,
}

impl Part {
    /// The lower-case name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Whole => "whole",
            Self::Start => "start",
            Self::End => "end",
        }
    }
}

/// One day of a trip.
#[derive(Debug, Clone, PartialEq)]
pub struct Day<'a> {
    /// Which.
    pub date: Date,
    /// What begins or ends on it, in order.
    pub items: Vec<(Part, &'a Item)>,
    /// What began before and ends after it.
    pub ongoing: Vec<ItemId>,
}

/// A trip day by day.
#[derive(Debug, Clone, PartialEq)]
pub struct Itinerary<'a> {
    /// Every day of the trip.
    pub days: Vec<Day<'a>>,
    /// Items that are on none of the trip's days.
    pub outside: Vec<&'a Item>,
    /// Items without a date.
    pub undated: Vec<&'a Item>,
}

/// First and last day of an item on the calendars of its places. Over the date line, the last can be before the first.
fn dates(item: &Item) -> Option<(Date, Date)> {
    let start = item.plan.start.as_ref()?.date();
    Some((start, item.plan.end.as_ref().map_or(start, When::date)))
}

/// Places every item on the days that it touches; `items` are in the order in which they are shown.
pub fn itinerary<'a>(content: &Content, items: &'a [Item]) -> Itinerary<'a> {
    let mut days: Vec<Day<'a>> = content
        .start_date
        .series(1.day())
        .take_while(|date| *date <= content.end_date)
        .map(|date| Day {
            date,
            items: Vec::new(),
            ongoing: Vec::new(),
        })
        .collect();
    let (mut outside, mut undated) = (Vec::new(), Vec::new());
    for item in items {
        let Some((start, end)) = dates(item) else {
            undated.push(item);
            continue;
        };
        let mut shown = false;
        for day in &mut days {
            let part = match (day.date == start, day.date == end) {
                (true, true) => Some(Part::Whole),
                (true, false) => Some(Part::Start),
                (false, true) => Some(Part::End),
                (false, false) => None,
            };
            let within = start < day.date && day.date < end;
            shown |= within || part.is_some();
            match part {
                Some(part) => day.items.push((part, item)),
                None if within => day.ongoing.push(item.id),
                None => {}
            }
        }
        if !shown {
            outside.push(item);
        }
    }
    Itinerary { days, outside, undated }
}

/// What items of one kind cost, in minor units.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Cost {
    /// All that are not cancelled.
    pub planned: i64,
    /// Those that are booked.
    pub booked: i64,
}

/// What a trip costs in one currency. Amounts in different currencies are never added.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Costs {
    /// Which currency.
    pub currency: Currency,
    /// Everything.
    pub total: Cost,
    /// For each budget category.
    pub categories: BTreeMap<&'static str, Cost>,
}

impl ItemType {
    /// The budget category that its cost belongs to.
    pub const fn category(self) -> &'static str {
        match self {
            Self::Flight | Self::Transport => "transportation",
            Self::Accommodation => "accommodation",
            Self::Activity => "activities",
            Self::Meal => "food",
            Self::Note => "miscellaneous",
        }
    }
}

/// What the items cost, for each currency by its code.
pub fn costs(items: &[Item]) -> Vec<Costs> {
    let mut all: BTreeMap<&'static str, Costs> = BTreeMap::new();
    for item in items.iter().filter(|item| item.plan.status != ItemStatus::Cancelled) {
        let Some(money) = item.plan.cost else { continue };
        let costs = all.entry(money.currency.code()).or_insert_with(|| Costs {
            currency: money.currency,
            total: Cost::default(),
            categories: BTreeMap::new(),
        });
        let category = costs
            .categories
            .entry(item.plan.details.item_type().category())
            .or_default();
        for cost in [&mut costs.total, category] {
            cost.planned += money.minor;
            if item.plan.status == ItemStatus::Booked {
                cost.booked += money.minor;
            }
        }
    }
    all.into_values().collect()
}

/// How far the planning is, 0 to 100: the mean of three shares, of which those that do not apply are left out.
///
/// - days on which something is planned, of all days;
/// - nights with a place to sleep or on the way, of all nights (a trip of one day has none);
/// - bookable items (flight, accommodation, transport, activity) that are booked, of those that are more than an idea.
///
/// Cancelled items do not count. Shares are rounded down.
pub fn completion(content: &Content, items: &[Item]) -> u32 {
    let firm: Vec<(&Item, Option<(Date, Date)>)> = items
        .iter()
        .filter(|item| item.plan.status != ItemStatus::Cancelled)
        .map(|item| (item, dates(item)))
        .collect();
    let days: Vec<Date> = content
        .start_date
        .series(1.day())
        .take_while(|date| *date <= content.end_date)
        .collect();
    let busy = |day: &&Date| {
        firm.iter()
            .any(|(_, dates)| dates.is_some_and(|(from, to)| from <= **day && **day <= to))
    };
    let housed = |night: &&Date| {
        firm.iter().any(|(item, dates)| {
            let kind = item.plan.details.item_type();
            let overnight = matches!(kind, ItemType::Accommodation | ItemType::Flight | ItemType::Transport);
            overnight && dates.is_some_and(|(from, to)| from <= **night && **night < to)
        })
    };
    let nights = days.split_last().map_or(&[][..], |(_, nights)| nights);
    let bookable: Vec<&Item> = firm
        .iter()
        .map(|(item, _)| *item)
        .filter(|item| {
            let kind = item.plan.details.item_type();
            item.plan.status != ItemStatus::Idea && !matches!(kind, ItemType::Meal | ItemType::Note)
        })
        .collect();
    let booked = bookable
        .iter()
        .filter(|item| item.plan.status == ItemStatus::Booked)
        .count();
    let shares = [
        (days.iter().filter(busy).count(), days.len()),
        (nights.iter().filter(housed).count(), nights.len()),
        (booked, bookable.len()),
    ];
    let percent: Vec<usize> = shares
        .into_iter()
        .filter(|(_, whole)| *whole > 0)
        .map(|(part, whole)| part * 100 / whole)
        .collect();
    let mean = percent.iter().sum::<usize>().checked_div(percent.len()).unwrap_or(0);
    u32::try_from(mean).unwrap_or(100)
}

#[cfg(test)]
mod tests;
