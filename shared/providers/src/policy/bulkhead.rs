//! A bulkhead: one provider that hangs takes up no more than its share.

use std::sync::atomic::{AtomicUsize, Ordering};

use tokio::sync::{Semaphore, SemaphorePermit};

use crate::Deadline;

/// Calls of one provider at the same time.
const CONCURRENT: usize = 16;

/// Calls that wait for one of those to end. More are turned away at once.
const WAITING: usize = 64;

#[derive(Debug)]
pub(crate) struct Bulkhead {
    places: Semaphore,
    waiting: AtomicUsize,
}

/// Counts as waiting until dropped, also when the request is given up.
struct Waiting<'a>(&'a AtomicUsize);

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

impl Bulkhead {
    pub(crate) fn new() -> Self {
        Self {
            places: Semaphore::new(CONCURRENT),
            waiting: AtomicUsize::new(0),
        }
    }

    /// A place, kept until dropped; `None` when none became free in time or too many wait already.
    pub(crate) async fn enter(&self, deadline: Deadline) -> Option<SemaphorePermit<'_>> {
        if let Ok(place) = self.places.try_acquire() {
            return Some(place);
        }
        if self.waiting.fetch_add(1, Ordering::Relaxed) >= WAITING {
            self.waiting.fetch_sub(1, Ordering::Relaxed);
            return None;
        }
        let _waiting = Waiting(&self.waiting);
        tokio::time::timeout_at(deadline.instant(), self.places.acquire())
            .await
            .ok()?
            .ok()
    }
}

#[cfg(test)]
mod tests {
    use std::{sync::Arc, time::Duration};

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn the_seventeenth_waits_and_the_eighty_first_is_turned_away() {
        let bulkhead = Arc::new(Bulkhead::new());
        let in_a_minute = Deadline::after(Duration::from_secs(60));
        let mut inside = Vec::new();
        for _ in 0..16 {
            inside.push(bulkhead.enter(in_a_minute).await.unwrap());
        }
        assert!(
            bulkhead
                .enter(Deadline::after(Duration::from_millis(50)))
                .await
                .is_none()
        );

        let waiting: Vec<_> = (0..64)
            .map(|_| {
                let bulkhead = Arc::clone(&bulkhead);
                tokio::spawn(async move { bulkhead.enter(in_a_minute).await.is_some() })
            })
            .collect();
        while bulkhead.waiting.load(Ordering::Relaxed) < 64 {
            tokio::task::yield_now().await;
        }
        assert!(bulkhead.enter(in_a_minute).await.is_none());

        drop(inside);
        for task in waiting {
            assert!(task.await.unwrap());
        }
        assert_eq!(bulkhead.waiting.load(Ordering::Relaxed), 0);
        assert_eq!(bulkhead.places.available_permits(), 16);
    }

    #[tokio::test(start_paused = true)]
    async fn whoever_gives_up_does_not_wait_any_more() {
        let bulkhead = Bulkhead::new();
        let later = Deadline::after(Duration::from_secs(60));
        let mut inside = Vec::new();
        for _ in 0..16 {
            inside.push(bulkhead.enter(later).await.unwrap());
        }
        let given_up = tokio::time::timeout(Duration::from_secs(1), bulkhead.enter(later)).await;
        assert!(given_up.is_err());
        assert_eq!(bulkhead.waiting.load(Ordering::Relaxed), 0);
    }
}
