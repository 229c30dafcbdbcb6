use axum::extract::State;
use serde::Deserialize;
use tripsage_domain::{
    audit::Action,
    group::Role,
    ids::GroupId,
    policy::GroupAction,
    validation::{Checks, Rule},
};
use tripsage_http::{ApiError, Caller, Context, Envelope, Errors, Json, Path, Reply};
use tripsage_store::groups::{Gathering, member_mark};
use utoipa::ToSchema;

use crate::{App, editing::Decision, people::GroupMember, today};

/// Whom to invite: by id or by username.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct InviteMember {
    /// Their id.
    #[schema(value_type = Option<String>, format = Uuid)]
    traveler_id: Option<String>,
    /// Their username.
    username: Option<String>,
    /// What they will be: `member` (if not given), `guest`, or `moderator`, which the organizer alone gives.
    #[schema(example = "member")]
    role: Option<String>,
}

pub(crate) fn role(name: &str) -> Result<Role, Rule> {
    match name.parse::<Role>()? {
        Role::Organizer => Err(Rule::new("one_of", "must be one of guest, member, moderator")),
        role => Ok(role),
    }
}

/// Invites somebody. The organizer and moderators may.
#[utoipa::path(post, path = "/api/v1/travel-groups/{group_id}/invite", operation_id = "inviteToGroup", tag = "groups",
    security(("bearer" = [])), params(("group_id" = String, Path, format = Uuid)), request_body = InviteMember,
    responses((status = 201, description = "The invitation, which waits for an answer", body = Envelope<GroupMember>), Errors))]
pub(crate) async fn invite_to_group(
    State(app): State<App>,
    caller: Caller,
    context: Context,
    Path(id): Path<GroupId>,
    Json(request): Json<InviteMember>,
) -> Result<Reply<GroupMember>, ApiError> {
    let mut checks = Checks::default();
    let role = checks
        .optional("role", request.role, |name| role(&name))
        .unwrap_or(Role::Member);
    checks.finish()?;
    // Who may not invite learns nothing of who uses the product.
    let found = app.find_group(id, &[caller.user]).await?;
    found.group.permit_as(found.member(caller.user), GroupAction::Invite)?;
    let user = app.find_named(request.traveler_id, request.username).await?;
    let times = (today(&context), context.now);
    let decide = |found: &Gathering| {
        let (by, present) = (found.member(caller.user), found.member(user));
        let target = format!("group/{id}/member/{}", member_mark(id, user));
        Ok(Decision {
            after: Some(found.group.invited(by, user, role, present, times)?),
            record: context.record(caller.user, Action::GroupInvited, target),
        })
    };
    let invited = app.change_member(&context, id, user, Some(caller.user), decide).await;
    let member = match invited {
        Err(error) if context.resumed() => {
            let found = app.find_group(id, &[user]).await?;
            found.member(user).cloned().ok_or(error)?
        }
        invited => invited?.1.ok_or_else(|| ApiError::internal("nobody was invited"))?,
    };
    let mut named = app.named(&[member]).await?;
    let invitation = named.pop().ok_or_else(|| ApiError::internal("nobody was invited"))?;
    Ok(Reply::created("Invitation sent", invitation))
}
