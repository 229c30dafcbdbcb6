//! Destinations: the cities of the bundled data.

mod body;
mod get_destination;
mod list_popular;
mod search_destinations;

pub(crate) use body::DestinationBody;
pub(crate) use get_destination::{__path_get_destination, destination, get_destination};
pub(crate) use list_popular::{__path_list_popular_destinations, list_popular_destinations};
pub(crate) use search_destinations::{__path_search_destinations, search_destinations};
