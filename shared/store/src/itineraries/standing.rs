//! How an itinerary stands among others: what others think of it, what its proof score is made of, and where the
//! catalogue lists it. The scores themselves are not stored: they follow from this row, so that they and their reasons
//! always agree.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use tripsage_domain::{
    ids::{ItineraryId, UserId},
    itinerary::Itinerary,
    mean::Mean,
    proof::{Author, Contributions, Evidence, Maxima, Proof, Substance, heat, safety_score},
};

use super::Counts;
use crate::{
    Loaded, StoreError, Write,
    boards::{ContributionsFields, MaximaFields},
    catalogue::{Listing, relist},
    keys::itineraries as keys,
};

/// Label of the write of a standing.
pub const STANDING_CHANGED: &str = "standing";

/// What is known of whoever wrote an itinerary, and what full scores are measured by, when that was last looked at: when
/// it was made or published, and from time to time since.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Background {
    /// What its author has shown.
    #[serde(with = "AuthorFields")]
    pub author: Author,
    /// What its author has contributed.
    #[serde(with = "ContributionsFields")]
    pub contributions: Contributions,
    /// What full scores are measured by.
    #[serde(with = "MaximaFields")]
    pub maxima: Maxima,
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "Author")]
struct AuthorFields {
    is_verified: bool,
    is_guide: bool,
    is_certified: bool,
    bio_length: u64,
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "Substance")]
struct SubstanceFields {
    description_length: u64,
    narratives: u64,
    photos: u64,
    has_route: bool,
    has_waypoints: bool,
}

/// How an itinerary stands among others.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct StandingRow {
    /// Which itinerary.
    pub id: ItineraryId,
    /// Whose it is.
    pub owner: UserId,
    /// When it was made.
    pub created_at: Timestamp,
    /// What others have said of it.
    #[serde(default)]
    pub counts: Counts,
    /// What it is made of.
    #[serde(with = "SubstanceFields")]
    pub substance: Substance,
    /// What it is measured by.
    #[serde(default)]
    pub background: Background,
    /// The last number of votes for it that its owner was told of.
    #[serde(default)]
    pub votes_told: i64,
    /// Since when it is featured.
    #[serde(default)]
    pub featured_at: Option<Timestamp>,
    /// How the catalogue lists it; only while it is published.
    #[serde(default)]
    pub listing: Option<Listing>,
}

impl StandingRow {
    /// Of an itinerary that nobody has seen yet.
    pub fn new(itinerary: &Itinerary) -> Self {
        Self {
            id: itinerary.id,
            owner: itinerary.owner,
            created_at: itinerary.created_at,
            counts: Counts::default(),
            substance: Substance::of(itinerary),
            background: Background::default(),
            votes_told: 0,
            featured_at: None,
            listing: None,
        }
    }

    /// What its proof score is made of. Nothing is measured by less than it has itself: it may have become the first
    /// since the maxima were looked at.
    pub fn evidence(&self) -> Evidence {
        let reception = self.counts.reception();
        let Background {
            author,
            contributions,
            maxima,
        } = self.background;
        Evidence {
            author,
            contributions,
            substance: self.substance,
            reception,
            maxima: maxima.with(contributions, &reception),
        }
    }

    /// Its proof score, with the reasons.
    pub fn proof(&self) -> Proof {
        self.evidence().proof()
    }

    /// Its safety ratings.
    pub fn rated(&self) -> Mean {
        self.counts.rated()
    }

    /// How safe it is, in thousandths; `None` when nobody has said.
    pub fn safety_score(&self) -> Option<u64> {
        safety_score(self.counts.rated_by_verified(), self.counts.rated())
    }

    /// What it is sorted by: heat, safety rating, helpfulness, proof score, safety score, views, and how it rises.
    pub fn measures(&self) -> [i64; 7] {
        let whole = |number: u64| i64::try_from(number).unwrap_or(i64::MAX);
        let (counts, proof) = (&self.counts, self.proof().score());
        let hours = self.created_at.as_second() / 3600;
        [
            heat(proof, counts.comments, counts.upvotes, hours),
            whole(counts.rated().shrunk()),
            counts.helpful.max(0),
            whole(proof),
            whole(self.safety_score().unwrap_or_default() / 10),
            counts.views.max(0),
            whole(counts.rated().count) + counts.views.max(0),
        ]
    }

    /// With its place in the catalogue as its scores say.
    #[must_use]
    pub fn placed(mut self, now: Timestamp) -> Self {
        let measures = self.measures();
        self.listing = self.listing.map(|listing| listing.with_measures(&measures, now));
        self
    }

    /// The writes that put it into the place of `old`, and make the catalogue say the same.
    pub(crate) fn replacing(&self, old: &Loaded<Self>) -> Result<Vec<Write>, StoreError> {
        let mut writes = relist(old.item.listing.as_ref(), self.listing.as_ref())?;
        let key = keys::itinerary_standing(self.id);
        writes.push(Write::replace(STANDING_CHANGED, key, self, old.version)?);
        Ok(writes)
    }
}
