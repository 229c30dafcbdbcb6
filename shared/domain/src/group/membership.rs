use std::fmt;

use jiff::{Timestamp, civil::Date};

use crate::{
    group::{Group, GroupError, MAX_BLOCKED, MAX_PENDING, REPUTATION},
    ids::UserId,
    policy::{Denial, GroupAction, may_change_group_member},
    proof::Contributions,
    vocabulary::vocabulary,
};

vocabulary!(
    /// What somebody is in a group, from least to most.
    Role {
        Guest = "guest",
        Member = "member",
        Moderator = "moderator",
        Organizer = "organizer",
    }
);

vocabulary!(
    /// How somebody stands to a group. Who was turned down, or has left, does not stand in it any more: the words are
    /// for answers only.
    JoinStatus {
        Pending = "pending",
        Accepted = "accepted",
        Rejected = "rejected",
        Left = "left",
        Blocked = "blocked",
    }
);

/// What somebody must be to belong to a group.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Requirement {
    /// A woman, by what her profile says.
    WomenOnly,
    /// Somebody whose identity is verified: the e-mail address is confirmed.
    IdentityVerification,
    /// Somebody with at least this reputation.
    Reputation(u32),
}

impl Requirement {
    /// Its name, for programs.
    pub const fn name(self) -> &'static str {
        match self {
            Self::WomenOnly => "women_only",
            Self::IdentityVerification => "identity_verification",
            Self::Reputation(_) => "reputation",
        }
    }
}

impl fmt::Display for Requirement {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::WomenOnly => {
                f.write_str("the group takes women only, and your profile does not say that you are one")
            }
            Self::IdentityVerification => {
                f.write_str("the group takes verified people only: confirm your e-mail address first")
            }
            Self::Reputation(least) => write!(f, "the group takes people with a reputation of at least {least}"),
        }
    }
}

/// What is known of somebody who wants to belong to a group.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Applicant {
    /// Who.
    pub user: UserId,
    /// Whether their profile says that they are a woman.
    pub is_woman: bool,
    /// Whether their e-mail address is confirmed.
    pub is_verified: bool,
    /// Their reputation, from 0 to 100.
    pub reputation: u32,
}

/// The reputation of a traveller, from 0 to 100, by what they have contributed: 10 points for an itinerary that everybody
/// can see, 3 for travel intel, 2 for a safety rating, and 2 more when they gave it as a verified traveller.
pub fn reputation(done: &Contributions) -> u32 {
    let points = [
        (done.itineraries, 10),
        (done.snaps, 3),
        (done.ratings, 2),
        (done.verified, 2),
    ];
    let sum = points.iter().fold(0_i64, |sum, (count, each)| {
        sum.saturating_add(count.max(&0).saturating_mul(*each))
    });
    u32::try_from(sum).unwrap_or(u32::MAX).min(REPUTATION)
}

/// Somebody who stands in a group.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Member {
    /// Who.
    pub user: UserId,
    /// What they are, or will be once they are accepted.
    pub role: Role,
    /// How they stand to it: `pending`, `accepted` or `blocked`.
    pub status: JoinStatus,
    /// Whether somebody of the group asked them first: a pending member decides, else the group does.
    pub invited: bool,
    /// Since when they stand there in this way.
    pub since: Timestamp,
    /// Their reputation when they were accepted.
    pub reputation_at_join: Option<u32>,
}

impl Member {
    /// The organizer of a new group.
    pub fn organizer(who: &Applicant, now: Timestamp) -> Self {
        Self {
            user: who.user,
            role: Role::Organizer,
            status: JoinStatus::Accepted,
            invited: false,
            since: now,
            reputation_at_join: Some(who.reputation),
        }
    }

    /// Whether they belong to the group.
    pub fn is_accepted(&self) -> bool {
        self.status == JoinStatus::Accepted
    }

    /// Whether they wait to be taken in, or were invited.
    pub fn is_pending(&self) -> bool {
        self.status == JoinStatus::Pending
    }
}

/// The role that gives rights: that of somebody who belongs to the group.
fn standing(member: Option<&Member>) -> Option<Role> {
    member.filter(|member| member.is_accepted()).map(|member| member.role)
}

impl Group {
    /// Lets somebody who stands in the group in this way, or in none, do `action`.
    ///
    /// # Errors
    /// [`GroupError::Denied`].
    pub fn permit_as(&self, member: Option<&Member>, action: GroupAction) -> Result<(), GroupError> {
        self.permit(standing(member), action)
    }

    /// What the group requires that somebody is not.
    ///
    /// # Errors
    /// [`GroupError::Unmet`] with the first requirement.
    pub fn require(&self, who: &Applicant) -> Result<(), GroupError> {
        let content = &self.content;
        let unmet = if content.is_women_only && !who.is_woman {
            Requirement::WomenOnly
        } else if content.require_identity_verification && !who.is_verified {
            Requirement::IdentityVerification
        } else if who.reputation < content.min_reputation {
            Requirement::Reputation(content.min_reputation)
        } else {
            return Ok(());
        };
        Err(GroupError::Unmet(unmet))
    }

    /// Somebody joins: at once, or as a request where the group decides. An invitation is accepted this way too.
    ///
    /// # Errors
    /// When they stand in the group already, are not what it requires, or there is no place.
    pub fn joined(
        &self,
        who: &Applicant,
        present: Option<&Member>,
        today: Date,
        now: Timestamp,
    ) -> Result<Member, GroupError> {
        self.permit(standing(present), GroupAction::View)?;
        let invited = match present {
            Some(member) if member.is_accepted() => return Err(GroupError::AlreadyMember),
            Some(member) if member.status == JoinStatus::Blocked => return Err(GroupError::Blocked),
            Some(member) if member.invited => Some(member),
            Some(_) => return Err(GroupError::AlreadyPending),
            None => None,
        };
        self.check_open(today)?;
        self.require(who)?;
        if self.free() == 0 {
            return Err(GroupError::Full(self.counts.members));
        }
        if invited.is_none() && self.content.requires_approval {
            self.check_pending()?;
            return Ok(Member {
                user: who.user,
                role: Role::Member,
                status: JoinStatus::Pending,
                invited: false,
                since: now,
                reputation_at_join: None,
            });
        }
        Ok(Member {
            user: who.user,
            role: invited.map_or(Role::Member, |member| member.role),
            status: JoinStatus::Accepted,
            invited: invited.is_some(),
            since: now,
            reputation_at_join: Some(who.reputation),
        })
    }

    /// Somebody of the group invites somebody else.
    ///
    /// # Errors
    /// When they may not, may not give that role, or the other stands in the group already.
    pub fn invited(
        &self,
        by: Option<&Member>,
        user: UserId,
        role: Role,
        present: Option<&Member>,
        (today, now): (Date, Timestamp),
    ) -> Result<Member, GroupError> {
        self.permit(standing(by), GroupAction::Invite)?;
        let actor = standing(by).ok_or(Denial::Forbidden)?;
        may_change_group_member(actor, Role::Guest, Some(role))?;
        match present {
            Some(member) if member.is_accepted() => return Err(GroupError::AlreadyMember),
            Some(member) if member.status == JoinStatus::Blocked => return Err(GroupError::Blocked),
            Some(_) => return Err(GroupError::AlreadyPending),
            None => {}
        }
        self.check_open(today)?;
        if self.free() == 0 {
            return Err(GroupError::Full(self.counts.members));
        }
        self.check_pending()?;
        Ok(Member {
            user,
            role,
            status: JoinStatus::Pending,
            invited: true,
            since: now,
            reputation_at_join: None,
        })
    }

    /// Somebody of the group takes in who asked to join.
    ///
    /// # Errors
    /// When they may not, nobody has asked, who has asked is not (any more) what the group requires, or there is no
    /// place.
    pub fn approved(
        &self,
        by: Option<&Member>,
        who: &Applicant,
        request: Option<&Member>,
        (today, now): (Date, Timestamp),
    ) -> Result<Member, GroupError> {
        self.permit(standing(by), GroupAction::Review)?;
        let request = asked(request)?;
        self.check_open(today)?;
        self.require(who)?;
        if self.free() == 0 {
            return Err(GroupError::Full(self.counts.members));
        }
        Ok(Member {
            status: JoinStatus::Accepted,
            since: now,
            reputation_at_join: Some(who.reputation),
            ..request.clone()
        })
    }

    /// Somebody of the group turns down who asked to join.
    ///
    /// # Errors
    /// When they may not, or nobody has asked.
    pub fn rejected(&self, by: Option<&Member>, request: Option<&Member>) -> Result<(), GroupError> {
        self.permit(standing(by), GroupAction::Review)?;
        asked(request).map(|_| ())
    }

    /// Somebody leaves the group, declines an invitation, or takes a request back.
    ///
    /// # Errors
    /// When they do not stand in it, or are its organizer.
    pub fn left(&self, member: Option<&Member>) -> Result<(), GroupError> {
        match member {
            Some(member) if member.role == Role::Organizer => Err(GroupError::OrganizerLeaves),
            Some(member) if member.is_accepted() || member.is_pending() => Ok(()),
            _ => Err(GroupError::NoMember("membership")),
        }
    }

    /// Somebody of the group gives a member another role.
    ///
    /// # Errors
    /// When they may not, or there is no such member.
    pub fn with_role(&self, by: Option<&Member>, target: Option<&Member>, role: Role) -> Result<Member, GroupError> {
        self.permit(standing(by), GroupAction::ChangeRoles)?;
        let target = target.filter(|member| member.is_accepted());
        let target = target.ok_or(GroupError::NoMember("member"))?;
        let actor = standing(by).ok_or(Denial::Forbidden)?;
        may_change_group_member(actor, target.role, Some(role))?;
        Ok(Member { role, ..target.clone() })
    }

    /// Somebody of the group removes a member, takes an invitation back, or lets somebody come again who was kept out.
    ///
    /// # Errors
    /// When they may not, or there is nobody to remove.
    pub fn removed(&self, by: Option<&Member>, target: Option<&Member>) -> Result<(), GroupError> {
        self.permit(standing(by), GroupAction::Remove)?;
        let target = target.ok_or(GroupError::NoMember("member"))?;
        let actor = standing(by).ok_or(Denial::Forbidden)?;
        Ok(may_change_group_member(actor, target.role, None)?)
    }

    /// Somebody of the group keeps somebody out, who is no member any more.
    ///
    /// # Errors
    /// When they may not, or too many are kept out.
    pub fn blocked(
        &self,
        by: Option<&Member>,
        user: UserId,
        target: Option<&Member>,
        now: Timestamp,
    ) -> Result<Member, GroupError> {
        self.permit(standing(by), GroupAction::Remove)?;
        let actor = standing(by).ok_or(Denial::Forbidden)?;
        may_change_group_member(actor, target.map_or(Role::Guest, |member| member.role), None)?;
        if self.counts.blocked >= MAX_BLOCKED {
            return Err(GroupError::TooMany(MAX_BLOCKED, "people who are kept out"));
        }
        Ok(Member {
            user,
            role: Role::Guest,
            status: JoinStatus::Blocked,
            invited: false,
            since: now,
            reputation_at_join: None,
        })
    }

    /// The organizer and the member who takes the group over, as they are afterwards.
    ///
    /// # Errors
    /// When `by` is not the organizer, or the other is no member or not what the group requires.
    pub fn handing_over(&self, by: Option<&Member>, target: Option<&Member>) -> Result<(Member, Member), GroupError> {
        self.permit(standing(by), GroupAction::HandOver)?;
        let by = by.ok_or(Denial::Forbidden)?;
        let target = target.filter(|member| member.is_accepted() && member.user != by.user);
        let target = target.ok_or(GroupError::NoMember("member"))?;
        let with = |member: &Member, role| Member { role, ..member.clone() };
        Ok((with(by, Role::Moderator), with(target, Role::Organizer)))
    }

    fn check_open(&self, today: Date) -> Result<(), GroupError> {
        if self.has_ended(today) {
            return Err(GroupError::Ended(self.content.end_date));
        }
        Ok(())
    }

    fn check_pending(&self) -> Result<(), GroupError> {
        if self.counts.pending >= MAX_PENDING {
            return Err(GroupError::TooMany(MAX_PENDING, "invitations and requests at once"));
        }
        Ok(())
    }
}

fn asked(request: Option<&Member>) -> Result<&Member, GroupError> {
    let request = request.filter(|member| member.is_pending() && !member.invited);
    request.ok_or(GroupError::NoMember("request"))
}

/// Who organizes a group when its organizer is gone: the moderator, else the member, else the guest, who has belonged
/// to it for longest.
pub fn successor<'a>(members: impl IntoIterator<Item = &'a Member>) -> Option<&'a Member> {
    let staying = members
        .into_iter()
        .filter(|member| member.is_accepted() && member.role != Role::Organizer);
    staying.min_by_key(|member| (std::cmp::Reverse(member.role), member.since, member.user))
}
