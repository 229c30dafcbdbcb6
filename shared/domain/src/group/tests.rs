use jiff::{Timestamp, civil::date};
use uuid::Uuid;

use super::*;
use crate::{
    policy::{may_change_group_member, may_group},
    proof::Contributions,
};

fn user(n: u128) -> UserId {
    UserId::from_uuid(Uuid::from_u128(n))
}

fn group() -> Group {
    let content = Content {
        name: "Temples".to_owned(),
        description: None,
        group_type: GroupType::InterestBased,
        destination: "Kyoto, Japan".to_owned(),
        start_date: date(2027, 4, 1),
        end_date: date(2027, 4, 14),
        max_members: 2,
        activity_tags: vec!["food".to_owned(), "street art".to_owned()],
        travel_style: Some("slow".to_owned()),
        is_women_only: false,
        require_identity_verification: false,
        min_reputation: 0,
        requires_approval: false,
        live_location_sharing_enabled: false,
        emergency_alert_enabled: false,
    };
    Group::new(GroupId::from_uuid(Uuid::nil()), user(1), content, Timestamp::UNIX_EPOCH)
}

fn member(n: u128, role: Role) -> Member {
    Member {
        user: user(n),
        role,
        status: JoinStatus::Accepted,
        invited: false,
        since: Timestamp::UNIX_EPOCH,
        reputation_at_join: None,
    }
}

#[test]
fn every_cell_of_the_group_matrix() {
    use GroupAction::{ChangeRoles, Delete, Edit, HandOver, Invite, Remove, Restore, Review, View};
    for action in [
        View,
        Edit,
        Delete,
        Restore,
        HandOver,
        ChangeRoles,
        Invite,
        Review,
        Remove,
    ] {
        for role in [
            None,
            Some(Role::Guest),
            Some(Role::Member),
            Some(Role::Moderator),
            Some(Role::Organizer),
        ] {
            let may = match role {
                Some(Role::Organizer) => true,
                Some(Role::Moderator) => matches!(action, View | Invite | Review | Remove),
                _ => action == View,
            };
            let expected = if may { Ok(()) } else { Err(Denial::Forbidden) };
            assert_eq!(may_group(role, action, false), expected, "{role:?} {action:?}");
            let brings_back = role == Some(Role::Organizer) && action == Restore;
            let expected = if brings_back { Ok(()) } else { Err(Denial::Hidden) };
            assert_eq!(may_group(role, action, true), expected, "{role:?} {action:?} deleted");
        }
    }
}

#[test]
fn nobody_makes_or_unmakes_an_organizer_and_moderators_leave_moderators_alone() {
    let becomes = || Role::ALL.iter().copied().map(Some).chain([None]);
    for &actor in Role::ALL {
        for &target in Role::ALL {
            for becomes in becomes() {
                let highest = becomes.map_or(target, |role| role.max(target));
                let may = actor >= Role::Moderator && highest < actor && highest < Role::Organizer;
                let decided = may_change_group_member(actor, target, becomes).is_ok();
                assert_eq!(decided, may, "{actor:?} makes {target:?} {becomes:?}");
            }
        }
    }
}

#[test]
fn the_first_requirement_that_is_not_met_is_named() {
    let mut group = group();
    group.content.is_women_only = true;
    group.content.require_identity_verification = true;
    group.content.min_reputation = 10;
    let mut who = Applicant {
        user: user(2),
        is_woman: false,
        is_verified: false,
        reputation: 9,
    };
    let unmet = |who: &Applicant| group.require(who).unwrap_err();
    assert_eq!(unmet(&who), GroupError::Unmet(Requirement::WomenOnly));
    who.is_woman = true;
    assert_eq!(unmet(&who), GroupError::Unmet(Requirement::IdentityVerification));
    who.is_verified = true;
    assert_eq!(unmet(&who), GroupError::Unmet(Requirement::Reputation(10)));
    who.reputation = 10;
    assert_eq!(group.require(&who), Ok(()));
}

#[test]
fn who_was_there_longest_in_the_highest_role_succeeds() {
    let at = |mut member: Member, second| {
        member.since = Timestamp::from_second(second).unwrap();
        member
    };
    let waiting = Member {
        status: JoinStatus::Pending,
        ..at(member(9, Role::Moderator), 0)
    };
    let people = [
        at(member(1, Role::Organizer), 0),
        waiting,
        at(member(2, Role::Member), 1),
        at(member(3, Role::Moderator), 3),
        at(member(4, Role::Moderator), 2),
    ];
    assert_eq!(successor(&people).map(|next| next.user), Some(user(4)));
    assert_eq!(successor(&people[..3]).map(|next| next.user), Some(user(2)));
    assert_eq!(successor(&people[..2]), None);
}

#[test]
fn a_reputation_is_what_was_contributed() {
    let done = |itineraries, snaps, ratings, verified| Contributions {
        itineraries,
        snaps,
        ratings,
        verified,
    };
    assert_eq!(reputation(&done(0, 0, 0, 0)), 0);
    assert_eq!(reputation(&done(2, 3, 4, 1)), 39);
    assert_eq!(
        reputation(&done(-1, 0, 1, 0)),
        2,
        "a count may be below nought for a moment"
    );
    assert_eq!(reputation(&done(i64::MAX, 0, 0, 0)), REPUTATION);
}

#[test]
fn a_score_counts_what_was_wished_for() {
    let wish = |interests: &[&str]| Wishes {
        interests: interests.iter().map(|&one| one.to_owned()).collect(),
        ..Wishes::default()
    };
    let score = |wishes: &Wishes| matched([group()], wishes).first().map(|found| found.score);
    assert_eq!(score(&wish(&[])), None);
    assert_eq!(score(&wish(&["golf"])), None);
    assert_eq!(score(&wish(&["Street-Art"])), Some(100), "however it is written");
    assert_eq!(score(&wish(&["food", "golf"])), Some(50));
    let all = Wishes {
        dates: Some((date(2027, 4, 8), date(2027, 5, 30))),
        destination: Some("kyoto".to_owned()),
        style: Some("Slow".to_owned()),
        ..wish(&["food", "street art"])
    };
    // Half of the 14 days overlap: 50 + 12.5 + 15 + 10 of 100.
    assert_eq!(score(&all), Some(88));
    let far = Wishes {
        dates: Some((date(2028, 1, 1), date(2028, 1, 2))),
        destination: Some("Lisbon".to_owned()),
        style: Some("fast".to_owned()),
        ..wish(&["food", "street art"])
    };
    let found = matched([group()], &far);
    assert_eq!((found[0].score, found[0].reasons.len()), (50, 1));
}

#[test]
fn there_are_never_fewer_places_than_members() {
    let mut group = group();
    group.content.max_members = 10;
    group.counts.members = 5;
    let shrink = |to| {
        let patch = ContentPatch {
            max_members: Some(to),
            ..ContentPatch::default()
        };
        group.edited(user(1), patch, Timestamp::UNIX_EPOCH)
    };
    assert_eq!(shrink(4).unwrap_err(), GroupError::BelowMembers(5));
    assert_eq!(shrink(5).unwrap().free(), 0);
}
