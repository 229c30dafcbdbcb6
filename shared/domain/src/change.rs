//! What happened to something in public, as those see it who count.
//!
//! A counter is never changed by the request that gives reason to: that request stores its own row (a vote, a rating),
//! and the counter follows from what the row said before and what it says after. A [`Change`] is that difference, and a
//! [`Target`] is what counts it. Changes of one target commute, so that the order in which they arrive does not matter.

use crate::ids::{GroupId, GuideId, IntelId, ItineraryId, RatingId, ResourceId, UserId};

/// What counts a change.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Target {
    /// An itinerary.
    Itinerary(ItineraryId),
    /// A safety rating.
    Rating(RatingId),
    /// A piece of travel intel.
    Intel(IntelId),
    /// Something to read about the safety of women.
    Resource(ResourceId),
    /// A group that travels together.
    Group(GroupId),
    /// A guide for women.
    Guide(GuideId),
    /// What a traveller has contributed.
    Traveller(UserId),
}

/// What a safety rating says, as far as others count it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RatingCounted {
    /// The overall score, 1 to 5.
    pub score: u8,
    /// Whether its author is a verified traveller.
    pub verified: bool,
}

/// What a piece of travel intel says, as far as others count it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct IntelCounted {
    /// Whether it is about the safety of an itinerary and not yet settled.
    pub open_alert: bool,
}

/// One difference, as its target sees it. `None` is: there was, or is, no such thing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Change {
    /// Somebody's vote: 1 for up or helpful, -1 for down or unhelpful, 0 for neither.
    Vote {
        /// As it was.
        before: i8,
        /// As it is.
        after: i8,
    },
    /// Somebody saw it who had not seen it before.
    Viewed,
    /// A safety rating of an itinerary, or by a traveller.
    Rated {
        /// As it was.
        before: Option<RatingCounted>,
        /// As it is.
        after: Option<RatingCounted>,
    },
    /// Travel intel about an itinerary, or by a traveller.
    Told {
        /// As it was.
        before: Option<IntelCounted>,
        /// As it is.
        after: Option<IntelCounted>,
    },
    /// Replies to a piece of intel came (1) or went (-1).
    Replied(i64),
    /// A traveller's published itineraries became more (1) or fewer (-1).
    Published(i64),
    /// Itineraries made from this one became more (1) or fewer (-1).
    Remixed(i64),
    /// Members of a group became more (1) or fewer (-1).
    Joined(i64),
    /// A review of a guide: 1 to 5.
    Reviewed {
        /// As it was.
        before: Option<u8>,
        /// As it is.
        after: Option<u8>,
    },
}

/// By how much the number of a kind of thing grows when `before` becomes `after`: 1, 0 or -1.
pub fn grown<T>(before: Option<&T>, after: Option<&T>) -> i64 {
    i64::from(after.is_some()) - i64::from(before.is_some())
}
