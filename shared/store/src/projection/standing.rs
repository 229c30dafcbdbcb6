//! The rows that count.

use jiff::Timestamp;
use tripsage_domain::{
    change::Change,
    group::Group,
    ids::{GroupId, ResourceId, ReviewId, UserId},
};

use super::{Event, Target, Told, told};
use crate::{
    Condition, Db, Loaded, StoreError, Transaction, Write,
    catalogue::{Listing, relist},
    groups::GroupStandingRow,
    guides::ReviewStanding,
    intel::IntelStandingRow,
    itineraries::StandingRow,
    keys::{
        self,
        itineraries::itinerary_standing,
        ratings::{intel_standing, rating_standing},
        reactions::traveller,
    },
    ratings::RatingStandingRow,
    safety_resources::ResourceStanding,
    travellers::TravellerRow,
};

/// A row that counts, with what else is needed. Version 0: there is no row yet.
#[derive(Debug)]
pub(super) enum Standing {
    Itinerary(Box<Loaded<StandingRow>>),
    Rating(Loaded<RatingStandingRow>),
    Intel(Loaded<IntelStandingRow>),
    Resource(ResourceId, Loaded<ResourceStanding>),
    Review(Loaded<ReviewStanding>),
    Traveller(Loaded<TravellerRow>),
    /// Its members are counted by whoever joins; what follows from them is its place in the catalogue.
    Group(Box<(Loaded<GroupStandingRow>, Group)>),
    /// Nothing is counted.
    Reader(UserId),
}

/// What follows from counting.
#[derive(Debug, Default)]
pub(super) struct Counted {
    pub(super) writes: Vec<Write>,
    pub(super) told: Vec<Told>,
}

/// Label of the writes of rows that count.
const STANDING: &str = "standing";

impl Standing {
    /// What to write when these changes are counted.
    pub(super) fn after(&self, events: &[Event], now: Timestamp) -> Result<Counted, StoreError> {
        let changes = events.iter().map(|event| &event.change);
        let writes = match self {
            Self::Itinerary(loaded) => return itinerary(loaded, events, now),
            Self::Rating(loaded) => {
                let mut after = loaded.item.clone();
                changes.for_each(|change| after.apply(change));
                after.listing = after.listing.clone().with_measures(&after.measures(), now);
                let key = rating_standing(after.id);
                listed(&loaded.item.listing, &after.listing, replaced(key, loaded, &after)?)?
            }
            Self::Intel(loaded) => {
                let mut after = loaded.item.clone();
                changes.for_each(|change| after.apply(change));
                after.listing = after.listing.clone().with_measures(&after.measures(), now);
                let key = intel_standing(after.id);
                listed(&loaded.item.listing, &after.listing, replaced(key, loaded, &after)?)?
            }
            Self::Resource(id, loaded) => {
                let after = changes.fold(loaded.item, ResourceStanding::after);
                vec![replaced(keys::resource_standing(*id), loaded, &after)?]
            }
            Self::Review(loaded) => {
                let mut after = loaded.item;
                for change in changes {
                    if let Change::Voted {
                        before, after: vote, ..
                    } = *change
                    {
                        after = after.with(before, vote);
                    }
                }
                vec![replaced(keys::review_standing(after.id), loaded, &after)?]
            }
            Self::Traveller(loaded) => {
                let mut after = loaded.item;
                changes.for_each(|change| after.apply(change));
                let mut writes = vec![replaced(traveller(after.user), loaded, &after)?];
                if loaded.version == 0 {
                    // Who was erased meanwhile must not come back in what is counted of them.
                    writes.push(Write::check("user", keys::user(after.user), Condition::Present));
                }
                writes
            }
            Self::Group(found) => {
                let (standing, group) = &**found;
                let writes = match standing.item.relisted(group, now) {
                    Some(after) => Transaction::default().relisting_group(standing, &after)?.writes,
                    None => Vec::new(),
                };
                let told = events.iter().filter_map(|event| told::organizer(group, event));
                return Ok(Counted {
                    writes,
                    told: told.collect(),
                });
            }
            Self::Reader(user) => {
                return Ok(Counted {
                    writes: Vec::new(),
                    told: events.iter().filter_map(|event| told::reader(*user, event)).collect(),
                });
            }
        };
        Ok(Counted {
            writes,
            told: Vec::new(),
        })
    }
}

fn itinerary(loaded: &Loaded<StandingRow>, events: &[Event], now: Timestamp) -> Result<Counted, StoreError> {
    let mut after = loaded.item.clone();
    events.iter().for_each(|event| after.counts.apply(&event.change));
    let told = told::owner(&mut after, events);
    let writes = after.placed(now).replacing(loaded)?;
    Ok(Counted { writes, told })
}

/// A row in the place of the one that was read, or the first one.
fn replaced<T: serde::Serialize>(key: keys::Key, loaded: &Loaded<T>, after: &T) -> Result<Write, StoreError> {
    match loaded.version {
        0 => Write::insert(STANDING, key, after),
        version => Write::replace(STANDING, key, after, version),
    }
}

fn listed(before: &Listing, after: &Listing, row: Write) -> Result<Vec<Write>, StoreError> {
    let mut writes = relist(Some(before), Some(after))?;
    writes.push(row);
    Ok(writes)
}

impl Db {
    /// AP-235: the row that counts for a target; `None` when the target is no more.
    pub(super) async fn standing(&self, target: Target) -> Result<Option<Standing>, StoreError> {
        match target {
            Target::Itinerary(id) => {
                let row = self.get(&itinerary_standing(id)).await?;
                Ok(row.map(|row| Standing::Itinerary(Box::new(row))))
            }
            Target::Rating(id) => Ok(self.get(&rating_standing(id)).await?.map(Standing::Rating)),
            Target::Intel(id) => Ok(self.get(&intel_standing(id)).await?.map(Standing::Intel)),
            Target::Resource(id) => self.resource_counts(id).await,
            Target::Review(id) => self.review_counts(id).await,
            Target::Traveller(id) => self.traveller_counts(id).await,
            Target::Group(id) => self.group_place(id).await,
            Target::Reader(id) => Ok(Some(Standing::Reader(id))),
        }
    }

    async fn resource_counts(&self, id: ResourceId) -> Result<Option<Standing>, StoreError> {
        if self.find_resource(id).await?.is_none() {
            return Ok(None);
        }
        let new = ResourceStanding {
            id: Some(id),
            ..ResourceStanding::default()
        };
        let row = self.find_resource_standing(id).await?;
        let row = row.unwrap_or(Loaded { item: new, version: 0 });
        Ok(Some(Standing::Resource(id, row)))
    }

    async fn review_counts(&self, id: ReviewId) -> Result<Option<Standing>, StoreError> {
        let row = self.find_review_standing(id).await?;
        Ok(row.map(Standing::Review))
    }

    async fn traveller_counts(&self, id: UserId) -> Result<Option<Standing>, StoreError> {
        let row = self.find_traveller(id).await?;
        let is_somebody = row.version > 0 || self.find_user(id).await?.is_some();
        Ok(is_somebody.then_some(Standing::Traveller(row)))
    }

    async fn group_place(&self, id: GroupId) -> Result<Option<Standing>, StoreError> {
        let (Some(standing), Some(found)) = (self.find_group_standing(id).await?, self.find_group(id, &[]).await?)
        else {
            return Ok(None);
        };
        Ok(Some(Standing::Group(Box::new((standing, found.group)))))
    }
}
