//! The clients against answers that the providers document, and against those that nobody documents.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on stops")]

mod airbnb;
mod duffel;
mod duffel_errors;
mod duffel_stays;
mod places;
mod policy;
mod sandboxes;
mod stub;
mod weather;
