//! How people come to take part in a trip, and how they leave it.

use jiff::Timestamp;

use crate::{
    ids::UserId,
    policy::{Denial, TripAction, may_change_member},
    trip::{MAX_MEMBERS, Member, Role, Trip, TripError},
};

/// How long an invitation can be accepted.
pub const INVITATION_LIFE: jiff::SignedDuration = jiff::SignedDuration::from_hours(7 * 24);

impl Trip {
    /// The trip with `people` in it. Who takes part already gets the role, except the owner and `actor` themselves,
    /// who stay what they are. `invited` others may still join.
    ///
    /// # Errors
    /// When `actor` may not share, or members and open invitations together are too many.
    pub fn shared(
        &self,
        actor: UserId,
        people: &[UserId],
        role: Role,
        invited: usize,
        now: Timestamp,
    ) -> Result<Self, TripError> {
        self.permit(actor, TripAction::Share)?;
        let own = self.role_of(actor).ok_or(Denial::Hidden)?;
        let mut members = self.members.clone();
        for user in people.iter().copied().filter(|user| *user != actor) {
            match members.iter_mut().find(|member| member.user == user) {
                Some(member) if member.role == Role::Owner => {}
                Some(member) => {
                    may_change_member(own, false, member.role, Some(role))?;
                    member.role = role;
                }
                None => members.push(Member {
                    user,
                    role,
                    added_by: actor,
                    added_at: now,
                }),
            }
        }
        if members.len() + invited > MAX_MEMBERS {
            return Err(TripError::Full(MAX_MEMBERS, "members and open invitations"));
        }
        Ok(self.with_members(members, now))
    }

    /// The trip in which `user`, invited by `inviter`, takes part. Somebody who does already keeps their role.
    ///
    /// # Errors
    /// When the invitation is worth nothing any more because its sender may not share, or the trip is full.
    pub fn joined(
        &self,
        user: UserId,
        role: Role,
        inviter: UserId,
        invited_at: Timestamp,
        now: Timestamp,
    ) -> Result<Self, TripError> {
        if !self.stands_by(inviter, invited_at, TripAction::Share) {
            return Err(TripError::Denied(Denial::Hidden));
        }
        let mut members = self.members.clone();
        if self.role_of(user).is_none() {
            members.push(Member {
                user,
                role,
                added_by: inviter,
                added_at: now,
            });
        }
        if members.len() > MAX_MEMBERS {
            return Err(TripError::Full(MAX_MEMBERS, "members"));
        }
        Ok(self.with_members(members, now))
    }

    /// The trip in which the member `target` has another role.
    ///
    /// # Errors
    /// When `actor` may not, or `target` does not take part.
    pub fn with_role(&self, actor: UserId, target: UserId, role: Role, now: Timestamp) -> Result<Self, TripError> {
        self.may_change(actor, target, Some(role))?;
        let mut members = self.members.clone();
        for member in members.iter_mut().filter(|member| member.user == target) {
            member.role = role;
        }
        Ok(self.with_members(members, now))
    }

    /// The trip without the member `target`.
    ///
    /// # Errors
    /// When `actor` may not, or `target` does not take part.
    pub fn without(&self, actor: UserId, target: UserId, now: Timestamp) -> Result<Self, TripError> {
        self.may_change(actor, target, None)?;
        let others = self.members.iter().filter(|member| member.user != target);
        Ok(self.with_members(others.copied().collect(), now))
    }

    /// Whether what `user` gave out at `since` is still worth something: they have taken part ever since, and may do
    /// `action` now.
    pub fn stands_by(&self, user: UserId, since: Timestamp, action: TripAction) -> bool {
        let ever_since = |member: &&Member| member.user == user && member.added_at <= since;
        self.members.iter().any(|member| ever_since(&member)) && self.permit(user, action).is_ok()
    }

    fn may_change(&self, actor: UserId, target: UserId, becomes: Option<Role>) -> Result<(), TripError> {
        self.permit(actor, TripAction::View)?;
        let own = self.role_of(actor).ok_or(Denial::Hidden)?;
        let Some(current) = self.role_of(target) else {
            // Who may not share learns nothing by guessing ids.
            self.permit(actor, TripAction::Share)?;
            return Err(TripError::NoMember);
        };
        if actor == target && current == Role::Owner {
            return Err(TripError::LastOwner);
        }
        Ok(may_change_member(own, actor == target, current, becomes)?)
    }

    fn with_members(&self, members: Vec<Member>, now: Timestamp) -> Self {
        if members == self.members {
            return self.clone();
        }
        Self {
            members,
            updated_at: now,
            ..self.clone()
        }
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;
    use uuid::Uuid;

    use super::*;
    use crate::{
        ids::TripId,
        trip::{Content, Destination, Preferences, Status, TripType},
    };

    fn user(number: u8) -> UserId {
        UserId::from_uuid(Uuid::from_bytes([number; 16]))
    }

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    /// Owner 1, admin 2, editor 3, viewer 4.
    fn trip() -> Trip {
        let content = Content {
            title: "Japan".to_owned(),
            description: None,
            start_date: date(2027, 4, 1),
            end_date: date(2027, 4, 14),
            destinations: vec![Destination::named("Kyoto").unwrap()],
            status: Status::Planning,
            trip_type: TripType::Leisure,
            travelers: 2,
            tags: Vec::new(),
            preferences: Preferences::default(),
        };
        let trip = Trip::new(TripId::from_uuid(Uuid::nil()), user(1), content, at(0));
        let trip = trip.shared(user(1), &[user(2)], Role::Admin, 0, at(1)).unwrap();
        let trip = trip.shared(user(1), &[user(3)], Role::Editor, 0, at(1)).unwrap();
        trip.shared(user(1), &[user(4)], Role::Viewer, 0, at(1)).unwrap()
    }

    #[test]
    fn sharing_adds_updates_and_leaves_owner_and_sharer_alone() {
        let shared = trip()
            .shared(user(2), &[user(1), user(2), user(4), user(5)], Role::Editor, 0, at(9))
            .unwrap();
        let roles: Vec<_> = shared.members.iter().map(|member| member.role).collect();
        assert_eq!(
            roles,
            [Role::Owner, Role::Admin, Role::Editor, Role::Editor, Role::Editor]
        );
        assert_eq!(
            (shared.members[4].added_by, shared.members[4].added_at),
            (user(2), at(9))
        );
        for refused in [3, 4] {
            let error = trip().shared(user(refused), &[user(5)], Role::Viewer, 0, at(9));
            assert_eq!(error, Err(TripError::Denied(Denial::Forbidden)));
        }
        let outsider = trip().shared(user(9), &[user(9)], Role::Viewer, 0, at(9));
        assert_eq!(outsider, Err(TripError::Denied(Denial::Hidden)));
    }

    #[test]
    fn members_and_invitations_together_are_bounded() {
        let people: Vec<_> = (10..26).map(user).collect();
        let full = trip().shared(user(1), &people, Role::Viewer, 0, at(2)).unwrap();
        assert_eq!(full.members.len(), MAX_MEMBERS);
        let too_many = |result: Result<Trip, TripError>| matches!(result, Err(TripError::Full(MAX_MEMBERS, _)));
        assert!(too_many(full.shared(user(1), &[user(99)], Role::Viewer, 0, at(3))));
        assert!(too_many(trip().shared(user(1), &people, Role::Viewer, 1, at(3))));
        assert!(too_many(full.joined(user(99), Role::Viewer, user(1), at(0), at(3))));
        assert!(
            full.joined(user(2), Role::Viewer, user(1), at(0), at(3)).is_ok(),
            "is in already"
        );
    }

    #[test]
    fn what_somebody_gave_out_ends_with_their_right() {
        let trip = trip();
        assert!(trip.stands_by(user(2), at(1), TripAction::Share));
        assert!(
            !trip.stands_by(user(2), at(0), TripAction::Share),
            "made before they joined"
        );
        assert!(!trip.stands_by(user(3), at(1), TripAction::Share));
        let demoted = trip.with_role(user(1), user(2), Role::Editor, at(2)).unwrap();
        assert!(!demoted.stands_by(user(2), at(1), TripAction::Share));
        assert_eq!(
            demoted.joined(user(9), Role::Viewer, user(2), at(1), at(3)),
            Err(TripError::Denied(Denial::Hidden))
        );
        let back = trip.without(user(1), user(2), at(2)).unwrap();
        let back = back.shared(user(1), &[user(2)], Role::Admin, 0, at(3)).unwrap();
        assert!(
            !back.stands_by(user(2), at(1), TripAction::Share),
            "coming back revives nothing"
        );
    }

    #[test]
    fn roles_change_within_bounds() {
        let change = |actor, target, role| trip().with_role(user(actor), user(target), role, at(2)).err();
        let forbidden = Some(TripError::Denied(Denial::Forbidden));
        assert_eq!(change(1, 4, Role::Admin), None);
        assert_eq!(change(2, 4, Role::Admin), None);
        assert_eq!(change(2, 1, Role::Viewer), forbidden);
        assert_eq!(change(3, 3, Role::Admin), forbidden);
        assert_eq!(change(3, 3, Role::Viewer), None);
        assert_eq!(change(3, 4, Role::Viewer), forbidden);
        assert_eq!(change(1, 1, Role::Viewer), Some(TripError::LastOwner));
        assert_eq!(change(9, 4, Role::Viewer), Some(TripError::Denied(Denial::Hidden)));
        assert_eq!(change(1, 9, Role::Viewer), Some(TripError::NoMember));
        assert_eq!(change(4, 9, Role::Viewer), forbidden);
    }

    #[test]
    fn everybody_but_the_owner_may_leave() {
        let leave = |actor, target| trip().without(user(actor), user(target), at(2));
        for member in [2, 3, 4] {
            assert_eq!(leave(member, member).unwrap().role_of(user(member)), None);
        }
        assert_eq!(leave(1, 1), Err(TripError::LastOwner));
        assert_eq!(leave(2, 1), Err(TripError::Denied(Denial::Forbidden)));
        assert_eq!(leave(4, 3), Err(TripError::Denied(Denial::Forbidden)));
        assert!(leave(2, 3).is_ok());
    }
}
