use jiff::Timestamp;

use crate::{ids::UserId, validation::Rule};

/// Members of one trip at most, the owner included. Every change of a trip's content touches a row of each.
pub const MAX_MEMBERS: usize = 20;

/// What a member may do in one trip.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Role {
    /// Sees everything.
    Viewer,
    /// Changes the plan too.
    Editor,
    /// Shares it too.
    Admin,
    /// The one who made it; may also delete it.
    Owner,
}

impl Role {
    /// The name that clients see: the permission level.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Viewer => "view",
            Self::Editor => "edit",
            Self::Admin => "admin",
            Self::Owner => "owner",
        }
    }

    /// Parses a name that is stored.
    pub fn from_name(name: &str) -> Option<Self> {
        [Self::Viewer, Self::Editor, Self::Admin, Self::Owner]
            .into_iter()
            .find(|role| role.name() == name)
    }

    /// Parses a permission level that can be given to somebody.
    ///
    /// # Errors
    /// `one_of` for anything but `view`, `edit` and `admin`.
    pub fn parse_granted(name: &str) -> Result<Self, Rule> {
        match Self::from_name(name) {
            Some(role) if role != Self::Owner => Ok(role),
            _ => Err(Rule::new("one_of", "must be one of view, edit, admin")),
        }
    }
}

/// Somebody who takes part in a trip.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Member {
    /// Who.
    pub user: UserId,
    /// What they may do.
    pub role: Role,
    /// Who let them in.
    pub added_by: UserId,
    /// Since when.
    pub added_at: Timestamp,
}
