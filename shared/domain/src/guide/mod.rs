//! Guides for women: who offers to guide, whom a moderator has looked at, who may be booked, and how they are rated.

mod booking;
mod calendar;
mod rating;
mod reports;

use jiff::Timestamp;

pub use booking::{
    Actor, BookingError, BookingEvent, BookingStatus, CURRENCY, GuideBooking, MAX_DAYS, MAX_GROUP, PaymentStatus,
    Reviewed, Terms, price,
};
pub use calendar::{Calendar, Engagement};
pub use rating::{Aspect, Rated, Ratings, Scores};
pub use reports::{MAX_REPORTS, ReportError, Reports, ReviewReport};

use crate::{
    ids::{GuideId, UserId},
    money::Money,
    vocabulary::vocabulary,
};

vocabulary! {
    /// How much of a guide a moderator has seen for themselves.
    Level {
        Bronze = "bronze",
        Silver = "silver",
        Gold = "gold",
        Platinum = "platinum",
    }
}

vocabulary! {
    /// Whether a guide takes bookings, by their own word.
    Availability {
        Available = "available",
        Busy = "busy",
        Unavailable = "unavailable",
    }
}

vocabulary! {
    /// How far a guide is.
    State {
        Pending = "pending",
        Verified = "verified",
        Suspended = "suspended",
    }
}

/// Entries of each list of a profile, at most: all of them are found in the catalogue, and change in one transaction.
pub const MAX_ENTRIES: usize = 8;

/// What guides say of themselves.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Profile {
    /// Under what name they guide.
    pub display_name: String,
    /// For how many years they have been doing it.
    pub years_of_experience: u32,
    /// What they speak.
    pub languages: Vec<String>,
    /// What they are good at.
    pub specializations: Vec<String>,
    /// Where they like to go.
    pub favorite_destinations: Vec<String>,
    /// Where they guide.
    pub service_locations: Vec<String>,
    /// What an hour costs, in US dollars.
    pub hourly_rate: Money,
    /// Whether they take bookings.
    pub availability: Availability,
    /// How many people they guide at once, at most.
    pub max_group_size: u32,
    /// Whether one can stay with them.
    pub offers_accommodation: bool,
    /// Whether one can eat with them.
    pub offers_meals: bool,
    /// Where they are written to; for those whose booking they have confirmed.
    pub contact_email: Option<String>,
    /// Where they are called; for the same.
    pub phone: Option<String>,
    /// What they say of cancellations.
    pub cancellation_policy: Option<String>,
    /// What they do so that nothing happens.
    pub safety_protocols: Option<String>,
}

/// What a moderator has looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Verification {
    /// The level that comes of it.
    pub level: Level,
    /// When.
    pub at: Timestamp,
    /// Whether their background was checked.
    pub background_check: bool,
    /// Whether they are trained for emergencies.
    pub emergency_training: bool,
    /// Whether they are certified in first aid.
    pub first_aid: bool,
}

/// That a guide may not guide for the time being.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Suspension {
    /// Why; for the guide and for moderators.
    pub reason: String,
    /// Since when.
    pub at: Timestamp,
    /// Until when, by itself; `None`: until a moderator lifts it.
    pub until: Option<Timestamp>,
}

/// A guide.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Guide {
    /// Its id.
    pub id: GuideId,
    /// Who it is.
    pub user: UserId,
    /// What they say of themselves.
    pub profile: Profile,
    /// What a moderator has looked at.
    pub verification: Option<Verification>,
    /// That they may not guide.
    pub suspension: Option<Suspension>,
    /// Whether moderators recommend them.
    pub featured: bool,
    /// When they applied.
    pub created_at: Timestamp,
    /// When anything of this changed.
    pub updated_at: Timestamp,
    /// Grows with every change.
    pub version: u64,
}

/// Why a guide cannot be booked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NotBookable {
    /// Nobody has verified them yet.
    #[error("the guide is not verified yet")]
    Pending,
    /// They are suspended.
    #[error("the guide is suspended")]
    Suspended,
    /// They take no bookings.
    #[error("the guide takes no bookings at the moment")]
    Unavailable,
}

impl Guide {
    /// How far they are at this instant: a suspension ends by itself.
    pub fn state(&self, now: Timestamp) -> State {
        let is_suspended = |suspension: &Suspension| suspension.until.is_none_or(|until| now < until);
        if self.suspension.as_ref().is_some_and(is_suspended) {
            State::Suspended
        } else if self.verification.is_some() {
            State::Verified
        } else {
            State::Pending
        }
    }

    /// Whether they can be booked at this instant.
    ///
    /// # Errors
    /// Why not.
    pub fn bookable(&self, now: Timestamp) -> Result<(), NotBookable> {
        match (self.state(now), self.profile.availability) {
            (State::Pending, _) => Err(NotBookable::Pending),
            (State::Suspended, _) => Err(NotBookable::Suspended),
            (State::Verified, Availability::Available) => Ok(()),
            (State::Verified, Availability::Busy | Availability::Unavailable) => Err(NotBookable::Unavailable),
        }
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;
    use crate::money::Currency;

    #[test]
    fn who_is_verified_available_and_not_suspended_can_be_booked() {
        let at: Timestamp = "2027-01-01T00:00:00Z".parse().unwrap();
        let later: Timestamp = "2027-01-02T00:00:00Z".parse().unwrap();
        let verified = Verification {
            level: Level::Gold,
            at,
            background_check: true,
            emergency_training: false,
            first_aid: true,
        };
        let suspended = |until| Suspension {
            reason: "r".to_owned(),
            at,
            until,
        };
        use Availability::{Available, Busy};
        for (verification, suspension, availability, bookable) in [
            (None, None, Available, Err(NotBookable::Pending)),
            (Some(verified), None, Available, Ok(())),
            (Some(verified), None, Busy, Err(NotBookable::Unavailable)),
            (
                Some(verified),
                Some(suspended(None)),
                Available,
                Err(NotBookable::Suspended),
            ),
            (
                Some(verified),
                Some(suspended(Some(later))),
                Available,
                Err(NotBookable::Suspended),
            ),
            (Some(verified), Some(suspended(Some(at))), Available, Ok(())),
            (None, Some(suspended(Some(at))), Available, Err(NotBookable::Pending)),
        ] {
            let guide = Guide {
                id: GuideId::from_uuid(Uuid::nil()),
                user: UserId::from_uuid(Uuid::nil()),
                profile: Profile {
                    display_name: "Asha".to_owned(),
                    years_of_experience: 3,
                    languages: Vec::new(),
                    specializations: Vec::new(),
                    favorite_destinations: Vec::new(),
                    service_locations: Vec::new(),
                    hourly_rate: Money {
                        minor: 2500,
                        currency: Currency::USD,
                    },
                    availability,
                    max_group_size: 4,
                    offers_accommodation: false,
                    offers_meals: false,
                    contact_email: None,
                    phone: None,
                    cancellation_policy: None,
                    safety_protocols: None,
                },
                verification,
                suspension,
                featured: false,
                created_at: at,
                updated_at: at,
                version: 1,
            };
            assert_eq!(guide.bookable(at), bookable);
        }
    }
}
