use crate::validation::Rule;

/// How far a trip is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Status {
    /// Being planned.
    Planning,
    /// Booked.
    Booked,
    /// Over.
    Completed,
    /// Called off.
    Cancelled,
}

impl Status {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Planning, Self::Booked, Self::Completed, Self::Cancelled];

    /// The lower-case name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Planning => "planning",
            Self::Booked => "booked",
            Self::Completed => "completed",
            Self::Cancelled => "cancelled",
        }
    }

    /// Parses a name.
    ///
    /// # Errors
    /// `one_of` with the names that there are.
    pub fn parse(name: &str) -> Result<Self, Rule> {
        Self::ALL
            .into_iter()
            .find(|status| status.name() == name)
            .ok_or_else(|| Rule::new("one_of", "must be one of planning, booked, completed, cancelled"))
    }

    /// Whether a trip may go from this status to `next`. Staying is always possible.
    pub const fn may_become(self, next: Self) -> bool {
        match (self, next) {
            (Self::Planning, Self::Planning | Self::Booked | Self::Cancelled)
            | (Self::Booked, Self::Booked | Self::Completed | Self::Cancelled)
            | (Self::Completed, Self::Completed)
            | (Self::Cancelled, Self::Cancelled) => true,
            (Self::Planning, Self::Completed)
            | (Self::Booked, Self::Planning)
            | (Self::Completed, Self::Planning | Self::Booked | Self::Cancelled)
            | (Self::Cancelled, Self::Planning | Self::Booked | Self::Completed) => false,
        }
    }
}
