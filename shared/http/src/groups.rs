//! What a group does not permit, as clients see it.

use tripsage_domain::group::{GroupError, Requirement};

use crate::{ApiError, Code};

impl From<GroupError> for ApiError {
    fn from(error: GroupError) -> Self {
        let text = error.to_string();
        let with = |code| Self::new(code).message(text.clone());
        match error {
            GroupError::Denied(denial) => Self::denied(denial, "group"),
            GroupError::Invalid(invalid) => invalid.into(),
            GroupError::AlreadyMember | GroupError::AlreadyPending => with(Code::AlreadyExists),
            GroupError::Full(members) => with(Code::GroupFull).fact("members", members),
            GroupError::Unmet(requirement) => {
                let error = with(Code::RequirementUnmet).fact("requirement", requirement.name());
                match requirement {
                    Requirement::Reputation(least) => error.fact("min_sbt_reputation_score", least),
                    Requirement::WomenOnly | Requirement::IdentityVerification => error,
                }
            }
            GroupError::Blocked => with(Code::Forbidden),
            GroupError::NoMember(what) => Self::not_found(what),
            GroupError::OrganizerLeaves => with(Code::OrganizerLeaves),
            GroupError::BelowMembers(_) => Self::field("max_members", "range", text),
            GroupError::Ended(_) | GroupError::TooMany(..) | GroupError::NotDeleted => with(Code::Conflict),
        }
    }
}
