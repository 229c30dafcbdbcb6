//! Keys of groups and of who stands in them.

use tripsage_domain::ids::{GroupId, UserId};

use super::{Key, Table, user_partition};

pub(crate) fn group_partition(id: GroupId) -> String {
    format!("GROUP#{id}")
}

/// A group, with how many people stand in it.
pub(crate) fn group(id: GroupId) -> Key {
    Key::new(Table::Community, group_partition(id), GROUP.to_owned())
}

/// Sort key of a group.
pub(crate) const GROUP: &str = "GROUP";

/// How a group stands in the catalogue.
pub(crate) fn group_standing(id: GroupId) -> Key {
    Key::new(Table::Community, group_partition(id), "GROUP#STANDING".to_owned())
}

/// Somebody who stands in a group: a member, or who was invited, has asked, or is kept out.
pub(crate) fn group_member(id: GroupId, user: UserId) -> Key {
    Key::new(
        Table::Community,
        group_partition(id),
        format!("{GROUP_MEMBER_PREFIX}{user}"),
    )
}

/// Beginning of the sort keys of who stands in a group.
pub(crate) const GROUP_MEMBER_PREFIX: &str = "MEMBER#";

/// That somebody stands in a group: by this, it can be found from them.
pub(crate) fn membership(user: UserId, id: GroupId) -> Key {
    Key::new(
        Table::Community,
        user_partition(user),
        format!("{MEMBERSHIP_PREFIX}{id}"),
    )
}

/// Beginning of the sort keys of the groups in which somebody stands.
pub(crate) const MEMBERSHIP_PREFIX: &str = "MEMBERSHIP#";
