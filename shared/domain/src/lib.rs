//! What TripSage is about: its types, its rules and its decisions.
//!
//! Nothing here knows AWS, HTTP, JSON or the environment. A rule is a pure function over a state, a command and the
//! time; whatever is not pure ([`ports::Clock`], [`ports::Entropy`]) comes in through a port. Domain types are not
//! serialisable: adapters translate them into what they store and what they send. Ids and the words of a
//! [`vocabulary`] are, because each has one text everywhere.

pub mod audit;
pub mod booking;
pub mod change;
pub mod flight;
pub mod group;
pub mod guide;
pub mod ids;
pub mod intel;
pub mod itinerary;
pub mod key;
pub mod lockout;
pub mod mean;
pub mod money;
pub mod notification;
pub mod place;
pub mod policy;
pub mod ports;
pub mod principal;
pub mod proof;
pub mod ranking;
pub mod rating;
pub mod safety_resource;
pub mod safety_settings;
pub mod search;
pub mod service;
pub mod session;
pub mod stay;
pub mod text;
pub mod trip;
pub mod user;
pub mod validation;
pub mod vocabulary;
pub mod votes;
pub mod weather;
pub mod words;

pub use jiff::{Timestamp, civil::Date};
