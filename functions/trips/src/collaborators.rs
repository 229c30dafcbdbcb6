//! The people of a trip: who they are, what they may do, and how they leave.

use axum::extract::State;
use serde::{Deserialize, Serialize};
use tripsage_domain::{
    audit::Action,
    ids::{TripId, UserId},
    policy::TripAction,
    trip::{Role, Trip},
    validation::Checks,
};
use tripsage_http::{ApiError, Caller, Context, Envelope, Errors, Json, Path, Reply};
use tripsage_store::trips::member_mark;
use utoipa::ToSchema;

use crate::{
    App,
    editing::change,
    invitations::{Invitation, Removed},
    people::Collaborator,
};

/// Who takes part in a trip.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Collaborators {
    /// Id of the owner.
    #[schema(format = Uuid)]
    owner_id: Option<String>,
    /// The owner.
    owner: Option<Collaborator>,
    /// The others, in the order in which they came.
    collaborators: Vec<Collaborator>,
    /// How many they are.
    total: usize,
    /// Who was invited and has not accepted yet; only for who may share the trip.
    #[serde(skip_serializing_if = "Option::is_none")]
    invitations: Option<Vec<Invitation>>,
}

/// Another permission level.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct UpdateCollaborator {
    /// `view`, `edit` or `admin`.
    #[schema(example = "edit")]
    permission_level: Option<String>,
}

/// Everybody who takes part in a trip.
#[utoipa::path(get, path = "/api/v1/trips/{trip_id}/collaborators", operation_id = "listCollaborators", tag = "trips",
    security(("bearer" = [])), params(("trip_id" = String, Path, format = Uuid)),
    responses((status = 200, description = "The people", body = Envelope<Collaborators>), Errors))]
pub(crate) async fn list_collaborators(
    State(app): State<App>,
    caller: Caller,
    context: Context,
    Path(id): Path<TripId>,
) -> Result<Reply<Collaborators>, ApiError> {
    let trip = app.find_trip(id).await?;
    trip.permit(caller.user, TripAction::View)?;
    let shares = trip.permit(caller.user, TripAction::Share).is_ok();
    let people = app.members(&trip).await?;
    let invitations = if shares {
        let rows = app.db.list_invitations(id).await?;
        let open = rows.into_iter().filter(|row| context.now < row.ends_at);
        Some(open.map(Invitation::from).collect())
    } else {
        None
    };
    let (owners, others): (Vec<_>, Vec<_>) = trip.members.iter().partition(|member| member.role == Role::Owner);
    let collaborators: Vec<_> = others
        .into_iter()
        .map(|member| Collaborator::new(member, &people, shares))
        .collect();
    let result = Collaborators {
        owner_id: trip.owner().map(|owner| owner.to_string()),
        owner: owners.first().map(|owner| Collaborator::new(owner, &people, shares)),
        total: collaborators.len(),
        collaborators,
        invitations,
    };
    Ok(Reply::ok("Collaborators found", result))
}

/// Changes what a collaborator may do.
#[utoipa::path(put, path = "/api/v1/trips/{trip_id}/collaborators/{user_id}", operation_id = "updateCollaborator",
    tag = "trips", security(("bearer" = [])), request_body = UpdateCollaborator,
    params(("trip_id" = String, Path, format = Uuid), ("user_id" = String, Path, format = Uuid)),
    responses((status = 200, description = "The collaborator", body = Envelope<Collaborator>), Errors))]
pub(crate) async fn update_collaborator(
    State(app): State<App>,
    caller: Caller,
    context: Context,
    Path((id, user)): Path<(TripId, UserId)>,
    Json(request): Json<UpdateCollaborator>,
) -> Result<Reply<Collaborator>, ApiError> {
    let mut checks = Checks::default();
    let role = checks.required("permission_level", request.permission_level, |name| {
        Role::parse_granted(&name)
    });
    let role = checks.build(|| role)?;
    let trip = app
        .edit_trip(&context, id, |trip| {
            let after = trip.with_role(caller.user, user, role, context.now)?;
            if after == *trip {
                return Ok(None);
            }
            let mut change = change(trip, after, "collaborator.changed", &caller, &context);
            // Somebody else stands in this trail: only as the history knows them, so that erasure need not find it.
            let target = format!("trip/{id}/member/{}", member_mark(id, user));
            change
                .audit
                .push(context.record(caller.user, Action::CollaboratorChanged, target));
            Ok(Some(change))
        })
        .await?;
    let shares = trip.permit(caller.user, TripAction::Share).is_ok();
    let people = app.members(&trip).await?;
    let member = trip.members.iter().find(|member| member.user == user);
    let member = member.ok_or_else(|| ApiError::not_found("collaborator"))?;
    let collaborator = Collaborator::new(member, &people, shares);
    Ok(Reply::ok("Collaborator updated", collaborator))
}

/// Removes a collaborator; everybody but the owner may remove themselves. From their next request on the trip does not
/// exist for them.
#[utoipa::path(delete, path = "/api/v1/trips/{trip_id}/collaborators/{user_id}", operation_id = "deleteCollaborator",
    tag = "trips", security(("bearer" = [])),
    params(("trip_id" = String, Path, format = Uuid), ("user_id" = String, Path, format = Uuid)),
    responses((status = 200, description = "They are gone", body = Envelope<Removed>), Errors))]
pub(crate) async fn delete_collaborator(
    State(app): State<App>,
    caller: Caller,
    context: Context,
    Path((id, user)): Path<(TripId, UserId)>,
) -> Result<Reply<Removed>, ApiError> {
    app.edit_trip(&context, id, |trip: &Trip| {
        let after = trip.without(caller.user, user, context.now)?;
        let mut change = change(trip, after, "collaborator.removed", &caller, &context);
        let target = format!("trip/{id}/member/{}", member_mark(id, user));
        change
            .audit
            .push(context.record(caller.user, Action::CollaboratorRemoved, target));
        Ok(Some(change))
    })
    .await?;
    let id = user.to_string();
    Ok(Reply::ok("Collaborator removed", Removed { id }))
}
