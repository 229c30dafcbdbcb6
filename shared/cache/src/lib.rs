//! Upstash Redis over HTTP: quick, and never what decides.
//!
//! Upstash bills by the command, also inside a pipeline, so whatever a request needs to know is one script call.
//! Everything that Redis holds can be lost at any time: revocations, refresh tokens, one-time codes and idempotency
//! are decided in DynamoDB, and Redis only saves the way there.

mod admission;
mod composites;
mod key;
mod redis;
mod seen;
mod stored;

pub use admission::{Admission, Limit, Verdict, Wanted};
pub use composites::{Cached, Composites, Made, Source};
pub use key::{CompositeKey, Content, Tag};
pub use redis::{Redis, RedisError};
pub use seen::Seen;
