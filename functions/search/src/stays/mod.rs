//! Somewhere to stay.

mod get_listing;
mod listing_body;
mod question;
mod search_stays;

pub(crate) use get_listing::{__path_get_accommodation, get_accommodation};
pub(crate) use listing_body::stay_facts;
pub(crate) use question::{StayQuestion, StaySearchFields};
pub(crate) use search_stays::{__path_search_accommodations, ask_stays, search_accommodations};
