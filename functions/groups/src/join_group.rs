use axum::extract::State;
use serde::Serialize;
use tripsage_domain::{
    audit::Action,
    group::{JoinStatus, Member, Role},
    ids::GroupId,
};
use tripsage_http::{ApiError, Caller, Context, Envelope, Errors, Path, Reply};
use tripsage_store::groups::Gathering;
use utoipa::ToSchema;

use crate::{App, editing::Decision, today};

/// How the caller stands in a group now.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Standing {
    /// The group.
    #[schema(format = Uuid)]
    group_id: String,
    /// `pending`, `accepted`, `rejected` or `left`.
    join_status: &'static str,
    /// What they are in it, or will be.
    role: Option<&'static str>,
}

impl Standing {
    pub(crate) fn new(group: GroupId, status: JoinStatus, role: Option<Role>) -> Self {
        Self {
            group_id: group.to_string(),
            join_status: status.name(),
            role: role.map(Role::name),
        }
    }

    pub(crate) fn of(group: GroupId, member: &Member) -> Self {
        Self::new(group, member.status, Some(member.role))
    }
}

/// Joins a group, or asks to join it where the group decides. Who was invited accepts the invitation.
///
/// Refused are: who belongs to it or waits already (409), who finds no place (400 `GROUP_FULL`), and who is not what the
/// group requires (400 `REQUIREMENT_UNMET`).
#[utoipa::path(post, path = "/api/v1/travel-groups/{group_id}/join", operation_id = "joinGroup", tag = "groups",
    security(("bearer" = [])), params(("group_id" = String, Path, format = Uuid)),
    responses((status = 201, description = "How the caller stands in it", body = Envelope<Standing>), Errors))]
pub(crate) async fn join_group(
    State(app): State<App>,
    caller: Caller,
    context: Context,
    Path(id): Path<GroupId>,
) -> Result<Reply<Standing>, ApiError> {
    let member = app.join(&caller, &context, id, false).await?;
    let message = if member.is_accepted() {
        "Group joined"
    } else {
        "Request filed"
    };
    Ok(Reply::created(message, Standing::of(id, &member)))
}

/// Accepts an invitation.
#[utoipa::path(post, path = "/api/v1/travel-groups/{group_id}/invitation/accept", operation_id = "acceptGroupInvitation",
    tag = "groups", security(("bearer" = [])), params(("group_id" = String, Path, format = Uuid)),
    responses((status = 200, description = "How the caller stands in it", body = Envelope<Standing>), Errors))]
pub(crate) async fn accept_group_invitation(
    State(app): State<App>,
    caller: Caller,
    context: Context,
    Path(id): Path<GroupId>,
) -> Result<Reply<Standing>, ApiError> {
    let member = app.join(&caller, &context, id, true).await?;
    Ok(Reply::ok("Invitation accepted", Standing::of(id, &member)))
}

/// Declines an invitation.
#[utoipa::path(post, path = "/api/v1/travel-groups/{group_id}/invitation/decline", operation_id = "declineGroupInvitation",
    tag = "groups", security(("bearer" = [])), params(("group_id" = String, Path, format = Uuid)),
    responses((status = 200, description = "It is declined", body = Envelope<Standing>), Errors))]
pub(crate) async fn decline_group_invitation(
    State(app): State<App>,
    caller: Caller,
    context: Context,
    Path(id): Path<GroupId>,
) -> Result<Reply<Standing>, ApiError> {
    app.leave(&caller, &context, id, true).await?;
    Ok(Reply::ok(
        "Invitation declined",
        Standing::new(id, JoinStatus::Rejected, None),
    ))
}

/// Leaves a group, or takes a request to join it back. Its organizer hands it over first.
#[utoipa::path(post, path = "/api/v1/travel-groups/{group_id}/leave", operation_id = "leaveGroup", tag = "groups",
    security(("bearer" = [])), params(("group_id" = String, Path, format = Uuid)),
    responses((status = 200, description = "The caller has left", body = Envelope<Standing>), Errors))]
pub(crate) async fn leave_group(
    State(app): State<App>,
    caller: Caller,
    context: Context,
    Path(id): Path<GroupId>,
) -> Result<Reply<Standing>, ApiError> {
    app.leave(&caller, &context, id, false).await?;
    Ok(Reply::ok("Group left", Standing::new(id, JoinStatus::Left, None)))
}

fn is_invited(member: Option<&Member>) -> bool {
    member.is_some_and(|member| member.is_pending() && member.invited)
}

impl App {
    async fn join(&self, caller: &Caller, context: &Context, id: GroupId, invited: bool) -> Result<Member, ApiError> {
        let who = self.applicant(caller.user).await?;
        let decide = |found: &Gathering| {
            let present = found.member(caller.user);
            if invited && !is_invited(present) {
                return Err(ApiError::not_found("invitation"));
            }
            Ok(Decision {
                after: Some(found.group.joined(&who, present, today(context), context.now)?),
                record: context.record(caller.user, Action::GroupJoined, format!("group/{id}")),
            })
        };
        let joined = self.change_member(context, id, caller.user, None, decide).await;
        match joined {
            Ok((_, Some(member))) => Ok(member),
            Ok((_, None)) => Err(ApiError::internal("nobody has joined")),
            // An earlier attempt at this very request has let them in.
            Err(error) if context.resumed() => {
                let found = self.find_group(id, &[caller.user]).await?;
                found.member(caller.user).cloned().ok_or(error)
            }
            Err(error) => Err(error),
        }
    }

    async fn leave(&self, caller: &Caller, context: &Context, id: GroupId, invited: bool) -> Result<(), ApiError> {
        let decide = |found: &Gathering| {
            let present = found.member(caller.user);
            if invited && !is_invited(present) {
                return Err(ApiError::not_found("invitation"));
            }
            found.group.left(present)?;
            Ok(Decision {
                after: None,
                record: context.record(caller.user, Action::GroupLeft, format!("group/{id}")),
            })
        };
        let left = self.change_member(context, id, caller.user, None, decide).await;
        match left {
            Err(_) if context.resumed() => Ok(()),
            left => left.map(|_| ()),
        }
    }
}
