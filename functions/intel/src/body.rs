//! Travel intel as clients write it, and as answers show it.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use tripsage_domain::{
    ids::{IntelId, ItineraryId},
    intel::{CONTENT, Intel, IntelStatus, IntelType, LOCATION_NAME, Message, TITLE, observed},
    itinerary::Severity,
    rating::photos,
    validation::{Checks, Invalid, Rule},
    votes::{Tally, Vote},
};
use tripsage_http::{PointFields, PointInput};
use tripsage_store::intel::{Emptied, IntelCard};
use utoipa::ToSchema;

/// What a traveller asks or tells.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct IntelFields {
    /// What it is about. Required; it cannot be changed.
    #[schema(format = Uuid)]
    pub(crate) itinerary_id: Option<String>,
    /// What it answers; intel about the same itinerary. It cannot be changed.
    #[schema(format = Uuid)]
    pub(crate) parent_intel_id: Option<String>,
    /// `question`, `update`, `warning`, `recommendation`, `local_insight` or `tip`. Required.
    intel_type: Option<String>,
    /// What it is called. Required.
    #[schema(max_length = 200)]
    title: Option<String>,
    /// What it says. Required.
    #[schema(max_length = 5000)]
    content: Option<String>,
    /// `low` (unless given), `medium`, `high` or `critical`.
    severity_level: Option<String>,
    /// Where it is.
    location_gps: Option<PointInput>,
    /// What people call that place.
    #[schema(max_length = 200)]
    location_name: Option<String>,
    /// When it was seen; not in the future.
    #[schema(value_type = Option<String>, format = DateTime)]
    observation_timestamp: Option<String>,
    /// Whether its author was there.
    verified_at_location: Option<bool>,
    /// Whether it is about safety.
    safety_related: Option<bool>,
    /// Whether it cannot wait.
    urgent_flag: Option<bool>,
    /// IPFS content identifiers of photos.
    #[schema(max_items = 10)]
    photo_ipfs_hashes: Option<Vec<String>>,
    /// What became of it; can be given when it is changed.
    pub(crate) status: Option<String>,
}

/// Everything that a request says, checked.
pub(crate) struct Parsed {
    pub(crate) itinerary: ItineraryId,
    pub(crate) parent: Option<IntelId>,
    pub(crate) message: Message,
    pub(crate) status: IntelStatus,
}

impl IntelFields {
    /// The fields of what is said already.
    pub(crate) fn new(intel: &Intel) -> Self {
        let message = &intel.message;
        Self {
            itinerary_id: Some(intel.itinerary.to_string()),
            parent_intel_id: intel.parent.map(|id| id.to_string()),
            intel_type: Some(message.intel_type.name().to_owned()),
            title: Some(message.title.clone()),
            content: Some(message.content.clone()),
            severity_level: Some(message.severity.name().to_owned()),
            location_gps: message.location.map(PointInput::from),
            location_name: message.location_name.clone(),
            observation_timestamp: message.observed_at.map(|at| at.to_string()),
            verified_at_location: Some(message.verified_at_location),
            safety_related: Some(message.safety_related),
            urgent_flag: Some(message.urgent),
            photo_ipfs_hashes: Some(message.photos.clone()),
            status: Some(intel.status.name().to_owned()),
        }
    }

    pub(crate) fn parse(self, now: Timestamp) -> Result<Parsed, Invalid> {
        let mut checks = Checks::default();
        let itinerary = checks.required("itinerary_id", self.itinerary_id, |text| itinerary_id(&text));
        let parent = checks.optional("parent_intel_id", self.parent_intel_id, |text| {
            let id = text.parse::<IntelId>();
            id.map_err(|_| Rule::new("id", "must be the id of travel intel"))
        });
        let intel_type = checks.required("intel_type", self.intel_type, |text| intel_type(&text));
        let title = checks.required("title", self.title, |text| TITLE.parse(&text));
        let content = checks.required("content", self.content, |text| CONTENT.parse(&text));
        let severity = checks.optional("severity_level", self.severity_level, |text| severity(&text));
        let location = checks.optional("location_gps", self.location_gps, PointInput::parse);
        let location_name = self.location_name.filter(|name| !name.trim().is_empty());
        let location_name = checks.optional("location_name", location_name, |text| LOCATION_NAME.parse(&text));
        let observed_at = checks.optional("observation_timestamp", self.observation_timestamp, |text| {
            let at = text.parse::<Timestamp>();
            let at = at.map_err(|_| Rule::new("date_time", "must be a time such as 2026-04-01T09:30:00Z"))?;
            observed(at, now)
        });
        let photos = checks.optional("photo_ipfs_hashes", self.photo_ipfs_hashes, |list| photos(&list));
        let status = checks.optional("status", self.status, |text| status(&text));
        checks.build(|| {
            Some(Parsed {
                itinerary: itinerary?,
                parent,
                message: Message {
                    intel_type: intel_type?,
                    title: title?,
                    content: content?,
                    severity: severity.unwrap_or(Severity::Low),
                    location,
                    location_name,
                    observed_at,
                    verified_at_location: self.verified_at_location.unwrap_or_default(),
                    safety_related: self.safety_related.unwrap_or_default(),
                    urgent: self.urgent_flag.unwrap_or_default(),
                    photos: photos.unwrap_or_default(),
                },
                status: status.unwrap_or(IntelStatus::Open),
            })
        })
    }
}

pub(crate) fn itinerary_id(text: &str) -> Result<ItineraryId, Rule> {
    text.parse()
        .map_err(|_| Rule::new("id", "must be the id of an itinerary"))
}

pub(crate) fn intel_type(text: &str) -> Result<IntelType, Rule> {
    text.parse::<IntelType>().map_err(Rule::from)
}

pub(crate) fn severity(text: &str) -> Result<Severity, Rule> {
    text.parse::<Severity>().map_err(Rule::from)
}

pub(crate) fn status(text: &str) -> Result<IntelStatus, Rule> {
    text.parse::<IntelStatus>().map_err(Rule::from)
}

/// Travel intel.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct IntelBody {
    /// Its id.
    #[schema(format = Uuid)]
    id: String,
    /// What it is about.
    #[schema(format = Uuid)]
    itinerary_id: String,
    /// Whose it is.
    #[schema(format = Uuid)]
    traveler_id: String,
    /// What it answers.
    #[schema(format = Uuid)]
    parent_intel_id: Option<String>,
    /// How many answers it takes to get here; 0 where a thread starts.
    thread_depth: u8,
    /// What kind of thing it is.
    intel_type: &'static str,
    /// What it is called.
    title: String,
    /// What it says.
    content: String,
    /// How bad it is.
    severity_level: &'static str,
    /// Where it is.
    location_gps: Option<PointFields>,
    /// What people call that place.
    location_name: Option<String>,
    /// When it was seen.
    #[schema(value_type = Option<String>, format = DateTime)]
    observation_timestamp: Option<Timestamp>,
    /// Whether its author says that they were there.
    verified_at_location: bool,
    /// Whether it is about safety.
    safety_related: bool,
    /// Whether it cannot wait.
    urgent_flag: bool,
    /// IPFS content identifiers of photos.
    photo_ipfs_hashes: Vec<String>,
    /// What became of it.
    status: &'static str,
    /// What somebody in charge says to it.
    response_status: Option<String>,
    /// Who said so.
    #[schema(format = Uuid)]
    responder_id: Option<String>,
    /// When they said so.
    #[schema(value_type = Option<String>, format = DateTime)]
    responded_at: Option<Timestamp>,
    /// Since when it is resolved.
    #[schema(value_type = Option<String>, format = DateTime)]
    resolved_at: Option<Timestamp>,
    /// Votes that call it helpful.
    helpful_votes: i64,
    /// Votes that call it unhelpful.
    unhelpful_votes: i64,
    /// The same as `helpful_votes`.
    helpful_count: i64,
    /// The same as `unhelpful_votes`.
    unhelpful_count: i64,
    /// What the caller calls it: `helpful` or `unhelpful`.
    user_vote: Option<&'static str>,
    /// When it was said.
    #[schema(value_type = String, format = DateTime)]
    created_at: Timestamp,
    /// When it last changed.
    #[schema(value_type = String, format = DateTime)]
    updated_at: Timestamp,
}

/// What is left of travel intel that was deleted, and that others had answered.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct EmptiedBody {
    /// Its id.
    #[schema(format = Uuid)]
    id: String,
    /// What it was about.
    #[schema(format = Uuid)]
    itinerary_id: String,
    /// What it answered.
    #[schema(format = Uuid)]
    parent_intel_id: Option<String>,
    /// How many answers it takes to get here.
    thread_depth: u8,
    /// Always `true`.
    deleted: bool,
    /// When it was said.
    #[schema(value_type = String, format = DateTime)]
    created_at: Timestamp,
    /// When it was deleted.
    #[schema(value_type = String, format = DateTime)]
    deleted_at: Timestamp,
}

/// How a vote on what somebody says is called.
pub(crate) const fn vote_name(vote: Vote) -> &'static str {
    match vote {
        Vote::Up => "helpful",
        Vote::Down => "unhelpful",
    }
}

/// Votes to be shown: helpful and unhelpful ones. The vote of whoever looks is among them, also before it is counted.
pub(crate) fn shown(votes: Tally, user_vote: Option<Vote>) -> (i64, i64) {
    let own = |vote| i64::from(user_vote == Some(vote));
    (votes.up.max(own(Vote::Up)), votes.down.max(own(Vote::Down)))
}

impl IntelBody {
    pub(crate) fn new(card: &IntelCard, user_vote: Option<Vote>) -> Self {
        let (intel, message) = (&card.intel, card.intel.message.clone());
        let (helpful, unhelpful) = shown(card.standing.item.votes(), user_vote);
        let response = intel.response.as_ref();
        Self {
            id: intel.id.to_string(),
            itinerary_id: intel.itinerary.to_string(),
            traveler_id: intel.author.to_string(),
            parent_intel_id: intel.parent.map(|id| id.to_string()),
            thread_depth: intel.depth,
            intel_type: message.intel_type.name(),
            title: message.title,
            content: message.content,
            severity_level: message.severity.name(),
            location_gps: message.location.map(PointFields::from),
            location_name: message.location_name,
            observation_timestamp: message.observed_at,
            verified_at_location: message.verified_at_location,
            safety_related: message.safety_related,
            urgent_flag: message.urgent,
            photo_ipfs_hashes: message.photos,
            status: intel.status.name(),
            response_status: response.map(|response| response.text.clone()),
            responder_id: response.map(|response| response.by.to_string()),
            responded_at: response.map(|response| response.at),
            resolved_at: intel.resolved_at,
            helpful_votes: helpful,
            unhelpful_votes: unhelpful,
            helpful_count: helpful,
            unhelpful_count: unhelpful,
            user_vote: user_vote.map(vote_name),
            created_at: intel.created_at,
            updated_at: intel.updated_at,
        }
    }
}

impl From<Emptied> for EmptiedBody {
    fn from(emptied: Emptied) -> Self {
        Self {
            id: emptied.id.to_string(),
            itinerary_id: emptied.itinerary.to_string(),
            parent_intel_id: emptied.parent.map(|id| id.to_string()),
            thread_depth: emptied.depth,
            deleted: true,
            created_at: emptied.created_at,
            deleted_at: emptied.deleted_at,
        }
    }
}
