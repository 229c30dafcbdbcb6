//! Travel intel as it is stored.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use tripsage_domain::{
    change::{Change, Report},
    ids::{IntelId, ItineraryId, UserId},
    intel::{Intel, IntelStatus, IntelType, Message, Response},
    itinerary::Severity,
    trip::Coordinates,
    votes::Tally,
};

use crate::catalogue::{Facet, FacetName, Kind, Listing};

/// A piece of travel intel. One that was deleted says nothing and names nobody any more; it only holds its thread
/// together.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct IntelRow {
    /// Its id.
    pub id: IntelId,
    /// What it is about.
    pub itinerary: ItineraryId,
    /// What it answers.
    pub parent: Option<IntelId>,
    /// How many answers it takes to get here.
    pub depth: u8,
    /// Whose it is, and what they say; nothing once it is deleted.
    pub told: Option<ToldRow>,
    /// What somebody in charge says to it.
    response: Option<ResponseRow>,
    /// When it was said.
    pub created_at: Timestamp,
    /// When it last changed.
    pub updated_at: Timestamp,
}

/// What somebody says.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ToldRow {
    /// Whose it is.
    pub author: UserId,
    intel_type: IntelType,
    title: String,
    content: String,
    severity: Severity,
    /// Latitude and longitude.
    location: Option<(f64, f64)>,
    location_name: Option<String>,
    observed_at: Option<Timestamp>,
    verified_at_location: bool,
    safety_related: bool,
    urgent: bool,
    photos: Vec<String>,
    status: IntelStatus,
    resolved_at: Option<Timestamp>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct ResponseRow {
    by: UserId,
    text: String,
    at: Timestamp,
}

impl From<&Intel> for IntelRow {
    fn from(intel: &Intel) -> Self {
        let message = intel.message.clone();
        Self {
            id: intel.id,
            itinerary: intel.itinerary,
            parent: intel.parent,
            depth: intel.depth,
            told: Some(ToldRow {
                author: intel.author,
                intel_type: message.intel_type,
                title: message.title,
                content: message.content,
                severity: message.severity,
                location: message.location.map(|at| (at.latitude, at.longitude)),
                location_name: message.location_name,
                observed_at: message.observed_at,
                verified_at_location: message.verified_at_location,
                safety_related: message.safety_related,
                urgent: message.urgent,
                photos: message.photos,
                status: intel.status,
                resolved_at: intel.resolved_at,
            }),
            response: intel.response.clone().map(|response| ResponseRow {
                by: response.by,
                text: response.text,
                at: response.at,
            }),
            created_at: intel.created_at,
            updated_at: intel.updated_at,
        }
    }
}

impl IntelRow {
    /// The same place in the thread, with nothing in it.
    pub(super) fn emptied(&self, now: Timestamp) -> Self {
        Self {
            told: None,
            response: None,
            updated_at: now,
            ..self.clone()
        }
    }

    /// What is counted of it; nothing once it is deleted.
    pub fn report(&self) -> Option<Report> {
        let told = self.told.as_ref()?;
        Some(Report {
            intel_type: told.intel_type,
            critical: told.severity == Severity::Critical,
            resolved: told.status == IntelStatus::Resolved,
        })
    }

    /// The intel; `None` when it was deleted.
    pub(super) fn into_intel(self, version: u64) -> Option<Intel> {
        let told = self.told?;
        Some(Intel {
            id: self.id,
            itinerary: self.itinerary,
            author: told.author,
            parent: self.parent,
            depth: self.depth,
            message: Message {
                intel_type: told.intel_type,
                title: told.title,
                content: told.content,
                severity: told.severity,
                location: told
                    .location
                    .map(|(latitude, longitude)| Coordinates { latitude, longitude }),
                location_name: told.location_name,
                observed_at: told.observed_at,
                verified_at_location: told.verified_at_location,
                safety_related: told.safety_related,
                urgent: told.urgent,
                photos: told.photos,
            },
            status: told.status,
            response: self.response.map(|response| Response {
                by: response.by,
                text: response.text,
                at: response.at,
            }),
            resolved_at: told.resolved_at,
            created_at: self.created_at,
            updated_at: self.updated_at,
            version,
        })
    }
}

/// What others think of a piece of intel, and where the catalogue lists it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct IntelStandingRow {
    /// Which.
    pub id: IntelId,
    /// How soon one should know of it.
    pub urgency: i64,
    /// Votes that call it helpful. Changes are counted in any order, so it may be below nought for a moment.
    #[serde(default)]
    pub helpful: i64,
    /// Votes that call it unhelpful.
    #[serde(default)]
    pub unhelpful: i64,
    /// Where it is listed.
    pub listing: Listing,
}

impl IntelStandingRow {
    /// Of a piece of intel that nobody has seen yet.
    pub(super) fn new(intel: &Intel) -> Self {
        let urgency = intel.urgency();
        let (id, at) = (intel.id, intel.created_at);
        Self {
            id,
            urgency,
            helpful: 0,
            unhelpful: 0,
            listing: Listing::new(Kind::Intel, id.uuid(), at, facets(intel), &[0, urgency]),
        }
    }

    /// Of the same intel, when it says something else.
    pub(super) fn edited(&self, intel: &Intel, now: Timestamp) -> Self {
        let mut edited = self.clone();
        edited.urgency = intel.urgency();
        let listing = edited.listing.clone().with_facets(facets(intel));
        edited.listing = listing.with_measures(&edited.measures(), now);
        edited
    }

    /// Counts a change.
    pub fn apply(&mut self, change: &Change) {
        if let Change::Voted { before, after, .. } = *change {
            let votes = self.votes().with(before, after);
            (self.helpful, self.unhelpful) = (votes.up, votes.down);
        }
    }

    /// What it is sorted by: how helpful, and how urgent it is.
    pub fn measures(&self) -> [i64; 2] {
        [self.helpful, self.urgency]
    }

    /// Votes on it.
    pub const fn votes(&self) -> Tally {
        Tally {
            up: self.helpful,
            down: self.unhelpful,
        }
    }
}

/// By what intel is found: what starts a thread by its itinerary, an answer by what it answers; and everything that is
/// said about an itinerary together, for whoever counts it.
fn facets(intel: &Intel) -> Vec<Facet> {
    let place = match intel.parent {
        None => Facet::new(FacetName::Itinerary, &intel.itinerary.to_string()),
        Some(parent) => Facet::new(FacetName::Parent, &parent.to_string()),
    };
    let facets = [
        place,
        Facet::new(FacetName::About, &intel.itinerary.to_string()),
        Facet::new(FacetName::By, &intel.author.to_string()),
        Facet::new(FacetName::Type, intel.message.intel_type.name()),
        Facet::new(FacetName::Severity, intel.message.severity.name()),
        Facet::new(FacetName::Status, intel.status.name()),
    ];
    facets.into_iter().flatten().collect()
}

/// That a piece of intel is a user's.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PointerRow {
    /// Which.
    pub id: IntelId,
    /// Since when.
    pub at: Timestamp,
}

/// That a user has responded to a piece of intel.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RespondedRow {
    /// To which.
    pub id: IntelId,
    /// What they said.
    pub text: String,
    /// When.
    pub at: Timestamp,
}
