//! Rows that count, whoever counts: the projector, one change after another, and reconciliation, from nothing.

use jiff::Timestamp;
use tripsage_domain::{change::Change, ids::ResourceId};

use super::Target;
use crate::{
    Condition, Db, Loaded, StoreError, Write,
    catalogue::{Listing, relist},
    guides::ReviewStanding,
    intel::IntelStandingRow,
    itineraries::{Counts, StandingRow},
    keys::{
        self, Key,
        itineraries::itinerary_standing,
        ratings::{intel_standing, rating_standing},
        reactions::traveller,
    },
    ratings::RatingStandingRow,
    safety_resources::ResourceStanding,
    travellers::TravellerRow,
};

/// Label of the writes of rows that count.
const STANDING: &str = "standing";

/// A row that counts. Version 0: there is none yet.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Tally {
    Itinerary(Box<Loaded<StandingRow>>),
    Rating(Loaded<RatingStandingRow>),
    Intel(Loaded<IntelStandingRow>),
    Resource(ResourceId, Loaded<ResourceStanding>),
    Review(Loaded<ReviewStanding>),
    Traveller(Loaded<TravellerRow>),
}

impl Tally {
    /// Counts a change.
    pub(crate) fn count(&mut self, change: &Change) {
        match self {
            Self::Itinerary(loaded) => loaded.item.counts.apply(change),
            Self::Rating(loaded) => loaded.item.apply(change),
            Self::Intel(loaded) => loaded.item.apply(change),
            Self::Resource(_, loaded) => loaded.item = loaded.item.after(change),
            Self::Review(loaded) => {
                if let Change::Voted { before, after, .. } = *change {
                    loaded.item = loaded.item.with(before, after);
                }
            }
            Self::Traveller(loaded) => loaded.item.apply(change),
        }
    }

    /// As if nothing had been counted yet.
    pub(crate) fn emptied(&self) -> Self {
        let mut emptied = self.clone();
        match &mut emptied {
            Self::Itinerary(loaded) => {
                // Comments and shares are rows that nobody writes yet.
                let Counts { comments, shares, .. } = loaded.item.counts;
                loaded.item.counts = Counts {
                    comments,
                    shares,
                    ..Counts::default()
                };
            }
            Self::Rating(loaded) => (loaded.item.helpful, loaded.item.unhelpful) = (0, 0),
            Self::Intel(loaded) => (loaded.item.helpful, loaded.item.unhelpful) = (0, 0),
            Self::Resource(id, loaded) => loaded.item = ResourceStanding::new(*id),
            Self::Review(loaded) => loaded.item = ReviewStanding::new(loaded.item.id),
            Self::Traveller(loaded) => loaded.item = TravellerRow::new(loaded.item.user),
        }
        emptied
    }

    /// With its place in the catalogue as the counts say.
    #[must_use]
    pub(crate) fn placed(mut self, now: Timestamp) -> Self {
        match &mut self {
            Self::Itinerary(loaded) => loaded.item = loaded.item.clone().placed(now),
            Self::Rating(loaded) => {
                let row = &mut loaded.item;
                row.listing = row.listing.clone().with_measures(&row.measures(), now);
            }
            Self::Intel(loaded) => {
                let row = &mut loaded.item;
                row.listing = row.listing.clone().with_measures(&row.measures(), now);
            }
            Self::Resource(..) | Self::Review(_) | Self::Traveller(_) => {}
        }
        self
    }

    /// Where the catalogue lists it.
    pub(crate) fn listing(&self) -> Option<&Listing> {
        match self {
            Self::Itinerary(loaded) => loaded.item.listing.as_ref(),
            Self::Rating(loaded) => Some(&loaded.item.listing),
            Self::Intel(loaded) => Some(&loaded.item.listing),
            Self::Resource(..) | Self::Review(_) | Self::Traveller(_) => None,
        }
    }

    pub(crate) const fn version(&self) -> u64 {
        match self {
            Self::Itinerary(loaded) => loaded.version,
            Self::Rating(loaded) => loaded.version,
            Self::Intel(loaded) => loaded.version,
            Self::Resource(_, loaded) => loaded.version,
            Self::Review(loaded) => loaded.version,
            Self::Traveller(loaded) => loaded.version,
        }
    }

    pub(crate) fn key(&self) -> Key {
        match self {
            Self::Itinerary(loaded) => itinerary_standing(loaded.item.id),
            Self::Rating(loaded) => rating_standing(loaded.item.id),
            Self::Intel(loaded) => intel_standing(loaded.item.id),
            Self::Resource(id, _) => keys::resource_standing(*id),
            Self::Review(loaded) => keys::review_standing(loaded.item.id),
            Self::Traveller(loaded) => traveller(loaded.item.user),
        }
    }

    /// Whether both count the same and stand in the same place; what the catalogue still knows of earlier places does
    /// not matter.
    pub(crate) fn agrees(&self, other: &Self) -> bool {
        let counts = match (self, other) {
            (Self::Itinerary(one), Self::Itinerary(other)) => one.item.counts == other.item.counts,
            (Self::Rating(one), Self::Rating(other)) => one.item.votes() == other.item.votes(),
            (Self::Intel(one), Self::Intel(other)) => one.item.votes() == other.item.votes(),
            (Self::Resource(_, one), Self::Resource(_, other)) => one.item == other.item,
            (Self::Review(one), Self::Review(other)) => one.item == other.item,
            (Self::Traveller(one), Self::Traveller(other)) => one.item == other.item,
            _ => false,
        };
        counts && Listing::agree(self.listing(), other.listing())
    }

    /// The writes that put it into the place of what was read, and make the catalogue say the same.
    pub(crate) fn replacing(&self, read: &Self) -> Result<Vec<Write>, StoreError> {
        let mut writes = relist(read.listing(), self.listing())?;
        let key = self.key();
        writes.push(match self {
            Self::Itinerary(loaded) => written(key, read, &loaded.item)?,
            Self::Rating(loaded) => written(key, read, &loaded.item)?,
            Self::Intel(loaded) => written(key, read, &loaded.item)?,
            Self::Resource(_, loaded) => written(key, read, &loaded.item)?,
            Self::Review(loaded) => written(key, read, &loaded.item)?,
            Self::Traveller(loaded) => written(key, read, &loaded.item)?,
        });
        if let Self::Traveller(loaded) = self
            && read.version() == 0
        {
            // Who was erased meanwhile must not come back in what is counted of them.
            writes.push(Write::check("user", keys::user(loaded.item.user), Condition::Present));
        }
        Ok(writes)
    }
}

/// A row in the place of the one that was read, or the first one.
fn written<T: serde::Serialize>(key: Key, read: &Tally, row: &T) -> Result<Write, StoreError> {
    match read.version() {
        0 => Write::insert(STANDING, key, row),
        version => Write::replace(STANDING, key, row, version),
    }
}

impl Db {
    /// AP-235: the row that counts for a target; `None` when the target is no more, or is nothing that counts.
    pub(crate) async fn tally(&self, target: Target) -> Result<Option<Tally>, StoreError> {
        match target {
            Target::Itinerary(id) => {
                let row = self.get(&itinerary_standing(id)).await?;
                Ok(row.map(|row| Tally::Itinerary(Box::new(row))))
            }
            Target::Rating(id) => Ok(self.get(&rating_standing(id)).await?.map(Tally::Rating)),
            Target::Intel(id) => Ok(self.get(&intel_standing(id)).await?.map(Tally::Intel)),
            Target::Resource(id) => {
                if self.find_resource(id).await?.is_none() {
                    return Ok(None);
                }
                let row = self.find_resource_standing(id).await?;
                let new = ResourceStanding::new(id);
                Ok(Some(Tally::Resource(
                    id,
                    row.unwrap_or(Loaded { item: new, version: 0 }),
                )))
            }
            Target::Review(id) => Ok(self.find_review_standing(id).await?.map(Tally::Review)),
            Target::Traveller(id) => {
                let row = self.find_traveller(id).await?;
                let is_somebody = row.version > 0 || self.find_user(id).await?.is_some();
                Ok(is_somebody.then_some(Tally::Traveller(row)))
            }
            Target::Group(_) | Target::Reader(_) => Ok(None),
        }
    }
}
