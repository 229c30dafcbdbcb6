//! A group as clients send it and see it.

use jiff::{Timestamp, civil::Date};
use serde::{Deserialize, Serialize};
use tripsage_domain::{
    group::{Content, ContentPatch, DEFAULT_MEMBERS, Group, GroupType},
    validation::{Checks, Invalid, Rule},
};
use tripsage_http::present;
use utoipa::ToSchema;

/// A group to be made.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct CreateGroup {
    /// What it is called.
    #[schema(value_type = String, min_length = 1, max_length = 100, example = "Temples and noodles")]
    name: Option<String>,
    /// What it is about.
    #[schema(max_length = 5000)]
    description: Option<String>,
    /// `interest_based`, `safety_focused`, `women_only` or `location_based`.
    #[schema(example = "interest_based")]
    group_type: Option<String>,
    /// Where it goes.
    #[schema(value_type = String, min_length = 1, max_length = 200, example = "Kyoto, Japan")]
    destination: Option<String>,
    /// First day of the journey.
    #[schema(value_type = String, format = Date, example = "2027-04-01")]
    start_date: Option<String>,
    /// Last day of the journey.
    #[schema(value_type = String, format = Date, example = "2027-04-14")]
    end_date: Option<String>,
    /// How many belong to it at most, the organizer included; 10 if not given.
    #[schema(minimum = 2, maximum = 100, example = 10)]
    max_members: Option<u32>,
    /// What it is going to do.
    #[schema(max_items = 10, example = json!(["food", "temples"]))]
    activity_tags: Option<Vec<String>>,
    /// How it likes to travel.
    #[schema(max_length = 50, example = "slow")]
    travel_style: Option<String>,
    /// Whether it takes women only. Who makes such a group must say in their profile that they are one.
    is_women_only: Option<bool>,
    /// Whether it takes only people who have confirmed their e-mail address.
    require_identity_verification: Option<bool>,
    /// Least reputation of those whom it takes.
    #[schema(minimum = 0, maximum = 100)]
    min_sbt_reputation_score: Option<u32>,
    /// Whether a request to join waits for the answer of the organizer or a moderator.
    requires_approval: Option<bool>,
    /// Whether members mean to share where they are.
    live_location_sharing_enabled: Option<bool>,
    /// Whether members mean to alert one another.
    emergency_alert_enabled: Option<bool>,
}

/// What to change of a group; what is not given stays, and `null` clears what may be empty.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct UpdateGroup {
    /// What it is called.
    #[schema(min_length = 1, max_length = 100)]
    name: Option<String>,
    /// What it is about.
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = Option<String>, max_length = 5000)]
    description: Option<Option<String>>,
    /// `interest_based`, `safety_focused`, `women_only` or `location_based`.
    group_type: Option<String>,
    /// Where it goes.
    #[schema(min_length = 1, max_length = 200)]
    destination: Option<String>,
    /// First day of the journey.
    #[schema(value_type = Option<String>, format = Date)]
    start_date: Option<String>,
    /// Last day of the journey.
    #[schema(value_type = Option<String>, format = Date)]
    end_date: Option<String>,
    /// How many belong to it at most; not below the present number.
    #[schema(minimum = 2, maximum = 100)]
    max_members: Option<u32>,
    /// What it is going to do.
    #[schema(max_items = 10)]
    activity_tags: Option<Vec<String>>,
    /// How it likes to travel.
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = Option<String>, max_length = 50)]
    travel_style: Option<Option<String>>,
    /// Whether it takes women only. Who belongs to it already stays.
    is_women_only: Option<bool>,
    /// Whether it takes only people who have confirmed their e-mail address.
    require_identity_verification: Option<bool>,
    /// Least reputation of those whom it takes.
    #[schema(minimum = 0, maximum = 100)]
    min_sbt_reputation_score: Option<u32>,
    /// Whether a request to join waits for an answer.
    requires_approval: Option<bool>,
    /// Whether members mean to share where they are.
    live_location_sharing_enabled: Option<bool>,
    /// Whether members mean to alert one another.
    emergency_alert_enabled: Option<bool>,
}

/// A calendar date.
pub(crate) fn date(text: String) -> Result<Date, Rule> {
    let wrong = || Rule::new("date", "must be a date such as 2027-04-01");
    if text.len() != 10 {
        return Err(wrong());
    }
    let date: Date = text.parse().map_err(|_| wrong())?;
    if (1900..=2200).contains(&date.year()) {
        Ok(date)
    } else {
        Err(Rule::new("range", "must be between 1900 and 2200"))
    }
}

pub(crate) fn group_type(name: &str) -> Result<GroupType, Rule> {
    Ok(name.parse::<GroupType>()?)
}

impl CreateGroup {
    pub(crate) fn into_content(self) -> Result<Content, Invalid> {
        let mut checks = Checks::default();
        let name = checks.required("name", self.name, |text| Content::parse_name(&text));
        let destination = checks.required("destination", self.destination, |text| {
            Content::parse_destination(&text)
        });
        let start_date = checks.required("start_date", self.start_date, date);
        let end_date = checks.required("end_date", self.end_date, date);
        let description = checks.optional("description", self.description, |text| {
            Content::parse_description(&text)
        });
        let group_type = checks.optional("group_type", self.group_type, |name| group_type(&name));
        let max_members = checks.optional("max_members", self.max_members, Content::parse_members);
        let activity_tags = checks.optional("activity_tags", self.activity_tags, |tags| Content::parse_tags(&tags));
        let travel_style = checks.optional("travel_style", self.travel_style, |text| Content::parse_style(&text));
        let least = self.min_sbt_reputation_score;
        let least = checks.optional("min_sbt_reputation_score", least, Content::parse_reputation);
        let is_women_only = self.is_women_only.unwrap_or_default();
        let usual = if is_women_only {
            GroupType::WomenOnly
        } else {
            GroupType::InterestBased
        };
        checks
            .build(|| {
                Some(Content {
                    name: name?,
                    description: description.flatten(),
                    group_type: group_type.unwrap_or(usual),
                    destination: destination?,
                    start_date: start_date?,
                    end_date: end_date?,
                    max_members: max_members.unwrap_or(DEFAULT_MEMBERS),
                    activity_tags: activity_tags.unwrap_or_default(),
                    travel_style: travel_style.flatten(),
                    is_women_only,
                    require_identity_verification: self.require_identity_verification.unwrap_or_default(),
                    min_reputation: least.unwrap_or_default(),
                    requires_approval: self.requires_approval.unwrap_or_default(),
                    live_location_sharing_enabled: self.live_location_sharing_enabled.unwrap_or_default(),
                    emergency_alert_enabled: self.emergency_alert_enabled.unwrap_or_default(),
                })
            })?
            .checked()
    }
}

impl UpdateGroup {
    pub(crate) fn into_patch(self) -> Result<ContentPatch, Invalid> {
        let mut checks = Checks::default();
        let mut clearable =
            |field: &str, value: Option<Option<String>>, parse: fn(&str) -> Result<Option<String>, Rule>| {
                value.map(|value| value.and_then(|text| checks.take(field, parse(&text)).flatten()))
            };
        let description = clearable("description", self.description, Content::parse_description);
        let travel_style = clearable("travel_style", self.travel_style, Content::parse_style);
        let least = self.min_sbt_reputation_score;
        let patch = ContentPatch {
            name: checks.optional("name", self.name, |text| Content::parse_name(&text)),
            description,
            group_type: checks.optional("group_type", self.group_type, |name| group_type(&name)),
            destination: checks.optional("destination", self.destination, |text| {
                Content::parse_destination(&text)
            }),
            start_date: checks.optional("start_date", self.start_date, date),
            end_date: checks.optional("end_date", self.end_date, date),
            max_members: checks.optional("max_members", self.max_members, Content::parse_members),
            activity_tags: checks.optional("activity_tags", self.activity_tags, |tags| Content::parse_tags(&tags)),
            travel_style,
            is_women_only: self.is_women_only,
            require_identity_verification: self.require_identity_verification,
            min_reputation: checks.optional("min_sbt_reputation_score", least, Content::parse_reputation),
            requires_approval: self.requires_approval,
            live_location_sharing_enabled: self.live_location_sharing_enabled,
            emergency_alert_enabled: self.emergency_alert_enabled,
        };
        checks.finish()?;
        Ok(patch)
    }
}

/// A group as everybody sees it.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[expect(clippy::struct_excessive_bools, reason = "each is a field of the group")]
pub(crate) struct GroupBody {
    /// Its id.
    #[schema(format = Uuid)]
    pub(crate) id: String,
    /// What it is called.
    name: String,
    /// What it is about.
    description: Option<String>,
    /// What brings it together.
    group_type: String,
    /// Where it goes.
    destination: String,
    /// First day of the journey.
    #[schema(value_type = String, format = Date)]
    start_date: Date,
    /// Last day of the journey.
    #[schema(value_type = String, format = Date)]
    end_date: Date,
    /// How many belong to it at most, the organizer included.
    max_members: u32,
    /// How many belong to it.
    current_members_count: u32,
    /// How many places are left.
    free_places: u32,
    /// What it is going to do.
    activity_tags: Vec<String>,
    /// How it likes to travel.
    travel_style: Option<String>,
    /// Whether it takes women only.
    is_women_only: bool,
    /// Whether it takes only people who have confirmed their e-mail address.
    require_identity_verification: bool,
    /// Least reputation of those whom it takes.
    min_sbt_reputation_score: u32,
    /// Whether a request to join waits for an answer.
    requires_approval: bool,
    /// Whether members mean to share where they are.
    live_location_sharing_enabled: bool,
    /// Whether members mean to alert one another.
    emergency_alert_enabled: bool,
    /// Whether the journey is not over.
    is_active: bool,
    /// Who answers for it; only where everybody may see who belongs to it.
    #[schema(format = Uuid)]
    organizer_id: Option<String>,
    /// Who made it, as long as they are the organizer; only where everybody may see who belongs to it.
    #[schema(format = Uuid)]
    created_by_traveler_id: Option<String>,
    /// When it was made.
    #[schema(value_type = String, format = DateTime)]
    created_at: Timestamp,
    /// When it last changed, but for who belongs to it.
    #[schema(value_type = String, format = DateTime)]
    updated_at: Timestamp,
}

impl GroupBody {
    /// The group on this day, as somebody sees it who may, or may not, see who belongs to it.
    pub(crate) fn new(group: &Group, today: Date, with_people: bool) -> Self {
        let content = group.content.clone();
        let organizer = with_people.then(|| group.organizer.to_string());
        Self {
            id: group.id.to_string(),
            free_places: group.free(),
            is_active: !group.has_ended(today),
            name: content.name,
            description: content.description,
            group_type: content.group_type.name().to_owned(),
            destination: content.destination,
            start_date: content.start_date,
            end_date: content.end_date,
            max_members: content.max_members,
            current_members_count: group.counts.members,
            activity_tags: content.activity_tags,
            travel_style: content.travel_style,
            is_women_only: content.is_women_only,
            require_identity_verification: content.require_identity_verification,
            min_sbt_reputation_score: content.min_reputation,
            requires_approval: content.requires_approval,
            live_location_sharing_enabled: content.live_location_sharing_enabled,
            emergency_alert_enabled: content.emergency_alert_enabled,
            created_by_traveler_id: organizer.clone().filter(|_| group.organized_by_creator),
            organizer_id: organizer,
            created_at: group.created_at,
            updated_at: group.updated_at,
        }
    }
}
