//! The clients against answers that the providers document, and against those that nobody documents.

mod airbnb;
mod duffel;
mod duffel_errors;
mod places;
mod policy;
mod stub;
mod weather;
