//! Erasure. Every step leaves behind what the next attempt needs to go on: a row that stands for work is removed after
//! that work, and the account itself, with its entry on the list of what is due, goes last, in one transaction with the
//! receipt.

use std::collections::BTreeMap;

use aws_sdk_dynamodb::types::AttributeValue;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use tripsage_domain::{
    ids::{AuditId, TripId, UserId},
    trip::Trip,
};
use uuid::Uuid;

use super::{
    Entity, Erasure,
    walk::{Row, Walk},
};
use crate::{
    Condition, Db, Loaded, Range, StoreError, Transaction, Update, Write,
    audit::AuditRow,
    due::DueRow,
    keys::{self, Digest, DueList, Table},
    trips::{TripChange, purge_at},
    users::UserRow,
    votes::VotedRow,
};

/// Name of the version in which a trip loses somebody who was erased, and of what a receipt is for.
pub const RECEIPT_ACTION: &str = "account.erased";

/// Rows that are read at once.
pub(super) const PAGE: usize = 100;

/// Rows that are changed in one transaction.
const BATCH: usize = 25;

/// Attempts at a trip that its members are editing meanwhile.
const ATTEMPTS: usize = 8;

/// What is left of an account: nothing about whose it was.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Receipt {
    /// What was done.
    pub action: String,
    /// When it fell due.
    pub due_at: Timestamp,
    /// When it was done.
    pub erased_at: Timestamp,
    /// How many rows there were of each section of an export.
    pub rows: BTreeMap<String, u64>,
}

/// What became of an entry on the list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Erased {
    /// It was erased, or what else the list is for was done.
    Done,
    /// It was taken back meanwhile, or done before.
    NotDue,
}

/// Under what name the trail of somebody is kept who was erased. Who still knows the id can find it; it cannot be
/// turned back into the id.
fn pseudonym(user: UserId) -> Digest {
    Digest::of(&[b"erased", user.uuid().as_bytes()])
}

impl Db {
    /// AP-91 to AP-96: erases the account whose deletion has fallen due, or goes on with an erasure that was cut off.
    /// `receipt` is the random id of the receipt.
    ///
    /// # Errors
    /// When DynamoDB does not answer; the next attempt goes on.
    pub async fn erase_account(&self, due: &DueRow, now: Timestamp, receipt: Uuid) -> Result<Erased, StoreError> {
        let id = UserId::from_uuid(due.id);
        let user = self.find_user(id).await?;
        let Some(user) = user.filter(|user| user.item.deletion_due.is_some_and(|at| at <= now)) else {
            self.settle(DueList::Erasure, due).await?;
            return Ok(Erased::NotDue);
        };
        let rows = self.inventory(&user.item, due).await?;
        self.leave_trips(&user.item, now).await?;
        self.erase_itineraries(id, now).await?;
        self.erase_provider_keys(id).await?;
        self.unsay(id, now).await?;
        self.take_votes_back(id).await?;
        self.erase_guiding(id, now).await?;
        self.leave_groups(id, now).await?;
        self.pseudonymise_audit(id).await?;
        let email = keys::email_claim(&keys::email_digest(&user.item.email()?));
        for (table, pk) in [
            (Table::Operations, keys::user_partition(id)),
            (Table::Vault, keys::user_partition(id)),
            (Table::Community, keys::user_partition(id)),
            (Table::Identity, email.pk),
            (Table::Identity, keys::user_partition(id)),
        ] {
            self.clear(table, pk).await?;
        }
        let receipt_row = Receipt {
            action: RECEIPT_ACTION.to_owned(),
            due_at: due.at,
            erased_at: now,
            rows,
        };
        let export = self.find_export(id).await?;
        let links = self.list_provider_links(id).await?;
        let mut last = Transaction::default()
            .removing_user(&user, &links)?
            .with(DueRow::settled(DueList::Erasure, due.at, due.id))
            // Erasing what was counted of them may have let the projector write it anew; nothing does after this.
            .with(Write::remove(
                "traveller",
                keys::reactions::traveller(id),
                Condition::anyway(),
            ))
            .with(Write::insert(
                "receipt",
                keys::erasure_receipt(now, receipt),
                &receipt_row,
            )?);
        if let Some(export) = export {
            last.push(DueRow::settled(DueList::Export, export.item.created_at, due.id));
        }
        self.commit(last).await?;
        Ok(Erased::Done)
    }

    /// Counts what there is before the first row is touched, and keeps the counts for an attempt that comes later.
    async fn inventory(&self, user: &UserRow, due: &DueRow) -> Result<BTreeMap<String, u64>, StoreError> {
        if let Some(known) = due.notes.as_deref().and_then(|notes| serde_json::from_str(notes).ok()) {
            return Ok(known);
        }
        let mut counts = BTreeMap::new();
        let mut walk = Walk::new(self, user)?;
        while let Some(rows) = walk.next().await? {
            for row in rows {
                if let super::Export::Section(section, _) = row.entity.export() {
                    *counts.entry(section.to_owned()).or_insert(0) += 1;
                }
            }
        }
        let notes = serde_json::to_string(&counts).map_err(|error| StoreError::Corrupt(error.to_string()))?;
        let noted = DueRow {
            notes: Some(notes),
            ..due.clone()
        };
        self.note(DueList::Erasure, &noted).await?;
        Ok(counts)
    }

    /// Leaves every trip, lets every trip in whose history the user stands forget who it was, and erases templates.
    async fn leave_trips(&self, user: &UserRow, now: Timestamp) -> Result<(), StoreError> {
        let pk = keys::user_partition(user.id);
        while let Some(row) = self.first(Table::Travel, &pk, keys::LISTING_PREFIX).await? {
            self.leave_trip(user.id, &row, now).await?;
        }
        while let Some(row) = self.first(Table::Travel, &pk, keys::FORMER_PREFIX).await? {
            self.forget(row.id("id")?, user).await?;
            self.commit(Write::remove("former", row.key, Condition::anyway()))
                .await?;
        }
        while let Some(row) = self.first(Table::Travel, &pk, keys::TEMPLATE_LISTING_PREFIX).await? {
            match self.find_template(row.id("id")?).await? {
                Some(template) => self.commit(Transaction::removing_template(&template)?).await?,
                None => {
                    self.commit(Write::remove("template", row.key, Condition::anyway()))
                        .await?
                }
            }
        }
        self.forget_bookings(pk.clone()).await?;
        self.clear(Table::Travel, pk).await
    }

    /// AP-172: takes every vote of a user back; who counted them learns of it as of any other change.
    async fn take_votes_back(&self, user: UserId) -> Result<(), StoreError> {
        let pk = keys::user_partition(user);
        loop {
            let range = Range::new(Table::Community, pk.clone(), keys::reactions::VOTED_PREFIX, BATCH);
            let rows = self.rows(range).await?.items;
            if rows.is_empty() {
                return Ok(());
            }
            for row in rows {
                let voted: VotedRow = row.read()?;
                self.remove_vote(user, voted.subject()).await?;
            }
        }
    }

    /// Takes a user's bookings off the lists of what a job or a person has to look at; the rows go after that.
    async fn forget_bookings(&self, pk: String) -> Result<(), StoreError> {
        let mut range = Range::new(Table::Travel, pk, keys::BOOKING_PREFIX, PAGE);
        loop {
            let page = self.rows(range.clone()).await?;
            let mut writes = Vec::new();
            for row in page.items {
                writes.extend(crate::bookings::forgotten(&row.value)?);
            }
            self.commit_in_batches(writes).await?;
            let Some(next) = page.next else { return Ok(()) };
            range = range.after(Some(next));
        }
    }

    pub(super) async fn first(&self, table: Table, pk: &str, prefix: &str) -> Result<Option<Row>, StoreError> {
        let page = self.rows(Range::new(table, pk.to_owned(), prefix, 1)).await?;
        Ok(page.items.into_iter().next())
    }

    /// AP-91: leaves the trip of a listing, hands it over, or erases it; the listing goes with the membership.
    async fn leave_trip(&self, user: UserId, listing: &Row, now: Timestamp) -> Result<(), StoreError> {
        for _ in 0..ATTEMPTS {
            let trip = self.find_trip(listing.id("id")?).await?;
            let Some(trip) = trip.filter(|trip| trip.role_of(user).is_some()) else {
                return self
                    .commit(Write::remove("listing", listing.key.clone(), Condition::anyway()))
                    .await;
            };
            let left = match trip.after_erasure_of(user, now) {
                None => self.erase_trip(&trip, Transaction::default()).await,
                Some(after) => {
                    let change = TripChange::new(Some(&trip), after, RECEIPT_ACTION, user, now);
                    self.commit_trip(change).await.map(|_| ())
                }
            };
            match left {
                Err(StoreError::Conflict(_)) => {}
                result => return result,
            }
        }
        Err(StoreError::Throttled("a trip keeps changing".to_owned()))
    }

    /// AP-92: lets the versions of a trip forget that they were made by a user, and removes what in it names them.
    async fn forget(&self, trip: TripId, user: &UserRow) -> Result<(), StoreError> {
        let mut range = Range::new(Table::Travel, keys::trip_partition(trip), "", PAGE);
        let by_them = || {
            let id = AttributeValue::S(user.id.to_string());
            Condition::expression("#actor = :user", vec![("user", id)])
        };
        loop {
            let page = self.rows(range.clone()).await?;
            let writes = page.items.into_iter().filter_map(|row| match row.entity {
                Entity::TripVersion if row.names("actor", user.id) => {
                    let update = Update::default()
                        .set("actor", AttributeValue::Null(true))
                        .add("version", 1);
                    Some(Write::update("version", row.key, update, by_them()))
                }
                Entity::Trip | Entity::TripItem | Entity::TripVersion => None,
                _ => names_them(&row, user).then(|| Write::remove("access", row.key, Condition::anyway())),
            });
            self.commit_in_batches(writes.collect()).await?;
            let Some(next) = page.next else { return Ok(()) };
            range = range.after(Some(next));
        }
    }

    /// AP-93: moves a user's audit trail under their pseudonym, without where requests came from.
    async fn pseudonymise_audit(&self, user: UserId) -> Result<(), StoreError> {
        let pseudonym = pseudonym(user);
        loop {
            let range = Range::new(Table::Operations, keys::audit_partition(user), "", BATCH);
            let rows: Vec<Loaded<AuditRow>> = self.query(range).await?.items;
            if rows.is_empty() {
                return Ok(());
            }
            let mut transaction = Transaction::default();
            for Loaded { item: mut row, version } in rows {
                let id: AuditId = row.id.parse().map_err(|_| StoreError::Corrupt("audit".to_owned()))?;
                let (old, new) = (
                    keys::audit(user, row.at, id),
                    keys::pseudonymous_audit(&pseudonym, row.at, id),
                );
                row.target = row.target.replace(&user.to_string(), &pseudonym.to_string());
                row.ip.clear();
                row.user_agent.clear();
                transaction.push(Write::put("audit", new, &row, version, Condition::anyway())?);
                transaction.push(Write::remove("audit", old, Condition::Present));
            }
            self.commit(transaction).await?;
        }
    }

    /// AP-94: removes what may be removed at once from a partition that is a user's own.
    async fn clear(&self, table: Table, pk: String) -> Result<(), StoreError> {
        let mut range = Range::new(table, pk, "", PAGE);
        loop {
            let page = self.rows(range.clone()).await?;
            let rows = page.items.into_iter();
            let removed = rows.filter(|row| row.entity.erasure() == Erasure::Removed);
            let writes = removed.map(|row| Write::remove("row", row.key, Condition::anyway()));
            self.commit_in_batches(writes.collect()).await?;
            let Some(next) = page.next else { return Ok(()) };
            range = range.after(Some(next));
        }
    }

    pub(super) async fn commit_in_batches(&self, writes: Vec<Write>) -> Result<(), StoreError> {
        let mut writes = writes.into_iter().peekable();
        while writes.peek().is_some() {
            let batch = Transaction {
                writes: writes.by_ref().take(BATCH).collect(),
            };
            self.commit(batch).await?;
        }
        Ok(())
    }

    /// AP-95: removes a trip with everything in it, and its members' listings. `last` is what has to happen with it.
    async fn erase_trip(&self, trip: &Trip, last: Transaction) -> Result<(), StoreError> {
        let itself = keys::trip(trip.id);
        let mut range = Range::new(Table::Travel, keys::trip_partition(trip.id), "", PAGE);
        loop {
            let page = self.rows(range.clone()).await?;
            let inside = page.items.into_iter().filter(|row| row.entity != Entity::Trip);
            let writes = inside.map(|row| Write::remove("row", row.key, Condition::anyway()));
            self.commit_in_batches(writes.collect()).await?;
            let Some(next) = page.next else { break };
            range = range.after(Some(next));
        }
        let mut last = last.with(Write::remove("trip", itself, Condition::Version(trip.sequence)));
        for member in &trip.members {
            let listing = keys::trip_listing(member.user, trip.created_at, trip.id);
            last.push(Write::remove("listing", listing, Condition::anyway()));
        }
        self.commit(last).await
    }

    /// AP-97: erases a deleted trip that can no longer be brought back.
    ///
    /// # Errors
    /// When DynamoDB does not answer; the next attempt goes on.
    pub async fn purge_trip(&self, due: &DueRow, now: Timestamp) -> Result<Erased, StoreError> {
        let trip = self.find_trip(TripId::from_uuid(due.id)).await?;
        let is_over = |at: Timestamp| purge_at(at) <= now;
        let Some(trip) = trip.filter(|trip| trip.deleted_at.is_some_and(is_over)) else {
            self.settle(DueList::Purge, due).await?;
            return Ok(Erased::NotDue);
        };
        let settled = DueRow::settled(DueList::Purge, due.at, due.id);
        self.erase_trip(&trip, Transaction::from(settled)).await?;
        Ok(Erased::Done)
    }
}

/// Whether something that gives access to a trip was made by, or for, a user.
fn names_them(row: &Row, user: &UserRow) -> bool {
    let text = row.value.to_string().to_lowercase();
    text.contains(&user.id.to_string()) || text.contains(&user.email.to_lowercase())
}
