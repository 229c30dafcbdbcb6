//! Who is asking.

use std::{fmt, str::FromStr};

use crate::ids::{SessionId, TokenId, UserId};

/// What a person may be on the whole product. Roles within one trip are [`crate::trip::Role`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Role {
    /// Not signed in.
    Guest,
    /// A registered traveller.
    User,
    /// May moderate what others publish.
    Moderator,
    /// May operate the product.
    Admin,
}

impl Role {
    /// The lower-case name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Guest => "guest",
            Self::User => "user",
            Self::Moderator => "moderator",
            Self::Admin => "admin",
        }
    }
}

impl FromStr for Role {
    type Err = ();

    fn from_str(name: &str) -> Result<Self, ()> {
        match name {
            "guest" => Ok(Self::Guest),
            "user" => Ok(Self::User),
            "moderator" => Ok(Self::Moderator),
            "admin" => Ok(Self::Admin),
            _ => Err(()),
        }
    }
}

/// A part of the product that a personal access token may be limited to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Area {
    /// Own profile, preferences and activity.
    Profile,
    /// Trips, their items, sharing and templates.
    Trips,
    /// Searches for flights, stays, activities and destinations.
    Search,
    /// Bookings.
    Bookings,
    /// Itineraries that are published, safety, travel intel and groups.
    Community,
}

/// Permission of a personal access token: an area, to read or to write. Writing includes reading.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Scope {
    /// What part of the product.
    pub area: Area,
    /// Whether changes are allowed too.
    pub write: bool,
}

impl Scope {
    /// Every scope there is.
    pub const ALL: [Self; 10] = [
        Self {
            area: Area::Profile,
            write: false,
        },
        Self {
            area: Area::Profile,
            write: true,
        },
        Self {
            area: Area::Trips,
            write: false,
        },
        Self {
            area: Area::Trips,
            write: true,
        },
        Self {
            area: Area::Search,
            write: false,
        },
        Self {
            area: Area::Search,
            write: true,
        },
        Self {
            area: Area::Bookings,
            write: false,
        },
        Self {
            area: Area::Bookings,
            write: true,
        },
        Self {
            area: Area::Community,
            write: false,
        },
        Self {
            area: Area::Community,
            write: true,
        },
    ];

    /// Its name: `trips:read`.
    pub const fn name(self) -> &'static str {
        match (self.area, self.write) {
            (Area::Profile, false) => "profile:read",
            (Area::Profile, true) => "profile:write",
            (Area::Trips, false) => "trips:read",
            (Area::Trips, true) => "trips:write",
            (Area::Search, false) => "search:read",
            (Area::Search, true) => "search:write",
            (Area::Bookings, false) => "bookings:read",
            (Area::Bookings, true) => "bookings:write",
            (Area::Community, false) => "community:read",
            (Area::Community, true) => "community:write",
        }
    }

    /// Whether holding this scope permits what `needed` names.
    pub fn covers(self, needed: Self) -> bool {
        self.area == needed.area && (self.write || !needed.write)
    }
}

impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Scope {
    type Err = ();

    fn from_str(name: &str) -> Result<Self, ()> {
        Self::ALL.into_iter().find(|scope| scope.name() == name).ok_or(())
    }
}

/// How the caller proved who they are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Credential {
    /// An access token of a sign-in; it can do whatever its user can.
    Session(SessionId),
    /// A personal access token, limited to its scopes.
    Token(TokenId, Vec<Scope>),
}

/// An authenticated caller. Only the edge makes one, after it has checked the credential.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Principal {
    /// The person.
    pub user: UserId,
    /// Their role on the product.
    pub role: Role,
    /// Whether their e-mail address is confirmed.
    pub verified: bool,
    /// What they presented.
    pub credential: Credential,
}

impl Principal {
    /// Whether the credential itself permits `needed`; what the user may do is [`crate::policy`]'s question.
    pub fn holds(&self, needed: Scope) -> bool {
        match &self.credential {
            Credential::Session(_) => true,
            Credential::Token(_, scopes) => scopes.iter().any(|scope| scope.covers(needed)),
        }
    }

    /// The session, when the caller came with one.
    pub fn session(&self) -> Option<SessionId> {
        match self.credential {
            Credential::Session(session) => Some(session),
            Credential::Token(..) => None,
        }
    }
}
