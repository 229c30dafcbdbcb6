//! The product as its clients see it, over HTTP.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    missing_docs,
    reason = "tests"
)]

mod auth;
mod boards;
mod bookings;
mod browsers;
mod concurrency;
mod copies;
mod docs;
mod edge;
mod faults;
mod feeds;
mod fresh_reads;
mod groups;
mod idempotency;
mod integrations;
mod itineraries;
mod itinerary_views;
mod itinerary_votes;
mod keys;
mod keys_validation;
mod links;
mod matrix;
mod openapi;
mod postman;
mod projections;
mod requests;
mod safety_ratings;
mod search;
mod sharing;
mod templates;
mod travel_intel;
mod trip_changes;
mod trip_item_races;
mod trip_items;
mod trip_versions;
mod trip_views;
mod trips;
mod users;
mod users_data;
mod users_erasure;
mod vault;
mod vault_canary;
mod vault_faults;
mod vault_rotation;
mod women_safety;
