//! Trips: one partition each, with the trip itself, its items, its versions and whatever gives access to it; and one
//! row for each member in that member's own partition.
//!
//! The members are part of the trip's own item, so that one read answers both what it is and who may see it. Every
//! change replaces that item under the condition that nothing else has changed since it was read: a decision that was
//! made on a state is carried out on that state or not at all, and a revoked member's edit cannot slip through.

mod feeds;
mod history;
mod invitations;
mod item_rows;
mod items;
mod links;
mod making;
mod past;
mod preference_rows;
mod rows;
mod templates;

use jiff::{SignedDuration, Timestamp};
use tripsage_domain::{
    audit::Record,
    ids::{TripId, UserId},
    trip::{Member, RESTORE_WINDOW, Trip},
};

pub(crate) use item_rows::WhenRow;
pub(crate) use preference_rows::MoneyRow;
pub(crate) use rows::corrupt;

pub use feeds::FeedRow;
pub use history::{EntityChange, FieldChange, VersionRow, diff, member_mark};
pub use invitations::InvitationRow;
pub use items::item_entity;
pub use links::{LinkRow, LinkSections, MAX_LINKS};
pub use past::{Past, compare, item_of, rewind};
pub use rows::ListingRow;
pub use templates::{TEMPLATES_FULL, TemplateListingRow, template_weight};

use crate::{
    Condition, Db, Range, StoreError, Transaction, Write,
    due::DueRow,
    idempotency::Claim,
    keys::{self, DueList, Table},
    trips::{
        making::Earlier,
        rows::{ContentRow, TripRow},
    },
};

/// Trips of one user that a list looks at, newest first.
pub const MAX_LISTED: usize = 1000;

/// A change of a trip, ready to be committed.
#[derive(Debug)]
pub struct TripChange<'a> {
    /// The trip as it was read; `None` when it is made.
    pub before: Option<&'a Trip>,
    /// The trip as it should be. Its sequence and head are set by the commit.
    pub after: Trip,
    /// What is done, such as `trip.updated`; the name of the version.
    pub action: &'static str,
    /// Who does it.
    pub actor: UserId,
    /// When.
    pub now: Timestamp,
    /// Changes of other things than the content and the members, for the version.
    pub changes: Vec<EntityChange>,
    /// Writes of other things than the trip, for the transaction.
    pub writes: Vec<Write>,
    /// Entries of the audit trail.
    pub audit: Vec<Record>,
    /// Claim of an idempotent request.
    pub claim: Option<&'a Claim>,
    /// Versions that were written before this one, while the trip is being made.
    pub(crate) earlier: Option<Earlier>,
}

impl<'a> TripChange<'a> {
    /// A change of `before` into `after` and nothing else.
    pub fn new(before: Option<&'a Trip>, after: Trip, action: &'static str, actor: UserId, now: Timestamp) -> Self {
        let (changes, writes, audit) = (Vec::new(), Vec::new(), Vec::new());
        Self {
            before,
            after,
            action,
            actor,
            now,
            changes,
            writes,
            audit,
            claim: None,
            earlier: None,
        }
    }
}

impl Db {
    /// AP-40: a trip with its members. The caller's right to see it is decided on what is read.
    ///
    /// # Errors
    /// When DynamoDB does not answer.
    pub async fn find_trip(&self, id: TripId) -> Result<Option<Trip>, StoreError> {
        match self.get::<TripRow>(&keys::trip(id)).await? {
            Some(loaded) => loaded.item.into_trip(loaded.version).map(Some),
            None => Ok(None),
        }
    }

    /// AP-41: the trips that a user takes part in, newest first, at most [`MAX_LISTED`].
    ///
    /// # Errors
    /// When DynamoDB does not answer.
    pub async fn list_trips(&self, user: UserId) -> Result<Vec<ListingRow>, StoreError> {
        let range = Range::new(
            Table::Travel,
            keys::user_partition(user),
            keys::LISTING_PREFIX,
            MAX_LISTED,
        )
        .descending();
        Ok(self
            .query_all(range)
            .await?
            .into_iter()
            .map(|loaded| loaded.item)
            .collect())
    }

    /// AP-42: commits a change of a trip with its version, its members' listings, and whatever belongs to it, in one
    /// transaction. Gives the trip as it is stored.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] with `trip` when something else has changed it since it was read.
    pub async fn commit_trip(&self, change: TripChange<'_>) -> Result<Trip, StoreError> {
        let TripChange {
            before,
            mut after,
            action,
            actor,
            now,
            changes,
            writes,
            audit,
            claim,
            earlier,
        } = change;
        let version = version(before, earlier.as_ref(), &after, action, actor, now, changes)?;
        after.sequence = version.number;
        after.head.clone_from(&version.hash);
        let key = keys::trip(after.id);
        let row = TripRow::from(&after);
        let mut transaction = Transaction::from(match before {
            None => Write::put("trip", key, &row, version.number, Condition::Absent)?,
            Some(before) => Write::replace("trip", key, &row, before.sequence)?,
        });
        transaction.push(Write::insert(
            "version",
            keys::trip_version(after.id, version.number),
            &version,
        )?);
        let purge = due_purge(before, &after)?;
        for write in listings(before, &after)?.into_iter().chain(purge).chain(writes) {
            transaction.push(write);
        }
        for record in &audit {
            transaction = transaction.audited(record)?;
        }
        self.commit(transaction.fenced(claim)).await?;
        Ok(after)
    }
}

fn version(
    before: Option<&Trip>,
    earlier: Option<&Earlier>,
    after: &Trip,
    action: &str,
    actor: UserId,
    now: Timestamp,
    others: Vec<EntityChange>,
) -> Result<VersionRow, StoreError> {
    if let (None, Some(Earlier { number, hash })) = (before, earlier) {
        // The first version has said what the trip is; this one only adds items.
        return Ok(VersionRow::new(
            after.id,
            number + 1,
            now,
            actor,
            action,
            others,
            hash.clone(),
        ));
    }
    let mut changes = Vec::new();
    let (old, new) = (
        before.map(|trip| ContentRow::from(&trip.content)),
        ContentRow::from(&after.content),
    );
    if old.as_ref() != Some(&new) {
        changes.push(EntityChange::new("trip".to_owned(), old.as_ref(), Some(&new))?);
    }
    let old_members = before.map_or(&[][..], |trip| &trip.members);
    for user in old_members
        .iter()
        .chain(&after.members)
        .map(|member| member.user)
        .collect::<std::collections::BTreeSet<_>>()
    {
        let role = |members: &[Member]| {
            let member = members.iter().find(|member| member.user == user);
            member.map(|member| serde_json::json!({ "permission_level": member.role.name() }))
        };
        let (old, new) = (role(old_members), role(&after.members));
        if old != new {
            let entity = format!("member/{}", member_mark(after.id, user));
            changes.push(EntityChange::new(entity, old.as_ref(), new.as_ref())?);
        }
    }
    changes.extend(others);
    let (number, previous) = before.map_or((1, String::new()), |trip| (trip.sequence + 1, trip.head.clone()));
    Ok(VersionRow::new(after.id, number, now, actor, action, changes, previous))
}

/// When a trip that was deleted then is purged: as soon as it can no longer be brought back.
pub(crate) fn purge_at(deleted_at: Timestamp) -> Timestamp {
    deleted_at + RESTORE_WINDOW + SignedDuration::from_secs(1)
}

/// Puts a trip that is being deleted on the list of what to purge, and takes it off again when it is brought back.
fn due_purge(before: Option<&Trip>, after: &Trip) -> Result<Vec<Write>, StoreError> {
    let known = before.and_then(|trip| trip.deleted_at);
    if known == after.deleted_at {
        return Ok(Vec::new());
    }
    let id = after.id.uuid();
    let mut writes = Vec::new();
    if let Some(at) = known {
        writes.push(DueRow::settled(DueList::Purge, purge_at(at), id));
    }
    if let Some(at) = after.deleted_at {
        writes.push(DueRow::new(purge_at(at), id).scheduled(DueList::Purge)?);
    }
    Ok(writes)
}

/// Writes that bring the members' own rows up to date; none when nothing that they show has changed.
fn listings(before: Option<&Trip>, after: &Trip) -> Result<Vec<Write>, StoreError> {
    let shown = |trip: &Trip| (trip.content.clone(), trip.members.clone(), trip.deleted_at);
    if before.is_some_and(|before| shown(before) == shown(after)) {
        return Ok(Vec::new());
    }
    let mut writes = Vec::new();
    for member in &after.members {
        let key = keys::trip_listing(member.user, after.created_at, after.id);
        let row = ListingRow::new(after, member);
        // The trip's own condition orders these writes; this one keeps an old listing from replacing a newer one.
        let newer = Condition::expression(
            "attribute_not_exists(pk) OR #version < :sequence",
            vec![("sequence", serde_dynamo::to_attribute_value(after.sequence)?)],
        );
        writes.push(Write::put("listing", key, &row, after.sequence, newer)?);
    }
    let gone = before
        .into_iter()
        .flat_map(|trip| &trip.members)
        .filter(|member| after.role_of(member.user).is_none());
    for member in gone {
        writes.push(Write::remove(
            "listing",
            keys::trip_listing(member.user, after.created_at, after.id),
            Condition::Present,
        ));
        // Who has left still stands in the history: erasure has to find it.
        let former = serde_json::json!({ "id": after.id, "left_at": after.updated_at });
        writes.push(Write::put(
            "former",
            keys::former_trip(member.user, after.id),
            &former,
            1,
            Condition::anyway(),
        )?);
    }
    Ok(writes)
}
