//! Ratings as they are stored.

use jiff::{Timestamp, civil::Date};
use serde::{Deserialize, Serialize};
use tripsage_domain::{
    change::{Change, Scores},
    ids::{ItineraryId, RatingId, UserId},
    rating::{Rating, RatingType, Verdict},
    votes::Tally,
};

use crate::catalogue::{Facet, FacetName, Kind, Listing};

/// A safety rating.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RatingRow {
    /// Its id.
    pub id: RatingId,
    /// What it is of.
    pub itinerary: ItineraryId,
    /// Whose it is.
    pub by: UserId,
    overall: u8,
    rating_type: RatingType,
    feedback: Option<String>,
    accommodation: Option<u8>,
    route: Option<u8>,
    community: Option<u8>,
    women: Option<u8>,
    experienced_on: Option<Date>,
    photos: Vec<String>,
    alert_filed: bool,
    verified: bool,
    created_at: Timestamp,
    updated_at: Timestamp,
}

impl From<&Rating> for RatingRow {
    fn from(rating: &Rating) -> Self {
        let verdict = rating.verdict.clone();
        Self {
            id: rating.id,
            itinerary: rating.itinerary,
            by: rating.by,
            overall: verdict.overall,
            rating_type: verdict.rating_type,
            feedback: verdict.feedback,
            accommodation: verdict.accommodation,
            route: verdict.route,
            community: verdict.community,
            women: verdict.women,
            experienced_on: verdict.experienced_on,
            photos: verdict.photos,
            alert_filed: verdict.alert_filed,
            verified: rating.verified,
            created_at: rating.created_at,
            updated_at: rating.updated_at,
        }
    }
}

impl RatingRow {
    /// What is counted of it.
    pub const fn scores(&self) -> Scores {
        Scores {
            overall: self.overall,
            accommodation: self.accommodation,
            route: self.route,
            community: self.community,
            women: self.women,
            verified: self.verified,
        }
    }

    /// When it last changed.
    pub(crate) const fn updated_at(&self) -> Timestamp {
        self.updated_at
    }

    pub(super) fn into_rating(self, version: u64) -> Rating {
        Rating {
            id: self.id,
            itinerary: self.itinerary,
            by: self.by,
            verdict: Verdict {
                overall: self.overall,
                rating_type: self.rating_type,
                feedback: self.feedback,
                accommodation: self.accommodation,
                route: self.route,
                community: self.community,
                women: self.women,
                experienced_on: self.experienced_on,
                photos: self.photos,
                alert_filed: self.alert_filed,
            },
            verified: self.verified,
            created_at: self.created_at,
            updated_at: self.updated_at,
            version,
        }
    }
}

/// What others think of a rating, and where the catalogue lists it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RatingStandingRow {
    /// Which rating.
    pub id: RatingId,
    /// Its overall score.
    pub overall: u8,
    /// Votes that call it helpful. Changes are counted in any order, so it may be below nought for a moment.
    #[serde(default)]
    pub helpful: i64,
    /// Votes that call it unhelpful.
    #[serde(default)]
    pub unhelpful: i64,
    /// Where it is listed.
    pub listing: Listing,
}

impl RatingStandingRow {
    /// Of a rating that nobody has seen yet.
    pub(super) fn new(rating: &Rating) -> Self {
        Self::with_votes(rating, Tally::default())
    }

    /// Of a rating on which others have voted.
    pub(crate) fn with_votes(rating: &Rating, votes: Tally) -> Self {
        let overall = rating.verdict.overall;
        let measures = [i64::from(overall), votes.up];
        Self {
            id: rating.id,
            overall,
            helpful: votes.up,
            unhelpful: votes.down,
            listing: Listing::new(
                Kind::Rating,
                rating.id.uuid(),
                rating.created_at,
                facets(rating),
                &measures,
            ),
        }
    }

    /// Of the same rating, when it says something else.
    pub(super) fn edited(&self, rating: &Rating, now: Timestamp) -> Self {
        let mut edited = self.clone();
        edited.overall = rating.verdict.overall;
        let listing = edited.listing.clone().with_facets(facets(rating));
        edited.listing = listing.with_measures(&edited.measures(), now);
        edited
    }

    /// Counts a change.
    pub fn apply(&mut self, change: &Change) {
        if let Change::Voted { before, after, .. } = *change {
            let votes = self.votes().with(before, after);
            (self.helpful, self.unhelpful) = (votes.up, votes.down);
        }
    }

    /// What it is sorted by: its score, and how helpful it is.
    pub fn measures(&self) -> [i64; 2] {
        [i64::from(self.overall), self.helpful]
    }

    /// Votes on it.
    pub const fn votes(&self) -> Tally {
        Tally {
            up: self.helpful,
            down: self.unhelpful,
        }
    }
}

/// By what a rating is found.
fn facets(rating: &Rating) -> Vec<Facet> {
    let facets = [
        Facet::new(FacetName::Itinerary, &rating.itinerary.to_string()),
        Facet::new(FacetName::By, &rating.by.to_string()),
        Facet::new(FacetName::Type, rating.verdict.rating_type.name()),
        Facet::new(FacetName::Score, &rating.verdict.overall.to_string()),
    ];
    facets.into_iter().flatten().collect()
}

/// Which rating of an itinerary is a user's.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RatedRow {
    /// Which rating.
    pub id: RatingId,
    /// Of which itinerary.
    pub itinerary: ItineraryId,
    /// Since when.
    pub at: Timestamp,
}
