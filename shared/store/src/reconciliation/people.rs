//! Somebody who has an account, and everything that is theirs.

use jiff::Timestamp;
use tripsage_domain::{group::Role, ids::UserId};

use super::Looked;
use crate::{
    Db, StoreError,
    catalogue::Kind,
    groups::GroupMemberRow,
    guides::ReviewRow,
    intel::PointerRow,
    itineraries::OwnRow,
    keys::{
        self, MEMBERSHIP_PREFIX, REVIEW_PREFIX,
        itineraries::OWN_ITINERARY_PREFIX,
        ratings::{RATED_PREFIX, TOLD_PREFIX},
    },
    projection::Target,
    ratings::RatedRow,
};

impl Db {
    /// AP-248: what somebody has contributed, and how each thing of theirs stands.
    pub(super) async fn look_at_person(&self, user: UserId, now: Timestamp) -> Looked {
        let mut looked = Looked::default();
        self.inspect(Target::Traveller(user), now, &mut looked).await;
        if let Err(error) = self.look_at_things(user, now, &mut looked).await {
            looked
                .findings
                .note(&format!("what is of traveller {user}"), Err(error));
        }
        looked
    }

    async fn look_at_things(&self, user: UserId, now: Timestamp, looked: &mut Looked) -> Result<(), StoreError> {
        let partition = keys::user_partition(user);
        let mut things = Vec::new();
        self.each::<OwnRow>(&partition, OWN_ITINERARY_PREFIX, |row| {
            things.push((Target::Itinerary(row.id), Kind::Itinerary));
        })
        .await?;
        self.each::<RatedRow>(&partition, RATED_PREFIX, |row| {
            things.push((Target::Rating(row.id), Kind::Rating));
        })
        .await?;
        self.each::<PointerRow>(&partition, TOLD_PREFIX, |row| {
            things.push((Target::Intel(row.id), Kind::Intel));
        })
        .await?;
        for (target, kind) in things {
            let what = format!("catalogue entries of {}", super::recount::name(target));
            looked
                .findings
                .note(&what, self.check_listing(kind, target.parts().1).await);
            self.inspect(target, now, looked).await;
        }
        let mut organized = Vec::new();
        self.each::<GroupMemberRow>(&partition, MEMBERSHIP_PREFIX, |row| {
            organized.extend((row.role == Role::Organizer).then_some(row.group));
        })
        .await?;
        for group in organized {
            looked
                .findings
                .note(&format!("group {group}"), self.check_group(group, now).await);
            let entries = self.check_listing(Kind::Group, group.uuid()).await;
            looked
                .findings
                .note(&format!("catalogue entries of group {group}"), entries);
        }
        if let Some(guide) = self.find_guide_of(user).await? {
            looked
                .findings
                .note(&format!("guide {guide}"), self.check_guide(guide, now).await);
            let entries = self.check_listing(Kind::Guide, guide.uuid()).await;
            looked
                .findings
                .note(&format!("catalogue entries of guide {guide}"), entries);
            let (partition, mut reviews) = (keys::guide_partition(guide), Vec::new());
            self.each::<ReviewRow>(&partition, REVIEW_PREFIX, |review| reviews.push(review.id))
                .await?;
            for review in reviews {
                self.inspect(Target::Review(review), now, looked).await;
            }
        }
        Ok(())
    }
}
