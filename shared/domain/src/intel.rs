//! What travellers ask and tell one another about an itinerary: threads, in which every answer is intel too.

use jiff::{SignedDuration, Timestamp};

use crate::{
    change::Report,
    ids::{IntelId, ItineraryId, UserId},
    itinerary::Severity,
    text::TextRule,
    trip::Coordinates,
    validation::Rule,
    vocabulary::vocabulary,
};

vocabulary!(
    /// What kind of thing is said.
    IntelType {
        Question = "question",
        Update = "update",
        Warning = "warning",
        Recommendation = "recommendation",
        LocalInsight = "local_insight",
        Tip = "tip",
    }
);

vocabulary!(
    /// What became of it.
    IntelStatus {
        Open = "open",
        InProgress = "in_progress",
        Resolved = "resolved",
        Archived = "archived",
        Verified = "verified",
        Closed = "closed",
    }
);

/// What it is called.
pub const TITLE: TextRule = TextRule::line(1, 200);

/// What it says.
pub const CONTENT: TextRule = TextRule::multiline(1, 5000);

/// Where it is about.
pub const LOCATION_NAME: TextRule = TextRule::line(1, 200);

/// What a response says.
pub const RESPONSE: TextRule = TextRule::multiline(1, 2000);

/// How deep threads go; what starts one is at 0.
pub const MAX_DEPTH: u8 = 5;

/// How much later than ours a client's clock may be.
const CLOCK_SKEW: SignedDuration = SignedDuration::from_mins(15);

/// A time at which something was seen.
///
/// # Errors
/// `range`.
pub fn observed(at: Timestamp, now: Timestamp) -> Result<Timestamp, Rule> {
    // 1900-01-01
    if at <= now + CLOCK_SKEW && at.as_second() >= -2_208_988_800 {
        Ok(at)
    } else {
        Err(Rule::new("range", "must not be in the future, nor before 1900"))
    }
}

/// What is said.
#[derive(Debug, Clone, PartialEq)]
pub struct Message {
    /// What kind of thing.
    pub intel_type: IntelType,
    /// What it is called.
    pub title: String,
    /// What it says.
    pub content: String,
    /// How bad it is.
    pub severity: Severity,
    /// Where it is.
    pub location: Option<Coordinates>,
    /// What people call that place.
    pub location_name: Option<String>,
    /// When it was seen.
    pub observed_at: Option<Timestamp>,
    /// Whether its author was there.
    pub verified_at_location: bool,
    /// Whether it is about safety.
    pub safety_related: bool,
    /// Whether it cannot wait.
    pub urgent: bool,
    /// Content identifiers of photos.
    pub photos: Vec<String>,
}

/// What somebody in charge says to it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Response {
    /// Who.
    pub by: UserId,
    /// What.
    pub text: String,
    /// When.
    pub at: Timestamp,
}

/// Something that a traveller asks or tells.
#[derive(Debug, Clone, PartialEq)]
pub struct Intel {
    /// Its id.
    pub id: IntelId,
    /// What it is about.
    pub itinerary: ItineraryId,
    /// Whose it is.
    pub author: UserId,
    /// What it answers.
    pub parent: Option<IntelId>,
    /// How many answers it takes to get here; 0 where a thread starts.
    pub depth: u8,
    /// What is said.
    pub message: Message,
    /// What became of it.
    pub status: IntelStatus,
    /// What somebody in charge says to it; the latest.
    pub response: Option<Response>,
    /// Since when it is resolved.
    pub resolved_at: Option<Timestamp>,
    /// When it was said.
    pub created_at: Timestamp,
    /// When it last changed.
    pub updated_at: Timestamp,
    /// Grows by one with every change.
    pub version: u64,
}

/// Why an answer cannot be given.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ThreadError {
    /// A thread is about one itinerary.
    #[error("must be about the same itinerary")]
    OtherItinerary,
    /// It would be too deep.
    #[error("must not be an answer of the deepest level; threads go {MAX_DEPTH} levels deep")]
    TooDeep,
}

/// Where a new message stands: how deep, in the thread of what it answers.
///
/// # Errors
/// Why it cannot stand there.
pub fn depth_of(itinerary: ItineraryId, parent: Option<&Intel>) -> Result<u8, ThreadError> {
    match parent {
        None => Ok(0),
        Some(parent) if parent.itinerary != itinerary => Err(ThreadError::OtherItinerary),
        Some(parent) if parent.depth >= MAX_DEPTH => Err(ThreadError::TooDeep),
        Some(parent) => Ok(parent.depth + 1),
    }
}

impl Intel {
    /// Changed by its author. Nothing changes when nothing differs.
    #[must_use]
    pub fn edited(&self, message: Message, status: IntelStatus, now: Timestamp) -> Self {
        if (&self.message, self.status) == (&message, status) {
            return self.clone();
        }
        Self {
            message,
            ..self.with_status(status, now)
        }
    }

    /// Responded to.
    #[must_use]
    pub fn responded(&self, by: UserId, text: String, status: IntelStatus, now: Timestamp) -> Self {
        Self {
            response: Some(Response { by, text, at: now }),
            ..self.with_status(status, now)
        }
    }

    fn with_status(&self, status: IntelStatus, now: Timestamp) -> Self {
        let resolved = status == IntelStatus::Resolved;
        Self {
            status,
            resolved_at: resolved.then(|| self.resolved_at.unwrap_or(now)),
            updated_at: now,
            version: self.version + 1,
            ..self.clone()
        }
    }

    /// What is counted of it.
    pub fn report(&self) -> Report {
        Report {
            intel_type: self.message.intel_type,
            critical: self.message.severity == Severity::Critical,
            resolved: self.status == IntelStatus::Resolved,
        }
    }

    /// How soon one should know of it: by severity, and what cannot wait before what can.
    pub fn urgency(&self) -> i64 {
        let severity = match self.message.severity {
            Severity::Low => 0,
            Severity::Medium => 1,
            Severity::High => 2,
            Severity::Critical => 3,
        };
        severity * 2 + i64::from(self.message.urgent)
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(1_800_000_000 + second).unwrap()
    }

    fn intel(depth: u8) -> Intel {
        Intel {
            id: IntelId::from_uuid(Uuid::from_u128(1)),
            itinerary: ItineraryId::from_uuid(Uuid::from_u128(2)),
            author: UserId::from_uuid(Uuid::from_u128(3)),
            parent: None,
            depth,
            message: Message {
                intel_type: IntelType::Tip,
                title: "Bridge".to_owned(),
                content: "Closed".to_owned(),
                severity: Severity::Low,
                location: None,
                location_name: None,
                observed_at: None,
                verified_at_location: false,
                safety_related: false,
                urgent: false,
                photos: Vec::new(),
            },
            status: IntelStatus::Open,
            response: None,
            resolved_at: None,
            created_at: at(0),
            updated_at: at(0),
            version: 1,
        }
    }

    #[test]
    fn threads_are_about_one_itinerary_and_go_so_deep() {
        let (same, other) = (
            ItineraryId::from_uuid(Uuid::from_u128(2)),
            ItineraryId::from_uuid(Uuid::from_u128(9)),
        );
        assert_eq!(depth_of(same, None), Ok(0));
        assert_eq!(depth_of(same, Some(&intel(0))), Ok(1));
        assert_eq!(depth_of(same, Some(&intel(4))), Ok(5));
        assert_eq!(depth_of(same, Some(&intel(5))), Err(ThreadError::TooDeep));
        assert_eq!(depth_of(other, Some(&intel(0))), Err(ThreadError::OtherItinerary));
    }

    #[test]
    fn it_is_resolved_from_the_first_time_until_it_is_opened_again() {
        let responder = UserId::from_uuid(Uuid::from_u128(4));
        let resolved = intel(0).responded(responder, "Done".to_owned(), IntelStatus::Resolved, at(5));
        assert_eq!((resolved.resolved_at, resolved.version), (Some(at(5)), 2));
        let again = resolved.responded(responder, "Really".to_owned(), IntelStatus::Resolved, at(9));
        assert_eq!(again.resolved_at, Some(at(5)));
        let opened = again.edited(again.message.clone(), IntelStatus::Open, at(12));
        assert_eq!((opened.resolved_at, opened.status), (None, IntelStatus::Open));
        assert_eq!(opened.edited(opened.message.clone(), IntelStatus::Open, at(20)), opened);
    }

    #[test]
    fn what_is_worse_or_cannot_wait_comes_first() {
        let of = |severity, urgent| {
            let mut intel = intel(0);
            (intel.message.severity, intel.message.urgent) = (severity, urgent);
            intel.urgency()
        };
        let order = [
            of(Severity::Low, false),
            of(Severity::Low, true),
            of(Severity::Medium, false),
            of(Severity::High, true),
            of(Severity::Critical, false),
            of(Severity::Critical, true),
        ];
        assert!(order.is_sorted_by(|a, b| a < b), "{order:?}");
    }
}
