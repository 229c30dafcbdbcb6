use std::sync::Mutex;

use jiff::{SignedDuration, Timestamp};
use tripsage_domain::ports::Clock;

/// A clock that stands still until a test moves it.
pub struct TestClock(Mutex<Timestamp>);

impl TestClock {
    /// A clock that shows this instant.
    pub fn at(now: Timestamp) -> Self {
        Self(Mutex::new(now))
    }

    /// What it shows.
    pub fn get(&self) -> Timestamp {
        *self.0.lock().unwrap()
    }

    /// Moves it on.
    pub fn advance(&self, by: SignedDuration) {
        *self.0.lock().unwrap() += by;
    }
}

impl Clock for TestClock {
    fn now(&self) -> Timestamp {
        self.get()
    }
}
