use axum::extract::State;
use tripsage_domain::{
    audit::Action,
    group::{Group, Member},
    ids::GroupId,
};
use tripsage_http::{ApiError, Caller, Context, Envelope, Errors, Json, Reply};
use tripsage_store::{Transaction, groups::GROUP_CHANGED};

use crate::{App, get_group::GroupDetail, group_body::CreateGroup, today};

/// Makes a group; the caller becomes its organizer, and takes one of its places. Whoever makes a group must be what it
/// requires of others.
#[utoipa::path(post, path = "/api/v1/travel-groups", operation_id = "createGroup", tag = "groups",
    security(("bearer" = [])), request_body = CreateGroup,
    responses((status = 201, description = "The group", body = Envelope<GroupDetail>), Errors))]
pub(crate) async fn create_group(
    State(app): State<App>,
    caller: Caller,
    context: Context,
    Json(request): Json<CreateGroup>,
) -> Result<Reply<GroupDetail>, ApiError> {
    let content = request.into_content()?;
    if content.end_date < today(&context) {
        return Err(ApiError::field("end_date", "range", "must not be in the past"));
    }
    let id = GroupId::from_uuid(context.new_id("group"));
    let group = Group::new(id, caller.user, content, context.now);
    let who = app.applicant(caller.user).await?;
    group.require(&who)?;
    let organizer = Member::organizer(&who, context.now);
    let record = context.record(caller.user, Action::GroupCreated, format!("group/{id}"));
    let transaction = Transaction::default()
        .inserting_group(&group, &organizer)?
        .audited(&record)?;
    match app.db.commit(transaction.fenced(context.claim())).await {
        // An earlier attempt at this very request has made it.
        Err(error) if error.is_conflict(GROUP_CHANGED) && context.resumed() => {}
        committed => committed?,
    }
    app.bump_groups().await;
    let detail = app.detail(id, Some(&caller), &context).await?;
    let reply = Reply::created("Group created", detail).etag(group.revision);
    Ok(reply.location(&format!("/api/v1/travel-groups/{id}")))
}
