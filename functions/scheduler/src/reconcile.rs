use std::time::Instant;

use tripsage_cache::Tag;
use tripsage_store::{StoreError, reconciliation::ReconciliationRow};

use crate::{Report, Scheduler, TIME};

impl Scheduler {
    /// Compares everything that is counted with what was written, mends what differs, and keeps a report. What one run
    /// does not get done, the next one goes on with.
    pub(crate) async fn reconcile(&self) -> Result<Report, StoreError> {
        let begun = Instant::now();
        let newest = self.db.list_reconciliations().await?.into_iter().next();
        let unfinished = newest.filter(|row| row.completed_at.is_none() && row.position.is_some());
        let mut row = unfinished.unwrap_or_else(|| ReconciliationRow::new(self.runtime.now()));
        let (fixed_before, errors_before) = (row.discrepancies_fixed, row.errors.len());
        while let Some(position) = row.position.clone()
            && begun.elapsed() < TIME
        {
            let (findings, next) = self.db.reconcile(position, self.runtime.now()).await?;
            row.add(findings, next);
        }
        row.duration_seconds += begun.elapsed().as_secs();
        row.completed_at = row.position.is_none().then(|| self.runtime.now());
        self.db.keep_reconciliation(&row).await?;
        if row.discrepancies_fixed > fixed_before {
            self.forget(&[Tag::Itineraries, Tag::Groups, Tag::Guides]).await;
        }
        tracing::info!(
            checked = row.tables_checked,
            found = row.discrepancies_found,
            fixed = row.discrepancies_fixed,
            errors = row.errors.len(),
            completed = row.completed_at.is_some(),
            "reconciled"
        );
        let count = |number: u64| usize::try_from(number).unwrap_or(usize::MAX);
        Ok(Report {
            done: count(row.discrepancies_fixed - fixed_before),
            failed: row.errors.len().saturating_sub(errors_before),
            reconciliation: Some(row),
            ..Report::default()
        })
    }
}
