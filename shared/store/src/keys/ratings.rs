//! Keys of safety ratings and of travel intel.

use tripsage_domain::{
    ids::{IntelId, ItineraryId, RatingId, UserId},
    votes::Subject,
};

use super::{Key, Table, reactions::subject_partition, user_partition};

/// Beginning of the sort keys of a rating and of how it stands, and of nothing else; the sort key of the rating itself.
pub(crate) const RATING: &str = "RATING";

/// Sort key of how a rating stands.
pub(crate) const RATING_STANDING: &str = "RATING#STANDING";

/// Beginning of the sort keys of a piece of intel and of how it stands, and of nothing else; the sort key of itself.
pub(crate) const INTEL: &str = "INTEL";

/// Sort key of how a piece of intel stands.
pub(crate) const INTEL_STANDING: &str = "INTEL#STANDING";

/// A safety rating.
pub(crate) fn rating(id: RatingId) -> Key {
    Key::new(
        Table::Community,
        subject_partition(Subject::Rating(id)),
        RATING.to_owned(),
    )
}

/// What others think of a rating, and where it is listed.
pub(crate) fn rating_standing(id: RatingId) -> Key {
    Key::new(
        Table::Community,
        subject_partition(Subject::Rating(id)),
        RATING_STANDING.to_owned(),
    )
}

/// Which rating of an itinerary is a user's: there is one at most.
pub(crate) fn rated(user: UserId, itinerary: ItineraryId) -> Key {
    Key::new(
        Table::Community,
        user_partition(user),
        format!("{RATED_PREFIX}{itinerary}"),
    )
}

/// Beginning of the sort keys of what a user has rated.
pub(crate) const RATED_PREFIX: &str = "RATED#";

/// A piece of travel intel.
pub(crate) fn intel(id: IntelId) -> Key {
    Key::new(
        Table::Community,
        subject_partition(Subject::Intel(id)),
        INTEL.to_owned(),
    )
}

/// What others think of a piece of intel, and where it is listed.
pub(crate) fn intel_standing(id: IntelId) -> Key {
    Key::new(
        Table::Community,
        subject_partition(Subject::Intel(id)),
        INTEL_STANDING.to_owned(),
    )
}

/// That a piece of intel is a user's.
pub(crate) fn told(user: UserId, intel: IntelId) -> Key {
    Key::new(Table::Community, user_partition(user), format!("{TOLD_PREFIX}{intel}"))
}

/// Beginning of the sort keys of what a user has told.
pub(crate) const TOLD_PREFIX: &str = "TOLD#";

/// That a user has responded to a piece of intel.
pub(crate) fn responded(user: UserId, intel: IntelId) -> Key {
    Key::new(
        Table::Community,
        user_partition(user),
        format!("{RESPONDED_PREFIX}{intel}"),
    )
}

/// Beginning of the sort keys of what a user has responded to.
pub(crate) const RESPONDED_PREFIX: &str = "RESPONDED#";
