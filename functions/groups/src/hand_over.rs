use axum::extract::State;
use serde::Deserialize;
use tripsage_domain::{audit::Action, ids::GroupId, policy::GroupAction};
use tripsage_http::{ApiError, Caller, Context, Envelope, Errors, Json, Path, Reply};
use tripsage_store::{Transaction, groups::member_mark};
use utoipa::ToSchema;

use crate::{App, get_group::GroupDetail};

/// To whom to hand a group over: by id or by username.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct HandOver {
    /// Their id.
    #[schema(value_type = Option<String>, format = Uuid)]
    traveler_id: Option<String>,
    /// Their username.
    username: Option<String>,
}

/// Makes another member the organizer; the one before becomes a moderator.
#[utoipa::path(put, path = "/api/v1/travel-groups/{group_id}/organizer", operation_id = "handGroupOver", tag = "groups",
    security(("bearer" = [])), params(("group_id" = String, Path, format = Uuid)), request_body = HandOver,
    responses((status = 200, description = "The group", body = Envelope<GroupDetail>), Errors))]
pub(crate) async fn hand_group_over(
    State(app): State<App>,
    caller: Caller,
    context: Context,
    Path(id): Path<GroupId>,
    Json(request): Json<HandOver>,
) -> Result<Reply<GroupDetail>, ApiError> {
    let found = app.find_group(id, &[caller.user]).await?;
    let allowed = found.group.permit_as(found.member(caller.user), GroupAction::HandOver);
    if !context.resumed() {
        allowed?;
    }
    let user = app.find_named(request.traveler_id, request.username).await?;
    let target = format!("group/{id}/member/{}", member_mark(id, user));
    let record = context.record(caller.user, Action::GroupHandedOver, target);
    let attempt = async || {
        let found = app.find_group(id, &[caller.user, user]).await?;
        if context.resumed() && found.group.organizer == user {
            return Ok(Ok(()));
        }
        let (by, target) = (found.find(caller.user), found.find(user));
        let members = found
            .group
            .handing_over(by.map(|by| &by.item), target.map(|target| &target.item))?;
        let after = found.group.handed_over(user, context.now);
        let transaction = Transaction::default()
            .handing_group_over(&found, &after, members)?
            .audited(&record)?;
        Ok(app.db.commit(transaction.fenced(context.claim())).await)
    };
    app.until_settled(&context, attempt).await?;
    app.bump_groups().await;
    let detail = app.detail(id, Some(&caller), &context).await?;
    Ok(Reply::ok("Group handed over", detail))
}
