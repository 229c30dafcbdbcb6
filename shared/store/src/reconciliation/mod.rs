//! Reconciliation: what is counted is compared with what was written, and mended where the two differ.
//!
//! The projector counts exactly, as far as it is told; what it is not told (a record among the dead letters, a row
//! that somebody changed by hand, a mistake of an earlier version) stays wrong until somebody recounts. That must not
//! undo what is merely under way: a change that is written and not counted yet looks like a wrong count. So a count is
//! mended only
//!
//! - when nothing that it counts has changed for [`SETTLED`], longer than a projector that is well lags behind (an
//!   alarm tells when it lags more, and the runbook says to wait), and
//! - when two looks, some time apart, find the same rows, the same difference, and the same version of the row that
//!   counts; and the write expects that version.

mod catalogue;
mod itineraries;
mod report;
mod walk;

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};

use crate::{Db, StoreError};

pub use report::ReconciliationRow;
pub use walk::Position;

/// How long nothing must have changed of what is mended.
const SETTLED: SignedDuration = SignedDuration::from_mins(15);

/// Time between two looks.
const BETWEEN: Duration = Duration::from_secs(1);

/// Rows that are read at once.
const PAGE: usize = 500;

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
}

impl Db {
    /// AP-240: compares and mends the next things that are listed; `None` for where to go on when that was all.
    ///
    /// # Errors
    /// When the lists cannot be read. What cannot be compared is among the findings.
    pub async fn reconcile(
        &self,
        position: Position,
        now: Timestamp,
    ) -> Result<(Findings, Option<Position>), StoreError> {
        let (entries, next) = self.listed_itineraries(position).await?;
        let mut findings = Findings::default();
        for entry in &entries {
            let what = format!("itinerary {}", entry.id());
            findings.note(&format!("catalogue entry of {what}"), self.check_entry(entry).await);
        }
        let mut suspects = Vec::new();
        for entry in &entries {
            match self.look(entry.id()).await {
                Ok(Some(look)) if look.differs(now) => suspects.push(look),
                Ok(_) => findings.checked += 1,
                Err(error) => findings.note(&format!("itinerary {}", entry.id()), Err(error)),
            }
        }
        if !suspects.is_empty() {
            tokio::time::sleep(BETWEEN).await;
        }
        for look in suspects {
            let what = format!("itinerary {}", look.id());
            findings.note(&what, self.mend(look, now).await);
        }
        Ok((findings, next))
    }
}
