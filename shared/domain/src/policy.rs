//! The one place that says who may do what.
//!
//! Every decision is a total function of (who, what, facts): a new role, action or fact does not compile until it is
//! decided here.

use crate::{principal::Principal, trip};

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
