//! Groups: one partition each, with the group, how it stands in the catalogue, and a row for everybody who stands in it;
//! and the same row once more in everybody's own partition.
//!
//! The group itself counts its members. Whoever comes adds one to that count under the condition that there is a place,
//! in the transaction that writes their row: the count is exact whatever else happens, and whoever finds no place has
//! written nothing. What a decision was made on (the group's requirements, the rights of who decides) are conditions
//! too: the group's revision, and the version of the member who decides.

mod erase;
mod membership;
mod rows;
mod standing;
mod writes;

use serde::de::DeserializeOwned;
use serde_json::Value;
use tripsage_domain::{
    group::{Group, Member},
    ids::{GroupId, UserId},
};

pub use membership::{MemberChange, member_mark};
pub use rows::{GroupMemberRow, GroupRow};
pub use standing::{GroupStandingRow, day_number, measures, style_facet, tag_facet};
pub(crate) use writes::group_purge_at;

use crate::{Db, Loaded, Page, Range, StoreError, keys, keys::Table};

/// Label of the write that fails when a group has changed, or has no place any more.
pub const GROUP_CHANGED: &str = "group";

/// Label of the write that fails when somebody's standing in a group has changed.
pub const MEMBER_CHANGED: &str = "member";

/// Label of the write that fails when how a group stands in the catalogue has changed.
pub const STANDING_CHANGED: &str = "group standing";

/// Rows of one group at most: members, who waits, and who is kept out.
const MAX_STANDING: usize = 500;

/// A group with some of those who stand in it.
#[derive(Debug, Clone)]
pub struct Gathering {
    /// The group.
    pub group: Group,
    /// Those who were asked for, as far as they stand in it.
    pub people: Vec<Loaded<Member>>,
}

impl Gathering {
    /// How somebody stands in it.
    pub fn find(&self, user: UserId) -> Option<&Loaded<Member>> {
        self.people.iter().find(|person| person.item.user == user)
    }

    /// As [`Self::find`], without the version.
    pub fn member(&self, user: UserId) -> Option<&Member> {
        self.find(user).map(|person| &person.item)
    }
}

fn read<T: DeserializeOwned>(value: Value) -> Result<T, StoreError> {
    serde_json::from_value(value).map_err(|error| StoreError::Corrupt(error.to_string()))
}

impl Db {
    /// AP-220: a group and how these people stand in it, in one call. Deleted groups are found too.
    ///
    /// # Errors
    /// When DynamoDB does not answer.
    pub async fn find_group(&self, id: GroupId, people: &[UserId]) -> Result<Option<Gathering>, StoreError> {
        let mut wanted = vec![keys::group(id)];
        for user in people {
            let key = keys::group_member(id, *user);
            if !wanted.contains(&key) {
                wanted.push(key);
            }
        }
        let (mut group, mut people) = (None, Vec::new());
        for Loaded { item, version } in self.get_many_loaded::<Value>(&wanted).await? {
            if item["sk"] == keys::GROUP {
                group = Some(read::<GroupRow>(item)?.into_group(version));
            } else {
                let item = read::<GroupMemberRow>(item)?.into_member();
                people.push(Loaded { item, version });
            }
        }
        Ok(group.map(|group| Gathering { group, people }))
    }

    /// AP-221: everybody who stands in a group, in no order; at most 100 members, 100 who wait, and 200 who are kept
    /// out.
    ///
    /// # Errors
    /// When DynamoDB does not answer.
    pub async fn list_group_members(&self, id: GroupId) -> Result<Vec<Member>, StoreError> {
        let range = Range::new(
            Table::Community,
            keys::group_partition(id),
            keys::GROUP_MEMBER_PREFIX,
            MAX_STANDING,
        );
        let rows = self.query_all::<GroupMemberRow>(range).await?;
        Ok(rows.into_iter().map(|loaded| loaded.item.into_member()).collect())
    }

    /// AP-222: some of the groups in which somebody stands, after the one at which the page before ended, in no order
    /// that means anything.
    ///
    /// # Errors
    /// When DynamoDB does not answer.
    pub async fn list_memberships(
        &self,
        user: UserId,
        after: Option<GroupId>,
        limit: usize,
    ) -> Result<Page<GroupMemberRow>, StoreError> {
        let range = Range::new(
            Table::Community,
            keys::user_partition(user),
            keys::MEMBERSHIP_PREFIX,
            limit,
        );
        let after = after.map(|group| keys::membership(user, group).sk);
        let page = self.query::<GroupMemberRow>(range.after(after)).await?;
        Ok(Page {
            items: page.items.into_iter().map(|loaded| loaded.item).collect(),
            next: page.next,
        })
    }

    /// AP-223: several groups in one call, at most 100, in the order of `ids`; those that are deleted or unknown are
    /// left out.
    ///
    /// # Errors
    /// When DynamoDB does not answer.
    pub async fn find_groups(&self, ids: &[GroupId]) -> Result<Vec<Group>, StoreError> {
        let keys: Vec<_> = ids.iter().map(|id| keys::group(*id)).collect();
        let rows = self.get_many_loaded::<GroupRow>(&keys).await?;
        let mut groups: Vec<Group> = rows
            .into_iter()
            .map(|loaded| loaded.item.into_group(loaded.version))
            .filter(|group| group.deleted_at.is_none())
            .collect();
        groups.sort_by_key(|group| ids.iter().position(|id| *id == group.id));
        Ok(groups)
    }

    /// AP-224: in which of these groups somebody stands, whatever way; at most 100 groups.
    ///
    /// # Errors
    /// When DynamoDB does not answer.
    pub async fn find_memberships(&self, user: UserId, groups: &[GroupId]) -> Result<Vec<GroupMemberRow>, StoreError> {
        let keys: Vec<_> = groups.iter().map(|group| keys::membership(user, *group)).collect();
        self.get_many(&keys).await
    }
}
