//! Filling tables from outside, for whoever needs more rows than can be made one request at a time: the load tests. Rows
//! are made by what writes them otherwise, so they are exactly those of the product; there is no audit trail of them.

use std::collections::HashMap;

use aws_sdk_dynamodb::types::AttributeValue;
use jiff::Timestamp;
use tripsage_domain::{
    ids::{ItineraryId, UserId},
    itinerary::Itinerary,
    rating::Rating,
    votes::{Subject, Tally},
};
use uuid::Uuid;

use crate::{
    StoreError, Transaction, Write,
    itineraries::{self, Background, Counts},
    keys::{Table, reactions as keys},
    ratings::{self, RatingStandingRow},
    transaction::Change,
    travellers::TravellerRow,
    views::{self, Viewer},
    votes::{self, VoteRow},
};

/// An itinerary with its place in the catalogue, of which others have said what is counted.
///
/// # Errors
/// When a row cannot be expressed in DynamoDB's types; as for the others.
pub fn itinerary(itinerary: &Itinerary, counts: Counts, background: Background) -> Result<Transaction, StoreError> {
    itineraries::insertion(itinerary, counts, background)
}

/// A rating with its place in the catalogue.
///
/// # Errors
/// As [`itinerary`].
pub fn rating(rating: &Rating, votes: Tally) -> Result<Transaction, StoreError> {
    ratings::insertion(rating, &RatingStandingRow::with_votes(rating, votes))
}

/// A vote for something, with the pointer to it; `itinerary` is what a rating is of.
///
/// # Errors
/// As [`itinerary`].
pub fn upvote(
    user: UserId,
    subject: Subject,
    itinerary: Option<ItineraryId>,
    at: Timestamp,
    nonce: Uuid,
) -> Result<Transaction, StoreError> {
    votes::first_vote(&VoteRow {
        kind: subject.kind(),
        id: subject.uuid(),
        itinerary,
        user,
        value: 1,
        previous: 0,
        at,
        nonce,
    })
}

/// That a traveller has seen an itinerary.
///
/// # Errors
/// As [`itinerary`].
pub fn view(itinerary: ItineraryId, by: UserId, at: Timestamp, nonce: Uuid) -> Result<Transaction, StoreError> {
    views::first_view(Subject::Itinerary(itinerary), &Viewer::Traveller(by), at, nonce).map(Transaction::from)
}

/// What a traveller has contributed.
///
/// # Errors
/// As [`itinerary`].
pub fn traveller(row: &TravellerRow) -> Result<Transaction, StoreError> {
    Write::insert("traveller", keys::traveller(row.user), row).map(Transaction::from)
}

impl Transaction {
    /// The items that it stores, each with its table, for a loader that knows that there is nothing yet: whatever the
    /// writes expect of the tables is not checked.
    pub fn into_items(self) -> impl Iterator<Item = (Table, HashMap<String, AttributeValue>)> {
        self.writes.into_iter().filter_map(|write| match write.change {
            Change::Put(mut item) => {
                item.insert("pk".to_owned(), AttributeValue::S(write.key.pk));
                item.insert("sk".to_owned(), AttributeValue::S(write.key.sk));
                Some((write.key.table, item))
            }
            Change::Update(_) | Change::Delete | Change::Check => None,
        })
    }
}
