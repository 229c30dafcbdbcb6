//! What tests of the shared crates need: a cloud of their own, and a clock that they move. A dev-dependency only.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::missing_panics_doc,
    reason = "a test that cannot go on stops"
)]

use std::{
    path::Path,
    sync::{Arc, Mutex},
};

use jiff::{SignedDuration, Timestamp};
use tripsage_domain::ports::Clock;
use tripsage_emulators::{Cloud, CloudOptions, Template};
use tripsage_runtime::{Ports, Runtime};

/// When every test begins, unless it moves the clock: a Wednesday.
pub const BEGINNING: &str = "2027-03-03T10:00:00Z";

/// A clock that stands still until a test moves it.
pub struct TestClock(Mutex<Timestamp>);

impl Default for TestClock {
    fn default() -> Self {
        Self(Mutex::new(BEGINNING.parse().unwrap()))
    }
}

impl TestClock {
    /// Moves it on.
    pub fn advance(&self, by: SignedDuration) {
        *self.0.lock().unwrap() += by;
    }
}

impl Clock for TestClock {
    fn now(&self) -> Timestamp {
        *self.0.lock().unwrap()
    }
}

/// A cloud in memory, as the template describes it, with every call recorded.
pub struct TestCloud {
    /// The cloud: recorded calls, faults, mails.
    pub cloud: Cloud,
    /// Its clock.
    pub clock: Arc<TestClock>,
}

impl TestCloud {
    /// Starts one.
    pub async fn start() -> Self {
        let template = Template::load(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../../template.yaml")).unwrap();
        let clock = Arc::new(TestClock::default());
        let seen = Arc::clone(&clock);
        let options = CloudOptions {
            proxied: true,
            clock: Some(Arc::new(move || seen.now().as_millisecond())),
            dynamodb_url: dynamodb_url(),
            ..CloudOptions::default()
        };
        Self {
            cloud: Cloud::start(&template, options).await.unwrap(),
            clock,
        }
    }

    /// The surroundings of a function of the template.
    pub fn runtime(&self, function: &'static str) -> Runtime {
        self.runtime_with(function, &[])
    }

    /// The surroundings of a function, with some variables of its environment changed.
    pub fn runtime_with(&self, function: &'static str, changes: &[(&str, &str)]) -> Runtime {
        let mut environment = self.cloud.environment(function).expect("the template has the function");
        environment.extend(
            changes
                .iter()
                .map(|(name, value)| ((*name).to_owned(), (*value).to_owned())),
        );
        let ports = Ports {
            clock: Arc::clone(&self.clock) as _,
            ..Ports::system()
        };
        Runtime::new(function, &|name| environment.get(name).cloned(), ports).unwrap()
    }
}

/// Another DynamoDB to test against, such as AWS's own DynamoDB Local.
#[expect(clippy::disallowed_methods, reason = "configures the tests, not the product")]
fn dynamodb_url() -> Option<String> {
    std::env::var("DYNAMODB_URL").ok()
}
