use jiff::civil::Date;

use crate::{
    group::GroupError,
    text::{self, TextRule},
    validation::{Checks, Invalid, Rule},
    vocabulary::vocabulary,
};

/// Members that a group takes when nobody says how many.
pub const DEFAULT_MEMBERS: u32 = 10;

/// Members that a group must be able to take: the organizer and somebody else.
pub const MIN_MEMBERS: u32 = 2;

/// Members that a group can take at most.
pub const MAX_MEMBERS: u32 = 100;

/// Activities that a group names at most.
pub const MAX_TAGS: usize = 10;

/// A reputation goes from 0 to this.
pub const REPUTATION: u32 = 100;

vocabulary!(
    /// What brings a group together.
    GroupType {
        InterestBased = "interest_based",
        SafetyFocused = "safety_focused",
        WomenOnly = "women_only",
        LocationBased = "location_based",
    }
);

/// What the organizer of a group edits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Content {
    /// What it is called.
    pub name: String,
    /// What it is about.
    pub description: Option<String>,
    /// What brings it together.
    pub group_type: GroupType,
    /// Where it goes.
    pub destination: String,
    /// First day of the journey.
    pub start_date: Date,
    /// Last day of the journey.
    pub end_date: Date,
    /// How many belong to it at most, the organizer included.
    pub max_members: u32,
    /// What it is going to do.
    pub activity_tags: Vec<String>,
    /// How it likes to travel.
    pub travel_style: Option<String>,
    /// Whether it takes women only.
    pub is_women_only: bool,
    /// Whether it takes only people whose identity is verified.
    pub require_identity_verification: bool,
    /// Least reputation of those whom it takes.
    pub min_reputation: u32,
    /// Whether a request to join waits for an answer.
    pub requires_approval: bool,
    /// Whether members mean to share where they are.
    pub live_location_sharing_enabled: bool,
    /// Whether members mean to alert one another.
    pub emergency_alert_enabled: bool,
}

/// What to change of the content; `None` stays.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[expect(missing_docs, reason = "as in Content")]
pub struct ContentPatch {
    pub name: Option<String>,
    pub description: Option<Option<String>>,
    pub group_type: Option<GroupType>,
    pub destination: Option<String>,
    pub start_date: Option<Date>,
    pub end_date: Option<Date>,
    pub max_members: Option<u32>,
    pub activity_tags: Option<Vec<String>>,
    pub travel_style: Option<Option<String>>,
    pub is_women_only: Option<bool>,
    pub require_identity_verification: Option<bool>,
    pub min_reputation: Option<u32>,
    pub requires_approval: Option<bool>,
    pub live_location_sharing_enabled: Option<bool>,
    pub emergency_alert_enabled: Option<bool>,
}

impl Content {
    /// A name of 1 to 100 characters.
    ///
    /// # Errors
    /// As [`TextRule::parse`].
    pub fn parse_name(text: &str) -> Result<String, Rule> {
        TextRule::line(1, 100).parse(text)
    }

    /// A destination of 1 to 200 characters.
    ///
    /// # Errors
    /// As [`TextRule::parse`].
    pub fn parse_destination(text: &str) -> Result<String, Rule> {
        TextRule::line(1, 200).parse(text)
    }

    /// A description of at most 5000 characters; an empty text is none.
    ///
    /// # Errors
    /// As [`TextRule::parse`].
    pub fn parse_description(text: &str) -> Result<Option<String>, Rule> {
        Ok(Some(TextRule::multiline(0, 5000).parse(text)?).filter(|text| !text.is_empty()))
    }

    /// A style of travelling of at most 50 characters; an empty text is none.
    ///
    /// # Errors
    /// As [`TextRule::parse`].
    pub fn parse_style(text: &str) -> Result<Option<String>, Rule> {
        Ok(Some(TextRule::line(0, 50).parse(text)?).filter(|text| !text.is_empty()))
    }

    /// At most [`MAX_TAGS`] activities of 1 to 50 characters.
    ///
    /// # Errors
    /// As [`text::tags`].
    pub fn parse_tags(values: &[String]) -> Result<Vec<String>, Rule> {
        text::tags(values, MAX_TAGS, TextRule::line(1, 50))
    }

    /// A number of members.
    ///
    /// # Errors
    /// `range`.
    pub fn parse_members(count: u32) -> Result<u32, Rule> {
        if (MIN_MEMBERS..=MAX_MEMBERS).contains(&count) {
            Ok(count)
        } else {
            let message = format!("must be between {MIN_MEMBERS} and {MAX_MEMBERS}");
            Err(Rule::new("range", message))
        }
    }

    /// A reputation.
    ///
    /// # Errors
    /// `range`.
    pub fn parse_reputation(score: u32) -> Result<u32, Rule> {
        if score <= REPUTATION {
            Ok(score)
        } else {
            Err(Rule::new("range", format!("must be between 0 and {REPUTATION}")))
        }
    }

    /// The content, when its parts fit together. A group of the type `women_only` takes women only.
    ///
    /// # Errors
    /// `end_date`, when it is before `start_date`, or more than a year after it.
    pub fn checked(mut self) -> Result<Self, Invalid> {
        let mut checks = Checks::default();
        checks.ensure(
            self.start_date <= self.end_date,
            "end_date",
            "order",
            "must not be before start_date",
        );
        let days = self
            .start_date
            .until(self.end_date)
            .map_or(i32::MAX, |span| span.get_days());
        checks.ensure(
            days <= 366,
            "end_date",
            "range",
            "must not be more than 366 days after start_date",
        );
        checks.finish()?;
        self.is_women_only |= self.group_type == GroupType::WomenOnly;
        Ok(self)
    }

    /// Whether women may feel safer here than elsewhere: it is theirs alone, or safety is what brings it together.
    pub fn is_women_safe(&self) -> bool {
        self.is_women_only || self.group_type == GroupType::SafetyFocused
    }

    pub(super) fn patched(&self, patch: ContentPatch) -> Result<Self, GroupError> {
        let old = self.clone();
        let content = Self {
            name: patch.name.unwrap_or(old.name),
            description: patch.description.unwrap_or(old.description),
            group_type: patch.group_type.unwrap_or(old.group_type),
            destination: patch.destination.unwrap_or(old.destination),
            start_date: patch.start_date.unwrap_or(old.start_date),
            end_date: patch.end_date.unwrap_or(old.end_date),
            max_members: patch.max_members.unwrap_or(old.max_members),
            activity_tags: patch.activity_tags.unwrap_or(old.activity_tags),
            travel_style: patch.travel_style.unwrap_or(old.travel_style),
            is_women_only: patch.is_women_only.unwrap_or(old.is_women_only),
            require_identity_verification: patch
                .require_identity_verification
                .unwrap_or(old.require_identity_verification),
            min_reputation: patch.min_reputation.unwrap_or(old.min_reputation),
            requires_approval: patch.requires_approval.unwrap_or(old.requires_approval),
            live_location_sharing_enabled: patch
                .live_location_sharing_enabled
                .unwrap_or(old.live_location_sharing_enabled),
            emergency_alert_enabled: patch.emergency_alert_enabled.unwrap_or(old.emergency_alert_enabled),
        };
        Ok(content.checked()?)
    }
}
