//! What happened to something that others count: the language between what is written and what is counted of it.
//!
//! Each change says what was before and what is after, so that counting is adding a difference: changes can be counted
//! in any order, and the sum is the same.

use crate::{
    guide::BookingStatus,
    ids::{GroupId, GuideBookingId, GuideId, ItineraryId, UserId},
    intel::IntelType,
    votes::{Subject, Vote},
};

/// Scores of one safety rating.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Scores {
    /// Of everything together, 1 to 5.
    pub overall: u8,
    /// Of places to stay, 1 to 5.
    pub accommodation: Option<u8>,
    /// Of the route, 1 to 5.
    pub route: Option<u8>,
    /// Of the people there, 1 to 5.
    pub community: Option<u8>,
    /// For women, 1 to 5.
    pub women: Option<u8>,
    /// Whether the traveller is verified.
    pub verified: bool,
}

/// What is counted of one piece of travel intel.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Report {
    /// What kind of thing it says.
    pub intel_type: IntelType,
    /// Whether it is critical.
    pub critical: bool,
    /// Whether it is resolved.
    pub resolved: bool,
}

/// One change.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Change {
    /// Somebody voted, voted otherwise, or took their vote back. A vote on a rating names the itinerary that is rated.
    Voted {
        /// On what.
        subject: Subject,
        /// The itinerary behind it, if there is one.
        itinerary: Option<ItineraryId>,
        /// Their vote before.
        before: Option<Vote>,
        /// Their vote now.
        after: Option<Vote>,
    },
    /// Somebody saw a thing who had not seen it before.
    Viewed {
        /// Which.
        subject: Subject,
    },
    /// Somebody rated an itinerary, rated it otherwise, or took the rating back.
    Rated {
        /// Which.
        itinerary: ItineraryId,
        /// By whom.
        by: UserId,
        /// What they said before.
        before: Option<Scores>,
        /// What they say now.
        after: Option<Scores>,
    },
    /// Travel intel about an itinerary came, changed or went.
    Reported {
        /// Which.
        itinerary: ItineraryId,
        /// By whom.
        by: UserId,
        /// What it was before.
        before: Option<Report>,
        /// What it is now.
        after: Option<Report>,
    },
    /// An itinerary became the source of another, or is no longer.
    Remixed {
        /// The source.
        itinerary: ItineraryId,
        /// One more (1) or one less (-1).
        delta: i64,
    },
    /// A traveller published an itinerary, or it is no longer to be seen.
    Published {
        /// Which.
        itinerary: ItineraryId,
        /// Whose it is.
        by: UserId,
        /// One more (1) or one less (-1).
        delta: i64,
    },
    /// A group is not what it was: what it says, or how many belong to it.
    Grouped {
        /// Which.
        group: GroupId,
    },
    /// Somebody is asked to join a group.
    Invited {
        /// Which.
        group: GroupId,
    },
    /// Somebody asks to join a group.
    Requested {
        /// Which.
        group: GroupId,
    },
    /// Somebody belongs to a group now.
    Joined {
        /// Which.
        group: GroupId,
        /// Who.
        user: UserId,
        /// Whether they had asked for it.
        asked: bool,
    },
    /// A guide is engaged, or an engagement has become something else.
    Engaged {
        /// Which engagement.
        booking: GuideBookingId,
        /// Of which guide.
        guide: GuideId,
        /// How far it is.
        status: BookingStatus,
    },
    /// Somebody has said how a guide was.
    Reviewed {
        /// After which engagement.
        booking: GuideBookingId,
        /// Of which guide.
        guide: GuideId,
    },
}
