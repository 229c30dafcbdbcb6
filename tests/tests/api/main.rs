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
mod copies;
mod docs;
mod edge;
mod faults;
mod feeds;
mod idempotency;
mod links;
mod openapi;
mod requests;
mod sharing;
mod templates;
mod trips;
mod users;
mod users_data;
mod users_erasure;
