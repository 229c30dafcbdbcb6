//! The cloud on a laptop: stand-ins that speak the real wire protocols of the services that the stack uses.
//!
//! [`Cloud::start`] reads the SAM template and starts, on loopback ports, a DynamoDB (the embedded engine
//! `dynoxide-rs`) and our own small KMS, Secrets Manager, SES and Upstash, holding exactly what the template defines. The code
//! under test uses its ordinary SDK clients; only endpoint addresses and credentials differ from AWS.
//!
//! What this crate must never do: run anywhere but on a developer's machine. Requests are not authenticated, and key
//! material lies readable in the data directory.

mod access;
pub mod aws;
pub mod clock;
pub mod cloud;
pub mod dynamodb;
pub mod endpoint;
pub mod proxy;
pub mod serve;
pub mod template;
pub mod upstash;

pub use cloud::{Cloud, CloudOptions, StartError};
pub use template::Template;
