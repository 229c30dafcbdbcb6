use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use tripsage_domain::ids::{InvitationId, TripId, UserId};

use crate::{
    Condition, Db, Range, StoreError, Write,
    keys::{self, Table},
    trips::{EntityChange, TripChange},
};

/// An invitation to take part in a trip. It stands in the trip's partition, and only the digest of its secret is kept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct InvitationRow {
    /// Its id.
    pub id: InvitationId,
    /// Who may accept it: the canonical form of an e-mail address.
    pub email: String,
    /// What whoever accepts it may do.
    pub role: String,
    /// Who sent it.
    pub invited_by: UserId,
    /// When.
    pub created_at: Timestamp,
    /// Until when it can be accepted.
    pub ends_at: Timestamp,
    /// Digest of the secret that was mailed.
    pub digest: String,
    /// For time to live.
    pub expires_at: i64,
}

/// What the history keeps of an invitation: neither whom it was for nor its secret.
#[derive(Serialize)]
struct Recorded<'a> {
    permission_level: &'a str,
    ends_at: Timestamp,
}

impl InvitationRow {
    fn recorded(&self) -> Recorded<'_> {
        Recorded {
            permission_level: &self.role,
            ends_at: self.ends_at,
        }
    }
}

/// Invitations that a trip can hold: more than may be open, because some may have run out.
const MAX_READ: usize = 200;

impl Db {
    /// AP-60: the invitations to a trip that were neither accepted nor revoked, some of which may have run out.
    ///
    /// # Errors
    /// When DynamoDB does not answer.
    pub async fn list_invitations(&self, trip: TripId) -> Result<Vec<InvitationRow>, StoreError> {
        let range = Range::new(
            Table::Travel,
            keys::trip_partition(trip),
            keys::TRIP_INVITATION_PREFIX,
            MAX_READ,
        );
        let loaded = self.query_all(range).await?;
        Ok(loaded.into_iter().map(|loaded| loaded.item).collect())
    }

    /// AP-61: one invitation to a trip.
    ///
    /// # Errors
    /// When DynamoDB does not answer.
    pub async fn find_invitation(
        &self,
        trip: TripId,
        invitation: InvitationId,
    ) -> Result<Option<InvitationRow>, StoreError> {
        let loaded = self.get(&keys::trip_invitation(trip, invitation)).await?;
        Ok(loaded.map(|loaded| loaded.item))
    }
}

impl TripChange<'_> {
    /// AP-62: invites somebody. Conflict: `invitation`.
    ///
    /// # Errors
    /// When the row cannot be expressed in DynamoDB's types.
    pub fn invite(&mut self, invitation: &InvitationRow) -> Result<(), StoreError> {
        let key = keys::trip_invitation(self.after.id, invitation.id);
        self.writes.push(Write::insert("invitation", key, invitation)?);
        let entity = format!("invitation/{}", invitation.id);
        let recorded = invitation.recorded();
        self.changes.push(EntityChange::new(entity, None, Some(&recorded))?);
        Ok(())
    }

    /// AP-63: takes an invitation away, because it was accepted, revoked or renewed. Conflict: `invitation`.
    ///
    /// # Errors
    /// As [`Self::invite`].
    pub fn uninvite(&mut self, invitation: &InvitationRow) -> Result<(), StoreError> {
        let key = keys::trip_invitation(self.after.id, invitation.id);
        self.writes.push(Write::remove("invitation", key, Condition::Present));
        let entity = format!("invitation/{}", invitation.id);
        let recorded = invitation.recorded();
        self.changes.push(EntityChange::new(entity, Some(&recorded), None)?);
        Ok(())
    }
}
