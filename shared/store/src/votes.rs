//! Votes: one row for each user and thing, in the partition of the thing, and a pointer to it in the user's own, by
//! which an export and an erasure find it. What they add up to is counted by the projector.
//!
//! A vote is taken without looking at the thing itself: a check of its row would make votes that come at the same time
//! refuse one another. Who takes a vote has read the thing before.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use tripsage_domain::{
    ids::{ItineraryId, UserId},
    votes::{Ballot, Subject, SubjectKind, Vote},
};
use uuid::Uuid;

use crate::{
    Condition, Db, Loaded, Range, StoreError, Transaction, Write,
    idempotency::Claim,
    keys::{Key, Table, reactions as keys},
};

/// Label of the write that fails when a user votes twice on the same thing at the same time.
pub const VOTE_CHANGED: &str = "vote";

/// Attempts at a vote that its user is changing at the same time.
const ATTEMPTS: usize = 4;

/// Votes that are removed in one transaction, each with its pointer.
const SWEPT: usize = 40;

/// A user's vote on a thing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct VoteRow {
    /// What kind of thing.
    pub kind: SubjectKind,
    /// Which.
    pub id: Uuid,
    /// The itinerary that it is about.
    #[serde(default)]
    pub itinerary: Option<ItineraryId>,
    /// Whose vote.
    pub user: UserId,
    /// Which way: 1, -1, or 0 when it was taken back.
    pub value: i8,
    /// Which way it was before.
    #[serde(default)]
    pub previous: i8,
    /// Since when.
    pub at: Timestamp,
    /// Tells apart two votes that are otherwise the same, and lets an attempt recognise its own.
    pub nonce: Uuid,
}

/// That a user has voted on a thing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct VotedRow {
    /// What kind of thing.
    pub kind: SubjectKind,
    /// Which.
    pub id: Uuid,
    /// Since when.
    pub at: Timestamp,
}

/// What became of a vote.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct VoteOutcome {
    /// The vote that was there before.
    pub before: Option<Vote>,
    /// The vote that is there now.
    pub after: Option<Vote>,
}

/// What tells one attempt at a vote from another.
#[derive(Debug, Clone, Copy)]
pub struct Attempt<'a> {
    /// When.
    pub now: Timestamp,
    /// Random; an idempotent request draws the same each time.
    pub nonce: Uuid,
    /// The claim of an idempotent request.
    pub claim: Option<&'a Claim>,
}

const fn stored(vote: Option<Vote>) -> i8 {
    match vote {
        Some(Vote::Up) => 1,
        Some(Vote::Down) => -1,
        None => 0,
    }
}

const fn read(value: i8) -> Option<Vote> {
    match value {
        1 => Some(Vote::Up),
        -1 => Some(Vote::Down),
        _ => None,
    }
}

impl VoteRow {
    /// What the vote is on.
    pub const fn subject(&self) -> Subject {
        Subject::new(self.kind, self.id)
    }

    /// Which way it is; `None` when it was taken back.
    pub const fn vote(&self) -> Option<Vote> {
        read(self.value)
    }
}

impl VotedRow {
    /// What the vote is on.
    pub const fn subject(&self) -> Subject {
        Subject::new(self.kind, self.id)
    }
}

/// The writes of a first vote, with the pointer to it.
pub(crate) fn first_vote(row: &VoteRow) -> Result<Transaction, StoreError> {
    let pointer = VotedRow {
        kind: row.kind,
        id: row.id,
        at: row.at,
    };
    let write = Write::insert(VOTE_CHANGED, keys::vote(row.subject(), row.user), row)?;
    let voted = keys::voted(row.user, row.subject());
    // Whoever inserts the vote writes the pointer; one that an erasure left half-way is in nobody's way.
    Ok(Transaction::from(write).with(Write::put("voted", voted, &pointer, 1, Condition::anyway())?))
}

impl Db {
    /// AP-170: a user's vote on a thing.
    ///
    /// # Errors
    /// When DynamoDB does not answer.
    pub async fn find_vote(&self, user: UserId, subject: Subject) -> Result<Option<Vote>, StoreError> {
        let row = self.get::<VoteRow>(&keys::vote(subject, user)).await?;
        Ok(row.and_then(|row| row.item.vote()))
    }

    /// AP-170: a user's votes on up to 100 things; those that they have none on are left out.
    ///
    /// # Errors
    /// As [`Self::find_vote`].
    pub async fn find_votes(&self, user: UserId, subjects: &[Subject]) -> Result<Vec<(Subject, Vote)>, StoreError> {
        let keys: Vec<Key> = subjects.iter().map(|subject| keys::vote(*subject, user)).collect();
        let rows = self.get_many::<VoteRow>(&keys).await?;
        let votes = rows.iter().filter_map(|row| Some((row.subject(), row.vote()?)));
        Ok(votes.collect())
    }

    /// AP-171: votes. `itinerary` is what a rating or travel intel is about, for those who count its votes. A ballot that changes nothing writes nothing, unless an idempotent request has to be fenced. The
    /// ballot is decided on what is there when it is written, however often its user votes at the same time.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] of [`VOTE_CHANGED`] when the user keeps voting at the same time, or of the claim.
    pub async fn vote(
        &self,
        user: UserId,
        subject: Subject,
        itinerary: Option<ItineraryId>,
        ballot: Ballot,
        attempt: Attempt<'_>,
    ) -> Result<VoteOutcome, StoreError> {
        for _ in 1..ATTEMPTS {
            match self.vote_once(user, subject, itinerary, ballot, attempt).await {
                Err(error) if error.is_conflict(VOTE_CHANGED) => {}
                result => return result,
            }
        }
        self.vote_once(user, subject, itinerary, ballot, attempt).await
    }

    async fn vote_once(
        &self,
        user: UserId,
        subject: Subject,
        itinerary: Option<ItineraryId>,
        ballot: Ballot,
        attempt: Attempt<'_>,
    ) -> Result<VoteOutcome, StoreError> {
        let (key, old) = (
            keys::vote(subject, user),
            self.get::<VoteRow>(&keys::vote(subject, user)).await?,
        );
        // The answer of an earlier attempt got lost.
        if let Some(Loaded { item, .. }) = old.as_ref().filter(|old| old.item.nonce == attempt.nonce) {
            return Ok(VoteOutcome {
                before: read(item.previous),
                after: item.vote(),
            });
        }
        let before = old.as_ref().and_then(|old| old.item.vote());
        let after = ballot.decide(before);
        let outcome = VoteOutcome { before, after };
        if before == after {
            self.commit(Transaction::default().fenced(attempt.claim)).await?;
            return Ok(outcome);
        }
        let row = VoteRow {
            kind: subject.kind(),
            id: subject.uuid(),
            itinerary,
            user,
            value: stored(after),
            previous: stored(before),
            at: attempt.now,
            nonce: attempt.nonce,
        };
        let transaction = match old {
            Some(old) => Transaction::from(Write::replace(VOTE_CHANGED, key, &row, old.version)?),
            None => first_vote(&row)?,
        };
        self.commit(transaction.fenced(attempt.claim)).await?;
        Ok(outcome)
    }

    /// AP-190: removes every vote on a thing, with the pointers to them, when the thing goes.
    ///
    /// # Errors
    /// When DynamoDB does not answer; another call goes on.
    pub(crate) async fn clear_votes(&self, subject: Subject) -> Result<(), StoreError> {
        loop {
            let range = Range::new(
                Table::Community,
                keys::subject_partition(subject),
                keys::VOTE_PREFIX,
                SWEPT,
            );
            let page = self.query::<VoteRow>(range).await?;
            let mut transaction = Transaction::default();
            for vote in page.items {
                let user = vote.item.user;
                transaction.push(Write::remove("vote", keys::vote(subject, user), Condition::anyway()));
                transaction.push(Write::remove("voted", keys::voted(user, subject), Condition::anyway()));
            }
            if transaction.writes.is_empty() {
                return Ok(());
            }
            self.commit(transaction).await?;
        }
    }

    /// AP-172: removes a user's vote and the pointer to it.
    ///
    /// # Errors
    /// When DynamoDB does not answer.
    pub(crate) async fn remove_vote(&self, user: UserId, subject: Subject) -> Result<(), StoreError> {
        let vote = Write::remove("vote", keys::vote(subject, user), Condition::anyway());
        let pointer = Write::remove("voted", keys::voted(user, subject), Condition::anyway());
        self.commit(Transaction::from(vote).with(pointer)).await
    }
}
