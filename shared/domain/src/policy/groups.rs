use super::Denial;
use crate::group;

/// What somebody wants to do with a group.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum GroupAction {
    /// See it, and ask to join it.
    View,
    /// Change what it is.
    Edit,
    /// Delete it.
    Delete,
    /// Bring it back.
    Restore,
    /// Make another member its organizer.
    HandOver,
    /// Give members other roles.
    ChangeRoles,
    /// Invite somebody.
    Invite,
    /// See and answer requests to join, invitations that wait, and who is kept out.
    Review,
    /// Remove members, and keep people out.
    Remove,
}

/// Decides `action` on a group to which the caller belongs as `role` (`None`: they do not belong to it). `deleted` groups
/// exist for their organizer alone, to bring them back.
///
/// # Errors
/// What the refusal may reveal.
pub fn may_group(role: Option<group::Role>, action: GroupAction, deleted: bool) -> Result<(), Denial> {
    use GroupAction::{ChangeRoles, Delete, Edit, HandOver, Invite, Remove, Restore, Review, View};
    use group::Role::{Guest, Member, Moderator, Organizer};
    match (role, action, deleted) {
        (Some(Organizer), Restore, _) => Ok(()),
        (_, _, true) => Err(Denial::Hidden),
        (_, View, false) => Ok(()),
        (Some(Organizer), Edit | Delete | HandOver | ChangeRoles | Invite | Review | Remove, false) => Ok(()),
        (Some(Moderator), Invite | Review | Remove, false) => Ok(()),
        (Some(Moderator), Edit | Delete | Restore | HandOver | ChangeRoles, false)
        | (
            None | Some(Guest | Member),
            Edit | Delete | Restore | HandOver | ChangeRoles | Invite | Review | Remove,
            false,
        ) => Err(Denial::Forbidden),
    }
}

/// Decides whether somebody with the role `actor` may let a member of a group with the role `target` have the role
/// `becomes`, or none any more.
///
/// The organizer is made and unmade by handing the group over alone; a moderator deals with members and guests only.
///
/// # Errors
/// What the refusal may reveal.
pub fn may_change_group_member(
    actor: group::Role,
    target: group::Role,
    becomes: Option<group::Role>,
) -> Result<(), Denial> {
    use group::Role::{Guest, Member, Moderator, Organizer};
    match (actor, target, becomes) {
        (_, Organizer, _) | (_, _, Some(Organizer)) => Err(Denial::Forbidden),
        (Organizer, Guest | Member | Moderator, None | Some(Guest | Member | Moderator)) => Ok(()),
        (Moderator, Guest | Member, None | Some(Guest | Member)) => Ok(()),
        (Moderator, Moderator, _) | (Moderator, _, Some(Moderator)) => Err(Denial::Forbidden),
        (Guest | Member, _, _) => Err(Denial::Forbidden),
    }
}
