//! Groups that travel together: what they are, who may do what in them, and whom they suit.
//!
//! A group row and one member row are all that a decision needs: the group counts its members itself, so that whether
//! there is a place left is a fact of one row.

mod content;
mod matching;
mod membership;
#[cfg(test)]
mod tests;

use jiff::{Timestamp, civil::Date};

pub use content::{Content, ContentPatch, DEFAULT_MEMBERS, GroupType, MAX_MEMBERS, MAX_TAGS, MIN_MEMBERS, REPUTATION};
pub use matching::{Match, Reason, Wishes, matched};
pub use membership::{Applicant, JoinStatus, Member, Requirement, Role, reputation, successor};

use crate::{
    ids::{GroupId, UserId},
    policy::{Denial, GroupAction, may_group},
};

/// How long a deleted group can be brought back.
pub const RESTORE_WINDOW: jiff::SignedDuration = jiff::SignedDuration::from_hours(30 * 24);

/// Invitations and requests that may wait in one group at once.
pub const MAX_PENDING: u32 = 100;

/// People whom one group keeps out.
pub const MAX_BLOCKED: u32 = 200;

/// How many people stand in a group in which way.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counts {
    /// Who belongs to it, the organizer included.
    pub members: u32,
    /// Who was invited, or asked to join.
    pub pending: u32,
    /// Who is kept out.
    pub blocked: u32,
}

/// A group.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Group {
    /// Its id.
    pub id: GroupId,
    /// What its organizer edits.
    pub content: Content,
    /// Who answers for it; always a member.
    pub organizer: UserId,
    /// Whether the organizer is who made it.
    pub organized_by_creator: bool,
    /// How many people stand in it.
    pub counts: Counts,
    /// Grows by one with each change of anything but the counts: the entity's version towards clients, and what a
    /// decision about somebody's membership was made on.
    pub revision: u64,
    /// Grows by one with each change of anything.
    pub sequence: u64,
    /// When it was made.
    pub created_at: Timestamp,
    /// When its content or its organizer last changed.
    pub updated_at: Timestamp,
    /// When it was deleted; it can be brought back for a while.
    pub deleted_at: Option<Timestamp>,
}

/// What a group does not permit.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum GroupError {
    /// The policy refuses.
    #[error("refused")]
    Denied(Denial),
    /// Somebody who belongs to it already.
    #[error("you are a member of this group already")]
    AlreadyMember,
    /// Somebody who was invited, or has asked, and is waiting.
    #[error("a request or an invitation is waiting for an answer already")]
    AlreadyPending,
    /// There is no place left.
    #[error("the group is full: it has {0} members, which is as many as it takes")]
    Full(u32),
    /// Too many invitations and requests, or people who are kept out.
    #[error("a group has at most {0} {1}")]
    TooMany(u32, &'static str),
    /// The person is not what the group requires.
    #[error("{0}")]
    Unmet(Requirement),
    /// The journey has ended.
    #[error("the group's journey ended on {0}")]
    Ended(Date),
    /// The group does not take this person.
    #[error("this group does not take you in")]
    Blocked,
    /// The person has no such part in the group.
    #[error("{0} not found")]
    NoMember(&'static str),
    /// A group always has its organizer.
    #[error("the organizer cannot leave the group: hand it over to another member first, or delete it")]
    OrganizerLeaves,
    /// The group has more members than it should take.
    #[error("must not be below {0}, the number of its members")]
    BelowMembers(u32),
    /// What would be stored together does not fit together.
    #[error(transparent)]
    Invalid(#[from] crate::validation::Invalid),
    /// It is not deleted.
    #[error("there is nothing to restore")]
    NotDeleted,
}

impl From<Denial> for GroupError {
    fn from(denial: Denial) -> Self {
        Self::Denied(denial)
    }
}

impl Group {
    /// A new group that `organizer` belongs to.
    pub fn new(id: GroupId, organizer: UserId, content: Content, now: Timestamp) -> Self {
        Self {
            id,
            content,
            organizer,
            organized_by_creator: true,
            counts: Counts {
                members: 1,
                ..Counts::default()
            },
            revision: 1,
            sequence: 1,
            created_at: now,
            updated_at: now,
            deleted_at: None,
        }
    }

    /// Places that are left.
    pub fn free(&self) -> u32 {
        self.content.max_members.saturating_sub(self.counts.members)
    }

    /// Whether the journey was over before `today`.
    pub fn has_ended(&self, today: Date) -> bool {
        self.content.end_date < today
    }

    /// Whether everybody may see who belongs to it: it takes everybody in who comes.
    pub fn shows_members(&self) -> bool {
        !self.content.is_women_only && !self.content.requires_approval
    }

    /// Lets somebody with this role do `action`, or says what the refusal may reveal.
    ///
    /// # Errors
    /// [`GroupError::Denied`].
    pub fn permit(&self, role: Option<Role>, action: GroupAction) -> Result<(), GroupError> {
        Ok(may_group(role, action, self.deleted_at.is_some())?)
    }

    /// The role that `user` has by what the group itself says; member rows say the rest.
    pub fn role_of_organizer(&self, user: UserId) -> Option<Role> {
        (user == self.organizer).then_some(Role::Organizer)
    }

    /// The group with changed content. Nothing changed gives the same revision.
    ///
    /// # Errors
    /// When `user` may not, the dates are the wrong way round, or there would be fewer places than members.
    pub fn edited(&self, user: UserId, patch: ContentPatch, now: Timestamp) -> Result<Self, GroupError> {
        self.permit(self.role_of_organizer(user), GroupAction::Edit)?;
        let content = self.content.patched(patch)?;
        if content == self.content {
            return Ok(self.clone());
        }
        if content.max_members < self.counts.members {
            return Err(GroupError::BelowMembers(self.counts.members));
        }
        Ok(Self {
            content,
            ..self.revised(now)
        })
    }

    /// The group, deleted; it can be restored within [`RESTORE_WINDOW`].
    ///
    /// # Errors
    /// When `user` may not.
    pub fn deleted(&self, user: UserId, now: Timestamp) -> Result<Self, GroupError> {
        self.permit(self.role_of_organizer(user), GroupAction::Delete)?;
        Ok(Self {
            deleted_at: Some(now),
            ..self.revised(now)
        })
    }

    /// The group, brought back.
    ///
    /// # Errors
    /// When `user` may not, or it is not deleted, or was too long ago.
    pub fn restored(&self, user: UserId, now: Timestamp) -> Result<Self, GroupError> {
        self.permit(self.role_of_organizer(user), GroupAction::Restore)?;
        match self.deleted_at {
            Some(at) if now.duration_since(at) <= RESTORE_WINDOW => Ok(Self {
                deleted_at: None,
                ..self.revised(now)
            }),
            Some(_) => Err(GroupError::Denied(Denial::Hidden)),
            None => Err(GroupError::NotDeleted),
        }
    }

    /// The group with another organizer, who must belong to it.
    #[must_use]
    pub fn handed_over(&self, to: UserId, now: Timestamp) -> Self {
        Self {
            organizer: to,
            organized_by_creator: false,
            ..self.revised(now)
        }
    }

    fn revised(&self, now: Timestamp) -> Self {
        Self {
            revision: self.revision + 1,
            updated_at: now,
            ..self.clone()
        }
    }
}
