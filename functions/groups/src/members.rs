//! Who belongs to a group: seeing them, and what the organizer and moderators decide about them.

use axum::extract::State;
use serde::{Deserialize, Serialize};
use tripsage_domain::{
    audit::Action,
    group::{JoinStatus, Member},
    ids::{GroupId, UserId},
    policy::{Denial, GroupAction},
    validation::{Checks, Rule},
};
use tripsage_http::{
    ApiError, Caller, Context, CursorScope, Envelope, Errors, Json, PageQuery, Pagination, Path, Query, Reply,
};
use tripsage_store::groups::{Gathering, member_mark};
use utoipa::{IntoParams, ToSchema};

use crate::{
    App,
    editing::Decision,
    invite::role,
    join_group::Standing,
    people::{GroupMember, in_order, sees_members},
    today,
};

/// Whom of a group to list.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct ListMembers {
    /// `accepted` (if not given), `pending` or `blocked`; the latter two are for the organizer and moderators.
    status: Option<String>,
    /// The `next_cursor` of the page before.
    cursor: Option<String>,
    /// Number of the page, from 1; not together with `cursor`.
    #[param(minimum = 1, maximum = 50)]
    page: Option<u32>,
    /// Entries per page.
    #[param(minimum = 1, maximum = 100)]
    per_page: Option<u32>,
}

/// A page of the people of a group.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Members {
    /// The most important first, then who came first.
    members: Vec<GroupMember>,
    /// As beside `data`.
    pagination: Pagination,
}

/// Another role.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ChangeRole {
    /// `moderator`, `member` or `guest`.
    #[schema(value_type = String, example = "moderator")]
    role: Option<String>,
}

fn status(name: &str) -> Result<JoinStatus, Rule> {
    match name.parse() {
        Ok(status @ (JoinStatus::Accepted | JoinStatus::Pending | JoinStatus::Blocked)) => Ok(status),
        _ => Err(Rule::new("one_of", "must be one of accepted, pending, blocked")),
    }
}

/// The people of a group. Its members see them, and whoever is signed in where the group is open to all.
#[utoipa::path(get, path = "/api/v1/travel-groups/{group_id}/members", operation_id = "listGroupMembers", tag = "groups",
    security(("bearer" = [])), params(("group_id" = String, Path, format = Uuid), ListMembers),
    responses((status = 200, description = "A page of them", body = Envelope<Members>), Errors))]
pub(crate) async fn list_group_members(
    State(app): State<App>,
    caller: Caller,
    context: Context,
    Path(id): Path<GroupId>,
    Query(query): Query<ListMembers>,
) -> Result<Reply<Members>, ApiError> {
    let mut checks = Checks::default();
    let status = checks
        .optional("status", query.status, |name| status(&name))
        .unwrap_or(JoinStatus::Accepted);
    checks.finish()?;
    let pages = PageQuery {
        cursor: query.cursor,
        page: query.page,
        per_page: query.per_page,
    };
    let per_page = pages.checked()?;
    let found = app.find_group(id, &[caller.user]).await?;
    let own = found.member(caller.user);
    if status != JoinStatus::Accepted {
        found.group.permit_as(own, GroupAction::Review)?;
    } else if !sees_members(&found.group, Some(&caller), own) {
        return Err(ApiError::denied(Denial::Forbidden, "group"));
    }
    let mut members = app.db.list_group_members(id).await?;
    members.retain(|member| member.status == status);
    in_order(&mut members);
    let (user, selection) = (caller.user.to_string(), format!("{id} {status}"));
    let scope = CursorScope {
        operation: "listGroupMembers",
        caller: &user,
        selection: &selection,
    };
    let mut start = None;
    if let Some(cursor) = &pages.cursor {
        let last = app.edge.cursors(context.now).await?.open(scope, cursor)?;
        start = Some(members.iter().take_while(|member| position(member) <= last).count());
    }
    let (page, mut pagination, more) = pages.slice(per_page, members, start);
    if let (Some(_), Some(last)) = (more, page.last()) {
        pagination.next_cursor = Some(app.edge.cursors(context.now).await?.seal(scope, &position(last))?);
    }
    let members = app.named(&page).await?;
    let body = Members {
        members,
        pagination: pagination.clone(),
    };
    Ok(Reply::ok("Members found", body).page(pagination))
}

/// A text that sorts as [`in_order`] does.
fn position(member: &Member) -> String {
    let rank = 9 - member.role as u8;
    format!("{rank} {:020} {}", member.since.as_microsecond().max(0), member.user)
}

/// Gives a member another role. The organizer may; another organizer is made by handing the group over.
#[utoipa::path(put, path = "/api/v1/travel-groups/{group_id}/members/{user_id}", operation_id = "updateGroupMember",
    tag = "groups", security(("bearer" = [])), request_body = ChangeRole,
    params(("group_id" = String, Path, format = Uuid), ("user_id" = String, Path, format = Uuid)),
    responses((status = 200, description = "The member", body = Envelope<GroupMember>), Errors))]
pub(crate) async fn update_group_member(
    State(app): State<App>,
    caller: Caller,
    context: Context,
    Path((id, user)): Path<(GroupId, UserId)>,
    Json(request): Json<ChangeRole>,
) -> Result<Reply<GroupMember>, ApiError> {
    let mut checks = Checks::default();
    let role = checks.required("role", request.role, |name| role(&name));
    let role = checks.build(|| role)?;
    let member = app
        .decide(&caller, &context, id, user, Action::GroupMemberChanged, |found| {
            let (by, target) = (found.member(caller.user), found.member(user));
            Ok(Some(found.group.with_role(by, target, role)?))
        })
        .await?;
    app.shown(member, "Role changed").await
}

/// Takes in who asked to join. The organizer and moderators may.
#[utoipa::path(post, path = "/api/v1/travel-groups/{group_id}/members/{user_id}/approve",
    operation_id = "approveGroupMember", tag = "groups", security(("bearer" = [])),
    params(("group_id" = String, Path, format = Uuid), ("user_id" = String, Path, format = Uuid)),
    responses((status = 200, description = "The member", body = Envelope<GroupMember>), Errors))]
pub(crate) async fn approve_group_member(
    State(app): State<App>,
    caller: Caller,
    context: Context,
    Path((id, user)): Path<(GroupId, UserId)>,
) -> Result<Reply<GroupMember>, ApiError> {
    let found = app.find_group(id, &[caller.user]).await?;
    found.group.permit_as(found.member(caller.user), GroupAction::Review)?;
    let (who, times) = (app.applicant(user).await?, (today(&context), context.now));
    let member = app
        .decide(&caller, &context, id, user, Action::GroupMemberChanged, |found| {
            let (by, request) = (found.member(caller.user), found.member(user));
            Ok(Some(found.group.approved(by, &who, request, times)?))
        })
        .await?;
    app.shown(member, "Request approved").await
}

/// Turns down who asked to join; they may ask again. The organizer and moderators may.
#[utoipa::path(post, path = "/api/v1/travel-groups/{group_id}/members/{user_id}/reject",
    operation_id = "rejectGroupMember", tag = "groups", security(("bearer" = [])),
    params(("group_id" = String, Path, format = Uuid), ("user_id" = String, Path, format = Uuid)),
    responses((status = 200, description = "It is turned down", body = Envelope<Standing>), Errors))]
pub(crate) async fn reject_group_member(
    State(app): State<App>,
    caller: Caller,
    context: Context,
    Path((id, user)): Path<(GroupId, UserId)>,
) -> Result<Reply<Standing>, ApiError> {
    app.decide(&caller, &context, id, user, Action::GroupMemberChanged, |found| {
        found.group.rejected(found.member(caller.user), found.member(user))?;
        Ok(None)
    })
    .await?;
    Ok(Reply::ok(
        "Request rejected",
        Standing::new(id, JoinStatus::Rejected, None),
    ))
}

/// Removes a member, takes an invitation back, or lets somebody come again who was kept out. The organizer and, of
/// members and guests, moderators may.
#[utoipa::path(delete, path = "/api/v1/travel-groups/{group_id}/members/{user_id}", operation_id = "deleteGroupMember",
    tag = "groups", security(("bearer" = [])),
    params(("group_id" = String, Path, format = Uuid), ("user_id" = String, Path, format = Uuid)),
    responses((status = 200, description = "They do not stand in the group any more", body = Envelope<Standing>), Errors))]
pub(crate) async fn delete_group_member(
    State(app): State<App>,
    caller: Caller,
    context: Context,
    Path((id, user)): Path<(GroupId, UserId)>,
) -> Result<Reply<Standing>, ApiError> {
    app.decide(&caller, &context, id, user, Action::GroupMemberRemoved, |found| {
        found.group.removed(found.member(caller.user), found.member(user))?;
        Ok(None)
    })
    .await?;
    Ok(Reply::ok("Member removed", Standing::new(id, JoinStatus::Left, None)))
}

/// Keeps somebody out, whether or not they belong to the group; removing them lets them come again. The organizer and,
/// of members and guests, moderators may.
#[utoipa::path(post, path = "/api/v1/travel-groups/{group_id}/members/{user_id}/block", operation_id = "blockGroupMember",
    tag = "groups", security(("bearer" = [])),
    params(("group_id" = String, Path, format = Uuid), ("user_id" = String, Path, format = Uuid)),
    responses((status = 200, description = "They are kept out", body = Envelope<GroupMember>), Errors))]
pub(crate) async fn block_group_member(
    State(app): State<App>,
    caller: Caller,
    context: Context,
    Path((id, user)): Path<(GroupId, UserId)>,
) -> Result<Reply<GroupMember>, ApiError> {
    let found = app.find_group(id, &[caller.user]).await?;
    found.group.permit_as(found.member(caller.user), GroupAction::Remove)?;
    if app.db.find_user(user).await?.is_none() {
        return Err(ApiError::not_found("user"));
    }
    let member = app
        .decide(&caller, &context, id, user, Action::GroupMemberBlocked, |found| {
            let (by, target) = (found.member(caller.user), found.member(user));
            Ok(Some(found.group.blocked(by, user, target, context.now)?))
        })
        .await?;
    app.shown(member, "Member blocked").await
}

impl App {
    /// Somebody of a group decides how somebody else stands in it.
    async fn decide(
        &self,
        caller: &Caller,
        context: &Context,
        id: GroupId,
        user: UserId,
        action: Action,
        decide: impl Fn(&Gathering) -> Result<Option<Member>, ApiError>,
    ) -> Result<Option<Member>, ApiError> {
        // Somebody else stands in this trail: not by their id, so that erasure need not find it.
        let target = format!("group/{id}/member/{}", member_mark(id, user));
        let decided = self
            .change_member(context, id, user, Some(caller.user), |found| {
                Ok(Decision {
                    after: decide(found)?,
                    record: context.record(caller.user, action, target.clone()),
                })
            })
            .await;
        match decided {
            // An earlier attempt at this very request has done it.
            Err(_) if context.resumed() => {
                let found = self.find_group(id, &[user]).await?;
                Ok(found.member(user).cloned())
            }
            decided => Ok(decided?.1),
        }
    }

    async fn shown(&self, member: Option<Member>, message: &'static str) -> Result<Reply<GroupMember>, ApiError> {
        let member = member.ok_or_else(|| ApiError::not_found("member"))?;
        let mut named = self.named(&[member]).await?;
        let member = named.pop().ok_or_else(|| ApiError::not_found("member"))?;
        Ok(Reply::ok(message, member))
    }
}
