use std::{fmt, sync::Arc, time::Duration};

use http::HeaderValue;
use tokio::time::Instant;
use tripsage_runtime::{ExposeSecret, SecretString};

/// Whose key a call is made with. Limits, breakers and quotas are kept apart by it: one user's refused or exhausted
/// key is nobody else's trouble.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Account(Arc<str>);

impl Account {
    /// The stage's own key.
    pub fn stage() -> Self {
        Self("stage".into())
    }

    /// Nobody's: the provider asks for no key.
    pub(crate) fn anonymous() -> Self {
        Self("anonymous".into())
    }

    /// The text that tells it from others. Never a part of the key itself.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl From<String> for Account {
    fn from(text: String) -> Self {
        Self(text.into())
    }
}

impl fmt::Display for Account {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A key, and whose it is.
#[derive(Debug, Clone)]
pub struct Access {
    /// Whose.
    pub account: Account,
    /// The key. Its debug text hides it.
    pub secret: SecretString,
}

/// Nobody waits longer for an answer.
const LONGEST: Duration = Duration::from_secs(3_600);

/// When an answer is of no use any more.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Deadline(Instant);

impl Deadline {
    /// That long from now, an hour at most.
    pub fn after(time: Duration) -> Self {
        Self(Instant::now() + time.min(LONGEST))
    }

    /// What is left of it.
    pub fn remaining(self) -> Duration {
        self.0.saturating_duration_since(Instant::now())
    }

    /// The instant itself, for `tokio::time::timeout_at`.
    pub fn instant(self) -> Instant {
        self.0
    }

    /// The earlier of this one and one that is `limit` from now.
    #[must_use]
    pub fn within(self, limit: Duration) -> Self {
        self.min(Self::after(limit))
    }
}

/// The value of an `Authorization` header. `None`: no header can hold this text, so it is nobody's key.
pub(crate) fn bearer(secret: &SecretString) -> Option<HeaderValue> {
    key_header(&format!("Bearer {}", secret.expose_secret()))
}

/// A header's value that is never printed.
pub(crate) fn key_header(text: &str) -> Option<HeaderValue> {
    let mut value = HeaderValue::try_from(text).ok()?;
    value.set_sensitive(true);
    Some(value)
}
