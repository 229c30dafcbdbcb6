//! What is known of those who write itineraries, as far as a proof score looks at it.

use jiff::Timestamp;
use serde::Deserialize;
use tripsage_domain::{
    guide::{Guide, State},
    ids::{GuideId, UserId},
    proof::Author,
};

use crate::{
    Db, StoreError,
    itineraries::Background,
    keys::{self, Key},
    users::UserRow,
};

/// Which guide a user is.
#[derive(Deserialize)]
struct ClaimRow {
    guide: GuideId,
}

/// What a user has shown of themselves. A certificate is what a moderator has seen of a guide.
fn author(user: &UserRow, guides: &[Guide], now: Timestamp) -> Author {
    let guide = guides.iter().find(|guide| guide.user == user.id);
    let verified = guide.filter(|guide| guide.state(now) == State::Verified);
    let seen = verified.and_then(|guide| guide.verification);
    Author {
        is_verified: user.email_verified,
        is_guide: verified.is_some(),
        is_certified: seen.is_some_and(|seen| seen.first_aid || seen.emergency_training || seen.background_check),
        bio_length: user.bio.as_ref().map_or(0, |bio| bio.chars().count() as u64),
    }
}

impl Db {
    /// AP-177: what is known of up to 100 authors; those who are gone are left out.
    ///
    /// # Errors
    /// When DynamoDB does not answer.
    pub(crate) async fn find_authors(
        &self,
        users: &[UserId],
        now: Timestamp,
    ) -> Result<Vec<(UserId, Author)>, StoreError> {
        let claims: Vec<Key> = users.iter().map(|user| keys::guide_claim(*user)).collect();
        let (users, claims) = tokio::try_join!(self.find_users(users), self.get_many::<ClaimRow>(&claims))?;
        let ids: Vec<GuideId> = claims.into_iter().map(|claim| claim.guide).collect();
        let guides = self.find_guides(&ids).await?.into_iter();
        let guides: Vec<Guide> = guides.map(|standing| standing.guide).collect();
        Ok(users.iter().map(|user| (user.id, author(user, &guides, now))).collect())
    }

    /// AP-177: what an itinerary of this author is measured by.
    ///
    /// # Errors
    /// When DynamoDB does not answer.
    pub(crate) async fn find_background(&self, owner: UserId, now: Timestamp) -> Result<Background, StoreError> {
        let owners = [owner];
        let (authors, traveller, maxima) = tokio::try_join!(
            self.find_authors(&owners, now),
            self.find_traveller(owner),
            self.find_maxima()
        )?;
        Ok(Background {
            author: authors.first().map(|(_, author)| *author).unwrap_or_default(),
            contributions: traveller.item.contributions(),
            maxima,
        })
    }
}
