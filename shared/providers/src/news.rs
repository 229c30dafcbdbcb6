//! What is new about the providers since it was last told.

use std::{
    collections::BTreeMap,
    sync::{Mutex, PoisonError},
};

use jiff::{SignedDuration, Timestamp};

use crate::{ProviderState, ProviderStatus};

/// What has not changed is news again after this time, so that others can see that it is still so.
const AGAIN: SignedDuration = SignedDuration::from_secs(60);

#[derive(Default)]
pub(crate) struct News(Mutex<BTreeMap<crate::Provider, (ProviderState, Timestamp)>>);

impl News {
    /// Those of `statuses` that say something new, at most once.
    pub(crate) fn of(&self, statuses: Vec<ProviderStatus>) -> Vec<ProviderStatus> {
        let mut told = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        statuses
            .into_iter()
            .filter(|status| {
                let Some(seen) = status.last_success.max(status.last_failure) else {
                    return false;
                };
                let is_news = told
                    .get(&status.provider)
                    .is_none_or(|(state, at)| *state != status.state || seen.duration_since(*at) >= AGAIN);
                if is_news {
                    told.insert(status.provider, (status.state, seen));
                }
                is_news
            })
            .collect()
    }
}
