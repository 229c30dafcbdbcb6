//! What travellers have contributed, counted by the projector.

use serde::{Deserialize, Serialize};
use tripsage_domain::{change::Change, ids::UserId, proof::Contributions};

use crate::{
    Db, Loaded, StoreError,
    keys::{Key, reactions as keys},
};

/// What a traveller has contributed. As with all counts, any number may be below nought for a moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct TravellerRow {
    /// Who.
    pub user: UserId,
    /// Itineraries that everybody can see.
    #[serde(default)]
    pub itineraries: i64,
    /// Travel intel.
    #[serde(default)]
    pub snaps: i64,
    /// Safety ratings.
    #[serde(default)]
    pub ratings: i64,
    /// Those that they gave as verified travellers.
    #[serde(default)]
    pub verified: i64,
}

impl TravellerRow {
    /// Of somebody who has contributed nothing yet.
    pub const fn new(user: UserId) -> Self {
        Self {
            user,
            itineraries: 0,
            snaps: 0,
            ratings: 0,
            verified: 0,
        }
    }

    /// Counts something that this traveller did.
    pub fn apply(&mut self, change: &Change) {
        match *change {
            Change::Published { delta, .. } => self.itineraries += delta,
            Change::Reported { before, after, .. } => {
                self.snaps += i64::from(after.is_some()) - i64::from(before.is_some());
            }
            Change::Rated { before, after, .. } => {
                let verified = |scores: Option<tripsage_domain::change::Scores>| scores.is_some_and(|s| s.verified);
                self.ratings += i64::from(after.is_some()) - i64::from(before.is_some());
                self.verified += i64::from(verified(after)) - i64::from(verified(before));
            }
            // Nothing that a traveller counts.
            _ => {}
        }
    }

    /// What a proof score looks at.
    pub const fn contributions(&self) -> Contributions {
        Contributions {
            itineraries: self.itineraries,
            snaps: self.snaps,
            ratings: self.ratings,
            verified: self.verified,
        }
    }
}

impl Db {
    /// AP-174: what a traveller has contributed; version 0 and nothing when there is no row yet.
    ///
    /// # Errors
    /// When DynamoDB does not answer.
    pub async fn find_traveller(&self, user: UserId) -> Result<Loaded<TravellerRow>, StoreError> {
        let row = self.get::<TravellerRow>(&keys::traveller(user)).await?;
        Ok(row.unwrap_or(Loaded {
            item: TravellerRow::new(user),
            version: 0,
        }))
    }

    /// AP-174: what up to 100 travellers have contributed; who has contributed nothing is left out.
    ///
    /// # Errors
    /// When DynamoDB does not answer.
    pub async fn find_travellers(&self, users: &[UserId]) -> Result<Vec<TravellerRow>, StoreError> {
        let keys: Vec<Key> = users.iter().map(|user| keys::traveller(*user)).collect();
        self.get_many(&keys).await
    }
}

#[cfg(test)]
mod tests {
    use tripsage_domain::{
        change::{Report, Scores},
        ids::ItineraryId,
        intel::IntelType,
        votes::Subject,
    };
    use uuid::Uuid;

    use super::*;

    #[test]
    fn ratings_travel_intel_and_itineraries_are_contributions() {
        let (itinerary, by) = (ItineraryId::from_uuid(Uuid::nil()), UserId::from_uuid(Uuid::nil()));
        let scores = |verified| Scores {
            overall: 3,
            accommodation: None,
            route: None,
            community: None,
            women: None,
            verified,
        };
        let rated = |before, after| Change::Rated {
            itinerary,
            by,
            before,
            after,
        };
        let mut row = TravellerRow::new(by);
        for change in [
            Change::Published {
                itinerary,
                by,
                delta: 1,
            },
            Change::Published {
                itinerary,
                by,
                delta: 1,
            },
            Change::Published {
                itinerary,
                by,
                delta: -1,
            },
            Change::Reported {
                itinerary,
                by,
                before: None,
                after: Some(Report {
                    intel_type: IntelType::Tip,
                    critical: false,
                    resolved: false,
                }),
            },
            rated(None, Some(scores(true))),
            rated(None, Some(scores(false))),
            rated(Some(scores(true)), Some(scores(false))),
            rated(None, Some(scores(true))),
            Change::Viewed {
                subject: Subject::Itinerary(itinerary),
            },
        ] {
            row.apply(&change);
        }
        let contributions = row.contributions();
        assert_eq!((contributions.itineraries, contributions.snaps), (1, 1));
        assert_eq!((contributions.ratings, contributions.verified), (3, 1));
    }
}
