//! Stand-ins for the cloud services that TripSage calls, for the laptop and for tests; never deployed.
//!
//! - [`upstash`]: an Upstash Redis REST endpoint.

pub mod upstash;
