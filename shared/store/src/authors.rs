//! What is known of those who write itineraries, as far as a proof score looks at it.

use tripsage_domain::{ids::UserId, proof::Author};

use crate::{Db, StoreError, itineraries::Background, users::UserRow};

/// What a user has shown of themselves.
fn author(user: &UserRow) -> Author {
    Author {
        is_verified: user.email_verified,
        is_guide: false,
        is_certified: false,
        bio_length: user.bio.as_ref().map_or(0, |bio| bio.chars().count() as u64),
    }
}

impl Db {
    /// AP-177: what is known of up to 100 authors; those who are gone are left out.
    ///
    /// # Errors
    /// When DynamoDB does not answer.
    pub(crate) async fn find_authors(&self, users: &[UserId]) -> Result<Vec<(UserId, Author)>, StoreError> {
        let users = self.find_users(users).await?;
        Ok(users.iter().map(|user| (user.id, author(user))).collect())
    }

    /// AP-177: what an itinerary of this author is measured by.
    ///
    /// # Errors
    /// When DynamoDB does not answer.
    pub(crate) async fn find_background(&self, owner: UserId) -> Result<Background, StoreError> {
        let owners = [owner];
        let (authors, traveller, maxima) = tokio::try_join!(
            self.find_authors(&owners),
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
