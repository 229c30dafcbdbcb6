//! How a group stands in the catalogue.

use jiff::{Timestamp, civil::Date};
use serde::{Deserialize, Serialize};
use tripsage_domain::{group::Group, ids::GroupId, words};

use super::{GROUP_CHANGED, STANDING_CHANGED};
use crate::{
    Condition, Db, Loaded, StoreError, Transaction, Write,
    catalogue::{Facet, FacetName, Kind, Listing, relist},
    keys,
};

/// Attempts to bring the catalogue up to date while others change the group.
const ATTEMPTS: usize = 8;

/// Measures of a group in the catalogue.
pub mod measures {
    /// How many belong to it.
    pub const POPULAR: usize = 0;
    /// The day on which the journey begins; the sooner, the larger.
    pub const SOON: usize = 1;
    /// How many places are left.
    pub const FREE: usize = 2;
    /// The day on which the journey ends.
    pub const END: usize = 3;
}

/// Days since 1970, as measures have them.
pub fn day_number(day: Date) -> i64 {
    let since = Date::constant(1970, 1, 1).until(day);
    since.map_or(0, |span| i64::from(span.get_days()))
}

/// The facet of a tag, or of an interest: the same for all ways to write it.
pub fn tag_facet(tag: &str) -> Option<Facet> {
    Facet::new(FacetName::Tag, &words::of(&[tag]).join("-"))
}

/// The facet of a style of travelling.
pub fn style_facet(style: &str) -> Option<Facet> {
    Facet::new(FacetName::Style, &words::of(&[style]).join("-"))
}

/// By what a group is found.
fn facets(group: &Group) -> Vec<Facet> {
    let content = &group.content;
    let mut facets: Vec<Facet> = Facet::words(&content.destination, &content.name).collect();
    facets.extend(Facet::new(FacetName::Type, content.group_type.name()));
    facets.extend(content.activity_tags.iter().filter_map(|tag| tag_facet(tag)));
    facets.extend(content.travel_style.as_deref().and_then(style_facet));
    for (flag, holds) in [
        ("women_only", content.is_women_only),
        ("women_safe", content.is_women_safe()),
    ] {
        facets.extend(Facet::new(FacetName::Flag, flag).filter(|_| holds));
    }
    facets
}

fn measured(group: &Group) -> [i64; 4] {
    [
        i64::from(group.counts.members),
        -day_number(group.content.start_date),
        i64::from(group.free()),
        day_number(group.content.end_date),
    ]
}

/// How a group stands in the catalogue.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct GroupStandingRow {
    /// Which group.
    pub group: GroupId,
    /// Its members, as far as the catalogue knows.
    pub members: u32,
    /// The state of the group that the catalogue shows: an older one never replaces it.
    pub sequence: u64,
    /// What the catalogue says; `None` while the group is deleted.
    pub listing: Option<Listing>,
}

impl GroupStandingRow {
    /// How a new group stands there.
    pub fn new(group: &Group) -> Self {
        let listed = Listing::new(
            Kind::Group,
            group.id.uuid(),
            group.created_at,
            facets(group),
            &measured(group),
        );
        Self {
            group: group.id,
            members: group.counts.members,
            sequence: group.sequence,
            listing: group.deleted_at.is_none().then_some(listed),
        }
    }

    /// How it stands there when the group is like this; `None` when that changes nothing, or is not news.
    pub fn relisted(&self, group: &Group, now: Timestamp) -> Option<Self> {
        if group.sequence <= self.sequence {
            return None;
        }
        let after = self.of(group, now);
        // A request that waits is a new state of the group, too, and says nothing to the catalogue.
        let news = after.listing != self.listing || after.members != self.members;
        news.then_some(after)
    }

    /// How it stands there when the group is like this.
    pub(crate) fn of(&self, group: &Group, now: Timestamp) -> Self {
        let new = Self::new(group);
        let listing = match (&self.listing, new.listing) {
            (Some(old), Some(_)) => Some(
                old.clone()
                    .with_facets(facets(group))
                    .with_measures(&measured(group), now),
            ),
            (_, new) => new,
        };
        Self { listing, ..new }
    }
}

impl Transaction {
    /// AP-226: a new group with its organizer, in the catalogue at once. Conflict: [`GROUP_CHANGED`].
    ///
    /// # Errors
    /// When a row cannot be expressed in DynamoDB's types.
    pub(super) fn listing_group(self, standing: &GroupStandingRow) -> Result<Self, StoreError> {
        let key = keys::group_standing(standing.group);
        let mut transaction = self.with(Write::insert(GROUP_CHANGED, key, standing)?);
        for write in relist(None, standing.listing.as_ref())? {
            transaction.push(write);
        }
        Ok(transaction)
    }

    /// Another standing in the place of the one that was read, and the catalogue with it. Conflict:
    /// [`STANDING_CHANGED`].
    pub(crate) fn relisting_group(
        self,
        before: &Loaded<GroupStandingRow>,
        after: &GroupStandingRow,
    ) -> Result<Self, StoreError> {
        let key = keys::group_standing(after.group);
        let mut transaction = self.with(Write::replace(STANDING_CHANGED, key, after, before.version)?);
        for write in relist(before.item.listing.as_ref(), after.listing.as_ref())? {
            transaction.push(write);
        }
        Ok(transaction)
    }

    /// Takes a group out of the catalogue for good.
    pub(super) fn unlisting_group(self, before: &Loaded<GroupStandingRow>) -> Result<Self, StoreError> {
        let key = keys::group_standing(before.item.group);
        let mut transaction = self.with(Write::remove(STANDING_CHANGED, key, Condition::Version(before.version)));
        for write in relist(before.item.listing.as_ref(), None)? {
            transaction.push(write);
        }
        Ok(transaction)
    }
}

impl Db {
    /// AP-228: how a group stands in the catalogue.
    ///
    /// # Errors
    /// When DynamoDB does not answer.
    pub async fn find_group_standing(&self, id: GroupId) -> Result<Option<Loaded<GroupStandingRow>>, StoreError> {
        self.get(&keys::group_standing(id)).await
    }

    /// AP-229: lets the catalogue say of a group what is the case now. It depends on nothing but what is stored, so it can
    /// be done at any time, any number of times, in any order. `true` when that changed anything.
    ///
    /// # Errors
    /// When DynamoDB does not answer, or others keep changing the group.
    pub async fn relist_group(&self, id: GroupId, now: Timestamp) -> Result<bool, StoreError> {
        for _ in 1..ATTEMPTS {
            match self.try_relisting(id, now).await {
                Err(StoreError::Conflict(_) | StoreError::Throttled(_)) => {}
                result => return result,
            }
        }
        self.try_relisting(id, now).await
    }

    async fn try_relisting(&self, id: GroupId, now: Timestamp) -> Result<bool, StoreError> {
        let Some(standing) = self.find_group_standing(id).await? else {
            return Ok(false);
        };
        let Some(found) = self.find_group(id, &[]).await? else {
            return Ok(false);
        };
        let Some(after) = standing.item.relisted(&found.group, now) else {
            return Ok(false);
        };
        self.commit(Transaction::default().relisting_group(&standing, &after)?)
            .await?;
        Ok(true)
    }
}
