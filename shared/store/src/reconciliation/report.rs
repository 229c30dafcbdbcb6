//! What reconciliations found.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{Findings, Position};
use crate::{
    Condition, Db, Range, StoreError, Write,
    keys::{
        Table,
        projections::{RECONCILIATIONS, reconciliation},
    },
};

/// Reports that are kept.
const KEPT: usize = 30;

/// Errors that a report spells out.
const ERRORS: usize = 20;

/// What one reconciliation found, so far or altogether.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReconciliationRow {
    /// When it began.
    pub started_at: Timestamp,
    /// When everything had been looked at.
    pub completed_at: Option<Timestamp>,
    /// How long it worked, in all its runs, in seconds.
    pub duration_seconds: u64,
    /// Things that were compared.
    pub tables_checked: u64,
    /// What differed.
    pub discrepancies_found: u64,
    /// What was mended.
    pub discrepancies_fixed: u64,
    /// What could not be compared or mended: the first of them.
    pub errors: Vec<String>,
    /// Where the next run goes on.
    pub position: Option<Position>,
}

impl ReconciliationRow {
    /// One that begins.
    pub fn new(started_at: Timestamp) -> Self {
        Self {
            started_at,
            completed_at: None,
            duration_seconds: 0,
            tables_checked: 0,
            discrepancies_found: 0,
            discrepancies_fixed: 0,
            errors: Vec::new(),
            position: Some(Position::default()),
        }
    }

    /// With what was found next.
    pub fn add(&mut self, findings: Findings, position: Option<Position>) {
        self.tables_checked += findings.checked;
        self.discrepancies_found += findings.found;
        self.discrepancies_fixed += findings.fixed;
        self.errors.extend(findings.errors);
        self.errors.truncate(ERRORS);
        self.position = position;
    }
}

impl Db {
    /// AP-245: what the last reconciliations found, the newest first.
    ///
    /// # Errors
    /// When DynamoDB does not answer.
    pub async fn list_reconciliations(&self) -> Result<Vec<ReconciliationRow>, StoreError> {
        let range = Range::new(Table::Operations, RECONCILIATIONS.to_owned(), "", KEPT).descending();
        let rows = self.query::<ReconciliationRow>(range).await?.items;
        Ok(rows.into_iter().map(|loaded| loaded.item).collect())
    }

    /// AP-246: keeps a report, over what it said before, and drops the one that is the oldest of too many. One
    /// reconciliation runs at a time; if two do, each keeps its own.
    ///
    /// # Errors
    /// When DynamoDB does not answer.
    pub async fn keep_reconciliation(&self, row: &ReconciliationRow) -> Result<(), StoreError> {
        let key = reconciliation(row.started_at);
        self.commit(Write::put("report", key, row, 1, Condition::anyway())?)
            .await?;
        let range = Range::new(Table::Operations, RECONCILIATIONS.to_owned(), "", KEPT + 1);
        let rows = self.query::<ReconciliationRow>(range).await?.items;
        if let Some(oldest) = rows.first().filter(|_| rows.len() > KEPT) {
            let key = reconciliation(oldest.item.started_at);
            self.commit(Write::remove("report", key, Condition::anyway())).await?;
        }
        Ok(())
    }
}
