use axum::extract::State;
use serde::Serialize;
use tripsage_domain::{group::Member, ids::GroupId};
use tripsage_http::{ApiError, Caller, Context, Envelope, Errors, MaybeCaller, Path, Reply};
use utoipa::ToSchema;

use crate::{
    App,
    group_body::GroupBody,
    people::{GroupMember, in_order, sees_members},
    today,
};

/// A group, and how the caller stands to it.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct GroupDetail {
    /// The group.
    #[serde(flatten)]
    group: GroupBody,
    /// Whether the caller belongs to it.
    is_member: bool,
    /// What the caller is in it: `organizer`, `moderator`, `member` or `guest`.
    user_role: Option<&'static str>,
    /// How the caller stands to it: `accepted`, or `pending` when an invitation or a request waits.
    user_status: Option<&'static str>,
    /// Whether the caller may see who belongs to it: its members may, and whoever is signed in where the group is open
    /// to all.
    members_visible: bool,
    /// Who belongs to it, as far as the caller may see that.
    members: Vec<GroupMember>,
    /// How many requests and invitations wait; only for the organizer and moderators.
    #[serde(skip_serializing_if = "Option::is_none")]
    pending_count: Option<u32>,
}

/// A group. Who is not signed in sees it without its members.
#[utoipa::path(get, path = "/api/v1/travel-groups/{group_id}", operation_id = "getGroup", tag = "groups",
    params(("group_id" = String, Path, format = Uuid)),
    responses((status = 200, description = "The group", body = Envelope<GroupDetail>), Errors))]
pub(crate) async fn get_group(
    State(app): State<App>,
    MaybeCaller(caller): MaybeCaller,
    context: Context,
    Path(id): Path<GroupId>,
) -> Result<Reply<GroupDetail>, ApiError> {
    let caller = caller.map(Caller);
    let detail = app.detail(id, caller.as_ref(), &context).await?;
    Ok(Reply::ok("Group found", detail))
}

impl App {
    /// A group as a caller sees it.
    pub(crate) async fn detail(
        &self,
        id: GroupId,
        caller: Option<&Caller>,
        context: &Context,
    ) -> Result<GroupDetail, ApiError> {
        let people: Vec<_> = caller.iter().map(|caller| caller.user).collect();
        let found = self.find_group(id, &people).await?;
        let own = people.first().and_then(|user| found.member(*user));
        let visible = sees_members(&found.group, caller, own);
        let mut members: Vec<Member> = Vec::new();
        if visible {
            members = self.db.list_group_members(id).await?;
            members.retain(Member::is_accepted);
            in_order(&mut members);
        }
        let accepted = own.filter(|member| member.is_accepted());
        let reviews = found
            .group
            .permit_as(own, tripsage_domain::policy::GroupAction::Review)
            .is_ok();
        Ok(GroupDetail {
            group: GroupBody::new(&found.group, today(context), visible),
            is_member: accepted.is_some(),
            user_role: accepted.map(|member| member.role.name()),
            user_status: own
                .filter(|member| member.is_accepted() || member.is_pending())
                .map(|member| member.status.name()),
            members_visible: visible,
            members: self.named(&members).await?,
            pending_count: reviews.then_some(found.group.counts.pending),
        })
    }
}
