//! A template: a trip without dates, to make trips of.

use jiff::{
    Timestamp, ToSpan,
    civil::{Date, date},
};

use crate::{
    ids::{ItemId, TemplateId, TripId, UserId},
    policy::{Denial, TemplateAction, may_template},
    principal::Principal,
    trip::{Content, Item, Plan, Preferences, Shift, Trip},
    validation::Rule,
};

/// Items of one template at most.
pub const MAX_TEMPLATE_ITEMS: usize = 100;

/// Templates of one user at most.
pub const MAX_TEMPLATES: usize = 100;

/// The day that stands for the first day of every template.
const FIRST_DAY: Date = date(2000, 1, 1);

/// Who may see a template.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum TemplateVisibility {
    /// Its owner.
    Private,
    /// Whoever has its id.
    Shared,
    /// Everybody; it is listed.
    Public,
}

/// A template. Its dates count from a fixed day, and mean nothing but the days between them.
#[derive(Debug, Clone, PartialEq)]
pub struct Template {
    /// Its id.
    pub id: TemplateId,
    /// Whose it is.
    pub owner: UserId,
    /// Who may see it.
    pub visibility: TemplateVisibility,
    /// What it is about: the content of a trip that begins on the first day.
    pub content: Content,
    /// What is planned.
    pub plans: Vec<Plan>,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it last changed.
    pub updated_at: Timestamp,
    /// Grows by one with each change.
    pub version: u64,
}

impl TemplateVisibility {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Private, Self::Shared, Self::Public];

    /// The lower-case name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Private => "private",
            Self::Shared => "shared",
            Self::Public => "public",
        }
    }

    /// Parses a name.
    ///
    /// # Errors
    /// `one_of` with the names that there are.
    pub fn parse(name: &str) -> Result<Self, Rule> {
        Self::ALL
            .into_iter()
            .find(|one| one.name() == name)
            .ok_or_else(|| Rule::new("one_of", "must be one of private, shared, public"))
    }
}

impl Template {
    /// Lets `caller` do `action`, or says what the refusal may reveal.
    ///
    /// # Errors
    /// What the policy refuses.
    pub fn permit(&self, caller: &Principal, action: TemplateAction) -> Result<(), Denial> {
        may_template(caller, self.owner, self.visibility, action)
    }

    /// The content of a trip as a template keeps it: without what its travellers need and can pay.
    pub fn content_of(content: &Content) -> Content {
        let shift = Shift::between(content.start_date, FIRST_DAY);
        Content {
            preferences: Preferences::default(),
            ..content.replanned(content.title.clone(), shift)
        }
    }

    /// The items of a trip as a template keeps them: without the travellers' notes to themselves.
    pub fn plans_of(content: &Content, items: &[Item]) -> Vec<Plan> {
        let shift = Shift::between(content.start_date, FIRST_DAY);
        let plan = |item: &Item| Plan {
            notes: None,
            ..item.plan.replanned(shift)
        };
        items.iter().map(plan).collect()
    }

    /// First and last day of a template that lasts so many days.
    pub fn dates(days: i32) -> (Date, Date) {
        (FIRST_DAY, FIRST_DAY.saturating_add(days.saturating_sub(1).days()))
    }

    /// Which day of the template a date is; the first is 1.
    pub fn day(date: Date) -> i32 {
        FIRST_DAY
            .until(date)
            .map_or(1, |span| span.get_days().saturating_add(1))
    }

    /// The content and the plans of a trip that begins on `start`.
    pub fn instance(&self, title: String, start: Date) -> (Content, Vec<Plan>) {
        let shift = Shift::between(FIRST_DAY, start);
        let plans = self.plans.iter().map(|plan| plan.replanned(shift));
        (self.content.replanned(title, shift), plans.collect())
    }
}

/// A new trip with these plans, in their order; `new_id` draws the id of the item with that index.
pub fn assembled(
    id: TripId,
    owner: UserId,
    content: Content,
    plans: Vec<Plan>,
    new_id: impl Fn(usize) -> ItemId,
    now: Timestamp,
) -> (Trip, Vec<Item>) {
    let mut trip = Trip::new(id, owner, content, now);
    trip.item_count = plans.len();
    let items = plans.into_iter().enumerate().map(|(index, plan)| Item {
        id: new_id(index),
        plan,
        position: index as u64 + 1,
        version: 1,
        created_at: now,
        updated_at: now,
    });
    let items = items.collect();
    (trip, items)
}
