use jiff::Timestamp;
use tripsage_cache::Tag;
use tripsage_store::{StoreError, due::DueRow, personal_data::Erased};

use crate::Scheduler;

impl Scheduler {
    /// Lists a guide again whose suspension has ended, and lets nobody see the lists as they were.
    pub(crate) async fn reinstate_guide(&self, due: &DueRow, now: Timestamp) -> Result<Erased, StoreError> {
        let outcome = self.db.reinstate_guide(due, now).await?;
        if outcome == Erased::Done {
            self.forget(&[Tag::Guides]).await;
        }
        Ok(outcome)
    }
}
