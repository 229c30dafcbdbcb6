//! What becomes of a trip when one of its members leaves the product for good.

use std::cmp::Reverse;

use jiff::Timestamp;

use super::{Member, Role, Trip};
use crate::ids::UserId;

impl Trip {
    /// The trip without `user`, who has left the product; `None` when it goes with them.
    ///
    /// An owner's trip passes to the admin who has taken part for longest, or else to such an editor: those who plan it
    /// keep what they planned. A trip that others could only look at goes with its owner, and so does a deleted one.
    #[must_use]
    pub fn after_erasure_of(&self, user: UserId, now: Timestamp) -> Option<Self> {
        let mut members: Vec<Member> = self
            .members
            .iter()
            .filter(|member| member.user != user)
            .copied()
            .collect();
        if self.owner() == Some(user) {
            if self.deleted_at.is_some() {
                return None;
            }
            let planners = members.iter_mut().filter(|member| member.role >= Role::Editor);
            let heir = planners.min_by_key(|member| (Reverse(member.role), member.added_at, member.user));
            heir?.role = Role::Owner;
        }
        let owner = members.iter().find(|member| member.role == Role::Owner)?.user;
        for member in &mut members {
            if member.added_by == user {
                member.added_by = owner;
            }
        }
        Some(Self {
            members,
            updated_at: now,
            ..self.clone()
        })
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;
    use crate::{
        ids::TripId,
        trip::{Content, Destination, Preferences, Status, TripType},
    };

    fn user(byte: u8) -> UserId {
        UserId::from_uuid(Uuid::from_bytes([byte; 16]))
    }

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(1_800_000_000 + second).unwrap()
    }

    fn trip(others: &[(u8, Role, i64)]) -> Trip {
        let content = Content {
            title: "Japan".to_owned(),
            description: None,
            start_date: "2027-04-01".parse().unwrap(),
            end_date: "2027-04-14".parse().unwrap(),
            destinations: vec![Destination::named("Tokyo").unwrap()],
            status: Status::Planning,
            trip_type: TripType::Leisure,
            travelers: 1,
            tags: Vec::new(),
            preferences: Preferences::default(),
        };
        let mut trip = Trip::new(TripId::from_uuid(Uuid::nil()), user(1), content, at(0));
        trip.members.extend(others.iter().map(|(id, role, joined)| Member {
            user: user(*id),
            role: *role,
            added_by: user(1),
            added_at: at(*joined),
        }));
        trip
    }

    #[test]
    fn who_plans_it_for_longest_inherits() {
        use Role::{Admin, Editor, Viewer};
        for (others, heir) in [
            (vec![], None),
            (vec![(2, Viewer, 1)], None),
            (vec![(2, Viewer, 1), (3, Editor, 2)], Some(3)),
            (vec![(2, Editor, 1), (3, Admin, 9), (4, Admin, 5)], Some(4)),
            (vec![(3, Editor, 5), (2, Editor, 5)], Some(2)),
        ] {
            let left = trip(&others).after_erasure_of(user(1), at(100));
            assert_eq!(left.as_ref().and_then(Trip::owner), heir.map(user), "{others:?}");
            let Some(left) = left else { continue };
            assert_eq!(left.members.len(), others.len());
            assert!(left.members.iter().all(|member| member.added_by != user(1)));
        }
    }

    #[test]
    fn a_member_goes_and_the_trip_stays() {
        let mut trip = trip(&[(2, Role::Admin, 1), (3, Role::Viewer, 2)]);
        trip.members[2].added_by = user(2);
        let left = trip.after_erasure_of(user(2), at(100)).unwrap();
        assert_eq!(left.owner(), Some(user(1)));
        assert_eq!(left.role_of(user(2)), None);
        assert_eq!(left.members[1].added_by, user(1));
    }

    #[test]
    fn a_deleted_trip_goes_with_its_owner() {
        let mut trip = trip(&[(2, Role::Admin, 1)]);
        trip.deleted_at = Some(at(50));
        assert_eq!(trip.after_erasure_of(user(1), at(100)), None);
    }
}
