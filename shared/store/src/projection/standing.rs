//! What stands behind a change: a row that counts, a group whose place in the catalogue follows, or somebody to tell.

use jiff::Timestamp;
use tripsage_domain::{
    group::Group,
    ids::{GroupId, UserId},
};

use super::{Event, Target, Told, tally::Tally, told};
use crate::{Db, Loaded, StoreError, Transaction, Write, groups::GroupStandingRow};

/// Whatever a change is about.
#[derive(Debug)]
pub(super) enum Standing {
    /// It counts.
    Tally(Tally),
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

impl Standing {
    /// What to write when these changes are counted.
    pub(super) fn after(&self, events: &[Event], now: Timestamp) -> Result<Counted, StoreError> {
        match self {
            Self::Tally(tally) => {
                let mut after = tally.clone();
                events.iter().for_each(|event| after.count(&event.change));
                let told = match &mut after {
                    Tally::Itinerary(loaded) => told::owner(&mut loaded.item, events),
                    _ => Vec::new(),
                };
                Ok(Counted {
                    writes: after.placed(now).replacing(tally)?,
                    told,
                })
            }
            Self::Group(found) => {
                let (standing, group) = &**found;
                let writes = match standing.item.relisted(group, now) {
                    Some(after) => Transaction::default().relisting_group(standing, &after)?.writes,
                    None => Vec::new(),
                };
                let told = events.iter().filter_map(|event| told::organizer(group, event));
                Ok(Counted {
                    writes,
                    told: told.collect(),
                })
            }
            Self::Reader(user) => Ok(Counted {
                writes: Vec::new(),
                told: events.iter().filter_map(|event| told::reader(*user, event)).collect(),
            }),
        }
    }
}

impl Db {
    /// AP-235: what a change is about; `None` when it is no more.
    pub(super) async fn standing(&self, target: Target) -> Result<Option<Standing>, StoreError> {
        match target {
            Target::Group(id) => self.group_place(id).await,
            Target::Reader(id) => Ok(Some(Standing::Reader(id))),
            _ => Ok(self.tally(target).await?.map(Standing::Tally)),
        }
    }

    async fn group_place(&self, id: GroupId) -> Result<Option<Standing>, StoreError> {
        let (Some(standing), Some(found)) = (self.find_group_standing(id).await?, self.find_group(id, &[]).await?)
        else {
            return Ok(None);
        };
        Ok(Some(Standing::Group(Box::new((standing, found.group)))))
    }
}
