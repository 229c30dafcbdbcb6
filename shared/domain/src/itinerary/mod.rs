//! Itineraries that travellers write for others: drafts, which only their owner sees, and published ones.

mod content;
mod parts;
mod remix;
mod route;

use jiff::{SignedDuration, Timestamp};

use crate::{
    ids::{ItineraryId, UserId},
    policy::{Denial, ItineraryAction, may_itinerary},
    principal::Principal,
};

pub use content::{
    BudgetRange, Companion, Content, DESCRIPTION, DESTINATION, Difficulty, MAX_ACTIVITY_TAGS, MAX_COMPANIONS,
    MAX_DURATION, MAX_LIST, MAX_SCREENSHOTS, NARRATIVE, Narratives, SHORT, TAGLINE, TITLE, activity_tags, duration,
    tag,
};
pub use parts::{
    AlertStatus, Business, DayPlan, HiddenGem, MAX_DAY, Part, PartId, PartKind, SafetyAlert, Severity, day_number,
};
pub use remix::{MAX_SOURCES, PROMPT, Remix, remixed};
pub use route::{MAX_POINTS, MAX_SEGMENTS, MAX_WAYPOINTS, Point, Route, RouteSummary, Waypoint};

/// For how long a deleted itinerary can be brought back.
pub const RESTORE_WINDOW: SignedDuration = SignedDuration::from_hours(30 * 24);

/// How far an itinerary is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum State {
    /// Only its owner sees it.
    Draft,
    /// Everybody sees it.
    Published,
    /// Nobody sees it; its owner can bring it back for a while.
    Deleted,
    /// Nobody sees it, because a moderator has removed it.
    Removed,
}

impl State {
    /// The lower-case name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Draft => "draft",
            Self::Published => "published",
            Self::Deleted | Self::Removed => "deleted",
        }
    }
}

/// When an itinerary was deleted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Deletion {
    /// When.
    pub at: Timestamp,
    /// Whether a moderator did it rather than the owner.
    pub by_moderator: bool,
}

/// How many parts of each kind an itinerary has.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct PartCounts {
    /// Plans of days.
    pub days: usize,
    /// Businesses that it recommends.
    pub businesses: usize,
    /// Places worth finding.
    pub gems: usize,
    /// Things to beware of.
    pub alerts: usize,
}

impl PartCounts {
    /// The number of one kind.
    pub const fn of(&self, kind: PartKind) -> usize {
        match kind {
            PartKind::Day => self.days,
            PartKind::Business => self.businesses,
            PartKind::HiddenGem => self.gems,
            PartKind::SafetyAlert => self.alerts,
        }
    }

    fn of_mut(&mut self, kind: PartKind) -> &mut usize {
        match kind {
            PartKind::Day => &mut self.days,
            PartKind::Business => &mut self.businesses,
            PartKind::HiddenGem => &mut self.gems,
            PartKind::SafetyAlert => &mut self.alerts,
        }
    }
}

/// An itinerary without its parts.
#[derive(Debug, Clone, PartialEq)]
pub struct Itinerary {
    /// Its id.
    pub id: ItineraryId,
    /// Who wrote it.
    pub owner: UserId,
    /// What it says.
    pub content: Content,
    /// Whether it is published, unless it is deleted.
    pub is_published: bool,
    /// How many parts it has.
    pub parts: PartCounts,
    /// What there is to know of its route, if it has one.
    pub route: Option<RouteSummary>,
    /// What it was made from, if it is a remix.
    pub remix: Option<Remix>,
    /// Grows by one with every change.
    pub version: u64,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it last changed.
    pub updated_at: Timestamp,
    /// When it was first published.
    pub published_at: Option<Timestamp>,
    /// When it was deleted.
    pub deleted: Option<Deletion>,
}

/// Why something cannot be done to an itinerary.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ItineraryError {
    /// The caller may not.
    #[error("not permitted")]
    Denied(Denial),
    /// There are as many as there can be.
    #[error("an itinerary can have at most {1} {0}")]
    Full(&'static str, usize),
    /// It can be brought back only for a while after it was deleted.
    #[error("the itinerary is not deleted")]
    NotDeleted,
}

impl From<Denial> for ItineraryError {
    fn from(denial: Denial) -> Self {
        Self::Denied(denial)
    }
}

impl Itinerary {
    /// A draft; version 1 is what is stored first.
    pub fn new(id: ItineraryId, owner: UserId, content: Content, now: Timestamp) -> Self {
        Self {
            id,
            owner,
            content,
            is_published: false,
            parts: PartCounts::default(),
            route: None,
            remix: None,
            version: 1,
            created_at: now,
            updated_at: now,
            published_at: None,
            deleted: None,
        }
    }

    /// How far it is.
    pub const fn state(&self) -> State {
        match (self.deleted, self.is_published) {
            (Some(Deletion { by_moderator: true, .. }), _) => State::Removed,
            (Some(_), _) => State::Deleted,
            (None, true) => State::Published,
            (None, false) => State::Draft,
        }
    }

    /// Whether everybody sees it.
    pub fn is_public(&self) -> bool {
        self.state() == State::Published
    }

    /// Whether it has a route of at least two points.
    pub const fn has_gps(&self) -> bool {
        self.route.is_some()
    }

    /// Lets who may go on.
    ///
    /// # Errors
    /// What the refusal may reveal.
    pub fn permit(&self, caller: Option<&Principal>, action: ItineraryAction) -> Result<(), Denial> {
        may_itinerary(caller, self.owner, self.state(), action)
    }

    /// As [`Self::permit`], for the next version of it.
    fn next(&self, caller: &Principal, action: ItineraryAction, now: Timestamp) -> Result<Self, ItineraryError> {
        self.permit(Some(caller), action)?;
        Ok(Self {
            version: self.version + 1,
            updated_at: now,
            ..self.clone()
        })
    }

    /// With another content, another state of publication, or both. Nothing changes when nothing differs.
    ///
    /// # Errors
    /// When the caller may not.
    pub fn edited(
        &self,
        caller: &Principal,
        content: Content,
        is_published: bool,
        now: Timestamp,
    ) -> Result<Self, ItineraryError> {
        let mut after = self.next(caller, ItineraryAction::Edit, now)?;
        if (&self.content, self.is_published) == (&content, is_published) {
            return Ok(self.clone());
        }
        after.content = content;
        after.publish(is_published, now);
        Ok(after)
    }

    /// Publishes it, or makes it a draft again.
    pub fn publish(&mut self, is_published: bool, now: Timestamp) {
        self.is_published = is_published;
        if is_published {
            self.published_at.get_or_insert(now);
        }
    }

    /// With another route, or none.
    ///
    /// # Errors
    /// When the caller may not.
    pub fn routed(
        &self,
        caller: &Principal,
        route: Option<RouteSummary>,
        now: Timestamp,
    ) -> Result<Self, ItineraryError> {
        let mut after = self.next(caller, ItineraryAction::Edit, now)?;
        after.route = route;
        Ok(after)
    }

    /// With `added` more (or, below zero, fewer) parts of a kind; 0 when one of them changes.
    ///
    /// # Errors
    /// When the caller may not, or there are too many.
    pub fn with_parts(
        &self,
        caller: &Principal,
        kind: PartKind,
        added: isize,
        now: Timestamp,
    ) -> Result<Self, ItineraryError> {
        let mut after = self.next(caller, ItineraryAction::Edit, now)?;
        let count = after.parts.of_mut(kind);
        *count = count.saturating_add_signed(added);
        if added > 0 && *count > kind.max() {
            return Err(ItineraryError::Full(kind.plural(), kind.max()));
        }
        Ok(after)
    }

    /// Deleted: by its owner, who can bring it back, or by a moderator.
    ///
    /// # Errors
    /// When the caller may not.
    pub fn deleted(&self, caller: &Principal, now: Timestamp) -> Result<Self, ItineraryError> {
        let mut after = self.next(caller, ItineraryAction::Delete, now)?;
        after.deleted = Some(Deletion {
            at: now,
            by_moderator: caller.user != self.owner,
        });
        Ok(after)
    }

    /// Brought back as it was.
    ///
    /// # Errors
    /// When the caller may not, or it is too late.
    pub fn restored(&self, caller: &Principal, now: Timestamp) -> Result<Self, ItineraryError> {
        let mut after = self.next(caller, ItineraryAction::Restore, now)?;
        match after.deleted.take() {
            Some(deletion) if now <= deletion.at + RESTORE_WINDOW => Ok(after),
            Some(_) => Err(Denial::Hidden.into()),
            None => Err(ItineraryError::NotDeleted),
        }
    }
}

#[cfg(test)]
mod tests;
