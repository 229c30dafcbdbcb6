//! The one place that says who may do what.
//!
//! Every decision is a total function of (who, what, facts): a new role, action or fact does not compile until it is
//! decided here.

mod groups;

pub use groups::{GroupAction, may_change_group_member, may_group};

use crate::{
    guide,
    ids::UserId,
    itinerary,
    principal::{self, Principal, Role},
    trip,
};

/// What the answer to a refused caller may reveal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Denial {
    /// The caller may not know that the thing exists.
    Hidden,
    /// The caller sees the thing, and may not do this to it.
    Forbidden,
}

/// What somebody wants to do with a trip.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum TripAction {
    /// See the trip, its items, members, versions and views; copy it; subscribe to its calendar.
    View,
    /// Change the trip, its items and its preferences; restore an earlier version.
    Edit,
    /// Share it, change or remove collaborators, make and revoke read-only links.
    Share,
    /// Delete it, bring it back.
    Delete,
}

/// Decides `action` on a trip in which the caller has `role` (`None`: not a member). `deleted` trips exist for their
/// owner alone.
///
/// # Errors
/// What the refusal may reveal.
pub fn may_trip(role: Option<trip::Role>, action: TripAction, deleted: bool) -> Result<(), Denial> {
    use TripAction::{Delete, Edit, Share, View};
    use trip::Role::{Admin, Editor, Owner, Viewer};
    match (role, action, deleted) {
        (None, View | Edit | Share | Delete, _) => Err(Denial::Hidden),
        (Some(Viewer | Editor | Admin), View | Edit | Share | Delete, true) => Err(Denial::Hidden),
        (Some(Owner), Delete, _) => Ok(()),
        (Some(Owner), View | Edit | Share, true) => Err(Denial::Hidden),
        (Some(Owner), View | Edit | Share, false) => Ok(()),
        (Some(Admin), View | Edit | Share, false) => Ok(()),
        (Some(Admin), Delete, false) => Err(Denial::Forbidden),
        (Some(Editor), View | Edit, false) => Ok(()),
        (Some(Editor), Share | Delete, false) => Err(Denial::Forbidden),
        (Some(Viewer), View, false) => Ok(()),
        (Some(Viewer), Edit | Share | Delete, false) => Err(Denial::Forbidden),
    }
}

/// Decides whether a member with the role `actor` may let a member with the role `target` have the role `becomes`, or
/// none any more. `own`: the two are the same person.
///
/// Nobody touches the owner, nobody gives more than they have, and nobody raises themselves.
///
/// # Errors
/// What the refusal may reveal.
pub fn may_change_member(
    actor: trip::Role,
    own: bool,
    target: trip::Role,
    becomes: Option<trip::Role>,
) -> Result<(), Denial> {
    use trip::Role::{Admin, Editor, Owner, Viewer};
    match (actor, own, target, becomes) {
        (_, _, Owner, _) | (_, _, _, Some(Owner)) => Err(Denial::Forbidden),
        (_, true, _, None) => Ok(()),
        (_, true, current, Some(role)) if role <= current => Ok(()),
        (_, true, _, Some(_)) => Err(Denial::Forbidden),
        (Owner | Admin, false, Viewer | Editor | Admin, None | Some(Viewer | Editor | Admin)) => Ok(()),
        (Editor | Viewer, false, Viewer | Editor | Admin, None | Some(Viewer | Editor | Admin)) => {
            Err(Denial::Forbidden)
        }
    }
}

/// What somebody wants to do with a template.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum TemplateAction {
    /// See it and make a trip of it.
    View,
    /// Change or delete it.
    Edit,
}

/// Decides `action` on a template.
///
/// # Errors
/// What the refusal may reveal.
pub fn may_template(
    caller: &Principal,
    owner: crate::ids::UserId,
    visibility: trip::TemplateVisibility,
    action: TemplateAction,
) -> Result<(), Denial> {
    use trip::TemplateVisibility::{Private, Public, Shared};
    match (caller.user == owner, visibility, action) {
        (true, Private | Shared | Public, TemplateAction::View | TemplateAction::Edit) => Ok(()),
        (false, Shared | Public, TemplateAction::View) => Ok(()),
        (false, Shared | Public, TemplateAction::Edit) => Err(Denial::Forbidden),
        (false, Private, TemplateAction::View | TemplateAction::Edit) => Err(Denial::Hidden),
    }
}

/// What somebody wants to do with an itinerary.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ItineraryAction {
    /// See it with its parts; say something about it; remix it.
    View,
    /// Change it, its parts or its route; publish it.
    Edit,
    /// Delete it.
    Delete,
    /// Bring it back.
    Restore,
}

/// Decides `action` on an itinerary of `owner`; the caller may be nobody in particular. Moderators remove what is
/// published, and bring back what moderators have removed; drafts are no business of theirs.
///
/// # Errors
/// What the refusal may reveal.
pub fn may_itinerary(
    caller: Option<&Principal>,
    owner: UserId,
    state: itinerary::State,
    action: ItineraryAction,
) -> Result<(), Denial> {
    use ItineraryAction::{Delete, Edit, Restore, View};
    use itinerary::State::{Deleted, Draft, Published, Removed};
    let owned = caller.is_some_and(|caller| caller.user == owner);
    let moderates = caller.is_some_and(|caller| caller.role >= principal::Role::Moderator);
    match (state, action, owned, moderates) {
        (Published, View, _, _) => Ok(()),
        (Published, Edit | Restore, true, _) | (Published, Delete, true, _) | (Published, Delete, false, true) => {
            Ok(())
        }
        (Published, Delete, false, false) | (Published, Edit | Restore, false, _) => Err(Denial::Forbidden),
        (Draft, View | Edit | Delete | Restore, true, _) => Ok(()),
        (Draft, View | Edit | Delete | Restore, false, _) => Err(Denial::Hidden),
        (Deleted, Restore, true, _) | (Removed, Restore, _, true) => Ok(()),
        (Removed, Restore, true, false) => Err(Denial::Forbidden),
        (Deleted, View | Edit | Delete, true, _)
        | (Deleted, View | Edit | Delete | Restore, false, _)
        | (Removed, View | Edit | Delete, _, _)
        | (Removed, Restore, false, false) => Err(Denial::Hidden),
    }
}

/// What somebody wants to do with what a traveller says of an itinerary: a safety rating or travel intel.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum RemarkAction {
    /// Read it.
    View,
    /// Call it helpful or unhelpful; answer it.
    React,
    /// Say something else.
    Edit,
    /// Take it back.
    Delete,
    /// Say what became of it, as somebody in charge. `owns` is whether the caller owns the itinerary.
    Respond {
        /// Whether the itinerary is the caller's.
        owns: bool,
    },
}

/// Decides `action` on what `author` says of an itinerary; `shown` is whether the caller may see the itinerary. What is
/// said of an itinerary that is not to be seen is there for its author, who may take it back, and for moderators.
///
/// # Errors
/// What the refusal may reveal.
pub fn may_remark(caller: Option<&Principal>, author: UserId, shown: bool, action: RemarkAction) -> Result<(), Denial> {
    use RemarkAction::{Delete, Edit, React, Respond, View};
    let own = caller.is_some_and(|caller| caller.user == author);
    let moderates = caller.is_some_and(|caller| caller.role >= principal::Role::Moderator);
    match (action, shown, own, moderates) {
        (View | React, true, _, _) | (View, false, true, _) | (View, false, false, true) => Ok(()),
        (React, false, _, _) | (View, false, false, false) => Err(Denial::Hidden),
        (Edit | Delete, _, true, _) | (Delete, _, false, true) => Ok(()),
        (Edit | Delete, true, false, false) | (Edit, _, false, true) => Err(Denial::Forbidden),
        (Edit | Delete, false, false, false) => Err(Denial::Hidden),
        (Respond { .. }, true, true, _) | (Respond { .. }, true, _, true) | (Respond { owns: true }, true, _, _) => {
            Ok(())
        }
        (Respond { owns: false }, true, false, false) => Err(Denial::Forbidden),
        (Respond { .. }, false, _, _) => Err(Denial::Hidden),
    }
}

/// Decides whether a caller may vote on something that they may see and `author` has written: nobody votes for, or
/// against, their own.
///
/// # Errors
/// What the refusal may reveal.
pub fn may_vote(caller: &Principal, author: UserId) -> Result<(), Denial> {
    if caller.user == author {
        Err(Denial::Forbidden)
    } else {
        Ok(())
    }
}

/// Decides whether a caller may say what the product features.
///
/// # Errors
/// What the refusal may reveal.
pub fn may_feature(caller: &Principal) -> Result<(), Denial> {
    match caller.role {
        principal::Role::Admin => Ok(()),
        principal::Role::Guest | principal::Role::User | principal::Role::Moderator => Err(Denial::Forbidden),
    }
}

/// What somebody wants to do with the booking of a guide.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum GuideBookingAction {
    /// See it, note something on their own side of it, cancel it.
    TakePart,
    /// Confirm or complete it.
    Conduct,
    /// Review the guide.
    Review,
}

/// Decides `action` on a booking on whose side the caller is (`None`: on neither).
///
/// # Errors
/// What the refusal may reveal.
pub fn may_guide_booking(side: Option<guide::Actor>, action: GuideBookingAction) -> Result<(), Denial> {
    use GuideBookingAction::{Conduct, Review, TakePart};
    use guide::Actor::{Guide, System, Traveler};
    match (side, action) {
        (None | Some(System), TakePart | Conduct | Review) => Err(Denial::Hidden),
        (Some(Traveler | Guide), TakePart) | (Some(Guide), Conduct) | (Some(Traveler), Review) => Ok(()),
        (Some(Traveler), Conduct) | (Some(Guide), Review) => Err(Denial::Forbidden),
    }
}

/// What somebody wants to do with a review of a guide.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ReviewAction {
    /// Read it.
    View,
    /// Report it.
    Report,
    /// Call it helpful.
    Vote,
}

/// Decides `action` on a review by `author` (`None`: their account is gone) of the guide who is `guide`. A review that a
/// moderator has hidden is there for its author and for moderators.
///
/// # Errors
/// What the refusal may reveal.
pub fn may_review(
    caller: Option<&Principal>,
    author: Option<UserId>,
    guide: UserId,
    hidden: bool,
    action: ReviewAction,
) -> Result<(), Denial> {
    use ReviewAction::{Report, View, Vote};
    let user = caller.map(|caller| caller.user);
    let own = user.is_some() && user == author;
    let moderates = caller.is_some_and(|caller| caller.role >= principal::Role::Moderator);
    match (action, hidden, own, moderates) {
        (View, false, _, _) | (View, true, true, _) | (View, true, false, true) => Ok(()),
        (View | Report | Vote, true, false, false) => Err(Denial::Hidden),
        (Report | Vote, _, true, _) | (Report | Vote, true, false, true) => Err(Denial::Forbidden),
        (Report, false, false, _) => Ok(()),
        (Vote, false, false, _) if user == Some(guide) => Err(Denial::Forbidden),
        (Vote, false, false, _) => Ok(()),
    }
}

/// Decides whether a caller may verify and suspend guides and write what everybody reads.
///
/// # Errors
/// What the refusal may reveal.
pub fn may_moderate(caller: &Principal) -> Result<(), Denial> {
    match caller.role {
        Role::Moderator | Role::Admin => Ok(()),
        Role::Guest | Role::User => Err(Denial::Forbidden),
    }
}

#[cfg(test)]
mod tests {
    use super::{
        Denial::{Forbidden, Hidden},
        *,
    };
    use crate::{
        ids::{SessionId, UserId},
        principal::{self, Credential},
        trip::{Role, TemplateVisibility},
    };

    const ROLES: [Role; 4] = [Role::Viewer, Role::Editor, Role::Admin, Role::Owner];

    #[test]
    fn every_cell_of_the_trip_matrix() {
        use TripAction::{Delete, Edit, Share, View};
        let actions = [View, Edit, Share, Delete];
        let (yes, no, hide) = (Ok(()), Err(Forbidden), Err(Hidden));
        for (role, alive, deleted) in [
            (None, [hide, hide, hide, hide], [hide, hide, hide, hide]),
            (Some(Role::Viewer), [yes, no, no, no], [hide, hide, hide, hide]),
            (Some(Role::Editor), [yes, yes, no, no], [hide, hide, hide, hide]),
            (Some(Role::Admin), [yes, yes, yes, no], [hide, hide, hide, hide]),
            (Some(Role::Owner), [yes, yes, yes, yes], [hide, hide, hide, yes]),
        ] {
            for (index, action) in actions.into_iter().enumerate() {
                assert_eq!(may_trip(role, action, false), alive[index], "{role:?} {action:?}");
                assert_eq!(
                    may_trip(role, action, true),
                    deleted[index],
                    "{role:?} {action:?} deleted"
                );
            }
        }
    }

    #[test]
    fn every_cell_of_the_member_matrix() {
        let becomes = || ROLES.into_iter().map(Some).chain([None]);
        for actor in ROLES {
            for target in ROLES {
                for becomes in becomes() {
                    let shares = matches!(actor, Role::Owner | Role::Admin);
                    let touches_owner = target == Role::Owner || becomes == Some(Role::Owner);
                    let expected = shares && !touches_owner;
                    let decided = may_change_member(actor, false, target, becomes).is_ok();
                    assert_eq!(decided, expected, "{actor:?} makes {target:?} {becomes:?}");
                }
            }
            for becomes in becomes() {
                // Going down and leaving are always possible, for everybody but the owner; going up never is.
                let expected = actor != Role::Owner && becomes.is_none_or(|role| role <= actor);
                let decided = may_change_member(actor, true, actor, becomes).is_ok();
                assert_eq!(decided, expected, "{actor:?} makes themselves {becomes:?}");
            }
        }
    }

    #[test]
    fn every_cell_of_the_guide_booking_matrix() {
        use GuideBookingAction::{Conduct, Review, TakePart};
        use guide::Actor::{Guide, Traveler};
        for (side, allowed) in [
            (None, [Err(Hidden); 3]),
            (Some(Traveler), [Ok(()), Err(Forbidden), Ok(())]),
            (Some(Guide), [Ok(()), Ok(()), Err(Forbidden)]),
        ] {
            let decided = [TakePart, Conduct, Review].map(|action| may_guide_booking(side, action));
            assert_eq!(decided, allowed, "{side:?}");
        }
    }

    #[test]
    fn every_cell_of_the_guide_review_matrix() {
        use ReviewAction::{Report, View, Vote};
        let user = |byte| UserId::from_uuid(uuid::Uuid::from_bytes([byte; 16]));
        let (author, guide) = (user(1), user(2));
        let caller = |id, role| Principal {
            user: user(id),
            role,
            verified: true,
            credential: Credential::Session(SessionId::from_uuid(uuid::Uuid::nil())),
        };
        let shown_to_all = [Ok(()), Ok(()), Ok(())];
        for (who, caller, shown, hidden) in [
            ("nobody", None, shown_to_all, [Err(Hidden); 3]),
            (
                "the author",
                Some(caller(1, principal::Role::User)),
                [Ok(()), Err(Forbidden), Err(Forbidden)],
                [Ok(()), Err(Forbidden), Err(Forbidden)],
            ),
            (
                "the guide",
                Some(caller(2, principal::Role::User)),
                [Ok(()), Ok(()), Err(Forbidden)],
                [Err(Hidden); 3],
            ),
            (
                "a stranger",
                Some(caller(3, principal::Role::User)),
                shown_to_all,
                [Err(Hidden); 3],
            ),
            (
                "a moderator",
                Some(caller(4, principal::Role::Moderator)),
                shown_to_all,
                [Ok(()), Err(Forbidden), Err(Forbidden)],
            ),
        ] {
            for (is_hidden, allowed) in [(false, shown), (true, hidden)] {
                let decided = [View, Report, Vote]
                    .map(|action| may_review(caller.as_ref(), Some(author), guide, is_hidden, action));
                assert_eq!(decided, allowed, "{who}, hidden: {is_hidden}");
            }
            // Whose author is gone is nobody's own.
            let gone = may_review(caller.as_ref(), None, guide, false, Report);
            assert_eq!(gone, Ok(()), "{who}");
        }
    }

    #[test]
    fn every_cell_of_the_template_matrix() {
        use TemplateVisibility::{Private, Public, Shared};
        let user = |byte| UserId::from_uuid(uuid::Uuid::from_bytes([byte; 16]));
        let owner = user(1);
        let caller = |id| Principal {
            user: id,
            role: principal::Role::User,
            verified: true,
            credential: Credential::Session(SessionId::from_uuid(uuid::Uuid::nil())),
        };
        for (id, visibility, view, edit) in [
            (1, Private, Ok(()), Ok(())),
            (1, Shared, Ok(()), Ok(())),
            (1, Public, Ok(()), Ok(())),
            (2, Private, Err(Hidden), Err(Hidden)),
            (2, Shared, Ok(()), Err(Forbidden)),
            (2, Public, Ok(()), Err(Forbidden)),
        ] {
            let caller = caller(user(id));
            assert_eq!(may_template(&caller, owner, visibility, TemplateAction::View), view);
            assert_eq!(may_template(&caller, owner, visibility, TemplateAction::Edit), edit);
        }
    }

    #[test]
    fn every_cell_of_the_itinerary_matrix() {
        use ItineraryAction::{Delete, Edit, Restore, View};
        use itinerary::State::{Deleted, Draft, Published, Removed};
        use principal::Role::{Admin, Moderator, User};
        let user = |byte| UserId::from_uuid(uuid::Uuid::from_bytes([byte; 16]));
        let caller = |byte, role| Principal {
            user: user(byte),
            role,
            verified: true,
            credential: Credential::Session(SessionId::from_uuid(uuid::Uuid::nil())),
        };
        let (owner, stranger) = (caller(1, User), caller(2, User));
        let (moderator, admin) = (caller(3, Moderator), caller(4, Admin));
        let (yes, no, hide) = (Ok(()), Err(Forbidden), Err(Hidden));
        for (who, draft, published, deleted, removed) in [
            (None, [hide; 4], [yes, no, no, no], [hide; 4], [hide; 4]),
            (Some(&stranger), [hide; 4], [yes, no, no, no], [hide; 4], [hide; 4]),
            (
                Some(&owner),
                [yes; 4],
                [yes; 4],
                [hide, hide, hide, yes],
                [hide, hide, hide, no],
            ),
            (
                Some(&moderator),
                [hide; 4],
                [yes, no, yes, no],
                [hide; 4],
                [hide, hide, hide, yes],
            ),
            (
                Some(&admin),
                [hide; 4],
                [yes, no, yes, no],
                [hide; 4],
                [hide, hide, hide, yes],
            ),
        ] {
            for (state, expected) in [
                (Draft, draft),
                (Published, published),
                (Deleted, deleted),
                (Removed, removed),
            ] {
                for (action, expected) in [View, Edit, Delete, Restore].into_iter().zip(expected) {
                    assert_eq!(
                        may_itinerary(who, user(1), state, action),
                        expected,
                        "{who:?} {state:?} {action:?}"
                    );
                }
            }
        }
    }

    #[test]
    fn every_cell_of_the_remark_matrix() {
        use RemarkAction::{Delete, Edit, React, Respond, View};
        let user = |byte| UserId::from_uuid(uuid::Uuid::from_bytes([byte; 16]));
        let caller = |byte, role| Principal {
            user: user(byte),
            role,
            verified: true,
            credential: Credential::Session(SessionId::from_uuid(uuid::Uuid::nil())),
        };
        let (author, stranger) = (caller(1, principal::Role::User), caller(2, principal::Role::User));
        let moderator = caller(3, principal::Role::Moderator);
        let (yes, no, hide) = (Ok(()), Err(Forbidden), Err(Hidden));
        let (of_others, of_own) = (Respond { owns: false }, Respond { owns: true });
        let actions = [View, React, Edit, Delete, of_others, of_own];
        for (who, shown, hidden) in [
            (None, [yes, yes, no, no, no, yes], [hide; 6]),
            (Some(&stranger), [yes, yes, no, no, no, yes], [hide; 6]),
            (Some(&author), [yes; 6], [yes, hide, yes, yes, hide, hide]),
            (
                Some(&moderator),
                [yes, yes, no, yes, yes, yes],
                [yes, hide, no, yes, hide, hide],
            ),
        ] {
            for (index, action) in actions.into_iter().enumerate() {
                assert_eq!(
                    may_remark(who, user(1), true, action),
                    shown[index],
                    "{who:?} {action:?}"
                );
                assert_eq!(
                    may_remark(who, user(1), false, action),
                    hidden[index],
                    "{who:?} {action:?} hidden"
                );
            }
        }
    }
}
