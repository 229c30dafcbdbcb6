//! Who comes, goes, or stands otherwise in a group.

use aws_sdk_dynamodb::types::AttributeValue;
use tripsage_domain::{
    group::{Group, JoinStatus, MAX_BLOCKED, MAX_PENDING, Member},
    ids::{GroupId, UserId},
};

use super::{GROUP_CHANGED, GroupMemberRow, MEMBER_CHANGED};
use crate::{
    Condition, Loaded, StoreError, Transaction, Update, Write,
    keys::{self, Digest},
};

/// How somebody stood in a group, and how they should.
#[derive(Debug, Clone)]
pub struct MemberChange<'a> {
    /// The group, as the decision saw it.
    pub group: &'a Group,
    /// How they stood, as it was read.
    pub before: Option<&'a Loaded<Member>>,
    /// How they should stand; `None`: not at all.
    pub after: Option<Member>,
    /// Who decides for the group, as it was read; `None`: who it is about decides.
    pub by: Option<&'a Loaded<Member>>,
}

/// What a change adds to a count.
fn delta(change: &MemberChange<'_>, status: JoinStatus) -> i64 {
    let counts = |member: Option<&Member>| i64::from(member.is_some_and(|member| member.status == status));
    counts(change.after.as_ref()) - counts(change.before.map(|before| &before.item))
}

/// That the group is as the decision saw it.
fn unchanged(group: &Group) -> (&'static str, Vec<(&'static str, AttributeValue)>) {
    let revision = AttributeValue::N(group.revision.to_string());
    ("#revision = :revision", vec![("revision", revision)])
}

/// Adds what the change adds to the group's counts, where there is room; checks the group when it adds nothing.
fn counted(change: &MemberChange<'_>) -> Write {
    let key = keys::group(change.group.id);
    let (text, mut values) = unchanged(change.group);
    let mut condition = text.to_owned();
    let mut update = Update::default();
    let number = |limit: u32| AttributeValue::N(limit.to_string());
    let counts = [
        (JoinStatus::Accepted, "members", " AND #members < #max_members", None),
        (
            JoinStatus::Pending,
            "pending",
            " AND #pending < :most_pending",
            Some(("most_pending", number(MAX_PENDING))),
        ),
        (
            JoinStatus::Blocked,
            "blocked",
            " AND #blocked < :most_blocked",
            Some(("most_blocked", number(MAX_BLOCKED))),
        ),
    ];
    let mut nothing = true;
    for (status, name, has_room, limit) in counts {
        let delta = delta(change, status);
        if delta == 0 {
            continue;
        }
        nothing = false;
        update = update.add(name, delta);
        if delta > 0 {
            condition.push_str(has_room);
            values.extend(limit);
        }
    }
    let condition = Condition::expression(&condition, values);
    if nothing {
        Write::check(GROUP_CHANGED, key, condition)
    } else {
        Write::update(GROUP_CHANGED, key, update.add("version", 1), condition)
    }
}

impl Transaction {
    /// AP-225: writes how somebody stands in a group, in the group and in their own partition, and counts it. Conflicts:
    /// [`GROUP_CHANGED`] when the group has changed or has no room, [`MEMBER_CHANGED`] when who it is about, or who
    /// decides, has.
    ///
    /// # Errors
    /// When a row cannot be expressed in DynamoDB's types.
    pub fn changing_member(self, change: &MemberChange<'_>) -> Result<Self, StoreError> {
        let Some(user) = change.user() else {
            return Ok(self);
        };
        let mut transaction = self.with(counted(change)).with(change.member_write(user)?);
        transaction.push(pointer(change.group.id, user, change.after.as_ref())?);
        if let Some(by) = change.by.filter(|by| by.item.user != user) {
            let key = keys::group_member(change.group.id, by.item.user);
            transaction.push(Write::check(MEMBER_CHANGED, key, Condition::Version(by.version)));
        }
        Ok(transaction)
    }
}

impl MemberChange<'_> {
    fn user(&self) -> Option<UserId> {
        let before = self.before.map(|before| before.item.user);
        before.or(self.after.as_ref().map(|after| after.user))
    }

    pub(super) fn member_write(&self, user: UserId) -> Result<Write, StoreError> {
        let key = keys::group_member(self.group.id, user);
        let row = self
            .after
            .as_ref()
            .map(|member| GroupMemberRow::new(self.group.id, member));
        match (self.before, row) {
            (None, Some(row)) => Write::insert(MEMBER_CHANGED, key, &row),
            (Some(before), Some(row)) => Write::replace(MEMBER_CHANGED, key, &row, before.version),
            (Some(before), None) => Ok(Write::remove(MEMBER_CHANGED, key, Condition::Version(before.version))),
            (None, None) => Ok(Write::check(MEMBER_CHANGED, key, Condition::Absent)),
        }
    }
}

/// What somebody's own partition says of a group; the row in the group orders it.
pub(super) fn pointer(group: GroupId, user: UserId, member: Option<&Member>) -> Result<Write, StoreError> {
    let key = keys::membership(user, group);
    match member {
        Some(member) => {
            let row = GroupMemberRow::new(group, member);
            Write::put("membership", key, &row, 1, Condition::anyway())
        }
        None => Ok(Write::remove("membership", key, Condition::anyway())),
    }
}

/// What a trail says of a member of a group instead of their id.
pub fn member_mark(group: GroupId, user: UserId) -> String {
    let digest = Digest::of(&[b"group member", group.uuid().as_bytes(), user.uuid().as_bytes()]);
    digest.to_uuid().to_string()
}
