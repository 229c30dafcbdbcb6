//! Invitations to a trip: accepting and revoking them. Sharing a trip makes them.

use axum::extract::State;
use jiff::Timestamp;
use serde::Serialize;
use tripsage_domain::{
    audit::Action,
    ids::{InvitationId, TripId},
    policy::TripAction,
    trip::{Role, Trip, TripError},
};
use tripsage_http::{ApiError, Caller, Code, Context, Envelope, Errors, Path, Reply};
use tripsage_store::trips::InvitationRow;
use utoipa::ToSchema;

use crate::{
    App,
    capability::{Capability, Kind},
    editing::change,
    trip_body::TripResponse,
};

/// An invitation that was not accepted yet.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Invitation {
    /// Its id.
    #[schema(format = Uuid)]
    id: String,
    /// Who may accept it.
    email: String,
    /// What they will be allowed to do.
    permission_level: String,
    /// Who sent it.
    #[schema(format = Uuid)]
    invited_by: String,
    /// When.
    #[schema(value_type = String, format = DateTime)]
    created_at: Timestamp,
    /// Until when it can be accepted.
    #[schema(value_type = String, format = DateTime)]
    expires_at: Timestamp,
}

impl From<InvitationRow> for Invitation {
    fn from(row: InvitationRow) -> Self {
        Self {
            id: row.id.to_string(),
            email: row.email,
            permission_level: row.role,
            invited_by: row.invited_by.to_string(),
            created_at: row.created_at,
            expires_at: row.ends_at,
        }
    }
}

/// Something that is gone.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Removed {
    /// Its id.
    #[schema(format = Uuid)]
    pub(crate) id: String,
}

fn unknown() -> ApiError {
    ApiError::not_found("invitation")
}

/// Accepts an invitation: the caller takes part in the trip from now on. It works once, and only for the account with
/// the e-mail address that it was mailed to.
#[utoipa::path(post, path = "/api/v1/trips/invitations/{token}/accept", operation_id = "acceptInvitation", tag = "trips",
    security(("bearer" = [])), params(("token" = String, Path, description = "What the mail says")),
    responses((status = 200, description = "The trip", body = Envelope<TripResponse>), Errors))]
pub(crate) async fn accept_invitation(
    State(app): State<App>,
    caller: Caller,
    context: Context,
    Path(token): Path<String>,
) -> Result<Reply<TripResponse>, ApiError> {
    let capability = Capability::parse(Kind::Invitation, &token).ok_or_else(unknown)?;
    let id = InvitationId::from_uuid(capability.id);
    let user = app.db.find_user(caller.user).await?.ok_or_else(unknown)?.item;
    let address = user.email()?.canonical();
    let load = |_: &Trip| Ok(app.db.find_invitation(capability.trip, id));
    let edited = app
        .edit_trip_with(&context, capability.trip, load, |trip, row| {
            if context.resumed() && trip.role_of(caller.user).is_some() {
                return Ok(None);
            }
            let row = row.filter(|row| row.digest == capability.digest).ok_or_else(unknown)?;
            let role = row.checked(&address, context.now)?;
            let after = trip
                .joined(caller.user, role, row.invited_by, row.created_at, context.now)
                .map_err(|error| match error {
                    TripError::Denied(_) => unknown(),
                    error => error.into(),
                })?;
            let mut change = change(trip, after, "invitation.accepted", &caller, &context);
            change.uninvite(&row)?;
            let target = format!("trip/{}", trip.id);
            change
                .audit
                .push(context.record(caller.user, Action::InvitationAccepted, target));
            Ok(Some(change))
        })
        .await?;
    let trip = edited.after;
    Ok(Reply::ok("Invitation accepted", TripResponse::new(&trip, Some(&caller))).etag(trip.revision))
}

trait Checked {
    fn checked(&self, address: &str, now: Timestamp) -> Result<Role, ApiError>;
}

impl Checked for InvitationRow {
    /// The role that the invitation gives to who has this address.
    fn checked(&self, address: &str, now: Timestamp) -> Result<Role, ApiError> {
        if self.email != address {
            return Err(ApiError::new(Code::Forbidden).message("this invitation is for another e-mail address"));
        }
        if now >= self.ends_at {
            return Err(ApiError::new(Code::InvalidToken).message("this invitation has expired; ask for another"));
        }
        Role::from_name(&self.role).ok_or_else(|| ApiError::internal("role of an invitation"))
    }
}

/// Revokes an invitation: its link leads nowhere any more.
#[utoipa::path(delete, path = "/api/v1/trips/{trip_id}/invitations/{invitation_id}", operation_id = "deleteInvitation",
    tag = "trips", security(("bearer" = [])),
    params(("trip_id" = String, Path, format = Uuid), ("invitation_id" = String, Path, format = Uuid)),
    responses((status = 200, description = "It is revoked", body = Envelope<Removed>), Errors))]
pub(crate) async fn delete_invitation(
    State(app): State<App>,
    caller: Caller,
    context: Context,
    Path((id, invitation)): Path<(TripId, InvitationId)>,
) -> Result<Reply<Removed>, ApiError> {
    let load = |trip: &Trip| {
        trip.permit(caller.user, TripAction::Share)?;
        Ok(app.db.find_invitation(id, invitation))
    };
    app.edit_trip_with(&context, id, load, |trip, row| {
        let row = row.ok_or_else(unknown)?;
        let mut change = change(trip, trip.clone(), "invitation.revoked", &caller, &context);
        change.uninvite(&row)?;
        let target = format!("trip/{id}/invitation/{invitation}");
        change
            .audit
            .push(context.record(caller.user, Action::InvitationRevoked, target));
        Ok(Some(change))
    })
    .await?;
    let id = invitation.to_string();
    Ok(Reply::ok("Invitation revoked", Removed { id }))
}
