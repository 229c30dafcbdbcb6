//! Reconciliation: what is counted is compared with what was written, and mended where the two differ.
//!
//! The projector counts exactly, as far as it is told; what it is not told (a record among the dead letters, a row
//! that somebody changed by hand, a mistake of an earlier version) stays wrong until somebody recounts. Two walks see to
//! that. One goes through the lists of everything and finds entries that should not be there. The other goes through
//! everybody who has an account, and through what is theirs, and finds what is missing, and what was counted wrong.
//!
//! Recounting must not undo what is merely under way: a change that is written and not counted yet looks like a wrong
//! count. So what the projector counts is mended only
//!
//! - when nothing that it counts has changed for [`SETTLED`], longer than a projector that is well lags behind (an
//!   alarm tells when it lags more, and the runbook says to wait), and
//! - when two looks, some time apart, find the same rows, the same difference, and the same version of the row that
//!   counts; and the write expects that version.
//!
//! What was removed leaves no time behind. Should the projector lag at that moment, the removal is counted twice, and
//! mended the night after.

mod groups;
mod guides;
mod lists;
mod people;
mod recount;
mod report;
mod walk;

use std::time::Duration;

use futures_util::{StreamExt, stream};
use jiff::{SignedDuration, Timestamp};

use self::{
    recount::Look,
    walk::{PLACES, Place},
};
use crate::{Db, StoreError, Transaction, Write, projection::Target};

pub use report::ReconciliationRow;
pub use walk::Position;

/// How long nothing must have changed of what is mended.
const SETTLED: SignedDuration = SignedDuration::from_mins(15);

/// Time between two looks.
const BETWEEN: Duration = Duration::from_secs(1);

/// Rows that are read at once.
const PAGE: usize = 500;

/// People whose things are looked at at the same time.
const AT_ONCE: usize = 8;

/// What was found.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Findings {
    /// Things that were compared.
    pub checked: u64,
    /// What differed.
    pub found: u64,
    /// What was mended.
    pub fixed: u64,
    /// What could not be compared or mended. Ids and reasons, nothing that a user has written.
    pub errors: Vec<String>,
}

/// What became of one thing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Verdict {
    /// It is as it should be, or too much is going on to say.
    Right,
    /// Something was wrong.
    Mended,
    /// Something is wrong, and it changed before it could be mended: the next run looks again.
    Wrong,
}

impl Findings {
    fn note(&mut self, what: &str, verdict: Result<Verdict, StoreError>) {
        self.checked += 1;
        match verdict {
            Ok(Verdict::Right) => {}
            Ok(Verdict::Mended) => {
                tracing::warn!(what, "a discrepancy was mended");
                self.found += 1;
                self.fixed += 1;
            }
            Ok(Verdict::Wrong) => self.found += 1,
            Err(error) => {
                tracing::error!(what, %error, "cannot be reconciled");
                self.errors.push(format!("{what}: {error}"));
            }
        }
    }

    fn add(&mut self, other: Self) {
        self.checked += other.checked;
        self.found += other.found;
        self.fixed += other.fixed;
        self.errors.extend(other.errors);
    }
}

/// What was found of some things, and those among them that want a second look.
#[derive(Debug, Default)]
struct Looked {
    findings: Findings,
    suspects: Vec<Look>,
}

impl Looked {
    fn add(&mut self, other: Self) {
        self.findings.add(other.findings);
        self.suspects.extend(other.suspects);
    }
}

impl Db {
    /// AP-240: compares and mends the next things; `None` for where to go on when that was all.
    ///
    /// # Errors
    /// When what there is cannot be read. What cannot be compared is among the findings.
    pub async fn reconcile(
        &self,
        position: Position,
        now: Timestamp,
    ) -> Result<(Findings, Option<Position>), StoreError> {
        let Some(place) = PLACES.get(position.place) else {
            return Ok((Findings::default(), None));
        };
        let (looked, after) = match place {
            Place::List(kind, list) => self.look_at_list(*kind, list, position.after).await?,
            Place::People(partition) => {
                let (people, after) = self.people_of(partition, position.after).await?;
                let looks = people.into_iter().map(|user| self.look_at_person(user, now));
                let mut looks = stream::iter(looks).buffer_unordered(AT_ONCE);
                let mut all = Looked::default();
                while let Some(looked) = looks.next().await {
                    all.add(looked);
                }
                (all, after)
            }
            Place::Resources => (self.look_at_resources(now).await?, None),
        };
        let Looked { mut findings, suspects } = looked;
        if !suspects.is_empty() {
            tokio::time::sleep(BETWEEN).await;
        }
        for look in suspects {
            findings.note(&look.name(), self.mend(look, now).await);
        }
        let next = Position::behind(position.place, after);
        Ok((findings, Some(next).filter(|next| next.place < PLACES.len())))
    }

    /// Looks at what somebody or something counts; what differs is a suspect.
    async fn inspect(&self, target: Target, now: Timestamp, looked: &mut Looked) {
        match self.look(target, now).await {
            Ok(Some(look)) if look.differs(now) => looked.suspects.push(look),
            Ok(_) => looked.findings.checked += 1,
            Err(error) => looked.findings.note(&recount::name(target), Err(error)),
        }
    }

    async fn mended(&self, writes: Vec<Write>) -> Result<Verdict, StoreError> {
        if writes.is_empty() {
            return Ok(Verdict::Right);
        }
        match self.commit(Transaction { writes }).await {
            Ok(()) => Ok(Verdict::Mended),
            // It has changed, and the catalogue with it: what was found may be what is right.
            Err(StoreError::Conflict(_) | StoreError::Throttled(_)) => Ok(Verdict::Wrong),
            Err(error) => Err(error),
        }
    }
}
