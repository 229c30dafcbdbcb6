//! Providers on a laptop: stand-ins that speak the real wire protocols of Duffel, Google Places, Open-Meteo, OpenWeather
//! and an Airbnb MCP server.
//!
//! They behave as the providers' test modes do, down to error bodies and rate limits, so that clients are written and
//! tested against the protocol. Flights, hotels, places and weather are made up, but always the same for the same
//! question. [`Sandboxes`] also breaks on demand, and tells what it was asked.
//!
//! What this crate must never do: be deployed, or be known to a client. A client that behaves differently against a
//! sandbox tests nothing.

mod airbnb;
mod airbnb_listing;
mod chance;
pub mod duffel;
mod exchange;
mod fault;
mod front;
mod geography;
mod grid;
mod places;
mod sandboxes;
mod shelf;
mod weather;

pub use fault::{Effect, Fault};
pub use front::Call;
pub use sandboxes::{Ports, Provider, SandboxOptions, Sandboxes};
