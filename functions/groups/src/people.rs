//! People as the members of a group see one another.

use jiff::Timestamp;
use serde::Serialize;
use tripsage_domain::{
    group::{Group, Member},
    ids::UserId,
    user::Username,
    validation::{Checks, Rule},
};
use tripsage_http::{ApiError, Caller};
use tripsage_store::users::UserRow;
use utoipa::ToSchema;

use crate::App;

/// Somebody who stands in a group.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct GroupMember {
    /// Their id.
    #[schema(format = Uuid)]
    pub(crate) traveler_id: String,
    /// The name by which others find them.
    username: Option<String>,
    /// The name that they show.
    display_name: Option<String>,
    /// Where their picture is.
    avatar_url: Option<String>,
    /// `organizer`, `moderator`, `member` or `guest`.
    role: &'static str,
    /// `pending`, `accepted` or `blocked`.
    join_status: &'static str,
    /// Whether somebody of the group asked them first: if they are pending, they decide, else the group does.
    invited: bool,
    /// Since when they belong to it, or wait.
    #[schema(value_type = String, format = DateTime)]
    joined_date: Timestamp,
    /// Their reputation when they came.
    #[serde(skip_serializing_if = "Option::is_none")]
    traveler_reputation_at_join: Option<u32>,
}

impl GroupMember {
    pub(crate) fn new(member: &Member, people: &[UserRow]) -> Self {
        let user = people.iter().find(|user| user.id == member.user && user.is_active());
        Self {
            traveler_id: member.user.to_string(),
            username: user.map(|user| user.username.clone()),
            display_name: user.map(|user| user.display_name.clone().unwrap_or_else(|| user.username.clone())),
            avatar_url: user.and_then(|user| user.avatar_url.clone()),
            role: member.role.name(),
            join_status: member.status.name(),
            invited: member.invited,
            joined_date: member.since,
            traveler_reputation_at_join: member.reputation_at_join,
        }
    }
}

/// Whether somebody may see who belongs to a group: who does, and whoever is signed in where the group is open to all.
pub(crate) fn sees_members(group: &Group, caller: Option<&Caller>, member: Option<&Member>) -> bool {
    member.is_some_and(Member::is_accepted) || (caller.is_some() && group.shows_members())
}

/// The most important first, then who came first.
pub(crate) fn in_order(members: &mut [Member]) {
    members.sort_by_key(|member| (std::cmp::Reverse(member.role), member.since, member.user));
}

impl App {
    /// These people with their names; at most 100.
    pub(crate) async fn named(&self, members: &[Member]) -> Result<Vec<GroupMember>, ApiError> {
        let ids: Vec<UserId> = members.iter().map(|member| member.user).collect();
        let people = self.db.find_users(&ids).await?;
        Ok(members.iter().map(|member| GroupMember::new(member, &people)).collect())
    }

    /// The user whom a request names by id or by username.
    pub(crate) async fn find_named(&self, id: Option<String>, username: Option<String>) -> Result<UserId, ApiError> {
        let mut checks = Checks::default();
        let given = usize::from(id.is_some()) + usize::from(username.is_some());
        let field = if id.is_some() || username.is_none() {
            "traveler_id"
        } else {
            "username"
        };
        checks.ensure(given > 0, "traveler_id", "required", "is required, or username");
        checks.ensure(
            given < 2,
            "username",
            "exclusive",
            "must not be given together with traveler_id",
        );
        let wrong = |_| Rule::new("id", "must be the id of a user");
        let id = checks.optional("traveler_id", id, |text| text.parse::<UserId>().map_err(wrong));
        let name = checks.optional("username", username, |text| Username::parse(&text));
        checks.finish()?;
        let user = match (id, name) {
            (Some(id), _) => self.db.find_user(id).await?,
            (None, Some(name)) => self.db.find_user_by_username(&name).await?,
            (None, None) => None,
        };
        let user = user.map(|loaded| loaded.item).filter(UserRow::is_active);
        let nobody = || ApiError::field(field, "unknown_user", "is nobody who uses TripSage");
        Ok(user.ok_or_else(nobody)?.id)
    }
}
