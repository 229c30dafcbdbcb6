//! The rows that count.

use jiff::Timestamp;
use tripsage_domain::change::Change;

use super::Target;
use crate::{Db, StoreError, Write};

/// A row that counts, with what else its scores are made of.
#[derive(Debug)]
pub(super) enum Standing {}

impl Standing {
    /// What to write when these changes are counted.
    pub(super) fn after(&self, _changes: &[Change], _now: Timestamp) -> Result<Vec<Write>, StoreError> {
        match *self {}
    }
}

impl Db {
    /// The row that counts for a target; `None` when the target is no more.
    #[expect(
        clippy::unused_async,
        reason = "what counts is read here, as soon as there is something"
    )]
    pub(super) async fn standing(&self, _target: Target) -> Result<Option<Standing>, StoreError> {
        Ok(None)
    }
}
