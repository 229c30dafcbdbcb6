use axum::extract::State;
use jiff::Timestamp;
use serde::Serialize;
use tripsage_domain::{
    audit::Action,
    group::{Group, RESTORE_WINDOW},
    ids::GroupId,
};
use tripsage_http::{ApiError, Caller, Context, Envelope, Errors, IfMatch, Path, Reply};
use utoipa::ToSchema;

use crate::{App, get_group::GroupDetail};

/// A deleted group.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct DeletedGroup {
    /// Its id.
    #[schema(format = Uuid)]
    id: String,
    /// Until when it can be brought back.
    #[schema(value_type = String, format = DateTime)]
    restorable_until: Timestamp,
}

/// Deletes a group for everybody. Its organizer can bring it back for 30 days.
#[utoipa::path(delete, path = "/api/v1/travel-groups/{group_id}", operation_id = "deleteGroup", tag = "groups",
    security(("bearer" = [])), params(("group_id" = String, Path, format = Uuid)),
    responses((status = 200, description = "It is deleted", body = Envelope<DeletedGroup>), Errors))]
pub(crate) async fn delete_group(
    State(app): State<App>,
    caller: Caller,
    context: Context,
    Path(id): Path<GroupId>,
    if_match: IfMatch,
) -> Result<Reply<DeletedGroup>, ApiError> {
    let delete = |group: &Group| {
        let already = context.resumed() && group.organizer == caller.user && group.deleted_at.is_some();
        if already {
            return Ok(group.clone());
        }
        let after = group.deleted(caller.user, context.now)?;
        if_match.check(group.revision)?;
        Ok(after)
    };
    app.edit_group(&context, &caller, id, Action::GroupDeleted, delete)
        .await?;
    let deleted = DeletedGroup {
        id: id.to_string(),
        restorable_until: context.now + RESTORE_WINDOW,
    };
    Ok(Reply::ok("Group deleted", deleted))
}

/// Brings a deleted group back, with its members.
#[utoipa::path(post, path = "/api/v1/travel-groups/{group_id}/restore", operation_id = "restoreGroup", tag = "groups",
    security(("bearer" = [])), params(("group_id" = String, Path, format = Uuid)),
    responses((status = 200, description = "The group", body = Envelope<GroupDetail>), Errors))]
pub(crate) async fn restore_group(
    State(app): State<App>,
    caller: Caller,
    context: Context,
    Path(id): Path<GroupId>,
) -> Result<Reply<GroupDetail>, ApiError> {
    let restore = |group: &Group| {
        let already = context.resumed() && group.organizer == caller.user && group.deleted_at.is_none();
        if already {
            return Ok(group.clone());
        }
        Ok(group.restored(caller.user, context.now)?)
    };
    let group = app
        .edit_group(&context, &caller, id, Action::GroupRestored, restore)
        .await?;
    let detail = app.detail(id, Some(&caller), &context).await?;
    Ok(Reply::ok("Group restored", detail).etag(group.revision))
}
