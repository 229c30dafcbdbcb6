//! Making, changing, handing over and deleting groups.

use jiff::{SignedDuration, Timestamp};
use tripsage_domain::group::{Group, Member, RESTORE_WINDOW};

use super::{
    GROUP_CHANGED, Gathering, GroupMemberRow, GroupRow, GroupStandingRow, MEMBER_CHANGED, membership::pointer,
};
use crate::{
    Loaded, StoreError, Transaction, Write,
    due::DueRow,
    keys::{self, DueList},
};

/// When a group that was deleted then is purged: as soon as it can no longer be brought back.
pub(crate) fn group_purge_at(deleted_at: Timestamp) -> Timestamp {
    deleted_at + RESTORE_WINDOW + SignedDuration::from_secs(1)
}

impl Transaction {
    /// AP-226: a new group with its organizer, in the catalogue at once. Conflict: [`GROUP_CHANGED`].
    ///
    /// # Errors
    /// When a row cannot be expressed in DynamoDB's types.
    pub fn inserting_group(self, group: &Group, organizer: &Member) -> Result<Self, StoreError> {
        let member = GroupMemberRow::new(group.id, organizer);
        self.with(Write::insert(
            GROUP_CHANGED,
            keys::group(group.id),
            &GroupRow::from(group),
        )?)
        .with(Write::insert(
            GROUP_CHANGED,
            keys::group_member(group.id, organizer.user),
            &member,
        )?)
        .with(pointer(group.id, organizer.user, Some(organizer))?)
        .listing_group(&GroupStandingRow::new(group))
    }

    /// AP-227: a group in the place of the one that was read, with the catalogue and the list of what to purge.
    /// Conflicts: [`GROUP_CHANGED`], [`super::STANDING_CHANGED`].
    ///
    /// # Errors
    /// When a row cannot be expressed in DynamoDB's types.
    pub fn replacing_group(
        self,
        before: &Group,
        after: &Group,
        standing: &Loaded<GroupStandingRow>,
        now: Timestamp,
    ) -> Result<Self, StoreError> {
        let key = keys::group(after.id);
        let row = GroupRow::from(after);
        let mut transaction = self.with(Write::replace(GROUP_CHANGED, key, &row, before.sequence)?);
        let stored = Group {
            sequence: before.sequence + 1,
            ..after.clone()
        };
        if let Some(after) = standing.item.relisted(&stored, now) {
            transaction = transaction.relisting_group(standing, &after)?;
        }
        let id = after.id.uuid();
        if let Some(at) = before.deleted_at.filter(|_| before.deleted_at != after.deleted_at) {
            transaction.push(DueRow::settled(DueList::GroupPurge, group_purge_at(at), id));
        }
        if let Some(at) = after.deleted_at.filter(|_| before.deleted_at != after.deleted_at) {
            transaction.push(DueRow::new(group_purge_at(at), id).scheduled(DueList::GroupPurge)?);
        }
        Ok(transaction)
    }

    /// AP-230: a group with another organizer, and the two members with their new roles: the one before, and the one
    /// after. Conflicts: [`GROUP_CHANGED`], [`MEMBER_CHANGED`].
    ///
    /// # Errors
    /// When a row cannot be expressed in DynamoDB's types.
    pub fn handing_group_over(
        self,
        found: &Gathering,
        after: &Group,
        (old, new): (Member, Member),
    ) -> Result<Self, StoreError> {
        let row = GroupRow::from(after);
        let mut transaction = self.with(Write::replace(
            GROUP_CHANGED,
            keys::group(after.id),
            &row,
            found.group.sequence,
        )?);
        for member in [old, new] {
            let Some(before) = found.find(member.user) else {
                return Err(StoreError::Conflict(MEMBER_CHANGED));
            };
            let row = GroupMemberRow::new(after.id, &member);
            let key = keys::group_member(after.id, member.user);
            transaction.push(Write::replace(MEMBER_CHANGED, key, &row, before.version)?);
            transaction.push(pointer(after.id, member.user, Some(&member))?);
        }
        Ok(transaction)
    }
}
