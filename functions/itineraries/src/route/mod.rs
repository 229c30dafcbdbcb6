//! Routes: uploaded as GPX or as points, and kept apart from the itinerary, because they are large.

mod body;
mod gpx_file;
mod itinerary_route;

pub(crate) use body::{WaypointFields, given_route};
pub(crate) use itinerary_route::*;
