//! Groups without somebody, and the end of groups.

use jiff::Timestamp;
use tripsage_domain::{
    group::{Counts, Group, JoinStatus, Member, Role, successor},
    ids::{GroupId, UserId},
};

use super::{
    GROUP_CHANGED, Gathering, GroupMemberRow, GroupRow, GroupStandingRow, MEMBER_CHANGED, MemberChange, group_purge_at,
    membership::pointer,
};
use crate::{
    Condition, Db, Loaded, StoreError, Transaction, Write,
    due::DueRow,
    keys::{self, DueList},
    personal_data::Erased,
};

/// Attempts at a group that others are changing meanwhile.
const ATTEMPTS: usize = 8;

/// Members whose rows go in one transaction.
const BATCH: usize = 25;

impl Db {
    /// AP-231: lets somebody leave every group in which they stand. A group that they organize is handed over to the
    /// moderator, else the member, who has belonged to it for longest; one to which nobody else belongs is erased.
    pub(crate) async fn leave_groups(&self, user: UserId, now: Timestamp) -> Result<(), StoreError> {
        loop {
            let rows = self.list_memberships(user, None, BATCH).await?.items;
            if rows.is_empty() {
                return Ok(());
            }
            for row in rows {
                self.leave_group(row.group, user, now).await?;
            }
        }
    }

    async fn leave_group(&self, id: GroupId, user: UserId, now: Timestamp) -> Result<(), StoreError> {
        for _ in 0..ATTEMPTS {
            let left = match self.find_group(id, &[user]).await? {
                None => self.commit(pointer(id, user, None)?).await,
                Some(found) if found.group.organizer == user => self.abandon(&found, now).await,
                Some(found) => match found.find(user) {
                    None => self.commit(pointer(id, user, None)?).await,
                    Some(before) => {
                        let change = MemberChange {
                            group: &found.group,
                            before: Some(before),
                            after: None,
                            by: None,
                        };
                        self.commit(Transaction::default().changing_member(&change)?).await
                    }
                },
            };
            match left {
                Err(StoreError::Conflict(_)) => {}
                result => return result,
            }
        }
        Err(StoreError::Throttled("a group keeps changing".to_owned()))
    }

    /// Takes the organizer out of their group.
    async fn abandon(&self, found: &Gathering, now: Timestamp) -> Result<(), StoreError> {
        let group = &found.group;
        let members = self.list_group_members(group.id).await?;
        match (group.deleted_at, successor(&members)) {
            (None, Some(next)) => {
                let people = self.find_group(group.id, &[group.organizer, next.user]).await?;
                let Some(people) = people.filter(|people| people.group.sequence == group.sequence) else {
                    return Err(StoreError::Conflict(GROUP_CHANGED));
                };
                self.commit(succeeding(&people, next.user, now)?).await
            }
            (None, None) => {
                // Nobody can come any more, whatever happens before the last row is gone.
                let standing = self.standing_of(group.id).await?;
                let deleted = Group {
                    deleted_at: Some(now),
                    updated_at: now,
                    revision: group.revision + 1,
                    ..group.clone()
                };
                let transaction = Transaction::default().replacing_group(group, &deleted, &standing, now)?;
                self.commit(transaction).await?;
                // The next attempt finds it deleted.
                Err(StoreError::Conflict(GROUP_CHANGED))
            }
            (Some(at), _) => {
                let due = DueRow::settled(DueList::GroupPurge, group_purge_at(at), group.id.uuid());
                self.erase_group(group, due).await
            }
        }
    }

    async fn standing_of(&self, id: GroupId) -> Result<Loaded<GroupStandingRow>, StoreError> {
        let standing = self.find_group_standing(id).await?;
        standing.ok_or_else(|| StoreError::Corrupt("a group has no standing".to_owned()))
    }

    /// AP-232: erases a deleted group that can no longer be brought back.
    ///
    /// # Errors
    /// When DynamoDB does not answer; the next attempt goes on.
    pub async fn purge_group(&self, due: &DueRow, now: Timestamp) -> Result<Erased, StoreError> {
        let found = self.find_group(GroupId::from_uuid(due.id), &[]).await?;
        let is_over = |at: Timestamp| group_purge_at(at) <= now;
        let over = found.filter(|found| found.group.deleted_at.is_some_and(is_over));
        let Some(found) = over else {
            self.settle(DueList::GroupPurge, due).await?;
            return Ok(Erased::NotDue);
        };
        let settled = DueRow::settled(DueList::GroupPurge, due.at, due.id);
        self.erase_group(&found.group, settled).await?;
        Ok(Erased::Done)
    }

    /// Removes a deleted group with everybody who stands in it; the organizer, by whom an erasure finds it, goes last.
    async fn erase_group(&self, group: &Group, settled: Write) -> Result<(), StoreError> {
        let members = self.list_group_members(group.id).await?;
        let others: Vec<&Member> = members.iter().filter(|member| member.user != group.organizer).collect();
        for some in others.chunks(BATCH) {
            let mut transaction = Transaction::default();
            for member in some {
                let key = keys::group_member(group.id, member.user);
                transaction.push(Write::remove(MEMBER_CHANGED, key, Condition::anyway()));
                transaction.push(pointer(group.id, member.user, None)?);
            }
            self.commit(transaction).await?;
        }
        let organizer = keys::group_member(group.id, group.organizer);
        let mut last = Transaction::default()
            .with(Write::remove(
                GROUP_CHANGED,
                keys::group(group.id),
                Condition::Version(group.sequence),
            ))
            .with(Write::remove(MEMBER_CHANGED, organizer, Condition::anyway()))
            .with(pointer(group.id, group.organizer, None)?)
            .with(settled);
        if let Some(standing) = self.find_group_standing(group.id).await? {
            last = last.unlisting_group(&standing)?;
        }
        self.commit(last).await
    }
}

/// The group without its organizer, organized by `next`.
fn succeeding(found: &Gathering, next: UserId, now: Timestamp) -> Result<Transaction, StoreError> {
    let group = &found.group;
    let (Some(old), Some(new)) = (found.find(group.organizer), found.find(next)) else {
        return Err(StoreError::Conflict(MEMBER_CHANGED));
    };
    if new.item.status != JoinStatus::Accepted {
        return Err(StoreError::Conflict(MEMBER_CHANGED));
    }
    let after = Group {
        counts: Counts {
            members: group.counts.members.saturating_sub(1),
            ..group.counts
        },
        ..group.handed_over(next, now)
    };
    let heir = Member {
        role: Role::Organizer,
        ..new.item.clone()
    };
    let (old_key, new_key) = (
        keys::group_member(group.id, group.organizer),
        keys::group_member(group.id, next),
    );
    let row = GroupMemberRow::new(group.id, &heir);
    Ok(Transaction::default()
        .with(Write::replace(
            GROUP_CHANGED,
            keys::group(group.id),
            &GroupRow::from(&after),
            group.sequence,
        )?)
        .with(Write::remove(MEMBER_CHANGED, old_key, Condition::Version(old.version)))
        .with(pointer(group.id, group.organizer, None)?)
        .with(Write::replace(MEMBER_CHANGED, new_key, &row, new.version)?)
        .with(pointer(group.id, next, Some(&heir))?))
}
