//! A trip: where and when, who takes part, and what is planned.

mod content;
mod copying;
mod item;
mod itinerary;
mod leaving;
mod member;
mod preferences;
mod sharing;
mod status;
mod template;
mod when;

use jiff::Timestamp;

pub use content::{
    Content, ContentPatch, Coordinates, Destination, MAX_DESTINATIONS, MAX_TAGS, TripType, country_code,
};
pub use copying::{MAX_TITLE, Shift, copied_title};
pub use item::{
    Cabin, Details, Item, ItemStatus, ItemType, Location, MAX_SEATS, MealType, Mode, Plan, airport, web_address,
};
pub use itinerary::{Cost, Costs, Day, Itinerary, Part, completion, costs, itinerary};
pub use member::{MAX_MEMBERS, Member, Role};
pub use preferences::{AccommodationWishes, Budget, MAX_ENTRIES, Preferences, Scalar, TransportWishes, category};
pub use sharing::INVITATION_LIFE;
pub use status::Status;
pub use template::{MAX_TEMPLATE_ITEMS, MAX_TEMPLATES, Template, TemplateVisibility, assembled};
pub use when::{LocalTime, When, Zone, check_order};

use crate::{
    ids::{TripId, UserId},
    policy::{Denial, TripAction, may_trip},
};

/// Items in one trip at most.
pub const MAX_ITEMS: usize = 200;

/// A trip with everything that one read gives: its content and its members.
#[derive(Debug, Clone, PartialEq)]
pub struct Trip {
    /// Its id.
    pub id: TripId,
    /// What its members edit.
    pub content: Content,
    /// Who takes part; exactly one is the owner. At most [`MAX_MEMBERS`].
    pub members: Vec<Member>,
    /// Grows by one with each change of the content: the entity's version towards clients.
    pub revision: u64,
    /// Grows by one with each change of anything: content, members, items, links. Number of the newest version.
    pub sequence: u64,
    /// Hash of the newest version; see the version history.
    pub head: String,
    /// How many items it has.
    pub item_count: usize,
    /// When it was made.
    pub created_at: Timestamp,
    /// When anything last changed.
    pub updated_at: Timestamp,
    /// When it was deleted; it can be brought back for a while.
    pub deleted_at: Option<Timestamp>,
}

/// How long a deleted trip can be brought back.
pub const RESTORE_WINDOW: jiff::SignedDuration = jiff::SignedDuration::from_hours(30 * 24);

/// What a trip's state does not permit.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TripError {
    /// The policy refuses.
    #[error("refused")]
    Denied(Denial),
    /// The status machine has no such step.
    #[error("a {} trip cannot become {}", .from.name(), .to.name())]
    Transition {
        /// Where it is.
        from: Status,
        /// Where it should go.
        to: Status,
    },
    /// What would be stored together does not fit together.
    #[error(transparent)]
    Invalid(#[from] crate::validation::Invalid),
    /// Too many members or items.
    #[error("a trip has at most {0} {1}")]
    Full(usize, &'static str),
    /// The person does not take part.
    #[error("collaborator not found")]
    NoMember,
    /// A trip always has its owner.
    #[error("the owner cannot leave the trip or give the role away; delete the trip instead")]
    LastOwner,
    /// It is not deleted, or was deleted too long ago.
    #[error("there is nothing to restore")]
    NotDeleted,
}

impl From<Denial> for TripError {
    fn from(denial: Denial) -> Self {
        Self::Denied(denial)
    }
}

impl Trip {
    /// A new trip of `owner`.
    pub fn new(id: TripId, owner: UserId, content: Content, now: Timestamp) -> Self {
        Self {
            id,
            content,
            members: vec![Member {
                user: owner,
                role: Role::Owner,
                added_by: owner,
                added_at: now,
            }],
            revision: 1,
            sequence: 1,
            head: String::new(),
            item_count: 0,
            created_at: now,
            updated_at: now,
            deleted_at: None,
        }
    }

    /// What `user` may do here; `None` when they are no member.
    pub fn role_of(&self, user: UserId) -> Option<Role> {
        self.members
            .iter()
            .find(|member| member.user == user)
            .map(|member| member.role)
    }

    /// The owner's id.
    pub fn owner(&self) -> Option<UserId> {
        self.members
            .iter()
            .find(|member| member.role == Role::Owner)
            .map(|member| member.user)
    }

    /// Lets `user` do `action`, or says what the refusal may reveal.
    ///
    /// # Errors
    /// [`TripError::Denied`].
    pub fn permit(&self, user: UserId, action: TripAction) -> Result<(), TripError> {
        Ok(may_trip(self.role_of(user), action, self.deleted_at.is_some())?)
    }

    /// The trip with changed content. Nothing changed gives the same revision.
    ///
    /// # Errors
    /// When `user` may not, the status machine forbids, or the dates are the wrong way round.
    pub fn edited(&self, user: UserId, patch: ContentPatch, now: Timestamp) -> Result<Self, TripError> {
        self.permit(user, TripAction::Edit)?;
        let content = self.content.patched(patch)?;
        if content == self.content {
            return Ok(self.clone());
        }
        Ok(Self {
            content,
            revision: self.revision + 1,
            updated_at: now,
            ..self.clone()
        })
    }

    /// The trip, deleted; it can be restored within [`RESTORE_WINDOW`].
    ///
    /// # Errors
    /// When `user` may not.
    pub fn deleted(&self, user: UserId, now: Timestamp) -> Result<Self, TripError> {
        self.permit(user, TripAction::Delete)?;
        if self.deleted_at.is_some() {
            return Err(TripError::Denied(Denial::Hidden));
        }
        Ok(Self {
            deleted_at: Some(now),
            updated_at: now,
            ..self.clone()
        })
    }

    /// The trip, brought back.
    ///
    /// # Errors
    /// When `user` may not, or it is not deleted, or was too long ago.
    pub fn restored(&self, user: UserId, now: Timestamp) -> Result<Self, TripError> {
        self.permit(user, TripAction::Delete)?;
        match self.deleted_at {
            Some(at) if now.duration_since(at) <= RESTORE_WINDOW => Ok(Self {
                deleted_at: None,
                updated_at: now,
                ..self.clone()
            }),
            Some(_) => Err(TripError::Denied(Denial::Hidden)),
            None => Err(TripError::NotDeleted),
        }
    }
}
