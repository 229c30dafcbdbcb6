//! What kinds of bookings there are, and how far one is.

use super::BookingError;
use crate::validation::Rule;

/// What kind of thing was booked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[expect(missing_docs, reason = "the names are the documentation")]
pub enum Kind {
    Flight,
    Accommodation,
    Activity,
}

impl Kind {
    const ALL: [Self; 3] = [Self::Flight, Self::Accommodation, Self::Activity];

    /// The lower-case name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Flight => "flight",
            Self::Accommodation => "accommodation",
            Self::Activity => "activity",
        }
    }

    /// Parses a name.
    ///
    /// # Errors
    /// `one_of`.
    pub fn parse(name: &str) -> Result<Self, Rule> {
        Self::ALL
            .into_iter()
            .find(|kind| kind.name() == name)
            .ok_or_else(|| Rule::new("one_of", "must be one of flight, accommodation, activity"))
    }
}

/// How far a booking is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Status {
    /// Recorded, and not booked.
    Saved,
    /// Ordered, and not confirmed: perhaps it is not known whether the order exists.
    Pending,
    /// Held by the provider until it is paid.
    Held,
    /// Confirmed.
    Booked,
    /// Cancelled.
    Cancelled,
    /// Held, and not paid in time.
    Expired,
    /// Nothing was ordered.
    Failed,
    /// What became of it could not be found out; a person has to.
    NeedsReview,
}

impl Status {
    /// All of them.
    pub const ALL: [Self; 8] = [
        Self::Saved,
        Self::Pending,
        Self::Held,
        Self::Booked,
        Self::Cancelled,
        Self::Expired,
        Self::Failed,
        Self::NeedsReview,
    ];

    /// The lower-case name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Saved => "saved",
            Self::Pending => "pending",
            Self::Held => "held",
            Self::Booked => "booked",
            Self::Cancelled => "cancelled",
            Self::Expired => "expired",
            Self::Failed => "failed",
            Self::NeedsReview => "needs_review",
        }
    }

    /// Parses a name.
    ///
    /// # Errors
    /// `one_of`.
    pub fn parse(name: &str) -> Result<Self, Rule> {
        Self::ALL
            .into_iter()
            .find(|status| status.name() == name)
            .ok_or_else(|| {
                let names: Vec<&str> = Self::ALL.iter().map(|status| status.name()).collect();
                Rule::new("one_of", format!("must be one of {}", names.join(", ")))
            })
    }

    /// Whether a booking that somebody recorded may become `next` because they say so.
    ///
    /// # Errors
    /// [`BookingError::Transition`].
    pub fn recorded_as(self, next: Self) -> Result<Self, BookingError> {
        match (self, next) {
            (Self::Saved, Self::Booked | Self::Cancelled) | (Self::Booked, Self::Cancelled) => Ok(next),
            (from, to) if from == to && matches!(to, Self::Saved | Self::Booked | Self::Cancelled) => Ok(to),
            (from, to) => Err(BookingError::Transition { from, to }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_recorded_moves_forward_only() {
        use Status::{Booked, Cancelled, Saved};
        let allowed = [
            (Saved, Saved),
            (Saved, Booked),
            (Saved, Cancelled),
            (Booked, Booked),
            (Booked, Cancelled),
            (Cancelled, Cancelled),
        ];
        for from in Status::ALL {
            for to in Status::ALL {
                assert_eq!(
                    from.recorded_as(to).is_ok(),
                    allowed.contains(&(from, to)),
                    "{from:?} {to:?}"
                );
            }
        }
    }

    #[test]
    fn every_name_is_read_back() {
        for status in Status::ALL {
            assert_eq!(Status::parse(status.name()).unwrap(), status);
        }
        assert!(Status::parse("viewed").is_err());
    }
}
