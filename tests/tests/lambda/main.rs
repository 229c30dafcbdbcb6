//! Each compiled function, as Lambda runs it: a process that asks a Runtime API for events and answers them.
//!
//! The files in `events/` are what API Gateway sends (HTTP API, payload format 2.0), one for each operation. They are
//! made from the description of the product: `UPDATE=1 cargo test -p tripsage-tests --test lambda` writes them anew.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    missing_docs,
    reason = "tests"
)]

mod answers;
mod event;
mod examples;
mod files;
mod function;
mod runtime_api;
