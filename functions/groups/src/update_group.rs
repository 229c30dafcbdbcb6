use axum::extract::State;
use tripsage_domain::{
    audit::Action,
    group::{ContentPatch, Group},
    ids::GroupId,
};
use tripsage_http::{ApiError, Caller, Context, Envelope, Errors, IfMatch, Json, Path, Reply};
use tripsage_store::{Transaction, groups::Gathering};

use crate::{App, get_group::GroupDetail, group_body::UpdateGroup};

/// Replaces the fields that are given and keeps the others. The organizer may.
#[utoipa::path(put, path = "/api/v1/travel-groups/{group_id}", operation_id = "replaceGroup", tag = "groups",
    security(("bearer" = [])), params(("group_id" = String, Path, format = Uuid)), request_body = UpdateGroup,
    responses((status = 200, description = "The group", body = Envelope<GroupDetail>), Errors))]
pub(crate) async fn replace_group(
    State(app): State<App>,
    caller: Caller,
    context: Context,
    Path(id): Path<GroupId>,
    if_match: IfMatch,
    Json(request): Json<UpdateGroup>,
) -> Result<Reply<GroupDetail>, ApiError> {
    update(&app, &caller, &context, id, &if_match, request).await
}

/// Changes some fields: a JSON merge patch. The organizer may.
#[utoipa::path(patch, path = "/api/v1/travel-groups/{group_id}", operation_id = "patchGroup", tag = "groups",
    security(("bearer" = [])), params(("group_id" = String, Path, format = Uuid)), request_body = UpdateGroup,
    responses((status = 200, description = "The group", body = Envelope<GroupDetail>), Errors))]
pub(crate) async fn patch_group(
    State(app): State<App>,
    caller: Caller,
    context: Context,
    Path(id): Path<GroupId>,
    if_match: IfMatch,
    Json(request): Json<UpdateGroup>,
) -> Result<Reply<GroupDetail>, ApiError> {
    update(&app, &caller, &context, id, &if_match, request).await
}

async fn update(
    app: &App,
    caller: &Caller,
    context: &Context,
    id: GroupId,
    if_match: &IfMatch,
    request: UpdateGroup,
) -> Result<Reply<GroupDetail>, ApiError> {
    let patch: ContentPatch = request.into_patch()?;
    let edited = app
        .edit_group(context, caller, id, Action::GroupUpdated, |group| {
            let after = group.edited(caller.user, patch.clone(), context.now)?;
            if_match.check(group.revision)?;
            Ok(after)
        })
        .await?;
    let detail = app.detail(id, Some(caller), context).await?;
    Ok(Reply::ok("Group updated", detail).etag(edited.revision))
}

impl App {
    /// Changes a group itself by `decide`, which sees it as it is, deleted ones too, and says how it should be.
    pub(crate) async fn edit_group(
        &self,
        context: &Context,
        caller: &Caller,
        id: GroupId,
        action: Action,
        decide: impl Fn(&Group) -> Result<Group, ApiError>,
    ) -> Result<Group, ApiError> {
        let record = context.record(caller.user, action, format!("group/{id}"));
        let attempt = async || {
            let found = self.db.find_group(id, &[]).await?;
            let Gathering { group, .. } = found.ok_or_else(|| ApiError::not_found("group"))?;
            let after = decide(&group)?;
            if after == group {
                return Ok(Ok(after));
            }
            // Whoever makes a group stricter must be what it then requires of others.
            if after.content != group.content {
                let who = self.applicant(caller.user).await?;
                if group.require(&who).is_ok() {
                    after.require(&who)?;
                }
            }
            let standing = self.db.find_group_standing(id).await?;
            let standing = standing.ok_or_else(|| ApiError::internal("a group has no standing"))?;
            let transaction = Transaction::default()
                .replacing_group(&group, &after, &standing, context.now)?
                .audited(&record)?;
            let committed = self.db.commit(transaction.fenced(context.claim())).await;
            Ok(committed.map(|()| after))
        };
        let after = self.until_settled(context, attempt).await?;
        self.bump_groups().await;
        Ok(after)
    }
}
