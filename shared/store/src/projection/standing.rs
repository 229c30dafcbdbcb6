//! The rows that count.

use jiff::Timestamp;
use tripsage_domain::{
    change::Change,
    ids::{ItineraryId, UserId},
    notification::{NotificationKind, milestone},
};

use super::{Event, Target, Told};
use crate::{
    Condition, Db, Loaded, StoreError, Write,
    catalogue::relist,
    intel::IntelStandingRow,
    itineraries::StandingRow,
    keys::{
        self,
        itineraries::itinerary_standing,
        ratings::{intel_standing, rating_standing},
        reactions::traveller,
    },
    notifications::About,
    ratings::RatingStandingRow,
    travellers::TravellerRow,
};

/// A row that counts, with what else its scores are made of.
#[derive(Debug)]
pub(super) enum Standing {
    Itinerary(Box<Loaded<StandingRow>>),
    /// Version 0: there is no row yet.
    Traveller(Loaded<TravellerRow>),
    Rating(Loaded<RatingStandingRow>),
    Intel(Loaded<IntelStandingRow>),
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
        match self {
            Self::Itinerary(loaded) => itinerary(loaded, events, now),
            Self::Rating(loaded) => rating(loaded, events, now),
            Self::Intel(loaded) => intel(loaded, events, now),
            Self::Traveller(loaded) => {
                let mut row = loaded.item;
                events.iter().for_each(|event| row.apply(&event.change));
                let key = traveller(row.user);
                let writes = if loaded.version == 0 {
                    // Who was erased meanwhile must not come back in what is counted of them.
                    let user = Write::check("user", keys::user(row.user), Condition::Present);
                    vec![Write::insert(STANDING, key, &row)?, user]
                } else {
                    vec![Write::replace(STANDING, key, &row, loaded.version)?]
                };
                Ok(Counted {
                    writes,
                    told: Vec::new(),
                })
            }
        }
    }
}

fn itinerary(loaded: &Loaded<StandingRow>, events: &[Event], now: Timestamp) -> Result<Counted, StoreError> {
    let before = &loaded.item;
    let mut after = before.clone();
    let mut told = Vec::new();
    for event in events {
        after.counts.apply(&event.change);
        told.extend(of_owner(before, event));
    }
    if let Some(reached) = milestone(before.votes_told, after.counts.upvotes) {
        after.votes_told = reached;
        let about = About {
            count: Some(reached),
            ..about(before.id)
        };
        told.extend(
            events
                .last()
                .map(|event| Told::new(before.owner, event, NotificationKind::Vote, about)),
        );
    }
    let writes = after.placed(now).replacing(loaded)?;
    Ok(Counted { writes, told })
}

fn rating(loaded: &Loaded<RatingStandingRow>, events: &[Event], now: Timestamp) -> Result<Counted, StoreError> {
    let before = &loaded.item;
    let mut after = before.clone();
    events.iter().for_each(|event| after.apply(&event.change));
    after.listing = after.listing.clone().with_measures(&after.measures(), now);
    let mut writes = relist(Some(&before.listing), Some(&after.listing))?;
    let key = rating_standing(after.id);
    writes.push(Write::replace(STANDING, key, &after, loaded.version)?);
    Ok(Counted {
        writes,
        told: Vec::new(),
    })
}

fn intel(loaded: &Loaded<IntelStandingRow>, events: &[Event], now: Timestamp) -> Result<Counted, StoreError> {
    let before = &loaded.item;
    let mut after = before.clone();
    events.iter().for_each(|event| after.apply(&event.change));
    after.listing = after.listing.clone().with_measures(&after.measures(), now);
    let mut writes = relist(Some(&before.listing), Some(&after.listing))?;
    let key = intel_standing(after.id);
    writes.push(Write::replace(STANDING, key, &after, loaded.version)?);
    Ok(Counted {
        writes,
        told: Vec::new(),
    })
}

fn about(id: ItineraryId) -> About {
    About {
        itinerary: Some(id),
        ..About::default()
    }
}

/// What the owner of an itinerary is told of a change that others made.
fn of_owner(standing: &StandingRow, event: &Event) -> Option<Told> {
    let told = |kind| Some(Told::new(standing.owner, event, kind, about(standing.id)));
    match event.change {
        Change::Rated {
            by,
            before: None,
            after: Some(_),
            ..
        } if by != standing.owner => told(NotificationKind::Rating),
        Change::Reported {
            by,
            before: None,
            after: Some(_),
            ..
        } if by != standing.owner => told(NotificationKind::Intel),
        _ => None,
    }
}

impl Db {
    /// AP-235: the row that counts for a target; `None` when the target is no more.
    pub(super) async fn standing(&self, target: Target) -> Result<Option<Standing>, StoreError> {
        match target {
            Target::Itinerary(id) => {
                let row = self.get::<StandingRow>(&itinerary_standing(id)).await?;
                Ok(row.map(|row| Standing::Itinerary(Box::new(row))))
            }
            Target::Traveller(id) => self.traveller_standing(id).await,
            Target::Rating(id) => Ok(self.get(&rating_standing(id)).await?.map(Standing::Rating)),
            Target::Intel(id) => Ok(self.get(&intel_standing(id)).await?.map(Standing::Intel)),
            Target::Resource(_) => Ok(None),
        }
    }

    async fn traveller_standing(&self, id: UserId) -> Result<Option<Standing>, StoreError> {
        let row = self.find_traveller(id).await?;
        let is_somebody = row.version > 0 || self.find_user(id).await?.is_some();
        Ok(is_somebody.then_some(Standing::Traveller(row)))
    }
}
