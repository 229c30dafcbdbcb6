//! Groups as they are stored, and the way there and back.

use jiff::{Timestamp, civil::Date};
use serde::{Deserialize, Serialize};
use tripsage_domain::{
    group::{Content, Counts, Group, GroupType, JoinStatus, Member, Role},
    ids::{GroupId, UserId},
};

/// A group. The counts are attributes of their own, so that a member who comes or goes changes them without replacing
/// what was not read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[expect(clippy::struct_excessive_bools, reason = "each is a field that the organizer sets")]
pub struct GroupRow {
    id: GroupId,
    name: String,
    description: Option<String>,
    group_type: GroupType,
    destination: String,
    start_date: Date,
    end_date: Date,
    max_members: u32,
    activity_tags: Vec<String>,
    travel_style: Option<String>,
    is_women_only: bool,
    require_identity_verification: bool,
    min_reputation: u32,
    requires_approval: bool,
    live_location_sharing_enabled: bool,
    emergency_alert_enabled: bool,
    organizer: UserId,
    organized_by_creator: bool,
    members: u32,
    pending: u32,
    blocked: u32,
    revision: u64,
    created_at: Timestamp,
    updated_at: Timestamp,
    deleted_at: Option<Timestamp>,
}

impl From<&Group> for GroupRow {
    fn from(group: &Group) -> Self {
        let content = group.content.clone();
        Self {
            id: group.id,
            name: content.name,
            description: content.description,
            group_type: content.group_type,
            destination: content.destination,
            start_date: content.start_date,
            end_date: content.end_date,
            max_members: content.max_members,
            activity_tags: content.activity_tags,
            travel_style: content.travel_style,
            is_women_only: content.is_women_only,
            require_identity_verification: content.require_identity_verification,
            min_reputation: content.min_reputation,
            requires_approval: content.requires_approval,
            live_location_sharing_enabled: content.live_location_sharing_enabled,
            emergency_alert_enabled: content.emergency_alert_enabled,
            organizer: group.organizer,
            organized_by_creator: group.organized_by_creator,
            members: group.counts.members,
            pending: group.counts.pending,
            blocked: group.counts.blocked,
            revision: group.revision,
            created_at: group.created_at,
            updated_at: group.updated_at,
            deleted_at: group.deleted_at,
        }
    }
}

impl GroupRow {
    pub(super) fn into_group(self, sequence: u64) -> Group {
        Group {
            id: self.id,
            content: Content {
                name: self.name,
                description: self.description,
                group_type: self.group_type,
                destination: self.destination,
                start_date: self.start_date,
                end_date: self.end_date,
                max_members: self.max_members,
                activity_tags: self.activity_tags,
                travel_style: self.travel_style,
                is_women_only: self.is_women_only,
                require_identity_verification: self.require_identity_verification,
                min_reputation: self.min_reputation,
                requires_approval: self.requires_approval,
                live_location_sharing_enabled: self.live_location_sharing_enabled,
                emergency_alert_enabled: self.emergency_alert_enabled,
            },
            organizer: self.organizer,
            organized_by_creator: self.organized_by_creator,
            counts: Counts {
                members: self.members,
                pending: self.pending,
                blocked: self.blocked,
            },
            revision: self.revision,
            sequence,
            created_at: self.created_at,
            updated_at: self.updated_at,
            deleted_at: self.deleted_at,
        }
    }
}

/// Somebody who stands in a group: the same row in the group's partition and in theirs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct GroupMemberRow {
    /// Which group.
    pub group: GroupId,
    /// Who.
    pub user: UserId,
    /// What they are, or will be once they are accepted.
    pub role: Role,
    /// `pending`, `accepted` or `blocked`.
    pub status: JoinStatus,
    /// Whether somebody of the group asked them first.
    pub invited: bool,
    /// Since when they stand there in this way.
    pub since: Timestamp,
    /// Their reputation when they were accepted.
    pub reputation_at_join: Option<u32>,
}

impl GroupMemberRow {
    /// How `member` is stored in `group`.
    pub fn new(group: GroupId, member: &Member) -> Self {
        Self {
            group,
            user: member.user,
            role: member.role,
            status: member.status,
            invited: member.invited,
            since: member.since,
            reputation_at_join: member.reputation_at_join,
        }
    }

    /// Who it is.
    pub fn into_member(self) -> Member {
        Member {
            user: self.user,
            role: self.role,
            status: self.status,
            invited: self.invited,
            since: self.since,
            reputation_at_join: self.reputation_at_join,
        }
    }
}
