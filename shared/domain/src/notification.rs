//! What users are told without having asked.

use crate::vocabulary::vocabulary;

vocabulary!(
    /// What has happened to something of theirs.
    NotificationKind {
        Vote = "vote",
        Rating = "rating",
        Intel = "intel",
        GroupInvitation = "group_invitation",
        GroupJoinRequest = "group_join_request",
        GroupMember = "group_member",
        GuideBooking = "guide_booking",
        GuideReview = "guide_review",
    }
);

/// The number of up-votes that is worth telling when there are `after`: the first, and every tenth;
/// the largest that was passed. What was told before, up to `told`, is not told again when votes go and come back.
pub fn milestone(told: i64, after: i64) -> Option<i64> {
    let reached = if after >= 10 { after - after % 10 } else { after.min(1) };
    (reached > told.max(0)).then_some(reached)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_vote_and_every_tenth_are_told_once() {
        let mut told = 0;
        let mut all = Vec::new();
        for votes in (1..=31).chain(0..=45) {
            if let Some(reached) = milestone(told, votes) {
                told = reached;
                all.push(reached);
            }
        }
        assert_eq!(all, [1, 10, 20, 30, 40]);
        assert_eq!(milestone(0, 27), Some(20), "many at once");
        assert_eq!(milestone(0, -3), None);
    }
}
