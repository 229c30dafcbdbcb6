//! The product as its clients see it, over HTTP.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    missing_docs,
    reason = "tests"
)]

mod browsers;
mod concurrency;
mod docs;
mod edge;
mod faults;
mod idempotency;
mod openapi;
mod requests;
mod trips;
